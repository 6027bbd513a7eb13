"""Stories of a whole daemon in a fake world: a process that ends, and the next one."""

from collections.abc import Callable

import pytest

from daemon.core.recording import State
from tests.fakes import FakeArchive
from tests.fakes.telephone import Party
from tests.stories.fake_world import FakeWorld, running


async def test_a_call_that_ended_between_two_processes_is_looked_up_and_archived() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(60)
    call.over()
    await world.clock.advance(600)
    async with running(world):
        await world.clock.advance(16)
        assert world.account.asked("calls") == []  # the reading of the gap answers for every call
    assert world.saved() == [b"ID3 11"]


async def test_a_call_that_outlives_the_process_is_archived_when_it_ends() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(60)
        following = world.after_crash()
    call.world = following
    async with running(following):
        await world.clock.advance(600)
        assert following.state("11") is State.EXPECTED
        call.over()
        call.tell(Party("p-1", "Disconnected"))  # which does not name the recording
        await world.clock.advance(5)
    assert following.saved() == [b"ID3 11"]
    assert all(request.after_call for request in following.media.requests)


async def test_a_crash_in_the_middle_of_a_download_archives_it_once() -> None:
    world = FakeWorld()
    async with running(world) as process:
        call = world.call("1", "11").begin()
        world.media.stuck.add(call.recordings[0])
        call.end()
        await world.clock.advance(5)
        assert world.state("11") is State.FETCHING
        following = world.after_crash()
        await process.kill()
    async with running(following):
        await world.clock.advance(1)
    assert following.saved() == [b"ID3 11"]
    assert following.archive.partials == {}
    assert following.logged("service.settled", given_back=1, temporary_files_removed=1)


def renamed(archive: FakeArchive, path: str) -> None:
    (name,) = archive.partials
    archive.files[path] = archive.partials.pop(name)


def linked(archive: FakeArchive, path: str) -> None:
    (archive.files[path],) = archive.partials.values()


def kept(archive: FakeArchive, path: str) -> None:
    assert path not in archive.files
    assert len(archive.partials) == 1


def gone(archive: FakeArchive, path: str) -> None:
    assert path not in archive.files
    archive.partials.clear()


def torn(archive: FakeArchive, path: str) -> None:
    assert path not in archive.files
    archive.partials.update(dict.fromkeys(archive.partials, b"ID3"))


def somebody_elses(archive: FakeArchive, path: str) -> None:
    archive.files[path] = b"not ours"


@pytest.mark.parametrize(
    ("left", "downloads"), [(renamed, 0), (linked, 0), (kept, 0), (gone, 1), (torn, 1), (somebody_elses, 1)]
)
async def test_a_crash_while_publishing_archives_it_once(
    left: Callable[[FakeArchive, str], None], downloads: int
) -> None:
    world = FakeWorld()
    world.archive.hold("publish")
    async with running(world) as process:
        world.call("1", "11").begin().end()
        await world.clock.advance(5)
        assert world.state("11") is State.PUBLISHING
        following = world.after_crash()
        await process.kill()
    publication = following.ledger.rows[world.media.requests[0].recording].publication
    assert publication is not None
    left(following.archive, publication.path)
    async with running(following):
        await world.clock.advance(1)
    assert [content for content in following.saved() if content != b"not ours"] == [b"ID3 11"]
    assert following.state("11") is State.ARCHIVED
    assert len(following.media.requests) == downloads
    assert following.archive.partials == {}
    assert len(following.archive.sidecars) == 1
    assert len(following.logged("recording.archived", recording_id="11")) == 1


async def test_a_crash_before_the_sidecar_leaves_it_to_the_next_process() -> None:
    world = FakeWorld()
    world.archive.hold("describe")
    async with running(world) as process:
        world.call("1", "11").begin().end()
        await world.clock.advance(5)
        assert world.state("11") is State.ARCHIVED
        following = world.after_crash()
        await process.kill()
    assert following.archive.sidecars == {}
    async with running(following):
        assert len(following.archive.sidecars) == 1
        assert following.media.requests == []


async def test_what_was_archived_is_never_fetched_again() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        call.end()
        await world.clock.advance(5)
    async with running(world):
        call.tell(Party("p-1", "Answered", ("11",)))
        call.tell(Party("p-1", "Disconnected", ("11",)))
        await world.clock.advance(60)
    assert len(world.media.requests) == 1
    assert len(world.saved()) == 1


async def test_recordings_that_were_due_when_the_process_ended_are_fetched_at_once_by_the_next() -> None:
    world = FakeWorld()
    async with running(world):
        world.call("1", "11", ready_after=1000).begin().end()
        await world.clock.advance(600)
    await world.clock.advance(1000)
    async with running(world):
        await world.clock.advance(1)
    assert world.saved() == [b"ID3 11"]
