"""Answers for machines: `/metrics`, `/healthz`, `/readyz`."""

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from daemon.core.standing import Standing, complaints, is_ready, summary


def metrics(text: bytes) -> web.Response:
    """Give every figure."""
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def health(standing: Standing) -> web.Response:
    """Say whether the loop lives: it does where this is answered at all, unless a part of it does not come back."""
    return _json({"alive": not standing.late, "late": list(standing.late)}, is_well=not standing.late)


def readiness(standing: Standing) -> web.Response:
    """Say whether recordings are kept as they should be, and why not."""
    ready = is_ready(standing)
    told = {
        "ready": ready,
        "status": summary(standing),
        "troubles": [
            {"trouble": complaint.trouble.value, "message": complaint.words} for complaint in complaints(standing)
        ],
    }
    return _json(told, is_well=ready)


def _json(value: object, *, is_well: bool) -> web.Response:
    return web.Response(
        body=orjson.dumps(value), status=200 if is_well else 503, headers={"Content-Type": "application/json"}
    )
