from collections.abc import Awaitable, Callable

import pytest

from daemon.core.ids import SessionId, TelephonySessionId
from daemon.errors import GivenUp, Refused, Retryable, Throttled
from daemon.tasks.impatience import MOST, Impatient
from tests.fakes import FakeAccount, FakeClock
from tests.fakes.clock import BEGINNING

TROUBLE = Retryable("no answer")


@pytest.fixture
def account() -> FakeAccount:
    """An account whose session is over as soon as it is there, so that every login is a request."""
    return FakeAccount(FakeClock(), lifetime=0.0)


def _asking(account: FakeAccount, request: str) -> Callable[[], Awaitable[object]]:
    impatient = Impatient(account)
    return {
        "sign_in": impatient.sign_in,
        "refresh": impatient.refresh,
        "page": lambda: impatient.page(BEGINNING, BEGINNING, 1),
    }[request]


@pytest.mark.parametrize("request_", ["sign_in", "refresh", "page"])
async def test_after_some_failures_in_a_row_it_gives_up(account: FakeAccount, request_: str) -> None:
    ask = _asking(account, request_)
    account.refuse(request_, *[TROUBLE] * (MOST - 1))
    for _ in range(MOST - 1):
        with pytest.raises(Retryable):
            await ask()
    await ask()
    account.refuse(request_, *[TROUBLE] * MOST)
    for _ in range(MOST - 1):
        with pytest.raises(Retryable):
            await ask()
    with pytest.raises(GivenUp, match="given up after 4 failures: no answer") as raised:
        await ask()
    assert raised.value.exit_code == 69


async def test_to_be_asked_for_patience_is_no_failure(account: FakeAccount) -> None:
    ask = _asking(account, "page")
    account.refuse("page", *[Throttled("slow down", after=30)] * (MOST + 1))
    for _ in range(MOST + 1):
        with pytest.raises(Throttled):
            await ask()
    await ask()


@pytest.mark.parametrize("request_", ["sign_in", "refresh", "page"])
async def test_a_refusal_ends_it_at_once(account: FakeAccount, request_: str) -> None:
    account.refuse(request_, Refused("CMN-408: the permission ReadCallLog is missing"))
    with pytest.raises(GivenUp, match="ReadCallLog is missing") as raised:
        await _asking(account, request_)()
    assert raised.value.exit_code == 77


async def test_what_is_asked_of_one_recording_is_passed_on_and_not_counted(account: FakeAccount) -> None:
    impatient = Impatient(account)
    assert await impatient.sign_in() == "jwt"
    assert impatient.refresh_in() == account.refresh_in()
    assert impatient.login() == account.login()
    await impatient.adopt("a-new-secret", "a-new-jwt")
    assert account.credentials == ("a-new-secret", "a-new-jwt")
    assert (await impatient.ticket()).token == "ticket-1"
    account.refuse("calls", *[TROUBLE] * (MOST + 1))
    for _ in range(MOST + 1):
        with pytest.raises(Retryable):
            await impatient.calls(SessionId("1"), TelephonySessionId("s-1"))
    assert await impatient.calls(SessionId("1"), TelephonySessionId("s-1")) == ()
