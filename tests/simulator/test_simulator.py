"""The whole: calls in time, a configuration, a report."""

import asyncio
import hashlib
import json
import stat
import tomllib
from pathlib import Path

import pytest

from daemon.simulator import SCRIPTS, UNLIMITED, Options, Simulator, report, traffic, write_report
from tests.simulator.patience import MovedClock
from tests.simulator.visitor import visiting


async def test_a_call_takes_its_time_and_seems_to_end_now() -> None:
    clock = MovedClock()
    async with Simulator(Options(speed=10), clock) as simulator:
        script = simulator.script("queue", seed=1)
        playing = asyncio.create_task(simulator.play(script))
        await clock.advance(script.seconds / 10 - 0.01)
        assert simulator.calls[0].ended_at is None
        await clock.advance(0.02)
        call = await playing
        assert call.ended_at == pytest.approx(script.seconds / 10)
        assert call.ended_wall is not None
        assert (call.ended_wall - call.started_wall).total_seconds() == pytest.approx(script.seconds)
        assert abs((clock.now() - call.ended_wall).total_seconds()) < 0.1


async def test_a_call_cannot_happen_twice() -> None:
    async with Simulator(Options(speed=1000)) as simulator:
        await simulator.play(simulator.script("missed_call", seed=1))
        with pytest.raises(ValueError, match="played before"):
            await simulator.play(simulator.script("missed_call", seed=1))


async def test_one_seed_serves_every_script_and_no_seed_makes_ever_new_calls() -> None:
    async with Simulator(Options(speed=10_000)) as simulator:
        scripts = [simulator.script(name, seed=1) for name in SCRIPTS]
        scripts += [simulator.script("direct_inbound") for _ in range(20)]
        calls = await asyncio.gather(*(simulator.play(script) for script in scripts))
        ids = [recording.id for call in calls for recording in call.recordings]
        assert len(ids) == len(set(ids)) > 30
        assert {r.content_type for r in simulator.expected.values()} == {"audio/mpeg", "audio/wav", "audio/x-wav"}


async def test_the_configuration_names_secret_files_that_only_the_owner_reads(tmp_path: Path) -> None:
    async with Simulator() as simulator:
        for _ in range(2):
            text = simulator.config_toml(tmp_path / 'a "quoted" Verzeichnis')
        config = tomllib.loads(text)["ringcentral"]
        assert (config["server_url"], config["media_url"]) == (simulator.rest_url, simulator.media_url)
        for key, value in (("client_secret_file", "simulated-secret"), ("jwt_file", "simulated-jwt")):
            assert _look(Path(config[key])) == (value, 0o600)


async def test_traffic_cycles_over_every_script_and_spreads_the_beginnings() -> None:
    clock = MovedClock()
    async with Simulator(Options(), clock) as simulator:
        playing = asyncio.create_task(traffic(simulator, 2 * len(SCRIPTS), 280, clock))
        await clock.advance(139)
        assert len(simulator.calls) == len(SCRIPTS)
        await clock.advance(400)
        await playing
        assert [call.name for call in simulator.calls] == [*SCRIPTS] * 2
        assert all(call.ended_at is not None for call in simulator.calls)


async def test_traffic_can_go_on_for_ever_or_never_begin() -> None:
    clock = MovedClock()
    async with Simulator(Options(speed=100), clock) as simulator:
        await traffic(simulator, 0, 10, clock)
        playing = asyncio.create_task(traffic(simulator, 2, 10, clock, forever=True))
        await clock.advance(98)
        assert len(simulator.calls) == 20
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing


async def test_the_report_says_what_a_client_should_have(tmp_path: Path) -> None:
    options = Options(speed=10_000, limits=UNLIMITED, ready_seconds=0)
    async with Simulator(options) as simulator, visiting(simulator) as visitor:
        kept = await simulator.play(simulator.script("many_recordings"))
        short = await simulator.play(simulator.script("too_short"))
        first = kept.recordings[0]
        for _ in range(2):
            assert (await visitor.content(first.id)).status == 200
        file = tmp_path / "truth.json"
        write_report(file, simulator, complete=True)
        told = json.loads(file.read_text(encoding="utf-8"))
        assert told == report(simulator, complete=True)
        entries = {entry["id"]: entry for call in told["calls"] for entry in call["recordings"]}
        assert set(entries) == {r.id for r in (*kept.recordings, *short.recordings)}
        assert entries[first.id]["sha256"] == hashlib.sha256(first.content).hexdigest()
        assert entries[first.id]["downloads"] == 2
        assert not entries[short.recordings[0].id]["kept"]
        assert told["requests"]["duplicate_downloads"] == 1
        assert told["violations"]["penalty"] == told["requests"]["early"] == 0
    assert _names(tmp_path) == ["truth.json"]


def _look(path: Path) -> tuple[str, int]:
    return path.read_text(encoding="utf-8"), stat.S_IMODE(path.stat().st_mode)


def _names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]
