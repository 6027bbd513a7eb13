"""OAuth sessions: logins, rotation, eviction, revocation.

Source: ringcentral-protocol.md section 2; error codes beyond those named there are the OpenAPI document's.
"""

import itertools
import secrets
from dataclasses import dataclass

from daemon.simulator.journal import Journal
from daemon.simulator.options import SCOPES, Options
from daemon.simulator.refusal import Refusal

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(slots=True, eq=False)
class Login:
    """One OAuth session, and the only pair of tokens that opens it now."""

    id: str
    access: str
    refresh: str
    access_until: float
    refresh_until: float
    previous_refresh: str = ""
    previous_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, with the seconds its tokens have left."""

    login: Login
    access_seconds: float
    refresh_seconds: float


class Logins:
    """The sessions of the one user of the one app."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._open: list[Login] = []
        self._excused = False
        self._numbers = itertools.count(1)

    def grant(self, form: dict[str, str], now: float, options: Options) -> Opened:
        """Answer a token request whose client has been recognised."""
        match form.get("grant_type"):
            case str(grant) if grant == JWT_GRANT:
                return self._login(form.get("assertion", ""), now, options)
            case "refresh_token":
                return self._refresh(form.get("refresh_token", ""), now, options)
            case _:
                raise Refusal(400, "OAU-250", "Unsupported grant type", oauth="unsupported_grant_type")

    def _login(self, jwt: str, now: float, options: Options) -> Opened:
        if options.refuse_login or jwt != options.jwt:
            raise Refusal(400, "OAU-140", "Invalid resource owner credentials", oauth="invalid_grant")
        if not self._excused and any(now < login.refresh_until for login in self._open):
            self._journal.violate("needless_logins", now, "a session could have been refreshed")
        self._excused = False
        while len(self._open) >= options.sessions:
            self._end(self._open[0])
            self._journal.violate("oauth_evicted", now, "a sixth session")
        login = Login(f"login-{next(self._numbers)}", "", "", 0.0, 0.0)
        self._open.append(login)
        self._journal.logins += 1
        return self._turn(login, now, options)

    def _refresh(self, token: str, now: float, options: Options) -> Opened:
        for login in self._open:
            if token and token == login.previous_refresh and now < login.previous_until:
                return Opened(login, login.access_until - now, login.refresh_until - now)
            if token and token == login.refresh and now < login.refresh_until:
                login.previous_refresh, login.previous_until = token, now + options.refresh_grace_seconds
                self._journal.refreshes += 1
                return self._turn(login, now, options)
        raise self.refuse_refresh()

    def refuse_refresh(self) -> Refusal:
        """Say that there is no such refresh token; the next JWT login is excused."""
        self._excused = True
        return Refusal(400, "OAU-210", "Token not found", oauth="invalid_grant")

    def _turn(self, login: Login, now: float, options: Options) -> Opened:
        """Hand out a new pair; the old access token is dead from this moment."""
        login.access, login.refresh = f"A-{secrets.token_urlsafe(24)}", f"R-{secrets.token_urlsafe(24)}"
        login.access_until = now + options.access_token_seconds
        login.refresh_until = now + options.refresh_token_seconds
        return Opened(login, options.access_token_seconds, options.refresh_token_seconds)

    def bearer(self, header: str, now: float) -> Login:
        """Find the session an Authorization header opens.

        Raises:
            Refusal: 401; there is no such live token.
        """
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refusal(401, "OAU-153", "Authorization header is not specified", outer="AccessDenied")
        for login in self._open:
            if login.access == token:
                if now < login.access_until:
                    return login
                raise Refusal(401, "OAU-128", "Access token expired", outer="TokenExpired", oauth="invalid_token")
        raise Refusal(401, "OAU-213", "Token not found", outer="TokenInvalid", oauth="invalid_token")

    def revoke(self, token: str) -> None:
        """End the session either of whose tokens this is; an unknown one is no error."""
        for login in list(self._open):
            if token and token in {login.access, login.refresh}:
                self._end(login)

    def expire_access(self) -> None:
        """Let every access token be out of date."""
        for login in self._open:
            login.access_until = float("-inf")

    def evict(self, count: int | None = None) -> None:
        """End the oldest sessions (all, unless counted), as logins elsewhere would."""
        for login in self._open[: len(self._open) if count is None else count]:
            self._end(login)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token that opens something now."""
        return tuple(token for login in self._open for token in (login.access, login.refresh))

    @property
    def open(self) -> tuple[str, ...]:
        """The ids of the live sessions, the oldest first."""
        return tuple(login.id for login in self._open)

    def _end(self, login: Login) -> None:
        self._open.remove(login)


def token_answer(opened: Opened, options: Options) -> dict[str, object]:
    """Write a token answer."""
    return {
        "access_token": opened.login.access,
        "token_type": "bearer",
        "expires_in": int(opened.access_seconds),
        "refresh_token": opened.login.refresh,
        "refresh_token_expires_in": int(opened.refresh_seconds),
        "scope": " ".join(scope for scope in SCOPES if scope not in options.missing_scopes),
        "owner_id": options.extension_id,
        "endpoint_id": opened.login.id,
    }
