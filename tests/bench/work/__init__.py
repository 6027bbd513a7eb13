"""What runs in a process of its own: `python -m tests.bench.work.NAME {arguments}` prints its figures as JSON.

Nothing here imports the daemon at the top of this package: httpx runs in an interpreter that does not have it.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any


def begin() -> dict[str, Any]:
    """Read the arguments, and keep to the cores that they name."""
    arguments: dict[str, Any] = json.loads(sys.argv[1])
    if cores := arguments.pop("cores", None):
        os.sched_setaffinity(0, set(cores) & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    return arguments


def end(figures: Mapping[str, float]) -> None:
    """Print the figures."""
    print(json.dumps(figures), flush=True)  # noqa: T201  what whoever started us reads


def carry_out(job: Callable[..., Mapping[str, float]]) -> None:
    """Do the work with the arguments."""
    try:
        figures = job(**begin())
    except Exception:  # noqa: BLE001  by now it may be the daemon's own hook that would speak, into a log nobody reads
        traceback.print_exc(file=sys.__stderr__)
        sys.exit(1)
    end(figures)
