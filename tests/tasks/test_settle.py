import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from daemon.core.audio import Audio
from daemon.core.happenings import Archived
from daemon.core.ids import RecordingId
from daemon.core.recording import Publication, State
from daemon.errors import Retryable
from daemon.ports import Content
from daemon.tasks.publish import Publisher
from daemon.tasks.settle import settle
from tests.fakes import FakeArchive, FakeClock, FakeLedger, FakeMedia, FakeTally
from tests.fakes.obligations import due, ended, expect, publication

FULL = Retryable("the archive: No space left on device", code="ENOSPC")


class Left:
    """What an earlier process left: a ledger and an archive."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.archive = FakeArchive()
        self.tally = FakeTally()

    async def half_published(self, recording: str) -> Publication:
        """Leave a recording written down as being published, its bytes in a temporary file."""
        await self.ledger.record([expect(recording), ended("1")])
        async with self.archive.draft(RecordingId(recording)) as draft:
            await draft.write(recording.encode())
            sealed = await draft.seal()
        left = Publication(sealed, publication(recording).path, "audio/mpeg")
        await self.ledger.publishing(await due(self.ledger), left)
        return left

    async def undescribed(self, recording: str) -> None:
        """Leave a recording archived, without a sidecar."""
        await self.archive.publish(await self.half_published(recording))
        await self.ledger.archived(RecordingId(recording), self.clock.now())

    async def settle(self) -> list[EventDict]:
        """Settle; give what was logged."""
        with capture_logs() as log:
            await settle(self.ledger, self.ledger, self.archive, self.clock, self.tally)
        return log

    def state(self, recording: str) -> State | None:
        return self.ledger.state(RecordingId(recording))


@pytest.fixture
def left() -> Left:
    return Left()


async def test_where_nothing_was_left_nothing_is_said(left: Left) -> None:
    assert await left.settle() == []


async def test_what_was_being_fetched_is_due_again(left: Left) -> None:
    await left.ledger.record([expect("11"), ended("1")])
    await due(left.ledger)
    (settled,) = await left.settle()
    assert (settled["event"], settled["given_back"]) == ("service.settled", 1)
    assert left.state("11") is State.DUE


async def test_a_good_temporary_file_is_published_written_down_and_described(left: Left) -> None:
    publication = await left.half_published("11")
    archived, settled = await left.settle()
    assert (archived["event"], archived["recording_id"], archived["path"]) == (
        "recording.archived",
        "11",
        publication.path,
    )
    assert (archived["bytes"], archived["sha256"]) == (publication.sealed.bytes, publication.sealed.sha256)
    assert (settled["published"], settled["sidecars_written"]) == (1, 1)
    assert left.archive.files.keys() == {publication.path, "2026/11.json"}
    assert left.state("11") is State.ARCHIVED
    assert left.tally.noted == [Archived(publication.sealed.bytes, 0.0)]


async def test_where_no_file_is_good_the_recording_is_due_again(left: Left) -> None:
    await left.half_published("11")
    left.archive.partials.clear()
    (settled,) = await left.settle()
    assert settled["taken_back"] == 1
    assert left.tally.noted == []
    assert left.state("11") is State.DUE


async def test_temporary_files_of_nobody_are_swept(left: Left) -> None:
    left.archive.partials["old"] = b""
    (settled,) = await left.settle()
    assert settled["temporary_files_removed"] == 1
    assert left.archive.partials == {}


async def test_what_cannot_be_settled_now_is_left_with_its_only_copy_while_the_rest_goes_on(left: Left) -> None:
    kept = await left.half_published("11")
    await left.half_published("12")
    left.archive.refuse("settle", FULL)
    log = await left.settle()
    assert [(entry["event"], entry.get("recording_id")) for entry in log[:2]] == [
        ("recording.unsettled", "11"),
        ("recording.archived", "12"),
    ]
    assert (left.state("11"), left.state("12")) == (State.PUBLISHING, State.ARCHIVED)
    assert left.archive.partials.keys() == {kept.sealed.partial}


async def test_a_sweep_that_fails_stops_nothing(left: Left) -> None:
    left.archive.refuse("sweep", FULL)
    (unswept,) = await left.settle()
    assert (unswept["event"], unswept["reason"]) == ("archive.unswept", str(FULL))


async def test_sidecars_that_are_missing_are_written_as_far_as_possible(left: Left) -> None:
    for name in ("11", "12"):
        await left.undescribed(name)
    left.archive.refuse("describe", FULL)
    log = await left.settle()
    assert [entry["event"] for entry in log] == ["sidecar.postponed", "service.settled"]
    assert len(left.archive.sidecars) == 1
    assert len(await left.settle()) == 1
    assert len(left.archive.sidecars) == 2
    assert await left.settle() == []


async def test_a_download_saved_by_another_process_is_told_of_alike(left: Left) -> None:
    await left.ledger.record([expect("11"), ended("1")])
    job = await due(left.ledger)
    media = FakeMedia(left.clock, {job.recording_id: b"11"})
    with capture_logs() as ours:
        async with media.open(job.recording_id, "") as content:
            assert content == Content(Audio.MP3, "audio/mpeg", 2, content.chunks)
            await Publisher(left.archive, left.ledger, left.clock, "{recording_id}").save(job, content)
    await left.half_published("12")
    theirs = (await left.settle())[0]
    assert theirs.keys() == ours[0].keys() | {"settled"}
