"""The daemon as a process beside a simulated RingCentral, and calls that it is to keep whatever happens to it."""

import asyncio
import os
import resource
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon.adapters.ledger import View
from daemon.adapters.ledger.view import Selection
from daemon.simulator import UNLIMITED, Options, Simulator
from tests.adapters.looking import digest, names
from tests.simulator.patience import until
from tests.stories.processes import Process, settings, started

TABLES: Mapping[str, Mapping[str, object]] = {
    "calls": {"settle_seconds": 0.2},
    "downloads": {
        "retry_initial_seconds": 0.2,
        "retry_max_seconds": 2,
        "connect_timeout_seconds": 2,
        "read_timeout_seconds": 2,
    },
    "subscription": {"heartbeat_seconds": 3},
}


@dataclass(slots=True)
class Service:
    """A running daemon.

    Attributes:
        calls: The content of each recording of the calls so far, by id.
    """

    directory: Path
    simulator: Simulator
    process: Process
    calls: dict[str, bytes]

    @property
    def archive(self) -> Path:
        return self.directory / "recordings"

    @property
    def state(self) -> Path:
        return self.directory / "state"

    async def call(self) -> str:
        """Have a call from its beginning to its end; give its recording's id."""
        played = await self.simulator.play(self.simulator.script("direct_inbound"))
        recording = played.expected[0]
        self.calls[recording.id] = recording.content
        return recording.id

    async def archived(self) -> None:
        """Wait until every call's recording is, and see each once and whole."""
        states = self.rows()
        for recording in self.calls:
            if states.get(recording) != "archived":
                await self.process.event("recording.archived", recording_id=recording)
        finals = [name for name in names(self.archive) if name.endswith((".mp3", ".wav"))]
        await until(self._is_described)  # the last sidecar may just be being written
        kept = sorted(digest((self.archive / name).read_bytes()) for name in finals)
        assert kept == sorted(digest(content) for content in self.calls.values())

    def _is_described(self) -> bool:
        finals = [name for name in names(self.archive) if name.endswith((".mp3", ".wav"))]
        return all((self.archive / name).with_suffix(".json").exists() for name in finals)

    def rows(self) -> dict[str, str]:
        """Give every recording in the ledger with its state."""
        with View.opened(self.state / "ledger.db") as view:
            assert view is not None
            return {str(row["recording_id"]): str(row["state"]) for row in view.select(Selection())}

    def content_requests(self) -> int:
        """Say how often the media host was asked."""
        return sum("/content" in request.path for request in self.simulator.requests)

    def allow_descriptors(self, *, more: bool) -> None:
        """Let the process open as much as it ever could, or nothing beyond what it has open."""
        _, most = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (most if more else 3, most))


@asynccontextmanager
async def service(
    directory: Path, environ: Mapping[str, str] | None = None, **tables: Mapping[str, object]
) -> AsyncIterator[Service]:
    """Run the daemon until it listens; on leaving it is over."""
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        config = settings(directory, simulator.config_toml(directory), **{**TABLES, **tables})
        async with _running(config, environ) as process:
            await process.event("gateway.subscribed")
            yield Service(directory, simulator, process, {})


@asynccontextmanager
async def again(before: Service, environ: Mapping[str, str] | None = None) -> AsyncIterator[Service]:
    """Start the daemon once more on what an earlier one left."""
    async with _running(before.directory / "config.toml", environ) as process:
        await process.event("gateway.connected")  # and then subscribed or recovered
        yield Service(before.directory, before.simulator, process, before.calls)


@asynccontextmanager
async def _running(config: Path, environ: Mapping[str, str] | None) -> AsyncIterator[Process]:
    async with started("run", "--config", str(config), environ={**os.environ, **(environ or {})}) as process:
        yield process


def fill(place: Path) -> Path:
    """Write a file until nothing more fits."""
    path = place / "filler"
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path


async def idle(seconds: float) -> None:
    """Let real time pass: what is looked for is that nothing happens."""
    await asyncio.sleep(seconds)
