"""Where every task is: for the log, when one of them does not come back."""

import asyncio
from types import AsyncGeneratorType, CoroutineType, FrameType, GeneratorType

DEEPEST = 50


def whereabouts() -> dict[str, str]:
    """Name the place where each task of this loop waits, the innermost of our own: `listen.py:120 _read`."""
    return {task.get_name(): _place(task) for task in asyncio.all_tasks()}


def _place(task: "asyncio.Task[object]") -> str:
    waiting: object = task.get_coro()
    innermost = "?"
    for _ in range(DEEPEST):
        frame, waiting = _step(waiting)
        if frame is None:
            break
        name = frame.f_code.co_filename
        if "/daemon/" in name:
            innermost = f"{name.rpartition('/')[2]}:{frame.f_lineno} {frame.f_code.co_name}"
    return innermost


def _step(waiting: object) -> tuple[FrameType | None, object]:
    match waiting:
        case CoroutineType():
            return waiting.cr_frame, waiting.cr_await
        case AsyncGeneratorType():
            return waiting.ag_frame, waiting.ag_await
        case GeneratorType():
            return waiting.gi_frame, waiting.gi_yieldfrom
        case _:
            return None, None
