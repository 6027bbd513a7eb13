"""Rate limits: what may be sent when, and the silence that a penalty asks for."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.quota import HEAVY, PENALTY, WINDOW, Quota, RateHeaders, group_of
from tests.core.model import CHANCE, PROPERTY

NOTHING = RateHeaders()


def used(quota: Quota, group: str, now: float) -> int:
    """Reserve whatever is left; return how much that was."""
    for count in range(1000):
        if quota.ask(group, now):
            return count
    raise AssertionError("without limit")


@pytest.mark.parametrize(("group", "limit"), [("light", 50), ("medium", 40), ("heavy", 10), ("auth", 5), ("new", 10)])
def test_each_group_has_its_documented_limit(group: str, limit: int) -> None:
    quota = Quota()
    assert used(quota, group, 100.0) == limit
    assert used(quota, group, 100.0 + WINDOW) == limit


def test_the_window_slides() -> None:
    quota = Quota({"heavy": 2})
    assert (quota.ask(HEAVY, 0.0), quota.ask(HEAVY, 40.0)) == (0.0, 0.0)
    assert quota.ask(HEAVY, 45.0) == 15.0
    assert quota.ask(HEAVY, 60.0) == 0.0
    assert quota.ask(HEAVY, 60.0) == 40.0


def test_groups_do_not_share() -> None:
    quota = Quota({"heavy": 1, "light": 1})
    assert (quota.ask("heavy", 0.0), quota.ask("light", 0.0)) == (0.0, 0.0)
    quota.penalised("heavy", 100.0, 0.0)
    assert quota.ask("light", 60.0) == 0.0


def test_a_reservation_that_was_not_used_is_given_back() -> None:
    quota = Quota({"heavy": 1})
    quota.release(HEAVY)
    assert quota.ask(HEAVY, 0.0) == 0.0
    quota.release(HEAVY)
    assert quota.ask(HEAVY, 1.0) == 0.0
    assert quota.ask(HEAVY, 1.0) == WINDOW


def test_a_request_counts_from_its_answer() -> None:
    quota = Quota({"heavy": 2})
    quota.ask(HEAVY, 0.0)
    quota.ask(HEAVY, 5.0)
    quota.answered(HEAVY, NOTHING, 10.0)
    assert quota.ask(HEAVY, 60.0) == 5.0
    quota.answered(HEAVY, NOTHING, 62.0)
    assert quota.ask(HEAVY, 65.0) == 5.0
    assert quota.ask(HEAVY, 70.0) == 0.0


def test_an_answer_that_took_longer_than_the_window_still_counts() -> None:
    quota = Quota({"heavy": 1})
    quota.ask(HEAVY, 0.0)
    quota.answered(HEAVY, NOTHING, 100.0)
    assert quota.ask(HEAVY, 100.0) == WINDOW


def test_the_answers_limit_and_window_are_believed() -> None:
    quota = Quota()
    quota.answered(HEAVY, RateHeaders(limit=3, window=10.0), 0.0)
    assert used(quota, HEAVY, 0.0) == 2
    assert quota.ask(HEAVY, 0.0) == 10.0
    assert used(quota, HEAVY, 10.0) == 3


def test_a_limit_of_zero_is_not_believed() -> None:
    quota = Quota({"heavy": 0})
    quota.answered("light", RateHeaders(limit=0, window=0.0), 0.0)
    assert (used(quota, HEAVY, 0.0), used(quota, "light", 0.0)) == (1, 9)


def test_a_group_with_nothing_remaining_waits_for_its_window() -> None:
    quota = Quota()
    for at in (0.0, 20.0, 61.0):
        quota.ask(HEAVY, at)
    quota.answered(HEAVY, RateHeaders(remaining=0), 61.5)
    # What was sent at 0 is out of the window; the oldest that RingCentral can still count is the one at 20.
    assert quota.ask(HEAVY, 62.0) == pytest.approx(59.0)
    fresh = Quota()
    fresh.answered(HEAVY, RateHeaders(remaining=0), 10.0)
    assert fresh.ask(HEAVY, 30.0) == 40.0
    fresh.answered(HEAVY, RateHeaders(remaining=5), 30.0)
    assert fresh.ask(HEAVY, 30.0) == 40.0


def test_what_has_left_the_window_shortens_no_wait() -> None:
    quota = Quota()
    quota.ask(HEAVY, 0.0)
    quota.answered(HEAVY, NOTHING, 0.0)
    quota.ask(HEAVY, 55.0)
    quota.answered(HEAVY, RateHeaders(remaining=0), 61.0)
    assert quota.ask(HEAVY, 62.0) == 59.0


@pytest.mark.parametrize(("named", "silence"), [(None, PENALTY), (12.0, 12.0), (300.0, 300.0)])
def test_a_group_in_penalty_falls_silent_as_a_whole(named: float | None, silence: float) -> None:
    quota = Quota()
    assert quota.penalised(HEAVY, named, 100.0) == silence
    assert quota.ask(HEAVY, 100.0) == silence
    assert quota.ask(HEAVY, 99.0 + silence) == 1.0
    assert used(quota, HEAVY, 100.0 + silence) == 10


def test_a_penalty_is_begun_anew_and_never_shortened() -> None:
    quota = Quota()
    quota.penalised(HEAVY, 60.0, 0.0)
    assert quota.penalised(HEAVY, None, 10.0) == 50.0
    assert quota.penalised(HEAVY, None, 45.0) == 30.0
    assert quota.ask(HEAVY, 74.0) == 1.0
    assert quota.ask(HEAVY, 75.0) == 0.0


def test_a_renamed_group_is_the_same_group() -> None:
    quota = Quota()
    quota.ask(HEAVY, 0.0)
    quota.answered(HEAVY, RateHeaders(group="bulk", limit=2), 0.0)
    assert (used(quota, HEAVY, 0.0), used(quota, "bulk", 0.0)) == (1, 0)
    quota.penalised("bulk", 100.0, 0.0)
    assert quota.ask(HEAVY, 61.0) == 39.0


def test_an_answer_from_another_group_counts_there_and_where_it_was_asked_for() -> None:
    quota = Quota({"light": 2, "heavy": 2})
    quota.ask("heavy", 0.0)
    quota.ask("light", 0.0)
    quota.answered("light", RateHeaders(group="heavy"), 1.0)
    assert (used(quota, "heavy", 1.0), used(quota, "light", 1.0)) == (0, 1)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, NOTHING),
        (
            {
                "X-Rate-Limit-Group": " Heavy ",
                "X-Rate-Limit-Limit": "10",
                "X-Rate-Limit-Remaining": "0",
                "X-Rate-Limit-Window": " 60 ",
            },
            RateHeaders("heavy", 10, 0, 60.0),
        ),
        ({"X-Rate-Limit-Group": "  ", "X-Rate-Limit-Window": "0"}, NOTHING),
        ({"X-Rate-Limit-Limit": "ten", "X-Rate-Limit-Remaining": "-1", "X-Rate-Limit-Window": "6e1"}, NOTHING),
        ({"X-Rate-Limit-Limit": "", "X-Rate-Limit-Remaining": "²", "X-Rate-Limit-Window": "٦"}, NOTHING),
        ({"X-Rate-Limit-Limit": "9" * 5000, "X-Rate-Limit-Window": "9" * 400}, NOTHING),
        ({"X-Rate-Limit-Limit": "10, 20", "X-Rate-Limit-Remaining": "1.5"}, NOTHING),
    ],
)
def test_headers_are_read_where_they_are_numbers(headers: dict[str, str], expected: RateHeaders) -> None:
    assert RateHeaders.read(headers) == expected


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/restapi/oauth/token", "auth"),
        ("/restapi/oauth/wstoken", "light"),
        ("/restapi/v1.0/account/~/call-log", HEAVY),
        ("/restapi/v1.0/account/~/extension/~/call-log", HEAVY),
        ("/restapi/v1.0/account/~/recording/1/content", HEAVY),
        ("/restapi/v1.0/account/~/extension/~/authz-profile/check", "light"),
    ],
)
def test_a_request_has_its_documented_group(path: str, group: str) -> None:
    assert group_of(path) == group


@PROPERTY
@given(st.integers(1, 6), CHANCE)
def test_whoever_waits_as_told_never_sends_too_much_or_into_a_penalty(limit: int, chance: Random) -> None:
    quota = Quota({"heavy": limit})
    sent: list[float] = []
    coming: list[float] = []
    now = quiet = 0.0
    for _ in range(80):
        for at in sorted(at for at in coming if at <= now):
            coming.remove(at)
            if chance.random() < 0.1:
                quiet = max(quiet, at + quota.penalised(HEAVY, chance.choice((None, 5.0, 100.0)), at))
            quota.answered(HEAVY, RateHeaders(remaining=chance.choice((None, 0, 3))), at)
        wait = quota.ask(HEAVY, now)
        assert wait <= max(WINDOW, quiet - now) + SMALL
        if not wait:
            assert now >= quiet - SMALL
            if chance.random() < 0.1:
                quota.release(HEAVY)  # there was nothing to do
            else:
                sent.append(now)
                coming.append(now + chance.choice((0.0, 0.5, chance.random() * 90)))
        now += wait or chance.choice((0.0, 0.0, chance.random(), chance.random() * 30))
    assert sent
    for first in sent:
        assert sum(first <= at < first + WINDOW - SMALL for at in sent) <= limit


SMALL = 1e-6


def test_a_second_window_gives_as_much_as_the_first() -> None:
    quota = Quota({"heavy": 10})
    for at in range(10):
        assert quota.ask(HEAVY, at) == 0
        quota.answered(HEAVY, RateHeaders(remaining=9 - at), at + 0.1)
    sent = 0
    now = 60.2
    while now < 70.0:
        if (wait := quota.ask(HEAVY, now)) == 0:
            sent += 1
            quota.answered(HEAVY, RateHeaders(remaining=0 if sent < 10 else 1), now + 0.05)
            now += 0.05
        now += max(wait, 0.01)
    assert sent >= 9


def test_silence_asked_for_under_another_name_is_kept_where_the_next_request_is_asked_for() -> None:
    quota = Quota()
    quota.ask(HEAVY, 10.0)
    quota.answered(HEAVY, RateHeaders("medium", 40, 0, 60.0), 10.0)
    assert quota.ask(HEAVY, 10.5) == 59.5
    assert quota.ask("medium", 10.5) == 59.5


def test_what_is_given_back_never_makes_room_too_early() -> None:
    quota = Quota({"heavy": 2})
    quota.ask("heavy", 0.0)
    quota.ask("heavy", 50.0)
    quota.release("heavy")
    assert [quota.ask("heavy", 61.0), quota.ask("heavy", 62.0)] == [0.0, 48.0]


def test_a_window_beyond_an_hour_is_none() -> None:
    assert RateHeaders.read({"X-Rate-Limit-Window": "999999999"}).window is None
    assert RateHeaders.read({"X-Rate-Limit-Window": "3600"}).window == 3600.0


def test_a_429_that_asks_for_no_seconds_is_waited_out_all_the_same() -> None:
    assert Quota().penalised(HEAVY, 0.0, 5.0) == PENALTY
