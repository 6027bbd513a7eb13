"""The daemon as a process: how it starts, what it refuses, what it says."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.stories.processes import run_to_end, settings, started

QUICK = {"settle_seconds": 0.2}


def _options(**changed: Any) -> Options:  # noqa: ANN401  any of the options' own
    return Options(speed=200, limits=UNLIMITED, **changed)


async def test_a_call_is_heard_and_kept_and_sigterm_ends_with_zero(tmp_path: Path) -> None:
    async with Simulator(_options()) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK)
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            call = await simulator.play(simulator.script("direct_inbound"))
            archived = await daemon.event("recording.archived", recording_id=call.expected[0].id)
            assert (tmp_path / "recordings" / archived["path"]).read_bytes() == call.expected[0].content
            assert await daemon.stop() == 0
    assert [event["event"] for event in daemon.events][:4] == [
        "service.started",
        "login.succeeded",
        "gateway.connected",
        "gateway.subscribed",
    ]
    assert [event["event"] for event in daemon.events][-2:] == ["service.stopping", "service.stopped"]


@pytest.mark.parametrize("scope", ["account", "extension"])
@pytest.mark.parametrize("strategy", ["direct", "call-log", "hybrid"])
async def test_every_strategy_keeps_every_recording_in_either_scope(tmp_path: Path, scope: str, strategy: str) -> None:
    async with Simulator(_options()) as simulator:
        config = settings(
            tmp_path,
            simulator.config_toml(tmp_path),
            calls=QUICK,
            subscription={"scope": scope},
            downloads={"strategy": strategy, "retry_initial_seconds": 0.1},
        )
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            call = await simulator.play(simulator.script("on_demand_twice", shuffled=False))
            for recording in call.expected:
                await daemon.event("recording.archived", recording_id=recording.id)
            assert await daemon.stop() == 0
        looked_up = [request for request in simulator.requests if "sessionId" in request.query]
        assert len(looked_up) == {"direct": 0, "hybrid": 0}.get(strategy, len(looked_up))
        assert not any(request.early for request in simulator.requests)


async def test_what_is_there_at_the_start_is_never_gone_through_again_for_garbage(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import atexit, gc, sys\natexit.register(lambda: print(gc.get_freeze_count(), file=sys.stderr))\n"
    )
    async with Simulator(_options()) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path))
        environ = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
        async with started("run", "--config", str(config), environ=environ) as daemon:
            await daemon.event("gateway.subscribed")
            assert await daemon.stop() == 0
    assert int(daemon.complaints) > 10_000


async def test_refused_credentials_end_with_77_and_one_clear_line(tmp_path: Path) -> None:
    async with Simulator(_options(refuse_login=True)) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path))
        daemon = await run_to_end("run", "--config", str(config))
        assert await daemon.ended() == 77
        assert daemon.complaints.count("\n") == 1
        assert "OAU-" in daemon.complaints
        assert "Traceback" not in daemon.complaints + "\n".join(daemon.lines)
        assert sum(request.path == "/restapi/oauth/token" for request in simulator.requests) == 1


@pytest.mark.parametrize(
    ("missing", "named"),
    [("WebSocketsSubscription", "WebSocketsSubscription"), ("CallControl", "CallControl")],
)
async def test_a_missing_scope_ends_with_77_and_is_named(tmp_path: Path, missing: str, named: str) -> None:
    async with Simulator(_options(missing_scopes=frozenset({missing}))) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path))
        daemon = await run_to_end("run", "--config", str(config))
        assert await daemon.ended() == 77
        assert named in daemon.complaints
        assert "developer console" in daemon.complaints
        assert daemon.complaints.count("\n") == 1


async def test_a_second_daemon_on_the_same_state_is_refused(tmp_path: Path) -> None:
    async with Simulator(_options()) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path))
        async with started("run", "--config", str(config)) as first:
            await first.event("gateway.subscribed")
            second = await run_to_end("run", "--config", str(config))
            assert await second.ended() == 78
            assert f"process {first.pid}" in second.complaints
            assert second.complaints.count("\n") == 1
            assert await first.stop() == 0


async def test_ringcentral_being_away_is_waited_out(tmp_path: Path) -> None:
    async with Simulator(_options()) as simulator:
        text = simulator.config_toml(tmp_path)
    config = settings(tmp_path, text)
    async with started("run", "--config", str(config)) as daemon:
        await daemon.event("login.postponed")
        assert await daemon.stop() == 0


async def test_no_secret_is_ever_said_even_at_debug_level(tmp_path: Path) -> None:
    async with Simulator(_options()) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path), calls=QUICK, log={"level": "debug"})
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("gateway.subscribed")
            call = await simulator.play(simulator.script("queue"))
            await daemon.event("recording.archived", recording_id=call.expected[0].id)
            simulator.expire_access_tokens()
            simulator.drop()
            await daemon.event("gateway.lost")
            arguments = daemon.arguments()
            assert await daemon.stop() == 0
        said = "\n".join(daemon.lines) + daemon.complaints + arguments
        kept = (tmp_path / "state" / "oauth.json").read_text()
    for secret in (simulator.options.client_secret, simulator.options.jwt, *_tokens(kept)):
        assert secret not in said
    assert "access_token=" not in said


async def test_an_unwritable_archive_is_one_clear_line(tmp_path: Path) -> None:
    async with Simulator(_options()) as simulator:
        config = settings(tmp_path, simulator.config_toml(tmp_path))
    (tmp_path / "in-the-way").write_text("a file")
    environ = {**os.environ, "RECORDINGD_ARCHIVE__DIRECTORY": str(tmp_path / "in-the-way" / "recordings")}
    daemon = await run_to_end("run", "--config", str(config), environ=environ)
    assert await daemon.ended() == 78
    assert "archive.directory" in daemon.complaints
    assert daemon.complaints.count("\n") == 1


def _tokens(session: str) -> list[str]:
    tokens = json.loads(session)["tokens"]
    return [tokens["access_token"], tokens["refresh_token"]]
