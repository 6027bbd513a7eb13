"""Downloads byte by byte: what is on the wire, whatever an HTTP library would make of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from daemon.simulator import UNLIMITED, Options, Recording, Simulator
from tests.simulator.patience import DEADLINE
from tests.simulator.visitor import Visitor, visiting

FREE = Options(limits=UNLIMITED, speed=1000, ready_seconds=0, log_lag_seconds=0, content_types=("audio/mpeg",))
QUIET = 0.15
"""Seconds without a byte that count as silence."""


@dataclass(slots=True)
class Download:
    """An answer whose header has been read."""

    status: int
    headers: dict[str, str]
    reader: asyncio.StreamReader

    async def rest(self) -> bytes:
        """Read until the connection ends, however it ends."""
        async with asyncio.timeout(DEADLINE):
            body = b""
            try:
                while piece := await self.reader.read(1 << 16):
                    body += piece
            except ConnectionResetError:
                pass
            return body

    async def exactly(self, size: int) -> bytes:
        async with asyncio.timeout(DEADLINE):
            return await self.reader.readexactly(size)

    async def is_silent(self) -> bool:
        """Say whether nothing comes for a while, not even the end."""
        try:
            async with asyncio.timeout(QUIET):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def asking(simulator: Simulator, visitor: Visitor, recording_id: str, **headers: str) -> AsyncIterator[Download]:
    """Ask for content by hand; nothing has been read yet."""
    place = urlsplit(simulator.media_url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    path = f"/restapi/v1.0/account/~/recording/{quote(recording_id, safe='')}/content"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = {"Host": place.netloc, "Connection": "close", **visitor.bearer(), **named}
    writer.write("\r\n".join([f"GET {path} HTTP/1.1", *(f"{k}: {v}" for k, v in lines.items()), "", ""]).encode())
    try:
        yield Download(0, {}, reader)
    finally:
        writer.close()


@asynccontextmanager
async def downloading(
    simulator: Simulator, visitor: Visitor, recording_id: str, **headers: str
) -> AsyncIterator[Download]:
    """Ask for content by hand, and read the answer's header."""
    async with asking(simulator, visitor, recording_id, **headers) as download, asyncio.timeout(DEADLINE):
        first, *lines = (await download.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        download.status = int(first.split()[1])
        download.headers = dict(line.split(": ", 1) for line in lines)
        yield download


@asynccontextmanager
async def one_recording(name: str, share: float = 1.0) -> AsyncIterator[tuple[Simulator, Visitor, Recording]]:
    """Have one recording that can be had, and a fault on."""
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        recording = recorded(simulator)
        async with simulator.fault(name, share):
            yield simulator, visitor, recording


def recorded(simulator: Simulator, seed: int = 1) -> Recording:
    """Let a call have been recorded a minute ago."""
    return simulator.recall(simulator.script("direct_inbound", seed=seed), ago_seconds=60).recordings[0]
