"""Lines that wait: nothing else does, none is lost that was accepted, and those that were dropped are counted."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from daemon import logs
from daemon.logs.outbox import MOST_BYTES, MOST_LINES, Outbox
from daemon.logs.sink import Sink

DEADLINE = 60.0
"""Seconds within which whatever is waited for has happened; only a failing test waits so long."""


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    logs.reset()


class Reader:
    """A reader that reads when it is told to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.reads = threading.Event()
        self.asked = threading.Event()
        self.loses = 0

    def pour(self, lines: list[str]) -> int:
        self.asked.set()
        assert self.reads.wait(DEADLINE)
        lost = min(self.loses, len(lines))
        self.loses -= lost
        self.lines += lines[lost:]
        return lost


class Pipe:
    """A pipe that the log is written to, read by nobody until `read`."""

    def __init__(self) -> None:
        self._from, to = os.pipe()
        self.stream = os.fdopen(to, "w")

    def configure(self, level: str = "info") -> None:
        logs.configure(level=level, format="json", stream=self.stream, environ={}, queued=True)

    def read(self) -> list[dict[str, Any]]:
        """Read everything until the log is closed."""
        with os.fdopen(self._from, "rb") as stream:
            ending = threading.Thread(target=self._end)
            ending.start()
            found = [json.loads(line) for line in stream]
            ending.join()
        return found

    def _end(self) -> None:
        logs.reset()
        self.stream.close()

    def break_off(self) -> None:
        os.close(self._from)


def outbox(reader: Reader, told: Callable[[int], None] = lambda _: None) -> Outbox:
    return Outbox(reader, told)


def test_nothing_waits_for_a_reader_and_what_was_accepted_comes_in_order() -> None:
    pipe = Pipe()
    pipe.configure()
    for n in range(MOST_LINES + 5_000):
        logs.get_logger("daemon").info("a.b", number=n)
    *found, told = pipe.read()
    kept = len(found)
    assert kept >= MOST_LINES
    assert [event["number"] for event in found] == list(range(kept))
    assert (told["event"], told["level"], told["lines"]) == ("log.dropped", "error", MOST_LINES + 5_000 - kept)


def test_what_waits_is_bounded_in_bytes_too() -> None:
    reader, told = Reader(), list[int]()
    box = outbox(reader, told.append)
    box.write("first")
    assert reader.asked.wait(DEADLINE)
    long = "\N{SNOWMAN}" * (1024 * 1024)  # four bytes a character in memory
    for _ in range(8):
        box.write(long)
    reader.reads.set()
    assert box.close(DEADLINE)
    kept = MOST_BYTES // (4 * len(long)) - 1
    assert reader.lines == ["first", *[long] * kept]
    assert told == [8 - kept]


def test_a_dropped_line_is_told_of_once_there_is_room() -> None:
    reader = Reader()
    box = outbox(reader, lambda lines: box.write(f"{lines} dropped"))
    for n in range(MOST_LINES + 7):
        box.write(str(n))
    reader.reads.set()
    assert box.close(DEADLINE)
    told = [line for line in reader.lines if "dropped" in line]
    assert told == ["7 dropped"]
    assert [line for line in reader.lines if "dropped" not in line] == [str(n) for n in range(MOST_LINES)]


def test_as_long_as_there_is_no_room_nothing_is_told() -> None:
    reader, told = Reader(), list[tuple[int, int]]()
    box = outbox(reader, lambda lines: told.append((lines, len(reader.lines))))
    for n in range(MOST_LINES + 7):
        box.write(f"{n:099}")
    reader.reads.set()
    assert box.close(DEADLINE)
    ((lines, read),) = told
    assert lines == 7
    assert MOST_LINES // 2 <= read < MOST_LINES


def test_a_line_that_could_not_be_written_counts_as_dropped() -> None:
    reader = Reader()
    reader.loses = 1
    box = outbox(reader, lambda lines: box.write(f"{lines} dropped"))
    box.write("first")
    reader.reads.set()
    assert box.close(DEADLINE)
    assert reader.lines == []
    reader, again = Reader(), Reader()
    reader.loses = 1
    box = outbox(reader, lambda lines: box.write(f"{lines} dropped"))
    box.write("first")
    assert reader.asked.wait(DEADLINE)
    box.write("second")
    box.sink = again
    again.reads.set()
    reader.reads.set()
    assert box.close(DEADLINE)
    assert again.lines == ["second", "1 dropped"]


