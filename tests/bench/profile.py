"""Where the daemon's time goes while it hears notifications and downloads: flame graphs, and the top in text."""

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench import nginx
from tests.bench.course import Course
from tests.bench.harness.race import Missing, Wrong
from tests.bench.media import LARGE, SMALL, Shelf
from tests.bench.processes import PATIENCE, ROOT, command, environment, serving

MOST = 40
"""Functions in the text."""
WAITING = ("_worker (concurrent/futures/thread.py)", "EpollSelector.select (selectors.py)")
"""Where threads wait for work, which py-spy does not always tell from work."""
_LINE = re.compile(r":\d+\)$")


def profile(course: Course, output: Path, say: Callable[[str], None]) -> int:
    """Run the daemon's part of both rows under py-spy; 1 where there is none."""
    try:
        profiler = Profiler(course, Path(course.peers.python("py-spy")).parent / "py-spy", output)
        output.mkdir(parents=True, exist_ok=True)
        profiler.ingest()
        profiler.downloads()
    except Missing as error:
        say(f"no profile: {error}")
        return 1
    say(f"flame graphs (.svg) and tops (.txt) are in {output.resolve()}")
    return 0


@dataclass(frozen=True, slots=True)
class Profiler:
    """Runs the daemon's part of a row under py-spy.

    Attributes:
        spy: The program.
        output: Where its graphs go.
    """

    course: Course
    spy: Path
    output: Path

    def ingest(self) -> None:
        """Hear notifications."""
        calls = self.course.many(3_000, 300)
        with serving(command("blast", {"calls": calls, "cores": self.course.server})) as server:
            many, cores = server["notifications"], self.course.client
            arguments = {"port": server["port"], "notifications": many, "calls": calls, "cores": cores}
            self._record("ingest", "hear_ours", arguments)

    def downloads(self) -> None:
        """Download small recordings, and large ones."""
        shelf, many = Shelf(self.course.room("media")), {SMALL: (1500, 150), LARGE: (64, 8)}
        shelf.stock(*many)
        with nginx.serving(self.course.peers, shelf.place, self.course.room("nginx")) as site:
            for kind, (full, quick) in many.items():
                name = f"downloads-{kind.title.replace(' ', '').lower()}"
                arguments = {"host": site.https, "kind": kind.number, "many": self.course.many(full, quick)}
                self._record(name, "fetch_ours", arguments, site.certificate.environ)

    def _record(
        self, name: str, module: str, arguments: dict[str, object], environ: dict[str, str] | None = None
    ) -> None:
        """Run the same twice: for people, and for the text."""
        for form in ("flamegraph", "raw"):
            target = self.output / f"{name}.{'svg' if form == 'flamegraph' else 'raw'}"
            place = str(self.course.room("profile"))
            words = [str(self.spy), "record", "--rate", "250", "--format", form, "--output", str(target)]
            words += ["--", *command(module, {**arguments, "place": place})]
            ended = subprocess.run(  # noqa: S603  our own words
                words, cwd=ROOT, env=environment(environ), capture_output=True, check=False, timeout=PATIENCE
            )
            if ended.returncode:
                raise Wrong(f"py-spy ended with {ended.returncode}: {ended.stderr.decode()[-300:]}")
        (self.output / f"{name}.txt").write_text(top(target.read_text(encoding="utf-8")), encoding="utf-8")
        target.unlink()


def top(stacks: str) -> str:
    """Sum up what py-spy writes, a stack and a count a line: the functions with the most of their own, and in all."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for line in stacks.splitlines():
        names, _, count = line.rpartition(" ")
        functions = [_LINE.sub(")", name) for name in names.split(";")]
        if functions[-1] in WAITING:
            continue
        own[functions[-1]] += int(count)
        for name in set(functions):
            whole[name] += int(count)
    samples = max(sum(own.values()), 1)
    lines = [f"{samples} samples, without those of threads that wait for work", "", "  own   all  function"]
    lines += [f"{count / samples:5.1%} {whole[name] / samples:5.1%}  {name}" for name, count in own.most_common(MOST)]
    lines += ["", "  all  function"]
    lines += [f"{count / samples:5.1%}  {name}" for name, count in whole.most_common(MOST)]
    return "\n".join(lines) + "\n"
