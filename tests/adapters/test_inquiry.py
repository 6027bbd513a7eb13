"""Single questions: every answer is given as it came, a 401 is asked again once, and silence ends in time."""

import asyncio

import pytest

from daemon.adapters.account.inquiry import Grantor, Inquiry, Lack, decoded, lack
from daemon.errors import Retryable
from tests.adapters.rude import Asked, Behaviour, always, head, rude, whole


class Purse:
    """Fits `bearer.Bearer`: one token after another."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)

    def token(self) -> str:
        return self._tokens[0]

    async def replace(self, stale: str) -> None:
        assert self._tokens.pop(0) == stale


async def _ask(behave: Behaviour, *tokens: str, method: str = "GET", seconds: float = 5) -> tuple[int, list[Asked]]:
    async with rude(behave) as place:
        inquiry = Inquiry(place.url, Purse(*tokens), connect_timeout=5, seconds=seconds)
        answer = await inquiry.ask("/restapi/v1.0/x", {"a": "b c"}, method=method)
    return answer.status, place.asked


@pytest.mark.parametrize(
    "status", ["200 OK", "403 Forbidden", "404 Not Found", "429 Too Many", "503 Trouble", "301 Moved"]
)
async def test_every_answer_is_given_as_it_came_and_asked_for_once(status: str) -> None:
    got, asked = await _ask(always(whole(b"{}", status, Location="http://127.0.0.2/")), "one")
    assert (got, len(asked)) == (int(status[:3]), 1)
    assert asked[0].line == "GET /restapi/v1.0/x?a=b+c HTTP/1.1"
    assert asked[0].headers["authorization"] == "Bearer one"


async def test_a_token_that_is_not_accepted_is_replaced_once() -> None:
    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        good = asked.headers["authorization"] == "Bearer two"
        writer.write(whole(b"{}") if good else whole(b"{}", "401 Unauthorized"))

    status, asked = await _ask(behave, "one", "two", "three", method="POST")
    assert (status, len(asked), asked[0].line[:4]) == (200, 2, "POST")
    with pytest.raises(Retryable):
        await _ask(always(whole(b"{}", "401 Unauthorized")), "one", "two", "three")


async def test_knocking_shows_no_token() -> None:
    async with rude(always(whole(b"{}", "401 Unauthorized"))) as place:
        answer = await Inquiry(place.url, None, connect_timeout=5, seconds=5).knock("/restapi/v1.0")
    assert answer.status == 401
    assert "authorization" not in place.asked[0].headers


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 2", head(Content_Length=10) + b"{"])
async def test_silence_ends_in_time(beginning: bytes) -> None:
    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        await asyncio.Event().wait()

    with pytest.raises(Retryable) as raised:
        await _ask(behave, "one", seconds=0.3)
    assert raised.value.code in {"timeout", "cut"}


async def test_a_trickle_ends_in_time() -> None:
    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"H")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with asyncio.timeout(5):
        with pytest.raises(Retryable, match="in time"):
            await _ask(behave, "one", seconds=0.3)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"errorCode": "SUB-528"}, Lack(Grantor.APP, "WebSocketsSubscription")),
        ({"errors": [{"errorCode": "CMN-401", "permissionName": "ReadCallLog"}]}, Lack(Grantor.APP, "ReadCallLog")),
        ({"errorCode": "CMN-408", "permissionName": "ReadCallLog"}, Lack(Grantor.USER, "ReadCallLog")),
        ({"errorCode": "CMN-401"}, Lack(Grantor.APP, "")),
        ({"errorCode": "CMN-102"}, None),
        (None, None),
        ([], None),
    ],
)
def test_what_is_lacking_is_read_from_the_errors_code(body: object, found: Lack | None) -> None:
    assert lack(body) == found


async def test_what_is_no_json_is_nothing() -> None:
    async with rude(always(whole(b"<html>"))) as place:
        answer = await Inquiry(place.url, None, connect_timeout=5, seconds=5).knock("/")
    assert decoded(answer) is None
