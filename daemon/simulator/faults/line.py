"""An HTTP answer written by hand, so that it can break every rule an HTTP library keeps."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from daemon.simulator.world import HEADERS

LOOK_SECONDS = 0.05
"""How often a stalled answer looks whether anybody still waits for it. Real seconds: a socket is waited for."""
FULL = 1 << 18
"""Bytes not taken by the client yet, above which an endless answer pauses."""


class Written(web.StreamResponse):
    """An answer that has been written already; nothing is added, and the connection closes."""

    def __init__(self, status: int) -> None:
        super().__init__(status=status)
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:  # noqa: ARG002 - aiohttp's shape
        """Write no header: that was done."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Write no ending: that there is none may be the point."""


class Line:
    """The connection one request came by."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._status = 200

    @property
    def gone(self) -> bool:
        """Whether the client has left."""
        transport = self._request.transport
        return transport is None or transport.is_closing()

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Write the status line and these headers, and the rate limit's."""
        self._status = status
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in {**self._request.get(HEADERS, {}), **headers}.items()]
        self.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""
        transport = self._request.transport
        if transport is not None and not transport.is_closing():
            transport.write(data)

    def chunk(self, data: bytes) -> None:
        """Write one piece of a chunked body."""
        self.write(b"%x\r\n%s\r\n" % (len(data), data))

    async def pause(self, seconds: float) -> None:
        """Let time pass, less if the client leaves."""
        end = asyncio.get_running_loop().time() + seconds
        while not self.gone and (left := end - asyncio.get_running_loop().time()) > 0:  # noqa: ASYNC110 - nothing tells that it left
            await asyncio.sleep(min(left, LOOK_SECONDS))

    async def drain(self) -> None:
        """Wait until the client has taken most of what was written."""
        while not self.gone and self._waiting() > FULL:  # noqa: ASYNC110 - nothing tells that it was taken
            await asyncio.sleep(LOOK_SECONDS)

    def _waiting(self) -> int:
        transport = self._request.transport
        return 0 if transport is None else transport.get_write_buffer_size()

    def end(self) -> Written:
        """End here: what was written goes out, then the connection closes."""
        return Written(self._status)

    def cut(self) -> Written:
        """End here as a network does: the connection is reset."""
        if (transport := self._request.transport) is not None:
            transport.abort()
        return Written(self._status)
