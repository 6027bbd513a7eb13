"""Renewing tokens: one request for all, and what comes of it, against the simulator."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from daemon.adapters.account import Account, SessionFile
from daemon.errors import Refused, Retryable, Throttled
from daemon.simulator import UNLIMITED, Options, Simulator
from tests.adapters.accounts import count, kept, of, opened
from tests.simulator.patience import until

TOKEN = "/restapi/oauth/token"
WSTOKEN = "/restapi/oauth/wstoken"
CALM = Options(limits=UNLIMITED)


@pytest.fixture
def session(tmp_path: Path) -> SessionFile:
    return kept(tmp_path)


async def _refresh(account: Account, times: int = 1) -> list[object]:
    return await asyncio.gather(*(account.refresh() for _ in range(times)), return_exceptions=True)


@pytest.mark.parametrize(("seconds", "ahead"), [(3600, 300), (1500, 300), (1000, 200), (60, 12)], ids=str)
async def test_tokens_are_refreshed_ahead_of_their_end(session: SessionFile, seconds: int, ahead: int) -> None:
    async with Simulator(Options(limits=UNLIMITED, access_token_seconds=seconds)) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            assert seconds - ahead - 5 < account.refresh_in() <= seconds - ahead


async def test_a_request_refreshes_first_where_it_is_time(session: SessionFile) -> None:
    async with Simulator(Options(limits=UNLIMITED, access_token_seconds=0)) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            simulator.change(access_token_seconds=3600)
            await account.ticket()
            await account.ticket()
        assert simulator.journal.refreshes == 1
        assert [r.status for r in simulator.requests if r.path == WSTOKEN] == [200, 200]


async def test_a_refresh_changes_the_token_and_is_kept(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            before = account.token()
            await account.refresh()
            after = account.token()
            assert after != before
        loaded = session.load()
        assert loaded is not None
        assert loaded["access_token"] == after


async def test_twenty_refusals_of_one_token_cause_one_refresh(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            simulator.expire_access_tokens()
            tickets = await asyncio.gather(*(account.ticket() for _ in range(20)))
        assert len({ticket.token for ticket in tickets}) == 20
        assert (simulator.journal.logins, simulator.journal.refreshes) == (1, 1)
        assert sorted(r.status for r in simulator.requests if r.path == WSTOKEN) == [200] * 20 + [401] * 20


async def test_twenty_who_want_a_refresh_share_one(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            assert await _refresh(account, 20) == [None] * 20
            assert simulator.journal.refreshes == 1
            await account.refresh()
            assert simulator.journal.refreshes == 2


async def test_a_token_that_was_replaced_meanwhile_is_not_replaced_again(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            stale = account.token()
            await account.refresh()
            await account.replace(stale)
            assert simulator.journal.refreshes == 1
            await account.replace(account.token())
            assert simulator.journal.refreshes == 2


async def test_a_failed_refresh_fails_for_all_who_waited_and_is_not_remembered(session: SessionFile) -> None:
    async def unavailable(request: web.Request) -> web.Response | None:
        return web.Response(status=503) if request.path == TOKEN else None

    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            simulator.intercept(unavailable)
            errors = await _refresh(account, 5)
            assert [getattr(error, "code", "") for error in errors] == ["503"] * 5
            assert count(simulator, TOKEN) == 2
            assert session.load() is not None
            simulator.stop_intercepting()
            await account.refresh()
        # What only failed says nothing of the session: no login was made over it.
        assert (simulator.journal.logins, simulator.journal.refreshes) == (1, 1)


async def test_a_refresh_whose_waiter_leaves_goes_on(session: SessionFile) -> None:
    gate = asyncio.Event()

    async def slow(request: web.Request) -> None:
        if request.path == TOKEN:
            await gate.wait()

    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            before = account.token()
            simulator.intercept(slow)
            leaving = asyncio.create_task(account.refresh())
            staying = asyncio.create_task(account.refresh())
            await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.wait([leaving])
            gate.set()
            await staying
            assert leaving.cancelled()
            assert account.token() != before
            assert simulator.journal.refreshes == 1


async def test_a_refresh_that_nobody_waits_for_fails_in_silence(session: SessionFile) -> None:
    gate = asyncio.Event()

    async def slow(request: web.Request) -> web.Response | None:
        if request.path != TOKEN:
            return None
        await gate.wait()
        return web.Response(status=500)

    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            simulator.intercept(slow)
            leaving = asyncio.create_task(account.refresh())
            await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.wait([leaving])
            gate.set()
            await until(lambda: count(simulator, TOKEN) == 2, "the refresh to end")
            simulator.stop_intercepting()
            assert len(await _refresh(account)) == 1


async def test_a_token_that_is_never_accepted_is_renewed_once_a_request(session: SessionFile) -> None:
    async def never(request: web.Request) -> web.Response | None:
        return web.Response(status=401) if request.path == WSTOKEN else None

    async with Simulator(CALM) as simulator:
        simulator.intercept(never)
        with opened(of(simulator), session) as account:
            await account.sign_in()
            with pytest.raises(Retryable) as caught:
                await account.ticket()
            assert caught.value.code == "401"
        assert simulator.journal.refreshes == 1
        assert count(simulator, WSTOKEN) == 2


async def test_credentials_that_were_refused_are_not_shown_again_at_once(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator, jwt="wrong"), session) as account:
            for _ in range(3):
                with pytest.raises(Refused, match="OAU-140"):
                    await account.sign_in()
        assert count(simulator, TOKEN) == 1


async def test_nobody_asks_for_tokens_inside_a_penalty(session: SessionFile) -> None:
    async with Simulator(Options(limits={**UNLIMITED, "auth": 1})) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            for _ in range(3):
                with pytest.raises(Throttled) as caught:
                    await account.refresh()
                assert caught.value.after is not None
                assert 0 < caught.value.after <= 60
        assert count(simulator, TOKEN) == 2
        assert simulator.violations.penalty == 0


async def test_refused_credentials_are_not_shown_again_by_everybody_who_needs_a_token(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            simulator.change(refuse_login=True)
            simulator.evict_logins()
            for _ in range(10):
                with pytest.raises(Refused):
                    await account.ticket()
        asked = count(simulator, TOKEN)
    assert asked == 3  # the login, and one refresh and one login that were refused


async def test_a_penalty_of_the_auth_group_is_kept_by_everybody(session: SessionFile) -> None:
    async with Simulator(Options(limits={**UNLIMITED, "auth": 1})) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            for _ in range(10):
                with pytest.raises(Throttled) as throttled:
                    await account.refresh()
                assert throttled.value.after == pytest.approx(60, abs=5)
        assert count(simulator, TOKEN) == 2
        assert simulator.violations.penalty == 0
