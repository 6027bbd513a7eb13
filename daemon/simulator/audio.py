"""Real audio for recordings: wav tones and valid mp3 frames, different for every recording."""

import math
import struct
import zlib

WAV_RATE = 4000
"""Samples, and with 8 bits mono also bytes, a second."""

MP3_HEADER = bytes.fromhex("fffb18c0")
"""MPEG-1 layer III, no checksum, 32 kbit/s, 32 kHz, mono (ISO/IEC 11172-3, 2.4.1.3)."""
MP3_FRAME = 144
"""Bytes of one such frame: 144 * 32000 / 32000. It plays for 1152 / 32000 of a second."""
MP3_SIDE = 17
"""Bytes of a mono frame's side information; all zero says that every sample is silence."""


def render(recording_id: str, seconds: float, content_type: str, most: int) -> bytes:
    """Make the content of one recording: the same bytes for the same arguments.

    Its length follows `seconds` up to about `most` bytes.
    """
    if content_type in {"audio/mpeg", "audio/mp3"}:
        return _mp3(recording_id, seconds, most)
    return _wav(recording_id, seconds, most)


def _wav(recording_id: str, seconds: float, most: int) -> bytes:
    """Make a sine tone, with the recording's id in an INFO chunk so that no two recordings are equal."""
    period = 10 + _number(recording_id) % 30
    wave = bytes(round(128 + 96 * math.sin(2 * math.pi * n / period)) for n in range(period))
    count = max(1, min(int(seconds * WAV_RATE), most)) // 2 * 2
    data = (wave * (count // period + 1))[:count]
    comment = recording_id.encode().ljust((len(recording_id) // 2 + 1) * 2, b"\0")
    info = b"INFO" + _chunk(b"ICMT", comment)
    form = struct.pack("<HHIIHH", 1, 1, WAV_RATE, WAV_RATE, 1, 8)
    return _chunk(b"RIFF", b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"LIST", info) + _chunk(b"data", data))


def _number(recording_id: str) -> int:
    return zlib.crc32(recording_id.encode())


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


def _mp3(recording_id: str, seconds: float, most: int) -> bytes:
    """Make silent frames whose unused bytes repeat the recording's id; every second file has an ID3 tag."""
    spare = MP3_FRAME - len(MP3_HEADER) - MP3_SIDE
    mark = recording_id.encode() + b" "
    frame = MP3_HEADER + bytes(MP3_SIDE) + (mark * (spare // len(mark) + 1))[:spare]
    count = max(1, min(int(seconds * 32000 / 1152), most // MP3_FRAME))
    tag = _id3(recording_id) if _number(recording_id) % 2 else b""
    return tag + frame * count


def _id3(title: str) -> bytes:
    text = b"\x00" + title.encode("ascii", "replace")
    frame = b"TIT2" + struct.pack(">I", len(text)) + b"\0\0" + text
    size = len(frame)  # well below 128, so that its "synchsafe" spelling is the plain one
    return b"ID3\x03\x00\x00" + bytes((0, 0, size >> 7, size & 0x7F)) + frame
