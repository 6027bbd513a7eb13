"""Small files in the state directory that outlive the process."""

import asyncio
import os
import stat
from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from daemon.adapters import kept
from daemon.adapters.keeping import KeptFile
from tests.adapters.looking import names


async def test_what_was_saved_last_is_read(tmp_path: Path) -> None:
    file = KeptFile(tmp_path / "quota.json")
    for value in ({"heavy": 1}, None, [1, "two", 3.5]):
        await file.save(value)
        assert kept.read(tmp_path / "quota.json") == value
    assert names(tmp_path) == ["quota.json"]


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe", b"not JSON"])
def test_what_is_not_there_or_no_json_is_nothing(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "wsc.json").write_bytes(content)
    assert kept.read(tmp_path / "wsc.json") is None


def test_a_directory_in_its_place_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "wsc.json").mkdir()
    assert kept.read(tmp_path / "wsc.json") is None


@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
async def test_only_the_owner_reads_it_whatever_the_umask_and_whatever_was_there(tmp_path: Path, umask: int) -> None:
    for name in ("wsc.json", "wsc.new"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o666)
    before = os.umask(umask)
    try:
        await KeptFile(tmp_path / "wsc.json").save("token")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "wsc.json").stat().st_mode) == 0o600


async def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "somebody-elses"
    target.write_text("untouched")
    (tmp_path / "wsc.new").symlink_to(target)
    with capture_logs() as log:
        await KeptFile(tmp_path / "wsc.json").save("token")
    assert target.read_text() == "untouched"
    assert [entry["event"] for entry in log] == ["state.unsaved"]


async def test_no_room_is_said_and_what_was_kept_stays(tmp_path: Path) -> None:
    file = KeptFile(tmp_path / "wsc.json")
    await file.save("old")
    (tmp_path / "wsc.new").mkdir()
    with capture_logs() as log:
        await file.save("new")
    assert kept.read(tmp_path / "wsc.json") == "old"
    assert [(entry["event"], entry["file"], entry["log_level"]) for entry in log] == [
        ("state.unsaved", "wsc.json", "warning")
    ]


async def test_many_at_once_leave_the_newest_whole(tmp_path: Path) -> None:
    file = KeptFile(tmp_path / "quota.json")
    values = [{"number": number, "padding": "x" * 10_000 * (number % 7)} for number in range(100)]
    with capture_logs() as log:
        await asyncio.gather(*(file.save(value) for value in values))
    assert log == []
    assert kept.read(tmp_path / "quota.json") == values[-1]


async def test_whoever_is_cancelled_while_it_is_written_spoils_nothing_for_the_next(tmp_path: Path) -> None:
    file = KeptFile(tmp_path / "quota.json")
    with capture_logs() as log:
        for number in range(200):
            first = asyncio.create_task(file.save({"number": number, "padding": "x" * 200_000}))
            await asyncio.sleep(0)
            first.cancel()
            await file.save({"number": number, "padding": ""})
            assert kept.read(tmp_path / "quota.json") == {"number": number, "padding": ""}
    assert log == []


def test_it_is_written_as_json_that_people_can_read(tmp_path: Path) -> None:
    kept.replace(tmp_path / "quota.json", {"heavy": {"limit": 10}}, durable=True)
    assert orjson.loads((tmp_path / "quota.json").read_bytes()) == {"heavy": {"limit": 10}}
