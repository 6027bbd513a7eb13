"""Which refusals need a person, and what that person has to do."""

from collections.abc import Iterator
from typing import Any

from daemon.core.wire import text
from daemon.errors import Refused

CONSOLE = "add it in the developer console, under the app's Settings, App Permissions"
ADMIN = "a RingCentral administrator grants it in the Admin Portal, under the user's Roles and Permissions"
_LONGEST = 300


def refusal(status: object, body: object) -> Refused | None:
    """Tell a permission that is missing from every other refusal, or return None.

    Known: `SUB-528` (a subscription without its app scope), `CMN-401` (an app scope), `CMN-408` (a user's
    permission); the last two carry `permissionName` inside `errors[]`.

    Args:
        status: The answer's status; only for the text.
        body: Its decoded JSON, in RingCentral's error shape or any other.
    """
    for error in errors_of(body):
        code, words = text(error, "errorCode"), " ".join(text(error, "message").split())[:_LONGEST]
        name = text(error, "permissionName")
        match code:
            case "SUB-528":
                wanted = name or "WebSocketsSubscription"
                return Refused(f"{code} {words}: the app lacks the permission {wanted}; {CONSOLE} (status {status})")
            case "CMN-401":
                return Refused(f"{code} {words}: the app lacks the permission {name or '?'}; {CONSOLE}")
            case "CMN-408":
                return Refused(f"{code} {words}: the user lacks the permission {name or '?'}; {ADMIN}")
            case _:
                pass
    return None


def error_words(body: object) -> str:
    """RingCentral's own code and words for an error, on one line; empty where the body has none."""
    found = [error for error in errors_of(body) if text(error, "errorCode")]
    if not found:
        return ""
    # The codes inside errors[] are the precise ones: OAU-140 where the outer one says only invalid_grant.
    error = found[0]
    return " ".join(f"{text(error, 'errorCode')} {text(error, 'message')}".split())[:_LONGEST]


def errors_of(body: object) -> Iterator[dict[str, Any]]:
    if isinstance(body, dict):
        # A named permission first: the outer code may be the same without the name.
        inner = body.get("errors")
        errors = [error for error in (inner if isinstance(inner, list) else ()) if isinstance(error, dict)]
        yield from sorted(errors, key=lambda error: not text(error, "permissionName"))
        yield body
