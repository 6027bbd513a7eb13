"""What `verify` finds: said as it comes to a person, kept on disk until the end for a script."""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO

from daemon.cli.output import printable, say, write
from daemon.core.ids import RecordingId

IN_MEMORY = 1 << 20
"""Bytes of findings of a kind that are kept in memory; an archive that is not mounted is a million of them."""


class Kind(Enum):
    """Why something is found; the names of the lists in the JSON."""

    MISSING = "missing"
    CHANGED = "changed"
    UNEXPLAINED = "unexplained"
    SIDECARS = "sidecars"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the ledger says.

    Attributes:
        path: Relative to the archive's directory.
        recording_id: The ledger's row that it is about; None where there is none.
    """

    kind: Kind
    path: str
    reason: str
    recording_id: RecordingId | None = None


class Findings:
    """Counts findings, and gives them to whoever asked."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self.counts: Counter[Kind] = Counter()

    def add(self, finding: Finding) -> None:
        """Say one to a person."""
        self.counts[finding.kind] += 1
        about = "" if finding.recording_id is None else f" (recording {finding.recording_id})"
        path = _readable(os.path.join(self._archive, finding.path))  # noqa: PTH118  pathlib would fold `a//b`
        say(printable(f"{finding.kind.value.removesuffix('s')}: {path}{about}: {finding.reason}"))

    def conclude(self, checked: int, size: int, seconds: float) -> None:
        """Sum up."""
        told = ", ".join(f"{self.counts[kind]} {kind.value}" for kind in Kind) if self.counts else "all is well"
        say(f"{checked} recordings, {size} bytes, {seconds:.1f} s: {told}")


class FindingsInJson(Findings):
    """Keeps them, a spool a kind, for one JSON document at the end."""

    def __init__(self, archive: Path, spools: dict[Kind, IO[str]]) -> None:
        super().__init__(archive)
        self._spools = spools

    @classmethod
    @contextmanager
    def opened(cls, archive: Path) -> Iterator["FindingsInJson"]:
        """Begin; the spools are gone on leaving."""
        spools: dict[Kind, IO[str]] = {
            kind: tempfile.SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115  closed below
            for kind in Kind
        }
        try:
            yield cls(archive, spools)
        finally:
            for spool in spools.values():
                spool.close()

    def add(self, finding: Finding) -> None:
        """Keep one."""
        spool = self._spools[finding.kind]
        told = {
            "recording_id": finding.recording_id,
            "path": _readable(os.path.join(self._archive, finding.path)),  # noqa: PTH118  likewise
            "reason": finding.reason,
        }
        spool.write((", " if self.counts[finding.kind] else "") + json.dumps(told, ensure_ascii=False))
        self.counts[finding.kind] += 1

    def conclude(self, checked: int, size: int, seconds: float) -> None:  # noqa: ARG002  a script has its own clock
        """Print the document: the same as `json.dumps` would, but never whole in memory."""
        write(f'{{"checked": {checked}, "bytes": {size}')
        for kind, spool in self._spools.items():
            write(f', "{kind.value}": [')
            spool.seek(0)
            shutil.copyfileobj(spool, _Out())
            write("]")
        say("}")


class _Out:
    """Standard output, as `copyfileobj` wants it."""

    def write(self, text: str) -> None:
        write(text)


def _readable(path: str) -> str:
    """Make of a file's name text that can be written: bytes that are no UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
