"""The heartbeat's call, to a real server."""

import asyncio

import pytest

from daemon import __version__
from daemon.adapters.heartbeat import Heartbeat
from daemon.errors import Retryable
from tests.adapters.rude import Asked, head, rude

SECRET = "/ping/b3f1c2d4-secret?rid=hidden"
Writer = asyncio.StreamWriter


async def _well(_: Asked, writer: Writer) -> None:
    writer.write(head("200 OK", Content_Length=2) + b"OK")


async def test_it_is_one_get_of_the_url_that_says_who_calls() -> None:
    async with rude(_well) as server:
        await Heartbeat(server.url + SECRET).beat()
    (asked,) = server.asked
    assert asked.line == f"GET {SECRET} HTTP/1.1"
    assert asked.headers["user-agent"] == f"recordingd/{__version__}"
    assert "cookie" not in asked.headers
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("status", ["204 No Content", "202 Accepted"])
async def test_any_success_will_do(status: str) -> None:
    async def answer(_: Asked, writer: Writer) -> None:
        writer.write(head(status, Content_Length=0))

    async with rude(answer) as server:
        await Heartbeat(server.url + SECRET).beat()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
async def test_a_redirect_is_not_followed_and_is_no_success(status: str) -> None:
    async with rude(_well) as elsewhere:

        async def answer(_: Asked, writer: Writer) -> None:
            writer.write(head(status, Location=elsewhere.url + SECRET, Content_Length=0))

        async with rude(answer) as server:
            with pytest.raises(Retryable, match=rf"^status {status[:3]}$"):
                await Heartbeat(server.url + SECRET).beat()
    assert elsewhere.asked == []


@pytest.mark.parametrize("status", ["400 Bad", "404 Not Found", "429 Too Many", "500 Oops", "503 Later"])
async def test_a_refusal_is_told_by_its_status_alone(status: str) -> None:
    async def answer(asked: Asked, writer: Writer) -> None:
        body = asked.line.encode()
        writer.write(head(status, Content_Length=len(body)) + body)

    async with rude(answer) as server:
        with pytest.raises(Retryable) as caught:
            await Heartbeat(server.url + SECRET).beat()
    assert (str(caught.value), caught.value.code) == (f"status {status[:3]}", status[:3])


async def _hangs_up(_: Asked, writer: Writer) -> None:
    writer.transport.abort()


async def _speaks_in_tongues(_: Asked, writer: Writer) -> None:
    writer.write(b"\xff\xfe not HTTP at all\r\n\r\n")


@pytest.mark.parametrize("behaviour", [_hangs_up, _speaks_in_tongues])
async def test_no_answer_names_neither_the_url_nor_what_was_said(behaviour: object) -> None:
    async with rude(behaviour) as server:  # type: ignore[arg-type]  # a Behaviour; pytest cannot say so
        with pytest.raises(Retryable) as caught:
            await Heartbeat(server.url + SECRET).beat()
    _tells_nothing(caught.value, server.port)


async def test_nobody_there_is_told_without_the_url() -> None:
    async with rude(_well) as server:
        pass
    with pytest.raises(Retryable) as caught:
        await Heartbeat(server.url + SECRET).beat()
    _tells_nothing(caught.value, server.port)


def _tells_nothing(error: Retryable, port: int) -> None:
    assert error.code == "connect"
    assert error.__cause__ is None
    assert error.__suppress_context__, "a traceback would show the library's error, and that the URL"
    for word in ("secret", "hidden", "127.0.0.1", str(port)):
        assert word not in str(error)
