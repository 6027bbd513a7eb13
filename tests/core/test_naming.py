"""Where a recording belongs: whatever a caller calls himself, inside the archive and fit for any file system."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.naming import fit, relative_path
from daemon.core.notification import Endpoint
from daemon.core.template import check_template
from tests.core.model import BEGAN, CALLEE, CALLER, PROPERTY

DEFAULT = "{start:%Y/%m/%d}/{start:%H%M%S}_{direction}_{from}_{to}_{recording_id}"
EVERYTHING = "{session_id}/{telephony_session_id}/{direction}{from}{to}/{start:%H:%M} {recording_id}"
SEEN = datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)
FACTS = CallFacts(TelephonySessionId("s-1"), SessionId("1234567890"), "Inbound", CALLER, CALLEE, BEGAN)
BLANK = CallFacts(TelephonySessionId(""), SessionId(""))
FIT = re.compile(r"[A-Za-z0-9+_.-]+")


def place(facts: CallFacts = FACTS, template: str = DEFAULT, name: str = "44444444") -> str:
    return str(relative_path(template, RecordingId(name), facts, SEEN))


def test_the_default_names_a_recording_by_when_and_who() -> None:
    assert place() == "2025/01/31/140211_Inbound_+14155550100_+16505550100_44444444"


def test_the_beginning_is_told_in_utc() -> None:
    zone = timezone(timedelta(hours=-11))
    assert place(replace(FACTS, started_at=datetime(2025, 1, 31, 20, tzinfo=zone))).startswith("2025/02/01/070000_")


def test_what_is_not_known_is_unknown_and_dated_by_when_it_was_seen() -> None:
    assert place(BLANK) == "2024/12/31/235959_unknown_unknown_unknown_44444444"


def test_an_extension_stands_in_for_a_number() -> None:
    facts = replace(FACTS, caller=Endpoint(extension_id="101"), callee=Endpoint("102", extension_id="999"))
    assert place(facts, "{from}_{to}") == "101_102"


@pytest.mark.parametrize(
    ("hostile", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("..", "unknown"),
        (".", "unknown"),
        ("...", "unknown"),
        ("", "unknown"),
        ("/absolute", "absolute"),
        ("C:\\Windows\\system32", "C-Windows-system32"),
        ("[brackets]^", "brackets-"),
        ("a\0b", "a-b"),
        ("a\r\nb", "a-b"),
        ("\u202egpj.exe", "gpj.exe"),
        ("--rm -rf", "rm--rf"),
        (".hidden", "hidden"),
        ("trailing...", "trailing"),
        ("Zoë Müller", "Zoe-Muller"),
        ("山田太郎", "unknown"),
        ("\uff0e\uff0e\uff0f", "unknown"),  # full-width dots and a slash
        ("ⅷ½", "viii12"),
        ("+1 (415) 555-0100", "+1-415-555-0100"),
        ("a" * 300, "a" * 64),
        ("é" * 300, "e" * 64),
        ("$(id);`id`|&", "id-id-"),
    ],
)
def test_a_hostile_caller_is_reduced_to_something_harmless(hostile: str, expected: str) -> None:
    facts = replace(FACTS, caller=Endpoint(hostile), callee=Endpoint(hostile))
    assert place(facts, "{from}/{to}") == f"{expected}/{expected}"


def test_callers_that_reduce_alike_have_paths_of_their_own_by_the_recordings_id() -> None:
    alike = [replace(FACTS, caller=Endpoint(number)) for number in ("山田", "田中")]
    assert place(alike[0]) == place(alike[1])
    assert place(alike[0], name="1") != place(alike[1], name="2")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Aufnahmen/Straße/{recording_id}", "Aufnahmen/Strae/44444444"),
        ("a//b/{recording_id}/", "a/b/44444444"),
        ("./{recording_id}", "unknown/44444444"),
        ("-{recording_id}.", "44444444"),
        ("{{literal}}{recording_id}", "literal-44444444"),
        ("x" * 300 + "{recording_id}", "x" * 170),
    ],
)
def test_the_templates_own_words_are_fitted_too(template: str, expected: str) -> None:
    assert place(template=template) == expected


@pytest.mark.parametrize(
    ("text", "longest", "expected"), [("abc", 2, "ab"), ("ab.c", 3, "ab"), ("-.-", 9, "unknown"), ("a--b", 9, "a--b")]
)
def test_fitting_cuts_without_leaving_a_dot(text: str, longest: int, expected: str) -> None:
    assert fit(text, longest) == expected


@PROPERTY
@given(st.lists(st.text() | st.sampled_from(["../..", "/", "\\", ".", "-"]), min_size=7, max_size=7), st.datetimes())
def test_no_path_leads_out_or_is_too_long(words: list[str], start: datetime) -> None:
    direction, caller, callee, name, session, telephony, extension = words
    facts = CallFacts(
        TelephonySessionId(telephony),
        SessionId(session),
        direction,
        Endpoint(caller, extension_id=extension),
        Endpoint(callee, extension_id=extension),
        start.replace(tzinfo=UTC),
    )
    for template in (DEFAULT, EVERYTHING):
        path = relative_path(template, RecordingId(name), facts, SEEN)
        assert not path.is_absolute()
        assert len(path.parts) == 4
        for part in path.parts:
            assert part not in ("", ".", "..")
            assert FIT.fullmatch(part)
            assert part[0] not in "-."
            assert len(f"{part}.json".encode()) <= 255 - 64  # an id may still be added


@pytest.mark.parametrize(
    "template",
    [DEFAULT, EVERYTHING, "{recording_id}", "{start:%Y}/{recording_id}", "{{x}}/{recording_id}", "a..b/{session_id}"],
)
def test_a_good_template_has_nothing_wrong_with_it(template: str) -> None:
    assert check_template(template) is None


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("", "names every recording alike"),
        ("recordings", "names every recording alike"),
        ("{{recording_id}}", "names every recording alike"),
        ("{recording_id", "is not a valid template"),
        ("recording_id}", "is not a valid template"),
        ("{recording_id!}", "is not a valid template"),
        ("/var/{recording_id}", "has to lie below"),
        ("../{recording_id}", "has to lie below"),
        ("a/../{recording_id}", "has to lie below"),
        ("{recording_id}/..", "has to lie below"),
        ("{caller}", "unknown field {caller}; there are start, direction"),
        ("{}", "unknown field {}"),
        ("{0}", "unknown field {0}"),
        ("{recording_id.__class__}", "unknown field {recording_id.__class__}"),
        ("{recording_id[0]}", "unknown field {recording_id[0]}"),
        ("{recording_id!r}", "{recording_id} takes no !conversion"),
        ("{start}", "{start} needs a format"),
        ("{recording_id:>300}", "{recording_id} takes no format"),
        ("{start:{caller}}{recording_id}", "is not a valid template"),
        ("{start:/}", "names nothing"),
    ],
)
def test_a_bad_template_is_told_what_is_wrong(template: str, problem: str) -> None:
    assert (check_template(template) or "").startswith(problem)
