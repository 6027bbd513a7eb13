"""backfill, as an operator types it, where no daemon runs: the command does the work itself."""

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from daemon.core.coverage import OVERLAP
from daemon.simulator import LIMITS, UNLIMITED, Options, Simulator
from tests.simulator.patience import until
from tests.stories.processes import Process, run_to_end, settings, started

DAY = 86_400.0
SMALL = 20_000
"""Bytes of a recording: what these stories are about is how many there are."""


def options(**changed: Any) -> Options:  # noqa: ANN401  any of the options' own
    return Options(**{"speed": 200, "limits": UNLIMITED, "log_lag_seconds": 0, "audio_bytes": SMALL, **changed})


def recall(simulator: Simulator, number: int, days: float = 20) -> None:
    """Let calls have happened, spread over the last days."""
    for one in range(number):
        simulator.recall(simulator.script("direct_inbound"), 3600 + one * (days * DAY - 7200) / number)


def configured(directory: Path, simulator: Simulator, **downloads: object) -> str:
    return str(settings(directory, simulator.config_toml(directory), downloads=downloads))


async def asked(config: str, *words: str) -> tuple[int, Any]:
    """Run it; give its exit status and what it told a script."""
    process = await run_to_end("backfill", "--config", config, "--json", *words)
    return await process.ended(), told(process)


def told(process: Process) -> Any:  # noqa: ANN401  whatever the JSON is
    assert len(process.lines) == 1, process.complaints
    return json.loads(process.lines[0])


