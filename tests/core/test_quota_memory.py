"""What a quota knows outlives its process: RingCentral counts on over our restarts."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.quota import AUTH, FLIGHT, HEAVY, WINDOW, Quota, RateHeaders
from tests.core.model import PROPERTY

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
NOTHING = RateHeaders()


def over_a_file(quota: Quota, now: float, wall: datetime = NOW) -> object:
    return orjson.loads(orjson.dumps(quota.remember(now, wall)))


def next_process(quota: Quota, now: float, away: float, jump: float = 0.0, begins: float = 5.0) -> Quota:
    """End at `now`; give what a process knows that begins `away` seconds later and calls that moment `begins`.

    The wall clock was set forward by `jump` seconds meanwhile.
    """
    following = Quota()
    following.recall(over_a_file(quota, now), begins, NOW + timedelta(seconds=away + jump))
    return following


def spent(now: float = 1000.0, limit: int = 10) -> Quota:
    quota = Quota({HEAVY: limit})
    for _ in range(limit):
        quota.ask(HEAVY, now)
        quota.answered(HEAVY, NOTHING, now)
    return quota


def test_a_window_that_was_used_up_is_so_in_the_next_process() -> None:
    following = next_process(spent(), 1000.0, away=20.0)
    assert following.ask(HEAVY, 5.0) == 40.0
    assert following.ask(HEAVY, 45.0) == 0.0


def test_what_was_learned_is_known_in_the_next_process() -> None:
    quota = Quota()
    quota.answered(HEAVY, RateHeaders("bulk", 3, None, 10.0), 1000.0)
    following = next_process(quota, 1000.0, away=0.0)
    assert [following.ask("bulk", 5.0) for _ in range(3)] == [0.0, 0.0, 10.0]
    assert following.ask(HEAVY, 5.0) == 0.0


def test_a_request_in_flight_counts_from_when_it_may_have_arrived() -> None:
    quota = Quota({HEAVY: 1})
    quota.ask(HEAVY, 1000.0)
    assert next_process(quota, 1000.0, away=10.0).ask(HEAVY, 5.0) == WINDOW
    assert next_process(quota, 1000.0, away=FLIGHT + 20.0).ask(HEAVY, 5.0) == WINDOW - 20.0
    assert next_process(quota, 1000.0, away=FLIGHT + WINDOW).ask(HEAVY, 5.0) == 0.0


@pytest.mark.parametrize(
    ("away", "jump", "silence"),
    [
        (0.0, 0.0, 100.0),
        (40.0, 0.0, 60.0),
        (100.0, 0.0, 0.0),
        (5000.0, 0.0, 0.0),
        (40.0, -7200.0, 100.0),  # never longer than was asked
        (40.0, -20.0, 80.0),
        (40.0, 30.0, 30.0),
        (0.0, 86400.0, 0.0),
    ],
)
def test_a_penalty_is_kept_over_a_restart(away: float, jump: float, silence: float) -> None:
    quota = Quota()
    quota.penalised(HEAVY, 100.0, 1000.0)
    assert next_process(quota, 1000.0, away, jump).ask(HEAVY, 5.0) == pytest.approx(silence)


def test_a_penalty_that_has_passed_is_not_kept() -> None:
    quota = Quota()
    quota.penalised(HEAVY, 100.0, 1000.0)
    assert next_process(quota, 1200.0, away=-150.0).ask(HEAVY, 5.0) == 0.0


@PROPERTY
@given(st.floats(1, 1000), st.floats(0, 1000), st.floats(0, 2000), st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_restart_is_never_more_silent_than_was_asked_and_never_less_where_the_clock_is_right(
    asked: float, before: float, away: float, jump: float, begins: float
) -> None:
    quota = Quota()
    quota.penalised(HEAVY, asked, 1000.0)
    left = max(asked - before - away, 0.0)
    right = next_process(quota, 1000.0 + before, away, begins=begins).ask(HEAVY, begins)
    assert right == pytest.approx(left, abs=1e-3)
    wrong = next_process(quota, 1000.0 + before, away, jump, begins).ask(HEAVY, begins)
    assert wrong <= max(asked - before, 0.0) + 1e-3


@PROPERTY
@given(st.floats(0, 200), st.floats(-1e6, 1e6))
def test_a_window_is_never_waited_for_twice_whatever_the_clock_says(away: float, jump: float) -> None:
    assert next_process(spent(), 1000.0, away, jump).ask(HEAVY, 5.0) <= WINDOW
    assert next_process(spent(), 1000.0, away).ask(HEAVY, 5.0) == pytest.approx(max(WINDOW - away, 0.0), abs=1e-3)


def test_what_is_recalled_is_counted_beside_what_was_sent_since() -> None:
    quota = Quota({HEAVY: 2})
    quota.ask(HEAVY, 0.0)
    quota.answered(HEAVY, NOTHING, 0.0)
    quota.recall(over_a_file(spent(limit=2), 1000.0), 10.0, NOW + timedelta(seconds=30))
    assert quota.ask(HEAVY, 20.0) == 20.0  # two were sent at -20
    assert quota.ask(HEAVY, 40.0) == 0.0
    assert quota.ask(HEAVY, 41.0) == 19.0


GOOD: dict[str, object] = {"limit": 1, "window": 60.0, "sent": [NOW.isoformat()], "said_at": NOW.isoformat()}


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        (GOOD, 60.0),
        ({**GOOD, "sent": ["x", None, 5, NOW.isoformat()]}, 60.0),
        ({**GOOD, "asked": "x"}, 60.0),
        ({**GOOD, "sent": [], "asked": [NOW.isoformat()]}, 60.0),
        ({**GOOD, "sent": [], "silent_until": (NOW + timedelta(seconds=9)).isoformat()}, 9.0),
        ({**GOOD, "sent": [], "silent_until": (NOW + timedelta(seconds=9)).isoformat(), "said_at": None}, 0.0),
        ({**GOOD, "sent": [], "silent_until": "soon"}, 0.0),
        ({**GOOD, "limit": 0}, 0.0),
        ({**GOOD, "window": 0}, 0.0),
        ({**GOOD, "window": "60"}, 0.0),
        ({**GOOD, "sent": None}, 0.0),
        ({}, 0.0),
        (None, 0.0),
    ],
)
def test_what_can_be_read_is_taken_up(told: object, wait: float) -> None:
    quota = Quota()
    quota.recall({HEAVY: told}, 100.0, NOW)
    assert quota.ask(HEAVY, 100.0) == pytest.approx(wait)


@pytest.mark.parametrize("remembered", [None, [], "x", 5, {}])
def test_nothing_that_can_be_read_is_nothing_known(remembered: object) -> None:
    quota = Quota()
    quota.recall(remembered, 100.0, NOW)
    assert [quota.ask(AUTH, 100.0) for _ in range(5)] == [0.0] * 5
    assert quota.ask(AUTH, 100.0) == WINDOW


def test_what_has_left_the_window_is_not_remembered() -> None:
    told = spent(1000.0).remember(1000.0 + WINDOW, NOW)[HEAVY]
    assert (told["sent"], told["asked"], told["silent_until"]) == ([], [], None)


RUN = "8f5b…"


@pytest.mark.parametrize("jump", [0.0, 86_400.0, -86_400.0])
def test_within_one_run_of_the_machine_the_wall_clock_does_not_matter(jump: float) -> None:
    quota = spent()
    quota.penalised(AUTH, 300.0, 1000.0)
    told = orjson.loads(orjson.dumps(quota.remember(1000.0, NOW, RUN)))
    following = Quota()
    following.recall(told, 1020.0, NOW + timedelta(seconds=20.0 + jump), RUN)
    assert (following.ask(HEAVY, 1020.0), following.ask(AUTH, 1020.0)) == (40.0, 280.0)


@pytest.mark.parametrize(("run", "now"), [("another", 1020.0), ("", 1020.0), (RUN, 999.0)])
def test_of_another_run_of_the_machine_only_the_wall_clock_tells(run: str, now: float) -> None:
    told = orjson.loads(orjson.dumps(spent().remember(1000.0, NOW, RUN)))
    following = Quota()
    following.recall(told, now, NOW + timedelta(seconds=30.0), run)
    assert following.ask(HEAVY, now) == 30.0
