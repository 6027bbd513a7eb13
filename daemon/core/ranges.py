"""Content in parts: what an answer carries, and whether it continues what has come so far. RFC 9110, 13 to 15."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from daemon.core.audio import Audio
from daemon.errors import Retryable

BREAKS = 5
"""How often the content of one attempt may break off and be resumed; then it is tried anew, later."""
MOST_PARTS = 1000
"""A server that would need more answers than these to give one recording is dripping it."""
BROKEN = frozenset({"cut", "trickle"})
"""The codes of failures after which the bytes that came are good, and only the rest is missing."""

_CONTENT_RANGE = re.compile(r"bytes (\d{1,16})-(\d{1,16})/(\d{1,16})", re.ASCII | re.IGNORECASE)
_STRONG = re.compile(r'"[!#-~]{1,250}"')


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a recording's content an answer is of, by its headers; empty where it does not say.

    Attributes:
        etag: As sent, a weak one too.
        modified: Last-Modified, as sent.
    """

    etag: str = ""
    modified: str = ""

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "Version":
        """Read it from a case-insensitive mapping."""
        return cls(headers.get("ETag", "").strip(), headers.get("Last-Modified", "").strip())

    @property
    def validator(self) -> str:
        """What proves two answers to be of one version, byte for byte: a strong ETag; empty where there is none.

        Last-Modified counts whole seconds and proves nothing.
        """
        return self.etag if _STRONG.fullmatch(self.etag) else ""

    def is_of(self, other: "Version") -> bool:
        """Say whether an answer of this version may continue one of the other.

        An answer to If-Range need not repeat Last-Modified. Without a strong ETag all that is said must be the same.
        """
        return self.etag == other.etag if other.validator else self == other


UNVERSIONED = Version()
"""Of an answer that says nothing of its version."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is still to come of a recording: everything from byte `start` on, of the version its beginning was of.

    Attributes:
        length: Bytes of the whole recording.
    """

    start: int
    length: int
    audio: Audio
    version: Version

    @property
    def headers(self) -> dict[str, str]:
        """The headers that ask for it, and where the server can tell, for it only if nothing has changed."""
        asked = {"Range": f"bytes={self.start}-"}
        return {**asked, "If-Range": self.version.validator} if self.version.validator else asked


@dataclass(frozen=True, slots=True)
class Span:
    """Which bytes an answer carries: those from `start` to before `end`, of `total`."""

    start: int
    end: int
    total: int


def span(content_range: str, carried: int, rest: Rest | None) -> Span:
    """Say which bytes a 206 carries, by its Content-Range.

    Args:
        content_range: The header as sent; empty where it is missing.
        carried: The answer's Content-Length.
        rest: What was asked for; None where a whole recording was.

    Raises:
        Retryable: It is missing or malformed, does not begin where it should, is of another whole than the bytes
            before, or is not as long as the answer.
    """
    read = _CONTENT_RANGE.fullmatch(content_range.strip())
    if read is None:
        raise _wrong("says not which")
    first, last, total = map(int, read.groups())
    if not first <= last < total:
        raise _wrong(f"says {first} to {last} of {total}, which cannot be")
    if first != (start := rest.start if rest else 0):
        raise _wrong(f"begins with byte {first} instead of {start}")
    if rest and total != rest.length:
        raise _wrong(f"is of {total} bytes in all, of which there were {rest.length} before")
    if last + 1 - first != carried:
        raise _wrong(f"says {last + 1 - first} bytes and has {carried}")
    return Span(first, last + 1, total)


def may_resume(error: Retryable, version: Version, gained: int, breaks: int) -> bool:
    """Say whether a content that failed may go on where it stopped, in the same attempt.

    Args:
        error: How the answer failed.
        version: What its beginning was of.
        gained: Bytes the failed answer brought.
        breaks: How often it broke off before.
    """
    return error.code in BROKEN and bool(version.validator) and gained > 0 and breaks < BREAKS


def is_dripping(seen: int, length: int, parts: int) -> bool:
    """Say whether `parts` answers brought so little that the whole would take more than `MOST_PARTS`."""
    return seen * MOST_PARTS < length * parts


def _wrong(what: str) -> Retryable:
    return Retryable(f"the media host sent a part that {what}", code="range")
