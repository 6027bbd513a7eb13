"""What may happen between the model of RingCentral and the model's process, and what must be true all the while."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from daemon.core.coverage import LAG, LONGEST_CALL, Kind
from daemon.core.ids import RecordingId
from daemon.core.recording import State
from tests.core.disk import Disk
from tests.core.exchange import EPOCH, Talk
from tests.core.gate import BUFFER, Refusal
from tests.core.model import CHANCE
from tests.core.process import Process
from tests.core.world import World

LATEST = LAG.total_seconds() - 1.0
"""Seconds by which the call log may lag behind a call's end."""
LONGEST = LONGEST_CALL.total_seconds() - 3600.0
SECONDS = st.one_of(st.floats(0, 20), st.floats(0, 400))
LAGS = st.sampled_from([0.0, 30.0, LATEST])


class Machine(RuleBasedStateMachine):
    """People call, the line breaks, RingCentral refuses, the process dies: and nothing is lost.

    Attributes:
        KINDS: What the call log is read for.
        CALM: Seconds without faults after which everything has been found.
    """

    KINDS = frozenset(Kind)
    CALM = 7200.0

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.disk = Disk()
        self.process = self._started()
        self.delivered: set[RecordingId] = set()

    def _started(self) -> Process:
        return Process(self.world, self.disk, self.KINDS)

    @initialize()
    def begin_to_listen(self) -> None:
        self._pass(5.0)

    # --- what people do ---

    @rule()
    def call(self) -> None:
        self.publish([self.world.exchange.begin(self.world.now)])

    def _is_somebody_on(self) -> bool:
        return bool(self.world.exchange.going_on)

    def _somebody(self, chance: Random) -> Talk:
        return chance.choice(self.world.exchange.going_on)

    @precondition(_is_somebody_on)
    @rule(chance=CHANCE)
    def record(self, chance: Random) -> None:
        self.publish([self.world.exchange.record(self._somebody(chance), self.world.now)])

    @precondition(_is_somebody_on)
    @rule(chance=CHANCE, times=st.integers(1, 4))
    def speak(self, chance: Random, times: int) -> None:
        talk = self._somebody(chance)
        self.publish(self.world.exchange.speak(talk, self.world.now) for _ in range(times))

    @precondition(_is_somebody_on)
    @rule(chance=CHANCE, lag=LAGS)
    def transfer(self, chance: Random, lag: float) -> None:
        self.publish(self.world.exchange.transfer(self._somebody(chance), self.world.now, lag))

    @precondition(_is_somebody_on)
    @rule(chance=CHANCE, lag=LAGS)
    def hang_up(self, chance: Random, lag: float) -> None:
        self.publish(self.world.exchange.leave(self._somebody(chance), self.world.now, lag))

    @rule(lag=LAGS, seconds=st.floats(1, 200), chance=CHANCE, talkative=st.booleans())
    def talk_while_nobody_listens(self, lag: float, seconds: float, chance: Random, talkative: bool) -> None:  # noqa: FBT001
        """Have an interruption swallow a recording and its call's end, or a whole call, or more than is kept of it."""
        self.world.gate.close(self.world.now)
        exchange = self.world.exchange
        if not exchange.going_on or chance.random() < 0.5:
            self.call()
        talk = self._somebody(chance)
        self.publish([exchange.record(talk, self.world.now)])
        self.publish(exchange.leave(talk, self.world.now, lag))
        if talkative:
            self.call()
            self.publish(exchange.speak(exchange.talks[-1], self.world.now) for _ in range(BUFFER))
        self._pass(seconds)

    # --- what goes wrong on the way ---

    @rule(chance=CHANCE)
    def shuffle(self, chance: Random) -> None:
        socket = self.world.gate.socket
        if socket is not None:
            socket.inbox += chance.choices(socket.inbox, k=2) if socket.inbox else []
            chance.shuffle(socket.inbox)

    @rule()
    def drop(self) -> None:
        self.world.gate.close(self.world.now)

    @rule()
    def cut(self) -> None:
        self.world.gate.cut(self.world.now)

    @rule(refusals=st.lists(st.sampled_from(Refusal), min_size=1, max_size=3))
    def refuse(self, refusals: list[Refusal]) -> None:
        self.world.gate.refusals += refusals
        self.world.gate.close(self.world.now)

    @rule(seconds=st.one_of(st.floats(0, 20), st.floats(0, 1000)), graceful=st.booleans())
    def restart(self, seconds: float, graceful: bool) -> None:  # noqa: FBT001
        if graceful:
            self.process.write_down()
        self.delivered |= self.process.delivered
        self.world.gate.close(self.world.now)
        self._sleep(seconds)
        self.process = self._started()

    @rule(seconds=st.sampled_from([5.0, 30.0, 300.0]))
    def penalise(self, seconds: float) -> None:
        """Have somebody else use the quota up."""
        self.world.meter.penalty = seconds

    @rule(times=st.integers(1, 5))
    def trouble(self, times: int) -> None:
        self.world.troubles += times

    @rule(times=st.integers(1, 2))
    def slip(self, times: int) -> None:
        self.world.exchange.slips = times

    # --- time ---

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self._pass(seconds)

    @invariant()
    def whatever_was_delivered_is_in_the_ledger(self) -> None:
        assert (self.delivered | self.process.delivered) <= set(self.disk.rows)

    @invariant()
    def nothing_is_sent_into_a_penalty_or_beyond_the_limit(self) -> None:
        assert self.world.meter.sins == 0

    def teardown(self) -> None:
        """Let the faults stop, and time pass: everything is found."""
        self.calm()
        self._pass(self.CALM)
        self.whatever_was_delivered_is_in_the_ledger()
        self.nothing_is_sent_into_a_penalty_or_beyond_the_limit()
        rows = self.disk.rows
        assert {name: rows[name].state for name in rows} == dict.fromkeys(self.kept(), State.DUE)

    def calm(self) -> None:
        self.world.troubles, self.world.meter.penalty, self.world.exchange.slips = 0, None, 0
        self.world.gate.refusals.clear()
        for talk in self.world.exchange.going_on:
            self.publish(self.world.exchange.leave(talk, self.world.now, LATEST))

    def kept(self, since: datetime | None = None, until: datetime | None = None) -> set[RecordingId]:
        """List the recordings of calls that ended in a time."""
        return {
            RecordingId(name)
            for talk in self.world.exchange.talks
            if talk.ended is not None
            and (since is None or since <= EPOCH + timedelta(seconds=talk.ended))
            and (until is None or until >= EPOCH + timedelta(seconds=talk.ended))
            for name in talk.recordings
        }

    def publish(self, bodies: Iterable[object]) -> None:
        for body in bodies:
            self.world.gate.publish(body, self.world.now)

    def _pass(self, seconds: float) -> None:
        until = self.world.now + seconds
        self.process.run()
        while (step := self.process.next_run()) <= until - self.world.now:
            self._sleep(step)
            self.process.run()
        self._sleep(until - self.world.now)
        self.process.run()

    def _sleep(self, seconds: float) -> None:
        """Let time pass; no call lasts longer than a call can."""
        self.world.now += seconds
        for talk in self.world.exchange.going_on:
            if self.world.now - talk.began > LONGEST:
                self.publish(self.world.exchange.leave(talk, self.world.now, LATEST))
