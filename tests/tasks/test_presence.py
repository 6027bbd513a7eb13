from daemon.core.call import Patience
from daemon.core.switchboard import Switchboard
from daemon.tasks.presence import SIGN_OF_LIFE, Presence, keep_posted
from tests.fakes import FakeClock, FakeNotice
from tests.fakes.telephone import Party, heard
from tests.tasks.background import background


def board() -> Switchboard:
    return Switchboard(Patience(5, 3600))


async def test_word_is_left_of_every_change_within_a_second() -> None:
    clock, notice, calls = FakeClock(), FakeNotice(), board()
    presence = Presence(clock.now())
    async with background(clock, keep_posted(presence, calls, notice, clock)):
        assert [moment.connection for moment in notice.moments] == ["starting"]
        presence.become("subscribed", clock.now(), "because")
        calls.observe(heard("1", 1, Party("p", "Answered")), clock.elapsed)
        presence.fetching.add("11")
        await clock.advance(1)
    last = notice.moments[-1]
    assert (last.connection, last.reason, last.calls, last.fetching) == ("subscribed", "because", 1, 1)
    assert len(notice.moments) == 2


async def test_where_nothing_changes_there_is_a_sign_of_life_now_and_then() -> None:
    clock, notice = FakeClock(), FakeNotice()
    async with background(clock, keep_posted(Presence(clock.now()), board(), notice, clock)):
        await clock.advance(60)
    assert len(notice.moments) == 1 + 60 / SIGN_OF_LIFE
    assert (notice.moments[-1].at - notice.moments[0].at).total_seconds() == 60


async def test_a_clock_that_was_set_back_silences_nobody() -> None:
    clock, notice = FakeClock(), FakeNotice()
    async with background(clock, keep_posted(Presence(clock.now()), board(), notice, clock)):
        clock.jump(-86400)
        await clock.advance(1)
    assert len(notice.moments) == 2
