"""The gateway's side of a conversation, as frames."""

import itertools
import json
from typing import Any

from daemon.core.link import Link
from daemon.core.outputs import Output, Send, Step
from tests.core.model import BEGAN

HEARTBEAT = 20.0
FILTERS = ["/restapi/v1.0/account/~/telephony/sessions"]
BODY = {
    "sequence": 7,
    "sessionId": "1234567890",
    "telephonySessionId": "s-1",
    "eventTime": "2019-03-08T22:30:39.938Z",
    "parties": [{"id": "p-1", "direction": "Inbound", "status": {"code": "Answered"}}],
}
NOTIFIED = {"event": "/restapi/v1.0/account/1/extension/2/telephony/sessions", "body": BODY}


def frame(kind: str, *body: object, **head: object) -> str:
    return json.dumps([{"type": kind, **head}, *body])


class Talk:
    """One link, and whoever talks to it; `now` is moved by hand."""

    def __init__(self, began: float = 0.0, heartbeat: float = HEARTBEAT, *, is_resuming: bool = False) -> None:
        ids = itertools.count(1)
        self.now = began
        self.link = Link(FILTERS, lambda: f"m{next(ids)}", heartbeat, began, is_resuming=is_resuming)

    def say(self, text: str | bytes) -> list[Output]:
        return self.link.receive(text, self.now, BEGAN)

    def hear(self, kind: str, *body: object, **head: object) -> list[Output]:
        return self.say(frame(kind, *body, **head))

    def greet(self, **details: object) -> list[Output]:
        """Say the gateway's first message, without a wsc."""
        return self.hear("ConnectionDetails", details, messageId="g", status=200)

    def subscribe(self, body: object = None, **head: object) -> list[Output]:
        """Greet, and answer the subscription."""
        message = sent(self.greet()[-1])[0]["messageId"]
        return self.hear("ClientRequest", body or {"id": "sub-1"}, **{"messageId": message, "status": 200, **head})

    def wake(self, now: float) -> list[Step]:
        self.now = now
        return self.link.wake(now)


def sent(output: Output) -> list[Any]:
    """Decode what is to be written."""
    assert isinstance(output, Send)
    decoded: list[Any] = json.loads(output.frame)
    return decoded
