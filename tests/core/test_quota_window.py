"""Against a model of RingCentral's sliding window: whoever waits as told is never refused, restarts included."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.quota import FLIGHT, HEAVY, WINDOW, Quota, RateHeaders
from tests.core.model import CHANCE, PROPERTY

BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)
SMALL = 1e-3
"""A file tells microseconds; no request is so fast."""
FAR = 1e12


@dataclass(slots=True)
class Window:
    """RingCentral's side: requests count when they arrive, and one inside a penalty begins it anew."""

    limit: int
    arrived: list[float] = field(default_factory=list)
    silent_until: float = 0.0
    refused: int = 0
    sinned: int = 0

    def take(self, at: float) -> RateHeaders | float:
        """Count a request; return the answer's headers, or the seconds of a penalty."""
        if at < self.silent_until - SMALL:
            self.sinned += 1
        counted = [one for one in self.arrived if at - WINDOW + SMALL < one <= at]
        if len(counted) >= self.limit or at < self.silent_until - SMALL:
            self.refused += 1
            self.silent_until = at + 30.0
            return 30.0
        self.arrived.append(at)
        return RateHeaders(HEAVY, self.limit, self.limit - len(counted) - 1, WINDOW)


@dataclass(slots=True)
class Client:
    """Whoever asks as told; `tardy` is the longest an answer takes.

    Attributes:
        sent: When each request arrives that is on its way, and when its answer comes.
        answers: When each answer comes that is on its way, and what it says.
    """

    window: Window
    chance: Random
    tardy: float
    quota: Quota = field(default_factory=Quota)
    now: float = 1000.0
    sent: list[tuple[float, float]] = field(default_factory=list)
    answers: list[tuple[float, RateHeaders | float]] = field(default_factory=list)

    def until(self, at: float) -> None:
        """Let requests arrive and answers come, in order."""
        while True:
            arrival = min(self.sent, default=(FAR, FAR))
            answer = min(self.answers, key=lambda one: one[0], default=(FAR, 0.0))
            if min(arrival[0], answer[0]) > at:
                break
            if arrival[0] <= answer[0]:
                self.sent.remove(arrival)
                self.answers.append((arrival[1], self.window.take(arrival[0])))
            else:
                self.answers.remove(answer)
                self._learn(*answer)
        self.now = at

    def _learn(self, at: float, answer: RateHeaders | float) -> None:
        if isinstance(answer, RateHeaders):
            self.quota.answered(HEAVY, answer, at)
        else:
            self.quota.answered(HEAVY, RateHeaders(), at)
            self.quota.penalised(HEAVY, answer, at)

    def ask(self, leave: float = 0.0) -> float:
        wait = self.quota.ask(HEAVY, self.now, leave)
        if not wait:
            arrives, comes = sorted(self.now + self.chance.random() * self.tardy for _ in range(2))
            self.sent.append((arrives, comes))
        return wait

    def restart(self, away: float) -> None:
        wall = BEGAN + timedelta(seconds=self.now)
        told = self.quota.remember(self.now, wall)
        for _ in self.sent:
            self.window.take(self.now)  # it arrives, and nobody hears the answer
        self.sent.clear()
        self.answers.clear()
        self.now += away
        self.quota = Quota()
        self.quota.recall(told, self.now, wall + timedelta(seconds=away))


@PROPERTY
@given(st.integers(1, 12), st.floats(0, FLIGHT), st.booleans(), CHANCE)
def test_whoever_waits_as_told_is_never_refused_over_restarts(
    limit: int,
    tardy: float,
    restarts: bool,  # noqa: FBT001
    chance: Random,
) -> None:
    window = Window(limit)
    client = Client(window, chance, tardy, Quota({HEAVY: limit}))
    for _ in range(150):
        wait = client.ask(chance.choice((0.0, 0.0, 0.2, 0.5)))
        client.until(client.now + (wait or chance.choice((0.0, chance.random(), chance.random() * 20))))
        if restarts and chance.random() < 0.05:
            client.restart(chance.choice((0.0, chance.random(), chance.random() * 90)))
    assert (window.refused, window.sinned) == (0, 0)
    assert window.arrived


@PROPERTY
@given(st.integers(2, 12), st.integers(1, 12), CHANCE)
def test_a_limit_that_is_lower_than_was_thought_costs_penalties_and_no_request_inside_one(
    thought: int, limit: int, chance: Random
) -> None:
    """Somebody else may use the same quota; what answers say is learned."""
    window = Window(limit)
    client = Client(window, chance, 0.0, Quota({HEAVY: thought}))
    for _ in range(100):
        wait = client.ask()
        client.until(client.now)
        client.until(client.now + (wait or chance.random()))
        if chance.random() < 0.05:
            client.restart(chance.random())
    assert window.sinned == 0
    assert window.refused <= max(thought - limit, 0)


@pytest.mark.parametrize(
    ("limit", "leave", "used"),
    [(10, 0.0, 10), (10, 0.2, 8), (10, 0.5, 5), (10, 0.95, 1), (1, 0.5, 1), (5, 0.2, 4), (3, 0.5, 1), (10, 0.99, 1)],
)
def test_whoever_leaves_a_share_stops_short_of_the_limit(limit: int, leave: float, used: int) -> None:
    quota = Quota({HEAVY: limit})
    asked = [quota.ask(HEAVY, 100.0 + at, leave) for at in range(limit + 1)]
    assert asked.count(0.0) == used
    assert asked[used] == WINDOW - used  # until the first one leaves the window
    rest = [quota.ask(HEAVY, 120.0) for _ in range(limit)]
    assert rest.count(0.0) == limit - used


def test_a_window_full_of_others_requests_is_waited_for() -> None:
    quota = Quota({HEAVY: 4})
    for at in range(4):
        quota.ask(HEAVY, float(at))
    assert quota.ask(HEAVY, 10.0, 0.5) == 50.0
    assert quota.ask(HEAVY, 61.5, 0.5) == 0.5
    assert quota.ask(HEAVY, 62.0, 0.5) == 0.0
