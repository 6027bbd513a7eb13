"""The short conversation with the gateway, and the ways in which it goes wrong."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
import pytest

from daemon.adapters.checkup.conversation import converse
from daemon.core.recovery import Wsc
from daemon.errors import Retryable
from daemon.ports import Ticket

TICKET = Ticket("wss://gateway.example.com/ws", "ws-token")
GREETING = orjson.dumps([{"type": "ConnectionDetails", "wsc": {"token": "w", "sequence": 1}}, {}])
NOISE = [b"--Boundary", b"{}", orjson.dumps([{"type": "ServerNotification"}, {}])]

Answers = Callable[[dict[str, str]], list[bytes]]


@dataclass(slots=True)
class Gateway:
    """A gateway that greets with some frames, and answers each of ours with others. Fits both ports."""

    frames: list[bytes]
    answers: Answers
    sent: list[dict[str, str]] = field(default_factory=list)
    resumed: Wsc | None = None
    closed: bool = False

    @asynccontextmanager
    async def connect(self, _: Ticket, wsc: Wsc | None) -> AsyncIterator["Gateway"]:
        self.resumed = wsc
        try:
            yield self
        finally:
            self.closed = True

    async def receive(self) -> bytes:
        if not self.frames:
            raise TimeoutError
        return self.frames.pop(0)

    async def send(self, frame: str) -> None:
        head = orjson.loads(frame)[0]
        self.sent.append(head)
        self.frames += self.answers(head)


def _echo(head: dict[str, str], status: int = 200, body: object = None) -> bytes:
    return orjson.dumps([{"type": head["type"], "messageId": head["messageId"], "status": status}, body or {"id": "1"}])


async def test_it_greets_subscribes_beats_and_leaves_resuming_nobodys_session() -> None:
    gateway = Gateway([*NOISE, GREETING], lambda head: [*NOISE, _echo({**head, "messageId": "another"}), _echo(head)])
    came = await converse(gateway, TICKET, ["/filter"], 5)
    assert (came.subscribed, came.milliseconds >= 0) == (True, True)
    assert [head["type"] for head in gateway.sent] == ["ClientRequest", "Heartbeat"]
    assert (gateway.closed, gateway.resumed) == (True, None)


async def test_a_refused_subscription_is_given_with_its_reason_after_the_heartbeat() -> None:
    refused = {"errorCode": "SUB-528"}
    gateway = Gateway([GREETING], lambda head: [_echo(head, 403, refused)])
    came = await converse(gateway, TICKET, ["/filter"], 5)
    assert (came.subscribed, came.body) == (False, refused)
    assert gateway.sent[-1]["type"] == "Heartbeat"


@pytest.mark.parametrize(
    ("frames", "answers", "words"),
    [
        ([], lambda _: [], "in time"),
        ([GREETING], lambda _: [], "in time"),
        ([GREETING], lambda head: [_echo(head)] if head["type"] == "ClientRequest" else [], "in time"),
        ([orjson.dumps([{"type": "Error", "status": 401}, {"errorCode": "OAU-213"}])], lambda _: [], "OAU-213"),
        ([orjson.dumps([{"type": "Error", "status": 500}])], lambda _: [], "status 500"),
    ],
)
async def test_whatever_does_not_come_ends_it_with_a_word(frames: list[bytes], answers: Answers, words: str) -> None:
    gateway = Gateway(list(frames), answers)
    with pytest.raises(Retryable, match=words):
        await converse(gateway, TICKET, ["/filter"], 5)
    assert gateway.closed
