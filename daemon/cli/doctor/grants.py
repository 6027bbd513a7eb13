"""Which of the app's scopes and of the user's permissions are there, one line each."""

from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from daemon.adapters.account.inquiry import Grantor, Inquiry, Lack, decoded, lack
from daemon.adapters.verdict import Answer, verdict
from daemon.cli.doctor.finding import Finding, bad, good, unknown
from daemon.core.permissions import ADMIN, CONSOLE
from daemon.errors import Refused, Retryable

SCOPES = {
    "ReadAccounts": "Read Accounts",
    "WebSocketsSubscription": "WebSockets Subscription",
    "CallControl": "Call Control",
    "ReadCallLog": "Read Call Log",
    "ReadCallRecording": "Read Call Recording",
}
"""What the app needs, and what the developer console calls it."""
PERMISSIONS = ("ReadCallLog", "ReadCallRecording")
"""What the user needs; for the whole account `FullCompanyCallLog` too."""


@dataclass(slots=True)
class Evidence:
    """What answers have shown so far.

    Attributes:
        used: Scopes that some answer proves to be there.
        lacks: What answers said is missing.
        promised: The scopes that the token came with; empty where that is not known.
    """

    used: set[str] = field(default_factory=set)
    lacks: set[Lack] = field(default_factory=set)
    promised: frozenset[str] = frozenset()

    def learn(self, scope: str, status: int, body: object) -> Lack | None:
        """Learn from the answer to something that needs a scope, or "" for none; return what it says is missing.

        A user's permission is looked at once the app may, so its lack proves the scope, as a 404 does.
        """
        lacking = lack(body)
        if lacking is not None:
            self.lacks.add(lacking)
        if not scope:
            return lacking
        if status < 400 or status == 404 or (lacking is not None and lacking.grantor is Grantor.USER):  # noqa: PLR2004
            self.used.add(scope)
        return lacking


def scopes(evidence: Evidence) -> Iterator[Finding]:
    """Judge every scope: what an answer said counts more than what the token came with."""
    for name, title in SCOPES.items():
        check = f"scope {name}"
        if Lack(Grantor.APP, name) in evidence.lacks:
            yield _missing(check, title)
        elif name in evidence.used:
            yield good(check, "granted to the app")
        elif not evidence.promised:
            yield unknown(check, "nothing that needs it was answered")
        elif name in evidence.promised:
            yield good(check, "granted to the app, as the token says")
        else:
            yield _missing(check, title)


async def ask_for_call_control(inquiry: Inquiry, evidence: Evidence) -> None:
    """Ask for a session that is not there, where the subscription did not tell: 404 says that the app may."""
    name = "CallControl"
    if name in evidence.used or Lack(Grantor.APP, name) in evidence.lacks:
        return
    with suppress(Retryable):
        answer = await inquiry.ask("/restapi/v1.0/account/~/telephony/sessions/s-0")
        evidence.learn(name, answer.status, decoded(answer))


async def permissions(inquiry: Inquiry, evidence: Evidence, *, whole_account: bool) -> list[Finding]:
    """Ask for every permission of the user; none of these requests is a Heavy one."""
    wanted = ("FullCompanyCallLog", *PERMISSIONS) if whole_account else PERMISSIONS
    return [await _permission(inquiry, evidence, name) for name in wanted]


async def _permission(inquiry: Inquiry, evidence: Evidence, name: str) -> Finding:
    check = f"permission {name}"
    missing = bad(check, "missing from the user's role", ADMIN, Refused.exit_code)
    if Lack(Grantor.USER, name) in evidence.lacks:
        return missing
    path = "/restapi/v1.0/account/~/extension/~/authz-profile/check"
    try:
        answer = await inquiry.ask(path, {"permissionId": name})
    except Retryable as error:
        return unknown(check, str(error))
    match decoded(answer):
        case {"successful": True}:
            return good(check, "granted to the user")
        case {"successful": False}:
            return missing
        case _:
            return unknown(check, said(answer))


def others(evidence: Evidence, named: Container[str]) -> Iterator[Finding]:
    """Name whatever else RingCentral said is missing, so that no refusal goes without a line; `named` have theirs."""
    for lacking in sorted(evidence.lacks, key=lambda lacking: lacking.name):
        check = f"{lacking.grantor.value} {lacking.name or '?'}"
        if check not in named:
            remedy = CONSOLE if lacking.grantor is Grantor.APP else ADMIN
            yield bad(check, "RingCentral refuses for want of it", remedy, Refused.exit_code)


def said(answer: Answer) -> str:
    """Give an answer's error in words."""
    return str(verdict(answer) or "the answer is not what RingCentral's documentation says")


def _missing(check: str, title: str) -> Finding:
    where = CONSOLE.replace("add it", f"add {title}", 1)
    return bad(check, "missing from the app", f"{where}, and let the daemon log in anew", Refused.exit_code)
