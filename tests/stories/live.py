"""The whole daemon against the simulator in one process: real sockets, hurried time, and what came of it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson

from daemon import logs
from daemon.adapters.ledger import View
from daemon.adapters.state import LEDGER
from daemon.app import serve
from daemon.config import check_directories, load
from daemon.core.ids import RecordingId
from daemon.errors import DaemonError
from daemon.simulator import UNLIMITED, Options, PlayedCall, Simulator
from daemon.simulator.scripts import Script
from tests.stories.chaos import SECRETS
from tests.stories.hurried import PACE, HurriedClock
from tests.stories.paper import Paper, Said
from tests.stories.processes import settings

DEADLINE = 20.0
"""Real seconds that only a failing test ever waits."""
BETWEEN_LEAPS = 0.1
"""Real seconds in which whoever was woken by a leap can do something."""
GENTLE = 10.0
"""The pace for stories of penalties: the stand-in forgives a request that was on its way for one second only."""
FOR_EVER = 1e9
FREE = Options(
    limits=UNLIMITED,
    speed=20,
    log_lag_seconds=0,
    audio_bytes=60_000,
    wsc_every=2,
    wstoken_seconds=FOR_EVER,
    idle_seconds=FOR_EVER,
    absolute_seconds=FOR_EVER,
)
"""No limit that a leap of time would run into."""
CALM: Mapping[str, Mapping[str, object]] = {
    "subscription": {"heartbeat_seconds": 600},
    "calls": {"settle_seconds": 2},
    "reconcile": {"interval_seconds": 86_400 * 30},
    "archive": {"min_free_bytes": 0},
}
"""Nothing happens by itself: no heartbeat to be late, and after the first one no sweep that repairs what a story
is about."""
T = TypeVar("T")
Tables = Mapping[str, Mapping[str, object]]


@dataclass(slots=True)
class Live:
    """One stand-in, one directory, and one daemon after another."""

    place: Path
    simulator: Simulator
    clock: HurriedClock
    paper: Paper
    tables: Tables
    _life: "asyncio.Task[None] | None" = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    # the daemon

    def start(self) -> None:
        """Start the daemon, and wait for nothing."""
        text = self.simulator.config_toml(self.place)
        merged = {name: {**CALM.get(name, {}), **self.tables.get(name, {})} for name in {*CALM, *self.tables}}
        for name in ("archive", "state"):  # the simulator's text has these tables already
            head = f"[{name}]\n"
            lines = "".join(f"{k} = {orjson.dumps(v).decode()}\n" for k, v in merged.pop(name, {}).items())
            text = text.replace(head, head + lines)
        config = load(settings(self.place, text, **merged), {})
        assert not check_directories(config, create=True)
        form = "json" if config.log.format == "auto" else config.log.format
        logs.configure(level=config.log.level, format=form, stream=self.paper, environ={})
        self._stop = asyncio.Event()
        self._life = asyncio.create_task(serve(config, self._stop, self.clock), name="daemon")

    async def listening(self) -> "Live":
        """Start the daemon and wait until it listens."""
        number = len(self.all("gateway.subscribed"))
        self.start()
        await self.until(lambda: len(self.all("gateway.subscribed")) > number, "a subscription")
        return self

    async def stop(self) -> None:
        """End the daemon in order; raises what it ended with."""
        life, self._life = self._life, None
        self._stop.set()
        if life is not None:
            async with asyncio.timeout(DEADLINE):
                await life

    async def ended(self) -> DaemonError:
        """Wait until the daemon ends by itself; give the one error it ended with."""
        life, self._life = self._life, None
        assert life is not None
        await asyncio.wait({life}, timeout=DEADLINE)
        assert life.done(), "the daemon goes on"
        error = life.exception()
        while isinstance(error, BaseExceptionGroup):
            (error,) = error.exceptions
        assert isinstance(error, DaemonError)
        return error

    # what it says

    def all(self, event: str, **fields: object) -> list[Said]:
        """Give the events of a name that have these fields."""
        named = [one for one in self.paper.said if one.fields["event"] == event]
        return [one for one in named if fields.items() <= one.fields.items()]

    async def event(self, name: str, **fields: object) -> Said:
        """Wait for an event."""
        await self.until(lambda: self.all(name, **fields), f"{name} {fields}")
        return self.all(name, **fields)[0]

    async def another(self, name: str) -> None:
        """Wait for one more event of a name."""
        seen = len(self.all(name))
        await self.until(lambda: len(self.all(name)) > seen, f"another {name}")

    async def until(self, condition: Callable[[], T], what: str, leap: float = 0.0) -> T:
        """Wait for a condition; a daemon that ends before it comes true is a failure.

        Args:
            condition: Looked at again and again.
            what: The condition in words.
            leap: Seconds that time leaps by every now and then, where there is long to wait.
        """
        loop = asyncio.get_running_loop()
        end, following = loop.time() + DEADLINE, loop.time() + BETWEEN_LEAPS
        while not (found := condition()):
            if leap and loop.time() >= following:
                self.clock.leap(leap)
                following = loop.time() + BETWEEN_LEAPS
            if self._life is not None and self._life.done():
                await self._life
                raise AssertionError(f"the daemon ended before: {what}")
            tail = "".join(self.paper.lines[-15:])
            assert loop.time() < end, f"never came: {what}\n{tail}"
            await asyncio.sleep(0.005)
        return found

    async def struck(self, fault: str, times: int = 1) -> None:
        """Wait until a fault has struck."""
        wanted = self.simulator.hits(fault) + times
        await self.until(lambda: self.simulator.hits(fault) >= wanted, f"{fault} to strike")

    async def passed(self, seconds: float) -> None:
        """Let time of the hurried clock pass, or the daemon end."""
        assert self._life is not None
        await asyncio.wait({self._life, asyncio.create_task(self.clock.sleep(seconds))}, return_when="FIRST_COMPLETED")
        assert not self._life.done()

    # calls

    def script(self, name: str = "direct_inbound") -> Script:
        """Write a call."""
        return self.simulator.script(name)

    async def call(self, name: str = "direct_inbound") -> PlayedCall:
        """Play a call from its beginning to its end."""
        return await self.simulator.play(self.script(name))

    def begin(self, name: str = "direct_inbound") -> "asyncio.Task[PlayedCall]":
        """Let a call begin, and go on by itself."""
        return asyncio.create_task(self.call(name), name="a call")

    def long_ago(self, number: int, ago_seconds: float = 3600.0) -> list[PlayedCall]:
        """Let calls have happened that nobody was notified of, a minute apart."""
        return [self.simulator.recall(self.script(), ago_seconds + 60.0 * n) for n in range(number)]

    # what came of it

    def row(self, recording: str) -> Mapping[str, Any]:
        """Give a recording's row of the ledger."""
        with View.opened(self.place / "state" / LEDGER) as view:
            row = None if view is None else view.one(RecordingId(recording))
        return row or {}

    def facts(self, recording: str) -> Mapping[str, Any]:
        """Give what the ledger knows of a recording's call."""
        known: Mapping[str, Any] = orjson.loads(self.row(recording)["facts"])
        return known

    def archived(self, call: PlayedCall) -> Said:
        """Give the event that tells of a call's one recording."""
        (recording,) = call.expected
        (said,) = self.all("recording.archived", recording_id=recording.id)
        return said

    def files(self) -> list[Path]:
        """Give every file below the archive's directory, in `.partial` too."""
        return [path for path in (self.place / "recordings").rglob("*") if path.is_file() or path.is_symlink()]

    def audio(self) -> list[Path]:
        """Give every file that is no sidecar."""
        return [path for path in self.files() if path.suffix != ".json"]

    async def everything(self, leap: float = 0.0) -> None:
        """Wait until all that RingCentral kept is archived; time leaps as in `until`."""
        wanted = self.simulator.expected
        await self.until(
            lambda: {one["recording_id"] for one in self.all("recording.archived")} >= wanted.keys(),
            f"all of {len(wanted)} recordings to be archived",
            leap,
        )

    def judge(self) -> None:
        """See that nothing is lost, repeated, broken or told, and that RingCentral has nothing to complain of."""
        truth = sorted(recording.seal[1] for recording in self.simulator.expected.values())
        assert sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in self.audio()) == truth
        assert len(self.files()) == 2 * len(truth), "a sidecar for each, and nothing else"
        told = self.all("recording.archived")
        assert len(told) == len({one["recording_id"] for one in told}) == len(truth)
        violations = self.simulator.violations
        assert violations == type(violations)(), self.simulator.journal.incidents
        assert self.simulator.journal.foreign_requests == 0
        assert [line for line in self.paper.lines if SECRETS.search(line)] == []


@asynccontextmanager
async def live(
    place: Path, options: Options = FREE, *, pace: float = PACE, judged: bool = True, **tables: Mapping[str, object]
) -> AsyncIterator[Live]:
    """Have a stand-in and a daemon to be started; at the end stop it, and judge what came of it.

    Args:
        place: An empty directory.
        options: The stand-in's.
        pace: How many times faster time is.
        judged: Whether everything is archived in the end.
        tables: Of the configuration, beyond `CALM`.
    """
    clock = HurriedClock(pace)
    async with Simulator(options, clock) as simulator:
        it = Live(place, simulator, clock, Paper(clock), tables)
        try:
            yield it
            await it.stop()
            if judged:
                it.judge()
        finally:
            try:
                await it.stop()
            finally:
                logs.reset()
