"""`recordingd schema`: the configuration's JSON Schema, for editors."""

import argparse
import json

from daemon.cli.output import say
from daemon.config.schema import schema


def configure(_: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def run(_: argparse.Namespace) -> int:
    """Print it, one key a line, so that two versions can be compared."""
    say(json.dumps(schema(), ensure_ascii=False, indent=2))
    return 0
