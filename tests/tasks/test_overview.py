from daemon.core.ids import RecordingId
from daemon.core.quota import HEAVY
from daemon.core.recording import State
from daemon.core.standing import Login, Trouble, complaints
from daemon.tasks.overview import LEDGER_EVERY, LEDGER_WITHIN, SIGN_OF_LIFE
from tests.fakes.obligations import ended, expect
from tests.fakes.telephone import Party, heard
from tests.tasks.background import background
from tests.tasks.looking import Desk


async def test_word_is_left_of_every_change_within_a_second() -> None:
    desk = Desk()
    async with background(desk.clock, desk.overview.keep_posted(desk.notice)):
        assert [moment.connection for moment in desk.notice.moments] == ["starting"]
        desk.subscribe()
        desk.board.observe(heard("1", 1, Party("p", "Answered")), desk.clock.elapsed)
        desk.presence.fetching.add("11")
        await desk.clock.advance(1)
    last = desk.notice.moments[-1]
    assert (last.connection, last.calls, last.fetching, last.troubles) == ("subscribed", 1, 1, ())
    assert last.summary.startswith("subscribed; 1 call on")
    assert len(desk.notice.moments) == 2


async def test_where_nothing_changes_there_is_a_sign_of_life_now_and_then() -> None:
    desk = Desk()
    async with background(desk.clock, desk.overview.keep_posted(desk.notice)):
        await desk.clock.advance(60)
    assert len(desk.notice.moments) == 1 + 60 / SIGN_OF_LIFE
    assert (desk.notice.moments[-1].at - desk.notice.moments[0].at).total_seconds() == 60


async def test_a_clock_that_was_set_back_silences_nobody() -> None:
    desk = Desk()
    async with background(desk.clock, desk.overview.keep_posted(desk.notice)):
        desk.clock.jump(-86400)
        await desk.clock.advance(1)
    assert len(desk.notice.moments) == 2


async def test_what_the_ledger_holds_is_looked_at_every_few_seconds() -> None:
    desk = Desk()
    async with background(desk.clock, desk.overview.survey()):
        await desk.ledger.record([expect("11"), ended("1")])
        assert desk.overview.look().backlog.due == 0
        await desk.clock.advance(LEDGER_EVERY)
        backlog = desk.overview.look().backlog
        assert (backlog.counts, backlog.overdue) == ({State.DUE: 1}, 0)
        await desk.clock.advance(86460)
        assert desk.overview.look().backlog.overdue == 1
    assert [one.trouble for one in complaints(desk.overview.look())] == [Trouble.OVERDUE, Trouble.NOT_SUBSCRIBED]


async def test_a_ledger_that_does_not_answer_is_said_by_those_who_do_not_wait_for_it() -> None:
    desk = Desk()
    desk.subscribe()
    looks = (desk.overview.survey(), desk.overview.keep_posted(desk.notice))
    async with background(desk.clock, *looks):
        desk.ledger.seconds = 10_000
        await desk.clock.advance(LEDGER_EVERY + LEDGER_WITHIN + 1)
        assert desk.overview.look().late == ("ledger",)
    assert desk.notice.moments[-1].troubles[0].trouble is Trouble.STALLED


async def test_everything_is_looked_at() -> None:
    desk = Desk()
    desk.archive.free = 500
    desk.account.refused, desk.presence.config = "OAU-213", "downloads.concurency: unknown key"
    await desk.account.sign_in()
    async with background(desk.clock, desk.reserves.watch(), desk.permits.acquire(HEAVY)):
        standing = desk.overview.look()
    assert standing.disks["archive"].low == "archive: 0 MB are free, and 0 MB are to stay free"
    assert (standing.quota[HEAVY].limit, standing.quota[HEAVY].remaining) == (10, 9)
    assert standing.login == Login(3600, "OAU-213")
    assert [one.trouble for one in complaints(standing)] == [
        Trouble.LOGIN_REFUSED,
        Trouble.DISK_LOW,
        Trouble.NOT_SUBSCRIBED,
        Trouble.CONFIG_REFUSED,
    ]
    assert desk.ledger.state(RecordingId("11")) is None
