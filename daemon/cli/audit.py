"""The archive against the ledger, both ways: what should be there, and what is."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import orjson

from daemon.adapters.archive.census import DIRECTORY, FILE, Census, Entry, File
from daemon.adapters.archive.tree import PARTIAL
from daemon.adapters.ledger.inventory import Archived, Inventory
from daemon.cli.findings import Finding, Kind
from daemon.core import sidecar
from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.errors import Permanent

MOMENT = timedelta(minutes=1)
"""So long a running daemon may take from one step to the next of what it is at: a draft, a sidecar."""
LARGEST_SIDECAR = 16 << 20
"""Bytes; the longest call's own is some hundred thousand."""
FOUND_BY_FSCK = "lost+found"
"""The file system's own directory, where the archive is one; what is in it is nobody's."""


@dataclass(slots=True)
class Audit:
    """One look at everything.

    Attributes:
        began: Whatever was archived after it is not found to be wrong.
        quick: Sizes only; no file is read.
        is_running: Says whether a daemon is at work on this archive.
        checked: How many recordings were looked at so far.
        bytes: How large they are together.
    """

    inventory: Inventory
    census: Census
    began: datetime
    quick: bool
    is_running: Callable[[], bool]
    checked: int = 0
    bytes: int = 0

    def recordings(self, since: datetime | None) -> Iterator[Finding | None]:
        """Look at every archived recording's file and sidecar; None after each."""
        for archived in self.inventory.archived(since):
            yield from self._recording(archived)
            yield from self._sidecar(archived)
            self.checked += 1
            yield None

    def unexplained(self) -> Iterator[Finding]:
        """Look at everything in the archive and name what no recording explains."""
        for entry in self.census.entries():
            reason = self._unexplained(entry)
            # What the daemon took away again meanwhile, or has written down since, was no finding.
            if reason and self.census.is_there(entry.path) and self._unexplained(entry):
                yield Finding(Kind.UNEXPLAINED, entry.path, reason)
            elif not reason and entry.kind == DIRECTORY and entry.path != FOUND_BY_FSCK:
                yield from _open_to_others(Kind.CHANGED, entry.path, entry.mode, None)

    def _recording(self, archived: Archived) -> Iterator[Finding]:
        name, path = archived.recording_id, archived.path
        if not PurePosixPath(path).name:
            yield Finding(Kind.MISSING, path, "the ledger names no file", name)
            return
        try:
            with self.census.file(PurePosixPath(path)) as file:
                if file is None:
                    yield Finding(Kind.MISSING, path, "there is no such file", name)
                    return
                self.bytes += file.size
                if reason := self._difference(archived, file):
                    yield Finding(Kind.CHANGED, path, reason, name)
                yield from _open_to_others(Kind.CHANGED, path, file.mode, name)
        except Permanent as error:
            yield Finding(Kind.CHANGED, path, str(error), name)

    def _difference(self, archived: Archived, file: File) -> str:
        if file.size != archived.bytes:
            return f"{file.size} bytes, {archived.bytes} were archived"
        if self.quick or (digest := file.digest()) == archived.sha256:
            return ""
        return f"sha256 {digest}, {archived.sha256} was archived"

    def _sidecar(self, archived: Archived) -> Iterator[Finding]:
        is_new = archived.archived_at > self.began - MOMENT
        if not PurePosixPath(archived.path).name or (is_new and not archived.described):
            return  # it is written after the recording, and this one was archived just now
        name, path = archived.recording_id, sidecar.path(archived.path)
        try:
            with self.census.file(PurePosixPath(path)) as file:
                if file is None:
                    yield Finding(Kind.SIDECARS, path, "there is no such file", name)
                    return
                if reason := "" if self.quick else _misdescription(archived, file):
                    yield Finding(Kind.SIDECARS, path, reason, name)
                yield from _open_to_others(Kind.SIDECARS, path, file.mode, name)
        except Permanent as error:
            yield Finding(Kind.SIDECARS, path, str(error), name)

    def _unexplained(self, entry: Entry) -> str:
        """Say why nothing explains an entry; empty where something does."""
        path = entry.path
        if not path.isascii():
            return f"a {entry.kind} of a name that no recording is given"
        if path.startswith(f"{PARTIAL}/"):
            return self._unexplained_partial(entry)
        if entry.kind == DIRECTORY:
            return self._unexplained_directory(entry)
        # A link or the like under a recording's own name is named with that recording.
        stem, ending = os.path.splitext(path)  # noqa: PTH122  pathlib would fold what it does not like
        owners = [f"{stem}.{audio.value}" for audio in Audio] if ending == ".json" else []
        return "" if self.inventory.explains(path, *owners) else f"a {entry.kind} that no recording explains"

    def _unexplained_directory(self, entry: Entry) -> str:
        if entry.path in {PARTIAL, FOUND_BY_FSCK}:
            return ""
        if entry.closed:
            return f"a directory that cannot be looked into: {entry.closed}"
        return "" if self.inventory.explains_directory(entry.path) else "a directory that no recording is in"

    def _unexplained_partial(self, entry: Entry) -> str:
        name = entry.path.removeprefix(f"{PARTIAL}/")
        if entry.kind != FILE or "/" in name:
            return f"a {entry.kind} among the temporary files"
        is_new = entry.changed_at >= (self.began - MOMENT).timestamp()
        if self.inventory.explains_partial(name) or (is_new and self.is_running()):
            return ""
        return "a temporary file that no open recording names; the daemon removes it when it starts"


def _misdescription(archived: Archived, file: File) -> str:
    if file.size > LARGEST_SIDECAR:
        return f"{file.size} bytes are more than a sidecar has"
    try:
        told = orjson.loads(file.read(LARGEST_SIDECAR))
    except orjson.JSONDecodeError:
        return "it is not JSON"
    if not isinstance(told, dict):
        return "it is not a JSON object"
    wrong = [key for key in ("recording_id", "sha256") if told.get(key) != getattr(archived, key)]
    return f"its {' and '.join(wrong)} are another recording's" if wrong else ""


def _open_to_others(kind: Kind, path: str, mode: int, name: RecordingId | None) -> Iterator[Finding]:
    if mode & stat.S_IRWXO:
        yield Finding(kind, path, f"its mode {mode:04o} lets everybody in", name)
