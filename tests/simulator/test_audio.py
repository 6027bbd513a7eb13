"""The audio is audio."""

import io
import wave

import pytest

from daemon.simulator.audio import MP3_FRAME, MP3_HEADER, WAV_RATE, render


@pytest.mark.parametrize("content_type", ["audio/wav", "audio/x-wav"])
def test_a_wav_can_be_opened_and_lasts_as_long_as_the_talk(content_type: str) -> None:
    with wave.open(io.BytesIO(render("444", 31.5, content_type, 300_000))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, WAV_RATE, 1)
        assert file.getnframes() / WAV_RATE == pytest.approx(31.5, abs=0.1)
        assert len(set(file.readframes(4000))) > 5


@pytest.mark.parametrize("recording_id", ["441", "442", "443", "444"])
def test_an_mp3_is_frames_from_end_to_end(recording_id: str) -> None:
    content = render(recording_id, 40, "audio/mpeg", 300_000)
    start = 0
    if content.startswith(b"ID3"):
        start = 10 + (content[8] << 7 | content[9])
    frames = [content[n : n + MP3_FRAME] for n in range(start, len(content), MP3_FRAME)]
    assert all(frame.startswith(MP3_HEADER) and len(frame) == MP3_FRAME for frame in frames)
    assert len(frames) * 1152 / 32_000 == pytest.approx(40, abs=0.1)


def test_some_mp3s_have_a_tag_and_some_have_none() -> None:
    starts = {render(str(n), 1, "audio/mpeg", 10_000)[:3] for n in range(20)}
    assert starts == {b"ID3", MP3_HEADER[:3]}


@pytest.mark.parametrize("content_type", ["audio/wav", "audio/mpeg"])
def test_no_two_recordings_are_equal_and_none_grows_without_bound(content_type: str) -> None:
    contents = {render(str(n), 3600, content_type, 50_000) for n in range(100)}
    assert len(contents) == 100
    assert max(map(len, contents)) < 51_000
    assert render("1", 5, content_type, 50_000) == render("1", 5, content_type, 50_000)


def test_strange_ids_do_no_harm() -> None:
    for recording_id in ("", "../\0", "é" * 40):
        assert render(recording_id, 1, "audio/mpeg", 1000)
        assert render(recording_id, 1, "audio/wav", 1000)
