"""Logging in and going on over restarts, against the simulator."""

from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from daemon.adapters.account import SessionFile
from daemon.errors import Refused, Retryable, Throttled
from daemon.simulator import UNLIMITED, Options, Simulator
from tests.adapters.accounts import Setting, count, kept, of, opened

TOKEN = "/restapi/oauth/token"
WSTOKEN = "/restapi/oauth/wstoken"
CALM = Options(limits=UNLIMITED)


@pytest.fixture
def session(tmp_path: Path) -> SessionFile:
    return kept(tmp_path)


async def test_the_first_start_logs_in_by_jwt(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            assert account.token() == ""
            assert await account.sign_in() == "jwt"
            ticket = await account.ticket()
            assert ticket.uri.startswith(simulator.gateway_url)
            assert ticket.token not in repr(ticket)
            assert simulator.journal.logins == 1


async def test_a_restart_goes_on_with_the_session_without_a_request(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            token = account.token()
        with opened(of(simulator), session) as account:
            assert await account.sign_in() == "kept"
            assert account.token() == token
            await account.ticket()
        assert count(simulator, TOKEN) == 1
        assert len(simulator.logins) == 1


async def test_a_restart_refreshes_what_is_out_of_date(session: SessionFile) -> None:
    async with Simulator(Options(limits=UNLIMITED, access_token_seconds=0)) as simulator:
        with opened(of(simulator), session) as account:
            assert await account.sign_in() == "jwt"
            assert account.refresh_in() <= 0
        simulator.change(access_token_seconds=3600)
        with opened(of(simulator), session) as account:
            assert await account.sign_in() == "refreshed"
        assert (simulator.journal.logins, simulator.journal.refreshes) == (1, 1)
        assert len(simulator.logins) == 1


async def test_a_session_that_ringcentral_ended_is_left_for_a_login(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
        simulator.evict_logins()
        with opened(of(simulator), session) as account:
            assert await account.sign_in() == "kept"
            await account.ticket()
        assert (simulator.journal.logins, simulator.journal.refreshes) == (2, 0)
        with opened(of(simulator), session) as account:
            assert await account.sign_in() == "kept"
            await account.ticket()
        assert simulator.journal.logins == 2


async def test_a_refused_login_tells_ringcentrals_words(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator, jwt="wrong-jwt"), session) as account:
            with pytest.raises(Refused, match="OAU-140 Invalid resource owner credentials") as caught:
                await account.sign_in()
            assert caught.value.exit_code == 77
            assert "wrong-jwt" not in str(caught.value)
        assert count(simulator, TOKEN) == 1
        assert session.load() is None


async def test_a_lost_session_and_a_refused_login_are_a_refusal(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            simulator.evict_logins()
            simulator.change(refuse_login=True)
            with pytest.raises(Refused, match="OAU-140"):
                await account.refresh()
            assert session.load() is None


async def test_a_login_too_many_waits_as_long_as_it_is_told(session: SessionFile) -> None:
    async with Simulator(Options(limits={**UNLIMITED, "auth": 1})) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            with pytest.raises(Throttled) as caught:
                await account.refresh()
            assert caught.value.after is not None
            assert caught.value.after > 0


@pytest.mark.parametrize("body", ["{}", "[]", '{"uri": "wss://x"}', '{"uri": 1, "ws_access_token": "t"}', "{", ""])
async def test_a_ticket_without_address_or_token_is_none(session: SessionFile, body: str) -> None:
    async def strange(request: web.Request) -> web.Response | None:
        return web.json_response(text=body) if request.path == WSTOKEN else None

    async with Simulator(CALM) as simulator:
        simulator.intercept(strange)
        with opened(of(simulator), session) as account:
            await account.sign_in()
            with pytest.raises(Retryable) as caught:
                await account.ticket()
            assert caught.value.code == "unreadable"


async def test_every_secret_that_comes_to_be_is_told_to_the_log(session: SessionFile) -> None:
    setting = Setting()
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session, setting) as account:
            await account.sign_in()
            await account.refresh()
            ticket = await account.ticket()
            saved = session.load()
            assert saved is not None
            assert {saved["access_token"], saved["refresh_token"], ticket.token} <= set(setting.hidden)
            assert len(set(setting.hidden)) == 5
        fresh = Setting()
        with opened(of(simulator), session, fresh) as account:
            await account.sign_in()
            assert fresh.hidden == [saved["access_token"], saved["refresh_token"]]


async def test_every_answer_is_told_with_its_headers(session: SessionFile) -> None:
    setting = Setting()
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session, setting) as account:
            await account.sign_in()
            await account.ticket()
        assert [(answer.status, answer.path) for answer in setting.answers] == [(200, TOKEN), (200, WSTOKEN)]
        assert all(answer.headers["x-rate-limit-group"] for answer in setting.answers)


async def test_a_disk_that_does_not_take_the_session_does_not_end_it(tmp_path: Path) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), kept(tmp_path / "gone")) as account, capture_logs() as logged:
            assert await account.sign_in() == "jwt"
            await account.ticket()
            assert [line["event"] for line in logged] == ["session.unsaved"]


async def test_credentials_do_not_print() -> None:
    async with Simulator(CALM) as simulator:
        assert repr(of(simulator)) == "Credentials(***)"
