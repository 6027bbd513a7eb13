"""A running daemon takes up a changed configuration, as a process against the stand-in."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.stories.processes import DEADLINE, Process, run_to_end, settings, started

QUICK = {"settle_seconds": 0.2}


@dataclass(slots=True)
class Service:
    """A daemon, its stand-in, and its configuration."""

    place: Path
    simulator: Simulator
    daemon: Process

    @property
    def config(self) -> Path:
        return self.place / "config.toml"

    def write(self, **tables: dict[str, object]) -> None:
        """Write the configuration anew."""
        settings(self.place, self.simulator.config_toml(self.place), calls=QUICK, **tables)

    async def reload(self, **environ: str) -> Process:
        """Run the command as the unit does."""
        return await run_to_end("reload", "--config", str(self.config), environ={**os.environ, **environ})

    async def keep_one(self) -> dict[str, object]:
        """Play a call; give the event of its recording's archiving."""
        call = await self.simulator.play(self.simulator.script("direct_inbound"))
        return dict(await self.daemon.event("recording.archived", recording_id=call.expected[0].id))


@asynccontextmanager
async def serving(place: Path) -> AsyncIterator[Service]:
    """Run a daemon that listens."""
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        config = settings(place, simulator.config_toml(place), calls=QUICK)
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            yield Service(place, simulator, daemon)
            assert await daemon.stop() == 0


async def test_what_changed_is_in_force_at_once_and_what_did_not_is_named(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        before = await service.keep_one()
        assert "kept/" not in str(before["path"])
        service.write(log={"level": "debug"}, subscription={"heartbeat_seconds": 7})
        config = service.config.read_text().replace("[archive]\n", '[archive]\nname = "kept/{recording_id}"\n')
        service.config.write_text(config)
        said = await service.reload()
        assert (await said.ended(), said.complaints) == (0, "")
        assert said.lines == [
            "in force now: archive.name, log.level",
            "after a restart: subscription.heartbeat_seconds",
        ]
        await service.daemon.event("config.reloaded", needs_restart=["subscription.heartbeat_seconds"])
        assert f"/kept/{(after := await service.keep_one())['recording_id']}." in str(after["path"])
        again = await service.reload()
        assert again.lines[0] == "in force now: nothing that a reload can change"
        assert again.lines[1] == "after a restart: subscription.heartbeat_seconds"


@pytest.mark.parametrize(
    "environ_of", [lambda daemon: {"MAINPID": str(daemon.pid)}, lambda _: {}], ids=["by systemd", "by hand"]
)
async def test_a_bad_file_is_refused_whole_and_all_goes_on_as_before(
    tmp_path: Path, environ_of: Callable[[Process], dict[str, str]]
) -> None:
    async with serving(tmp_path) as service:
        service.write(log={"level": "debug"}, downloads={"concurency": 3})
        said = await service.reload(**environ_of(service.daemon))
        assert await said.ended() == 78
        assert 'downloads.concurency: unknown key, did you mean "concurrency"?' in said.complaints
        refused = await service.daemon.event("config.refused")
        assert 'downloads.concurency: unknown key, did you mean "concurrency"?' in refused["problems"][0]
        await service.keep_one()
        assert not [event for event in service.daemon.events if event["level"] == "debug"]
        troubles: list[str] = []
        async with asyncio.timeout(DEADLINE):
            while "config-refused" not in troubles:  # within a second the daemon leaves word of it
                status = await run_to_end("status", "--config", str(service.config), "--json")
                assert await status.ended() == 0
                told = orjson.loads(status.lines[0])
                assert told["running"]
                troubles = [one["trouble"] for one in told["troubles"]]
        assert troubles[-1] == "config-refused"
        assert "downloads.concurency: unknown key" in status.complaints


async def test_new_credentials_are_tried_at_once_and_refused_ones_leave_the_old(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        jwt = tmp_path / "jwt"
        old = jwt.read_text()
        jwt.write_text("hunter2-is-no-jwt")
        said = await service.reload()
        assert await said.ended() == 78
        assert "the new credentials: " in said.complaints
        assert "hunter2" not in said.complaints + "".join(said.lines) + "".join(service.daemon.lines)
        await service.keep_one()
        service.simulator.change(jwt="another-good-jwt")
        jwt.write_text("another-good-jwt")
        said = await service.reload()
        assert (await said.ended(), said.lines) == (0, ["in force now: ringcentral.jwt"])
        await service.keep_one()
        assert old != jwt.read_text()
    assert "another-good-jwt" not in "".join(service.daemon.lines)
    assert service.simulator.journal.logins == 2


async def test_sighup_alone_does_the_same(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        service.write(downloads={"concurrency": 2})
        service.daemon.send(signal.SIGHUP)
        reloaded = await service.daemon.event("config.reloaded")
        assert reloaded["changed"] == ["downloads.concurrency"]


async def test_where_nothing_has_changed_that_is_said(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        said = await service.reload()
        assert (await said.ended(), said.lines) == (0, ["nothing has changed"])


async def test_without_a_daemon_there_is_nobody_to_ask(tmp_path: Path) -> None:
    async with Simulator(Options(limits=UNLIMITED)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path))
        said = await run_to_end("reload", "--config", str(config))
        assert await said.ended() == 1
        assert "no daemon runs" in said.complaints


async def test_the_outcome_is_told_to_scripts_too(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        service.write(downloads={"concurrency": 2})
        said = await run_to_end("reload", "--json", "--config", str(service.config))
        assert orjson.loads(said.lines[0]) == {
            "problems": [],
            "changed": ["downloads.concurrency"],
            "needs_restart": [],
        }


@pytest.mark.parametrize("number", [signal.SIGHUP])
async def test_a_signal_that_comes_before_anybody_listens_for_it_kills_nobody(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with Simulator(Options(speed=200, limits=UNLIMITED)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK)
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("service.started")
            daemon.send(number)
            await daemon.event("gateway.subscribed")
            await daemon.event("config.reloaded")
            assert await daemon.stop() == 0
