"""The command as a person runs it, in a process of its own."""

import json
from pathlib import Path

import orjson
import pytest

from tests.cli.doctoring import clinic
from tests.stories.processes import run_to_end, started

CHECKS = [
    *("configuration", "client secret", "JWT", "REST host", "media host", "clock", "login", "gateway host", "gateway"),
    *("call log", "media", "media_url", "quota"),
    *("scope ReadAccounts", "scope WebSocketsSubscription", "scope CallControl"),
    *("scope ReadCallLog", "scope ReadCallRecording"),
    *("permission FullCompanyCallLog", "permission ReadCallLog", "permission ReadCallRecording", "account"),
    *("archive directory", "archive room", "archive writing"),
    *("state directory", "state room", "state writing", "running daemon"),
]


async def test_where_all_is_well_every_line_has_a_tick_and_the_status_is_zero(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config):
        simulator.recall(simulator.script("direct_inbound"), 3600)
        ended = await run_to_end("doctor", "--config", str(config))
        assert (await ended.ended(), ended.complaints) == (0, "")
    lines = ended.lines[:-1]
    assert [line[2:31].rstrip() for line in lines] == CHECKS
    assert [line for line in lines if line[0] not in "✓!"] == [
        "- running daemon                none on this state directory"
    ]
    assert all(line[:1].isprintable() and line[31] == " " and line[32] != " " for line in lines)
    assert ended.lines[-1].startswith("29 checks: ")
    assert simulator.violations == type(simulator.violations)()
    assert [request.group for request in simulator.requests].count("heavy") == 2
    assert simulator.connected == 0


async def test_its_login_is_kept_so_that_the_next_doctor_and_the_daemon_go_on_with_it(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config):
        for _ in range(2):
            assert await (await run_to_end("doctor", "--config", str(config))).ended() == 0
        async with started("run", "--config", str(config)) as daemon:
            await daemon.event("login.succeeded", way="kept")
            assert await daemon.stop() == 0
        assert (simulator.journal.logins, simulator.journal.refreshes) == (1, 0)
    assert (tmp_path / "state" / "oauth.json").stat().st_mode & 0o777 == 0o600


async def test_a_running_daemon_notices_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config), started("run", "--config", str(config)) as daemon:
        await daemon.event("gateway.subscribed")
        ended = await run_to_end("doctor", "--json", "--config", str(config))
        assert await ended.ended() == 0
        told = {finding["check"]: finding for finding in json.loads(ended.lines[0])}
        assert told["login"]["detail"].startswith("the running daemon's session")
        assert told["running daemon"]["detail"].startswith(f"process {daemon.pid}, ")
        assert (simulator.journal.logins, simulator.journal.refreshes) == (1, 0)
        assert (simulator.connected, simulator.journal.recoveries) == (1, {})
        assert await daemon.stop() == 0
        assert not daemon.named("gateway.lost")


async def test_nothing_secret_is_printed(tmp_path: Path) -> None:
    async with clinic(tmp_path, missing_scopes=frozenset({"ReadCallLog"})) as (simulator, config):
        first = await run_to_end("doctor", "--config", str(config))
        second = await run_to_end("doctor", "--json", "--config", str(config))
    said = "\n".join((*first.lines, first.complaints, *second.lines, second.complaints))
    tokens = orjson.loads((tmp_path / "state" / "oauth.json").read_bytes())["tokens"]
    options = simulator.options
    for secret in (options.client_secret, options.jwt, tokens["access_token"], tokens["refresh_token"], "WS-"):
        assert secret not in said


async def test_json_says_of_each_check_whether_it_is_ok_and_what_to_do(tmp_path: Path) -> None:
    async with clinic(tmp_path, missing_scopes=frozenset({"ReadCallLog"})) as (_, config):
        ended = await run_to_end("doctor", "--json", "--config", str(config))
    told = json.loads("\n".join(ended.lines))
    assert [finding["check"] for finding in told] == CHECKS
    assert all(finding.keys() == {"check", "ok", "detail", "remedy"} for finding in told)
    by_name = {finding["check"]: finding for finding in told}
    assert (by_name["clock"]["ok"], by_name["scope ReadCallLog"]["ok"], by_name["call log"]["ok"]) == (
        True,
        False,
        None,
    )
    assert all(finding["remedy"] for finding in told if finding["ok"] is False)


async def test_a_terminal_without_ticks_gets_words(tmp_path: Path) -> None:
    place = tmp_path / "größer"
    place.mkdir()
    async with clinic(place, missing_scopes=frozenset({"ReadCallLog"})) as (_, config):
        ended = await run_to_end("doctor", "--config", str(config), environ={"PYTHONIOENCODING": "ascii"})
    assert await ended.ended() == 77
    assert ended.complaints == ""
    words = {line.split()[0] for line in ended.lines[:-1]}
    assert words - {"warning"} == {"ok", "FAILED", "-"}
    assert "gr\\xf6\\xdfer" in ended.lines[0]


@pytest.mark.parametrize("words", [[], ["--json"]])
async def test_a_wrong_configuration_is_78_before_anything_is_asked(tmp_path: Path, words: list[str]) -> None:
    async with clinic(tmp_path, {"calls": {"settle_second": 5}}) as (simulator, config):
        (tmp_path / "jwt").chmod(0o644)
        ended = await run_to_end("doctor", *words, "--config", str(config))
        assert await ended.ended() == 78
        assert simulator.requests == []
    said = ended.complaints + "".join(ended.lines)
    assert "settle_second: unknown key" in said
    assert "others can read or change" in said
    if words:
        assert [finding["ok"] for finding in json.loads(ended.lines[0])] == [False, False]


async def test_a_silent_ringcentral_is_69(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (_, config):
        pass
    ended = await run_to_end("doctor", "--config", str(config))
    assert await ended.ended() == 69
    assert any(line.startswith("✗ REST host") and "firewall" in line for line in ended.lines)
    assert any(line.startswith("✓ state writing") for line in ended.lines)
