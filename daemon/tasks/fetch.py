"""One job: an obligation to a file, or to another time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

import structlog
from structlog.contextvars import bound_contextvars

from daemon.core.backoff import postponement
from daemon.core.evidence import Finding, evidence, finding
from daemon.core.happenings import Absent, Postponed
from daemon.core.quota import HEAVY
from daemon.core.recording import Job
from daemon.core.strategy import FOREIGN_HOST, Strategy
from daemon.errors import Refused, Retryable, Throttled
from daemon.ports import UNCOUNTED, Clock, Media, Queue, Tally
from daemon.tasks.lookup import Lookups
from daemon.tasks.permits import Permits
from daemon.tasks.progress import Steps
from daemon.tasks.publish import Publisher
from daemon.tasks.transfer import Transfer

log = structlog.get_logger("daemon.recordings")


@dataclass(frozen=True, slots=True)
class Retries:
    """How long to wait after a failure, in seconds; `roll` gives a number from 0 to 1."""

    initial: float
    longest: float
    roll: Callable[[], float]


@dataclass(slots=True)
class Fetcher:
    """Carries out jobs, any number at the same time; `retries` may be changed between two attempts."""

    strategy: Strategy
    media: Media
    lookups: Lookups
    publisher: Publisher
    queue: Queue
    permits: Permits
    clock: Clock
    retries: Retries
    steps: Steps
    tally: Tally = UNCOUNTED

    async def fetch(self, job: Job) -> None:
        """Carry out one job, for which a Heavy request has been reserved, and write down how it went."""
        with bound_contextvars(
            recording_id=job.recording_id,
            telephony_session_id=job.facts.telephony_session_id,
            session_id=job.facts.session_id,
            attempt=job.attempt,
        ):
            try:
                await self._get(job)
            except Throttled as error:
                await self._postpone(job, error, error.after or 0.0, counts=False)
            except (Retryable, Refused) as error:
                wait = postponement(job.attempt, self.retries.initial, self.retries.longest, self.retries.roll())
                asked = error.after if isinstance(error, Retryable) else None
                await self._postpone(job, error, max(wait, asked or 0.0), counts=True)

    async def _get(self, job: Job) -> None:
        if self.strategy.looks_up_first and not job.content_uri:
            self.permits.release(HEAVY)
            await self._by_call_log(job, Retryable("the call log does not have it yet", code="unlisted"))
            return
        refusal = await self._save(job, job.content_uri)
        if refusal is None:
            return
        helps = self.strategy.looks_up_after(refusal.code, job.attempt, is_stored=bool(job.content_uri))
        # A host that asked for time is not asked again before, wherever the call log may point.
        if refusal.after is not None or not helps:
            raise refusal
        await self._by_call_log(job, refusal)

    async def _by_call_log(self, job: Job, error: Retryable) -> None:
        """Fetch from where the call log says, or end what it proves not to exist, or raise `error`."""
        records = await self.lookups.of(*job.listed_under)
        found = finding(records, job.recording_id, error.code, self.clock.now())
        match found:
            case Finding.AVAILABLE:
                named = [(r, record) for record in records for r in record.recordings if r.id == job.recording_id]
                uri = next((r.content_uri for r, _ in named if r.content_uri), "")
                job = replace(job, call_log=named[0][1].fields)  # for the sidecar that is written in a moment
                if not uri or uri == job.content_uri:
                    raise error
                await self.permits.acquire(HEAVY)
                if (refusal := await self._save(job, uri)) is not None:
                    raise refusal
            case Finding.TOO_SHORT | Finding.DELETED | Finding.PAST_RETENTION:
                proof = evidence(found, records, str(error))
                await self.queue.absent(job, proof)
                # What was too short is everyday; what was there once is lost.
                if found is Finding.TOO_SHORT:
                    log.info("recording.absent", reason=found.value, evidence=proof)
                else:
                    log.warning("recording.absent", reason=found.value, evidence=proof)
                self.tally.note(Absent(found.name.lower()))
            case Finding.UNKNOWN | Finding.UNNAMED:
                raise Retryable(f"{error}; {found.value}", code=error.code)
            case _:
                assert_never(found)

    async def _save(self, job: Job, uri: str) -> Retryable | None:
        """Fetch and save; return what the media host answered instead of content, which the call log may help with.

        A place that the token must not go to is not asked: the one built from the id is, with the same permit.

        Raises:
            Retryable: The call log is no help: a 429, content that broke off, a disk that is full.
            Refused: The media host names a permission that is missing.
        """
        refusal = await self._transfer(job, uri)
        if refusal is None or refusal.code != FOREIGN_HOST:
            return refusal
        direct = await self._transfer(job, "")
        return direct and Retryable(f"{direct}; {refusal}", after=direct.after, code=refusal.code)

    async def _transfer(self, job: Job, uri: str) -> Retryable | None:
        async with Transfer(self.media, self.permits, job.recording_id, uri, self.steps) as transfer:
            try:
                content = await transfer.begin()
            except Throttled:
                raise
            except Retryable as error:
                return error
            await self.publisher.save(job, content)
        return None

    async def _postpone(self, job: Job, error: Retryable | Refused, wait: float, *, counts: bool) -> None:
        until = self.clock.now() + timedelta(seconds=wait)
        await self.queue.postpone(job, until, str(error), counts=counts)
        self.tally.note(Postponed(error.code if isinstance(error, Retryable) else "refused"))
        fields = {"reason": str(error), "retry_at": until.isoformat(), "retry_in_seconds": round(wait, 3)}
        if isinstance(error, Refused) or error.code == _DENIED:
            # A permission that is missing is a person's to grant: it must be seen at any level of logging.
            log.error("recording.postponed", **fields)
        else:
            log.info("recording.postponed", **fields)


_DENIED = "403"
"""The code of a refusal that names no permission."""
