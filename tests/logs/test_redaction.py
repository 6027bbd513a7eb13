import json
import time
from collections.abc import Iterator
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.logs.chain import plain
from daemon.logs.known import MOST_PASSING, forget, hide
from daemon.logs.redaction import has_nothing, redact

SECRET = "hunter2hunter2"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2_hunter-2"


@pytest.fixture(autouse=True)
def _nothing_hidden() -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Authorization: Bearer hunter2hunter2", "Authorization: ***"),
        ("> authorization: Basic aHVudGVyMmh1bnRlcjI=, more", "> authorization: ***"),
        ("Authorization: Bearer hunter2\nHost: x", "Authorization: ***\nHost: x"),
        ("with Bearer hunter2hunter2, refused", "with Bearer ***, refused"),
        ("Bearer%20hunter2hunter2", "Bearer%20***"),
        ("Basic aHVudGVyMmh1bnRlcjI=", "Basic ***"),
        ("access_token=hunter2", "access_token=***"),
        ("grant_type=x&assertion=hunter2&y=1", "grant_type=x&assertion=***&y=1"),
        ("jwt=hunter2", "jwt=***"),
        ("passwd=hunter2", "passwd=***"),
        ("password=hunter2", "password=***"),
        ("wsc=hunter2", "wsc=***"),
        ("authorization=hunter2", "authorization=***"),
        ("API_KEY=hunter2", "API_KEY=***"),
        ("apikey = hunter2", "apikey = ***"),
        ("cookie: hunter2", "cookie: ***"),
        ("refresh_token=hunter2 wsc=hunter2", "refresh_token=*** wsc=***"),
        ("client_secret='hunter2 hunter2'", "client_secret=***"),
        ("access_token%3Dhunter2", "access_token%3D***"),
        ('{"access_token":"hunter2","expires_in":3600}', '{"access_token":"***","expires_in":3600}'),
        ('{"access_token": "hunter2\\/hunter2"}', '{"access_token": "***"}'),
        ('{"refresh_token":"hunter2', '{"refresh_token":"***'),
        ('"{\\"ws_access_token\\":\\"hunter2\\"}"', '"{\\"ws_access_token\\":\\"***\\"}"'),
        ('[{"wsc":{"token":"hunter2","sequence":1}}]', '[{"wsc":{"token":"***","sequence":1}}]'),
        ("{'Authorization': 'Bearer hunter2'}", "{'Authorization': '***'}"),
        ("[(b'authorization', b'Bearer hunter2')]", "[(b'authorization', b'***')]"),
        ("<CIMultiDict('Cookie': 'sid=hunter2')>", "<CIMultiDict('Cookie': '***')>"),
        (f"jwt is {JWT} here", "jwt is *** here"),
        ("eyJhbGciOiJub25lIn0.hunter2.", "***"),
        ("https://h.example/p/q?x=hunter2#f", "https://h.example/p/q?***"),
        ("see <wss://h.example/ws?access_token=hunter2>.", "see <wss://h.example/ws?***>."),
        ("https://user:hunter2@h.example/p", "https://***@h.example/p"),
        ("GET /ws?code=hunter2 HTTP/1.1", "GET /ws?*** HTTP/1.1"),
        (
            "Max retries exceeded with url: /restapi?a=hunter2 (Caused",
            "Max retries exceeded with url: /restapi?*** (Caused",
        ),
    ],
)
def test_what_looks_like_a_secret_is_hidden(said: str, shown: str) -> None:
    assert redact({"event": said}) == {"event": shown}
    assert not has_nothing(orjson.dumps({"event": said}))
    assert not has_nothing(orjson.dumps({said: 1}))


