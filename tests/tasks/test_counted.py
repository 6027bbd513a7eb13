"""What happens is counted where it happens, once, and only when it is durable."""

from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest

from daemon.core.coverage import LAG, Kind
from daemon.core.happenings import Absent, Archived, Found, Notified, Penalised, Postponed, Seen
from daemon.core.quota import HEAVY
from daemon.core.recording import Source
from daemon.core.strategy import Strategy
from daemon.errors import DaemonError, Refused, Retryable, StorageFailed, Throttled
from tests.fakes.obligations import due, ended, expect
from tests.fakes.telephone import record
from tests.tasks import conversing, fetching, reconciling
from tests.tasks.background import background

NOT_READY = Retryable("not there: CMN-102", code="404")


async def test_a_recording_is_archived_with_its_size_and_the_time_since_its_calls_end() -> None:
    desk = fetching.Desk()
    await desk.clock.advance(90)
    await desk.fetch()
    assert desk.tally.noted == [Archived(len(fetching.SOUND), 30.0)]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NOT_READY, "404"),
        (Retryable("no room", code="ENOSPC"), "ENOSPC"),
        (Refused("ReadCallRecording is missing"), "refused"),
    ],
)
async def test_an_attempt_that_came_to_nothing_is_counted_by_its_errors_code(error: DaemonError, code: str) -> None:
    desk = fetching.Desk(Strategy.DIRECT)
    desk.media.errors.append(error)
    await desk.fetch()
    assert desk.tally.noted == [Postponed(code)]


async def test_a_penalty_is_counted_for_its_group_and_for_the_attempt_that_met_it() -> None:
    desk = fetching.Desk(Strategy.DIRECT)
    desk.media.errors.append(Throttled("slow down", after=30, code="429"))
    await desk.fetch()
    assert desk.tally.noted == [Penalised(HEAVY), Postponed("429")]


async def test_what_the_call_log_proves_not_to_exist_is_counted_by_the_finding() -> None:
    desk = fetching.Desk(Strategy.CALL_LOG)
    desk.account.log["1"] = (record("1", short=True),)
    await desk.fetch()
    assert desk.tally.of(Absent) == [Absent("too_short")]
    assert desk.tally.of(Archived) == []


async def test_what_could_not_be_written_down_is_not_counted() -> None:
    desk = fetching.Desk()
    await desk.ledger.record([expect(fetching.ID), ended("1")])
    job = await due(desk.ledger)
    desk.ledger.seconds = 10
    async with background(desk.clock, _failing(desk.fetcher.fetch(job))):
        await desk.clock.advance(15)  # written down as being published, and not yet as archived
        desk.ledger.failure = StorageFailed("the disk is gone")
        await desk.clock.advance(10)
    assert desk.archive.recordings
    assert desk.tally.noted == []


async def test_every_notification_is_counted_and_a_recording_only_when_it_is_new() -> None:
    desk = conversing.Desk()
    holding = await desk.begun()
    try:
        desk.say("11", "12")
        desk.say("11", "12")
        await desk.clock.settle()
    finally:
        holding.cancel()
        await desk.clock.settle()
    assert Counter(desk.tally.noted) == {Notified(): 2, Seen(Source.EVENT, 2): 1}


@pytest.mark.parametrize(
    ("kind", "source"),
    [(Kind.LOOKBACK, Source.CALL_LOG), (Kind.BACKFILL, Source.BACKFILL), (Kind.HISTORY, Source.CALL_LOG)],
)
async def test_what_only_the_call_log_named_is_counted_by_why_it_was_read(kind: Kind, source: Source) -> None:
    desk = reconciling.Desk(kind)
    desk.account.log["1"] = (record("1", "11", "12", began=reconciling.at(-1800)),)
    for _ in range(2):
        await desk.open(kind, -7200, -600)
        await desk.reconciler.step()
    assert desk.tally.of(Found) == [Found(kind, 2)]
    assert desk.tally.of(Seen) == [Seen(source, 2)]


async def test_what_a_gap_hid_is_counted_as_found_in_it() -> None:
    desk = reconciling.Desk(Kind.GAP)
    desk.account.log["1"] = (record("1", "11", began=reconciling.at(-90)),)
    await desk.gap(-60, 0)
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(2 * LAG.total_seconds())
    assert desk.tally.of(Found) == [Found(Kind.GAP, 1)]


async def test_what_an_attempts_look_up_names_is_seen() -> None:
    desk = fetching.Desk(Strategy.CALL_LOG)
    desk.account.log["1"] = (record("1", fetching.ID, "12"),)
    await desk.fetch()
    assert desk.tally.of(Seen) == [Seen(Source.CALL_LOG, 1)]


async def _failing(work: Coroutine[Any, Any, None]) -> None:
    with pytest.raises(StorageFailed):
        await work
