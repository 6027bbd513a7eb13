"""Gateways that do not let us in: retryable, and never a word of the ticket."""

import asyncio
import ssl

import pytest

from daemon.adapters.gateway import Gateway
from daemon.core.recovery import Wsc
from daemon.errors import Retryable
from daemon.ports import Ticket
from tests.adapters.leaks import TICKET, leaked
from tests.adapters.rude import Behaviour, always, head, rude, then_silence, whole
from tests.simulator.patience import DEADLINE

GATEWAY = Gateway(connect_timeout=2, insecure=True)
HASTY = Gateway(connect_timeout=0.3, insecure=True, send_timeout=0.3)


async def _refusal(ticket: Ticket, gateway: Gateway = GATEWAY) -> Retryable:
    with pytest.raises(Retryable) as caught:
        async with asyncio.timeout(DEADLINE), gateway.connect(ticket):
            pass
    assert leaked(caught.value) == []
    return caught.value


@pytest.mark.parametrize(
    ("end", "asked"),
    [("/ws", "/ws?access_token="), ("/ws?wsc=a%2Bb", "/ws?wsc=a%2Bb&access_token="), ("", "/?access_token=")],
)
async def test_the_token_joins_whatever_query_there_is_and_is_quoted(end: str, asked: str) -> None:
    async with rude(always(whole(b"", "403 No"))) as place:
        await _refusal(Ticket(f"ws://127.0.0.1:{place.port}{end}", "a+b&c/d"))
        assert place.asked[0].line == f"GET {asked}a%2Bb%26c%2Fd HTTP/1.1"


async def test_the_session_to_be_resumed_is_named_last_and_quoted() -> None:
    async with rude(always(whole(b"", "403 No"))) as place:
        with pytest.raises(Retryable) as caught:
            async with GATEWAY.connect(Ticket(f"ws://127.0.0.1:{place.port}/ws", TICKET), Wsc("a+b&c/d", 7)):
                pass
        assert place.asked[0].line.endswith("&wsc=a%2Bb%26c%2Fd HTTP/1.1")
    assert leaked(caught.value) == []
    assert "a+b" not in repr(Wsc("a+b&c/d", 7))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(always(whole(b"no", "401 Unauthorized")), id="401"),
        pytest.param(always(whole(b"no", "403 Forbidden")), id="403"),
        pytest.param(always(whole(b"no", "429 Too Many", Retry_After=9)), id="429"),
        pytest.param(always(whole(b"no", "503 Busy")), id="503"),
        pytest.param(always(whole(b"<html>", content_type="text/html")), id="a page"),
        pytest.param(always(head("101 Switching", Upgrade="websocket", Connection="Upgrade")), id="no accept"),
        pytest.param(always(b"220 smtp ready\r\n\r\n"), id="no web server"),
        pytest.param(always(b""), id="hangs up"),
        pytest.param(then_silence(b""), id="silence"),
        pytest.param(then_silence(b"HTTP/1.1 101 Swi"), id="half an answer"),
    ],
)
async def test_a_handshake_that_fails_is_retryable_and_tells_no_token(answer: Behaviour) -> None:
    async with rude(answer) as place:
        error = await _refusal(Ticket(f"ws://127.0.0.1:{place.port}/ws", TICKET), HASTY)
        assert error.code == "connect"
        assert TICKET in place.asked[0].line


async def test_a_redirect_is_not_followed() -> None:
    async with rude(always(whole(b"", "403 No"))) as target:
        location = f"ws://127.0.0.1:{target.port}/ws"
        async with rude(always(whole(b"", "302 Elsewhere", Location=location))) as place:
            await _refusal(Ticket(f"ws://127.0.0.1:{place.port}/ws", TICKET))
        assert target.asked == []


async def test_nobody_there_is_retryable() -> None:
    async with rude(always(b"")) as place:
        pass
    assert (await _refusal(Ticket(f"ws://127.0.0.1:{place.port}/ws", TICKET))).code == "connect"


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "ws",
        "wss://",
        "wss:///ws",
        "wss://[",
        "wss://[::1",
        "wss://127.0.0.1:99999/",
        "wss://127.0.0.1:x/",
        "wss://127.0.0.1/#part",
        "wss://" + "x" * 300 + ".invalid/",
        "wss://a..b.invalid/",
        "https://127.0.0.1/",
        "wss://user@127.0.0.1/",
        "wss://\u00fc\u3002/\u00fc",
    ],
)
@pytest.mark.parametrize("insecure", [True, False])
async def test_an_address_that_is_none_is_retryable(uri: str, *, insecure: bool) -> None:
    error = await _refusal(Ticket(uri, TICKET), Gateway(connect_timeout=0.3, insecure=insecure))
    assert error.code in {"connect", "insecure"}


async def test_a_plain_gateway_is_refused_before_anything_is_sent() -> None:
    async with rude(always(b"")) as place:
        ticket = Ticket(f"ws://127.0.0.1:{place.port}/ws", TICKET)
        error = await _refusal(ticket, Gateway(connect_timeout=2, insecure=False))
        assert (error.code, str(error)) == ("insecure", "the gateway's address is not wss")
        assert place.asked == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: ssl.SSLContext) -> None:
    async with rude(always(b""), certificate) as place:
        error = await _refusal(Ticket(f"wss://127.0.0.1:{place.port}/ws", TICKET))
        assert "certificate" in str(error)
        assert place.asked == []
