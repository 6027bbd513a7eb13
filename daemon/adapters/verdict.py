"""An HTTP answer to an error by remedy, for the REST host and the media host alike. One table, tested as one."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from daemon.core.permissions import error_words, refusal
from daemon.core.quota import RateHeaders, group_of
from daemon.errors import DaemonError, Refused, Retryable, Throttled, Unauthorized

TOKEN_PATH = "/restapi/oauth/token"  # noqa: S105  a path, no token
REMEDY = " (compare the client id, its secret and the JWT with the app in the developer console)"
LONGEST_PAUSE = 86_400.0
"""Seconds. Whoever asks for more silence than a day is asked again after one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: enough to judge it by.

    Attributes:
        headers: Case-insensitive.
        body: All of it, or of a large one the beginning.
        path: Of the request; its query is ignored.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    path: str


def verdict(answer: Answer) -> DaemonError | None:
    """Say what an answer other than a good one asks for; None for a good one.

    A 200 whose JSON carries CMN-301 (rate exceeded) is a 429 in disguise.
    """
    body = _json(answer)
    words = error_words(body)
    if answer.status == 429 or "CMN-301" in words:  # noqa: PLR2004
        group = RateHeaders.read(answer.headers).group or group_of(answer.path)
        return Throttled("RingCentral asks us to slow down", after=retry_after(answer.headers), code="429", group=group)
    if 200 <= answer.status < 300:  # noqa: PLR2004
        return None
    if urlsplit(answer.path).path == TOKEN_PATH and answer.status in (400, 401, 403):
        return Refused(f"RingCentral refused the credentials: {words or f'status {answer.status}'}{REMEDY}")
    denied = refusal(answer.status, body)
    if denied is not None:
        return denied
    return _by_status(answer, words or f"status {answer.status}")


def _by_status(answer: Answer, words: str) -> DaemonError:
    code = str(answer.status)
    match answer.status:
        case 401:
            return Unauthorized(f"the access token was not accepted: {words}", code=code)
        case 403:
            needed = ": is the permission ReadCallRecording granted?" if _is_recording(answer.path) else ""
            return Retryable(f"RingCentral does not permit it: {words}{needed}", code=code)
        case 404:
            return Retryable(f"not there: {words}", code=code)
        case 408 | 500 | 502 | 503 | 504:
            return Retryable(f"RingCentral is in trouble: {words}", after=retry_after(answer.headers), code=code)
        case status if 300 <= status < 400:  # noqa: PLR2004
            return Retryable("RingCentral points elsewhere, where the token must not go", code=code)
        case _:
            return Retryable(f"RingCentral answered: {words}", code=code)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After as seconds, a day at most; None where there is none or it is a date (RingCentral sends none)."""
    value = headers.get("Retry-After", "").strip()
    return min(float(value), LONGEST_PAUSE) if value.isascii() and value.isdigit() else None


def _is_recording(path: str) -> bool:
    return "/recording/" in urlsplit(path).path


def _json(answer: Answer) -> object:
    if "json" not in answer.headers.get("Content-Type", "").lower():
        return None
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
