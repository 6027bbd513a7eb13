"""Does RingCentral let us in? Without adding to a user's five sessions, and without disturbing a running daemon."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from daemon.adapters import lock
from daemon.adapters.account.borrowed import Borrowed
from daemon.adapters.account.inquiry import decoded
from daemon.adapters.bearer import Bearer
from daemon.adapters.state import SESSION
from daemon.adapters.verdict import TOKEN_PATH, Answer
from daemon.app.opening import account_for, session_file
from daemon.cli.doctor.finding import Finding, bad, failed, good, warning
from daemon.cli.doctor.quota import permit, remembered
from daemon.config import Config
from daemon.config.credentials import is_there
from daemon.core.quota import PENALTY
from daemon.errors import DaemonError, Refused, Retryable, Throttled

CHECK = "login"
DEADLINE = 60.0
"""Seconds for a refresh that is refused and the login after it."""

_REMEDIES = {
    "OAU-123": "compare client_id and the client secret with the app's Credentials in the developer console",
    "OAU-153": "compare client_id and the client secret with the app's Credentials in the developer console",
}
_REFUSED = (
    "make a JWT for this very app in the developer console, under Credentials, and put it into jwt_file; see also that "
    "ringcentral.server_url is the one of the app's environment, sandbox or production"
)


@dataclass(frozen=True, slots=True)
class Session:
    """A token that should be good.

    Attributes:
        bearer: Who has it, and may renew it.
        way: How it came to be.
        scopes: Of each token that was asked for meanwhile, the words that came with it.
    """

    bearer: Bearer
    way: str
    close: Callable[[], None]
    scopes: list[str] = field(default_factory=list)


async def sign_in(config: Config) -> Session | Finding:
    """Take up the session that the daemon uses, or would: borrowed while one runs, else kept, refreshed or new."""
    state = config.state.directory
    wanted = {state: os.R_OK | os.X_OK, state / lock.NAME: os.R_OK, state / SESSION: os.R_OK}
    if hidden := [path for path, mode in wanted.items() if is_there(path) and not _may(path, mode)]:
        remedy = "run this as the user the service runs as: sudo -u recordingd recordingd doctor"
        return bad(CHECK, f"{hidden[0]} cannot be read, so a login could be one too many", remedy)
    if lock.holder(state) is not None:
        return _borrow(config)
    scopes: list[str] = []
    account = account_for(config, partial(_learn, scopes), partial(permit, remembered(config)))
    try:
        async with asyncio.timeout(DEADLINE):
            way = await account.sign_in()
    except TimeoutError:
        account.close()
        return refused(Retryable("RingCentral did not answer in time", code="timeout"))
    except DaemonError as error:
        account.close()
        return refused(error)
    return Session(account, way, account.close, scopes)


def _borrow(config: Config) -> Session | Finding:
    borrowed = Borrowed(session_file(config))
    try:
        minutes = borrowed.good_for() / 60
    except Retryable as error:
        return refused(error)
    return Session(borrowed, f"the running daemon's session, its token good for {max(minutes, 0):.0f} min", _nothing)


def promised(config: Config, session: Session) -> frozenset[str]:
    """Say which scopes the token came with; none where that is not known."""
    kept = session_file(config).load() or {}
    words = session.scopes[-1] if session.scopes else str(kept.get("scope") or "")
    return frozenset(words.split())


def _learn(scopes: list[str], answer: Answer) -> None:
    match decoded(answer) if answer.path == TOKEN_PATH else None:
        case {"scope": str(words)}:
            scopes.append(words)
        case _:
            pass


def accepted(config: Config, session: Session, first: str) -> Finding:
    """Say how we were let in; `first` is the token that was shown first."""
    token = session.bearer.token()
    if isinstance(session.bearer, Borrowed):
        return good(CHECK, session.way)
    _hand_over(config)
    kept = session_file(config).load()
    if kept is None or kept["access_token"] != token:
        if not config.state.directory.exists():
            return good(CHECK, "a new login with the JWT; there is no state.directory yet to keep it in")
        remedy = "make state.directory writable: a user has five sessions an app, and a sixth login ends the oldest"
        return warning(CHECK, "a new login, which could not be kept for the daemon's next start", remedy)
    way = session.way if token == first else "renewed"
    return good(CHECK, _WAYS.get(way, way))


_WAYS = {
    "kept": "the kept session",
    "refreshed": "the kept session, refreshed",
    "renewed": "the kept session was over; a new one is kept for the daemon's next start",
    "jwt": "a new login with the JWT, kept for the daemon's next start",
}


def refused(error: DaemonError) -> Finding:
    """Say why not, and what to do."""
    text = str(error)
    if isinstance(error, Refused):
        return failed(CHECK, error, next((remedy for code, remedy in _REMEDIES.items() if code in text), _REFUSED))
    match error:
        case Throttled(after=after):
            wait = f"wait {after or PENALTY:.0f} s and ask again"
            return failed(CHECK, error, f"{wait}; every start and program of this app and user counts")
        case Retryable(code="401" | "session"):
            return failed(CHECK, error, "see the running daemon's log for login.refused or login.postponed, or stop it")
        case _:
            return failed(CHECK, error, "see whether RingCentral is in trouble (status.ringcentral.com), and ask again")


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=True)


def _hand_over(config: Config) -> None:
    """Give a session that root has just kept to whom the directory belongs: the service has to read it."""
    if os.geteuid() == 0:
        with suppress(OSError):
            owner = config.state.directory.stat()
            os.chown(config.state.directory / SESSION, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _nothing() -> None:
    """A borrowed session is not ours to close."""
