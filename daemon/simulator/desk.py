"""The resources of the REST API that are plain JSON: call log, recordings, sessions, permissions, account."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from daemon.simulator.calllog import CallLog, Query
from daemon.simulator.faults.removal import had
from daemon.simulator.faults.uris import content_uri
from daemon.simulator.options import PERMISSIONS
from daemon.simulator.refusal import Refusal, not_found
from daemon.simulator.world import World

ACCOUNT = r"/restapi/v1\.0/account/(?P<account>[^/]+)"
EXTENSION = ACCOUNT + r"/extension/(?P<extension>[^/]+)"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the path, what its pattern names, and the query."""

    path: str
    parts: Mapping[str, str]
    query: Query
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing to GET, with its usage-plan group and what it takes to be allowed to."""

    pattern: re.Pattern[str]
    group: str
    answer: Callable[[Ask], dict[str, Any]]
    scope: str = ""
    permission: str = ""


class Desk:
    """Answers questions, whether they come by HTTP or over the gateway."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.resources = (
            _get(
                f"{ACCOUNT}/call-log/?",
                "heavy",
                self._account_log,
                scope="ReadCallLog",
                permission="FullCompanyCallLog",
            ),
            _get(
                f"{EXTENSION}/call-log/?",
                "heavy",
                self._extension_log,
                scope="ReadCallLog",
                permission="ReadCallLog",
            ),
            _get(
                rf"{ACCOUNT}/recording/(?P<recording>[^/]+)",
                "heavy",
                self._recording,
                scope="ReadCallRecording",
                permission="ReadCallRecording",
            ),
            _get(
                rf"{ACCOUNT}/telephony/sessions/(?P<session>[^/]+)",
                "light",
                self._session,
                scope="CallControl",
            ),
            _get(f"{EXTENSION}/authz-profile", "medium", self._profile),
            _get(f"{EXTENSION}/authz-profile/check", "light", self._check),
            _get(f"{ACCOUNT}/?", "light", self._account, scope="ReadAccounts"),
            _get(f"{EXTENSION}/?", "light", self._extension, scope="ReadAccounts"),
        )

    def find(self, method: str, path: str) -> tuple[Resource, dict[str, str]]:
        """Find what a request means.

        Raises:
            Refusal: Nothing.
        """
        for resource in self.resources:
            match = resource.pattern.fullmatch(path)
            if match and method == "GET":
                return resource, match.groupdict()
        raise Refusal(404, "AGW-404", "Resource not found")

    def _owner(self, ask: Ask) -> str:
        account = ask.parts["account"]
        if account not in {"~", self._world.options.account_id}:
            raise not_found("accountId")
        return self._world.options.account_id

    def _member(self, ask: Ask) -> str:
        self._owner(ask)
        extension = ask.parts["extension"]
        if extension == "~":
            return self._world.options.extension_id
        if not extension.isdecimal():
            raise not_found("extensionId")
        return extension

    def _log(self, ask: Ask, extension_id: str | None) -> dict[str, Any]:
        world = self._world
        return CallLog(world).answer(ask.path, ask.query, extension_id, ask.now, world.clock.now())

    def _account_log(self, ask: Ask) -> dict[str, Any]:
        self._owner(ask)
        return self._log(ask, None)

    def _extension_log(self, ask: Ask) -> dict[str, Any]:
        return self._log(ask, self._member(ask))

    def _recording(self, ask: Ask) -> dict[str, Any]:
        account = self._owner(ask)
        recording = had(self._world, ask.parts["recording"], ask.now)
        if recording is None or not recording.available(ask.now):
            raise not_found("callRecordingId")
        path = f"/restapi/v1.0/account/{account}/recording/{quote(recording.id, safe='')}"
        return {
            "uri": f"{self._world.rest_url}{path}",
            "id": recording.id,
            "contentUri": content_uri(self._world, path),
            "contentType": recording.content_type,
            "duration": round(recording.seconds),
        }

    def _session(self, ask: Ask) -> dict[str, Any]:
        self._owner(ask)
        call = self._world.truth.in_flight(ask.parts["session"])
        if call is None:
            raise not_found("telephonySessionId")
        parties = call.parties[ask.parts["session"]].values()
        return {
            "id": ask.parts["session"],
            "origin": {"type": "Call"},
            "parties": [{k: v for k, v in party.items() if k not in {"accountId", "missedCall"}} for party in parties],
        }

    def _profile(self, ask: Ask) -> dict[str, Any]:
        extension, uri = self._member(ask), f"{self._world.rest_url}{ask.path}"
        missing = self._world.options.missing_permissions
        return {
            "uri": uri,
            "permissions": [
                self._granted(permission, extension) for permission in PERMISSIONS if permission not in missing
            ],
        }

    def _check(self, ask: Ask) -> dict[str, Any]:
        extension = self._member(ask)
        wanted = (*ask.query.get("permissionId", ()), "")[0]
        granted = wanted in PERMISSIONS and wanted not in self._world.options.missing_permissions
        answer: dict[str, Any] = {"uri": f"{self._world.rest_url}{ask.path}", "successful": granted}
        return answer | ({"details": self._granted(wanted, extension)} if granted else {})

    def _granted(self, permission: str, extension: str) -> dict[str, Any]:
        root = f"{self._world.rest_url}/restapi/v1.0"
        return {
            "permission": {
                "uri": f"{root}/dictionary/permission/{permission}",
                "id": permission,
                "siteCompatible": "Compatible",
                "readOnly": False,
                "assignable": True,
            },
            "effectiveRole": {"uri": f"{root}/account/~/extension/{extension}/assigned-role/1", "id": "1"},
            "scopes": ["Account", "AllExtensions", "Self"],
        }

    def _account(self, ask: Ask) -> dict[str, Any]:
        account = self._owner(ask)
        return {
            "uri": f"{self._world.rest_url}/restapi/v1.0/account/{account}",
            "id": int(account),
            "mainNumber": "+16505550100",
            "status": "Confirmed",
        }

    def _extension(self, ask: Ask) -> dict[str, Any]:
        member, account = self._member(ask), self._owner(ask)
        return {
            "uri": f"{self._world.rest_url}/restapi/v1.0/account/{account}/extension/{member}",
            "id": int(member),
            "extensionNumber": "101",
            "name": "Jane Doe",
            "type": "User",
            "status": "Enabled",
            "permissions": {"admin": {"enabled": True}},
        }


def _get(
    pattern: str,
    group: str,
    answer: Callable[[Ask], dict[str, Any]],
    *,
    scope: str = "",
    permission: str = "",
) -> Resource:
    return Resource(pattern=re.compile(pattern), group=group, answer=answer, scope=scope, permission=permission)
