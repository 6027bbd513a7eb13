"""Everything that an exception could tell a log."""

import base64
import traceback

CLIENT_ID = "app-of-the-tests"
SECRET = "client-secret-that-nobody-may-read"
JWT = "eyJhbGciOi.jwt-that-nobody-may-read"
ACCESS = "access-token-that-nobody-may-read"
REFRESH = "refresh-token-that-nobody-may-read"
BASIC = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
TICKET = "ws-token-that-nobody-may-read"


def told(error: BaseException) -> str:
    """Write down all of it: the text, its parts, and the traceback as a log would show it."""
    return "\n".join((str(error), repr(error), repr(error.args), *traceback.format_exception(error)))


def leaked(error: BaseException) -> list[str]:
    """List the secrets it tells; there should be none."""
    text = told(error)
    return [secret for secret in (SECRET, JWT, ACCESS, REFRESH, BASIC, TICKET) if secret in text]
