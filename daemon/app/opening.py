"""From the configuration to an open world, and back to a closed one."""

import asyncio
import os
import random
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

from daemon import logs
from daemon.adapters import account as accounts
from daemon.adapters import lock, media
from daemon.adapters.account.account import reach
from daemon.adapters.account.client import HardenedClient
from daemon.adapters.archive import Archive
from daemon.adapters.clock import SystemClock
from daemon.adapters.gateway import Gateway
from daemon.adapters.ledger import open_ledger
from daemon.adapters.notice import NoticeFile
from daemon.adapters.verdict import Answer
from daemon.app.wiring import Settings, World
from daemon.config import Config
from daemon.core.call import Patience
from daemon.core.quota import Quota, RateHeaders, group_of
from daemon.core.strategy import Strategy
from daemon.tasks.permits import Permits

LEDGER = "ledger.db"
SESSION = "oauth.json"


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[World]:
    """Open everything the daemon needs, and close it in reverse.

    Raises:
        Misconfigured: A directory cannot be used, or another daemon uses it.
        StorageFailed: The ledger cannot be opened.
    """
    state, ours, downloads = config.state.directory, config.ringcentral, config.downloads
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        stack.enter_context(lock.hold(state))
        archive = Archive(config.archive.directory)
        stack.callback(archive.close)
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        ledger = await stack.enter_async_context(open_ledger(state / LEDGER, owner, clock.now))
        permits = Permits(Quota(), clock)
        account = _account(config, partial(_learn_from_thread, asyncio.get_running_loop(), permits))
        stack.callback(account.close)
        content = media.Media(
            media.Place(ours.server_url, ours.media_url, ours.account_id),
            media.Limits(
                downloads.connect_timeout_seconds, downloads.read_timeout_seconds, downloads.minimum_bytes_per_second
            ),
            account,
            partial(_learn, permits),
        )
        stack.push_async_callback(content.close)
        insecure = ours.server_url.startswith("http://")  # which the configuration allows on loopback only
        gateway = Gateway(connect_timeout=downloads.connect_timeout_seconds, insecure=insecure)
        yield World(clock, account, gateway, content, archive, ledger, NoticeFile(state), permits)


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


def _account(config: Config, answered: Callable[[Answer], None]) -> accounts.Account:
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
    identity = f"{ours.server_url}\0{ours.client_id}\0{credentials.jwt}"
    kept = accounts.SessionFile(config.state.directory / "oauth.json", identity=identity)
    scope = config.subscription
    return accounts.Account(
        credentials,
        client,
        kept,
        reach=reach(ours.account_id, scope.scope, scope.extension_id),
        hide=logs.hide,
    )


def _learn(permits: Permits, answer: Answer) -> None:
    permits.answered(group_of(answer.path), RateHeaders.read(answer.headers))


def _learn_from_thread(loop: asyncio.AbstractEventLoop, permits: Permits, answer: Answer) -> None:
    loop.call_soon_threadsafe(_learn, permits, answer)
