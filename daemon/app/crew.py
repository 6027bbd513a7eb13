"""Those who read the call log and fetch recordings: the daemon has them, and so has a backfill without a daemon."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from daemon.app.life import Loop
from daemon.app.world import Settings, World
from daemon.core.coverage import Kind
from daemon.core.reserve import STATE_BYTES, Least
from daemon.core.switchboard import Switchboard
from daemon.tasks.compact import Compactor
from daemon.tasks.continuity import Thread
from daemon.tasks.dispatch import Dispatcher
from daemon.tasks.fetch import Fetcher, Retries
from daemon.tasks.hearing import Hearing
from daemon.tasks.heed import heed
from daemon.tasks.inspect import Inspections
from daemon.tasks.lookup import Lookups
from daemon.tasks.overdue import keep_described
from daemon.tasks.overview import Overview
from daemon.tasks.presence import Presence
from daemon.tasks.progress import Progress, Steps
from daemon.tasks.publish import Publisher
from daemon.tasks.reconcile import Reconciler
from daemon.tasks.reserve import Reserves
from daemon.tasks.waiting import Bell


@dataclass(frozen=True, slots=True)
class Crew:
    """Those who work on what is in the ledger.

    Attributes:
        work: Rung when something came due.
        loops: What each of them does all the time, by its name; the dispatcher is not among them.
        beside: Likewise, from the beginning until everything is over: word of how they are.
    """

    work: Bell
    presence: Presence
    progress: Progress
    overview: Overview
    board: Switchboard
    inspections: Inspections
    hearing: Hearing
    thread: Thread
    reconciler: Reconciler
    publisher: Publisher
    fetcher: Fetcher
    dispatcher: Dispatcher
    compactor: Compactor
    loops: dict[str, Loop]
    beside: dict[str, Loop]

    def adopt(self, settings: Settings) -> None:
        """Go on with other settings: those of `config.reload.LIVE`; what is under way ends as it began."""
        self.fetcher.retries = _retries(settings)
        self.dispatcher.resize(settings.concurrency)
        self.publisher.template = settings.name
        self.compactor.after = settings.compact_after
        self.reconciler.policy = settings.policy
        self.thread.lookback = settings.policy.lookback
        self.reconciler.bell.ring()


def gather(world: World, settings: Settings, kinds: Iterable[Kind] = Kind) -> Crew:
    """Put them together; of the call log, they read periods of these kinds."""
    clock, ledger, archive, permits = world.clock, world.ledger, world.archive, world.permits
    work, reading, presence, progress = Bell(), Bell(), Presence(clock.now()), Progress(clock)
    board = Switchboard(settings.patience, settings.direction)
    lookups = Lookups(world.account, ledger, permits, clock, work, tally=world.tally)
    inspections = Inspections(board, ledger, lookups, clock, settings.roll)
    hearing = Hearing(board, ledger, clock, work, inspections.add, tally=world.tally)
    thread = Thread(
        ledger=world.periods,
        footholds=world.footholds,
        clock=clock,
        reading=reading,
        filters=settings.filters,
        written=hearing.flush,
        held=world.foothold,
        lookback=settings.policy.lookback,
    )
    reconciler = Reconciler(
        call_log=world.account,
        ledger=world.periods,
        board=board,
        inspections=inspections,
        thread=thread,
        permits=permits,
        clock=clock,
        policy=settings.policy,
        bell=reading,
        work=work,
        kinds=frozenset(kinds),
        tally=world.tally,
    )
    publisher = Publisher(archive, ledger, clock, settings.name, world.tally)
    fetcher = Fetcher(
        strategy=settings.strategy,
        media=world.media,
        lookups=lookups,
        publisher=publisher,
        queue=ledger,
        permits=permits,
        clock=clock,
        retries=_retries(settings),
        steps=Steps(progress, settings.download_step),
        tally=world.tally,
    )
    reserves = Reserves(
        clock, {"archive": (archive, Least(settings.min_free_bytes)), "state": (world.state_room, Least(STATE_BYTES))}
    )
    dispatcher = Dispatcher(
        queue=ledger,
        fetcher=fetcher,
        permits=permits,
        reserves=reserves,
        presence=presence,
        clock=clock,
        work=work,
        concurrency=settings.concurrency,
    )
    overview = Overview(
        presence=presence,
        board=board,
        watch=ledger,
        reserves=reserves,
        permits=permits,
        progress=progress,
        clock=clock,
        account=world.account,
        overdue_after=settings.overdue_after,
    )
    loops: dict[str, Loop] = {
        "reconciliation": reconciler.run,
        "neighbours": partial(heed, world.neighbours, (reading, work), clock),
        "sidecars": partial(keep_described, ledger, ledger, archive, clock, presence, tally=world.tally),
        "room": reserves.watch,
    }
    beside: dict[str, Loop] = {
        "survey": overview.survey,
        "notice": partial(overview.keep_posted, world.notice),
    }
    return Crew(
        work=work,
        presence=presence,
        progress=progress,
        overview=overview,
        board=board,
        inspections=inspections,
        hearing=hearing,
        thread=thread,
        reconciler=reconciler,
        publisher=publisher,
        fetcher=fetcher,
        dispatcher=dispatcher,
        compactor=Compactor(ledger, clock, settings.compact_after),
        loops=loops,
        beside=beside,
    )


def _retries(settings: Settings) -> Retries:
    return Retries(settings.retry_initial, settings.retry_longest, settings.roll)
