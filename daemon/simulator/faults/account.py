"""The faults of OAuth."""

from aiohttp import web

from daemon.simulator.faults import refusals
from daemon.simulator.faults.bodies import part
from daemon.simulator.faults.fault import Fault, Moment
from daemon.simulator.faults.line import LOOK_SECONDS, Line
from daemon.simulator.gateway import Gateway
from daemon.simulator.oauth import JWT_GRANT
from daemon.simulator.refusal import Refusal
from daemon.simulator.world import World


async def _expire(world: World, _: Gateway) -> None:
    if world.logins.open and world.faults.bites("account.token-expires"):
        world.logins.expire_access()


async def _evict(world: World, _: Gateway) -> None:
    if world.logins.open and world.faults.bites("account.evicted"):
        world.logins.evict()


async def _refreshes(moment: Moment) -> bool:
    return (await moment.request.post()).get("grant_type") == "refresh_token"


async def _logs_in(moment: Moment) -> bool:
    return (await moment.request.post()).get("grant_type") == JWT_GRANT


async def _asks_token(moment: Moment) -> bool:
    return moment.request.path.endswith("/token")


async def _lose(moment: Moment) -> web.StreamResponse:
    """Know a refresh token no more; its session is over."""
    moment.world.logins.revoke(str((await moment.request.post()).get("refresh_token", "")))
    raise moment.world.logins.refuse_refresh()


async def _refuse(_: Moment) -> web.StreamResponse:
    raise Refusal(400, "OAU-140", "Invalid resource owner credentials", oauth="invalid_grant")


async def _down(moment: Moment) -> web.StreamResponse:
    """Answer 503, or cut the connection."""
    if moment.world.faults.choose(2):
        raise Refusal(503, "CMN-211", "Service is temporarily unavailable")
    return Line(moment.request).cut()


async def _expire_half_way(moment: Moment) -> web.StreamResponse:
    """Let every token expire in the middle of a download, and break it off a moment later."""
    whole, line = part(moment), Line(moment.request)
    headers = {"Content-Type": moment.wanted.content_type, **whole.headers, "Content-Length": str(len(whole.body))}
    line.begin(whole.status, headers)
    line.write(whole.body[: len(whole.body) // 2])
    moment.world.logins.expire_access()
    await line.pause(LOOK_SECONDS)
    return line.end()


FAULTS = (
    Fault(name="account.token-expires", help="access tokens expire at once", chaos=0.05, pulse=_expire),
    Fault(
        name="account.token-expires-mid-download",
        help="access tokens expire while content comes, which then breaks off",
        chaos=0.05,
        door="content",
        answer=_expire_half_way,
    ),
    Fault(
        name="account.refresh-token-lost",
        help="a refresh token is known no more, nor is its session",
        chaos=0.5,
        stir="expire",
        door="oauth",
        applies=_refreshes,
        answer=_lose,
    ),
    Fault(
        name="account.evicted",
        help="logins elsewhere push every session out",
        chaos=0.03,
        pulse=_evict,
    ),
    Fault(
        name="account.login-refused",
        help="JWT logins are refused while it is on (a start of the daemon then ends with 77)",
        chaos=0,
        door="oauth",
        applies=_logs_in,
        answer=_refuse,
    ),
    Fault(
        name="account.auth-429",
        help="tokens are refused with 429 and Retry-After; a penalty begins",
        chaos=0.3,
        stir="expire",
        door="oauth",
        applies=_asks_token,
        answer=refusals.too_many("auth", say_when=True),
    ),
    Fault(
        name="account.oauth-down",
        help="tokens and wstokens: 503, or the connection is cut",
        chaos=0.8,
        stir="drop",
        door="oauth",
        answer=_down,
    ),
)
