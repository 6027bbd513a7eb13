"""An HTTP listener of the simulator."""

from contextlib import AsyncExitStack

from aiohttp import web

from daemon.simulator.options import Options


async def listen(stack: AsyncExitStack, app: web.Application, options: Options, port: int) -> str:
    """Serve until the stack is closed; return the URL. A port of 0 takes any free one."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    stack.push_async_callback(runner.cleanup)
    await runner.setup()
    site = web.TCPSite(runner, options.host, port)
    await site.start()
    return f"http://{options.host}:{runner.addresses[0][1]}"
