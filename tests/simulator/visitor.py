"""A small RingCentral client of the tests' own, so that the simulator is judged by no code of the daemon."""

import asyncio
import base64
import contextlib
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import aiohttp
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from daemon.simulator import Simulator
from tests.simulator.patience import DEADLINE

ACCOUNT_SESSIONS = "/restapi/v1.0/account/~/telephony/sessions"
EXTENSION_SESSIONS = "/restapi/v1.0/account/~/extension/~/telephony/sessions"
CALL_LOG = "/restapi/v1.0/account/~/call-log"
NONE: Mapping[str, str] = MappingProxyType({})
Message = tuple[dict[str, Any], Any]
"""A gateway message: its header, and its body or None."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return orjson.loads(self.content)

    @property
    def error(self) -> str:
        """The first error's code."""
        return str(self.json["errors"][0]["errorCode"])


class Visitor:
    """One app of one user."""

    def __init__(self, simulator: Simulator, http: aiohttp.ClientSession) -> None:
        self._simulator = simulator
        self._http = http
        self.tokens: dict[str, Any] = {}

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NONE,
        query: Mapping[str, str] = NONE,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        async with self._http.request(method, url, headers=headers, params=query, data=form) as response:
            return Answer(response.status, response.headers.copy(), await response.read())

    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.get('access_token', 'none')}"}

    async def get(self, path: str, **query: str) -> Answer:
        return await self.request("GET", self._simulator.rest_url + path, headers=self.bearer(), query=query)

    async def content(self, recording_id: str, **headers: str) -> Answer:
        path = f"/restapi/v1.0/account/~/recording/{recording_id}/content"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("GET", self._simulator.media_url + path, headers={**self.bearer(), **named})

    async def token(self, form: Mapping[str, str] | None, client: str = "", path: str = "token") -> Answer:
        options = self._simulator.options
        basic = base64.b64encode((client or f"{options.client_id}:{options.client_secret}").encode()).decode()
        url = f"{self._simulator.rest_url}/restapi/oauth/{path}"
        return await self.request("POST", url, headers={"Authorization": f"Basic {basic}"}, form=form)

    async def try_login(self, jwt: str = "") -> Answer:
        assertion = jwt or self._simulator.options.jwt
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return await self.token({"grant_type": grant, "assertion": assertion})

    async def log_in(self) -> None:
        answer = await self.try_login()
        assert answer.status == 200, answer.content
        self.tokens = answer.json

    async def try_refresh(self, refresh_token: str = "") -> Answer:
        token = refresh_token or self.tokens["refresh_token"]
        return await self.token({"grant_type": "refresh_token", "refresh_token": token})

    async def refresh(self) -> None:
        answer = await self.try_refresh()
        assert answer.status == 200, answer.content
        self.tokens = answer.json

    async def wstoken(self) -> dict[str, Any]:
        answer = await self.request("POST", f"{self._simulator.rest_url}/restapi/oauth/wstoken", headers=self.bearer())
        assert answer.status == 200, answer.content
        token: dict[str, Any] = answer.json
        return token

    @asynccontextmanager
    async def connection(
        self, wsc: str = "", token: Mapping[str, Any] | None = None, largest: int = 1 << 20
    ) -> AsyncIterator["Line"]:
        token = token or await self.wstoken()
        url = f"{token['uri']}?access_token={token['ws_access_token']}" + (f"&wsc={wsc}" if wsc else "")
        async with connect(url, max_queue=None, max_size=largest, close_timeout=1) as socket:
            yield Line(socket)


class Line:
    """The client's end of a gateway connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.wsc: dict[str, Any] = {}

    async def read(self) -> Message:
        """Read one message, keeping the newest wsc."""
        async with asyncio.timeout(DEADLINE):
            header, *rest = orjson.loads(await self.socket.recv())
        if header.get("wsc", {}).get("sequence", 0) > self.wsc.get("sequence", 0):
            self.wsc = header["wsc"]
        return header, rest[0] if rest else None

    async def ask(self, method: str, path: str, body: object = None, query: object = None) -> Message:
        """Send a ClientRequest and read its answer, which must be the next message."""
        message_id = str(uuid.uuid4())
        header: dict[str, Any] = {"type": "ClientRequest", "messageId": message_id, "method": method, "path": path}
        header |= {"query": query} if query else {}
        await self.send([header] if body is None else [header, body])
        answer = await self.read()
        assert answer[0]["messageId"] == message_id
        return answer

    async def send(self, message: object) -> None:
        await self.socket.send(orjson.dumps(message).decode())

    async def subscribe(self, *filters: str, slash: str = "/") -> Message:
        body = {"eventFilters": list(filters or (ACCOUNT_SESSIONS,)), "deliveryMode": {"transportType": "WebSocket"}}
        return await self.ask("POST", f"/restapi/v1.0/subscription{slash}", body)

    async def events(self, count: int) -> list[dict[str, Any]]:
        """Read so many notifications; return their bodies' bodies."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            header, body = await self.read()
            assert header["type"] == "ServerNotification", (header, body)
            found.append(body["body"])
        return found

    async def end(self) -> tuple[int, str]:
        """Read until the connection is closed; return the code and the last error's code."""
        error = ""
        async with asyncio.timeout(DEADLINE):
            with contextlib.suppress(ConnectionClosedError):
                async for frame in self.socket:
                    header, *rest = orjson.loads(frame)
                    if header["type"] == "Error":
                        error = rest[0]["errorCode"]
            await self.socket.wait_closed()
        return self.socket.close_code or 0, error


@asynccontextmanager
async def visiting(simulator: Simulator, *, log_in: bool = True) -> AsyncIterator[Visitor]:
    """Visit a simulator, logged in unless told otherwise."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE)) as http:
        visitor = Visitor(simulator, http)
        if log_in:
            await visitor.log_in()
        yield visitor
