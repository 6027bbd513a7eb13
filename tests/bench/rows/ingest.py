"""Notifications through a real loopback socket, with the client's process on one core and the server's on another."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target
from tests.bench.processes import command, serving, told, worked

NODE = Path(__file__).parent.parent / "node"
OURS, LIMIT = "recordingd", "websockets + orjson"
SELDOM = 10
"""Where only one call in so many is recorded, most of what is left is following the calls."""
SDK, SDK_JS = "official Python SDK", "@rc-ex/ws"


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Have a server that sends as fast as it is read from, and one client after the other."""
    calls = course.many(6_000, 400)
    blast = {"calls": calls, "cores": course.server}
    with serving(command("blast", blast)) as server, serving(command("blast", {**blast, "every": SELDOM})) as seldom:
        port, many = server["port"], server["notifications"]

        def theirs(how: str) -> Measures:
            return worked("hear", how=how, port=port, notifications=many, cores=course.client)

        def ours(is_logging: bool, every: int = 1) -> Measures:  # noqa: FBT001  partial's argument
            place = str(course.room("ingest"))
            return worked(
                "hear_ours",
                port=port if every == 1 else seldom["port"],
                notifications=many,
                calls=calls,
                every=every,
                place=place,
                is_logging=is_logging,
                cores=course.client,
            )

        def node(script: str) -> Measures:
            program, modules = course.peers.program("node"), course.peers.node_modules()
            pinned = [course.peers.program("taskset"), "-c", ",".join(map(str, course.client))]
            return told([*pinned, program, str(NODE / script), str(modules.parent), str(port), str(many)])

        yield (
            Race(
                name="ingest",
                title=f"{many:,} notifications of {calls:,} recorded calls, 1.6 KB each, client on one core",
                reference=LIMIT,
                figures=(Figure("rate", "notifications", "1/s"), Figure("cpu", "CPU a notification", "us")),
                contestants=(
                    Contestant("websockets recv alone", partial(theirs, "recv")),
                    Contestant(LIMIT, partial(theirs, "orjson")),
                    Contestant("websockets + json", partial(theirs, "json")),
                    Contestant(SDK, partial(theirs, "sdk")),
                    Contestant(SDK_JS, partial(node, "rcex.cjs")),
                    Contestant("node ws + JSON.parse", partial(node, "bare.cjs")),
                    Contestant(OURS, partial(ours, is_logging=True)),
                    Contestant("recordingd, logging errors only", partial(ours, is_logging=False)),
                    Contestant(
                        f"recordingd, likewise, 1 call in {SELDOM} recorded",
                        partial(ours, is_logging=False, every=SELDOM),
                    ),
                ),
                targets=(
                    Target("ingest at least 0.9 x websockets + orjson", "rate", OURS, LIMIT, at_least=0.9),
                    Target("ingest at least 1.5 x the official Python SDK", "rate", OURS, SDK, at_least=1.5),
                    Target("ingest at least 1.5 x @rc-ex/ws", "rate", OURS, SDK_JS, at_least=1.5),
                ),
                note="recordingd also follows every call, logs, and has each recording and end synced in its ledger",
            ),
        )
