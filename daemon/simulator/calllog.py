"""The call log: records of finished calls, filtered and paged.

Source: ringcentral-protocol.md section 7 and `readCompanyCallLog` in the OpenAPI document.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from daemon.simulator.clock import stamp
from daemon.simulator.faults.pages import altered, is_late, is_missing, page_size, page_start
from daemon.simulator.faults.removal import had
from daemon.simulator.faults.uris import content_uri
from daemon.simulator.refusal import Refusal, invalid
from daemon.simulator.scripts import LoggedCall, LoggedLeg
from daemon.simulator.truth import Entry, PlayedCall
from daemon.simulator.world import World

LARGEST_PAGE = 1000
REVISIONS = (0.0, 20.0, 60.0)
"""Script seconds after a call's end at which its record is written again."""
Query = Mapping[str, Sequence[str]]


class CallLog:
    """Answers both call-log paths."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._truth = world.truth
        self._account_id = world.options.account_id
        self._rest_url = world.rest_url

    def answer(self, path: str, query: Query, extension_id: str | None, now: float, wall: datetime) -> dict[str, Any]:
        """List the records a query asks for, the latest call first.

        Raises:
            Refusal: A parameter makes no sense, or two do not go together (CLG-110).
        """
        detailed = _choice(query, "view", ("Simple", "Detailed"), "Simple") == "Detailed"
        page = _whole(query, "page", 1)
        found = list(self._chosen(query, extension_id, now, wall))
        size = page_size(self._world, query, min(_whole(query, "perPage", 100), LARGEST_PAGE), len(found))
        begin = page_start(self._world, query, page, size)
        shown = [] if is_missing(self._world, page) else found[begin : begin + size]
        pages = max(1, -(-len(found) // size))
        paging: dict[str, int] = {"perPage": size, "totalPages": pages, "totalElements": len(found)}
        if shown:
            start = (page - 1) * size
            paging |= {"page": page, "pageStart": start, "pageEnd": start + len(shown) - 1}
        links = {"firstPage": 1, "lastPage": pages}
        links |= {"nextPage": page + 1} if page < pages else {}
        links |= {"previousPage": page - 1} if page > 1 else {}
        return {
            "uri": self._link(path, query, page),
            "records": [
                record
                for call, entry in shown
                for record in altered(self._world, self._record(call, entry, now, wall, detailed=detailed), call, now)
            ],
            "paging": paging,
            "navigation": {name: {"uri": self._link(path, query, number)} for name, number in links.items()},
        }

    def _chosen(self, query: Query, extension_id: str | None, now: float, wall: datetime) -> Iterator[Entry]:
        session, telephony = _one(query, "sessionId"), _one(query, "telephonySessionId")
        if (session or telephony) and (_one(query, "dateFrom") or _one(query, "dateTo")):
            raise Refusal(
                400,
                "CLG-110",
                "Parameter [sessionId] is not allowed for usage along with parameter [dateFrom]",
            )
        until = _moment(query, "dateTo") or wall
        since = _moment(query, "dateFrom") or until - timedelta(days=1)
        kind = _choice(query, "recordingType", ("Automatic", "OnDemand", "All"), "")
        with_recording = bool(kind) or _one(query, "withRecording").lower() == "true"
        directions = query.get("direction", ())
        for call, entry in self._asked_for(session, telephony, since, until):
            if not self._is_listed(call, now) or (directions and entry.direction not in directions):
                continue
            if extension_id is not None and extension_id not in _extensions(entry):
                continue
            if with_recording and not self._has(call, entry, kind):
                continue
            yield call, entry

    def _asked_for(self, session: str, telephony: str, since: datetime, until: datetime) -> list[Entry]:
        if not session and not telephony:
            return self._truth.logged(since, until)
        return [
            (call, entry)
            for call, entry in self._truth.logged_as(session or telephony)
            if session in {"", entry.session_id} and telephony in {"", entry.telephony_session_id}
        ]

    def _is_listed(self, call: PlayedCall, now: float) -> bool:
        if call.logged_at is None:
            return self._world.faults.bites("call-log.in-progress", call.script.sessions[0])
        return now >= call.logged_at and not is_late(self._world, call, now)

    def _has(self, call: PlayedCall, entry: LoggedCall, kind: str) -> bool:
        ids = {entry.recording_id, *(leg.recording_id for leg in entry.legs)}
        return any(r.id in ids and kind in {"", "All", r.kind} for r in call.expected)

    def _record(
        self, call: PlayedCall, entry: LoggedCall, now: float, wall: datetime, *, detailed: bool
    ) -> dict[str, Any]:
        ended = now if call.ended_at is None else call.ended_at
        so_far = (wall - call.wall(entry.start)).total_seconds()
        record: dict[str, Any] = {
            "uri": f"{self._rest_url}/restapi/v1.0/account/{self._account_id}/call-log/{entry.id}?view="
            + ("Detailed" if detailed else "Simple"),
            "id": entry.id,
            "sessionId": entry.session_id,
            "telephonySessionId": entry.telephony_session_id,
            "startTime": stamp(call.wall(entry.start)),
            "duration": round(min(entry.end - entry.start, max(0.0, so_far))),
            "type": "Voice",
            "direction": entry.direction,
            "action": entry.action,
            "result": entry.result,
            "from": dict(entry.sender),
            "to": dict(entry.receiver),
            **self._extension(entry.extension_id),
            **self._recording(entry.recording_id, now),
        }
        if detailed:
            record["transport"] = "PSTN"
            record["lastModifiedTime"] = stamp(call.wall(call.script.seconds + _revised((now - ended) * call.speed)))
            record["billing"] = {"costIncluded": 0.0, "costPurchased": 0.0}
            record["legs"] = [self._leg(call, entry, leg, now) for leg in entry.legs]
        return record

    def _leg(self, call: PlayedCall, entry: LoggedCall, leg: LoggedLeg, now: float) -> dict[str, Any]:
        return {
            "startTime": stamp(call.wall(leg.start)),
            "duration": round(leg.end - leg.start),
            "type": "Voice",
            "direction": leg.direction,
            "action": leg.action,
            "legType": leg.leg_type,
            "result": leg.result,
            "from": dict(leg.sender),
            "to": dict(leg.receiver),
            "transport": "PSTN",
            "telephonySessionId": entry.telephony_session_id,
            **({"master": True} if leg.master else {}),
            **self._extension(leg.extension_id),
            **self._recording(leg.recording_id, now),
        }

    def _extension(self, extension_id: str | None) -> dict[str, Any]:
        if extension_id is None:
            return {}
        uri = f"{self._rest_url}/restapi/v1.0/account/{self._account_id}/extension/{extension_id}"
        return {"extension": {"id": int(extension_id), "uri": uri}}

    def _recording(self, recording_id: str | None, now: float) -> dict[str, Any]:
        """Name a recording; one too short leaves a flag only, one deleted leaves nothing."""
        recording = had(self._world, recording_id, now) if recording_id else None
        if recording is None or recording.ended_at is None or now < recording.ended_at or recording.deleted:
            return {}
        if not recording.kept:
            return {"shortRecording": True}
        path = f"/restapi/v1.0/account/{self._account_id}/recording/{quote(recording.id, safe='')}"
        return {
            "recording": {
                "id": recording.id,
                "uri": f"{self._rest_url}{path}",
                "type": recording.kind,
                "contentUri": content_uri(self._world, path),
            }
        }

    def _link(self, path: str, query: Query, page: int) -> str:
        rest = [(key, value) for key, values in query.items() if key != "page" for value in values]
        return f"{self._rest_url}{path}?{urlencode([*rest, ('page', str(page))])}"


def _revised(script_seconds: float) -> float:
    """Say at which of its revisions a record stands, so many script seconds after its call's end."""
    return max(at for at in REVISIONS if at <= max(0.0, script_seconds))


def _extensions(entry: LoggedCall) -> set[str | None]:
    return {entry.extension_id, *(leg.extension_id for leg in entry.legs)}


def _one(query: Query, name: str) -> str:
    values = query.get(name, ())
    return values[0] if values else ""


def _choice(query: Query, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = _one(query, name) or default
    if value not in (*allowed, default):
        raise invalid(name)
    return value


def _whole(query: Query, name: str, default: int) -> int:
    text = _one(query, name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise invalid(name)
    return int(text)


def _moment(query: Query, name: str) -> datetime | None:
    text = _one(query, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(name) from None
    if moment.tzinfo is None:
        raise invalid(name)
    return moment