def rows(directory: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{directory / 'state' / 'ledger.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(question).fetchall()


def sidecars(directory: Path) -> Iterable[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (directory / "recordings").rglob("*.json")]


def assert_all_kept(directory: Path, simulator: Simulator) -> None:
    """See that every recording is archived, once and with the right bytes, and nobody was listened to."""
    described = {one["recording_id"]: one for one in sidecars(directory)}
    assert described.keys() == simulator.expected.keys()
    files = [path for path in (directory / "recordings").rglob("*") if path.suffix in {".mp3", ".wav"}]
    assert sorted(path.read_bytes() for path in files) == sorted(one.content for one in simulator.expected.values())
    assert {one["source"] for one in described.values()} == {"backfill"}
    assert set(rows(directory, "SELECT state, source FROM recordings")) == {("archived", "backfill")}
    assert simulator.journal.connections == 0
    assert simulator.violations.penalty == 0


async def test_every_recording_of_the_period_is_archived_and_none_a_second_time(tmp_path: Path) -> None:
    async with Simulator(options()) as simulator:
        recall(simulator, 300)
        before = simulator.recall(simulator.script("direct_inbound"), 40 * DAY)
        config = configured(tmp_path, simulator)
        status, answer = await asked(config, "--from", "21d")
        found = len(simulator.expected) - len(before.expected)
        assert (status, answer["found"], answer["archived"], answer["open"]) == (0, found, found, 0)
        assert (answer["done"], answer["daemon"], answer["left"]) == (True, None, [])
        status, answer = await asked(config, "--from", "41d")
        assert (status, answer["found"], answer["archived"]) == (0, len(before.expected), len(before.expected))
        assert answer["recordings"] == len(simulator.expected)
        assert_all_kept(tmp_path, simulator)
        assert set(simulator.journal.downloads.values()) == {1}
        assert simulator.journal.logins == 1


async def test_a_dry_run_counts_and_fetches_nothing_not_even_what_was_due_before(tmp_path: Path) -> None:
    async with Simulator(options()) as simulator:
        recall(simulator, 30)
        config = configured(tmp_path, simulator, retry_initial_seconds=900)
        closed = _Doors(simulator)
        assert (await asked(config, "--from", "5d"))[0] == 1
        closed.open()
        known = rows(tmp_path, "SELECT recording_id FROM recordings")
        assert known
        simulator.requests.clear()
        # All that waits is due: whoever fetches anything now would fetch this.
        assert await (await run_to_end("retry", "--all-due", "--config", config)).ended() == 0
        status, answer = await asked(config, "--from", "21d", "--dry-run")
        assert (status, answer["dry_run"], answer["calls"]) == (0, True, 30)
        assert (answer["recordings"], answer["found"]) == (30, 30 - len(known))
        assert rows(tmp_path, "SELECT recording_id FROM recordings") == known
        assert {request.listener for request in simulator.requests} == {"rest"}
        assert sidecars(tmp_path) == []


async def test_all_pages_are_read(tmp_path: Path) -> None:
    async with Simulator(options()) as simulator:
        recall(simulator, 60)
        simulator.turn_on("call-log.many")
        assert (await asked(configured(tmp_path, simulator), "--from", "21d"))[0] == 0
        assert {"1", "2", "3"} <= {request.query.get("page") for request in simulator.requests}
        assert_all_kept(tmp_path, simulator)


async def test_the_quota_is_kept_to(tmp_path: Path) -> None:
    async with Simulator(options(limits={**LIMITS, "heavy": 30}, window_seconds=1)) as simulator:
        recall(simulator, 120)
        assert (await asked(configured(tmp_path, simulator), "--from", "21d"))[0] == 0
        assert 429 not in simulator.journal.totals.by_status
        assert_all_kept(tmp_path, simulator)


async def test_killed_while_it_fetches_it_goes_on_where_it_was(tmp_path: Path) -> None:
    async with Simulator(options(limits={**LIMITS, "heavy": 30}, window_seconds=1)) as simulator:
        recall(simulator, 120)
        config = configured(tmp_path, simulator)
        async with started("backfill", "--config", config, "--from", "21d") as process:
            await until(lambda: simulator.journal.downloads.total() >= 20 and _is_read(tmp_path))
            process.send(signal.SIGKILL)
            assert await process.ended() == -signal.SIGKILL
        pages = _pages(simulator)
        status, answer = await asked(config, "--from", "21d", "--to", "1h")
        assert (status, answer["found"], answer["archived"]) == (0, 120, 120)
        # The call log had been read, and is not read again.
        assert _pages(simulator) == pages
        assert simulator.journal.downloads.total() <= 120 + 8
        assert_all_kept(tmp_path, simulator)


async def test_killed_while_it_reads_it_goes_on_with_the_same_period(tmp_path: Path) -> None:
    async with Simulator(options()) as simulator:
        recall(simulator, 60)
        config = configured(tmp_path, simulator)
        page = _Doors(simulator, "/call-log", after=2, waits=True)
        async with started("backfill", "--config", config, "--from", "2026-01-01") as process:
            await until(page.knocked.is_set)
            process.send(signal.SIGKILL)
            await process.ended()
        page.open()
        (before,) = rows(tmp_path, "SELECT number, covered_to > since FROM periods")
        assert before == (1, 1)
        assert (await asked(config, "--from", "2026-01-01"))[0] == 0
        first, last = rows(tmp_path, "SELECT number, closed_at IS NOT NULL, since, until FROM periods")
        assert first[:2] == (1, 1)
        # What has passed meanwhile, and nothing else, is a period of its own.
        assert datetime.fromisoformat(last[2]) == datetime.fromisoformat(first[3]) - OVERLAP
        assert_all_kept(tmp_path, simulator)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_interrupted_it_says_how_to_go_on(tmp_path: Path, number: signal.Signals) -> None:
    async with Simulator(options()) as simulator:
        recall(simulator, 30)
        config = configured(tmp_path, simulator)
        page = _Doors(simulator, "/call-log", after=1, waits=True)
        async with started("backfill", "--config", config, "--from", "21d") as process:
            await until(page.knocked.is_set)
            process.send(number)
            assert await process.ended() == 130
        assert "NOT READ TO ITS END" in "\n".join(process.lines)
        assert "the same command" in process.complaints
        page.open()
        assert (await asked(config, "--from", "21d"))[0] == 0
        assert_all_kept(tmp_path, simulator)


async def test_what_cannot_be_had_is_named_after_it_has_been_tried(tmp_path: Path) -> None:
    async with Simulator(options()) as simulator:
        recall(simulator, 25)
        config = configured(tmp_path, simulator, retry_initial_seconds=0.1)
        _Doors(simulator)
        process = await run_to_end("backfill", "--config", config, "--from", "21d")
        assert await process.ended() == 1
        assert "still open    25" in process.lines
        names = list(simulator.expected)
        assert sum(any(line.startswith(name) for name in names) for line in process.complaints.splitlines()) == 20
        assert "and 5 more" in process.complaints
        assert "start the daemon" in process.complaints
        assert min(simulator.journal.totals.asked[name] for name in names) >= 3


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"refuse_login": True}, "OAU-"),
        ({"missing_permissions": frozenset({"FullCompanyCallLog", "ReadCallLog"})}, "FullCompanyCallLog"),
        ({"missing_scopes": frozenset({"ReadCallLog"})}, "ReadCallLog"),
    ],
)
async def test_what_ringcentral_refuses_ends_it_with_77(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    async with Simulator(options(**changed)) as simulator:
        recall(simulator, 1)
        process = await run_to_end("backfill", "--config", configured(tmp_path, simulator), "--from", "21d")
        assert await process.ended() == 77
        assert said in process.complaints
        assert "Traceback" not in process.complaints
        assert "the same command" in process.complaints
        assert len(process.lines) == 1


async def test_what_is_wrong_with_the_configuration_ends_it_with_78(tmp_path: Path) -> None:
    async with Simulator(options()) as simulator:
        config = configured(tmp_path, simulator)
        await asyncio.to_thread((tmp_path / "jwt").unlink)
        process = await run_to_end("backfill", "--config", config, "--from", "21d")
    assert await process.ended() == 78
    assert "jwt" in process.complaints
    assert "the same command" not in process.complaints


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
@pytest.mark.parametrize("name", ["state", "recordings"])
async def test_it_does_not_write_what_the_daemons_user_could_not_use(tmp_path: Path, name: str) -> None:
    async with Simulator(options()) as simulator:
        config = configured(tmp_path, simulator)
        await asyncio.to_thread((tmp_path / name).mkdir)
        os.chown(tmp_path / name, 12345, 12345)
        process = await run_to_end("backfill", "--config", config, "--from", "21d")
        assert await process.ended() == 78
        assert "belongs to user 12345: run this as that user" in process.complaints
        assert simulator.requests == []


@pytest.mark.parametrize("words", [(), ("--from", "1h", "--to", "2h"), ("--from", "2999-01-01"), ("--from", "soon")])
async def test_a_period_that_is_none_is_wrong_use(tmp_path: Path, words: tuple[str, ...]) -> None:
    process = await run_to_end("backfill", "--config", str(tmp_path / "config.toml"), *words)
    assert await process.ended() == 2
    assert "usage: recordingd backfill" in process.complaints


async def test_a_period_may_reach_into_the_future_and_beyond_what_is_kept(tmp_path: Path) -> None:
    async with Simulator(options()) as simulator:
        recall(simulator, 3)
        config = configured(tmp_path, simulator)
        process = await run_to_end("backfill", "--config", config, "--json", "--from", "100d", "--to", "2999-01-01")
        assert await process.ended() == 0
        assert told(process)["to"] < "2999"
        assert "keeps recordings for 90 days" in process.complaints


class _Doors:
    """Keeps requests of a kind out until they are opened: answers 404, or does not answer at all."""

    def __init__(self, simulator: Simulator, path: str = "/content", *, after: int = 0, waits: bool = False) -> None:
        self.knocked = asyncio.Event()
        self._path, self._left, self._waits = path, after, waits
        self._opened = asyncio.Event()
        simulator.intercept(self._answer)

    def open(self) -> None:
        self._opened.set()

    async def _answer(self, request: web.Request) -> web.Response | None:
        if self._opened.is_set() or not request.path.endswith(self._path):
            return None
        self._left -= 1
        if self._left >= 0:
            return None
        self.knocked.set()
        if self._waits:
            await self._opened.wait()
        return web.json_response({"errorCode": "CMN-102"}, status=404)


def _is_read(directory: Path) -> bool:
    return not rows(directory, "SELECT 1 FROM periods WHERE closed_at IS NULL")


def _pages(simulator: Simulator) -> int:
    return sum("dateFrom" in request.query for request in simulator.requests)
