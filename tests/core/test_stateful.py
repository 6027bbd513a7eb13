"""The link, the switchboard, the reading of the call log and the quota together, against a model of RingCentral.

Whatever is lost, dropped, refused, shuffled or set wrong: what was delivered is in the ledger at every step, no request
is sent into a penalty or beyond the limit, and when the faults stop every recording is found and due.
"""

from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from daemon.core.coverage import Kind
from tests.core.machine import Machine
from tests.core.model import CHANCE

PROFILE = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=80,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
DAY = 86_400.0


class Gaps(Machine):
    """Nothing rolls here: interruptions are made good by the readings of their gaps alone."""

    KINDS = frozenset({Kind.GAP})

    @rule(hours=st.floats(1, 9))
    def wait_for_hours(self, hours: float) -> None:
        self.wait(hours * 3600)

    @rule(hours=st.floats(1, 72), chance=CHANCE, restarts=st.booleans())
    def be_away(self, hours: float, chance: Random, restarts: bool) -> None:  # noqa: FBT001
        """Hear nothing for days, whose first hour had calls."""
        if restarts:
            self.restart(5.0, graceful=chance.random() < 0.5)
        self.world.gate.is_down = True
        self.talk_while_nobody_listens(0.0, hours * 3600, chance, talkative=False)
        self.world.gate.is_down = False

    @invariant()
    def a_gap_that_is_closed_has_nothing_left_in_it(self) -> None:
        for wanted in self.disk.closed:
            assert self.kept(wanted.since, wanted.until) <= set(self.disk.rows)


class Everything(Machine):
    """Here notifications are lost of which no interruption tells, and the clock is set wrong: the rolling readings."""

    CALM = 10_000.0

    @rule(chance=CHANCE)
    def lose(self, chance: Random) -> None:
        """Lose notifications on a connection that goes on."""
        socket = self.world.gate.socket
        if socket is not None:
            socket.inbox = [text for text in socket.inbox if chance.random() < 0.3]

    @rule()
    def deafen(self) -> None:
        """Let the subscription die on its living socket."""
        if self.world.gate.socket is not None:
            self.world.gate.socket.session.is_deaf = True

    @rule(seconds=st.sampled_from([DAY, -7200.0, 600.0, -600.0, 3 * DAY, -3 * DAY]))
    def set_the_clock(self, seconds: float) -> None:
        self.world.skew = seconds

    @rule()
    def set_the_clock_right(self) -> None:
        self.world.skew = 0.0

    def calm(self) -> None:
        self.set_the_clock_right()
        super().calm()


TestGaps = Gaps.TestCase
TestGaps.settings = PROFILE
TestEverything = Everything.TestCase
TestEverything.settings = PROFILE
