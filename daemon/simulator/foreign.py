"""A host that is nobody RingCentral knows: whatever comes here was led here, and a token that comes is stolen."""

from aiohttp import web

from daemon.simulator import audio
from daemon.simulator.world import World


def application(world: World) -> web.Application:
    """Make the listener's application: it counts what comes, and answers with audio that is none of ours."""

    async def receive(request: web.Request) -> web.StreamResponse:
        journal = world.journal
        journal.foreign_requests += 1
        seen = f"{request.raw_headers!r} {request.path_qs} {await request.text()}"
        if "Authorization" in request.headers or any(token in seen for token in world.secrets()):
            journal.violate("token_leaked", world.monotonic(), f"{request.method} to a foreign host")
        return web.Response(body=audio.render("foreign", 40, "audio/mpeg", 50_000), content_type="audio/mpeg")

    app = web.Application(client_max_size=1 << 20)
    app.router.add_route("*", "/{path:.*}", receive)
    return app
