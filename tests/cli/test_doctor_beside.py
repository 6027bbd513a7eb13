"""Beside a daemon that runs: its session is borrowed, its quota respected, and nothing of it renewed."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.adapters import kept, lock
from daemon.adapters.state import QUOTA
from daemon.app.opening import account_for
from daemon.cli.doctor.finding import Mark
from daemon.config import load
from tests.cli.doctoring import clinic, examined
from tests.simulator.patience import until


async def test_a_dead_token_is_neither_refreshed_nor_replaced_by_a_login(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config):
        assert (await examined(config)).status == 0
        with lock.hold(tmp_path / "state"):
            simulator.expire_access_tokens()
            report = await examined(config)
        assert (report.bad(), report.status) == (["login"], 1)
        assert report["login"].detail == "the running daemon's access token is not accepted"
        assert "log" in report["login"].remedy
        assert (simulator.journal.logins, simulator.journal.refreshes) == (1, 0)


async def test_a_token_that_the_daemon_is_just_replacing_is_waited_for(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config):
        assert (await examined(config)).status == 0
        account = account_for(load(config, {}), lambda _: None)
        with lock.hold(tmp_path / "state"):
            await account.sign_in()
            simulator.expire_access_tokens()
            asking = asyncio.create_task(examined(config))
            await until(lambda: any(request.status == 401 for request in simulator.requests))
            await account.refresh()
            report = await asking
        account.close()
    assert report.status == 0
    assert (simulator.journal.logins, simulator.journal.refreshes) == (1, 1)


@pytest.mark.parametrize("ago", [None, 0])
async def test_a_daemon_that_has_not_logged_in_is_not_helped(tmp_path: Path, ago: int | None) -> None:
    async with clinic(tmp_path) as (simulator, config):
        if ago is not None:
            (tmp_path / "state" / "oauth.json").write_text("{}")
        with lock.hold(tmp_path / "state"):
            report = await examined(config)
        assert simulator.journal.logins == 0
    assert (report.bad(), report.status) == (["login"], 1)
    assert report["running daemon"].mark is Mark.WARNING


async def test_a_penalty_the_daemon_knows_of_is_not_made_longer(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    told = {"limit": 10, "window": 60.0, "sent": [], "said_at": now, "silent_until": now + timedelta(seconds=600)}
    async with clinic(tmp_path) as (simulator, config):
        kept.replace(tmp_path / "state" / QUOTA, {"heavy": told}, durable=False)
        report = await examined(config)
        assert "heavy" not in [request.group for request in simulator.requests]
    assert (report.bad(), report.status) == ([], 0)
    assert [report[check].mark for check in ("call log", "media", "quota")] == [Mark.UNKNOWN] * 3
    # What could not be asked for, the token's own words say.
    assert report["scope ReadCallRecording"].mark is Mark.GOOD


async def test_a_login_inside_a_penalty_is_not_tried(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    told = {"limit": 5, "window": 60.0, "sent": [], "said_at": now, "silent_until": now + timedelta(seconds=600)}
    async with clinic(tmp_path) as (simulator, config):
        kept.replace(tmp_path / "state" / QUOTA, {"auth": told}, durable=False)
        report = await examined(config)
        assert "auth" not in [request.group for request in simulator.requests]
    assert (report.bad(), report.status) == (["login"], 1)
    assert report["login"].remedy.startswith("wait 600 s")


async def test_word_that_is_old_is_a_warning(tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    moment = {"connection": "live", "since": long_ago, "reason": "", "calls": 0, "fetching": 0, "at": long_ago}
    async with clinic(tmp_path) as (_, config):
        await examined(config)
        with lock.hold(tmp_path / "state"):
            kept.replace(tmp_path / "state" / "status.json", moment, durable=False)
            report = await examined(config)
    assert report["running daemon"].mark is Mark.WARNING
    assert report.status == 0
