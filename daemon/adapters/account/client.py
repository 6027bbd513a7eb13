"""The SDK's HTTP client with what it lacks: time-outs, kept connections, bounded bodies, safe errors."""

import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn
from urllib.parse import urlsplit

import orjson
import requests
import urllib3
from ringcentral.http import Client
from ringcentral.http.api_response import ApiResponse

from daemon.adapters.verdict import TOKEN_PATH, Answer, verdict
from daemon.errors import Retryable

LARGEST_BODY = 64 << 20
"""Bytes. A call-log page of 1000 detailed records has some 10 MB."""
LONGEST_ANSWER = 120.0
"""Seconds in all for one answer, however it trickles."""
_PIECE = 1 << 16


class HardenedClient(Client):  # type: ignore[misc]  # the SDK ships no types
    """Sends with kept-alive sessions, and raises only the errors of `daemon.errors`.

    The SDK's own `ApiException` has the request's headers in its text, credentials included; it never comes to be.
    """

    def __init__(
        self,
        *,
        connect_timeout: float,
        read_timeout: float,
        answered: Callable[[Answer], None],
        longest_answer: float = LONGEST_ANSWER,
    ) -> None:
        """Remember the time-outs, in seconds; `answered` is told of every answer, from the thread that sent."""
        super().__init__()
        self._longest_answer = longest_answer
        self._timeout = (connect_timeout, read_timeout)
        self._answered = answered
        self._idle: list[requests.Session] = []

    def send(self, request: requests.Request) -> ApiResponse:
        """Send one request; return the answer if it is a 2xx, raise its verdict otherwise."""
        # A requests.Session is not made for several threads at once: each request takes one that is idle.
        try:
            session = self._idle.pop()
        except IndexError:  # not asked before: another thread could take the last one in between
            session = requests.Session()
        try:
            # Not the session's prepare_request: that would put a ~/.netrc entry over the Authorization header.
            prepared = request.prepare()
            settings = session.merge_environment_settings(prepared.url, {}, True, None, None)  # noqa: FBT003  its signature
            # Not session.send: of a redirect it reads the whole body, unbounded, even where it is not to follow.
            response = session.get_adapter(request.url).send(prepared, timeout=self._timeout, **settings)  # type: ignore[arg-type]  # its verify is never None
            with response:
                self._read(response)
        except requests.RequestException as error:
            _unreachable(error)
        finally:
            self._idle.append(session)
        answer = Answer(response.status_code, response.headers, response.content, prepared.path_url)
        self._answered(answer)
        refused = verdict(answer)
        if refused is not None:
            raise refused
        if urlsplit(answer.path).path == TOKEN_PATH:
            _check_tokens(answer)
        return ApiResponse(prepared, response)

    def close(self) -> None:
        """Close the connections that are idle; a request that still hangs is left to its thread."""
        while self._idle:
            self._idle.pop().close()

    def _read(self, response: requests.Response) -> None:
        """Read the body within a bound of bytes and time."""
        until = time.monotonic() + self._longest_answer
        body = bytearray()
        for piece in _pieces(response):
            body += piece
            if len(body) > LARGEST_BODY:
                raise Retryable("RingCentral's answer is larger than any it should give", code="too large")
            if time.monotonic() > until:
                raise Retryable("RingCentral's answer trickles", code="timeout")
        response._content = bytes(body)  # noqa: SLF001  # where the SDK's ApiResponse looks for it

    def create_request(
        self,
        method: str = "",
        url: str = "",
        query_params: dict[str, Any] | None = None,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Request:
        """Build a request as the SDK does, but with its query encoded: the SDK would send a bare `+`."""
        request: requests.Request = super().create_request(method, url, None, body, headers)
        request.params = query_params or {}
        return request


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Give the body as it comes: `iter_content` waits until a piece is full, and of a trickle that is for ever."""
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            yield piece
    except urllib3.exceptions.TimeoutError:
        raise Retryable("RingCentral did not answer in time", code="timeout") from None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Retryable(f"RingCentral's answer broke off ({type(error).__name__})", code="cut") from None


def _check_tokens(answer: Answer) -> None:
    """See that a login's answer is one: the SDK would keep whatever it finds, or raise an error of no class."""
    try:
        tokens = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        tokens = None
    match tokens:
        case {"access_token": str(token), "expires_in": int(), "token_type": str(), **rest} if (
            token
            and isinstance(rest.get("refresh_token", ""), str)
            and isinstance(rest.get("refresh_token_expires_in", 0), int)
            and "application/json" in answer.headers.get("Content-Type", "").lower()
        ):
            pass
        case _:
            raise Retryable("RingCentral's answer to a login has no access token", code="unreadable")


def _unreachable(error: requests.RequestException) -> NoReturn:
    """Name the cause in words of our own: the library's texts quote URLs."""
    match error:
        case requests.Timeout():
            raise Retryable("RingCentral did not answer in time", code="timeout") from None
        case requests.exceptions.SSLError():
            raise Retryable("RingCentral's certificate was not accepted", code="tls") from None
        case _:
            raise Retryable(f"RingCentral could not be reached ({type(error).__name__})", code="connect") from None
