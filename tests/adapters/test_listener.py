"""The listener over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp
import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from daemon.adapters.listener import Listener
from daemon.adapters.listener.listener import AGAIN, MOST_CLIENTS
from daemon.adapters.metrics import Metrics
from daemon.core.standing import Backlog, Login, Standing
from tests.adapters.figures import STANDING, read
from tests.fakes import FakeClock
from tests.simulator.patience import until
from tests.tasks.background import DEADLINE, background

WELL = replace(STANDING, backlog=Backlog())
ILL = replace(WELL, connection="waiting", reason="1006", login=Login(0.0, "OAU-213"), backlog=Backlog(overdue=1))


@dataclass
class Place:
    """A listener, and what it says."""

    clock: FakeClock
    log: list[EventDict]
    standing: Standing = WELL

    async def address(self) -> str:
        """Wait until it listens; say where."""
        return str((await self.logged("listener.started"))["listen"])

    async def logged(self, event: str) -> EventDict:
        """Wait for a line of the log."""
        await until(lambda: event in [one["event"] for one in self.log], event)
        return next(one for one in self.log if one["event"] == event)


@asynccontextmanager
async def listening(address: str = "127.0.0.1:0") -> AsyncIterator[Place]:
    with capture_logs() as log:
        place = Place(FakeClock(), log)
        listener = Listener(address, lambda: place.standing, Metrics().text, place.clock)
        async with background(place.clock, listener.run()):
            yield place


@asynccontextmanager
async def asked(place: Place, path: str, method: str = "GET") -> AsyncIterator[aiohttp.ClientResponse]:
    at = await place.address()
    async with aiohttp.ClientSession() as session, session.request(method, f"http://{at}{path}") as response:
        yield response


async def raw(at: str, text: str) -> bytes:
    """Send a request as it stands; give the status line."""
    host, _, port = at.rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    try:
        writer.write(text.encode())
        async with asyncio.timeout(DEADLINE):
            return await reader.readline()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_prometheus_gets_the_figures_of_this_moment() -> None:
    async with listening() as place:
        async with asked(place, "/metrics") as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/plain; version=")
            assert read(await response.read())["recordingd_ready"] == 1
        place.standing = ILL
        async with asked(place, "/metrics") as response:
            assert read(await response.read())["recordingd_ready"] == 0


async def test_ready_is_a_status_and_each_trouble_a_sentence() -> None:
    async with listening() as place:
        async with asked(place, "/readyz") as response:
            assert response.status == 200
            assert response.headers["Content-Type"] == "application/json"
            assert await response.json() == {
                "ready": True,
                "status": "subscribed; 3 calls on; no recordings due; nothing archived yet",
                "troubles": [],
            }
        place.standing = ILL
        async with asked(place, "/readyz") as response:
            assert response.status == 503
            told = await response.json()
    assert told["ready"] is False
    assert told["troubles"] == [
        {"trouble": "login-refused", "message": "RingCentral refuses the login: OAU-213"},
        {"trouble": "overdue", "message": "1 recording overdue"},
        {"trouble": "not-subscribed", "message": "not subscribed since 12:00:00, waiting to reconnect: 1006"},
    ]
    assert all(one["message"] in told["status"] for one in told["troubles"])


async def test_a_refused_reload_is_told_and_takes_nobody_out_of_service() -> None:
    async with listening() as place:
        place.standing = replace(WELL, config="unknown key")
        async with asked(place, "/readyz") as response:
            told = await response.json()
    assert (response.status, told["ready"], [one["trouble"] for one in told["troubles"]]) == (
        200,
        True,
        ["config-refused"],
    )


async def test_health_is_whether_everybody_comes_back_and_nothing_else() -> None:
    async with listening() as place:
        place.standing = ILL
        async with asked(place, "/healthz") as response:
            assert (response.status, await response.json()) == (200, {"alive": True, "late": []})
        place.standing = replace(WELL, late=("ledger",))
        async with asked(place, "/healthz") as response:
            assert (response.status, await response.json()) == (503, {"alive": False, "late": ["ledger"]})


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
async def test_head_is_answered_like_get_and_every_answer_is_for_its_asker_only(path: str) -> None:
    async with listening() as place:
        async with asked(place, path, "HEAD") as response:
            assert (response.status, await response.read()) == (200, b"")
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/metrics/..%2f..%2fetc/passwd", 404),
        ("GET", "/" + "x" * 8000, 404),
        ("GET", "/" + "x" * 20_000, 400),
        ("POST", "/metrics", 405),
        ("DELETE", "/readyz", 405),
    ],
)
async def test_nothing_else_is_there_and_nothing_can_be_done(method: str, path: str, status: int) -> None:
    async with listening() as place:
        async with asked(place, path, method) as response:
            assert response.status == status
        async with asked(place, "/readyz") as response:
            assert response.status == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:9464", "", "localhost.attacker.example", "10.0.0.1"]
)
async def test_a_page_that_points_its_own_name_at_this_machine_reads_nothing(host: str) -> None:
    async with listening() as place:
        for path in ("/metrics", "/readyz", "/nothing"):
            line = await raw(await place.address(), f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")
            assert line.startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST:80", "localhost:9464", "127.0.0.2:1", "[::1]", "[::1]:9464"]
)
async def test_the_machines_own_names_are_answered(host: str) -> None:
    async with listening() as place:
        line = await raw(await place.address(), f"GET /readyz HTTP/1.1\r\nHost: {host}\r\n\r\n")
        assert line.startswith(b"HTTP/1.1 200 ")


async def test_an_address_that_others_are_to_reach_answers_to_any_name() -> None:
    async with listening("0.0.0.0:0") as place:
        _, _, port = (await place.address()).rpartition(":")
        async with aiohttp.ClientSession() as session:
            headers = {"Host": "recorder.example"}
            async with session.get(f"http://127.0.0.1:{port}/readyz", headers=headers) as response:
                assert response.status == 200


async def test_ipv6_is_an_address_like_any_other() -> None:
    async with listening("[::1]:0") as place:
        assert (await place.address()).startswith("[::1]:")
        async with asked(place, "/readyz") as response:
            assert response.status == 200


async def test_a_port_that_is_taken_is_said_once_and_tried_again_until_it_is_free() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        async with listening(f"127.0.0.1:{port}") as place:
            await place.logged("listener.failed")
            await place.clock.advance(3 * AGAIN)
            (failed,) = place.log
            assert (failed["event"], failed["listen"], failed["log_level"]) == (
                "listener.failed",
                f"127.0.0.1:{port}",
                "error",
            )
            assert "in use" in failed["reason"]
            other.close()
            await place.clock.advance(AGAIN)
            assert await place.address() == f"127.0.0.1:{port}"
            async with asked(place, "/readyz") as response:
                assert response.status == 200


async def test_a_body_is_neither_wanted_nor_kept() -> None:
    async with listening() as place:
        line = await raw(
            await place.address(), "POST /readyz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"
        )
        assert line.startswith(b"HTTP/1.1 405 ")
        line = await raw(
            await place.address(), "GET /readyz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"
        )
        assert line.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 200 "))


async def test_clients_that_never_finish_their_request_keep_nobody_else_waiting() -> None:
    async with listening() as place:
        host, _, port = (await place.address()).rpartition(":")
        slow = [await asyncio.open_connection(host, int(port)) for _ in range(50)]
        for _, writer in slow:
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: local")
        async with asked(place, "/readyz") as response:
            assert response.status == 200
        for _, writer in slow:
            writer.close()


async def test_of_too_many_clients_the_first_has_to_go_and_the_latest_is_answered() -> None:
    async with listening() as place:
        host, _, port = (await place.address()).rpartition(":")
        clients = [await asyncio.open_connection(host, int(port)) for _ in range(3 * MOST_CLIENTS)]
        first, _ = clients[0]
        async with asyncio.timeout(DEADLINE):
            assert await first.read() == b""
        async with asked(place, "/readyz") as response:
            assert response.status == 200
        await until(lambda: sum(not reader.at_eof() for reader, _ in clients) < MOST_CLIENTS, "the others to go")
        for _, writer in clients:
            writer.close()


@pytest.mark.parametrize("address", ["localhost:0", "LOCALHOST:0", "127.0.0.2:0", "[0:0:0:0:0:0:0:1]:0"])
async def test_however_loopback_is_written_it_is_guarded(address: str) -> None:
    async with listening(address) as place:
        host, _, port = (await place.address()).split(", ")[0].rpartition(":")
        line = await raw(f"{host}:{port}", "GET /metrics HTTP/1.1\r\nHost: attacker.example\r\n\r\n")
        assert line.startswith(b"HTTP/1.1 421 ")


async def test_the_end_does_not_wait_for_a_client() -> None:
    async with asyncio.timeout(DEADLINE):
        async with listening() as place:
            host, _, port = (await place.address()).rpartition(":")
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: local")
        writer.close()


CROWD = 64
"""Connections at once; of more the kernel would leave some waiting, whom the listener never sees."""


async def test_a_crowd_that_comes_at_once_finds_no_more_room_than_any_other() -> None:
    async with listening() as place:
        host, _, port = (await place.address()).rpartition(":")
        clients = []
        async with asyncio.timeout(DEADLINE):
            for _ in range(10):  # as many at once as the kernel lets wait for us
                clients += await asyncio.gather(*(asyncio.open_connection(host, int(port)) for _ in range(CROWD)))
        await until(lambda: sum(not reader.at_eof() for reader, _ in clients) <= MOST_CLIENTS, "the crowd to go")
        async with asked(place, "/readyz") as response:
            assert response.status == 200
        for _, writer in clients:
            writer.close()
