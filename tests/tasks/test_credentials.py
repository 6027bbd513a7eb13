from functools import partial

import pytest
from structlog.testing import capture_logs

from daemon.core.backoff import delays
from daemon.core.quota import AUTH, HEAVY, Quota
from daemon.errors import Refused, Retryable, Throttled
from daemon.tasks.credentials import AFTER_REFUSAL, STEPS, keep_fresh, sign_in
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence
from tests.fakes import FakeAccount, FakeClock, FakeKeep
from tests.tasks.background import background

WAITS = partial(delays, lambda: 0.0, STEPS)
TROUBLE = Retryable("RingCentral is in trouble")


def permits(account: FakeAccount) -> Permits:
    return Permits(Quota(), account.clock, FakeKeep())


def presence(account: FakeAccount) -> Presence:
    return Presence(account.clock.now())


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount(FakeClock())


async def test_a_login_is_tried_until_it_succeeds(account: FakeAccount) -> None:
    account.refuse("sign_in", TROUBLE, Retryable("slow down", after=45), TROUBLE)
    account.way = "refreshed"
    with capture_logs() as log:
        async with background(
            account.clock, sign_in(account, permits(account), WAITS, account.clock, presence(account))
        ) as (signing,):
            await account.clock.advance(100)
            assert signing.done()
    assert account.asked("sign_in") == [0, 10, 55, 85]
    assert [entry["event"] for entry in log] == [*["login.postponed"] * 3, "login.succeeded"]
    assert log[-1]["way"] == "refreshed"


async def test_a_refused_login_is_not_repeated(account: FakeAccount) -> None:
    account.refuse("sign_in", Refused("OAU-140"))
    with pytest.raises(Refused, match="OAU-140"):
        await sign_in(account, permits(account), WAITS, account.clock, presence(account))
    assert len(account.requests) == 1


async def test_a_token_is_refreshed_ahead_of_its_end(account: FakeAccount) -> None:
    await account.sign_in()
    async with background(account.clock, keep_fresh(account, permits(account), WAITS, account.clock)):
        await account.clock.advance(3299)
        assert account.asked("refresh") == []
        await account.clock.advance(1)
        assert account.asked("refresh") == [3300]


async def test_a_token_that_claims_no_life_is_no_reason_to_besiege_anybody(account: FakeAccount) -> None:
    account.lifetime = 0
    async with background(account.clock, keep_fresh(account, permits(account), WAITS, account.clock)):
        await account.clock.advance(60)
    assert len(account.requests) <= 7


async def test_a_long_life_is_looked_at_every_hour(account: FakeAccount) -> None:
    account.lifetime = 86400
    await account.sign_in()
    async with background(account.clock, keep_fresh(account, permits(account), WAITS, account.clock)):
        await account.clock.advance(3000)
        account.lifetime = 3600
        await account.refresh()  # it ends sooner than it did
        await account.clock.advance(3600 * 2)
    assert account.asked("refresh") == [3000, 6300, 9600]


async def test_a_failed_refresh_is_repeated_with_waits_that_start_over_after_a_success(account: FakeAccount) -> None:
    await account.sign_in()
    account.refuse("refresh", TROUBLE, TROUBLE, TROUBLE)
    async with background(account.clock, keep_fresh(account, permits(account), WAITS, account.clock)):
        await account.clock.advance(3400)
        account.refuse("refresh", TROUBLE)
        await account.clock.advance(3400)
    assert account.asked("refresh") == [3300, 3310, 3320, 3350, 6650, 6660]


async def test_a_refused_refresh_is_said_and_repeated_seldom(account: FakeAccount) -> None:
    account.refuse("refresh", Refused("OAU-213"))
    with capture_logs() as log:
        async with background(account.clock, keep_fresh(account, permits(account), WAITS, account.clock)):
            await account.clock.advance(AFTER_REFUSAL)
    assert account.asked("refresh") == [0, AFTER_REFUSAL]
    assert (log[0]["event"], log[0]["reason"]) == ("login.refused", "OAU-213")


async def test_a_429_silences_the_logins_group_and_is_waited_out(account: FakeAccount) -> None:
    door = permits(account)
    account.refuse("sign_in", Throttled("slow down", after=45, group=AUTH))
    signing = sign_in(account, door, WAITS, account.clock, presence(account))
    others = (door.acquire(AUTH), door.acquire(HEAVY))
    async with background(account.clock, signing), background(account.clock, *others) as (login, download):
        await account.clock.advance(44)
        assert (login.done(), download.done()) == (False, True)
        await account.clock.advance(1)
        assert login.done()
    assert account.asked("sign_in") == [0, 45]
