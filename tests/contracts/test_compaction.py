"""What becomes of a recording that has long been archived; the fake ledger and the real one alike."""

from datetime import timedelta

from daemon.core.coverage import Kind, Wanted
from tests.contracts.conftest import WholeLedger
from tests.fakes import FakeClock
from tests.fakes.obligations import END, archive_one, claimed, due, ended, expect, known, publication
from tests.fakes.telephone import record

LATER = END + timedelta(days=120)


async def _archived(ledger: WholeLedger, *names: str) -> None:
    for name in names:
        await ledger.record([expect(name, name), ended(name)])
        await archive_one(ledger)


async def test_what_was_archived_before_a_time_is_compacted_once(ledger: WholeLedger) -> None:
    await _archived(ledger, "1", "2", "3")
    assert await ledger.compact(END, 10) == 0
    assert await ledger.compact(LATER, 2) == 2
    assert await ledger.compact(LATER, 2) == 1
    assert await ledger.compact(LATER, 2) == 0


async def test_what_is_not_archived_or_not_described_keeps_everything(ledger: WholeLedger, clock: FakeClock) -> None:
    await ledger.record([expect("1"), expect("2"), expect("3"), expect("4"), ended("1")])
    await ledger.absent(await due(ledger), "too short")
    published, bare = await due(ledger), await due(ledger)
    await ledger.publishing(published, publication(published.recording_id))
    await ledger.publishing(bare, publication(bare.recording_id))
    await ledger.archived(bare.recording_id, END)
    await clock.advance(200 * 86_400)
    assert await ledger.compact(clock.now(), 10) == 0
    (sidecar,) = await ledger.undescribed()
    await ledger.described(bare.recording_id, sidecar.job.call_log)
    assert await ledger.compact(clock.now(), 10) == 1


async def test_its_id_stays_known_whoever_names_it_again(ledger: WholeLedger) -> None:
    await _archived(ledger, "1")
    await ledger.compact(LATER, 10)
    assert (await ledger.record([expect("1", "1"), ended("1")])).expected == ()
    assert (await ledger.found([record("1", "1", "2")])).expected == (known("2"),)
    assert await claimed(ledger) == {"2"}


async def test_what_the_call_log_says_later_of_it_is_left_where_it_is(ledger: WholeLedger, clock: FakeClock) -> None:
    await _archived(ledger, "1")
    await ledger.compact(LATER, 10)
    await ledger.found([record("1", "1")])
    period = await ledger.periods.open(Wanted(Kind.HISTORY, clock.now(), clock.now() + timedelta(days=1)))
    await ledger.periods.read(period, [record("1", "1")], (), None)
    assert await ledger.undescribed() == ()
    assert await ledger.compact(LATER, 10) == 0
