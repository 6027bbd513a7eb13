"""The whole daemon against the simulator: downloads that are refused, broken off, or no audio at all."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from daemon.simulator import PlayedCall
from tests.stories.live import FREE, GENTLE, Live, live

WAV = ("audio/wav",)
MP3 = ("audio/mpeg",)


@dataclass(frozen=True, slots=True)
class Refused:
    """What is said of a download that comes to nothing, by a part of the reason."""

    fault: str
    reason: str
    level: str = "info"


LIES = (
    Refused("truncated", "broke off"),
    Refused("cut-chunked", "does not say how long"),
    Refused("cut-close-delimited", "does not say how long"),
    Refused("cut-gzip", "coded the content"),
    Refused("empty", "announces 0 bytes"),
    Refused("html", "does not begin like it"),
    Refused("json", "does not begin like it"),
    Refused("401", "OAU-213"),
    Refused("403", "is the permission ReadCallRecording granted?", "error"),
    Refused("404-for-ever", "CMN-102"),
    Refused("410", "CMN-410"),
    Refused("416", "CMN-416"),
    Refused("5xx", "RingCentral is in trouble"),
    Refused("wrong-content-range", "sent a part that"),
    Refused("redirect", "points elsewhere"),
    Refused("endless", "the media host"),
)


@pytest.mark.parametrize("content_types", [WAV, MP3], ids=["wav", "mp3"])
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.fault)
async def test_a_download_that_lies_leaves_nothing_behind_and_is_tried_again(
    lie: Refused, content_types: tuple[str, ...], tmp_path: Path
) -> None:
    async with live(tmp_path, replace(FREE, content_types=content_types)) as it:
        await it.listening()
        async with it.simulator.fault(f"media.{lie.fault}"):
            call = await it.call()
            (recording,) = call.expected
            await it.until(lambda: len(it.all("recording.postponed")) >= 3, "three tries that came to nothing")
            assert it.audio() == []
            assert it.row(recording.id)["state"] in {"due", "fetching"}
        await it.everything()
        assert it.archived(call)["attempt"] >= 4
    postponed = it.all("recording.postponed")
    assert {lie.reason in said["reason"] for said in postponed} == {True}, [said["reason"] for said in postponed]
    assert {said["level"] for said in postponed} == {lie.level}
    assert [said["attempt"] for said in postponed[:3]] == [1, 2, 3]
    assert it.simulator.journal.logins == 1


async def test_404_until_it_is_ready_is_asked_gently(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        async with it.simulator.fault("media.404-then-ready"):
            call = await it.call()
            await it.everything()
        assert it.archived(call)["attempt"] == 3
    waits = [said["retry_in_seconds"] for said in it.all("recording.postponed")]
    assert all(0.75 * doubled <= wait <= doubled for wait, doubled in zip(waits, (2, 4), strict=True))
    # The second time the call log is asked as well, and the place that it names.
    assert [request.status for request in it.simulator.requests if request.recording_id] == [404, 404, 404, 200]


async def test_404_for_weeks_is_never_the_end_of_a_recording_that_the_call_log_names(tmp_path: Path) -> None:
    async with live(tmp_path, reconcile={"interval_seconds": 86_400}) as it:
        await it.listening()
        it.simulator.turn_on("media.404-for-ever")
        call = await it.call()
        (recording,) = call.expected
        for _ in range(20):
            await it.another("recording.postponed")
            it.clock.leap(86_400)
        assert it.row(recording.id)["state"] in {"due", "fetching"}
        assert it.all("recording.absent") == []
        it.simulator.turn_off("media.404-for-ever")
        it.clock.leap(900)
        await it.everything()


@pytest.mark.parametrize("fault", ["media.429", "media.429-retry-after", "media.cmn-301"])
async def test_a_penalty_is_kept_by_everybody_and_burns_no_attempt(fault: str, tmp_path: Path) -> None:
    async with live(tmp_path, pace=GENTLE) as it:
        await it.listening()
        it.simulator.turn_on(fault)
        calls = await asyncio.gather(*(it.call() for _ in range(4)))
        await it.event("quota.paused", group="heavy")
        await it.passed(2)
        at_once = len(it.all("quota.paused"))
        it.clock.leap(20)
        await it.passed(2)
        assert len(it.all("quota.paused")) == at_once, "nobody asks in a penalty"
        it.simulator.turn_off(fault)
        await it.everything(leap=20)
        assert [it.archived(call)["attempt"] for call in calls] == [1] * 4
    assert not any("sessionId" in request.query for request in it.simulator.requests), "nor is the call log asked"


@pytest.mark.parametrize("fault", ["media.unasked-206", "media.truncated", "media.changed-validator"])
async def test_what_can_be_mended_within_one_attempt_is(fault: str, tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        it.simulator.turn_on(fault)
        playing = asyncio.create_task(it.call())
        await it.struck(fault)
        if fault == "media.truncated":
            it.simulator.turn_off(fault)
        await it.everything()
        assert it.archived(await playing)["attempt"] == 1
    assert it.all("recording.postponed") == []
    asked = [request for request in it.simulator.requests if request.recording_id]
    if fault == "media.unasked-206":
        assert len(asked) > 2
    elif fault == "media.truncated":
        assert [request.status for request in asked] == [200, *[206] * (len(asked) - 1)]
        assert len(asked) > 1


async def test_a_range_that_says_it_is_another_is_joined_to_nothing(tmp_path: Path) -> None:
    said = ("begins with byte 1 instead of 0", "of which there were", "bytes and has", "says not which")
    async with live(tmp_path) as it:
        await it.listening()
        async with it.simulator.fault("media.wrong-content-range"):
            await asyncio.gather(*(it.call() for _ in range(8)))
            await it.until(lambda: len(it.all("recording.postponed")) >= 24, "three tries each")
            assert it.audio() == []
        await it.everything(leap=5)
    reasons = [one["reason"] for one in it.all("recording.postponed")]
    assert all(any(part in reason for reason in reasons) for part in said)


async def test_what_is_longer_than_promised_is_what_was_promised_or_nothing(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        async with it.simulator.fault("media.longer"):
            await asyncio.gather(*(it.call() for _ in range(4)))
            await it.struck("media.longer", 3)
        await it.everything()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("media.stall-header", "no answer in time"),
        ("media.stall-body", "no answer in time"),
        ("media.drip", "trickles"),
    ],
)
async def test_a_download_that_hangs_or_trickles_is_cut_off(fault: str, reason: str, tmp_path: Path) -> None:
    quick = {"read_timeout_seconds": 0.2} if reason == "no answer in time" else {}
    async with live(tmp_path, downloads=quick) as it:
        await it.listening()
        it.simulator.turn_on(fault)
        call = await it.call()
        if fault == "media.stall-body":  # resumed, as long as each answer brings something
            await it.struck(fault)
        leap = 61.0 if fault == "media.drip" else 0.0
        (postponed,) = await it.until(lambda: it.all("recording.postponed"), "the end of it", leap)
        it.simulator.turn_off(fault)
        await it.everything()
        assert it.archived(call)["attempt"] == 2
    assert reason in postponed["reason"]


@pytest.mark.parametrize("strategy", ["call-log", "hybrid"])
@pytest.mark.parametrize("fault", ["foreign-content-uri", "http-content-uri", "userinfo-content-uri"])
async def test_the_token_goes_to_no_host_that_a_content_uri_names(fault: str, strategy: str, tmp_path: Path) -> None:
    async with live(tmp_path, downloads={"strategy": strategy}) as it:
        await it.listening()
        async with it.simulator.fault(f"media.{fault}"):
            if strategy == "hybrid":
                it.simulator.turn_on("media.404-then-ready")
            await it.call("many_recordings")
            await it.everything()
    assert it.simulator.hits(f"media.{fault}")


async def test_a_recording_too_short_to_be_kept_is_absent_by_the_call_logs_word(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        call = await it.call("too_short")
        (recording,) = call.recordings
        absent = await it.event("recording.absent", recording_id=recording.id)
        assert it.row(recording.id)["state"] == "absent"
    assert (absent["reason"], absent["level"]) == ("too short", "info")
    assert "shortRecording" in absent["evidence"]


async def test_a_deleted_recording_is_absent_once_the_call_log_has_been_the_same_for_a_day(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        call = await _vanished(it, "call-log.recording-deleted")
        it.clock.leap(20 * 3600)
        await it.another("recording.postponed")
        assert it.all("recording.absent") == []
        it.clock.leap(5 * 3600)
        absent = await it.event("recording.absent", recording_id=call.recordings[0].id)
    assert (absent["reason"], absent["level"]) == ("deleted", "warning")
    assert "unchanged for a day" in absent["evidence"]


async def test_a_recording_past_retention_is_absent_with_that_as_its_evidence(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        it.simulator.turn_on("media.404-for-ever")
        (call,) = it.long_ago(1, 90 * 86_400 - 3600)
        await it.listening()
        await it.event("recording.postponed", recording_id=call.recordings[0].id)
        assert it.all("recording.absent") == []
        it.simulator.turn_on("call-log.past-retention")
        it.clock.leap(7200)
        absent = await it.event("recording.absent", recording_id=call.recordings[0].id)
    assert (absent["reason"], absent["level"]) == ("past retention", "warning")
    assert "90 days" in absent["evidence"]


async def _vanished(it: Live, fault: str) -> PlayedCall:
    """Play a call whose recording is gone for good before anybody has it."""
    it.simulator.turn_on(fault)
    call = await it.call()
    await it.struck(fault) if not it.simulator.hits(fault) else None
    await it.event("recording.postponed")
    return call
