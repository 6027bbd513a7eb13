"""Downloads wait for room, wherever it is short."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from daemon.core.reserve import Free, Least
from daemon.errors import Retryable
from daemon.tasks.reserve import BETWEEN_LOOKS, FRESH, PLENTY, Reserves
from tests.fakes import FakeClock, FakeRoom
from tests.tasks.background import background


class Disks:
    """Two file systems, and whoever waits for them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.archive, self.state = FakeRoom(Free(1000, 100)), FakeRoom(Free(1000, 100))
        least = Least(1000, 100)
        self.reserves = Reserves(self.clock, {"archive": (self.archive, least), "state": (self.state, least)})

    async def waits(self, seconds: float) -> bool:
        """Say whether a download would still wait after so long."""
        async with background(self.clock, self.reserves.enough()) as (waiting,):
            await self.clock.advance(seconds)
            return not waiting.done()


@pytest.fixture
def disks() -> Disks:
    return Disks()


@pytest.fixture
def log() -> Iterator[list[EventDict]]:
    with capture_logs() as entries:
        yield entries


async def test_with_room_everywhere_nobody_waits_and_nothing_is_said(disks: Disks, log: list[EventDict]) -> None:
    assert not await disks.waits(0)
    assert log == []


@pytest.mark.parametrize("name", ["archive", "state"])
@pytest.mark.parametrize(
    ("free", "said"),
    [
        (Free(999, 100), {"short": "bytes", "free_bytes": 999, "min_free_bytes": 1000}),
        (Free(1000, 99), {"short": "files", "free_files": 99, "min_free_files": 100}),
        (Free(1000, 100, is_writable=False), {"short": "permission to write: the file system is read-only"}),
    ],
)
async def test_what_is_short_is_said_once_with_its_directory_and_once_that_it_is_not(
    disks: Disks, log: list[EventDict], name: str, free: Free, said: EventDict
) -> None:
    room = disks.archive if name == "archive" else disks.state
    room.free = free
    assert await disks.waits(100)
    assert log == [{"event": "disk.low", "log_level": "error", "directory": name, **said}]
    room.free = Free(2000, 200)
    assert not await disks.waits(0)
    assert log[1:] == [{"event": "disk.recovered", "log_level": "info", "directory": name, "free_bytes": 2000}]


async def test_whoever_waits_goes_on_soon_after_there_is_room(disks: Disks) -> None:
    disks.state.free = Free(0)
    async with background(disks.clock, disks.reserves.enough()) as (waiting,):
        await disks.clock.advance(100)
        disks.state.free = Free(1000)
        await disks.clock.advance(10)
        assert waiting.done()


async def test_a_disk_that_cannot_say_is_waited_for_and_said_once(disks: Disks, log: list[EventDict]) -> None:
    disks.archive.error = Retryable("the archive: Stale file handle", code="ESTALE")
    assert await disks.waits(100)
    disks.archive.error = None
    assert not await disks.waits(0)
    assert [(entry["event"], entry["directory"]) for entry in log] == [
        ("disk.unknown", "archive"),
        ("disk.recovered", "archive"),
    ]


async def test_one_trouble_that_becomes_another_is_one_episode(disks: Disks, log: list[EventDict]) -> None:
    disks.archive.free = Free(0)
    assert await disks.waits(0)
    disks.archive.free = Free(1000, 0)
    assert await disks.waits(0)
    disks.archive.error = Retryable("the archive: Input/output error", code="EIO")
    assert await disks.waits(0)
    assert [entry["event"] for entry in log] == ["disk.low"]


async def test_a_disk_that_fills_up_is_noticed_while_nothing_is_downloaded(disks: Disks, log: list[EventDict]) -> None:
    async with background(disks.clock, disks.reserves.watch()):
        await disks.clock.advance(100)
        disks.archive.free = Free(0)
        await disks.clock.advance(60)
        assert [entry["event"] for entry in log] == ["disk.low"]
        assert await disks.waits(0)
        disks.archive.free = Free(1000)
        await disks.clock.advance(60)
    assert [entry["event"] for entry in log] == ["disk.low", "disk.recovered"]


async def test_what_was_plenty_a_moment_ago_is_not_looked_at_again_and_what_was_just_enough_is(disks: Disks) -> None:
    disks.archive.free = disks.state.free = Free(2 * PLENTY, 1000)
    assert not await disks.waits(0)
    disks.archive.free = Free(0)
    assert not await disks.waits(FRESH)
    assert await disks.waits(0)
    disks.archive.free = Free(PLENTY, 1000)
    assert not await disks.waits(BETWEEN_LOOKS)
    disks.archive.free = Free(0)
    assert await disks.waits(0)
