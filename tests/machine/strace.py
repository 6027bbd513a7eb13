"""strace, attached to a child of the nursery before it does anything."""

import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.adapters.children import ROOT, line, tell


def attached(nursery: subprocess.Popen[str], request: str, log: Path, calls: Sequence[str], fault: str = "") -> int:
    """Have a child do its work under strace.

    Args:
        nursery: Whose child.
        request: What it is asked, as its docstring says.
        log: Where the calls are written down.
        calls: Which.
        fault: What happens at one of them, as strace's `inject` has it; `when` counts in each thread alone.

    Returns:
        The child's wait status.
    """
    pid = int(tell(nursery, request))
    options = ["-e", f"trace={','.join(calls)}", *(["-e", f"inject={fault}"] if fault else [])]
    # strace hangs now and then on its way; whoever waits for it must not.
    command = ["timeout", "-s", "KILL", "60", "strace", "-f", "-y", "-o", str(log), *options, "-p", str(pid)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as watching:  # noqa: S603  our own words
        assert watching.stderr is not None
        said = watching.stderr.readline()
        os.kill(pid, signal.SIGUSR1 if "attached" in said else signal.SIGKILL)
        status = int(line(nursery))
        assert "attached" in said, said
    return status


def counted(log: Path) -> Counter[str]:
    """Count each call, in the thread that made most of them: so far does a `when` of strace reach."""
    made = Counter(re.findall(r"^(\d+) +(\w+)\(", log.read_text(), re.MULTILINE))
    most: Counter[str] = Counter()
    for (_, call), times in made.items():
        most[call] = max(most[call], times)
    return most
