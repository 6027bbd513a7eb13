"""Asking the call log for one session."""

import asyncio
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import orjson
import pytest

from daemon.adapters.account.account import MOST_PAGES
from daemon.adapters.account.paths import reach
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.quota import AUTH, HEAVY
from daemon.errors import Refused, Retryable
from daemon.simulator import UNLIMITED, Options, Simulator
from tests.adapters.accounts import Setting, after_login, at, kept, of, opened
from tests.adapters.rude import Asked, Behaviour, always, rude, whole

AT_ONCE = Options(limits=UNLIMITED, speed=10_000, log_lag_seconds=0)
PATH = "/restapi/v1.0/account/~/call-log"
NOBODY = SessionId("")


def _pages(sizes: list[int]) -> Behaviour:
    """Answer page by page; the last size repeats for ever."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        found = re.search(r"[?&]page=(\d+)", asked.line)
        assert found is not None
        number = int(found[1])
        size = sizes[min(number, len(sizes)) - 1]
        records = [{"id": f"{number}-{n}", "sessionId": "7", "result": "Call connected"} for n in range(size)]
        navigation = {} if number == len(sizes) and size < 1000 else {"nextPage": {"uri": "…"}}
        writer.write(whole(orjson.dumps({"records": records, "navigation": navigation})))

    return after_login(behave)


async def test_a_call_is_found_by_either_of_its_sessions_names(tmp_path: Path) -> None:
    async with Simulator(AT_ONCE) as simulator:
        call = await simulator.play(simulator.script("many_recordings"))
        with opened(of(simulator), kept(tmp_path)) as account:
            await account.sign_in()
            tsid = TelephonySessionId(call.telephony_session_ids[0])
            by_tsid = await account.calls(NOBODY, tsid)
            assert by_tsid
            assert {record.telephony_session_id for record in by_tsid} == {tsid}
            assert {named.id for record in by_tsid for named in record.recordings} == {r.id for r in call.recordings}
            assert await account.calls(by_tsid[0].session_id, tsid) == by_tsid
        asked = [request.query for request in simulator.requests if request.path == PATH]
        assert [query.keys() & {"sessionId", "telephonySessionId"} for query in asked] == [
            {"telephonySessionId"},
            {"sessionId"},
        ]
        assert {query["view"] for query in asked} == {"Detailed"}


async def test_a_call_that_is_not_there_yet_has_no_records(tmp_path: Path) -> None:
    async with Simulator(AT_ONCE) as simulator:
        with opened(of(simulator), kept(tmp_path)) as account:
            await account.sign_in()
            assert await account.calls(SessionId("1"), TelephonySessionId("")) == ()


async def test_a_name_arrives_as_it_was_whatever_is_in_it(tmp_path: Path) -> None:
    name = "s-+a b&page=9#%2B/\u00fc?"
    async with Simulator(AT_ONCE) as simulator:
        with opened(of(simulator), kept(tmp_path)) as account:
            await account.sign_in()
            await account.calls(NOBODY, TelephonySessionId(name))
        assert simulator.requests[-1].query["telephonySessionId"] == name
        assert simulator.requests[-1].query["page"] == "1"


async def test_a_plus_travels_encoded(tmp_path: Path) -> None:
    async with rude(_pages([0])) as place:
        with opened(at(place), kept(tmp_path)) as account:
            await account.sign_in()
            await account.calls(NOBODY, TelephonySessionId("s+1"))
        assert "telephonySessionId=s%2B1&" in place.asked[-1].line


async def test_pages_are_followed_to_the_last(tmp_path: Path) -> None:
    async with rude(_pages([1000, 1000, 345])) as place:
        with opened(at(place), kept(tmp_path)) as account:
            await account.sign_in()
            records = await account.calls(SessionId("7"), TelephonySessionId(""))
        assert len(records) == 2345
        ids = [record.fields["id"] for record in records]
        assert (ids[0], ids[1000], ids[-1]) == ("1-0", "2-0", "3-344")
        assert len(set(ids)) == 2345
        assert [re.findall(r"perPage=1000&page=(\d)", asked.line) for asked in place.asked[1:]] == [["1"], ["2"], ["3"]]


async def test_pages_that_never_end_are_given_up(tmp_path: Path) -> None:
    async with rude(_pages([1000])) as place:
        with opened(at(place), kept(tmp_path)) as account:
            await account.sign_in()
            with pytest.raises(Retryable, match="do not end"):
                await account.calls(SessionId("7"), TelephonySessionId(""))
        assert len(place.asked) == 1 + MOST_PAGES


async def test_a_token_that_dies_between_pages_costs_one_renewal(tmp_path: Path) -> None:
    pages = _pages([1000, 1])
    refused = False

    async def once(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal refused
        if "page=2" in asked.line and not refused:
            refused = True
            writer.write(whole(b"{}", "401 Unauthorized"))
        else:
            await pages(asked, writer)

    async with rude(once) as place:
        with opened(at(place), kept(tmp_path)) as account:
            await account.sign_in()
            assert len(await account.calls(SessionId("7"), TelephonySessionId(""))) == 1001
        assert [asked.line.split()[0] for asked in place.asked] == ["POST", "GET", "GET", "POST", "GET"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"records": 1}', b"<html>"])
async def test_what_is_no_call_log_is_unreadable(tmp_path: Path, body: bytes) -> None:
    async with rude(after_login(always(whole(body)))) as place:
        with opened(at(place), kept(tmp_path)) as account:
            await account.sign_in()
            with pytest.raises(Retryable) as caught:
                await account.calls(SessionId("7"), TelephonySessionId(""))
        assert caught.value.code == "unreadable"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(limits=UNLIMITED, missing_scopes=frozenset({"ReadCallLog"})), "CMN-401.*ReadCallLog.*console"),
        (Options(limits=UNLIMITED, missing_permissions=frozenset({"FullCompanyCallLog"})), "CMN-408.*FullCompany"),
    ],
)
async def test_a_missing_permission_is_named(tmp_path: Path, options: Options, words: str) -> None:
    async with Simulator(options) as simulator:
        with opened(of(simulator), kept(tmp_path)) as account:
            await account.sign_in()
            with pytest.raises(Refused, match=words):
                await account.calls(SessionId("7"), TelephonySessionId(""))


@pytest.mark.parametrize(
    ("scope", "path"),
    [("account", "/account/~"), ("extension", "/account/~/extension/~")],
)
async def test_an_extension_reads_its_own_call_log(tmp_path: Path, scope: str, path: str) -> None:
    async with Simulator(AT_ONCE) as simulator:
        with opened(of(simulator), kept(tmp_path), Setting(reach=reach("~", scope, "~"))) as account:
            await account.sign_in()
            await account.calls(SessionId("7"), TelephonySessionId(""))
        assert (simulator.requests[-1].path, simulator.requests[-1].status) == (f"/restapi/v1.0{path}/call-log", 200)


EAST = timezone(timedelta(hours=5, minutes=30))
SINCE, UNTIL = datetime(2026, 1, 30, 12, 0, 0, 1000, UTC), datetime(2026, 1, 31, 17, 30, tzinfo=EAST)


@pytest.mark.parametrize(("direction", "end"), [("", ""), ("Inbound", "Inbound")])
async def test_a_page_of_a_period_is_asked_for_with_its_legs(tmp_path: Path, direction: str, end: str) -> None:
    async with Simulator(AT_ONCE) as simulator:
        with opened(of(simulator), kept(tmp_path), Setting(direction=direction)) as account:
            await account.sign_in()
            await account.page(SINCE, UNTIL, 3)
        asked = simulator.requests[-1]
    assert (asked.path, asked.status) == (PATH, 200)
    assert asked.query == {
        "dateFrom": "2026-01-30T12:00:00.001Z",
        "dateTo": "2026-01-31T12:00:00.000Z",
        "view": "Detailed",
        "perPage": "1000",
        "page": "3",
        **({"direction": end} if end else {}),
    }


async def test_a_page_says_whether_another_follows_and_is_one_request(tmp_path: Path) -> None:
    async with rude(_pages([1000, 345])) as place:
        with opened(at(place), kept(tmp_path)) as account:
            await account.sign_in()
            first = await account.page(SINCE, UNTIL, 1)
            assert len(place.asked) == 2
            last = await account.page(SINCE, UNTIL, 2)
    assert (first.more, len(first.records), last.more, len(last.records)) == (True, 1000, False, 345)
    assert len({*first.ids, *last.ids}) == 1345


async def test_a_call_is_found_in_its_period_with_all_its_recordings(tmp_path: Path) -> None:
    async with Simulator(AT_ONCE) as simulator:
        call = await simulator.play(simulator.script("many_recordings"))
        with opened(of(simulator), kept(tmp_path)) as account:
            await account.sign_in()
            now = datetime.now(UTC)
            page = await account.page(now - timedelta(days=1), now + timedelta(days=1), 1)
            nothing = await account.page(now - timedelta(days=3), now - timedelta(days=2), 1)
    assert {named.id for one in page.records for named in one.recordings} == {one.id for one in call.recordings}
    assert page.unread == 0
    assert nothing.records == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"records": 1}'])
async def test_what_is_no_page_is_unreadable(tmp_path: Path, body: bytes) -> None:
    async with rude(after_login(always(whole(body)))) as place:
        with opened(at(place), kept(tmp_path)) as account:
            await account.sign_in()
            with pytest.raises(Retryable) as caught:
                await account.page(SINCE, UNTIL, 1)
    assert caught.value.code == "unreadable"


async def test_a_page_that_is_asked_for_again_with_a_new_token_is_one_more_heavy_request(tmp_path: Path) -> None:
    setting = Setting()
    async with Simulator(AT_ONCE) as simulator:
        with opened(of(simulator), kept(tmp_path), setting) as account:
            await account.sign_in()
            simulator.expire_access_tokens()
            await account.page(SINCE, UNTIL, 1)
    assert setting.permitted == [AUTH, AUTH, HEAVY]


def test_ids_in_paths_are_quoted() -> None:
    assert reach("1/../2", "extension", "3?x") == "/account/1%2F..%2F2/extension/3%3Fx"
