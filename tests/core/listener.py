"""The model's process, its listening half: the real link, recovery and switchboard, driven without asyncio."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from daemon.core import coverage
from daemon.core.call import Patience
from daemon.core.effects import Effect, Inspect
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.link import Link
from daemon.core.outputs import Heard, Keep, Lost, Output, Recovered, Send, Subscribed
from daemon.core.recovery import Foothold
from daemon.core.switchboard import Switchboard
from tests.core.conversation import FILTERS
from tests.core.disk import Disk
from tests.core.gate import Socket
from tests.core.world import World

HEARTBEAT = 300.0
EVERY = 30.0
BACKOFF, LONGEST = 2.0, 600.0
LOOKBACK = timedelta(hours=48)
PATIENCE = Patience(settle=5.0, silence=3600.0)


class Listener:
    """Connects, resumes, subscribes, hears. Whatever is not on the disk dies with it."""

    def __init__(self, world: World, disk: Disk) -> None:
        self.world = world
        self.disk = disk
        self.board = Switchboard(PATIENCE)
        self.inspect: dict[TelephonySessionId, tuple[SessionId, float]] = {}
        self.delivered: set[RecordingId] = set()
        self._began = world.now - 7.0
        self._ids = itertools.count()
        self._socket: Socket | None = None
        self._link: Link | None = None
        self._again = self.now
        self._losses = 0
        self._foothold = Foothold.read(disk.load("foothold"))
        self._heard_at: float | None = None
        self._is_whole = False
        self._kept_at = self.now

    @property
    def now(self) -> float:
        """Monotonic seconds, which mean nothing to another process."""
        return self.world.now - self._began

    def listen(self) -> None:
        """Do what is to be done at this moment."""
        if self._socket is None and self.now >= self._again:
            self._connect()
        for _ in range(2):  # the second time, to what was said in the first
            self._read()
            if self._link is not None:
                self._do(self._link.wake(self.now))
        self.apply(self.board.wake(self.now))
        if self.now - self._kept_at >= EVERY:
            self.write_down()

    def next_listen(self) -> float:
        """Say at which monotonic second there is something to do if nothing is heard."""
        talking = self._again if self._link is None else self._link.next_wake()
        return min(talking, self.board.next_wake() or talking)

    def apply(self, effects: Sequence[Effect]) -> None:
        self.disk.record(effects, self.world.wall)
        for effect in effects:
            if isinstance(effect, Inspect):
                self.look_up(effect, 30.0)

    def look_up(self, effect: Inspect, after: float) -> None:
        self.inspect.setdefault(effect.telephony_session_id, (effect.session_id, self.now + after))

    def write_down(self) -> None:
        """Move the low-water mark to the last message, and keep what a next process can resume with."""
        self._kept_at = self.now
        heard = self._last_heard()
        if self._is_whole and heard is not None:
            self.disk.mark = heard
        held = self._newest()
        self.disk.save("foothold", None if held is None else held.told())

    def _connect(self) -> None:
        held = self._newest()
        if held is not None and not held.holds(FILTERS, self.world.wall):
            held = None
        self._socket = self.world.gate.connect(held.wsc.token if held else None, self.world.now)
        self._link = Link(FILTERS, lambda: f"m{next(self._ids)}", HEARTBEAT, self.now, is_resuming=held is not None)

    def _read(self) -> None:
        socket, link = self._socket, self._link
        while socket is not None and link is not None and socket.is_open and socket.inbox and not socket.is_cut:
            if self._is_whole:
                self._heard_at = self.now
            self._do(link.receive(socket.inbox.pop(0), self.now, self.world.wall))
        if socket is not None and socket is self._socket and not socket.is_open:
            self._lose()

    def _do(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            match output:
                case Send(text) if self._socket is not None:
                    self.world.gate.send(self._socket, text, self.world.now)
                case Heard(notification):
                    self.delivered.update(named.id for news in notification.parties for named in news.recordings)
                    self.apply(self.board.observe(notification, self.now))
                case Keep(wsc, window):
                    self._foothold = Foothold(wsc, window, tuple(FILTERS), self.world.wall)
                    self.write_down()
                case Recovered():
                    self._holds(is_recovered=True)
                case Subscribed():
                    self._holds(is_recovered=False)
                case Lost(forget=forget):
                    self._foothold = None if forget else self._foothold
                    self.world.gate.close(self.world.now)
                    self._lose()
                case _:
                    pass

    def _holds(self, *, is_recovered: bool) -> None:
        now = self.world.wall
        since = coverage.gap(self.disk.mark, self._last_heard(), now, LOOKBACK)
        if since is None:
            self.disk.mark = now
        else:
            self.disk.interrupted(since, now, is_recovered=is_recovered)
        self._is_whole, self._heard_at, self._losses = True, self.now, 0
        if not is_recovered:
            self.board.doubt(self.now, 10.0)
        for tsid, session_id in self.disk.expected.items():
            if not self.board.is_live(tsid):
                self.look_up(Inspect(tsid, session_id), 30.0)

    def _lose(self) -> None:
        self._socket = self._link = None
        self._is_whole = False
        self._again = self.now + min(BACKOFF * 2.0**self._losses, LONGEST)
        self._losses = min(self._losses + 1, 10)

    def _newest(self) -> Foothold | None:
        heard = self._last_heard()
        if self._foothold is None or heard is None:
            return self._foothold
        return replace(self._foothold, heard_at=max(heard, self._foothold.heard_at))

    def _last_heard(self) -> datetime | None:
        """Say when the last message came, by the wall clock as it is now."""
        return None if self._heard_at is None else self.world.wall - timedelta(seconds=self.now - self._heard_at)
