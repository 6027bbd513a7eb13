"""Other credentials while the account is in use, against the simulator."""

from pathlib import Path

import pytest

from daemon.adapters.account import SessionFile
from daemon.core.quota import AUTH
from daemon.errors import Refused, Retryable
from daemon.simulator import UNLIMITED, Options, Simulator
from tests.adapters.accounts import Setting, kept, of, opened
from tests.adapters.leaks import JWT, SECRET

CALM = Options(limits=UNLIMITED)
NEW = "a-new-jwt"


@pytest.fixture
def session(tmp_path: Path) -> SessionFile:
    return kept(tmp_path)


async def test_new_credentials_are_tried_and_from_then_on_used(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        setting = Setting()
        with opened(of(simulator), session, setting) as account:
            await account.sign_in()
            before = account.token()
            simulator.change(jwt=NEW)
            await account.adopt(simulator.options.client_secret, NEW)
            assert account.token() != before
            await account.ticket()
            simulator.evict_logins()
            await account.refresh()  # which is refused, and a login with the new ones follows
        assert (simulator.journal.logins, setting.permitted[:2]) == (3, [AUTH, AUTH])
        assert simulator.journal.refreshes == 0


async def test_the_session_is_kept_for_the_next_start_under_the_new_credentials(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            simulator.change(jwt=NEW)
            await account.adopt(simulator.options.client_secret, NEW)
            token = account.token()
        assert session.load() is None
        with opened(of(simulator), session.of(of(simulator).identity)) as account:
            assert await account.sign_in() == "kept"
            assert account.token() == token


async def test_refused_credentials_change_nothing(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            before = account.token()
            with pytest.raises(Refused) as refused:
                await account.adopt(SECRET, JWT)
            assert account.token() == before
            await account.refresh()
            assert session.load() is not None
        assert simulator.journal.refreshes == 1
    assert SECRET not in str(refused.value)
    assert JWT not in str(refused.value)


async def test_credentials_that_cannot_be_tried_now_change_nothing(session: SessionFile) -> None:
    async with Simulator(CALM) as simulator:
        with opened(of(simulator), session) as account:
            await account.sign_in()
            before = account.token()
            async with simulator.fault("account.oauth-down"):
                with pytest.raises(Retryable):
                    await account.adopt("another-secret", NEW)
            assert account.token() == before
            await account.refresh()
        assert simulator.journal.logins == 1
