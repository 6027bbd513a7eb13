"""From the configuration to an open world, and back to a closed one."""

import asyncio
import math
import os
import random
import socket
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from daemon import logs
from daemon.adapters import account as accounts
from daemon.adapters import keeping, kept, lock, media, notice
from daemon.adapters.account.client import HardenedClient
from daemon.adapters.account.paths import reach
from daemon.adapters.archive import Archive
from daemon.adapters.ballast import Ballast
from daemon.adapters.bearer import freely
from daemon.adapters.clock import SystemClock
from daemon.adapters.gateway import Gateway
from daemon.adapters.ledger import open_ledger
from daemon.adapters.media.body import PIECE
from daemon.adapters.metrics import Metrics
from daemon.adapters.state import LEDGER, QUOTA, RELOAD, SESSION, WSC
from daemon.adapters.systemd import Systemd
from daemon.adapters.verdict import Answer
from daemon.app.world import Settings, World
from daemon.config import Config
from daemon.config.model import Downloads
from daemon.core.call import Patience
from daemon.core.coverage import Policy
from daemon.core.happenings import Answered
from daemon.core.quota import Quota, RateHeaders, group_of
from daemon.core.recovery import Foothold
from daemon.core.strategy import Strategy
from daemon.errors import Busy, Misconfigured
from daemon.ports import Clock, Tally
from daemon.tasks.permits import Permits

MARGIN = 300.0
"""Seconds more than any step of a download should take, a repeated login and a busy disk included."""


@asynccontextmanager
async def opened(config: Config, clock: Clock | None = None) -> AsyncIterator[World]:
    """Open everything the daemon needs, and close it in reverse.

    Args:
        config: What to open.
        clock: The time; None for the system's.

    Raises:
        Misconfigured: A directory cannot be used, or another daemon uses it.
        Busy: A backfill without a daemon uses it.
        StorageFailed: The ledger cannot be opened.
    """
    state, ours, downloads = config.state.directory, config.ringcentral, config.downloads
    async with AsyncExitStack() as stack:
        clock = clock or SystemClock()
        _hold(stack, state)
        archive = Archive(config.archive.directory)
        stack.callback(archive.close)
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        systemd = Systemd(os.environ, os.getpid())
        stack.callback(systemd.close)
        ballast = Ballast(state)
        ledger = await stack.enter_async_context(open_ledger(state / LEDGER, owner, clock.now, ballast.give_up))
        metrics = Metrics()
        permits = _permits(config, clock, metrics)
        learn = partial(_learn_from_thread, asyncio.get_running_loop(), permits, metrics)
        account = account_for(config, learn, permits.acquire_soon, clock.monotonic)
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
            partial(_learn, permits, metrics),
            permits.acquire_soon,
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
            notice=keeping.NoticeFile(state),
            state_room=ballast,
            neighbours=ledger.neighbours,
            permits=permits,
            foothold=Foothold.read(kept.read(state / WSC)),
            footholds=keeping.KeptFile(state / WSC),
            supervisor=systemd,
            tally=metrics,
            outcomes=keeping.KeptFile(state / RELOAD),
        )


def _hold(stack: AsyncExitStack, state: Path) -> None:
    try:
        stack.enter_context(lock.hold(state))
    except Misconfigured:
        moment = notice.read(state)
        if moment is None or moment.connection != "backfill" or lock.holder(state) is None:
            raise
        # To systemd that is no reason to give up: nobody would listen once the backfill has ended.
        raise Busy(f"a backfill without a daemon works on {state}; start again when it has ended") from None


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
        download_step=_longest_step(downloads),
        compact_after=timedelta(days=config.state.compact_after_days) if config.state.compact_after_days else None,
        roll=random.random,
    )


def _longest_step(downloads: Downloads) -> float:
    """Say in how many seconds a download's next piece comes at the latest, or its error; for ever at no least rate."""
    if not downloads.minimum_bytes_per_second:
        return math.inf
    return PIECE / downloads.minimum_bytes_per_second + downloads.read_timeout_seconds + MARGIN


def event_filter(config: Config) -> str:
    """Build what is subscribed to: the account's calls or one extension's, of one direction or both."""
    subscription = config.subscription
    direction = f"?direction={subscription.direction}" if subscription.direction else ""
    path = reach(config.ringcentral.account_id, subscription.scope, subscription.extension_id)
    return f"/restapi/v1.0{path}/telephony/sessions{direction}"


def session_file(config: Config) -> accounts.SessionFile:
    """Say where the OAuth session of this server, app and credential is kept."""
    return accounts.SessionFile(config.state.directory / SESSION, identity=credentials(config).identity)


def credentials(config: Config) -> accounts.Credentials:
    """Say who we are."""
    ours = config.ringcentral
    return accounts.Credentials(
        ours.server_url, ours.client_id, ours.client_secret.get_secret_value(), ours.jwt.get_secret_value()
    )


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
    who = credentials(config)
    for secret in (who.client_secret, who.jwt):
        logs.hide(secret, lasting=True)
    client = HardenedClient(
        connect_timeout=config.downloads.connect_timeout_seconds,
        read_timeout=config.downloads.read_timeout_seconds,
        answered=answered,
    )
    scope = config.subscription
    return accounts.Account(
        who,
        client,
        session_file(config),
        reach=reach(ours.account_id, scope.scope, scope.extension_id),
        hide=logs.hide,
        permit=permit,
        direction=scope.direction,
        monotonic=monotonic,
    )


def _permits(config: Config, clock: Clock, tally: Tally) -> Permits:
    """Take up the quota where an earlier process left it: RingCentral counts on over our restarts."""
    path = config.state.directory / QUOTA
    quota = Quota()
    quota.recall(kept.read(path), clock.monotonic(), clock.now(), clock.boot())
    return Permits(quota, clock, keeping.KeptFile(path), tally)


def _learn(permits: Permits, tally: Tally, answer: Answer) -> None:
    group = group_of(answer.path)
    permits.answered(group, RateHeaders.read(answer.headers))
    tally.note(Answered(group, answer.status))


def _learn_from_thread(loop: asyncio.AbstractEventLoop, permits: Permits, tally: Tally, answer: Answer) -> None:
    loop.call_soon_threadsafe(_learn, permits, tally, answer)
