"""What RingCentral may refuse, one thing at a time: the line names it and says where it is granted."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from daemon.cli.doctor.finding import Mark
from daemon.simulator import LIMITS, PERMISSIONS, SCOPES
from tests.cli.doctoring import clinic, examined

NEEDED = [name for name in PERMISSIONS if name != "ReadExtensions"]


@pytest.mark.parametrize("refused_ticket", [False, True])
@pytest.mark.parametrize("scope", SCOPES)
async def test_a_missing_scope_is_named_with_the_developer_console(
    tmp_path: Path, scope: str, *, refused_ticket: bool
) -> None:
    options: dict[str, Any] = {"missing_scopes": frozenset({scope}), "wstoken_needs_scope": refused_ticket}
    async with clinic(tmp_path, **options) as (simulator, config):
        report = await examined(config)
    assert report.bad() == [f"scope {scope}"]
    assert report.status == 77
    assert "developer console" in report[f"scope {scope}"].remedy
    assert {f"scope {name}" for name in SCOPES if report[f"scope {name}"].mark is Mark.GOOD} == {
        f"scope {name}" for name in SCOPES if name != scope
    }
    assert simulator.violations.penalty == 0


@pytest.mark.parametrize("scope", SCOPES)
async def test_an_answer_counts_more_than_what_the_token_came_with(tmp_path: Path, scope: str) -> None:
    async with clinic(tmp_path) as (simulator, config):
        assert (await examined(config)).status == 0
        simulator.change(missing_scopes=frozenset({scope}))
        report = await examined(config)
    assert (report.bad(), report.status) == ([f"scope {scope}"], 77)


async def test_a_permission_that_is_missing_proves_that_the_app_has_its_scope(tmp_path: Path) -> None:
    async with clinic(tmp_path, missing_permissions=frozenset(PERMISSIONS)) as (_, config):
        await examined(config)
        session = tmp_path / "state" / "oauth.json"
        session.write_text(session.read_text().replace(" ".join(SCOPES), ""))
        report = await examined(config)
    assert [report[f"scope {name}"].mark for name in SCOPES] == [Mark.GOOD] * len(SCOPES)


@pytest.mark.parametrize("permission", NEEDED)
async def test_a_missing_permission_is_named_with_the_admin_portal(tmp_path: Path, permission: str) -> None:
    async with clinic(tmp_path, missing_permissions=frozenset({permission})) as (_, config):
        report = await examined(config)
    assert report.bad() == [f"permission {permission}"]
    assert report.status == 77
    assert "Admin Portal" in report[f"permission {permission}"].remedy
    assert all(report[f"scope {name}"].mark is Mark.GOOD for name in SCOPES)


async def test_everything_missing_at_once_is_named_one_by_one(tmp_path: Path) -> None:
    everything: dict[str, Any] = {"missing_scopes": frozenset(SCOPES), "missing_permissions": frozenset(PERMISSIONS)}
    async with clinic(tmp_path, **everything) as (_, config):
        report = await examined(config)
    assert report.bad() == [f"scope {name}" for name in report_order(SCOPES)] + [f"permission {n}" for n in NEEDED]
    assert report.status == 77


def report_order(scopes: tuple[str, ...]) -> list[str]:
    first = ("ReadAccounts", "WebSocketsSubscription", "CallControl")
    return [*first, *(scope for scope in scopes if scope not in first)]


@pytest.mark.parametrize(
    ("code", "name", "check"),
    [
        ("CMN-401", "EditExtensions", "scope EditExtensions"),
        ("CMN-408", "ReadExtensions", "permission ReadExtensions"),
        ("CMN-401", "", "scope ?"),
    ],
)
async def test_no_refusal_goes_without_a_line(tmp_path: Path, code: str, name: str, check: str) -> None:
    async def refuse(request: web.Request) -> web.Response | None:
        error = {"errorCode": code, "permissionName": name}
        return web.json_response(error, status=403) if request.path.endswith("/call-log") else None

    async with clinic(tmp_path) as (simulator, config):
        simulator.intercept(refuse)
        report = await examined(config)
    assert (report.bad(), report.status) == ([check], 77)


async def test_an_extension_alone_needs_no_permission_for_the_company(tmp_path: Path) -> None:
    missing = frozenset({"FullCompanyCallLog"})
    async with clinic(tmp_path, {"subscription": {"scope": "extension"}}, missing_permissions=missing) as (_, config):
        report = await examined(config)
    assert report.bad() == []
    assert "permission FullCompanyCallLog" not in report.marks()
    assert report["extension"].mark is Mark.GOOD


@pytest.mark.parametrize(
    ("options", "table", "remedy"),
    [
        ({"refuse_login": True}, {}, "JWT"),
        ({}, {"client_id": "another-app"}, "client_id"),
    ],
)
async def test_a_refused_login_is_77_and_says_which_credential(
    tmp_path: Path, options: dict[str, Any], table: dict[str, str], remedy: str
) -> None:
    async with clinic(tmp_path, **options) as (simulator, config):
        for key, value in table.items():
            text = config.read_text()
            config.write_text(text.replace(f'{key} = "simulated-app"', f'{key} = "{value}"'))
        report = await examined(config)
        asked = [request.path for request in simulator.requests]
    assert (report.bad(), report.status) == (["login"], 77)
    assert remedy in report["login"].remedy
    assert asked.count("/restapi/oauth/token") == 1
    assert report["scopes, permissions"].mark is Mark.UNKNOWN
    assert report["state writing"].mark is Mark.GOOD


async def test_a_session_that_was_ended_elsewhere_is_replaced_by_one_login(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config):
        assert (await examined(config)).status == 0
        simulator.evict_logins()
        report = await examined(config)
        assert (report.status, simulator.journal.logins, len(simulator.logins)) == (0, 2, 1)
        assert "new one is kept" in report["login"].detail
        assert (await examined(config))["login"].detail == "the kept session"


async def test_a_media_host_that_is_down_is_69_and_the_rest_is_checked(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config):
        silent = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        silent.close()
        await silent.wait_closed()
        config.write_text(config.read_text().replace(simulator.media_url, f"http://127.0.0.1:{port}"))
        report = await examined(config)
    assert (report.bad(), report.status) == (["media host"], 69)
    assert "ringcentral.media_url" in report["media host"].remedy
    assert report["media"].mark is Mark.UNKNOWN
    # The token's own word stands in for the answer that could not be had.
    assert report["scope ReadCallRecording"].mark is Mark.GOOD


async def test_a_media_host_other_than_the_call_logs_is_told_which_it_should_be(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config):
        simulator.recall(simulator.script("direct_inbound"), 3600)
        config.write_text(
            config.read_text().replace(simulator.media_url, simulator.media_url.replace("127.0.0.1", "localhost"))
        )
        report = await examined(config)
    assert report.bad() == ["media_url"]
    assert report["media_url"].remedy.endswith(f'set ringcentral.media_url = "{simulator.media_url}"')


async def test_a_group_that_asks_for_silence_gets_it(tmp_path: Path) -> None:
    async with clinic(tmp_path, limits={**LIMITS, "heavy": 0}) as (simulator, config):
        report = await examined(config)
    assert [request.group for request in simulator.requests].count("heavy") == 1
    assert simulator.violations.penalty == 0
    assert (report.bad(), report.status) == (["quota"], 1)
    assert "60 s" in report["quota"].remedy
    assert report["media"].mark is Mark.UNKNOWN


@pytest.mark.parametrize("path", ["/call-log", "/content"])
async def test_silence_that_is_asked_for_without_a_word_of_the_quota(tmp_path: Path, path: str) -> None:
    async def slower(request: web.Request) -> web.Response | None:
        body = {"errorCode": "CMN-301"}
        return web.json_response(body, status=429) if request.path.endswith(path) else None

    async with clinic(tmp_path) as (simulator, config):
        simulator.intercept(slower)
        report = await examined(config)
    last = [request for request in simulator.requests if request.group == "heavy"][-1]
    assert last.path.endswith(path)
    assert (report.bad(), report.status) == (["quota"], 1)


async def test_the_last_request_of_a_window_is_not_followed_by_another(tmp_path: Path) -> None:
    async with clinic(tmp_path, limits={**LIMITS, "heavy": 1}) as (simulator, config):
        report = await examined(config)
    assert [request.group for request in simulator.requests].count("heavy") == 1
    assert report.status == 0
    assert report["media"].mark is Mark.UNKNOWN
    assert "Heavy requests: 1 in 60 s, 0 left" in report["quota"].detail


async def test_an_account_of_others_is_not_found(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (_, config):
        config.write_text(config.read_text().replace("[archive]", 'account_id = "1"\n[archive]'))
        report = await examined(config)
    assert "account" in report.bad()
    assert "ringcentral.account_id" in report["account"].remedy


@pytest.mark.parametrize(("check", "tail"), [("account", "/account/~"), ("extension", "/extension/~")])
async def test_whoever_is_not_active_is_named(tmp_path: Path, check: str, tail: str) -> None:
    async def frozen(request: web.Request) -> web.Response | None:
        return web.json_response({"id": 7, "status": "Frozen"}) if request.path.endswith(tail) else None

    async with clinic(tmp_path, {"subscription": {"scope": "extension"}}) as (simulator, config):
        simulator.intercept(frozen)
        report = await examined(config)
    assert (report.bad(), report.status) == ([check], 1)
    assert report[check].detail.startswith("7 is Frozen")


@pytest.mark.parametrize(
    ("path", "check"), [("/call-log", "call log"), ("/content", "media"), ("/wstoken", "gateway host")]
)
async def test_trouble_at_ringcentral_is_no_missing_permission(tmp_path: Path, path: str, check: str) -> None:
    async def trouble(request: web.Request) -> web.Response | None:
        return web.Response(status=503) if request.path.endswith(path) else None

    async with clinic(tmp_path) as (simulator, config):
        simulator.intercept(trouble)
        report = await examined(config)
    assert (report.bad(), report.status) == ([check], 1)
    assert all(report[f"scope {name}"].mark is Mark.GOOD for name in SCOPES)


async def test_login_throttled_is_told_with_the_wait(tmp_path: Path) -> None:
    async with clinic(tmp_path, limits={**LIMITS, "auth": 0}) as (simulator, config):
        report = await examined(config)
    assert (report.bad(), report.status) == (["login"], 1)
    assert "wait 60 s" in report["login"].remedy
    assert simulator.violations.penalty == 0
