"""The faults of recordingd simulate: which to have, from the start or by chance, and a list of them all."""

from __future__ import annotations

import argparse
import difflib
from typing import TYPE_CHECKING

from daemon.cli.numbers import whole
from daemon.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daemon.simulator import Simulator

QUIET_AFTER = 600.0
"""Seconds of chaos, unless told otherwise."""
ALWAYS = 1.0


def configure(parser: argparse.ArgumentParser, seconds: Callable[[str], float]) -> None:
    """Add the options; `seconds` reads a number of them."""
    parser.add_argument(
        "--fault",
        metavar="NAME[=SHARE]",
        type=_fault,
        action="append",
        default=[],
        help="have this fault, for this share of what it can strike (default: 1); may be given several times",
    )
    parser.add_argument(
        "--list-faults", action="store_true", help="list the faults that there are, and do nothing else"
    )
    parser.add_argument(
        "--chaos",
        metavar="SEED",
        type=whole(),
        help="have three to six faults at a time, drawn from this seed, and then none",
    )
    parser.add_argument(
        "--chaos-until",
        metavar="SECONDS",
        type=seconds,
        default=QUIET_AFTER,
        help=f"end the chaos after so many seconds (default: {QUIET_AFTER:g})",
    )


def turn_on(simulator: Simulator, faults: Sequence[tuple[str, float]]) -> None:
    """Switch on what was asked for."""
    for name, share in faults:
        simulator.turn_on(name, share)


def list_faults() -> None:
    """Print each fault and what it does, area by area."""
    from daemon.simulator import FAULTS  # noqa: PLC0415 - the command line starts fast

    width = max(map(len, FAULTS))
    say(*(f"{fault.name:{width}}  {fault.help}" for fault in FAULTS.values()))


def _fault(text: str) -> tuple[str, float]:
    """Read `NAME` or `NAME=SHARE`."""
    from daemon.simulator import FAULTS  # noqa: PLC0415 - likewise

    name, _, share = text.partition("=")
    if name not in FAULTS:
        near = difflib.get_close_matches(name, FAULTS, 1)
        hint = f"did you mean {near[0]}?" if near else "--list-faults lists them"
        raise argparse.ArgumentTypeError(f"there is no fault {name!r}; {hint}")
    try:
        number = float(share) if share else ALWAYS
    except ValueError:
        number = -1.0
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"a share is above 0 and at most 1, not {share!r}")
    return name, number