def test_lines_of_many_threads_stay_whole_and_in_the_order_of_each() -> None:
    pipe = Pipe()
    pipe.configure()

    def speak(name: str) -> None:
        for n in range(1_000):
            logging.getLogger(name).error("%d", n)

    threads = [threading.Thread(target=speak, args=(f"n{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    found: list[dict[str, Any]] = []
    reading = threading.Thread(target=lambda: found.extend(pipe.read()))
    for thread in threads:
        thread.join()
    reading.start()
    reading.join()
    for number in range(4):
        assert [int(event["event"]) for event in found if event["logger"] == f"n{number}"] == list(range(1_000))


def test_a_changed_level_is_in_force_at_once_and_what_waits_keeps_its_place() -> None:
    pipe = Pipe()
    pipe.configure("info")
    log = logs.get_logger("daemon")
    for n in range(3_000):
        log.info("a.b", number=n)
    pipe.configure("warning")
    log.info("not.said")
    pipe.configure("debug")
    log.debug("was.said")
    found = pipe.read()
    assert [event.get("number") for event in found] == [*range(3_000), None]
    assert found[-1]["event"] == "was.said"


def test_a_reader_that_is_gone_for_good_holds_up_no_end() -> None:
    reader = Reader()
    box = outbox(reader)
    box.write("never read")
    assert reader.asked.wait(DEADLINE)
    assert not box.close(0.01)
    box.write("nor is this waited for")
    reader.reads.set()


def test_what_comes_after_the_end_is_written_at_once() -> None:
    reader = Reader()
    reader.reads.set()
    box = outbox(reader)
    assert box.close(DEADLINE)
    box.write("last words")
    assert reader.lines == ["last words"]


def test_a_pipe_that_broke_stops_nothing() -> None:
    pipe = Pipe()
    pipe.configure()
    pipe.break_off()
    for _ in range(10):
        logs.get_logger("daemon").info("a.b")
    logs.reset()
    pipe.stream.close()


def test_a_stream_that_is_no_file_of_the_systems_is_written_to_as_it_wants(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="info", format="json", stream=sys.stdout, environ={}, queued=True)
    logs.get_logger("daemon").info("a.b", name="Jürgen")
    logs.reset()
    assert json.loads(capsys.readouterr().out)["name"] == "Jürgen"


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    pipe = Pipe()
    os.set_blocking(pipe.stream.fileno(), False)
    pipe.configure()
    for n in range(3_000):
        logs.get_logger("daemon").info("a.b", number=n)
    assert [event["number"] for event in pipe.read()] == list(range(3_000))


def test_what_is_printed_stays_in_its_place(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as stream:
        stream.write("printed\n")
        assert Sink(lambda: stream).pour(["logged"]) == 0
        assert (tmp_path / "out").read_text() == "printed\nlogged\n"


HEAD = """
import os, resource, signal, sys, threading
from daemon import logs
from daemon.logs.sink import Sink
from daemon.logs.voice import Voice
logs.configure(level="info", format="json", stream=sys.stdout, environ={}, queued=True)
log = logs.get_logger("daemon")
for number in range(2_000):
    log.info("a.b", number=number, padding="x" * 100)
"""
READY = 'print("ready", file=sys.stderr, flush=True)\n'


def _say(script: str, *, read: Callable[[IO[bytes]], bytes] = lambda stream: stream.read()) -> tuple[int, bytes, str]:
    """Run a process, read nothing until it is ready to end; give its status, what it wrote, and its complaints."""
    with subprocess.Popen(  # noqa: S603  our own interpreter and program
        [sys.executable, "-c", HEAD + script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"
        said = read(process.stdout)
        complaints = process.stderr.read().decode()
        return process.wait(DEADLINE), said, complaints


@pytest.mark.parametrize(
    ("ending", "status", "last"),
    [
        ("", 0, "a.b"),
        ("log.error('last.words'); sys.exit(3)", 3, "last.words"),
        ("raise ValueError('x')", 1, "service.crashed"),
        ("t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()", 0, "thread.crashed"),
        ("threading.Thread(target=lambda: log.error('straggler.spoke')).start()", 0, "straggler.spoke"),
        ("import atexit; atexit.register(log.error, 'late.words')", 0, "late.words"),
        (
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(4)); os.kill(os.getpid(), signal.SIGTERM)",
            4,
            "a.b",
        ),
    ],
)
def test_however_a_process_ends_in_order_every_line_comes_out(ending: str, status: int, last: str) -> None:
    ended, said, complaints = _say(READY + ending)
    assert (ended, complaints) == (status, "")
    found = [json.loads(line) for line in said.splitlines()]
    numbered = [event["number"] for event in found if "number" in event]
    assert numbered == list(range(2_000))
    assert last in [found[-1]["event"], found[0]["event"]]


def test_a_process_whose_output_nobody_reads_ends_all_the_same() -> None:
    script = f"assert not Voice.setup.output.close(0.01)\nlog.info('too.late')\n{READY}"
    ended, said, complaints = _say(script, read=lambda _: b"")
    assert (ended, said, complaints) == (0, b"", "")


def test_a_forked_child_writes_its_own_lines_and_none_of_its_parents() -> None:
    script = f"""
import warnings
warnings.simplefilter("ignore")
wait, go = os.pipe()
if os.fork() == 0:  # while most lines wait, and nobody reads
    os.close(go)
    os.read(wait, 1)
    log.info("childs.own")
    sys.exit(0)
{READY}
assert Voice.setup.output.close({DEADLINE})
os.close(go)
os.wait()
log.info("parents.own")
"""
    ended, said, complaints = _say(script)
    assert (ended, complaints) == (0, "")
    found = [json.loads(line) for line in said.splitlines()]
    assert [event.get("number", event["event"]) for event in found] == [*range(2_000), "childs.own", "parents.own"]


def test_a_line_that_broke_off_is_ended_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "out"
    script = f"""
stream = open({str(path)!r}, "w")
sink = Sink(lambda: stream)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (25, most))
assert sink.pour(["0123456789", "0123456789", "0123456789", "0123456789"]) == 2
assert sink.pour(["0123456789"]) == 1
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
assert sink.pour(["again", "well"]) == 0
assert sink.pour(["end"]) == 0
{READY}
"""
    assert _say(script)[::2] == (0, "")
    assert path.read_text().splitlines() == ["0123456789", "0123456789", "012", "again", "well", "end"]
