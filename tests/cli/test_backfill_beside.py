"""backfill and retry beside a running daemon: it does the work, at once, and within its own quota."""

import asyncio
import signal
from pathlib import Path
from typing import Any

from daemon.simulator import LIMITS, Options, Simulator
from tests.cli.test_backfill import DAY, SMALL, asked, recall, rows
from tests.simulator.patience import until
from tests.stories.processes import Process, run_to_end, settings, started

SOON = 30.0
"""Real seconds, half of what the daemon would sleep if it were not woken."""
QUICK = {"settle_seconds": 0.2}
HARDLY_EVER = {"retry_initial_seconds": 900, "retry_max_seconds": 900}


def _options(**changed: Any) -> Options:  # noqa: ANN401  any of the options' own
    limits = {**LIMITS, "heavy": 40}
    return Options(**{"speed": 200, "limits": limits, "window_seconds": 1, "audio_bytes": SMALL, **changed})


async def _at_rest(daemon: Process) -> None:
    """Wait until the daemon has read all that it reads of itself, so that it sleeps for long."""
    await daemon.event("gateway.subscribed")
    await daemon.event("period.reconciled", kind="history")


async def test_a_running_daemon_does_the_work_at_once(tmp_path: Path) -> None:
    async with Simulator(_options()) as simulator:
        config = str(settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK))
        async with started("run", "--config", config) as daemon:
            await _at_rest(daemon)
            recall(simulator, 60)
            async with asyncio.timeout(SOON):
                status, answer = await asked(config, "--from", "21d", "--dry-run")
            assert (status, answer["found"], answer["daemon"]) == (0, 60, daemon.pid)
            assert rows(tmp_path, "SELECT * FROM recordings") == []
            async with asyncio.timeout(SOON):
                status, answer = await asked(config, "--from", "21d")
            assert (status, answer["found"], answer["archived"], answer["daemon"]) == (0, 60, 60, daemon.pid)
            assert {event["source"] for event in daemon.named("recording.archived")} == {"backfill"}
            # What happens meanwhile is heard, and not taken for the backfill's.
            call = await simulator.play(simulator.script("direct_inbound"))
            heard = await daemon.event("recording.archived", recording_id=call.expected[0].id)
            assert heard["source"] == "event"
            assert await daemon.stop() == 0
        assert (simulator.journal.logins, simulator.violations.penalty) == (1, 0)
        assert 429 not in simulator.journal.totals.by_status


async def test_two_at_once_share_the_work(tmp_path: Path) -> None:
    async with Simulator(_options()) as simulator:
        recall(simulator, 120)
        config = str(settings(tmp_path, simulator.config_toml(tmp_path)))
        async with started("backfill", "--config", config, "--from", "21d") as first:
            await until(lambda: simulator.journal.downloads.total() > 0)
            status, answer = await asked(config, "--from", "10d", "--to", "5d")
            assert (status, answer["daemon"] in {first.pid, None}) == (0, True)
            assert await first.ended() == 0
        assert set(simulator.journal.downloads.values()) == {1}
        assert simulator.journal.logins == 1


async def test_a_daemon_that_is_killed_and_started_again_goes_on_while_the_command_watches(tmp_path: Path) -> None:
    async with Simulator(_options()) as simulator:
        config = str(settings(tmp_path, simulator.config_toml(tmp_path)))
        async with started("run", "--config", config) as daemon:
            await _at_rest(daemon)
            recall(simulator, 120)
            async with started("backfill", "--config", config, "--from", "21d") as watching:
                await daemon.count("recording.archived", 20)
                daemon.send(signal.SIGKILL)
                await daemon.ended()
                async with started("run", "--config", config) as again:
                    assert await watching.ended() == 0
                    assert await again.stop() == 0
        assert "archived      120" in watching.lines
        assert simulator.journal.logins == 1


async def test_a_recording_that_is_to_be_retried_is_fetched_at_once(tmp_path: Path) -> None:
    async with Simulator(_options(ready_seconds=10 * DAY)) as simulator:
        config = str(settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK, downloads=HARDLY_EVER))
        async with started("run", "--config", config) as daemon:
            await _at_rest(daemon)
            call = await simulator.play(simulator.script("direct_inbound"))
            name = call.expected[0].id
            await daemon.event("recording.postponed", recording_id=name)
            before = len([event for event in daemon.named("recording.postponed") if event["recording_id"] == name])
            process = await run_to_end("retry", name, "--config", config)
            assert await process.ended() == 0
            async with asyncio.timeout(SOON):
                await daemon.count("recording.postponed", before + 1)
            assert await daemon.stop() == 0


async def test_a_daemon_that_starts_beside_a_lone_backfill_ends_with_1_so_that_systemd_tries_again(
    tmp_path: Path,
) -> None:
    async with Simulator(_options()) as simulator:
        recall(simulator, 60)
        simulator.turn_on("media.stall-header")  # it goes on for as long as we want
        config = str(settings(tmp_path, simulator.config_toml(tmp_path)))
        async with started("backfill", "--config", config, "--from", "21d"):
            await until(lambda: simulator.hits("media.stall-header") > 0)
            second = await run_to_end("run", "--config", config)
            assert await second.ended() == 1
            assert "a backfill without a daemon works on " in second.complaints
            reload = await run_to_end("reload", "--config", config)
            assert await reload.ended() == 1
            assert "is a backfill without a daemon" in reload.complaints
