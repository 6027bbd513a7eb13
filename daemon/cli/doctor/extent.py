"""Whose calls are followed: is the account there, is the extension, are they active."""

from daemon.adapters.account.inquiry import Inquiry, decoded, lack
from daemon.adapters.account.paths import reach
from daemon.adapters.verdict import Answer
from daemon.cli.doctor.finding import Finding, bad, good, unknown
from daemon.cli.doctor.grants import said
from daemon.config import Config
from daemon.core.wire import text
from daemon.errors import Retryable

_ACTIVE = {"account": "Confirmed", "extension": "Enabled"}
"""RingCentral's words for in use."""


def account_path(config: Config) -> str:
    """Give the path of the account itself."""
    return f"/restapi/v1.0{reach(config.ringcentral.account_id, 'account', '')}"


def account(config: Config, answer: Answer) -> Finding:
    """Judge what RingCentral said of the account."""
    remedy = 'set ringcentral.account_id to "~", the account of the JWT, or to one that its user belongs to'
    return _judge("account", config.ringcentral.account_id, answer, remedy)


async def extension(config: Config, inquiry: Inquiry) -> Finding:
    """Ask for the one extension that is followed."""
    wanted = config.subscription.extension_id
    path = f"/restapi/v1.0{reach(config.ringcentral.account_id, 'extension', wanted)}"
    try:
        answer = await inquiry.ask(path)
    except Retryable as error:
        return unknown("extension", str(error))
    remedy = 'set subscription.extension_id to "~", the extension of the JWT, or to the id of one (not its number)'
    return _judge("extension", wanted, answer, remedy)


def _judge(check: str, wanted: str, answer: Answer, remedy: str) -> Finding:
    body = decoded(answer)
    if answer.status == 404:  # noqa: PLR2004
        return bad(check, f"there is no {check} {wanted}", remedy)
    if lack(body) is not None:
        return unknown(check, "a scope or permission is missing, see above")
    if answer.status != 200 or not isinstance(body, dict):  # noqa: PLR2004
        return bad(check, said(answer), "see whether RingCentral is in trouble, and ask again")
    who, status = text(body, "id") or wanted, text(body, "status")
    if status not in ("", _ACTIVE[check]):
        return bad(check, f"{who} is {status}, not {_ACTIVE[check]}", f"have an administrator activate the {check}")
    return good(check, f"{who} is active")
