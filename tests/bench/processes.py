"""Work in a process of its own: what one contestant leaves in memory is not the next one's."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.bench.harness.race import Wrong

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 600.0
"""Seconds after which work that never ends is given up."""


def command(module: str, arguments: Mapping[str, object], python: str = sys.executable) -> list[str]:
    """Say how a module of `tests.bench.work` is started."""
    return [python, "-m", f"tests.bench.work.{module}", orjson.dumps(dict(arguments)).decode()]


def recordingd() -> list[str]:
    """Give the command as it is installed, or as this interpreter has it."""
    installed = Path(sys.executable).parent / "recordingd"
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "daemon"]


def worked(
    module: str, /, *, python: str = sys.executable, environ: Mapping[str, str] | None = None, **arguments: object
) -> dict[str, float]:
    """Have a module of `tests.bench.work` do its work; give the figures it prints.

    Raises:
        Wrong: It failed.
    """
    return told(command(module, arguments, python), environ)


def told(words: Sequence[str], environ: Mapping[str, str] | None = None) -> dict[str, float]:
    """Run something whose last line is JSON; give that.

    Raises:
        Wrong: It failed.
    """
    ended = subprocess.run(  # noqa: S603  our own words
        words, cwd=ROOT, env=environment(environ), capture_output=True, check=False, timeout=PATIENCE
    )
    lines = ended.stdout.splitlines()
    if ended.returncode != 0 or not lines:
        last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Wrong(f"{_name(words)} ended with {ended.returncode}: {''.join(last)}")
    figures: dict[str, float] = orjson.loads(lines[-1])
    return figures


@dataclass(frozen=True, slots=True)
class Took:
    """What a command took, its own processes and theirs: wall and CPU, in seconds."""

    wall: float
    cpu: float


def timed(words: Sequence[str], statuses: Collection[int] = (0,)) -> Took:
    """Run a command to its end.

    Raises:
        Wrong: It ended with none of these exit statuses.
    """
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ended = subprocess.run(  # noqa: S603  our own words
        words, cwd=ROOT, env=environment(None), capture_output=True, check=False, timeout=PATIENCE
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode not in statuses:
        raise Wrong(f"{_name(words)} ended with {ended.returncode}: {ended.stderr.decode(errors='replace')[-300:]}")
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


@contextmanager
def serving(words: Sequence[str], environ: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """Have something run beside, whose first line of JSON says where it is; end it on leaving."""
    process = subprocess.Popen(words, cwd=ROOT, env=environment(environ), stdout=subprocess.PIPE)  # noqa: S603  our own words
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise Wrong(f"{_name(words)} did not start")
        yield orjson.loads(line)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """Give the environment in which this package is found, and more."""
    # What is compiled once may be kept: a start is not to be measured as if it were the first one ever.
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **(more or {})}


def _name(words: Sequence[str]) -> str:
    return next((word for word in words if "tests.bench" in word or word.endswith(".mjs")), Path(words[0]).name)
