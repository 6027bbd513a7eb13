"""The life of the process in one function: prepare, take in, drain."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

log = structlog.get_logger("daemon.service")

GRACE = 20.0
"""Seconds that downloads in hand may go on after the first signal. The unit's TimeoutStopSec is longer."""

Loop = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that runs, assembled.

    Attributes:
        prepare: Done once before anything else, in order.
        intake: Loops that stop at once.
        drain: The one that finishes what it holds.
        close: Done last, whatever happened.
        beside: Loops that go on from the beginning until the drain is over: they tell others how things are.
        stopping: Called with the seconds of grace when the end begins.
    """

    prepare: tuple[Loop, ...]
    intake: dict[str, Loop]
    drain: Callable[[asyncio.Event], Coroutine[Any, Any, None]]
    close: Loop
    beside: dict[str, Loop] = field(default_factory=dict)
    stopping: Callable[[float], None] = field(default=lambda _: None)


async def run(parts: Parts, stop: asyncio.Event, grace: float) -> None:
    """Run assembled parts until `stop` is set, then give work in hand `grace` seconds; nothing outlives this.

    Raises:
        ExceptionGroup: A task failed, in a way foreseen (DaemonError) or not.
    """
    try:
        await _run(parts, stop, grace)
    finally:
        await parts.close()


async def _run(parts: Parts, stop: asyncio.Event, grace: float) -> None:
    async with asyncio.TaskGroup() as crew:
        beside = [crew.create_task(loop(), name=name) for name, loop in parts.beside.items()]
        await _work(parts, stop, grace, crew)
        for task in beside:
            task.cancel()


async def _work(parts: Parts, stop: asyncio.Event, grace: float, crew: asyncio.TaskGroup) -> None:
    # Set by whatever ends the intake, so that the crew drains then as well.
    ending = asyncio.Event()
    preparing = crew.create_task(_in_order(parts.prepare), name="prepare")
    if not await _either(preparing, stop):
        _stopping(parts, 0.0)
        return
    draining = crew.create_task(parts.drain(ending), name="dispatch")
    try:
        async with asyncio.TaskGroup() as intake:
            for name, loop in parts.intake.items():
                intake.create_task(loop(), name=name)
            intake.create_task(_raise_once(stop), name="stop")
    except* _Stop:
        _stopping(parts, grace)
    finally:
        ending.set()
    await asyncio.wait({draining}, timeout=grace)
    draining.cancel()


def _stopping(parts: Parts, grace: float) -> None:
    log.info("service.stopping", grace_seconds=grace)
    parts.stopping(grace)


class _Stop(Exception):
    """A signal, and no error."""


async def _raise_once(stop: asyncio.Event) -> None:
    await stop.wait()
    raise _Stop


async def _in_order(steps: tuple[Loop, ...]) -> None:
    for step in steps:
        await step()


async def _either(work: asyncio.Task[None], stop: asyncio.Event) -> bool:
    """Wait for `work` or `stop`; say whether the work is done, and cancel it where not."""
    stopping = asyncio.create_task(stop.wait(), name="stop-early")
    try:
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    if not work.done():
        work.cancel()
        return False
    return work.exception() is None
