"""Whoever was heard of first is due first, and nothing is kept of who has gone."""

import math
from random import Random

from hypothesis import given

from daemon.core.call import Call
from daemon.core.ids import TelephonySessionId
from daemon.core.waiting_room import WaitingRoom
from tests.core.model import CHANCE, PROPERTY

PATIENCE = 5.0


def key(number: int) -> TelephonySessionId:
    return TelephonySessionId(f"s-{number}")


def room(*since: float) -> WaitingRoom:
    full = WaitingRoom(PATIENCE)
    for number, at in enumerate(since):
        full.put(key(number), Call((), at))
    return full


def due(full: WaitingRoom, now: float) -> list[str]:
    return [name for name, _ in full.due(now)]


def test_each_is_due_after_the_same_time_and_goes() -> None:
    full = room(1.0, 2.0, 3.0)
    assert (full.due_at, due(full, 5.9)) == (6.0, [])
    assert (due(full, 7.0), full.due_at) == (["s-0", "s-1"], 8.0)
    assert (due(full, 8.0), full.due_at, full.calls) == (["s-2"], math.inf, {})


def test_whoever_is_heard_of_again_waits_anew() -> None:
    full = room(1.0, 2.0)
    full.again(key(0), Call((), 4.0))
    assert (due(full, 7.0), due(full, 9.0)) == (["s-1"], ["s-0"])


def test_whoever_comes_late_and_was_heard_of_before_is_due_before() -> None:
    full = room(3.0, 1.0, 2.0)
    assert full.due_at == 6.0
    assert due(full, 100.0) == ["s-1", "s-2", "s-0"]


def test_whoever_is_doubted_is_due_sooner_and_nobody_later() -> None:
    full = room(1.0, 2.0, 3.0)
    full.doubt(1.5)
    assert due(full, 6.4) == ["s-0"]
    assert due(full, 6.5) == ["s-1", "s-2"]
    full.doubt(0.0)
    assert full.due_at == math.inf


def test_an_empty_room_waits_for_nothing() -> None:
    full = room(1.0)
    full.take(key(0))
    assert (full.due_at, full.calls) == (math.inf, {})
    full.put(key(1), Call((), 0.5))
    assert full.due_at == 5.5


@PROPERTY
@given(CHANCE)
def test_whatever_happens_the_due_go_in_order_and_no_others(chance: Random) -> None:
    full, since, now = WaitingRoom(PATIENCE), dict[str, float](), 0.0
    for step in range(200):
        now += chance.choice((0.0, chance.random()))
        match chance.choice(("put", "put", "past", "again", "take", "doubt", "due", "due")):
            case "put":
                since[key(step)] = now
                full.put(key(step), Call((), now))
            case "past":
                since[key(step)] = now - chance.random() * PATIENCE
                full.put(key(step), Call((), since[key(step)]))
            case "again" if since:
                name = TelephonySessionId(chance.choice(sorted(since)))
                since[name] = now
                full.again(name, Call((), now))
            case "take" if since:
                name = TelephonySessionId(chance.choice(sorted(since)))
                assert full.take(name).since == since.pop(name)
            case "doubt":
                latest = now - chance.random() * PATIENCE
                since = {name: min(at, latest) for name, at in since.items()}
                full.doubt(latest)
            case "due":
                gone = full.due(now)
                assert [call.since for _, call in gone] == sorted(call.since for _, call in gone)
                assert {name for name, _ in gone} == {name for name, at in since.items() if at + PATIENCE <= now}
                since = {name: at for name, at in since.items() if at + PATIENCE > now}
            case _:
                pass
        assert {name: call.since for name, call in full.calls.items()} == since
        assert full.due_at <= min(since.values(), default=math.inf) + PATIENCE
