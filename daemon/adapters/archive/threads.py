"""The archive's own threads: how the event loop has something done there, and what a refusal is to it."""

import asyncio
import errno
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Generic, ParamSpec, TypeVar

import aiofiles.os

from daemon.errors import Retryable

P = ParamSpec("P")
T = TypeVar("T")
Done_co = TypeVar("Done_co", covariant=True)


class Threads:
    """A few threads for files. Not the loop's default executor, which name look-ups share."""

    def __init__(self, number: int) -> None:
        self._executor = ThreadPoolExecutor(number, "archive")

    def close(self) -> None:
        """Finish what they hold."""
        self._executor.shutdown()

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have something done, in one hop.

        Raises:
            Retryable: The file system refused.
        """
        done: list[T] = []
        with translated():
            await _hop(lambda: done.append(work(*args, **kwargs)), executor=self._executor)
        return done[0]

    def start(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Started[T]":
        """Have something done meanwhile."""
        return Started(self._executor.submit(work, *args, **kwargs))


class Started(Generic[Done_co]):
    """Something that a thread does meanwhile."""

    def __init__(self, future: "Future[Done_co]") -> None:
        self._future = future

    async def done(self) -> Done_co:
        """Wait for what comes of it. Whoever is cancelled here takes back what no thread has begun.

        Raises:
            Retryable: The file system refused.
        """
        with translated():
            return await asyncio.wrap_future(self._future)

    def over(self) -> None:
        """Wait for its end, good or bad, on another of the threads: whatever was begun before has one."""
        wait((self._future,))


@contextmanager
def translated() -> Generator[None]:
    """Whatever the file system refuses may be granted later; the work begins again from nothing."""
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "EIO")
        raise Retryable(f"the archive: {error.strerror or error}", code=name) from None


@aiofiles.os.wrap
def _hop(work: Callable[[], None]) -> None:
    work()
