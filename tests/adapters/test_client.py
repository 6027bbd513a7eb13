"""A REST host that misbehaves: every wait ends, nothing grows without bound, no secret is told."""

import asyncio
import gzip
import ssl
from pathlib import Path

import orjson
import pytest

from daemon.adapters.account.account import Account
from daemon.errors import DaemonError, Retryable
from tests.adapters.accounts import TOKENS, Setting, after_login, at, kept, opened
from tests.adapters.leaks import ACCESS, BASIC, leaked
from tests.adapters.rude import (
    Behaviour,
    Rude,
    always,
    head,
    rude,
    then_flood,
    then_silence,
    then_trickle,
    whole,
)

HASTY = Setting(read_timeout=0.2, longest_answer=0.3)
SOON = 8.0
"""Seconds after which a time-out that was to come earlier has not come."""
PATIENT = Setting(read_timeout=20, longest_answer=20)
BEGUN = head(Content_Type="application/json", Content_Length=1 << 30)
CHUNKED = head(Content_Type="application/json", Transfer_Encoding="chunked")
TICKET = whole(orjson.dumps({"uri": "wss://gateway/", "ws_access_token": "t"}))


async def _failure(account: Account, *, login: bool) -> Retryable:
    if not login:
        await account.sign_in()
    with pytest.raises(DaemonError) as caught:
        await asyncio.wait_for(account.sign_in() if login else account.ticket(), SOON)
    assert leaked(caught.value) == []
    assert "127.0.0.1" not in str(caught.value)
    assert isinstance(caught.value, Retryable)
    return caught.value


@pytest.mark.parametrize("login", [True, False], ids=["login", "ticket"])
@pytest.mark.parametrize(
    ("misbehave", "code"),
    [
        pytest.param(then_silence(b""), "timeout", id="never answers"),
        pytest.param(then_silence(b"HTTP/1.1 200"), "timeout", id="stops in the status line"),
        pytest.param(then_silence(BEGUN + b"{"), "timeout", id="stops in the body"),
        pytest.param(then_silence(CHUNKED + b"5\r\n{"), "timeout", id="stops in a chunk"),
        pytest.param(then_trickle(BEGUN), "timeout", id="trickles"),
        pytest.param(then_trickle(CHUNKED, b"1\r\nx\r\n"), "timeout", id="trickles in chunks"),
        pytest.param(always(b""), "connect", id="hangs up"),
        pytest.param(always(b"220 smtp ready\r\n\r\n"), "connect", id="is no web server"),
        pytest.param(always(head(Content_Length="many")), "unreadable", id="does not know its length"),
        pytest.param(always(BEGUN + b"{}"), "cut", id="cut"),
        pytest.param(always(CHUNKED + b"2\r\n{}\r\n"), "cut", id="cut between chunks"),
        pytest.param(always(CHUNKED + b"zz\r\n{}\r\n"), "cut", id="chunks of no size"),
        pytest.param(always(whole(b"no gzip", Content_Encoding="gzip")), "cut", id="says gzip and is none"),
        pytest.param(always(whole(b"")), "unreadable", id="empty"),
        pytest.param(always(whole(b"{")), "unreadable", id="half"),
        pytest.param(always(whole(b"\xff\xfe")), "unreadable", id="no text"),
        pytest.param(always(whole(b"<html>", content_type="text/html")), "unreadable", id="a page"),
        pytest.param(always(whole(b"[]")), "unreadable", id="a list"),
        pytest.param(always(whole(b"<html>", "503 No", "text/html", Retry_After=7)), "503", id="unavailable"),
    ],
)
async def test_whatever_goes_wrong_is_retryable_and_tells_no_secret(
    tmp_path: Path, misbehave: Behaviour, code: str, *, login: bool
) -> None:
    async with rude(misbehave if login else after_login(misbehave)) as place:
        with opened(at(place), kept(tmp_path), HASTY) as account:
            assert (await _failure(account, login=login)).code == code
        assert ("Basic " + BASIC if login else "Bearer " + ACCESS) == place.asked[-1].headers["authorization"]


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(head(Content_Type="application/json"), id="without a length"),
        pytest.param(head(Content_Type="application/json", Content_Length=1 << 40), id="of a terabyte"),
        pytest.param(head("500 No", Content_Length=1 << 40), id="an error"),
        pytest.param(head("302 Found", Location="/", Content_Length=1 << 40), id="a redirect"),
    ],
)
async def test_an_endless_answer_is_cut_off(tmp_path: Path, beginning: bytes) -> None:
    async with rude(after_login(then_flood(beginning))) as place:
        with opened(at(place), kept(tmp_path), PATIENT) as account:
            assert (await _failure(account, login=False)).code == "too large"


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_off(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(65 << 20))
    async with rude(after_login(always(whole(bomb, Content_Encoding="gzip")))) as place:
        with opened(at(place), kept(tmp_path), PATIENT) as account:
            assert (await _failure(account, login=False)).code == "too large"


