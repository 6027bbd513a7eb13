"""Which requests the account asks a permit for before it sends them."""

from pathlib import Path

import pytest

from daemon.adapters.account import SessionFile
from daemon.core.quota import AUTH, LIGHT
from daemon.simulator import UNLIMITED, Options, Simulator
from tests.adapters.accounts import Setting, count, kept, of, opened

TOKEN = "/restapi/oauth/token"
CALM = Options(limits=UNLIMITED)


@pytest.fixture
def session(tmp_path: Path) -> SessionFile:
    return kept(tmp_path)


async def test_a_permit_is_asked_for_before_every_login_and_refresh(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        setting = Setting()
        with opened(of(simulator), session, setting) as account:
            await account.sign_in()
            await account.refresh()
            assert setting.permitted == [AUTH, AUTH]
            simulator.evict_logins()
            await account.refresh()  # which is refused, and a login follows
        assert setting.permitted == [AUTH] * 4
        assert count(simulator, TOKEN) == 4


async def test_a_session_that_is_kept_needs_no_permit(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
        setting = Setting()
        with opened(of(simulator), session, setting) as account:
            await account.sign_in()
        assert setting.permitted == []


async def test_a_request_that_is_repeated_with_a_new_token_asks_for_one_more_permit(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        setting = Setting()
        with opened(of(simulator), session, setting) as account:
            await account.sign_in()
            simulator.expire_access_tokens()
            await account.ticket()
        assert setting.permitted == [AUTH, AUTH, LIGHT]
