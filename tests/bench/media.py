"""What there is to download: files that begin like audio, under the addresses that RingCentral's media host has."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.harness.race import Wrong


@dataclass(frozen=True, slots=True)
class Kind:
    """One size; `number` is the first digit of its recordings' ids."""

    number: int
    title: str
    size: int
    different: int


SMALL = Kind(1, "64 KB", 64 << 10, 32)
MIDDLE = Kind(2, "1 MB", 1 << 20, 16)
LARGE = Kind(3, "5 MB", 5 << 20, 8)
HUGE = Kind(4, "50 MB", 50 << 20, 2)
KINDS = {kind.number: kind for kind in (SMALL, MIDDLE, LARGE, HUGE)}


def ids(kind: Kind, many: int) -> list[str]:
    """Name recordings of one size; the last three digits say which of the different files each is."""
    return [f"{kind.number}{number:07d}{number % kind.different:03d}" for number in range(many)]


def address(host: str, recording: str) -> str:
    """Say where a recording's content is."""
    return f"{host}/restapi/v1.0/account/~/recording/{recording}/content"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files, and what they should be."""

    place: Path
    sums: dict[str, str] = field(default_factory=dict)

    def stock(self, *kinds: Kind) -> None:
        """Make the files of some sizes."""
        for kind in kinds:
            folder = self.place / str(kind.number)
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(kind.different):
                content = b"ID3\x04" + os.urandom(kind.size - 4)
                (folder / f"{number:03d}.mp3").write_bytes(content)
                self.sums[f"{kind.number}{number:03d}"] = hashlib.sha256(content).hexdigest()

    def check(self, found: Mapping[str, Path], wanted: list[str]) -> None:
        """Compare every byte of what was downloaded.

        Raises:
            Wrong: Something is missing or different.
        """
        if found.keys() != set(wanted):
            raise Wrong(f"{len(found)} of {len(wanted)} recordings are there")
        for recording, path in found.items():
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != self.sums[recording[0] + recording[-3:]]:
                    raise Wrong(f"{path.name} has other bytes than were sent")
