"""Single questions to RingCentral, whose answers are wanted as they come, refusals included."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from daemon.adapters.account.client import HardenedClient
from daemon.adapters.bearer import Bearer, accepted
from daemon.adapters.threads import Threads
from daemon.adapters.verdict import Answer, verdict
from daemon.core.permissions import errors_of
from daemon.core.wire import text
from daemon.errors import DaemonError, Retryable, Unauthorized


class Grantor(Enum):
    """Who has to grant what is lacking."""

    APP = "scope"
    USER = "permission"


@dataclass(frozen=True, slots=True)
class Lack:
    """A permission that an answer says is missing; `name` is empty where it does not say which."""

    grantor: Grantor
    name: str


def lack(body: object) -> Lack | None:
    """Read which permission an error is about; None where it is about something else.

    Source: `CMN-401` and `SUB-528` are an app's, `CMN-408` is a user's.
    """
    for error in errors_of(body):
        match text(error, "errorCode"), text(error, "permissionName"):
            case "SUB-528", name:
                return Lack(Grantor.APP, name or "WebSocketsSubscription")
            case "CMN-401", name:
                return Lack(Grantor.APP, name)
            case "CMN-408", name:
                return Lack(Grantor.USER, name)
            case _:
                pass
    return None


def decoded(answer: Answer) -> object:
    """Decode an answer's JSON; None where it is none."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


class Inquiry:
    """Asks one thing at a time, each within a deadline."""

    def __init__(self, server_url: str, bearer: Bearer | None, *, connect_timeout: float, seconds: float) -> None:
        """Remember whom to ask and with whose token; `seconds` is the deadline of one question."""
        self._server_url = server_url
        self._bearer = bearer
        self._connect_timeout = connect_timeout
        self._seconds = seconds
        self._threads = Threads(1, "inquiry")

    async def knock(self, path: str) -> Answer:
        """Ask without a token; any answer will do.

        Raises:
            Retryable: There was none.
        """
        return await self._within(self._threads.run(lambda: self._send("GET", path, {}, "")))

    async def ask(self, path: str, query: dict[str, object] | None = None, *, method: str = "GET") -> Answer:
        """Ask with the token; once more with a new one where it was not accepted.

        Raises:
            Retryable: There was no answer, or no accepted token.
        """
        if self._bearer is None:
            return await self.knock(path)

        async def send(token: str) -> Answer:
            answer = await self._threads.run(lambda: self._send(method, path, query or {}, token))
            denied = verdict(answer)
            if isinstance(denied, Unauthorized):
                raise denied
            return answer

        return await self._within(accepted(self._bearer, send))

    async def _within(self, asking: Coroutine[Any, Any, Answer]) -> Answer:
        try:
            async with asyncio.timeout(self._seconds):
                return await asking
        except TimeoutError:
            raise Retryable("RingCentral did not answer in time", code="timeout") from None

    def _send(self, method: str, path: str, query: dict[str, object], token: str) -> Answer:
        answers: list[Answer] = []
        client = HardenedClient(
            connect_timeout=self._connect_timeout,
            read_timeout=self._seconds,
            answered=answers.append,
            longest_answer=self._seconds,
        )
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body: dict[str, object] | None = {} if method == "POST" else None
        try:
            client.send(client.create_request(method, f"{self._server_url}{path}", query, body, headers))
        except DaemonError:
            if not answers:
                raise
        finally:
            client.close()
        return answers[-1]