async def test_an_answer_is_read_however_it_is_cut_and_coded(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"uri": "wss://gateway/", "ws_access_token": "t"}')
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in packed) + b"0\r\n\r\n"
    beginning = head(Content_Type="application/json", Content_Encoding="gzip", Transfer_Encoding="chunked")
    async with rude(after_login(always(beginning + chunks))) as place:
        with opened(at(place), kept(tmp_path)) as account:
            await account.sign_in()
            assert (await account.ticket()).uri == "wss://gateway/"


async def test_nobody_there_is_retryable(tmp_path: Path) -> None:
    async with rude(always(b"")) as place:
        pass
    with opened(at(place), kept(tmp_path)) as account:
        assert (await _failure(account, login=True)).code == "connect"


@pytest.mark.parametrize("login", [True, False], ids=["login", "ticket"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_its_target_hears_nothing(
    tmp_path: Path, status: int, *, login: bool
) -> None:
    async with rude(always(TICKET)) as target:
        pointing = always(whole(b"", f"{status} Elsewhere", Location=f"{target.url}/restapi/oauth/token"))
        async with rude(pointing if login else after_login(pointing)) as place:
            with opened(at(place), kept(tmp_path)) as account:
                assert (await _failure(account, login=login)).code == str(status)
        assert target.asked == []


@pytest.mark.parametrize(
    "changed",
    [
        {"access_token": ""},
        {"access_token": None},
        {"token_type": 1},
        {"expires_in": "3600"},
        {"expires_in": None},
        {"refresh_token": 5},
        {"refresh_token_expires_in": "soon"},
    ],
    ids=str,
)
async def test_a_login_that_is_none_is_not_kept(tmp_path: Path, changed: dict[str, object]) -> None:
    async with rude(always(whole(orjson.dumps({**TOKENS, **changed})))) as place:
        session = kept(tmp_path)
        with opened(at(place), session) as account:
            assert (await _failure(account, login=True)).code == "unreadable"
            assert account.token() == ""
        assert session.load() is None


@pytest.mark.parametrize("content_type", ["text/json", "text/html", "application/jsonp; no", ""])
async def test_a_login_in_another_coat_is_none(tmp_path: Path, content_type: str) -> None:
    async with rude(always(whole(orjson.dumps(TOKENS), content_type=content_type))) as place:
        with opened(at(place), kept(tmp_path)) as account:
            if "application/json" in content_type:
                assert await account.sign_in() == "jwt"
            else:
                assert (await _failure(account, login=True)).code == "unreadable"


async def test_a_token_that_fits_in_no_header_is_not_told(tmp_path: Path) -> None:
    async with rude(always(whole(orjson.dumps({**TOKENS, "access_token": f"{ACCESS}\r\nHost: x"})))) as place:
        with opened(at(place), kept(tmp_path)) as account:
            assert (await _failure(account, login=False)).code == "connect"
        assert len(place.asked) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, certificate: ssl.SSLContext) -> None:
    async with rude(always(TICKET), certificate) as place:
        with opened(at(place), kept(tmp_path)) as account:
            assert (await _failure(account, login=True)).code == "tls"
        assert place.asked == []


async def _two_tickets(place: Rude, directory: Path) -> None:
    with opened(at(place), kept(directory)) as account:
        await account.sign_in()
        await account.ticket()
        await account.ticket()


async def test_a_netrc_entry_does_not_take_the_tokens_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with rude(after_login(always(TICKET))) as place:
        await _two_tickets(place, tmp_path)
        assert [asked.headers["authorization"] for asked in place.asked[1:]] == [f"Bearer {ACCESS}"] * 2


async def test_cookies_are_not_kept(tmp_path: Path) -> None:
    body = TICKET.replace(b"Content-Type", b"Set-Cookie: track=me\r\nContent-Type")
    async with rude(after_login(always(body))) as place:
        await _two_tickets(place, tmp_path)
        assert [asked.headers.get("cookie") for asked in place.asked] == [None] * 3