@pytest.mark.parametrize(
    "said",
    [
        "recording.archived",
        "/var/lib/recordingd/recordings/2025/01/31/153000_Inbound_+14155550100_101_44444444.mp3",
        "what is this?",
        "either/or? yes",
        "https://media.ringcentral.com/restapi/v1.0/account/~/recording/1/content",
        "client_secret_file=/etc/recordingd/credentials/client_secret",
        "expires in 3600 s",
        "s-718107795d56a0",
        "the token was refused",
    ],
)
def test_ordinary_words_stay(said: str) -> None:
    assert redact({"event": said}) == {"event": said}


@pytest.mark.parametrize(
    "key",
    ["access_token", "refresh_token", "token", "Authorization", "client_secret", "jwt", "password", "wsc", "assertion"],
)
def test_a_field_of_a_telling_name_is_hidden(key: str) -> None:
    assert redact({"headers": {key: "abc"}, key: ["abc"]}) == {"headers": {key: "***"}, key: ["***"]}


def test_a_number_of_a_telling_name_is_left() -> None:
    assert redact({"token": None, "jwt": 3}) == {"token": None, "jwt": 3}


def test_a_known_secret_is_hidden_wherever_it_is() -> None:
    hide(SECRET)
    event = {"event": f"a{SECRET}b", SECRET: [{"x": (SECRET)}, f"{SECRET}{SECRET}"], "n": 1}
    assert redact(event) == {"event": "a***b", "***": [{"x": "***"}, "******"], "n": 1}


@pytest.mark.parametrize("spell", [str, lambda s: quote(s, safe=""), lambda s: json.dumps(s)[1:-1]])
def test_a_known_secret_is_hidden_in_other_spellings(spell: "type[str]") -> None:
    secret = 'pass/word+"x\\y é'
    hide(secret)
    assert redact({"event": f"<{spell(secret)}>"}) == {"event": "<***>"}


def test_a_secret_that_begins_like_another_leaves_no_tail() -> None:
    hide("secret-one")
    hide("secret-one-and-more")
    assert redact({"event": "secret-one-and-more"}) == {"event": "***"}


def test_short_words_are_not_taken_for_secrets() -> None:
    hide("")
    hide("abcde")
    assert redact({"event": "abcde"}) == {"event": "abcde"}


def test_passing_secrets_are_forgotten_oldest_first_and_lasting_ones_never() -> None:
    hide("lasting-secret", lasting=True)
    for n in range(MOST_PASSING + 1):
        hide(f"passing-{n:04}")
    shown = redact({"a": "lasting-secret", "b": "passing-0000", "c": "passing-0001", "d": f"passing-{MOST_PASSING:04}"})
    assert shown == {"a": "***", "b": "passing-0000", "c": "***", "d": "***"}


def test_a_secret_told_again_is_young_again() -> None:
    hide("again-and-again")
    for n in range(MOST_PASSING * 2):
        hide(f"passing-{n:04}")
        hide("again-and-again")
    assert redact({"a": "again-and-again"}) == {"a": "***"}


@given(
    st.text(min_size=6, max_size=20),
    st.recursive(st.text(max_size=9), lambda v: st.lists(v) | st.dictionaries(st.text(), v)),
)
def test_a_known_secret_never_comes_through(secret: str, around: object) -> None:
    forget()
    hide(str(plain(secret)))
    shown = redact({"x": [around, f"a {plain(secret)} b", {str(plain(secret)): 1}]})
    assert str(plain(secret)) not in str(shown["x"][1])
    assert str(plain(secret)) not in shown["x"][2]


@pytest.mark.parametrize(
    "part",
    [
        "a-",
        "eyJ-",
        "eyJaaaa",
        "http://",
        "//",
        "/?",
        "token=",
        '"token":',
        "bearer ",
        "?=/",
        "\\",
        "cookie   ",
        "x@://",
    ],
)
def test_a_hostile_text_takes_no_great_time(part: str) -> None:
    text = part * (131_072 // len(part))
    started = time.process_time()
    redact({"event": text})
    assert time.process_time() - started < 5  # quadratic would be minutes
