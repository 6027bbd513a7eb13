"""Accounts for tests, opened on the simulator or on a server without manners."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from daemon.adapters.account import Account, Credentials, SessionFile
from daemon.adapters.account.client import LONGEST_ANSWER, HardenedClient
from daemon.adapters.verdict import TOKEN_PATH, Answer
from daemon.simulator import Simulator
from tests.adapters.leaks import ACCESS, CLIENT_ID, JWT, REFRESH, SECRET
from tests.adapters.rude import Asked, Behaviour, Rude, whole

TOKENS = {
    "access_token": ACCESS,
    "token_type": "bearer",
    "expires_in": 3600,
    "refresh_token": REFRESH,
    "refresh_token_expires_in": 604_800,
    "scope": "",
    "owner_id": "1",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """How an account is opened, and what it tells; `permitted` are the groups that it asked for a request of."""

    reach: str = "/account/~"
    direction: str = ""
    permitted: list[str] = field(default_factory=list)
    read_timeout: float = 5.0
    longest_answer: float = LONGEST_ANSWER
    hidden: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


PLAIN = Setting()


def kept(directory: Path, identity: str = "us") -> SessionFile:
    return SessionFile(directory / "oauth.json", identity=identity)


@contextmanager
def opened(credentials: Credentials, session: SessionFile, setting: Setting = PLAIN) -> Iterator[Account]:
    """Open an account; its threads are let go on leaving."""
    client = HardenedClient(
        connect_timeout=2,
        read_timeout=setting.read_timeout,
        answered=setting.answers.append,
        longest_answer=setting.longest_answer,
    )

    async def permit(group: str) -> None:
        await asyncio.sleep(0)
        setting.permitted.append(group)

    account = Account(
        credentials,
        client,
        session,
        reach=setting.reach,
        hide=setting.hidden.append,
        permit=permit,
        direction=setting.direction,
    )
    try:
        yield account
    finally:
        account.close()


def of(simulator: Simulator, *, jwt: str = "") -> Credentials:
    """Give the credentials that a simulator knows."""
    options = simulator.options
    return Credentials(simulator.rest_url, options.client_id, options.client_secret, jwt or options.jwt)


def at(place: Rude) -> Credentials:
    """Give credentials that must not be told."""
    return Credentials(place.url, CLIENT_ID, SECRET, JWT)


def after_login(misbehave: Behaviour) -> Behaviour:
    """Answer logins properly and everything else as told."""
    tokens = whole(orjson.dumps(TOKENS))

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if f" {TOKEN_PATH} " in asked.line:
            writer.write(tokens)
        else:
            await misbehave(asked, writer)

    return behave


def count(simulator: Simulator, path: str) -> int:
    """Count the requests for a path."""
    return sum(request.path == path for request in simulator.requests)
