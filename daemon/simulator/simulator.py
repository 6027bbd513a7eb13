"""The whole simulated RingCentral: three listeners over one world, calls to play, and switches to turn."""

from __future__ import annotations

import dataclasses
import random
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from daemon.simulator import foreign, media, rest
from daemon.simulator.clock import Clock, SystemClock
from daemon.simulator.desk import Desk
from daemon.simulator.faults.panel import Panel
from daemon.simulator.gateway import Gateway
from daemon.simulator.listener import listen
from daemon.simulator.options import Options
from daemon.simulator.player import Player
from daemon.simulator.scripts import SCRIPTS, Office, Script, office
from daemon.simulator.settings import config_toml
from daemon.simulator.witness import Witness
from daemon.simulator.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from daemon.simulator.truth import PlayedCall
    from daemon.simulator.world import Interceptor


class Simulator(Witness):
    """A RingCentral stand-in over real sockets; an async context manager.

    `async with Simulator(Options(speed=100)) as sim: await sim.play(sim.script("queue"))`
    """

    def __init__(self, options: Options | None = None, clock: Clock | None = None) -> None:
        options = options or Options()
        world = World(options, clock or SystemClock())
        self._desk = Desk(world)
        super().__init__(world, Gateway(world, self._desk))
        self._player = Player(self._world, self._gateway)
        self._faults = Panel(self._world, self._gateway)
        self._stack = AsyncExitStack()
        self._random = random.Random(options.seed)  # noqa: S311 - calls to play, not secrets

    async def __aenter__(self) -> Self:
        world, options = self._world, self._world.options
        async with AsyncExitStack() as stack:
            world.rest_url = await listen(stack, rest.application(world, self._desk), options, options.rest_port)
            world.media_url = await listen(stack, media.application(world), options, options.media_port)
            world.foreign_url = await listen(stack, foreign.application(world), options, 0)
            stack.push_async_callback(self._gateway.stop)
            world.gateway_url = await self._gateway.start()
            stack.push_async_callback(self._faults.stop)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # where it is, and how to use it

    @property
    def options(self) -> Options:
        """The options in force."""
        return self._world.options

    @property
    def rest_url(self) -> str:
        """Where OAuth and the REST API are."""
        return self._world.rest_url

    @property
    def media_url(self) -> str:
        """Where recording content is."""
        return self._world.media_url

    @property
    def gateway_url(self) -> str:
        """Where the WebSocket gateway is."""
        return self._world.gateway_url

    @property
    def foreign_url(self) -> str:
        """A host that is not RingCentral's; what comes there is counted."""
        return self._world.foreign_url

    def config_toml(self, directory: Path) -> str:
        """Write the secret files (0600) below `directory`, and return a configuration that uses them."""
        return config_toml(self.options, self.rest_url, self.media_url, directory)

    # calls

    def office(self, *, shuffled: bool = True) -> Office:
        """Furnish the account that calls are scripted for."""
        return office(self.options.account_id, self.options.extension_id, shuffled=shuffled)

    def script(self, name: str, seed: int | None = None, *, shuffled: bool = True) -> Script:
        """Write a call of a kind; without a seed each is another.

        With `shuffled=False` the logged-in user is the first agent of the call, as an extension-wide
        subscription needs it.
        """
        rng = self._random if seed is None else random.Random(f"{name} {seed}")  # noqa: S311 - likewise
        return SCRIPTS[name](rng, self.office(shuffled=shuffled))

    async def play(self, script: Script) -> PlayedCall:
        """Play one call to its end, each notification at its time; play several with `asyncio.gather`."""
        return await self._player.play(script)

    def recall(self, script: Script, ago_seconds: float) -> PlayedCall:
        """Let a call have happened long ago, unheard of: no notification, ready, in the call log."""
        return self._player.recall(script, ago_seconds)

    # faults

    def turn_on(self, name: str, share: float = 1.0) -> None:
        """Switch a fault on: it bites a `share` of what it can strike; one with a pulse at once, then each second.

        Raises:
            KeyError: There is no such fault; they are in `FAULTS`.
        """
        self._faults.turn_on(name, share)

    def turn_off(self, *names: str) -> None:
        """Switch faults off; without a name, all of them."""
        for name in names or self.faults_on:
            self._faults.turn_off(name)

    @asynccontextmanager
    async def fault(self, name: str, share: float = 1.0) -> AsyncIterator[None]:
        """Have a fault on for the time of a block."""
        self.turn_on(name, share)
        try:
            yield
        finally:
            self.turn_off(name)

    # switches

    def change(self, **knobs: Any) -> None:  # noqa: ANN401 - any of the options' own types
        """Change options while it runs, by their names."""
        self._world.options = dataclasses.replace(self._world.options, **knobs)

    def intercept(self, interceptor: Interceptor) -> None:
        """Let `interceptor` answer admitted HTTP requests first; it returns None for those it lets pass."""
        self._world.interceptors.append(interceptor)

    def stop_intercepting(self) -> None:
        """Take all interceptors out."""
        self._world.interceptors.clear()

    def drop(self) -> None:
        """Cut every gateway connection abruptly."""
        for connection in tuple(self._gateway.connections):
            connection.abort()

    async def close_politely(self, code: int = 1001) -> None:
        """Close every gateway connection with a close frame."""
        for connection in tuple(self._gateway.connections):
            await connection.close(code)

    def send_raw(self, frame: str | bytes) -> None:
        """Send a frame of any kind to every gateway connection."""
        for connection in tuple(self._gateway.connections):
            connection.send(frame)

    def freeze(self) -> None:
        """Make every gateway connection half-open: it stays, and neither speaks nor answers."""
        for connection in tuple(self._gateway.connections):
            connection.freeze()

    def thaw(self) -> None:
        """Undo `freeze`."""
        self._gateway.thaw()

    def kill_subscriptions(self) -> None:
        """Let every subscription there is be dead on its living socket, until the client subscribes anew."""
        self._gateway.kill_subscriptions()

    def stop_delivering(self) -> None:
        """Let every subscription be dead on its living socket."""
        self._gateway.delivering = False

    def start_delivering(self) -> None:
        """Undo `stop_delivering`."""
        self._gateway.delivering = True

    def forget_wsg_sessions(self) -> None:
        """Make the wsc of every lost session unknown."""
        self._gateway.forget()

    def expire_access_tokens(self) -> None:
        """Let every access token be out of date."""
        self._world.logins.expire_access()

    def evict_logins(self, count: int | None = None) -> None:
        """End the oldest OAuth sessions (all, unless counted)."""
        self._world.logins.evict(count)

    def forgive(self) -> None:
        """Forget every rate-limit count and penalty."""
        self._world.limits.forgive()
