"""Work in a process of its own: what one contestant leaves in memory is not the next one's."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
        raise Wrong(f"{_name(words)} ended with {ended.returncode}: {ended.stderr.decode(errors='replace')[-500:]}")
    figures: dict[str, float] = orjson.loads(lines[-1])
    return figures


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
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **(more or {})}


def _name(words: Sequence[str]) -> str:
    return next((word for word in words if "tests.bench" in word or word.endswith(".mjs")), Path(words[0]).name)
