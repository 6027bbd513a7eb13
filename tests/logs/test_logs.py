import io
import json
import logging
import os
import pty
import re
import subprocess
import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TextIO

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from daemon import logs
from daemon.config.secret import Secret
from daemon.logs import chain
from daemon.logs.bridge import Bridge
from daemon.logs.known import forget
from daemon.logs.rendering import LONGEST_LINE, as_columns, as_json, is_journal

SECRET = "hunter2hunter2"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    logs.reset()
    forget()


def configured(level: str = "info", form: str = "json") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(level=level, format=form, stream=stream, environ={})
    return stream


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def says(**record: object) -> None:
    """Let a library say something only we hear: pytest's own handler is not as forgiving."""
    (bridge,) = (handler for handler in logging.getLogger().handlers if isinstance(handler, Bridge))
    bridge.handle(logging.makeLogRecord({"name": "sloppy", **record}))


def test_a_line_is_an_event_with_its_fields() -> None:
    stream = configured()
    logs.get_logger("daemon.tasks.fetch").info("recording.archived", recording_id="44444444", bytes=7)
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert list(found) == ["timestamp", "level", "logger", "event", "recording_id", "bytes"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", found["timestamp"])
    assert found["level"] == "info"
    assert found["logger"] == "daemon.tasks.fetch"
    assert found["event"] == "recording.archived"


def test_a_logger_made_before_the_configuration_obeys_it() -> None:
    early = logs.get_logger("daemon.early")
    stream = configured("warning")
    early.info("not.said")
    early.warning("was.said")
    assert [event["event"] for event in events(stream)] == ["was.said"]


def test_a_logger_that_has_spoken_follows_whatever_comes_after() -> None:
    log = structlog.get_logger("daemon.kept")
    first = configured("info")
    log.info("to.first")
    second = configured("error")
    log.info("not.said")
    log.error("to.second")
    with capture_logs() as captured:
        log.error("captured")
        log.info("not.captured")
    logs.reset()
    with capture_logs() as unset:
        log.info("captured", a=1)
    assert [event["event"] for event in events(first)] == ["to.first"]
    assert [event["event"] for event in events(second)] == ["to.second"]
    assert [event["event"] for event in captured] == ["captured"]
    assert unset == [{"a": 1, "event": "captured", "log_level": "info"}]


def test_what_a_test_captures_is_captured_whatever_was_configured() -> None:
    stream = configured()
    log = structlog.get_logger("daemon.kept")
    log.info("a.b")
    with capture_logs() as captured:
        log.info("c.d", a=1)
    log.info("e.f")
    assert captured == [{"a": 1, "event": "c.d", "log_level": "info"}]
    assert [event["event"] for event in events(stream)] == ["a.b", "e.f"]


def test_what_is_bound_to_a_logger_is_in_its_lines() -> None:
    stream = configured("debug")
    log = structlog.get_logger("daemon.bound").bind(recording_id="1")
    log.info("a.b")
    log.debug("c.d", attempt=2)
    log.warning("%s of %d", "one", 2)
    found = [(event["event"], event.get("recording_id"), event.get("attempt")) for event in events(stream)]
    assert found == [("a.b", "1", None), ("c.d", "1", 2), ("one of 2", "1", None)]


def test_configuring_again_replaces_what_was() -> None:
    first, second = configured(), configured()
    logs.get_logger("daemon").info("once")
    logging.getLogger("aiohttp").error("once more")
    assert events(first) == []
    assert len(events(second)) == 2


@pytest.mark.parametrize(
    ("level", "ours", "theirs"),
    [
        ("debug", ["debug", "info", "warning", "error"], ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"], ["warning", "error"]),
        ("warning", ["warning", "error"], ["warning", "error"]),
        ("error", ["error"], ["error"]),
    ],
)
def test_the_level_decides_who_speaks(level: str, ours: list[str], theirs: list[str]) -> None:
    stream = configured(level)
    for name in ("debug", "info", "warning", "error"):
        getattr(logs.get_logger("daemon.x"), name)("ours")
        getattr(logging.getLogger("daemon.y"), name)("ours, the old way")
        getattr(logging.getLogger("ringcentral"), name)("theirs")
    found = events(stream)
    assert [event["level"] for event in found if event["logger"] == "daemon.x"] == ours
    assert [event["level"] for event in found if event["logger"] == "daemon.y"] == ours
    assert [event["level"] for event in found if event["logger"] == "ringcentral"] == theirs


@pytest.mark.parametrize("name", ["websockets.client", "urllib3.connectionpool", "aiosqlite", "asyncio"])
def test_dumps_of_frames_and_requests_are_never_shown(name: str) -> None:
    stream = configured("debug")
    logging.getLogger(name).debug("> TEXT %s", SECRET)
    logging.getLogger(name).warning("a warning")
    assert [event["event"] for event in events(stream)] == ["a warning"]


def test_context_is_in_every_line() -> None:
    stream = configured()
    with structlog.contextvars.bound_contextvars(recording_id="1", attempt=2):
        logs.get_logger("daemon").info("a.b")
        logging.getLogger("aiohttp").warning("c")
    assert [(event["recording_id"], event["attempt"]) for event in events(stream)] == [("1", 2)] * 2


def test_a_library_speaks_through_the_same_chain() -> None:
    stream = configured()
    logs.hide(SECRET)
    logging.getLogger("aiohttp.client").warning("slow: %s", f"https://h/p?x={SECRET}")
    (event,) = events(stream)
    assert (event["logger"], event["level"], event["event"]) == ("aiohttp.client", "warning", "slow: https://h/p?***")


def test_a_library_that_misuses_logging_is_heard_all_the_same() -> None:
    stream = configured()
    says(msg="%d of %d", args=("x",), levelno=40, levelname="ERROR")
    says(msg=Hostile(), levelno=60, levelname="DOOM")
    says(msg="between", levelno=35, levelname="ODD", stack_info="Stack: here", exc_text="Traceback: there")
    says(msg="below", levelno=1, levelname="TRACE")
    found = events(stream)
    assert [event["event"] for event in found] == ["%d of %d", "<unprintable Hostile>", "between", "below"]
    assert [event["level"] for event in found] == ["error", "critical", "warning", "debug"]
    assert (found[2]["stack"], found[2]["exception"]) == ("Stack: here", "Traceback: there")


def test_python_warnings_are_events() -> None:
    stream = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"old; Bearer {SECRET}", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    (event,) = events(stream)
    assert event["logger"] == "py.warnings"
    assert "DeprecationWarning: old; Bearer ***" in event["event"]


def test_a_traceback_has_frames_and_no_locals() -> None:
    stream = configured()
    logs.hide(SECRET)

    def fail(password: str) -> None:
        raise ValueError(f"cannot use {password}")

    try:
        fail(SECRET)
    except ValueError:
        logs.get_logger("daemon").exception("task.failed")
        logging.getLogger("aiohttp").exception("theirs")
    assert SECRET not in stream.getvalue()
    for event in events(stream):
        assert event["level"] == "error"
        (told,) = event["exception"]
        assert (told["exc_type"], told["exc_value"]) == ("ValueError", "cannot use ***")
        assert told["frames"][-1].keys() == {"filename", "lineno", "name"}
        assert told["frames"][-1]["name"] == "fail"


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__


class HostileMapping(OrderedDict[str, int]):
    def items(self) -> Any:  # noqa: ANN401  (it gives nothing)
        raise RuntimeError("no")


class LongWinded:
    def __repr__(self) -> str:
        return "<" + "x" * 200_000 + " object>"


@dataclass
class Thing:
    name: str


def _endless() -> list[object]:
    inner: list[object] = []
    inner.append(inner)
    return inner


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Hostile(), "<unprintable Hostile>"),
        (HostileMapping(), "<unreadable HostileMapping>"),
        ({Hostile(): 1}, {"<unprintable Hostile>": 1}),
        ({1: 2, None: 3}, {"1": 2, "None": 3}),
        (b"\xffab", "\\xffab"),
        ("\ud800", "\\ud800"),
        (2**64, "18446744073709551616"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ((1, [2]), [1, [2]]),
        (frozenset({3}), [3]),
        (Path("/a/b"), "/a/b"),
        (datetime(2025, 1, 31, 15, tzinfo=timezone(timedelta(hours=1))), "2025-01-31T14:00:00Z"),
        (datetime(2025, 1, 31, tzinfo=UTC).date(), "2025-01-31"),
        (Secret(SECRET), "Secret('**********')"),
        (LongWinded(), "<200009 characters>"),
        (Thing("x"), "Thing(name='x')"),
        (list(range(300)), [*range(50), "… 250 more"]),
        ("x" * 200_000, "<200000 characters>"),
        (None, None),
        (True, True),
    ],
)
def test_any_value_can_be_logged(value: object, shown: object) -> None:
    stream = configured()
    logs.get_logger("daemon").info("a.b", value=value)
    assert events(stream)[0]["value"] == shown


