"""`recordingd reload`: have the running daemon read its configuration again, and say what came of it."""

import argparse
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daemon.adapters import kept, lock, notice
from daemon.adapters.clock import SystemClock
from daemon.adapters.state import RELOAD
from daemon.cli.options import add_config, add_json
from daemon.cli.output import complain, printable, say, say_json
from daemon.cli.state import configuration
from daemon.config import Invalid, find
from daemon.config.salvage import salvaged
from daemon.errors import DaemonError, Misconfigured

PATIENCE = 75.0
"""Seconds; new credentials are tried at RingCentral first. systemd gives a reload 90."""
LOOK = 0.05


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Ask, wait, and tell."""
    state = _state(args)
    told = _ask(state, _running(state))
    problems = [str(one) for one in told["problems"]]
    if args.json:
        say_json({key: told[key] for key in ("problems", "changed", "needs_restart")})
    else:
        complain(*(f"recordingd: {line}" for line in problems))
        say(*(printable(line) for line in _lines(told) if not problems))
    return Misconfigured.exit_code if problems else 0


def _state(args: argparse.Namespace) -> Path:
    """Find the state directory, where the daemon leaves its answer.

    Raises:
        Invalid: The configuration is wrong. The daemon is asked all the same, where it can be found, so that its log,
            its status and its alerts have the problems too.
    """
    try:
        return configuration(args).state.directory
    except Invalid:
        said = os.environ.get("MAINPID", "")  # by systemd
        state = salvaged(find(args.config, os.environ), os.environ).state.directory
        pid = int(said) if said.isdigit() else lock.holder(state)
        if pid:
            _signal(pid)
        raise


def _lines(told: Mapping[Any, Any]) -> list[str]:
    if not told["changed"] and not told["needs_restart"]:
        return ["nothing has changed"]
    changed = ", ".join(told["changed"]) or "nothing that a reload can change"
    lines = [f"in force now: {changed}"]
    if told["needs_restart"]:
        lines.append(f"after a restart: {', '.join(told['needs_restart'])}")
    return lines


def _running(state: Path) -> int:
    pid = lock.holder(state)
    if not pid:
        raise DaemonError(f"no daemon runs with {state}")
    moment = notice.read(state)
    if moment is not None and moment.connection == "backfill":
        raise DaemonError(f"process {pid} is a backfill without a daemon; it ends by itself")
    return pid


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGHUP)
    except OSError as error:
        raise DaemonError(f"could not signal process {pid}: {error.strerror}") from None


def _ask(state: Path, pid: int) -> Mapping[Any, Any]:
    """Send the signal, and wait for the outcome of a reload that began later than that.

    Raises:
        DaemonError: The daemon may not be signalled, has ended, or does not answer.
    """
    asked, boot = time.monotonic(), SystemClock().boot()
    _signal(pid)
    while time.monotonic() < asked + PATIENCE:
        match kept.read(state / RELOAD):
            case {"began": float(began), "boot": str(where), **told} if began >= asked and where == boot:
                return told
            case _:
                pass
        if lock.holder(state) != pid:
            raise DaemonError(f"process {pid} has ended")
        time.sleep(LOOK)
    raise DaemonError(f"process {pid} did not answer within {PATIENCE:.0f} s; its log may say why")
