"""The WebSocket gateway, by the simulator and by servers of our own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve

from daemon.adapters.gateway import LARGEST_MESSAGE, Gateway, Socket
from daemon.core.recovery import newest
from daemon.errors import Retryable
from daemon.ports import Ticket
from daemon.simulator import UNLIMITED, Options, Simulator
from tests.adapters.accounts import kept, of, opened
from tests.adapters.leaks import TICKET, leaked
from tests.simulator.patience import DEADLINE, until

GATEWAY = Gateway(connect_timeout=2, insecure=True)
HASTY = Gateway(connect_timeout=0.3, insecure=True, send_timeout=0.3)
SUBSCRIBE = (
    '[{"type": "ClientRequest", "messageId": "1", "method": "POST", "path": "/restapi/v1.0/subscription/"}, '
    '{"eventFilters": ["/restapi/v1.0/account/~/telephony/sessions"], "deliveryMode": {"transportType": "WebSocket"}}]'
)
Handler = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Ticket]:
    """Serve a gateway of our own; give a ticket to it."""
    async with serve(handler, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Ticket(f"ws://127.0.0.1:{port}/ws", TICKET)


@asynccontextmanager
async def connected(handler: Handler, gateway: Gateway = GATEWAY) -> AsyncIterator[Socket]:
    async with serving(handler) as ticket, gateway.connect(ticket) as connection:
        yield connection


async def _for_ever(step: Callable[[], Awaitable[object]]) -> None:
    while True:
        await step()


async def _loss(connection: Socket) -> Retryable:
    with pytest.raises(Retryable) as caught:
        await asyncio.wait_for(_for_ever(connection.receive), DEADLINE)
    assert leaked(caught.value) == []
    return caught.value


async def test_a_ticket_opens_one_connection_on_which_both_sides_speak(tmp_path: Path) -> None:
    async with Simulator(Options(limits=UNLIMITED)) as simulator:
        with opened(of(simulator), kept(tmp_path)) as account:
            await account.sign_in()
            ticket = await account.ticket()
        async with GATEWAY.connect(ticket) as connection:
            assert orjson.loads(await connection.receive())[0]["type"] == "ConnectionDetails"
            await connection.send('[{"type": "Heartbeat", "messageId": "1"}]')
            assert orjson.loads(await connection.receive())[0]["messageId"] == "1"
            assert simulator.connected == 1
        await until(lambda: simulator.connected == 0, "the connection to be closed")
        async with GATEWAY.connect(ticket) as again:
            error = await _loss(again)
        assert "4401 access_token is invalid" in str(error)
        assert simulator.violations.wstoken_reuse == 1


async def test_a_session_is_resumed_with_its_wsc_and_a_ticket_of_its_own(tmp_path: Path) -> None:
    async with Simulator(Options(limits=UNLIMITED)) as simulator:
        with opened(of(simulator), kept(tmp_path)) as account:
            await account.sign_in()
            first, second = await account.ticket(), await account.ticket()
        async with GATEWAY.connect(first) as connection:
            greeting = orjson.loads(await connection.receive())[0]
            await connection.send(SUBSCRIBE)
            await connection.receive()
        await until(lambda: simulator.connected == 0, "the connection to be closed")
        wsc = newest(None, greeting["wsc"], always=True)
        async with GATEWAY.connect(second, wsc) as connection:
            assert orjson.loads(await connection.receive())[1]["recoveryState"] == "Successful"
        assert simulator.violations.wstoken_reuse == 0


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        (1000, "", "1000"),
        (1001, "going away", "1001 going away"),
        (4400, "no token", "4400 no token"),
        (4401, "x" * 120, "4401 " + "x" * 100),
    ],
)
async def test_a_close_is_told_with_its_code_and_reason(code: int, reason: str, words: str) -> None:
    async def close(socket: ServerConnection) -> None:
        await socket.send(b"last words")
        await socket.close(code, reason)

    async with connected(close) as connection:
        assert await connection.receive() == b"last words"
        error = await _loss(connection)
        assert (error.code, str(error)) == ("closed", f"the gateway connection is closed: {words}")
        with pytest.raises(Retryable, match=str(code)):
            await connection.send("too late")


async def test_a_cut_is_told_as_one() -> None:
    async def cut(socket: ServerConnection) -> None:
        socket.transport.abort()

    async with connected(cut) as connection:
        error = await _loss(connection)
        assert (error.code, str(error)) == ("closed", "the gateway connection is closed: without a word")


async def test_a_message_comes_as_the_bytes_it_is_made_of() -> None:
    async def both(socket: ServerConnection) -> None:
        await socket.send(b"\xff")
        await socket.send("\u00fc")
        await socket.recv()

    async with connected(both) as connection:
        assert [await connection.receive(), await connection.receive()] == [b"\xff", "\u00fc".encode()]
        await connection.send("enough")


async def test_text_that_is_none_costs_nothing() -> None:
    async def garbage(socket: ServerConnection) -> None:
        await socket.send(b"\xff\xfe", text=True)
        await socket.send("good")
        await socket.wait_closed()

    async with connected(garbage) as connection:
        assert [await connection.receive(), await connection.receive()] == [b"\xff\xfe", b"good"]


@pytest.mark.parametrize(("size", "comes"), [(LARGEST_MESSAGE, True), (LARGEST_MESSAGE + 1, False)])
async def test_a_message_beyond_the_bound_costs_the_connection_not_the_memory(size: int, *, comes: bool) -> None:
    async def large(socket: ServerConnection) -> None:
        await socket.send("x" * size)
        await socket.wait_closed()

    async with connected(large) as connection:
        if comes:
            assert len(await connection.receive()) == size
        else:
            assert "by us, 1009" in str(await _loss(connection))


async def test_frames_are_not_packed_though_the_server_could() -> None:
    async def told(socket: ServerConnection) -> None:
        await socket.send(str(socket.request and socket.request.headers.get("Sec-WebSocket-Extensions")))
        await socket.wait_closed()

    async with serve(told, "127.0.0.1", 0, compression="deflate") as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with GATEWAY.connect(Ticket(f"ws://127.0.0.1:{port}/", TICKET)) as connection:
            assert await connection.receive() == b"None"


async def test_whoever_does_not_read_holds_up_the_server_not_our_memory() -> None:
    sent = 0

    async def flood(socket: ServerConnection) -> None:
        nonlocal sent
        while True:
            await socket.send("x" * (1 << 20))
            sent += 1

    async with connected(flood):
        await until(lambda: sent, "the first message to be sent")
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.2)
        assert 0 < sent < 100


async def test_a_server_that_takes_nothing_is_given_up() -> None:
    left = asyncio.Event()

    async def deaf(socket: ServerConnection) -> None:
        socket.transport.pause_reading()
        await left.wait()
        socket.transport.abort()

    async with serving(deaf) as ticket:
        async with asyncio.timeout(DEADLINE), HASTY.connect(ticket) as connection:
            with pytest.raises(Retryable) as caught:
                await asyncio.wait_for(_for_ever(lambda: connection.send("x" * (1 << 20))), DEADLINE)
        left.set()
        assert (caught.value.code, str(caught.value)) == ("timeout", "the gateway takes nothing")


async def test_leaving_closes_the_connection() -> None:
    closed = asyncio.Event()

    async def watch(socket: ServerConnection) -> None:
        await socket.wait_closed()
        closed.set()

    async with connected(watch):
        pass
    async with asyncio.timeout(DEADLINE):
        await closed.wait()
