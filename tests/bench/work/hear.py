"""Clients that hear notifications and do no more with them than decode: the limit, the naive way, the official SDK."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from ringcentral.websocket import WebSocketClient, WebSocketEvents
from websockets.asyncio.client import connect

from tests.bench.harness.race import Wrong
from tests.bench.telling import SIZE
from tests.bench.work import carry_out

ASK = json.dumps([{"type": "ClientRequest", "messageId": "m1", "method": "POST", "path": "/restapi/v1.0/subscription"}])


class Watch:
    """From the first notification to the last one."""

    def __init__(self, notifications: int) -> None:
        self._left = self._all = notifications
        self._began = self._cpu = 0.0
        self.figures: dict[str, float] = {}
        self.done = asyncio.Event()

    def start(self) -> None:
        """Begin."""
        self._began, self._cpu = time.perf_counter(), time.process_time()

    def heard(self) -> None:
        """Count one."""
        if self._left == self._all:
            self.start()
        self._left -= 1
        if not self._left:
            self.stop()

    def stop(self) -> None:
        """Take the time."""
        took, cpu = time.perf_counter() - self._began, time.process_time() - self._cpu
        self.figures = {"rate": self._all / took, "cpu": 1e6 * cpu / self._all}
        self.done.set()


async def bare(port: int, notifications: int, decode: Callable[[bytes], Any] | None, *, is_text: bool) -> Watch:
    """Receive and decode."""
    async with connect(f"ws://127.0.0.1:{port}/ws?access_token=t", ping_interval=None, max_size=None) as socket:
        await socket.recv()
        watch = Watch(notifications)
        await socket.send(ASK)
        await socket.recv()
        size = len(await socket.recv(decode=False))
        watch.start()
        for _ in range(notifications - 1):
            frame = await socket.recv() if is_text else await socket.recv(decode=False)
            size += len(frame)
            if decode is not None and decode(frame)[0]["type"] != "ServerNotification":  # type: ignore[arg-type]
                raise Wrong("a frame that is no notification")
        watch.stop()
        if not 0.95 * SIZE < size / notifications < 1.05 * SIZE:
            raise Wrong(f"frames of {size / notifications:.0f} bytes")
        return watch


async def sdk(port: int, notifications: int) -> Watch:
    """Let the official SDK's own WebSocket client do it; who is told of every notification only counts."""
    client = WebSocketClient(Platform(port))
    made: asyncio.Future[Watch] = asyncio.get_running_loop().create_future()
    asking: list[asyncio.Task[None]] = []

    async def subscribe() -> None:
        watch = Watch(notifications)
        client.on(WebSocketEvents.receiveSubscriptionNotification, lambda _: watch.heard())
        await client.create_subscription(["/restapi/v1.0/account/~/telephony/sessions"])
        made.set_result(watch)

    client.on(WebSocketEvents.connectionCreated, lambda _: asking.append(asyncio.create_task(subscribe())))
    connection = asyncio.create_task(client.create_new_connection())
    watch = await made
    await watch.done.wait()
    connection.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await connection
    return watch


class Platform:
    """What the SDK's client asks for a ticket."""

    def __init__(self, port: int) -> None:
        self._port = port

    def post(self, *_: object, **__: object) -> "Platform":
        return self

    def json_dict(self) -> dict[str, str]:
        return {"uri": f"ws://127.0.0.1:{self._port}/ws", "ws_access_token": "t"}


def job(how: str, port: int, notifications: int) -> Mapping[str, float]:
    """Measure one way."""
    match how:
        case "recv":
            work = bare(port, notifications, None, is_text=False)
        case "orjson":
            work = bare(port, notifications, orjson.loads, is_text=False)
        case "json":
            work = bare(port, notifications, json.loads, is_text=True)
        case _:
            work = sdk(port, notifications)
    return asyncio.run(work).figures


if __name__ == "__main__":
    carry_out(job)
