"""recordingd doctor: is everything there that the daemon needs, and what to do where not.

finding    what a check found         hosts      names, ports, certificates, clock
printing   findings as lines          login      the OAuth session        grants     scopes, permissions
rounds     the order of the checks    gateway    the WebSocket            extent     account, extension
quota      the Heavy group            recordings call log, media host     storage    directories
                                      company    a daemon that runs
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from daemon import logs
from daemon.cli.doctor.finding import Finding, bad
from daemon.cli.doctor.printing import line, summary
from daemon.cli.doctor.rounds import examine
from daemon.cli.options import add_config, add_json
from daemon.cli.output import say, say_json
from daemon.config import Config, Invalid, find, load


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Check everything; the gravest finding is the exit status."""
    try:
        path = find(args.config, os.environ)
        config = load(path, os.environ)
    except Invalid as error:
        if args.json:
            problems = [bad("configuration", str(problem), "see config.example.toml") for problem in error.problems]
            say_json([problem.as_json() for problem in problems])
            return error.exit_code
        raise
    # What the parts would log is in the findings; only what nobody foresaw is left.
    logs.configure(level="error", format=config.log.format, stream=sys.stderr, environ=os.environ)
    try:
        findings = asyncio.run(_report(config, path, aloud=not args.json))
    finally:
        logs.reset()
    if args.json:
        say_json([finding.as_json() for finding in findings])
    else:
        say(summary(findings))
    return max(finding.status for finding in findings)


async def _report(config: Config, path: Path, *, aloud: bool) -> list[Finding]:
    """Gather the findings; aloud, each is printed as soon as it is there: a host that is silent takes a while."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    findings = []
    async for finding in examine(config, path):
        findings.append(finding)
        if aloud:
            say(line(finding, encoding))
    return findings
