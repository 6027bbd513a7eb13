"""`recordingd verify`: every archived file against the ledger, and every file that the ledger does not explain."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from daemon.adapters import lock
from daemon.adapters.archive.census import Census
from daemon.adapters.ledger.inventory import Inventory
from daemon.adapters.state import LEDGER
from daemon.cli.audit import Audit
from daemon.cli.findings import Findings, FindingsInJson
from daemon.cli.options import add_config, add_json
from daemon.cli.pace import pace
from daemon.cli.state import configuration, missing_ledger, moment
from daemon.config import Config
from daemon.errors import DaemonError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    add_json(parser)
    parser.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help="check only what was archived from then on: 2026-01-31, 2026-01-31T14:02, or two days ago as 2d; "
        "files that nothing explains are named whatever their age",
    )
    parser.add_argument("--quick", action="store_true", help="compare sizes only; read no file")


def run(args: argparse.Namespace) -> int:
    """Verify; 0 only if nothing was found."""
    config = configuration(args)
    with _findings(config, as_json=args.json) as findings:
        began, clock = datetime.now(UTC), time.monotonic()
        with _inventory(config) as inventory, Census.opened(config.archive.directory) as census:
            if census is None:
                if inventory.archived_since(None):
                    raise DaemonError(f"there is no archive at {config.archive.directory}: is its disk mounted?")
                findings.conclude(0, 0, 0.0)
                return 0
            audit = Audit(inventory, census, began, args.quick, lambda: lock.holder(config.state.directory) is not None)
            _look(audit, args.since, findings)
        findings.conclude(audit.checked, audit.bytes, time.monotonic() - clock)
        return 1 if findings.counts else 0


def _look(audit: Audit, since: datetime | None, findings: Findings) -> None:
    with pace("recordings verified", audit.inventory.archived_since(since)) as advance:
        for finding in audit.recordings(since):
            if finding is None:
                advance()
            else:
                findings.add(finding)
        for finding in audit.unexplained():
            findings.add(finding)


@contextmanager
def _findings(config: Config, *, as_json: bool) -> Iterator[Findings]:
    if not as_json:
        yield Findings(config.archive.directory)
        return
    with FindingsInJson.opened(config.archive.directory) as findings:
        yield findings


@contextmanager
def _inventory(config: Config) -> Iterator[Inventory]:
    path = config.state.directory / LEDGER
    with Inventory.opened(path) as inventory:
        if inventory is None:
            raise missing_ledger(path)
        yield inventory
