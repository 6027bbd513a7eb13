"""The WebSocket gateway: a ticket, its host, and a conversation of our own."""

from collections.abc import AsyncIterator

from daemon import logs
from daemon.adapters.account.inquiry import Inquiry, decoded
from daemon.adapters.checkup.conversation import converse
from daemon.adapters.gateway import Gateway
from daemon.adapters.verdict import verdict
from daemon.app.opening import event_filter
from daemon.cli.doctor import hosts
from daemon.cli.doctor.finding import Finding, Mark, bad, failed, good, unknown
from daemon.cli.doctor.grants import Evidence
from daemon.config import Config
from daemon.core.permissions import error_words
from daemon.errors import DaemonError, Retryable
from daemon.ports import Ticket

HOST = "gateway host"
CHECK = "gateway"
_TROUBLE = "see whether RingCentral is in trouble (status.ringcentral.com), and ask again"


async def examine(config: Config, inquiry: Inquiry, evidence: Evidence, seconds: float) -> AsyncIterator[Finding]:
    """Get a ticket, look at the host it names, and talk; a session that another connection has is left alone."""
    try:
        answer = await inquiry.ask("/restapi/oauth/wstoken", method="POST")
    except Retryable as error:
        yield failed(HOST, error, _TROUBLE)
        yield unknown(CHECK, "no gateway host")
        return
    body = decoded(answer)
    lacking = evidence.learn("", answer.status, body)
    match body:
        case {"uri": str(uri), "ws_access_token": str(token)} if answer.status < 300:  # noqa: PLR2004
            logs.hide(token)
            there = await hosts.host(HOST, uri, "what RingCentral answered to wstoken", seconds)
            yield there
            if there.mark is Mark.BAD:
                yield unknown(CHECK, "its host cannot be reached")
            else:
                yield await _converse(config, Ticket(uri, token), evidence, seconds)
        case _:
            why = verdict(answer) or Retryable("RingCentral's answer to wstoken has no uri and token")
            yield unknown(HOST, "no ticket, see the scopes") if lacking else failed(HOST, why, _TROUBLE)
            yield unknown(CHECK, "no gateway host")


async def _converse(config: Config, ticket: Ticket, evidence: Evidence, seconds: float) -> Finding:
    insecure = config.ringcentral.server_url.startswith("http://")
    filters = (event_filter(config),)
    try:
        came = await converse(Gateway(connect_timeout=seconds, insecure=insecure), ticket, filters, 3 * seconds)
    except DaemonError as error:
        return failed(CHECK, error, "let wss connections through: a proxy or firewall may cut WebSockets off")
    if came.subscribed:
        evidence.used |= {"WebSocketsSubscription", "CallControl"}
        return good(CHECK, f"connected, subscribed, heartbeat answered in {came.milliseconds:.0f} ms")
    if evidence.learn("", 403, came.body) is not None:
        return unknown(CHECK, "connected, but the subscription is refused, see the scopes")
    words = error_words(came.body) or "without a reason"
    return bad(CHECK, f"connected, but the subscription is refused: {words}", "check the [subscription] table")
