import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from daemon.core.audio import Audio
from daemon.core.recording import Job, State
from daemon.errors import Retryable, StorageFailed
from daemon.ports import Content
from daemon.tasks.publish import Publisher
from daemon.tasks.transfer import Anew
from tests.fakes import FakeArchive, FakeClock, FakeLedger, FakeMedia
from tests.fakes.obligations import due, ended, expect
from tests.tasks.background import background

FULL = Retryable("the archive: No space left on device", code="ENOSPC")


class Desk:
    """One recording to be saved, and everything it needs."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.archive = FakeArchive()
        self.media = FakeMedia(self.clock)
        self.publisher = Publisher(self.archive, self.ledger, self.clock, "{start:%Y}/{recording_id}")

    async def job(self) -> Job:
        await self.ledger.record([expect("11"), ended("1")])
        return await due(self.ledger)

    async def save(self, job: Job) -> None:
        self.media.contents[job.recording_id] = b"ID3 sound"
        async with self.media.open(job.recording_id, "") as content:
            await self.publisher.save(job, content)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_what_is_saved_stands_under_its_name_with_its_sidecar_and_is_written_down(desk: Desk) -> None:
    job = await desk.job()
    await desk.clock.advance(90)
    with capture_logs() as log:
        await desk.save(job)
    assert desk.archive.recordings == {"2026/11.mp3": b"ID3 sound"}
    assert desk.archive.sidecars["2026/11.json"]["archived_at"] == "2026-01-31T12:01:30Z"
    assert desk.ledger.state(job.recording_id) is State.ARCHIVED
    assert await desk.ledger.undescribed() == ()
    (archived,) = log
    assert archived["latency_seconds"] == 30  # the call ended a minute after the clock began
    assert (archived["recording_id"], archived["attempt"], archived["source"]) == ("11", 1, "event")


async def test_a_clock_behind_ringcentrals_makes_no_negative_latency(desk: Desk) -> None:
    job = await desk.job()
    with capture_logs() as log:
        await desk.save(job)
    assert log[0]["latency_seconds"] == 0


async def test_where_the_end_of_the_call_is_not_known_there_is_no_latency(desk: Desk) -> None:
    job = replace(await desk.job(), ended_at=None)
    with capture_logs() as log:
        await desk.save(job)
    assert log[0]["latency_seconds"] is None


@pytest.mark.parametrize(
    ("held", "state", "final"),
    [
        ("seal", State.FETCHING, False),
        ("place", State.FETCHING, False),
        ("publish", State.PUBLISHING, False),
        ("describe", State.ARCHIVED, True),
    ],
)
async def test_every_step_is_written_down_before_the_next(desk: Desk, held: str, state: State, *, final: bool) -> None:
    desk.archive.hold(held)
    job = await desk.job()
    async with background(desk.clock, desk.save(job)):
        assert desk.ledger.state(job.recording_id) is state
        assert ("2026/11.mp3" in desk.archive.files) is final


@pytest.mark.parametrize("step", ["write", "seal", "place", "publish"])
async def test_what_the_archive_refuses_leaves_nothing_behind(desk: Desk, step: str) -> None:
    desk.archive.refuse(step, FULL)
    with pytest.raises(Retryable, match="No space left"):
        await desk.save(await desk.job())
    assert (desk.archive.files, desk.archive.partials) == ({}, {})


async def test_content_that_breaks_off_leaves_nothing_behind(desk: Desk) -> None:
    desk.media.breaks = 1
    with pytest.raises(Retryable, match="broke off"):
        await desk.save(await desk.job())
    assert (desk.archive.files, desk.archive.partials) == ({}, {})


async def test_content_that_begins_anew_is_written_anew_and_nothing_of_the_old_is_left(desk: Desk) -> None:
    async def new() -> AsyncIterator[bytes]:
        yield b"RIFF new"

    async def old() -> AsyncIterator[bytes]:
        yield b"ID3 old"
        raise Anew(Content(Audio.WAV, "audio/wav", 8, new()))

    await desk.publisher.save(await desk.job(), Content(Audio.MP3, "audio/mpeg", 100, old()))
    assert desk.archive.recordings == {"2026/11.wav": b"RIFF new"}
    sidecar = desk.archive.sidecars["2026/11.json"]
    assert (sidecar["content_type"], sidecar["bytes"]) == ("audio/wav", 8)
    assert sidecar["sha256"] == hashlib.sha256(b"RIFF new").hexdigest()
    assert desk.archive.partials == {}


async def test_a_ledger_that_fails_before_the_rename_leaves_no_final_file(desk: Desk) -> None:
    job = await desk.job()
    desk.ledger.failure = StorageFailed("disk I/O error")
    with pytest.raises(StorageFailed):
        await desk.save(job)
    assert desk.archive.files == {}


async def test_a_sidecar_that_is_refused_is_owed(desk: Desk) -> None:
    desk.archive.refuse("describe", FULL)
    with capture_logs() as log:
        await desk.save(await desk.job())
    assert [entry["event"] for entry in log] == ["recording.archived", "sidecar.postponed"]
    assert len(await desk.ledger.undescribed()) == 1
