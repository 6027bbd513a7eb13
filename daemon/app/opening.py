"""From the configuration to an open world, and back to a closed one."""

import asyncio
import os
import random
import socket
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

from daemon import logs
from daemon.adapters import account as accounts
from daemon.adapters import kept, lock, media
from daemon.adapters.account.client import HardenedClient
from daemon.adapters.account.paths import reach
from daemon.adapters.archive import Archive
from daemon.adapters.ballast import Ballast
from daemon.adapters.bearer import freely
from daemon.adapters.clock import SystemClock
from daemon.adapters.gateway import Gateway
from daemon.adapters.ledger import open_ledger
from daemon.adapters.notice import NoticeFile
from daemon.adapters.verdict import Answer
from daemon.app.world import Settings, World
from daemon.config import Config
from daemon.core.call import Patience
from daemon.core.coverage import Policy
from daemon.core.quota import Quota, RateHeaders, group_of
from daemon.core.recovery import Foothold
from daemon.core.strategy import Strategy
from daemon.ports import Clock
from daemon.tasks.permits import Permits

LEDGER = "ledger.db"
SESSION = "oauth.json"
WSC = "wsc.json"
QUOTA = "quota.json"


@asynccontextmanager
async def opened(config: Config, clock: Clock | None = None) -> AsyncIterator[World]:
    """Open everything the daemon needs, and close it in reverse.

    Args:
        config: What to open.
        clock: The time; None for the system's.

    Raises:
        Misconfigured: A directory cannot be used, or another daemon uses it.
        StorageFailed: The ledger cannot be opened.
    """
    state, ours, downloads = config.state.directory, config.ringcentral, config.downloads
    async with AsyncExitStack() as stack:
        clock = clock or SystemClock()
        stack.enter_context(lock.hold(state))
        archive = Archive(config.archive.directory)
        stack.callback(archive.close)
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        ballast = Ballast(state)
        ledger = await stack.enter_async_context(open_ledger(state / LEDGER, owner, clock.now, ballast.give_up))
        permits = _permits(config, clock)
        learn = partial(_learn_from_thread, asyncio.get_running_loop(), permits)
        account = account_for(config, learn, permits.acquire, clock.monotonic)
        stack.callback(account.close)
        content = media.Media(
            media.Place(ours.server_url, ours.media_url, ours.account_id),
            media.Limits(
                downloads.connect_timeout_seconds,
                downloads.read_timeout_seconds,
                downloads.minimum_bytes_per_second,
                monotonic=clock.monotonic,
            ),
            account,
            partial(_learn, permits),
            permits.acquire,
        )
        stack.push_async_callback(content.close)
        insecure = ours.server_url.startswith("http://")  # which the configuration allows on loopback only
        gateway = Gateway(connect_timeout=downloads.connect_timeout_seconds, insecure=insecure)
        yield World(
            clock=clock,
            account=account,
            gateway=gateway,
            media=content,
            archive=archive,
            ledger=ledger,
            periods=ledger.periods,
            notice=NoticeFile(state),
            state_room=ballast,
            neighbours=ledger.neighbours,
            permits=permits,
            foothold=Foothold.read(kept.read(state / WSC)),
            footholds=kept.KeptFile(state / WSC),
        )


def settings(config: Config) -> Settings:
    """Take from the configuration what the tasks need."""
    downloads = config.downloads
    return Settings(
        filters=(event_filter(config),),
        heartbeat=config.subscription.heartbeat_seconds,
        patience=Patience(config.calls.settle_seconds, config.calls.silence_seconds),
        direction=config.subscription.direction,
        strategy=Strategy(downloads.strategy),
        concurrency=downloads.concurrency,
        retry_initial=downloads.retry_initial_seconds,
        retry_longest=downloads.retry_max_seconds,
        overdue_after=timedelta(hours=downloads.overdue_after_hours),
        policy=Policy(
            timedelta(seconds=config.reconcile.interval_seconds), timedelta(hours=config.reconcile.lookback_hours)
        ),
        name=config.archive.name,
        min_free_bytes=config.archive.min_free_bytes,
        roll=random.random,
    )


def event_filter(config: Config) -> str:
    """Build what is subscribed to: the account's calls or one extension's, of one direction or both."""
    subscription = config.subscription
    direction = f"?direction={subscription.direction}" if subscription.direction else ""
    path = reach(config.ringcentral.account_id, subscription.scope, subscription.extension_id)
    return f"/restapi/v1.0{path}/telephony/sessions{direction}"


def session_file(config: Config) -> accounts.SessionFile:
    """Say where the OAuth session of this server, app and credential is kept."""
    ours = config.ringcentral
    identity = f"{ours.server_url}\0{ours.client_id}\0{ours.jwt.get_secret_value()}"
    return accounts.SessionFile(config.state.directory / SESSION, identity=identity)


def account_for(
    config: Config,
    answered: Callable[[Answer], None],
    permit: Callable[[str], Awaitable[None]] = freely,
    monotonic: Callable[[], float] = time.monotonic,
) -> accounts.Account:
    """Make the account ready.

    Args:
        config: Whose.
        answered: Told of every answer, from the thread that asked.
        permit: Asked before every request that the account sends of its own accord.
        monotonic: The time that refusals are waited out by.
    """
    ours = config.ringcentral
    credentials = accounts.Credentials(
        ours.server_url, ours.client_id, ours.client_secret.get_secret_value(), ours.jwt.get_secret_value()
    )
    for secret in (credentials.client_secret, credentials.jwt):
        logs.hide(secret, lasting=True)
    client = HardenedClient(
        connect_timeout=config.downloads.connect_timeout_seconds,
        read_timeout=config.downloads.read_timeout_seconds,
        answered=answered,
    )
    scope = config.subscription
    return accounts.Account(
        credentials,
        client,
        session_file(config),
        reach=reach(ours.account_id, scope.scope, scope.extension_id),
        hide=logs.hide,
        permit=permit,
        direction=scope.direction,
        monotonic=monotonic,
    )


def _permits(config: Config, clock: Clock) -> Permits:
    """Take up the quota where an earlier process left it: RingCentral counts on over our restarts."""
    path = config.state.directory / QUOTA
    quota = Quota()
    quota.recall(kept.read(path), clock.monotonic(), clock.now(), clock.boot())
    return Permits(quota, clock, kept.KeptFile(path))


def _learn(permits: Permits, answer: Answer) -> None:
    permits.answered(group_of(answer.path), RateHeaders.read(answer.headers))


def _learn_from_thread(loop: asyncio.AbstractEventLoop, permits: Permits, answer: Answer) -> None:
    loop.call_soon_threadsafe(_learn, permits, answer)
