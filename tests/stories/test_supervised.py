"""The daemon as a process, and what it tells the service manager: over a real socket, as systemd's."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.stories.processes import DEADLINE, Process, settings, started

QUICK = {"settle_seconds": 0.2}


class Manager:
    """A service manager that only listens.

    Attributes:
        told: Every message so far, each with its lines.
    """

    def __init__(self, listening: socket.socket) -> None:
        self._socket = listening
        self.told: list[list[str]] = []

    async def until(self, part: str) -> str:
        """Wait for a line that contains `part`; those before it are read too."""
        async with asyncio.timeout(DEADLINE):
            while True:
                message = await asyncio.get_running_loop().sock_recv(self._socket, 65536)
                self.told.append(message.decode().split("\n"))
                for line in self.told[-1]:
                    if part in line:
                        return line

    def count(self, word: str) -> int:
        return sum(message.count(word) for message in self.told)


@contextmanager
def listening(place: Path) -> Iterator[Manager]:
    path = place / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as opened:
        opened.bind(str(path))
        yield Manager(opened)


@asynccontextmanager
async def supervised(
    place: Path, simulator: Simulator, **tables: dict[str, object]
) -> AsyncIterator[tuple[Manager, Process]]:
    config = settings(place, simulator.config_toml(place), calls=QUICK, **tables)
    environ = {**os.environ, "NOTIFY_SOCKET": str(place / "notify"), "WATCHDOG_USEC": "2000000"}
    environ.pop("WATCHDOG_PID", None)
    with listening(place) as manager:
        async with started("run", "--config", str(config), environ=environ) as daemon:
            yield manager, daemon


async def test_a_start_is_ready_when_it_listens_and_an_end_says_that_it_has_begun(tmp_path: Path) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        async with supervised(tmp_path, simulator) as (manager, daemon):
            await manager.until("READY=1")
            assert daemon.named("gateway.subscribed")
            await manager.until("STATUS=subscribed; 0 calls on; no recordings due; nothing archived yet")
            await simulator.play(simulator.script("direct_inbound"))
            await manager.until("last archived ")
            await manager.until("WATCHDOG=1")
            daemon.send(signal.SIGTERM)
            await manager.until("STOPPING=1")
            assert await daemon.ended() == 0
        assert manager.count("READY=1") == 1


async def test_a_login_that_is_retried_is_not_ready_and_says_why(tmp_path: Path) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        simulator.turn_on("account.oauth-down")
        async with supervised(tmp_path, simulator) as (manager, daemon):
            await manager.until("signing in: RingCentral")
            await manager.until("EXTEND_TIMEOUT_USEC=")
            assert (manager.count("READY=1"), manager.count("WATCHDOG=1")) == (0, 0)
            assert await daemon.stop() == 0


async def test_a_gateway_that_is_away_is_no_reason_not_to_be_ready(tmp_path: Path) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        simulator.turn_on("link.accept-then-drop")
        async with supervised(tmp_path, simulator) as (manager, daemon):
            await manager.until("READY=1")
            await manager.until("STATUS=not subscribed since ")
            assert await daemon.stop() == 0


async def test_a_process_that_is_aborted_says_where_every_thread_is(tmp_path: Path) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        async with supervised(tmp_path, simulator) as (manager, daemon):
            await manager.until("READY=1")
            daemon.send(signal.SIGABRT)
            assert await daemon.ended() == -signal.SIGABRT
        assert "Fatal Python error: Aborted" in daemon.complaints
        assert daemon.complaints.count("Thread 0x") > 1
        assert "run_forever" in daemon.complaints


@pytest.mark.parametrize("address", ["", "nowhere", "/there/is/no/such/socket"])
async def test_where_nobody_listens_nothing_is_missed(tmp_path: Path, address: str) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK)
        environ = {**os.environ, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "nonsense"}
        async with started("run", "--config", str(config), environ=environ) as daemon:
            await daemon.event("gateway.subscribed")
            assert await daemon.stop() == 0
        assert daemon.complaints == ""
