"""A server without manners: it answers with whatever bytes it is told to, when it is told to."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Behaviour = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]
"""Answers one request; the connection is closed behind it, unless the server is `lasting`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came.

    Attributes:
        line: `GET /path?query HTTP/1.1`.
        headers: By lower-case name.
    """

    line: str
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class Shelf:
    """A body that is given whole or from where it is asked for, as RFC 9110 wants it; to be used as a `Behaviour`.

    Attributes:
        cuts: After how many bytes the next answers break off, an answer each.
        most: Bytes one answer carries at most; more comes as an unasked 206.
        then: What is on the shelf after the first answer.
    """

    body: bytes
    etag: str = '"v1"'
    cuts: list[int] = field(default_factory=list)
    most: int = 1 << 40
    then: "Shelf | None" = None

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        ranged = "range" in asked.headers and asked.headers.get("if-range", self.etag) == self.etag
        start = int(asked.headers["range"].removeprefix("bytes=").removesuffix("-")) if ranged else 0
        part = self.body[start : start + self.most]
        headers: dict[str, object] = {"Content_Type": "audio/mpeg", "Content_Length": len(part)}
        if self.etag:
            headers["ETag"] = self.etag
        if ranged or len(part) < len(self.body):
            headers["Content_Range"] = f"bytes {start}-{start + len(part) - 1}/{len(self.body)}"
        answer = head("206 Partial Content" if "Content_Range" in headers else "200 OK", **headers)
        writer.write(answer + part[: self.cuts.pop(0) if self.cuts else None])
        if self.then is not None:
            self.body, self.etag, self.most, self.then = self.then.body, self.then.etag, self.then.most, None


@dataclass(slots=True)
class Rude:
    """Where it is and what it was asked, over how many connections."""

    port: int
    scheme: str
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


@asynccontextmanager
async def rude(
    behave: Behaviour, context: ssl.SSLContext | None = None, *, lasting: bool = False
) -> AsyncIterator[Rude]:
    """Serve until left; whoever is still being served is let go. `lasting` is one connection for many requests."""
    serving: set[asyncio.Task[object]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            place.connections += 1
            while True:
                asked = await _read(reader)
                place.asked.append(asked)
                await behave(asked, writer)
                await writer.drain()
                if not lasting or writer.is_closing():
                    break
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
            await writer.wait_closed()
        serving.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    place = Rude(server.sockets[0].getsockname()[1], "http" if context is None else "https")
    try:
        yield place
    finally:
        server.close()
        left = tuple(serving)
        for task in left:
            task.cancel()
        await asyncio.gather(*left)
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (header.partition(":") for header in rest)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(line, headers, body.decode("latin-1"))


def head(status: str = "200 OK", **headers: object) -> bytes:
    """Write the beginning of an answer; underscores in names stand for hyphens.

    It says that the connection is closed behind it: whether the other side hears of that in time is chance else.
    """
    said = {"Connection": "close", **headers}
    return begin(status, **said)


def begin(status: str = "200 OK", **headers: object) -> bytes:
    """Write the beginning of an answer that says nothing of the connection."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body: bytes, status: str = "200 OK", content_type: str = "application/json", **headers: object) -> bytes:
    """Write an answer that is as long as it says."""
    return head(status, Content_Type=content_type, Content_Length=len(body), **headers) + body


def always(answer: bytes) -> Behaviour:
    """Answer everything with the same."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return behave


def then_silence(beginning: bytes) -> Behaviour:
    """Begin an answer and never finish it."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        await asyncio.Event().wait()

    return behave


def then_trickle(beginning: bytes, drop: bytes = b"x") -> Behaviour:
    """Begin an answer and go on with a drop at a time, for ever."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.02)

    return behave


def then_flood(beginning: bytes, piece: bytes = bytes(1 << 20)) -> Behaviour:
    """Begin an answer and go on as fast as it is taken, for ever."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        while True:
            writer.write(piece)
            await writer.drain()

    return behave
