"""The whole daemon, seen by those who only watch it: Prometheus, and whoever waits for the heartbeat."""

import asyncio
import logging
from pathlib import Path

import aiohttp
import pytest

from tests.adapters.figures import Figures, read
from tests.adapters.rude import Asked, head, rude
from tests.stories.live import DEADLINE, Live, live

LISTEN = {"listen": "127.0.0.1:0"}
SECRET = "b3f1c2d4-not-to-be-told"


async def figures(it: Live) -> Figures:
    """Read what Prometheus would."""
    at = (await it.event("listener.started"))["listen"]
    async with aiohttp.ClientSession() as session, session.get(f"http://{at}/metrics") as response:
        return read(await response.read())


async def test_a_call_is_counted_from_its_first_notification_to_its_file(tmp_path: Path) -> None:
    async with live(tmp_path, metrics=LISTEN) as it:
        await it.listening()
        await it.call()
        await it.everything()
        async with asyncio.timeout(DEADLINE):
            # At this pace a moment in which the machine is busy with others looks like half a minute's hang.
            while not (told := await figures(it))["recordingd_ready"]:
                await it.clock.sleep(1)
        archived = it.all("recording.archived")
    for name, value in (
        ('recordings_seen_total{source="event"}', len(archived)),
        ('recordings_total{outcome="archived"}', len(archived)),
        ("handoff_seconds_count", len(archived)),
        ("recording_bytes_total", sum(one["bytes"] for one in archived)),
        ("gateway_connected", 1),
    ):
        assert told[f"recordingd_{name}"] == value
    assert told["recordingd_notifications_total"] > 1
    assert told["recordingd_last_notification_timestamp_seconds"] < told["recordingd_token_expiry_timestamp_seconds"]
    assert told['recordingd_api_requests_total{code="200",group="heavy"}'] >= len(archived)


@pytest.mark.parametrize("level", ["debug", "info"])
async def test_the_heartbeat_beats_while_all_is_well_and_its_url_is_in_no_log(tmp_path: Path, level: str) -> None:
    came = asyncio.Event()

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        came.set()
        writer.write(head("503 Later" if len(server.asked) > 1 else "200 OK", Content_Length=0))

    async with rude(answer) as server:
        url = f"{server.url}/ping/{SECRET}?rid={SECRET}"
        heartbeat = {"url": url, "interval_seconds": 60}
        async with live(tmp_path, heartbeat=heartbeat, metrics=LISTEN, log={"level": level}) as it:
            it.simulator.turn_on("link.accept-then-drop")
            it.start()
            await it.event("gateway.lost")
            assert server.asked == []
            it.simulator.turn_off("link.accept-then-drop")
            await it.until(came.is_set, "a heartbeat", leap=60)
            failed = await it.until(lambda: it.all("heartbeat.unanswered"), "a refusal", leap=60)
            told = await figures(it)
    assert server.asked[0].line == f"GET /ping/{SECRET}?rid={SECRET} HTTP/1.1"
    assert told['recordingd_heartbeat_pings_total{outcome="ok"}'] == 1
    assert told['recordingd_heartbeat_pings_total{outcome="failed"}'] >= 1
    assert [one["reason"] for one in failed] == ["status 503"]
    assert [line for line in it.paper.lines if SECRET in line] == []


async def test_what_another_library_says_of_the_heartbeats_url_is_hidden(tmp_path: Path) -> None:
    heartbeat = {"url": f"http://127.0.0.1:9/ping/{SECRET}", "interval_seconds": 86_400}
    async with live(tmp_path, heartbeat=heartbeat) as it:
        await it.listening()
        logging.getLogger("aiohttp.client").warning("connecting to /ping/%s", SECRET)
        assert "connecting to ***" in it.paper.lines[-1]


async def test_an_ordinary_word_in_the_heartbeats_url_blots_out_no_event(tmp_path: Path) -> None:
    heartbeat = {"url": "http://127.0.0.1:9/recording", "interval_seconds": 86_400}
    async with live(tmp_path, heartbeat=heartbeat) as it:
        await it.listening()
        await it.call()
        await it.everything()
    assert it.all("recording.archived")
