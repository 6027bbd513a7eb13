"""Sessions linked by a peer: one call, whichever is heard first and however late the link."""

from collections.abc import Sequence

import pytest

from daemon.core.effects import Ended, Expect, Inspect, Reopened, Started
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.notification import Notification, Status
from daemon.core.switchboard import Switchboard
from tests.core.model import PATIENCE, Delivery, note, party, passing, play

S1, S2 = TelephonySessionId("s-1"), TelephonySessionId("s-2")
LEFT = Status.DISCONNECTED

TRANSFER = (
    note(2, party("p-1-1")),
    note(3, party("p-1-2", Status.ANSWERED, "7")),
    note(2, party("p-2-1"), session="s-2"),
    note(4, party("p-1-1", Status.GONE, peer="s-2")),
    note(5, party("p-1-2", LEFT)),
    note(3, party("p-2-2", Status.ANSWERED, "7", "8"), session="s-2"),
)
"""An attended transfer: the first session is left for the second, and both name recording 7."""

END = (note(4, party("p-2-1", LEFT), session="s-2"), note(5, party("p-2-2", LEFT), session="s-2"))


def said(board: Switchboard, notifications: Sequence[Notification], began: float = 0.0) -> list[object]:
    return [effect for at, one in enumerate(notifications) for effect in board.observe(one, began + at)]


def test_a_transferred_call_ends_only_with_the_session_it_went_to() -> None:
    board = Switchboard(PATIENCE)
    effects = said(board, TRANSFER)
    assert [type(effect) for effect in effects] == [Started, Expect, Started, Expect]
    assert board.in_flight == 1
    assert board.is_live(S1)
    assert passing(board, 1000.0) == []
    said(board, END, 1000.0)
    ((at, ended),) = passing(board, 1100.0)
    assert at == 1006.0
    assert isinstance(ended, Ended)
    assert set(ended.sessions) == {S1, S2}
    assert [name for name, _ in ended.facts] == ["7", "8"]
    assert ended.parties == 4


@pytest.mark.parametrize("first", [TRANSFER, TRANSFER[::-1], TRANSFER[2:] + TRANSFER[:2], TRANSFER[3:] + TRANSFER[:3]])
def test_it_is_one_call_whichever_session_is_heard_first(first: Sequence[Notification]) -> None:
    board = Switchboard(PATIENCE)
    said(board, first)
    assert (board.is_live(S1), board.is_live(S2), board.in_flight) == (True, True, 1)
    assert board.wake(100.0) == []
    said(board, END, 100.0)
    (ended,) = board.wake(106.0)
    assert isinstance(ended, Ended)
    assert {name for name, _ in ended.facts} == {"7", "8"}


def test_a_peer_known_by_name_only_holds_nothing_up() -> None:
    board = Switchboard(PATIENCE)
    said(board, TRANSFER[:2] + TRANSFER[3:5])
    (ended,) = board.wake(8.0)
    assert isinstance(ended, Ended)
    assert set(ended.sessions) == {S1, S2}
    assert not board.is_live(S2)


def test_the_peers_first_word_after_the_end_reopens_the_call() -> None:
    board = Switchboard(PATIENCE)
    said(board, TRANSFER[:2] + TRANSFER[3:5])
    board.wake(8.0)
    effects = board.observe(TRANSFER[2], 60.0)
    assert [type(effect) for effect in effects] == [Reopened]
    assert isinstance(effects[0], Reopened)
    assert set(effects[0].sessions) == {S1, S2}


def test_a_link_that_comes_late_reopens_the_session_that_had_ended() -> None:
    board = Switchboard(PATIENCE)
    said(board, [note(9, party("p-1-2", LEFT, "7"))])
    assert [type(effect) for effect in board.wake(5.0)] == [Ended]
    effects = board.observe(note(2, party("p-2-1", peer="s-1"), session="s-2"), 50.0)
    assert [type(effect) for effect in effects] == [Started, Reopened]
    assert board.is_live(S1)
    said(board, END, 60.0)
    ended = [effect for _, effect in passing(board, 100.0) if isinstance(effect, Ended)]
    assert [{name for name, _ in effect.facts} for effect in ended] == [{"7"}]


def test_two_calls_that_had_ended_and_are_linked_by_stale_news_stay_ended() -> None:
    board = Switchboard(PATIENCE)
    said(board, [note(9, party("p-1", LEFT, "1")), note(9, party("p-2", LEFT, "2"), session="s-2")])
    assert len(passing(board, 10.0)) == 2
    assert board.observe(note(5, party("p-1", LEFT, peer="s-2")), 20.0) == []
    assert passing(board, 600.0) == []
    assert board.in_flight == 0


def test_three_sessions_in_a_row_are_one_call() -> None:
    board = Switchboard(PATIENCE)
    coming = [
        Delivery(1.0, note(1, party("p-3", Status.ANSWERED, "3"), session="s-3")),
        Delivery(2.0, note(1, party("p-1", Status.ANSWERED, "1"))),
        Delivery(3.0, note(1, party("p-2", Status.GONE, "2", peer="s-3"), session="s-2")),
        Delivery(4.0, note(2, party("p-1", Status.GONE, peer="s-2"))),
    ]
    assert not [effect for _, effect in play(board, coming, 900.0) if isinstance(effect, Ended)]
    assert board.in_flight == 1
    board.observe(note(2, party("p-3", LEFT), session="s-3"), 900.0)
    ((at, ended),) = passing(board, 1000.0)
    assert isinstance(ended, Ended)
    assert (at, {name for name, _ in ended.facts}) == (905.0, {"1", "2", "3"})


def test_a_silent_call_is_inspected_under_each_of_its_sessions() -> None:
    board = Switchboard(PATIENCE)
    said(board, TRANSFER)
    assert [effect for _, effect in passing(board, 3605.0)] == [
        Inspect(S1, SessionId("n-s-1")),
        Inspect(S2, SessionId("n-s-2")),
    ]


def test_closing_one_session_forgets_the_whole_call() -> None:
    board = Switchboard(PATIENCE)
    said(board, TRANSFER)
    board.close(S2)
    assert (board.is_live(S1), board.in_flight, board.next_wake()) == (False, 0, None)