def test_what_never_ends_is_cut() -> None:
    stream = configured()
    logs.get_logger("daemon").info("a.b", value=_endless())
    assert '[[[[[[[["[[...]]"]]]]]]]]' in stream.getvalue()


BREAKS = "a\nb\r\x1b[31m\x00\x0b\x85\u2028\u2029\u202e\x9b2J\ufeffz"


@pytest.mark.parametrize("form", ["json", "console"])
def test_one_event_is_one_line_whatever_a_caller_is_called(form: str) -> None:
    stream = configured(form=form)
    logs.get_logger("daemon").info(f"e{BREAKS}", name=BREAKS, deep={BREAKS: [BREAKS]}, **{BREAKS: 1})
    logging.getLogger(f"l{BREAKS}").error("theirs")
    assert len(stream.getvalue().splitlines()) == 2
    assert all(char.isprintable() or char == "\n" for char in stream.getvalue())


@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.binary(), max_size=4))
def test_any_text_stays_on_one_line_and_is_read_back(event: str, fields: dict[str, Any]) -> None:
    made = chain.simplify(None, "info", {"event": event, "fields": fields})
    line = as_json(made)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["event"] == made["event"]
    assert as_columns(made, colour=False).isprintable()


def test_fields_cannot_pass_for_our_own() -> None:
    stream = configured()
    logs.get_logger("daemon").info("a.b", level="debug", timestamp="never", logger="fake")
    (event,) = events(stream)
    assert (event["level"], event["logger"], event["level_"], event["logger_"]) == ("info", "daemon", "debug", "fake")


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize(
    "fields",
    [
        {"value": "ü" * 100_000},
        {f"value{n}": "x\n" * 4_000 for n in range(50)},
        {"value": [["y" * 500] * 40] * 40},
        {f"{n}" * 90: n for n in range(5_000)},
    ],
)
def test_a_line_is_never_longer_than_the_journal_takes(form: str, fields: Mapping[str, object]) -> None:
    stream = configured(form=form)
    logs.get_logger("daemon").info("a.b", **dict(fields))
    (line,) = stream.getvalue().splitlines()
    assert len(line.encode()) <= LONGEST_LINE
    assert "a.b" in line


