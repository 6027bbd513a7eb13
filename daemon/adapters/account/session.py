"""The OAuth session on disk: what lets a restart go on instead of logging in again.

A user has at most five sessions an app, and a sixth login silently ends the oldest, so logging in at every restart
would end our own.
"""

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from daemon.adapters import kept


class SessionFile:
    """Keeps the SDK's token data in one file, mode 0600, replaced whole."""

    def __init__(self, path: Path, *, identity: str) -> None:
        """Remember where.

        Args:
            path: The file; its directory exists and is ours alone.
            identity: Whom the session belongs to (server, app, credential); a session of another is not taken up.
        """
        self._path = path
        self._mark = hashlib.sha256(identity.encode()).hexdigest()

    def of(self, identity: str) -> "SessionFile":
        """Give the same file for another's session."""
        return SessionFile(self._path, identity=identity)

    def load(self) -> dict[str, Any] | None:
        """Read the session; None where there is none of this identity, or the file is no session."""
        match kept.read(self._path):
            case {"identity": self._mark, "tokens": dict(tokens)} if _is_whole(tokens):
                return tokens
            case _:
                return None

    def save(self, tokens: dict[str, Any]) -> None:
        """Replace the session. Raises OSError where there is no room for it."""
        kept.replace(self._path, {"identity": self._mark, "tokens": tokens}, durable=True)

    def forget(self) -> None:
        """Remove the session: it is over. One that cannot be removed is refused again at the next start."""
        with suppress(OSError):
            self._path.unlink()


def _is_whole(tokens: dict[str, Any]) -> bool:
    """Say whether the SDK could go on with these: it would keep whatever it is given."""
    words, seconds = ("token_type", "access_token", "refresh_token"), ("expires_in", "expire_time")
    return all(isinstance(tokens.get(name), str) for name in words) and all(
        isinstance(tokens.get(name), int | float) for name in (*seconds, "refresh_token_expire_time")
    )
