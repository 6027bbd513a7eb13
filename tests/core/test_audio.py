"""Is it audio: what the answer says, and what the first bytes are."""

import pytest

from daemon.core.audio import FIRST_BYTES, Audio, kind, looks_like


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("audio/mpeg", Audio.MP3),
        ("audio/mp3", Audio.MP3),
        ("Audio/MPEG; charset=binary", Audio.MP3),
        ("audio/wav", Audio.WAV),
        ("audio/wave", Audio.WAV),
        (" audio/x-wav ;rate=8000", Audio.WAV),
        ("audio/ogg", None),
        ("audio/mpegurl", None),
        ("application/json", None),
        ("application/octet-stream", None),
        ("text/html", None),
        ("; audio/mpeg", None),
        ("", None),
    ],
)
def test_the_content_type_names_the_kind(content_type: str, expected: Audio | None) -> None:
    assert kind(content_type) is expected


def mpeg(header: int) -> bytes:
    return header.to_bytes(4) + b"\x00" * 8


@pytest.mark.parametrize(
    "first",
    [
        b"ID3\x04\x00\x00\x00\x00\x00\x23TS",
        b"ID3",
        mpeg(0xFFFB9064),  # MPEG 1, layer III
        mpeg(0xFFFA9064),  # with a checksum
        mpeg(0xFFF38064),  # MPEG 2
        mpeg(0xFFE38064),  # MPEG 2.5
        mpeg(0xFFFD9064),  # layer II
        mpeg(0xFFFF9064),  # layer I
        mpeg(0xFFFB0064),  # free bit rate
        mpeg(0xFFFB9864),  # 32 kHz
        mpeg(0xFFFB9064)[:4],
    ],
)
def test_an_mp3_begins_with_a_tag_or_a_frame(first: bytes) -> None:
    assert looks_like(first, Audio.MP3)
    assert not looks_like(first, Audio.WAV)


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"\xff",
        b"\xff\xfb",
        b"ID",
        b"id3\x04",
        mpeg(0xFFEB9064),  # a reserved version
        mpeg(0xFFF99064),  # a reserved layer: AAC
        mpeg(0xFFFBF064),  # a bit rate that is none
        mpeg(0xFFFB9C64),  # a reserved sampling rate
        mpeg(0xFFDB9064),  # ten sync bits
        mpeg(0x7FFB9064),
        b"\0" * 12,
        b"\xff" * 12,
        b"OggS\0\0\0\0\0\0\0\0",
    ],
)
def test_everything_else_is_no_mp3(first: bytes) -> None:
    assert not looks_like(first, Audio.MP3)


@pytest.mark.parametrize("first", [b"RIFF\x24\0\0\0WAVEfmt ", b"RF64\xff\xff\xff\xffWAVE"])
def test_a_wav_begins_with_riff_and_wave(first: bytes) -> None:
    assert looks_like(first, Audio.WAV)
    assert looks_like(first[:FIRST_BYTES], Audio.WAV)
    assert not looks_like(first[: FIRST_BYTES - 1], Audio.WAV)
    assert not looks_like(first, Audio.MP3)


@pytest.mark.parametrize("first", [b"", b"RIFF", b"RIFF\x24\0\0\0AVI LIST", b"RIFX\x24\0\0\0WAVE", b"\0RIFF\0\0\0WAVE"])
def test_everything_else_is_no_wav(first: bytes) -> None:
    assert not looks_like(first, Audio.WAV)


@pytest.mark.parametrize("audio", list(Audio))
@pytest.mark.parametrize("page", [b'{"errorCode":"CMN-301"}', b"<!DOCTYPE html>", b"\xef\xbb\xbf{}", b"404 not found"])
def test_an_error_page_is_no_audio(page: bytes, audio: Audio) -> None:
    assert not looks_like(page, audio)
