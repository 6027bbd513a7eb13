"""An operator's evening: whatever goes wrong, every channel says the same of it, and of its end."""

import asyncio
from pathlib import Path

import pytest

from tests.stories.channels import channels

HOUR = 3600.0
DAY = 24 * HOUR


async def test_all_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with channels(tmp_path, monkeypatch) as told:
        await told.it.listening()
        said = await told.agreed()
        assert (said.ready, said.status.split("; ")[0]) == (200, "subscribed")


async def test_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with channels(tmp_path, monkeypatch, archive={"min_free_bytes": 2**62}) as told:
        await told.it.listening()
        await told.it.event("disk.low", directory="archive")
        said = await told.agreed("disk-low")
        assert said.ready == 503
        assert said.troubles["disk-low"].startswith("downloads wait: archive: ")


async def test_the_credentials_are_revoked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with channels(tmp_path, monkeypatch) as told:
        await told.it.listening()
        told.it.simulator.turn_on("account.login-refused")
        told.it.simulator.evict_logins()
        await told.it.until(lambda: told.it.all("reconciliation.refused"), "a refusal", leap=HOUR)
        said = await told.agreed("login-refused")
        assert said.ready == 503
        assert "OAU-" in said.troubles["login-refused"]
        await told.it.until(lambda: told.it.all("trouble.began", trouble="login-refused"), "to last", leap=10.0)
        told.it.simulator.turn_off("account.login-refused")
        assert (await told.agreed(leap=300.0)).ready == 200


async def test_ringcentral_is_away_for_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with channels(tmp_path, monkeypatch) as told:
        await told.it.listening()
        await told.it.call()
        for fault in ("link.accept-then-drop", "account.oauth-down"):
            told.it.simulator.turn_on(fault)
        told.it.simulator.drop()
        await told.it.event("gateway.lost")
        said = await told.agreed("not-subscribed")
        assert said.ready == 503
        began = told.it.clock.monotonic()
        while told.it.clock.monotonic() - began < HOUR:
            told.it.clock.leap(60.0)
            await asyncio.sleep(0.01)
        assert (await told.said()).ready == 503
        told.it.simulator.turn_off("link.accept-then-drop", "account.oauth-down")
        assert (await told.agreed(leap=60.0)).ready == 200
        await told.it.everything(leap=60.0)


async def test_a_recording_is_overdue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with channels(tmp_path, monkeypatch) as told:
        await told.it.listening()
        told.it.simulator.turn_on("media.5xx")
        call = await told.it.call()
        (recording,) = call.expected
        await told.it.event("recording.postponed", recording_id=recording.id)
        await told.it.until(lambda: told.it.all("recording.overdue"), "to be overdue", leap=HOUR)
        said = await told.agreed("overdue")
        assert said.ready == 503
        assert said.troubles["overdue"].startswith("1 recording overdue, the oldest waits since ")
        told.it.simulator.turn_off("media.5xx")
        await told.it.everything(leap=900.0)
        assert (await told.agreed()).ready == 200
