"""The whole, as two processes: the daemon against the stand-in, 200 calls of every script."""

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.stories.processes import started

CALLS = 200


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two-hundred")


async def test_every_recording_is_archived_once_byte_for_byte_and_none_is_asked_for_early(place: Path) -> None:
    truth_file = place / "truth.json"
    words = ("--calls", str(CALLS), "--over", "10", "--speed", "25", "--heavy-limit", "100000", "--wait")
    environ = {**os.environ, "RECORDINGD_DOWNLOADS__CONCURRENCY": "8", "RECORDINGD_CALLS__SETTLE_SECONDS": "1"}
    async with started("simulate", "--directory", str(place), "--truth", str(truth_file), *words) as stand_in:
        await stand_in.line("recordingd run --config")
        async with started("run", "--config", str(place / "config.toml"), environ=environ) as daemon:
            await stand_in.line(f"all {CALLS} calls have ended")
            made = [r for call in json.loads(truth_file.read_text())["calls"] for r in call["recordings"]]
            kept = {r["id"]: r for r in made if r["kept"]}
            await daemon.count("recording.archived", len(kept))
            await daemon.count("recording.absent", len(made) - len(kept))
            assert await daemon.stop() == 0
            assert daemon.complaints == ""
        assert await stand_in.stop() == 0

    truth = json.loads(truth_file.read_text())
    assert truth["violations"] == dict.fromkeys(truth["violations"], 0)
    assert truth["requests"]["early"] == 0
    assert truth["requests"]["duplicate_downloads"] == 0
    assert truth["gateway"]["connections"] == 1

    archived = {event["recording_id"]: event for event in daemon.named("recording.archived")}
    assert Counter(e["recording_id"] for e in daemon.named("recording.archived")) == Counter(kept.keys())
    files = {path for path in (place / "recordings").rglob("*") if path.is_file()}
    assert len(files) == 2 * len(kept)
    for name, recording in kept.items():
        path = place / "recordings" / archived[name]["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == recording["sha256"] == archived[name]["sha256"]
        assert path.suffix == {"audio/mpeg": ".mp3"}.get(recording["content_type"], ".wav")
        sidecar = json.loads(path.with_suffix(".json").read_text())
        assert (sidecar["recording_id"], sidecar["sha256"]) == (name, recording["sha256"])
        assert sidecar["call"]["telephony_session_id"] in recording["telephony_session_ids"]
        assert path.stat().st_mode & 0o777 == 0o640
    scripts = {call["name"] for call in truth["calls"]}
    assert len(scripts) == 14
