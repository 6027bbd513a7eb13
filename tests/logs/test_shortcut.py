"""The short way to a line gives the bytes that the chain gives, or leaves the event to it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from structlog.contextvars import bound_contextvars, clear_contextvars
from structlog.typing import Processor

from daemon.logs import chain
from daemon.logs.known import forget, hide
from daemon.logs.rendering import Json
from daemon.logs.shortcut import MOST_NAMES, Shortcut
from daemon.logs.voice import Named

NOW = 1_738_337_400_000_123_000
TYPICAL: Mapping[str, object] = {
    "recording_id": "44444444",
    "telephony_session_id": "s-718107795d56a0",
    "attempt": 1,
    "path": '/var/lib/recordingd/recordings/2025/01/31/153000_"\\_44444444.mp3',
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "latency_seconds": 5.123,
    "size": None,
    "is_new": True,
}
SECRETS = (
    "hunter2",
    "hunter2-hunter2",
    "pass/word+\"x\\y é 'and more'",
    "twenty-one-\N{SNOWMAN}-letters",
    "000123",
    "info12",
)
"""Short and long, with what JSON escapes, and as parts of what every line has."""


class Word(str):
    __slots__ = ()


@pytest.fixture(autouse=True)
def _nothing_hidden() -> Iterator[None]:
    forget()
    yield
    forget()
    clear_contextvars()


def by_the_chain(event: object, fields: Mapping[str, object], *, narrow: bool = False, priority: bool = False) -> str:
    said: Any = {**fields, "event": event, "_created": NOW / 1e9}
    processors: list[Processor] = [*chain.PROCESSORS, Json(narrow=narrow, with_priority=priority)]
    for process in processors:
        said = process(Named("daemon.x"), "info", said)
    return cast("str", said)


def shortly(event: object, fields: Mapping[str, object], *, priority: bool = False) -> str | None:
    return Shortcut(with_priority=priority, now=lambda: NOW).line("daemon.x", "info", event, dict(fields))


_parts = st.sampled_from(
    [
        *SECRETS,
        *("token", "secret", "PassWord", "passwd", "assertion", "jwt", "wsc", "api_key", "apikey", "Authorization"),
        *(
            "cookie",
            "Bearer ",
            "basic ",
            "eyJhbGciOi.",
            "?",
            "://",
            "@",
            "=",
            ":",
            "%3D",
            '"',
            "'",
            "\\",
            "/",
            "-",
            "_",
        ),
        *("\x7f", "\x00", "\n", "\x9b", "\u2028", "ü", "\U0001f600", "\ud800", "\u212a", "\u017f", "\u0130", " "),
        *("abcdef", "x" * 130, "y" * 9000),
    ]
)
_texts = st.lists(_parts | st.text(max_size=3), max_size=6).map("".join)
_values = (
    _texts
    | st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**53 - 1, 2**53, -(2**63), 2**63 - 1, 2**63, 2**64 - 1, 2**64])
    | st.floats()
    | st.binary(max_size=4)
    | st.lists(_texts | st.floats(), max_size=2)
    | st.dictionaries(_texts, _texts, max_size=2)
    | _texts.map(Word)
    | st.just(PurePosixPath("/a/b"))
    | st.datetimes(timezones=st.just(UTC))
)
_names = (
    st.sampled_from(["reason", "path", "level", "timestamp", "_created", "exc_info", "stack_info", "stack", "token"])
    | _texts
    | _texts.map(Word)
)


@given(
    _texts | _texts.map(Word) | st.integers(),
    st.dictionaries(_names, _values, max_size=5).filter(lambda fields: "event" not in fields),
    st.lists(st.sampled_from(SECRETS) | st.text(min_size=6, max_size=30)),
    st.sampled_from(["", "journal"]),
)
@example("a.b", {"since": float("nan"), "until": None}, [], "")
@example("a.b", {"reason": "with Bearer hunter2hunter2"}, [], "")
@example("a.b", {"token": "abc"}, [], "")
@example("a.b", {"a": "x\x7fy"}, [], "")
@example("a.b", {"a": 'pass/word+"x\\y'}, ['pass/word+"x\\y'], "")
def test_whatever_is_said_the_line_is_the_same(
    event: object, fields: dict[str, object], secrets: list[str], reader: str
) -> None:
    priority = reader == "journal"
    forget()
    for secret in secrets:
        hide(secret)
    short = shortly(event, fields, priority=priority)
    if "_created" not in fields and short is not None:
        assert short == by_the_chain(event, fields, priority=priority)
        assert short == by_the_chain(event, fields, priority=priority, narrow=True)
    if "_created" in fields:
        assert short is None


@given(st.text("abcXYZ019-_/.+", min_size=15, max_size=40), st.integers(0, 20), st.text("ghi", max_size=20))
def test_a_long_secret_is_seen_wherever_it_stands(secret: str, before: int, after: str) -> None:
    forget()
    for n in range(40):
        hide(f"another-secret-{n:020}")
    hide(secret)
    assert shortly("a.b", {"x": f"{'x' * before}{secret}{after}"}) is None


@pytest.mark.parametrize("secret", ["hunter", "hunter2-hunter", "hunter2-hunter2", "hunter2-hunter2-", 'hunter2\\"\n"'])
@pytest.mark.parametrize("before", range(9))
def test_a_secret_of_any_length_is_seen_at_any_place(secret: str, before: int) -> None:
    hide(secret)
    assert shortly("a.b", {"x": "x" * before + secret}) is None
    assert shortly("a.b", {"x" * before + secret: 1}) is None
    assert shortly("x" * before + secret, {}) is None


def test_what_is_plain_takes_the_short_way() -> None:
    hide("another-secret", lasting=True)
    for priority in (False, True):
        assert shortly("recording.archived", TYPICAL, priority=priority) == by_the_chain(
            "recording.archived", TYPICAL, priority=priority
        )
    assert shortly("service.stopped", {}) == by_the_chain("service.stopped", {})


def test_what_is_bound_in_the_context_is_said_in_the_chains_order() -> None:
    with bound_contextvars(worker="fetch-3", attempt=9, since=1.5):
        assert shortly("a.b", TYPICAL) == by_the_chain("a.b", TYPICAL)
        with bound_contextvars(worker="fetch-4"):
            assert '"worker":"fetch-4"' in (shortly("a.b", TYPICAL) or "")
    with bound_contextvars(level="mine"):
        assert shortly("a.b", TYPICAL) is None
    assert "worker" not in (shortly("a.b", TYPICAL) or "")


def test_a_second_later_it_is_a_second_later() -> None:
    ticking = iter([NOW, NOW + 999_000_000, NOW + 1_000_000_000, NOW])
    short = Shortcut(with_priority=False, now=lambda: next(ticking))
    shown = [(short.line("x", "info", "a.b", {}) or "")[14:41] for _ in range(4)]
    assert shown == [
        datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for second in (NOW / 1e9, NOW / 1e9 + 0.999, NOW / 1e9 + 1, NOW / 1e9)
    ]


def test_a_secret_that_is_told_of_later_is_hidden_from_then_on() -> None:
    short = Shortcut(with_priority=False)
    assert short.line("x", "info", "hunter2-hunter2", {"a": 1}) is not None
    hide("hunter2-hunter2")
    assert short.line("x", "info", "hunter2-hunter2", {"a": 1}) is None
    forget()
    assert short.line("x", "info", "hunter2-hunter2", {"a": 1}) is not None


def test_many_names_are_no_burden() -> None:
    short = Shortcut(with_priority=False, now=lambda: NOW)
    for n in range(MOST_NAMES + 10):
        assert short.line(f"daemon.{n}", "info", f"a.{n}", {f"field{n}": n}) is not None
    assert short.line("daemon.x", "info", "a.b", dict(TYPICAL)) == by_the_chain("a.b", TYPICAL)
