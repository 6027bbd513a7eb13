"""Names, ports and certificates, by real sockets."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from daemon.adapters.checkup.reachability import reach
from daemon.errors import Retryable


@asynccontextmanager
async def _listening(context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "ws"])
async def test_a_port_that_answers_is_reached(scheme: str) -> None:
    async with _listening() as port:
        reached = await reach(f"{scheme}://127.0.0.1:{port}/path?secret=1", 5)
    assert (reached.place, reached.days_left) == (f"127.0.0.1:{port}", None)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "https://", "https://127.0.0.1:99999", "http://[", "nonsense"])
async def test_an_address_that_is_none_is_told_from_one_that_is_silent(url: str) -> None:
    assert (await _failure(url)).code == "address"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 64 + ".invalid"])
async def test_a_name_that_nobody_knows(host: str) -> None:
    error = await _failure(f"https://{host}")
    assert error.code == "dns"
    assert host in str(error)


async def test_a_port_where_nobody_listens() -> None:
    async with _listening() as port:
        pass
    error = await _failure(f"http://127.0.0.1:{port}")
    assert (error.code, str(error)) == ("tcp", f"no connection to 127.0.0.1:{port} (Connection refused)")


async def test_a_port_that_takes_no_connection_is_given_up_in_time() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        held = [socket.socket() for _ in range(4)]
        for waiting in held:
            waiting.setblocking(False)  # noqa: FBT003  its signature
            waiting.connect_ex(full.getsockname())
        error = await _failure(f"http://127.0.0.1:{full.getsockname()[1]}", seconds=0.3)
        for waiting in held:
            waiting.close()
    assert (error.code, "in time" in str(error)) == ("tcp", True)


@pytest.mark.parametrize("scheme", ["https", "wss"])
async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(certificate: ssl.SSLContext, scheme: str) -> None:
    async with _listening(certificate) as port:
        error = await _failure(f"{scheme}://127.0.0.1:{port}")
    assert error.code == "tls"
    assert "self-signed certificate" in str(error)


async def test_a_certificate_that_is_trusted_has_its_days_counted(certificate: ssl.SSLContext) -> None:
    async with _listening(certificate) as port:
        vouched = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))
        reached = await reach(f"https://127.0.0.1:{port}", 5, ssl.create_default_context(cadata=vouched))
    assert reached.days_left is not None
    assert 1 < reached.days_left <= 2


async def test_a_server_that_speaks_no_tls() -> None:
    async with _listening() as port:
        assert (await _failure(f"https://127.0.0.1:{port}")).code == "tls"


async def _failure(url: str, seconds: float = 5) -> Retryable:
    with pytest.raises(Retryable) as raised:
        await reach(url, seconds)
    return raised.value
