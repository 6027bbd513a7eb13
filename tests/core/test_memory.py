"""Nothing is kept for ever: what a board holds is measured by pickling it."""

import pickle
from random import Random

from hypothesis import given

from daemon.core.effects import Expect
from daemon.core.ids import TelephonySessionId
from daemon.core.notification import Status
from daemon.core.switchboard import HEAVIEST, Switchboard
from tests.core.model import CHANCE, PATIENCE, PROPERTY, Delivery, Dialogue, deliver, dialogues, note, party, play

LEFT = Status.DISCONNECTED
EMPTY = pickle.dumps(Switchboard(PATIENCE))


def size(board: Switchboard) -> int:
    return len(pickle.dumps(board))


@PROPERTY
@given(dialogues("a"), dialogues("b"), CHANCE)
def test_when_every_call_is_forgotten_nothing_is_left(one: Dialogue, two: Dialogue, chance: Random) -> None:
    board = Switchboard(PATIENCE)
    play(board, deliver([one, two], chance), 10_000.0)
    assert board.next_wake() is None
    assert pickle.dumps(board) == EMPTY


def test_a_call_that_flips_for_hours_takes_no_more_room() -> None:
    board = Switchboard(PATIENCE)
    statuses = (Status.ANSWERED, LEFT)
    flips = [Delivery(index * 4.9, note(index + 300, party("p-1", statuses[index % 2]))) for index in range(10_000)]
    play(board, flips[:200], 980.0)
    before = size(board)
    play(board, flips[200:], 49_000.0)
    assert size(board) < before + 2000


def test_calls_doubted_again_and_again_take_no_more_room() -> None:
    board = Switchboard(PATIENCE)
    for index in range(20):
        board.observe(note(2, party(f"p-{index}"), session=f"s-{index}"), 0.0)
    before = size(board)
    for second in range(1, 1000):
        now = float(second)
        board.doubt(now, within=10.0)
        for index in range(20):
            board.observe(note(second + 2, party(f"p-{index}"), session=f"s-{index}"), now)
    assert size(board) < before + 5000


def test_calls_that_come_and_go_take_no_room() -> None:
    board = Switchboard(PATIENCE)
    for index in range(3000):
        now = index * 10.0
        board.observe(note(1, party(f"p-{index}", LEFT, str(index)), session=f"s-{index}"), now)
        board.wake(now)
        assert (board.next_wake() or 0.0) - now <= PATIENCE.memory
    assert size(board) < 100 * len(EMPTY)
    while (at := board.next_wake()) is not None:
        board.wake(at)
    assert pickle.dumps(board) == EMPTY


def test_calls_that_are_closed_take_no_room() -> None:
    board = Switchboard(PATIENCE)
    for index in range(5000):
        heard = note(1, party(f"p-{index}"), session=f"s-{index}")
        board.observe(heard, 0.0)
        board.close(heard.telephony_session_id)
    assert size(board) < 20_000
    assert board.next_wake() is None
    assert pickle.dumps(board) == EMPTY


def test_a_call_that_grows_for_ever_is_forgotten_and_heard_out_anew() -> None:
    board = Switchboard(PATIENCE)
    named = 0
    for index in range(3 * HEAVIEST):
        effects = board.observe(note(index, party(f"p-{index}", Status.ANSWERED, f"r-{index}")), float(index))
        named += sum(isinstance(effect, Expect) for effect in effects)
        if index % 500 == 0:
            assert size(board) < 300 * HEAVIEST
    assert named == 3 * HEAVIEST  # every one of them is in the ledger


def test_calls_without_end_take_no_more_room_than_that() -> None:
    board = Switchboard(PATIENCE, most=3000)
    for index in range(10_000):
        board.observe(note(1, party("p-1"), session=f"s-{index}"), index / 1000)
        assert board.in_flight <= 1500
    assert board.is_live(TelephonySessionId("s-9999"))  # the oldest are forgotten, not the newest
