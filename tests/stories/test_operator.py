"""An operator's commands beside a running daemon, each as a process of its own."""

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.stories.processes import run_to_end, settings, started

QUICK = {"settle_seconds": 0.2}
HARDLY_EVER = {"retry_initial_seconds": 900, "retry_max_seconds": 900}


class Shelf:
    """Answers for content: nothing is there until it is `stocked`; while `held`, it is long in coming."""

    def __init__(self, simulator: Simulator) -> None:
        self.stocked = False
        self.begun = asyncio.Event()
        self.held = asyncio.Event()
        self.held.set()
        simulator.intercept(self._answer)

    async def _answer(self, request: web.Request) -> web.Response | None:
        if not request.path.endswith("/content"):
            return None
        self.begun.set()
        await self.held.wait()
        return None if self.stocked else web.json_response({"errorCode": "CMN-102"}, status=404)


async def _asked(*words: str, config: Path) -> tuple[int, Any]:
    """Run a command; give its exit status and what it told."""
    process = await run_to_end(words[0], "--config", str(config), "--json", *words[1:])
    assert process.complaints == ""
    return await process.ended(), json.loads("\n".join(process.lines))


async def test_an_operator_ends_begins_again_and_verifies_beside_the_daemon(tmp_path: Path) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED, log_lag_seconds=0)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK, downloads=HARDLY_EVER)
        shelf = Shelf(simulator)
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            call = await simulator.play(simulator.script("direct_inbound"))
            name = call.expected[0].id
            await daemon.event("recording.postponed", recording_id=name)
            assert (await _asked("abandon", name, "--reason", "a trial", config=config))[0] == 0
            assert (await _asked("show", name, config=config))[1]["reason"] == "a trial"
            shelf.stocked = True
            status, told = await _asked("retry", name, config=config)
            assert (status, told[0]["was"], told[0]["changed"]) == (0, "abandoned", True)
            # Whatever comes due wakes the daemon, and then it takes all that is.
            other = await simulator.play(simulator.script("direct_inbound"))
            for recording in (*call.expected, *other.expected):
                await daemon.event("recording.archived", recording_id=recording.id)
            assert (await _asked("retry", name, config=config))[0] == 1
            status, told = await _asked("verify", config=config)
            assert (status, told["checked"]) == (0, 2)
            planted = tmp_path / "recordings" / "planted.mp3"
            planted.touch()
            status, told = await _asked("verify", config=config)
            assert (status, [one["path"] for one in told["unexplained"]]) == (1, [str(planted)])
            assert await daemon.stop() == 0


async def test_what_is_abandoned_while_it_is_fetched_stays_so_and_leaves_no_file(tmp_path: Path) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED, log_lag_seconds=0)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK, downloads=HARDLY_EVER)
        shelf = Shelf(simulator)
        shelf.stocked = True
        shelf.held.clear()
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            call = await simulator.play(simulator.script("direct_inbound"))
            name = call.expected[0].id
            await shelf.begun.wait()
            status, told = await _asked("abandon", name, "--reason", "a trial", config=config)
            assert (status, told[0]["was"]) == (0, "fetching")
            shelf.held.set()
            other = await simulator.play(simulator.script("direct_inbound"))
            await daemon.event("recording.archived", recording_id=other.expected[0].id)
            assert await daemon.stop() == 0
        assert (await _asked("show", name, config=config))[1]["state"] == "abandoned"
        assert (await _asked("verify", config=config))[1]["unexplained"] == []
