"""Where every task is: for the log, when one of them does not come back."""

import asyncio
from types import CoroutineType

OURS = "/daemon/"


def whereabouts() -> dict[str, str]:
    """Name the place where each task of this loop waits, the innermost of our own: `listen.py:120 _read`."""
    return {task.get_name(): _place(task) for task in asyncio.all_tasks()}


def _place(task: "asyncio.Task[object]") -> str:
    waiting: object = task.get_coro()
    innermost = "?"
    while isinstance(waiting, CoroutineType) and waiting.cr_frame is not None:
        frame = waiting.cr_frame
        name = frame.f_code.co_filename
        if OURS in name:
            innermost = f"{name.rpartition('/')[2]}:{frame.f_lineno} {frame.f_code.co_name}"
        waiting = waiting.cr_await
    return innermost
