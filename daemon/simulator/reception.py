"""Where every HTTP request comes in: who is it, may they, and write it down."""

import re
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import orjson
from aiohttp import web

from daemon.simulator.journal import Request
from daemon.simulator.oauth import Login
from daemon.simulator.refusal import Refusal, permission_missing, scope_missing
from daemon.simulator.world import HEADERS, World


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that was let in.

    Attributes:
        parts: What the route's pattern names in the path.
        login: The OAuth session it belongs to; None only where a route needs none.
        now: The monotonic second at which it came.
    """

    request: web.Request
    parts: dict[str, str]
    login: Login | None
    now: float

    def query(self) -> dict[str, list[str]]:
        """Hand out the query, every parameter with all of its values."""
        return {key: self.request.query.getall(key) for key in self.request.query}


Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One thing that can be asked for.

    Attributes:
        group: Its usage-plan group.
        scope: The app scope it needs, or "".
        permission: The user permission it needs, or "".
        anyone: It needs no access token.
    """

    method: str
    pattern: re.Pattern[str]
    group: str
    handler: Handler
    scope: str = ""
    permission: str = ""
    anyone: bool = False


class Reception:
    """One listener's front desk."""

    def __init__(self, world: World, listener: str, routes: Sequence[Route]) -> None:
        self._world = world
        self._listener = listener
        self._routes = routes

    def application(self) -> web.Application:
        """Make the aiohttp application; one handler for everything, so that nothing goes unrecorded."""
        app = web.Application(client_max_size=1 << 20)
        app.router.add_route("*", "/{path:.*}", self.receive)
        return app

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        now = self._world.monotonic()
        headers: dict[str, str] = {"RCRequestId": str(uuid.uuid4())}
        request[HEADERS] = headers
        in_penalty = False
        route: Route | None = None
        parts: dict[str, str] = {}
        try:
            route, parts = self._find(request)
            login = None if route.anyone else self._world.logins.bearer(_authorization(request), now)
            verdict = self._world.limits.take(route.group, now, self._world.options)
            in_penalty = verdict.in_penalty
            headers |= verdict.headers
            if verdict.refusal is not None:
                raise verdict.refusal
            allow(self._world, route.scope, route.permission)
            visit = Visit(request, parts, login, now)
            response = await self._intercept(request) or await route.handler(visit)
        except Refusal as no:
            response = say(no.body, no.status)
            headers |= no.headers
        if not response.prepared:
            for name, value in headers.items():
                response.headers.setdefault(name, value)
        recording = self._world.truth.recording(parts.get("recording", ""))
        early = recording is not None and (recording.ended_at is None or now < recording.ended_at)
        self._world.journal.add(
            Request(
                at=now,
                listener=self._listener,
                method=request.method,
                path=request.path,
                query=dict(request.query),
                status=response.status,
                group=route.group if route else "",
                recording_id=parts.get("recording", ""),
                early=early,
                in_penalty=in_penalty,
            )
        )
        return response

    def _find(self, request: web.Request) -> tuple[Route, dict[str, str]]:
        for route in self._routes:
            match = route.pattern.fullmatch(request.rel_url.raw_path)  # raw: an id may hold a slash
            if match and route.method == request.method:
                return route, {name: unquote(part) for name, part in match.groupdict().items()}
        raise Refusal(404, "AGW-404", "Resource not found")

    async def _intercept(self, request: web.Request) -> web.StreamResponse | None:
        first = self._world.doorkeeper
        for interceptor in (*([first] if first else []), *self._world.interceptors):
            response = await interceptor(request)
            if response is not None:
                return response
        return None


def allow(world: World, scope: str, permission: str) -> None:
    """Refuse what the app or the user may not do.

    Raises:
        Refusal: CMN-401 for a scope, CMN-408 for a permission; each names what is missing.
    """
    if scope in world.options.missing_scopes:
        raise scope_missing(scope)
    if permission in world.options.missing_permissions:
        raise permission_missing(permission)


def say(body: object, status: int = 200) -> web.Response:
    """Answer with JSON."""
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", charset="utf-8")


def _authorization(request: web.Request) -> str:
    return request.headers.get("Authorization", "")
