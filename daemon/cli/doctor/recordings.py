"""The call log and the media host: two Heavy requests at most, and none once that group asks for silence."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from daemon.adapters import media
from daemon.adapters.account.inquiry import Inquiry, decoded
from daemon.adapters.account.paths import reach
from daemon.adapters.bearer import Bearer
from daemon.adapters.hosts import may_have_token
from daemon.adapters.verdict import Answer, verdict
from daemon.cli.doctor.finding import Finding, bad, failed, good, unknown
from daemon.cli.doctor.grants import Evidence
from daemon.cli.doctor.quota import Heavy
from daemon.config import Config
from daemon.core import calllog
from daemon.core.calllog import CallRecord
from daemon.core.ids import RecordingId
from daemon.errors import DaemonError, Retryable, Throttled, Unreadable

LOG, MEDIA, ADDRESS = "call log", "media", "media_url"
NOBODYS = RecordingId("1")
"""The id of no recording: 404 is the answer to be had."""
DAYS = 7
_TROUBLE = "see whether RingCentral is in trouble (status.ringcentral.com), and ask again"


class Recordings:
    """Asks for what the daemon asks for, as sparingly as can be."""

    def __init__(self, config: Config, inquiry: Inquiry, bearer: Bearer, evidence: Evidence, seconds: float) -> None:
        self._config = config
        self._inquiry = inquiry
        self._bearer = bearer
        self._evidence = evidence
        self._seconds = seconds
        self._heavy = Heavy(config)

    async def examine(self, *, media_there: bool) -> AsyncIterator[Finding]:
        """Read the call log, then ask the media host for a recording that is not there."""
        records: tuple[CallRecord, ...] = ()
        if silence := self._heavy.silence():
            yield unknown(LOG, silence)
        else:
            log, records = await self._call_log()
            yield log
        if silence := self._heavy.silence():
            yield unknown(MEDIA, silence)
        elif not media_there:
            yield unknown(MEDIA, "the media host cannot be reached")
        else:
            yield await self._media()
        yield self._address(records)
        yield self._heavy.finding()

    async def _call_log(self) -> tuple[Finding, tuple[CallRecord, ...]]:
        scope = self._config.subscription
        path = f"/restapi/v1.0{reach(self._config.ringcentral.account_id, scope.scope, scope.extension_id)}/call-log"
        since = (datetime.now(UTC) - timedelta(days=DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
        query: dict[str, object] = {"dateFrom": since, "recordingType": "All", "view": "Detailed", "perPage": 10}
        try:
            answer = await self._inquiry.ask(path, query)
        except Retryable as error:
            return failed(LOG, error, _TROUBLE), ()
        self._heavy.answers.append(answer)
        if self._evidence.learn("ReadCallLog", answer.status, decoded(answer)) is not None:
            return unknown(LOG, "it is refused, see the scopes and permissions"), ()
        denied = verdict(answer)
        if isinstance(denied, Throttled):
            return unknown(LOG, "RingCentral asks for silence, see quota"), ()
        if denied is not None:
            return failed(LOG, denied, _TROUBLE), ()
        try:
            page = calllog.page(decoded(answer))
        except Unreadable as error:
            return failed(LOG, error, _TROUBLE), ()
        number = "more than 10" if page.more else len(page.records) or "no"
        return good(LOG, f"readable, {number} recorded calls in the last {DAYS} days"), page.records

    async def _media(self) -> Finding:
        ours, limits = self._config.ringcentral, media.Limits(self._seconds, self._seconds, 0, self._seconds)
        host = media.Media(
            media.Place(ours.server_url, ours.media_url, ours.account_id),
            limits,
            self._bearer,
            self._heavy.answers.append,
        )
        already = len(self._heavy.answers)
        try:
            async with asyncio.timeout(2 * self._seconds), host.open(NOBODYS, ""):
                pass
        except TimeoutError:
            return failed(MEDIA, Retryable("the media host did not answer in time", code="timeout"), _TROUBLE)
        except DaemonError as error:
            return self._judged(error, self._heavy.answers[already:])
        finally:
            await host.close()
        self._evidence.used.add("ReadCallRecording")
        return good(MEDIA, "hands out recordings")

    def _judged(self, error: DaemonError, answers: Sequence[Answer]) -> Finding:
        """Judge a request that brought no recording; a 404 is the very thing that was hoped for."""
        if not answers:
            return failed(MEDIA, error, "check ringcentral.media_url, and that a firewall lets connections out to it")
        answer = answers[-1]
        if self._evidence.learn("ReadCallRecording", answer.status, decoded(answer)) is not None:
            return unknown(MEDIA, "it answers and refuses, see the scopes and permissions")
        if isinstance(verdict(answer), Throttled):
            return unknown(MEDIA, "RingCentral asks for silence, see quota")
        if answer.status == 404:  # noqa: PLR2004
            return good(MEDIA, "lets us ask for recordings (404 for one that is not there)")
        return failed(
            MEDIA, error, "check ringcentral.media_url; if it is right, see whether RingCentral is in trouble"
        )

    def _address(self, records: Iterable[CallRecord]) -> Finding:
        """Compare the media host with what the call log names; the token goes to no other than the configured."""
        ours = self._config.ringcentral
        named = [found.content_uri for record in records for found in record.recordings if found.content_uri]
        if not named:
            return unknown(ADDRESS, f"no recording in the call log of {DAYS} days to compare with")
        foreign = [uri for uri in named if not may_have_token(uri, (ours.media_url, ours.server_url))]
        if not foreign:
            return good(ADDRESS, "the host that the call log names")
        host = _origin(foreign[0])
        remedy = f'if that is RingCentral\'s, set ringcentral.media_url = "{host}"'
        return bad(ADDRESS, f"the call log names {host}, configured is {ours.media_url}", remedy)


def _origin(uri: str) -> str:
    """Give scheme, host and port of an address that came from outside, and nothing else of it."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return "no address"
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port is not None else "")
