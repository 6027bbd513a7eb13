"""The REST listener: OAuth, wstoken, and the JSON resources."""

import base64
import binascii
import re
import secrets

from aiohttp import web

from daemon.simulator.desk import Ask, Desk, Resource
from daemon.simulator.oauth import token_answer
from daemon.simulator.reception import Handler, Reception, Route, Visit, allow, say
from daemon.simulator.refusal import Refusal
from daemon.simulator.world import World, WsToken


def application(world: World, desk: Desk) -> web.Application:
    """Make the listener's application."""
    oauth = _OAuth(world)
    routes = [
        _post(r"/restapi/oauth/token", "auth", oauth.token, anyone=True),
        _post(r"/restapi/oauth/revoke", "auth", oauth.revoke, anyone=True),
        # Which group wstoken belongs to is not documented on our page; that tight loops earn 429s is.
        _post(r"/restapi/oauth/wstoken", "light", oauth.wstoken),
        *(
            Route(
                method="GET",
                pattern=resource.pattern,
                group=resource.group,
                handler=_asking(resource),
                scope=resource.scope,
                permission=resource.permission,
            )
            for resource in desk.resources
        ),
    ]
    return Reception(world, "rest", routes).application()


def _post(pattern: str, group: str, handler: Handler, *, anyone: bool = False) -> Route:
    return Route(method="POST", pattern=re.compile(pattern), group=group, handler=handler, anyone=anyone)


def _asking(resource: Resource) -> Handler:
    async def ask(visit: Visit) -> web.StreamResponse:
        return say(resource.answer(Ask(visit.request.path, visit.parts, visit.query(), visit.now)))

    return ask


class _OAuth:
    """Tokens: to log in, to refresh, to revoke, and for the gateway."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def token(self, visit: Visit) -> web.StreamResponse:
        """Log in or refresh."""
        self._client(visit.request)
        form = await _form(visit.request)
        opened = self._world.logins.grant(form, visit.now, self._world.options)
        return say(token_answer(opened, self._world.options))

    async def revoke(self, visit: Visit) -> web.StreamResponse:
        """End a session."""
        self._client(visit.request)
        form = await _form(visit.request)
        self._world.logins.revoke(form.get("token", ""))
        return web.Response(status=200)

    async def wstoken(self, visit: Visit) -> web.StreamResponse:
        """Hand out a token for one gateway connection."""
        if self._world.options.wstoken_needs_scope:
            allow(self._world, "WebSocketsSubscription", "")
        token = f"WS-{secrets.token_urlsafe(24)}"
        seconds = self._world.options.wstoken_seconds
        login_id = visit.login.id if visit.login else ""
        self._world.wstokens[token] = WsToken(login_id, visit.now + seconds)
        return say({"uri": self._world.gateway_url, "ws_access_token": token, "expires_in": int(seconds)})

    def _client(self, request: web.Request) -> None:
        """Recognise the app by its Basic credentials."""
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        try:
            client = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            client = ""
        options = self._world.options
        if kind.lower() != "basic" or client != f"{options.client_id}:{options.client_secret}":
            raise Refusal(400, "OAU-123", "Invalid client credentials", oauth="invalid_client")


async def _form(request: web.Request) -> dict[str, str]:
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refusal(415, "CMN-415", "Unsupported media type", oauth="invalid_request")
    fields = await request.post()
    return {key: value for key, value in fields.items() if isinstance(value, str)}
