"""Where faults are switched on and off at a running simulator, and where those strike that strike by themselves."""

import asyncio
import contextlib

from daemon.simulator.faults.catalogue import FAULTS
from daemon.simulator.faults.doors import doorkeeper
from daemon.simulator.faults.fault import Fault
from daemon.simulator.gateway import Gateway
from daemon.simulator.world import World

PULSE_SECONDS = 1.0


class Panel:
    """The switches of one simulator."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self._pulses: dict[str, asyncio.Task[None]] = {}
        world.doorkeeper = doorkeeper(world, FAULTS)

    def turn_on(self, name: str, share: float) -> None:
        """Switch a fault on; one with a pulse strikes at once, and each second from then on."""
        fault = FAULTS[name]
        self.turn_off(name)
        self._world.faults.turn_on(name, share)
        if fault.pulse is not None:
            self._pulses[name] = asyncio.create_task(self._beat(fault), name=f"simulator-{name}")

    def turn_off(self, name: str) -> None:
        """Switch a fault off and undo what can be undone."""
        fault = FAULTS[name]
        if (pulse := self._pulses.pop(name, None)) is not None:
            pulse.cancel()
        if fault.off is not None and self._world.faults.is_on(name):
            fault.off(self._world, self._gateway)
        self._world.faults.turn_off(name)

    async def stop(self) -> None:
        """Switch everything off, and wait for it."""
        pulses = list(self._pulses.values())
        for name in self._world.faults.on:
            self.turn_off(name)
        for pulse in pulses:
            with contextlib.suppress(asyncio.CancelledError):
                await pulse

    async def _beat(self, fault: Fault) -> None:
        while fault.pulse is not None:
            await fault.pulse(self._world, self._gateway)
            await self._world.clock.sleep(PULSE_SECONDS)
