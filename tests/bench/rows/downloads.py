"""Recordings from a media host on this machine: durable and in the ledger, beside who does that, and who does not."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench import nginx
from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target, Wrong
from tests.bench.media import LARGE, MIDDLE, SMALL, Kind, Shelf, address, ids
from tests.bench.processes import timed, worked

OURS, CURL, DURABLE, SDK = "recordingd", "curl --parallel", "curl + openssl dgst + sync", "official SDK, one by one"
AT_A_TIME = 8
SLOW = 5
"""Whoever is known to be so many times slower gets so many times fewer files."""
BARE = {"https": 0.65, "http": 0.75}


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Serve files by nginx, and have everybody download them."""
    shelf = Shelf(course.room("media"))
    shelf.stock(SMALL, MIDDLE, LARGE)
    many = {SMALL: course.many(1500, 100), MIDDLE: course.many(200, 16), LARGE: course.many(64, 8)}
    with nginx.serving(course.peers, shelf.place, course.room("nginx")) as site:
        yield [
            race(Downloads(course, site, shelf, kind, many[kind], scheme))
            for scheme in ("https", "http")
            for kind in (LARGE, MIDDLE, SMALL)
        ]


def race(work: "Downloads") -> Race:
    """Put one race together."""
    title, scheme = work.kind.title, work.scheme
    durable = 0.95 if work.kind is SMALL else 1.15
    targets = [
        Target(
            f"{title} {scheme} at least {durable} x curl + openssl dgst + sync", "rate", OURS, DURABLE, at_least=durable
        )
    ]
    if work.kind is not SMALL:
        targets.append(
            Target(f"{title} {scheme} at least {BARE[scheme]} x bare curl", "rate", OURS, CURL, at_least=BARE[scheme])
        )
    elif scheme == "https":
        targets.append(Target("64 KB recordings a second at least 7 x the SDK", "rate", OURS, SDK, at_least=7))
    return Race(
        name=f"downloads {scheme} {title}",
        title=f"{work.many} recordings of {title} over {scheme}, {AT_A_TIME} at a time, both cores",
        reference=CURL,
        figures=(Figure("rate", "recordings", "1/s"), Figure("cpu", "CPU a recording", "ms")),
        contestants=(
            Contestant(OURS, work.ours),
            Contestant(DURABLE, work.durable),
            Contestant(CURL, work.curl),
            Contestant("aria2", work.aria2),
            Contestant("requests, threads", partial(work.theirs, "requests")),
            Contestant("httpx", partial(work.theirs, "httpx", SLOW)),
            Contestant(SDK, partial(work.theirs, "sdk", SLOW)),
        ),
        targets=tuple(targets),
        note="recordingd (with no limit of RingCentral) and the second hash and sync every file; the others write them",
    )


@dataclass(frozen=True, slots=True)
class Downloads:
    """One size over one scheme, by everybody."""

    course: Course
    site: nginx.Site
    shelf: Shelf
    kind: Kind
    many: int
    scheme: str

    @property
    def host(self) -> str:
        """Say where the files are."""
        return self.site.https if self.scheme == "https" else self.site.http

    def ours(self) -> Measures:
        """Let the daemon do it."""
        place = self._room()
        figures = worked(
            "fetch_ours",
            environ=self.site.certificate.environ,
            host=self.host,
            kind=self.kind.number,
            many=self.many,
            place=str(place),
        )
        found = {path.stem.rpartition("_")[2]: path for path in (place / "recordings").rglob("*.mp3")}
        if len(list((place / "recordings").rglob("*.json"))) != self.many:
            raise Wrong("not every recording has its sidecar")
        return self._checked(place, found, figures, self.many)

    def theirs(self, how: str, slow: int = 1) -> Measures:
        """Let a library of Python's do it."""
        place, many = self._room(), max(self.many // slow, AT_A_TIME)
        more = {"python": self.course.peers.python("httpx")} if how == "httpx" else {}
        figures = worked(
            "fetch_theirs",
            environ=self.site.certificate.environ,
            how=how,
            host=self.host,
            kind=self.kind.number,
            many=many,
            place=str(place),
            **more,
        )
        return self._checked(place, _named(place), figures, many)

    def curl(self) -> Measures:
        """Let curl do it, and no more."""
        place = self._room()
        figures = self._timed(self._curl(place))
        return self._checked(place, _named(place), figures, self.many)

    def durable(self) -> Measures:
        """Let curl do it, and see that nothing is lost: hashes, syncs, a rename, the directory synced."""
        place = self._room()
        (place / "final").mkdir()
        script = 'part=$1; final=$2; shift 2; "$@" && cd "$part" && OPENSSL dgst -sha256 -r *.mp3 >"$final/sums" && '
        script += 'sync *.mp3 "$final/sums" && mv *.mp3 "$final/" && sync "$final"'
        script = script.replace("OPENSSL", self.course.peers.program("openssl"))
        words = ["/bin/sh", "-c", script, "durable", str(place), str(place / "final"), *self._curl(place)]
        figures = self._timed(words)
        found = _named(place / "final")
        said = len((place / "final" / "sums").read_text(encoding="utf-8").splitlines())
        if said != self.many:
            raise Wrong(f"{said} of {self.many} sums were taken")
        return self._checked(place, found, figures, self.many)

    def aria2(self) -> Measures:
        """Let aria2 do it."""
        place = self._room()
        lines = [f"{address(self.host, one)}\n  out={one}.mp3" for one in ids(self.kind, self.many)]
        (place / "list").write_text("\n".join(lines) + "\n", encoding="utf-8")
        words = [
            self.course.peers.program("aria2c"),
            "--no-conf",
            "--quiet",
            f"--dir={place}",
            f"--input-file={place}/list",
        ]
        words += [f"--max-concurrent-downloads={AT_A_TIME}", "--split=1", "--max-connection-per-server=1"]
        words += [
            "--file-allocation=none",
            f"--ca-certificate={self.site.certificate.path}",
            "--auto-file-renaming=false",
        ]
        figures = self._timed(words)
        return self._checked(place, _named(place), figures, self.many)

    def _curl(self, place: Path) -> list[str]:
        lines = [
            f'url = "{address(self.host, one)}"\noutput = "{place}/{one}.mp3"' for one in ids(self.kind, self.many)
        ]
        (place / "list").write_text("\n".join(lines) + "\n", encoding="utf-8")
        words = [self.course.peers.program("curl"), "--disable", "--silent", "--show-error", "--fail", "--http1.1"]
        words += ["--cacert", str(self.site.certificate.path), "--parallel", "--parallel-max", str(AT_A_TIME)]
        return [*words, "--config", f"{place}/list"]

    def _timed(self, words: list[str]) -> dict[str, float]:
        took = timed(words)
        return {"rate": self.many / took.wall, "cpu": 1000 * took.cpu / self.many}

    def _room(self) -> Path:
        """Give a fresh directory; nobody pays for what the one before has not written yet."""
        os.sync()
        return self.course.room("downloads")

    def _checked(self, place: Path, found: dict[str, Path], figures: Measures, many: int) -> Measures:
        self.shelf.check(found, ids(self.kind, many))
        shutil.rmtree(place)
        return figures


def _named(place: Path) -> dict[str, Path]:
    return {path.stem: path for path in place.glob("*.mp3")}
