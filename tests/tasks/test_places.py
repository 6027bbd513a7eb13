"""Where a recording is asked for: by its id, where the call log says, and where it says so now."""

import pytest

from daemon.core.recording import State
from daemon.core.strategy import Strategy
from daemon.errors import Retryable
from tests.fakes.telephone import record
from tests.tasks.fetching import ID, Desk

THERE = "https://media.invalid/recording/11/content"
MOVED = "https://media.invalid/moved/11"
FOREIGN = Retryable("the call log names a host that the token must not go to", code="foreign host")
NOT_THERE = Retryable("not there: CMN-102", code="404")
TROUBLE = Retryable("RingCentral is in trouble", code="503")
BUSY = Retryable("RingCentral is in trouble", after=300, code="503")
GONE = (
    NOT_THERE,
    Retryable("RingCentral answered: status 410", code="410"),
    Retryable("the media host: no connection", code="connect"),
)


async def stored(strategy: Strategy) -> Desk:
    """Fetch in vain once from where the call log says, which is written down."""
    desk = Desk(strategy)
    desk.media.errors.extend([TROUBLE] * (1 if strategy is Strategy.CALL_LOG else 2))
    await desk.fetch()
    assert (desk.row.content_uri, desk.uris[-1]) == (THERE, THERE)
    return desk


async def test_call_log_looks_up_once_and_remembers() -> None:
    desk = await stored(Strategy.CALL_LOG)
    desk.media.errors.append(TROUBLE)
    await desk.fetch()
    await desk.fetch()
    assert desk.row.state is State.ARCHIVED
    assert desk.uris == [THERE] * 3
    assert len(desk.account.requests) == 1


@pytest.mark.parametrize("strategy", [Strategy.CALL_LOG, Strategy.HYBRID])
@pytest.mark.parametrize("error", GONE)
async def test_a_place_that_has_gone_is_looked_up_again(strategy: Strategy, error: Retryable) -> None:
    desk = await stored(strategy)
    desk.account.log["1"] = (record("1", ID, uri=MOVED),)
    desk.media.errors.append(error)
    await desk.fetch()
    assert desk.uris[-2:] == [THERE, MOVED]
    assert desk.row.state is State.ARCHIVED


async def test_a_place_that_has_gone_and_is_all_the_call_log_knows_is_tried_once_an_attempt() -> None:
    desk = await stored(Strategy.CALL_LOG)
    desk.media.errors.append(NOT_THERE)
    await desk.fetch()
    assert desk.uris == [THERE, THERE]
    assert len(desk.account.requests) == 2
    assert (desk.row.state, desk.row.reason) == (State.DUE, "not there: CMN-102")


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_instead_of_a_place_that_may_not_have_the_token_the_id_is_asked_for(strategy: Strategy) -> None:
    desk = Desk(strategy)
    await desk.ledger.found(desk.account.log["1"])
    desk.media.errors.append(FOREIGN)
    (archived,) = await desk.fetch()
    assert archived["event"] == "recording.archived"
    assert desk.uris == [THERE, ""]


async def test_a_place_that_may_not_have_the_token_is_looked_up_again_where_the_id_does_not_help() -> None:
    for strategy in (Strategy.CALL_LOG, Strategy.HYBRID):
        desk = await stored(strategy)
        desk.account.log["1"] = (record("1", ID, uri=MOVED),)
        desk.media.errors.extend([FOREIGN, TROUBLE])
        await desk.fetch()
        assert desk.uris[-3:] == [THERE, "", MOVED]
        assert desk.row.state is State.ARCHIVED


async def test_what_neither_place_gives_says_both() -> None:
    desk = await stored(Strategy.CALL_LOG)
    desk.media.errors.extend([FOREIGN, TROUBLE])
    await desk.fetch()
    assert desk.row.reason == f"{TROUBLE}; {FOREIGN}"
    assert desk.row.state is State.DUE


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("first", [(), (FOREIGN,)])
async def test_a_host_that_asks_for_time_gets_it_wherever_else_the_call_log_may_point(
    strategy: Strategy, first: tuple[Retryable, ...]
) -> None:
    desk = Desk(strategy)
    await desk.ledger.found(desk.account.log["1"])
    desk.account.log["1"] = (record("1", ID, uri=MOVED),)
    desk.media.errors.extend([*first, BUSY])
    (postponed,) = await desk.fetch()
    assert postponed["retry_in_seconds"] == 300
    assert (desk.account.requests, MOVED in desk.uris, desk.row.state) == ([], False, State.DUE)
