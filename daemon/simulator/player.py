"""Plays call scripts: each notification at its time, and the truth about recordings kept beside it."""

import secrets
from datetime import timedelta
from typing import Any

from daemon.simulator.clock import stamp
from daemon.simulator.faults.disguise import disguised
from daemon.simulator.gateway import Gateway
from daemon.simulator.scripts import Script, Step
from daemon.simulator.truth import PlayedCall
from daemon.simulator.world import World


class Player:
    """Lets calls happen."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    async def play(self, script: Script) -> PlayedCall:
        """Play one call to its end, each notification at its time; play several with `asyncio.gather`."""
        world, clock, speed = self._world, self._world.clock, self._world.options.speed
        began = clock.monotonic()
        # as if it had taken the script's seconds and ended when the playing will end
        ahead = script.seconds - script.seconds / speed
        script = disguised(world, script)
        call = world.truth.begin(script, clock.now() - timedelta(seconds=ahead), world.options)
        last = {session: script.last_step_of(session) for session in script.sessions}
        for number, step in enumerate(script.steps):
            pause = began + step.at / speed - clock.monotonic()
            if pause > 0:
                await clock.sleep(pause)
            self._settle(call, number, last)
            self._notify(call, step)
        return call

    def recall(self, script: Script, ago_seconds: float) -> PlayedCall:
        """Let a call have happened long ago, unheard of: no notification, ready, in the call log."""
        world = self._world
        now, script = world.monotonic(), disguised(world, script)
        began = world.clock.now() - timedelta(seconds=ago_seconds + script.seconds)
        call = world.truth.begin(script, began, world.options)
        for recording in call.recordings:
            recording.ended_at = recording.ready_at = now - ago_seconds
        call.ended_at = call.logged_at = now - ago_seconds
        call.ended_wall = call.wall(script.seconds)
        return call

    def _settle(self, call: PlayedCall, number: int, last: dict[str, int]) -> None:
        """Note whose end this step is, before anybody hears of it."""
        now, options = self._world.monotonic(), self._world.options
        for recording in call.recordings:
            if max(last[session] for session in recording.sessions) == number:
                recording.ended_at = now
                recording.ready_at = now + options.ready_seconds / call.speed
        if number == len(call.script.steps) - 1:
            call.ended_at, call.ended_wall = now, call.wall(call.script.seconds)
            call.logged_at = now + options.log_lag_seconds / call.speed

    def _notify(self, call: PlayedCall, step: Step) -> None:
        account = self._world.options.account_id
        body: dict[str, Any] = {**step.body, "eventTime": stamp(call.wall(step.at))}
        party = body["parties"][0]
        call.parties.setdefault(step.telephony_session_id, {})[party["id"]] = party
        where = f"/extension/{step.extension_id}" if step.extension_id else ""
        event = {
            "uuid": str(secrets.randbits(63)),
            "event": f"/restapi/v1.0/account/{account}{where}/telephony/sessions",
            "timestamp": stamp(self._world.clock.now()),
            "subscriptionId": "",
            "ownerId": self._world.options.extension_id,
            "body": body,
        }
        self._gateway.publish(event, recorded=call.recorded_in(step.telephony_session_id))
