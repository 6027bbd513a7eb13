"""Stories of a whole daemon in a fake world: credentials, permissions and tokens."""

import asyncio

import pytest

from daemon.errors import Refused, Retryable, Throttled
from tests.stories.fake_world import FakeWorld, running

SUB_528 = (403, {"errorCode": "SUB-528", "message": "WebSocketsSubscription permission required"})
OAU_140 = "RingCentral refused the credentials: OAU-140 Invalid client credentials"


async def test_a_login_refused_at_the_start_ends_the_run_at_once() -> None:
    world = FakeWorld()
    world.account.refuse("sign_in", Refused(OAU_140))
    with pytest.raises(ExceptionGroup) as raised:
        async with running(world) as process:
            await asyncio.wait({process.life})
    assert raised.group_contains(Refused, match="OAU-140")
    assert world.account.asked("sign_in") == [0]
    assert world.gateway.connected == []


async def test_a_subscription_refused_at_the_start_ends_the_run_and_names_the_permission() -> None:
    world = FakeWorld()
    world.gateway.refusal = SUB_528
    with pytest.raises(ExceptionGroup) as raised:
        async with running(world) as process:
            await asyncio.wait({process.life})
    assert raised.group_contains(Refused, match="SUB-528 .* lacks the permission WebSocketsSubscription")
    assert world.gateway.connected == [0]


async def test_a_ticket_refused_at_the_start_ends_the_run() -> None:
    world = FakeWorld()
    world.account.refuse("ticket", Refused("CMN-401: the app lacks the permission WebSocketsSubscription"))
    with pytest.raises(ExceptionGroup) as raised:
        async with running(world) as process:
            await asyncio.wait({process.life})
    assert raised.group_contains(Refused, match="CMN-401")


async def test_a_subscription_refused_later_is_tried_again_until_a_person_has_acted() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(100)
        world.gateway.refusal = SUB_528
        world.gateway.cut()
        await world.clock.advance(1000)
        assert world.gateway.connected == [0, 102, 402, 702, 1002]
        world.gateway.refusal = None
        await world.clock.advance(300)
        assert world.gateway.line is not None
    assert len(world.logged("login.refused")) == 4


async def test_ringcentral_out_of_reach_at_the_start_is_waited_for() -> None:
    world = FakeWorld()
    world.account.outage = Retryable("RingCentral is in trouble: status 503", code="503")
    async with running(world):
        await world.clock.advance(200)
        assert world.account.asked("sign_in") == [0, 10, 20, 50, 110, 170]
        world.account.outage = None
        await world.clock.advance(60)
        assert world.gateway.line is not None
    assert len(world.logged("login.postponed")) == 6
    assert world.logged("login.succeeded", way="jwt")


async def test_a_login_told_to_wait_waits() -> None:
    world = FakeWorld()
    world.account.refuse("sign_in", Throttled("RingCentral asks us to slow down", after=60, code="429"))
    async with running(world):
        await world.clock.advance(100)
    assert world.account.asked("sign_in") == [0, 60]


async def test_the_access_token_is_refreshed_ahead_of_its_end_and_once_a_time() -> None:
    world = FakeWorld()
    world.account.answer_seconds = 2
    async with running(world):
        for _ in range(3 * 60):
            await world.clock.advance(60)
            assert world.account.is_signed_in
    # Each lives 3600 s from when it came, is renewed 300 s early, and takes 2 s to come.
    assert world.account.asked("refresh") == [2 + 3300 + 3302 * number for number in range(3)]


async def test_a_refresh_that_fails_is_repeated_before_the_token_ends() -> None:
    world = FakeWorld()
    trouble = Retryable("RingCentral is in trouble: status 500", code="500")
    world.account.refuse("refresh", trouble, trouble, Throttled("slow down", after=90, code="429"))
    async with running(world):
        await world.clock.advance(3600)
        assert world.account.is_signed_in
    assert world.account.asked("refresh") == [3300, 3310, 3320, 3410]


async def test_a_refresh_refused_later_goes_on_being_tried() -> None:
    world = FakeWorld()
    world.account.refuse("refresh", Refused(OAU_140), Refused(OAU_140))
    async with running(world):
        await world.clock.advance(4000)
    assert world.account.asked("refresh") == [3300, 3600, 3900]
    assert len(world.logged("login.refused", reason=OAU_140)) == 2
