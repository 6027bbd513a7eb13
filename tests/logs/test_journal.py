"""Under the journal: one line and one priority for whatever speaks, whatever it says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.logs.rendering import LONGEST_LINE

HOSTILE = r"""
import gc, logging, os, sys, threading, warnings
from daemon import logs

logs.configure(level="info", format="auto", stream=sys.stdout, environ=os.environ)
log = logs.get_logger("daemon.x")
values = [
    "a\nb\r\n\x1b[31m\x00\x85\u2028", "\ud800 half", "x" * 1_000_000, "ü\n☎" * 30_000, float("nan"), float("inf"),
    b"\xff" * 10_000, [["☎" * 500] * 40] * 40, {"\n": {"\x1b": [{"deep": "\n" * 9_000}]}}, Exception("\n" * 9_000),
]
for number, value in enumerate(values):
    log.info("hostile.value", number=number, value=value)
log.info("hostile.fields", **{f"field{n}": "☎" * 3_000 for n in range(3_000)})
log.info("hostile\nevent")


def fall(depth):
    if depth:
        try:
            fall(depth - 1)
        except ValueError as error:
            raise ValueError("☎\n" * 5_000) from error
    raise ValueError("☎\n" * 5_000)


try:
    fall(30)
except ValueError:
    log.exception("long.chain")


class Falling:
    def __del__(self):
        raise ValueError("nobody\ncan be told")


def thread():
    raise ValueError("a thread\nfell")


logging.getLogger("aiohttp").error("two\nlines")
logging.getLogger("asyncio").warning("slow")
warnings.warn("old\nways", DeprecationWarning)
Falling()
gc.collect()
one = threading.Thread(target=thread, name="one")
one.start()
one.join()
raise ValueError("the\nend")
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    path = tmp_path_factory.mktemp("journal") / "stream"
    with path.open("wb") as stream:
        status = os.fstat(stream.fileno())
        environ = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}", "PYTHONWARNINGS": "always"}
        ended = subprocess.run(  # noqa: S603  our own interpreter and program
            [sys.executable, "-c", HOSTILE], env=environ, stdout=stream, stderr=subprocess.PIPE, check=False
        )
    assert (ended.returncode, ended.stderr) == (1, b"")
    return path.read_bytes().splitlines()


def test_each_is_a_line_with_a_priority_that_the_journal_takes_whole(said: list[bytes]) -> None:
    assert max(map(len, said)) <= LONGEST_LINE + len("<6>")
    for line in said:
        assert (line[:1], line[2:3]) == (b"<", b">")
        shown = line.decode("utf-8")
        assert shown.isprintable()
        assert json.loads(shown[3:])["logger"]


def test_nothing_is_missing(said: list[bytes]) -> None:
    events = [json.loads(line[3:]) for line in said]
    values = [event.get("value") for event in events if event["event"] == "hostile.value"]
    assert len(values) == 10
    assert values[0] == "a\nb\r\n\x1b[31m\x00\x85\u2028"
    assert values[1:3] == ["\\ud800 half", "<1000000 characters>"]
    assert values[4:6] == ["nan", "inf"]
    (fields,) = [event for event in events if event["event"] == "hostile.fields"]
    assert fields["fields_dropped"] > 2_000
    (chain,) = [event for event in events if event["event"] == "long.chain"]
    assert chain["level"] == "error"


def test_whatever_speaks_has_its_priority(said: list[bytes]) -> None:
    told = {json.loads(line[3:])["event"].partition("\n")[0]: line[1:2].decode() for line in said[-7:]}
    (warning,) = [event for event in told if "DeprecationWarning: old" in event]
    assert told == {
        "two": "3",
        "slow": "4",
        warning: "4",
        "exception.ignored": "4",
        "thread.crashed": "3",
        "service.crashed": "2",
        "long.chain": "3",
    }


def test_a_complaint_of_a_command_is_an_error_in_the_journal_and_bare_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    words = [sys.executable, "-m", "daemon", "run", "--config", str(tmp_path / "none.toml")]
    with path.open("wb") as stream:
        status = os.fstat(stream.fileno())
        environ = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        assert subprocess.run(words, env=environ, stderr=stream, check=False).returncode == 78  # noqa: S603  our own
    bare = subprocess.run(words, env=environ, capture_output=True, check=False).stderr  # noqa: S603  our own
    assert bare.startswith(b"recordingd: ")
    assert path.read_bytes() == b"".join(b"<3>" + line for line in bare.splitlines(keepends=True))