def test_what_was_shortened_says_so() -> None:
    stream = configured()
    logs.get_logger("daemon").info("a.b", value="x" * 10_000)
    assert events(stream)[0]["value"] == "x" * 8192 + "… [1808 more]"


def test_what_is_too_large_to_be_shown_leaves_the_small_fields_their_place() -> None:
    stream = configured()
    large = [["y" * 500] * 40] * 40
    logs.get_logger("daemon").info("a.b", large=large, recording_id="44444444", bytes=7)
    (event,) = events(stream)
    assert list(event)[3:] == ["event", "recording_id", "bytes", "fields_dropped"]
    assert (event["recording_id"], event["bytes"], event["fields_dropped"]) == ("44444444", 7, 1)


def test_a_secret_at_the_cut_is_hidden_whole() -> None:
    stream = configured()
    logs.hide(SECRET)
    logs.get_logger("daemon").info("a.b", value="x" * 8190 + SECRET)
    assert "hun" not in stream.getvalue()


def test_redaction_comes_after_everything_that_could_add_a_secret() -> None:
    stream = configured()
    logs.hide(SECRET)

    class Revealing:
        def __repr__(self) -> str:
            return f"<{SECRET}>"

    with structlog.contextvars.bound_contextvars(who=SECRET):
        logs.get_logger(f"daemon.{SECRET}").info("%s", SECRET, thing=Revealing(), stack_info=True)
    assert SECRET not in stream.getvalue()
    assert events(stream)[0]["thing"] == "<***>"
    assert "voice.py" not in events(stream)[0]["stack"]
    assert chain.PROCESSORS[-1] is chain.hide_secrets


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_gets_columns(environ: Mapping[str, str], *, coloured: bool) -> None:
    stream = Terminal()
    logs.configure(level="info", format="auto", stream=stream, environ=environ)
    logs.get_logger("daemon.x").warning("disk.low", free=12, path="/a b")
    assert ("\x1b[" in stream.getvalue()) is coloured
    bare = re.sub(r"\x1b\[[\d;]*m", "", stream.getvalue())
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} warning  disk\.low free=12 path=\"/a b\"\n", bare)


def test_columns_asked_for_elsewhere_have_no_colours() -> None:
    stream = configured(form="console")
    logs.get_logger("daemon").info("a.b")
    logging.getLogger("aiohttp").warning("c", exc_info=(ValueError, ValueError("x"), None))
    assert "\x1b" not in stream.getvalue()
    assert 'logger=aiohttp exception="ValueError: x []"' in stream.getvalue()


def test_columns_tell_a_traceback_in_one_line() -> None:
    stream = configured(form="console")
    nothing: dict[str, int] = {}
    try:
        try:
            nothing["a"]
        except KeyError as error:
            raise ExceptionGroup("two", [ValueError("b\nc"), OSError("d")]) from error
    except ExceptionGroup:
        logs.get_logger("daemon").exception("task.failed")
    (line,) = stream.getvalue().splitlines()
    assert "ExceptionGroup: two" in line
    assert r"{ValueError: b\nc []}" in line
    assert "from KeyError: 'a' [test_logs.py:" in line


