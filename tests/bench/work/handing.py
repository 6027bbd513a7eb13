"""A RingCentral on one TLS port, as far as a hand-off needs one: login, ticket, call log, gateway, calls to play."""

import asyncio
import ssl
import time
from pathlib import Path

import orjson
from aiohttp import web

from tests.bench import telling
from tests.bench.media import KINDS, ids
from tests.bench.work import begin, end
from tests.bench.work.blast import LOGIN

BETWEEN = 0.005
"""Seconds between two notifications of a call."""
LIMITS = {
    "X-Rate-Limit-Group": "heavy",
    "X-Rate-Limit-Limit": "1000000",
    "X-Rate-Limit-Remaining": "999999",
    "X-Rate-Limit-Window": "60",
}


class Desk:
    """Answers, and plays calls to whoever has subscribed last."""

    def __init__(self) -> None:
        self.port = 0
        self._subscribed: asyncio.Future[web.WebSocketResponse] = asyncio.get_running_loop().create_future()

    async def login(self, _: web.Request) -> web.Response:
        return web.json_response(LOGIN)

    async def ticket(self, _: web.Request) -> web.Response:
        address = f"wss://127.0.0.1:{self.port}/ws"
        return web.json_response({"uri": address, "ws_access_token": "a-ticket", "expires_in": 600})

    async def call_log(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"records": [], "navigation": {}, "paging": {"page": 1, "perPage": 1000}}, headers=LIMITS
        )

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await socket.send_str(telling.GREETING.decode())
        async for message in socket:
            asked = orjson.loads(message.data)[0]
            if asked["type"] == "ClientRequest":
                await socket.send_str(telling.answer(message.data.encode()).decode())
                if self._subscribed.done():
                    self._subscribed = asyncio.get_running_loop().create_future()
                self._subscribed.set_result(socket)
            else:
                await socket.send_str(orjson.dumps([{"type": "Heartbeat", "messageId": asked["messageId"]}]).decode())
        return socket

    async def play(self, request: web.Request) -> web.Response:
        """Play calls one after the other; say when the last notification of each was sent."""
        kind, many = KINDS[int(request.query["kind"])], int(request.query["many"])
        socket, sent = await self._subscribed, []
        for number, recording in enumerate(ids(kind, many)):
            for frame in telling.call(number):
                await asyncio.sleep(BETWEEN)
                said = frame.replace(b'"5%010d"' % number, b'"%b"' % recording.encode()).decode()
                at = time.monotonic()
                await socket.send_str(said)
            sent.append(at)
            await asyncio.sleep(float(request.query["gap"]))
        self._subscribed = asyncio.get_running_loop().create_future()
        return web.json_response(sent)


async def serve(certificate: str, key: str) -> None:
    """Serve until somebody ends this process."""
    desk, app = Desk(), web.Application()
    app.add_routes(
        [
            web.post("/restapi/oauth/token", desk.login),
            web.post("/restapi/oauth/wstoken", desk.ticket),
            web.get("/restapi/v1.0/account/~/call-log", desk.call_log),
            web.get("/ws", desk.gateway),
            web.get("/play", desk.play),
        ]
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(Path(certificate), Path(key))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    desk.port = runner.addresses[0][1]
    end({"port": desk.port})
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(**begin()))
