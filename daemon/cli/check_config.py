"""recordingd check-config: every problem at once, or a word that all is well."""

import argparse
import os
from collections.abc import Sequence

from daemon import config
from daemon.cli import options
from daemon.cli.output import complain, say, say_json
from daemon.config import Config, Invalid, Problem
from daemon.errors import Misconfigured


def configure(parser: argparse.ArgumentParser) -> None:
    options.add_config(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    problems: Sequence[Problem] = ()
    summary: list[str] = []
    try:
        path = config.find(args.config, os.environ)
        checked = config.load(path, os.environ)
    except Invalid as error:
        problems = error.problems
    else:
        problems = config.check_directories(checked, create=False)
        summary = [f"{path}: configuration is good", *_summary(checked)]
    if args.json:
        say_json(_report(problems))
    elif problems:
        complain(*map(str, problems))
    else:
        say(*summary)
    return Misconfigured.exit_code if problems else 0


def _report(problems: Sequence[Problem]) -> dict[str, object]:
    return {"ok": not problems, "problems": [problem.as_json() for problem in problems]}


def _summary(checked: Config) -> list[str]:
    """Say what the daemon would do, and where each secret comes from; never a secret."""
    ringcentral, subscription = checked.ringcentral, checked.subscription
    whose = "account" if subscription.scope == "account" else f"extension {subscription.extension_id}"
    rows = {
        "RingCentral": ringcentral.server_url,
        "media": ringcentral.media_url,
        "follows": f"{whose}, {subscription.direction or 'Inbound and Outbound'}",
        "downloads": f"{checked.downloads.strategy}, {checked.downloads.concurrency} at a time",
        "recordings": str(checked.archive.directory),
        "state": str(checked.state.directory),
        "client secret": ringcentral.client_secret_source,
        "JWT": ringcentral.jwt_source,
    }
    return [f"  {name:<14} {value}" for name, value in rows.items()]
