"""The faults of downloads. They strike where content would have been had."""

from aiohttp import web

from daemon.simulator.faults import bodies, ranged, refusals, stalls
from daemon.simulator.faults.fault import Answer, Applies, Fault, Moment


async def redirect(moment: Moment) -> web.StreamResponse:
    """Point to a foreign host, where the token must not go."""
    return web.Response(
        status=302, headers={"Location": f"{moment.world.foreign_url}{moment.request.rel_url.raw_path}"}
    )


def _fault(  # noqa: PLR0913 - a row of the table
    name: str,
    words: str,
    answer: Answer,
    *,
    chaos: float = 0.3,
    applies: Applies | None = None,
    per_recording: bool = False,
) -> Fault:
    return Fault(
        name=f"media.{name}",
        help=words,
        chaos=chaos,
        door="content",
        answer=answer,
        applies=applies,
        per_recording=per_recording,
    )


_NO_TOKEN = refusals.refusing(401, "OAU-213", "Token not found", "TokenInvalid")
_FORBIDDEN = refusals.refusing(403, "AGW-403", "Access to this resource is forbidden", "AccessForbidden")
_GONE = refusals.refusing(410, "CMN-410", "The resource is gone")

FAULTS = (
    _fault("truncated", "half of the promised length, then the connection closes", bodies.truncated),
    _fault("cut-chunked", "half, in chunks, and no last chunk", bodies.cut_chunked),
    _fault(
        "cut-close-delimited", "half, with no length said: the close looks like the end", bodies.cut_close_delimited
    ),
    _fault("cut-gzip", "half of a gzip stream that nobody asked for, as a complete answer", bodies.cut_gzip),
    _fault("longer", "more bytes than promised", bodies.longer),
    _fault("empty", "200 with no bytes", bodies.empty),
    _fault("html", "a web page that calls itself audio", bodies.html),
    _fault("json", "a JSON error that calls itself audio", bodies.json),
    _fault("401", "401, though the token is good", _NO_TOKEN, chaos=0.1),
    _fault("403", "403, with no permission named", _FORBIDDEN),
    _fault(
        "404-then-ready",
        "404 for the first three requests for a recording",
        refusals.not_ready,
        applies=refusals.still_patient,
        per_recording=True,
    ),
    _fault("404-for-ever", "404 as long as it is on", refusals.missing, chaos=0, per_recording=True),
    _fault("410", "410: it is gone, which is not true", _GONE),
    _fault("416", "416, whatever range was asked for", refusals.beyond),
    _fault("429", "429 without Retry-After; a penalty begins", refusals.too_many("heavy", say_when=False), chaos=0.05),
    _fault(
        "429-retry-after",
        "429 with Retry-After; a penalty begins",
        refusals.too_many("heavy", say_when=True),
        chaos=0.05,
    ),
    _fault("cmn-301", "200 with the error of a 429; a penalty begins", refusals.disguised("heavy"), chaos=0.05),
    _fault("5xx", "500, 502, 503 or 504", refusals.in_trouble),
    _fault("unasked-206", "half of what was asked for, as a range", ranged.unasked_206, applies=ranged.can_be_halved),
    _fault(
        "wrong-content-range",
        "a range that says it is another",
        ranged.wrong_content_range,
        applies=ranged.can_be_halved,
    ),
    _fault(
        "changed-validator",
        "content that breaks off half-way, and has other bytes and another ETag the next time",
        ranged.changed_validator,
        applies=ranged.not_changed_yet,
        per_recording=True,
    ),
    _fault("redirect", "302 to a foreign host", redirect),
    _fault("stall-header", "no answer at all", stalls.stall_header("media.stall-header"), chaos=0.1),
    _fault("stall-body", "half the content, then silence", stalls.stall_body("media.stall-body"), chaos=0.1),
    _fault("drip", "a byte a second", stalls.drip("media.drip"), chaos=0.1),
    _fault("endless", "content without an end", stalls.endless("media.endless"), chaos=0.1),
    Fault(name="media.foreign-content-uri", help="the call log's contentUri names a foreign host"),
    Fault(name="media.http-content-uri", help="the call log's contentUri is plain http to another name"),
    Fault(name="media.userinfo-content-uri", help="the call log's contentUri looks like the media host up to an @"),
)