def test_columns_show_a_traceback_that_is_text_as_it_is() -> None:
    assert as_columns({"exception": "x y", "logger": "daemon"}, colour=False).endswith('exception="x y"')
    assert as_columns({"exception": ["x"], "logger": "daemon"}, colour=False).endswith("exception=\"['x']\"")


def _journal(stream: TextIO) -> dict[str, str]:
    status = os.fstat(stream.fileno())
    return {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}


@pytest.mark.parametrize(
    ("method", "priority"), [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)]
)
def test_the_journal_gets_a_priority_before_the_json(tmp_path: Path, method: str, priority: int) -> None:
    with (tmp_path / "journal").open("w+") as stream:
        logs.configure(level="debug", format="auto", stream=stream, environ=_journal(stream))
        getattr(logs.get_logger("daemon"), method)("a.b")
        line = (tmp_path / "journal").read_text()
    assert line.startswith(f"<{priority}>{{")
    assert json.loads(line[3:])["level"] == method


def test_a_stream_that_is_not_the_journals_gets_plain_json(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+") as stream, (tmp_path / "other").open("w") as other:
        logs.configure(level="info", format="auto", stream=stream, environ=_journal(other))
        logs.get_logger("daemon").info("a.b")
        assert (tmp_path / "file").read_text().startswith("{")
        assert is_journal(other, _journal(other))
        assert not is_journal(io.StringIO(), _journal(other))
        assert not is_journal(stream, {})


def test_standard_output_is_whatever_it_is_at_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="info", format="json", stream=sys.stdout, environ={})
    logs.get_logger("daemon").info("first")
    with redirect_stdout(io.StringIO()) as elsewhere:
        logs.get_logger("daemon").info("second")
    assert "first" in capsys.readouterr().out
    assert "second" in elsewhere.getvalue()


def test_standard_error_is_whatever_it_is_at_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="info", format="json", stream=sys.stderr, environ={})
    logs.get_logger("daemon").info("first")
    assert "first" in capsys.readouterr().err


def test_columns_on_a_stream_of_a_narrow_encoding_have_escapes() -> None:
    raw = io.BytesIO()
    logs.configure(level="info", format="console", stream=io.TextIOWrapper(raw, encoding="ascii"), environ={})
    logs.get_logger("daemon").info("a.b", name="Jürgen ☎")
    assert b"J\\xfcrgen \\u260e" in raw.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_whatever_the_encoding_of_its_stream(encoding: str) -> None:
    raw = io.BytesIO()
    logs.configure(level="info", format="json", stream=io.TextIOWrapper(raw, encoding=encoding), environ={})
    logs.get_logger("daemon").info("a.b", name="Jürgen ☎ 😀", long="☎" * 40_000)
    event = json.loads(raw.getvalue().decode("utf-8"))
    assert event["name"] == "Jürgen ☎ 😀"
    assert event["long"].startswith("☎" * 2048)
    assert len(raw.getvalue()) <= LONGEST_LINE + 1


def _full() -> TextIO:
    return Path("/dev/full").open("w")


def _closed() -> TextIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("broken", [_full, _closed])
def test_a_log_that_cannot_be_written_stops_nothing(broken: Callable[[], TextIO]) -> None:
    stream = broken()
    logs.configure(level="info", format="auto", stream=stream, environ={})
    logs.get_logger("daemon").info("a.b")
    logging.getLogger("x").error("c")
    if not stream.closed:
        with pytest.raises(OSError, match="No space"):
            stream.close()


def test_on_a_real_terminal_it_is_a_terminal() -> None:
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as stream:
        logs.configure(level="info", format="auto", stream=stream, environ={})
        logs.get_logger("daemon").info("a.b")
        assert b"\x1b[1ma.b" in os.read(leader, 1000)
    os.close(leader)


CRASH = f"""
import os, sys
from daemon import logs
logs.hide("{SECRET}")
logs.configure(level="info", format="json", stream=sys.stdout, environ=os.environ)
raise {{}}("{SECRET}")
"""


def _crash(kind: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (our own interpreter and program)
        [sys.executable, "-c", CRASH.format(kind)], capture_output=True, text=True, check=False
    )


def test_the_last_words_of_a_crash_are_an_event() -> None:
    ended = _crash("RuntimeError")
    assert ended.returncode == 1
    assert ended.stderr == ""
    event = json.loads(ended.stdout)
    assert (event["event"], event["level"]) == ("service.crashed", "critical")
    assert event["exception"][0]["exc_value"] == "***"


def test_an_interrupt_is_no_crash() -> None:
    ended = _crash("KeyboardInterrupt")
    assert ended.stdout == ""
    assert "KeyboardInterrupt" in ended.stderr
