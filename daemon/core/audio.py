"""Is it audio: what the answer says it is, and do its first bytes look like that."""

from enum import Enum
from typing import assert_never


class Audio(Enum):
    """The kinds RingCentral records in, by a company's setting; the value is the file's ending."""

    MP3 = "mp3"
    WAV = "wav"


_TYPES = {
    "audio/mpeg": Audio.MP3,
    "audio/mp3": Audio.MP3,
    "audio/wav": Audio.WAV,
    "audio/wave": Audio.WAV,
    "audio/x-wav": Audio.WAV,
}

FIRST_BYTES = 12
"""How many bytes `looks_like` needs to judge."""


def kind(content_type: str) -> Audio | None:
    """Say which kind a Content-Type names, parameters ignored; None for anything else.

    The OpenAPI document says audio/x-wav, the guide audio/wav, real answers both, and audio/mpeg.
    """
    return _TYPES.get(content_type.partition(";")[0].strip().lower())


def looks_like(first: bytes, audio: Audio) -> bool:
    """Say whether a file's first bytes are those of its kind: an error page in an audio coat is refused."""
    match audio:
        case Audio.WAV:
            return first[:4] in (b"RIFF", b"RF64") and first[8:12] == b"WAVE"
        case Audio.MP3:
            return first[:3] == b"ID3" or _is_mpeg_frame(first)
        case _:
            assert_never(audio)


def _is_mpeg_frame(first: bytes) -> bool:
    """Eleven sync bits, then a version, a layer, a bit rate and a sampling rate that are not reserved.

    Source: ISO/IEC 11172-3, 2.4.1.3.
    """
    header = int.from_bytes(first[:4].ljust(4, b"\xff"))
    version, layer, rate, sampling = header >> 19 & 3, header >> 17 & 3, header >> 12 & 15, header >> 10 & 3
    is_sync = header >> 21 == _SYNC
    return is_sync and version in (0, 2, 3) and layer in (1, 2, 3) and rate in range(15) and sampling in (0, 1, 2)


_SYNC = 0x7FF
