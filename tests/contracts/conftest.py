"""Each port's fake and its real adapter, as one fixture: what holds for the one holds for the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from daemon.adapters.archive import Archive
from daemon.adapters.ledger import open_ledger
from daemon.app.world import Ledger, Periods, Store
from tests.fakes import FakeArchive, FakeClock, FakeLedger
from tests.fakes.periods import Book
from tests.fakes.rows import Rows


class WholeLedger(Ledger, Protocol):
    """The ledger, with its other side."""

    @property
    def periods(self) -> Periods: ...


Opens = Callable[[str], Awaitable[WholeLedger]]
"""Opens the one ledger for an owner, as a process does."""


class Shelf(Protocol):
    """An archive, and what stands in it by name."""

    @property
    def archive(self) -> Store: ...

    def files(self) -> dict[str, bytes]:
        """Everything under a final name."""
        ...

    def partials(self) -> dict[str, bytes]:
        """Everything temporary."""
        ...

    def put(self, path: str, content: bytes) -> None:
        """Put a file under a final name, as a person might."""
        ...

    def rename(self, partial: str, path: str) -> None:
        """Move a temporary file to a final name, as a process might that then died."""
        ...


class FakeShelf:
    def __init__(self) -> None:
        self.archive = FakeArchive()

    def files(self) -> dict[str, bytes]:
        return dict(self.archive.files)

    def partials(self) -> dict[str, bytes]:
        return dict(self.archive.partials)

    def put(self, path: str, content: bytes) -> None:
        self.archive.files[path] = content

    def rename(self, partial: str, path: str) -> None:
        self.archive.files[path] = self.archive.partials.pop(partial)


class RealShelf:
    def __init__(self, root: Path) -> None:
        self.archive = Archive(root)
        self._root = root

    def files(self) -> dict[str, bytes]:
        found = (path for path in self._root.rglob("*") if path.is_file())
        named = {path.relative_to(self._root): path for path in found}
        return {str(name): path.read_bytes() for name, path in named.items() if name.parts[0] != ".partial"}

    def partials(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self._root / ".partial").iterdir()}

    def put(self, path: str, content: bytes) -> None:
        (self._root / path).parent.mkdir(parents=True, exist_ok=True)
        (self._root / path).write_bytes(content)

    def rename(self, partial: str, path: str) -> None:
        (self._root / path).parent.mkdir(parents=True, exist_ok=True)
        (self._root / ".partial" / partial).rename(self._root / path)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["fake", "real"])
async def opens(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Opens]:
    rows, book = Rows(), Book()
    async with AsyncExitStack() as stack:

        async def open_for(owner: str) -> WholeLedger:
            if request.param == "fake":
                await asyncio.sleep(0)
                return FakeLedger(clock, owner, rows, book)
            return await stack.enter_async_context(open_ledger(tmp_path / "ledger.db", owner, clock.now))

        yield open_for


@pytest.fixture
async def ledger(opens: Opens) -> WholeLedger:
    return await opens("us")


@pytest.fixture(params=["fake", "real"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    if request.param == "fake":
        yield FakeShelf()
        return
    real = RealShelf(tmp_path / "archive")
    yield real
    real.archive.close()
