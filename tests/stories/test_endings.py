"""The daemon as a process: how it ends, by a signal, by two, by none that it sees; and how it begins again."""

import asyncio
import signal
from pathlib import Path

from aiohttp import web

from daemon.adapters.ledger import View
from daemon.simulator import UNLIMITED, Options, Simulator
from tests.stories.processes import DEADLINE, Process, settings, started

QUICK = {"settle_seconds": 0.2}


class Stall:
    """Holds every request for content back until `over` is set."""

    def __init__(self, simulator: Simulator) -> None:
        self.begun = asyncio.Event()
        self.over = asyncio.Event()
        simulator.intercept(self._hold)

    async def _hold(self, request: web.Request) -> None:
        if request.path.endswith("/content"):
            self.begun.set()
            await self.over.wait()


async def test_a_restart_goes_on_with_the_session_and_finds_what_ended_meanwhile(tmp_path: Path) -> None:
    async with Simulator(Options(speed=20, limits=UNLIMITED, log_lag_seconds=0)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK)
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            call = await _play_until_recorded(simulator, daemon)
            assert await daemon.stop() == 0
        await call
        async with started("run", "--config", str(config)) as daemon:
            assert (await daemon.event("login.succeeded"))["way"] == "kept"
            for recording in simulator.expected.values():
                await daemon.event("recording.archived", recording_id=recording.id)
            assert await daemon.stop() == 0
        assert len(simulator.logins) == 1


async def test_sigkill_at_any_moment_loses_and_repeats_nothing(tmp_path: Path) -> None:
    async with Simulator(Options(speed=40, limits=UNLIMITED, log_lag_seconds=0)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK)
        calls = [await _killed_in(simulator, config, number) for number in range(6)]
        async with started("run", "--config", str(config)) as daemon:
            for call in calls:
                await call
            await daemon.event("gateway.subscribed")
            await _all_archived(tmp_path / "state", len(simulator.expected))
            assert await daemon.stop() == 0
    files = sorted(path for path in (tmp_path / "recordings").rglob("*.*") if path.suffix in {".mp3", ".wav"})
    assert len(files) == len(simulator.expected)
    content = {recording.content for recording in simulator.expected.values()}
    assert {path.read_bytes() for path in files} == content


async def test_a_second_signal_kills(tmp_path: Path) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK)
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            stall = Stall(simulator)
            call = await simulator.play(simulator.script("direct_inbound"))
            await stall.begun.wait()
            daemon.send(signal.SIGTERM)
            await daemon.event("service.stopping")
            daemon.send(signal.SIGTERM)
            assert await daemon.ended() == -signal.SIGTERM
            simulator.stop_intercepting()
            stall.over.set()
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("recording.archived", recording_id=call.expected[0].id)
            assert await daemon.stop() == 0


async def test_a_download_in_hand_finishes_after_the_first_signal(tmp_path: Path) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK)
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            stall = Stall(simulator)
            call = await simulator.play(simulator.script("direct_inbound"))
            await stall.begun.wait()
            daemon.send(signal.SIGTERM)
            await daemon.event("service.stopping")
            stall.over.set()
            await daemon.event("recording.archived", recording_id=call.expected[0].id)
            assert await daemon.ended() == 0


async def _play_until_recorded(simulator: Simulator, daemon: Process) -> asyncio.Task[object]:
    """Begin a call and return while it is on and one of its recordings is known."""
    playing: asyncio.Task[object] = asyncio.create_task(simulator.play(simulator.script("direct_inbound")))
    await daemon.event("recording.expected")
    assert not playing.done()
    return playing


async def _killed_in(simulator: Simulator, config: Path, number: int) -> asyncio.Task[object]:
    """Kill a daemon while a call is on whose recording it has seen, or in the moment that it comes due."""
    async with started("run", "--config", str(config)) as daemon:
        await daemon.event("gateway.subscribed")
        playing: asyncio.Task[object] = asyncio.create_task(simulator.play(simulator.script("direct_inbound")))
        await daemon.event("recording.expected")
        if number % 2:
            await daemon.event("recording.due")
        daemon.send(signal.SIGKILL)
        assert await daemon.ended() == -signal.SIGKILL
    return playing


async def _all_archived(state: Path, number: int) -> None:
    """Wait until the ledger has so many recordings and all are archived."""
    async with asyncio.timeout(DEADLINE):
        while True:
            with View.opened(state / "ledger.db") as view:
                states = [] if view is None else list(view.states().values())
            if states == ["archived"] * number:
                return
            await asyncio.sleep(0.05)
