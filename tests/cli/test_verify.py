"""verify: what is archived against what was."""

import json
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.adapters.ledger import inventory
from daemon.cli import main
from tests.cli.archives import DAY, content, keep, path
from tests.cli.ledgers import written

Verify = Callable[..., tuple[int, Any]]
KINDS = ("missing", "changed", "unexplained", "sidecars")


@pytest.fixture
async def recordings(tmp_path: Path) -> Path:
    """Three recordings archived; give the archive's directory."""
    written(tmp_path)
    await keep(tmp_path, "1", "2", "3")
    return tmp_path / "recordings"


@pytest.fixture
def verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    def verified(*words: str) -> tuple[int, Any]:
        status = main(["verify", "--json", *words, "--config", str(tmp_path / "config.toml")])
        return status, json.loads(capsys.readouterr().out)

    return verified


def _found(told: dict[str, Any], archive: Path) -> list[tuple[str, str | None, str]]:
    """List what was found: kind, id, path below the archive."""
    return [(k, one["recording_id"], os.path.relpath(one["path"], archive)) for k in KINDS for one in told[k]]


def test_an_archive_as_it_should_be_is_well(recordings: Path, verify: Verify) -> None:
    size = sum(len(content(name)) for name in "123")
    assert recordings.is_dir()
    assert verify() == (0, {"checked": 3, "bytes": size, **{kind: [] for kind in KINDS}})


@pytest.mark.parametrize("quick", [(), ("--quick",)])
def test_a_missing_file_is_named_with_its_recording(recordings: Path, verify: Verify, quick: tuple[str, ...]) -> None:
    (recordings / path("2")).unlink()
    status, told = verify(*quick)
    assert (status, _found(told, recordings)) == (1, [("missing", "2", path("2"))])


def test_a_flipped_bit_is_found_by_the_hash_alone(recordings: Path, verify: Verify) -> None:
    file = recordings / path("2")
    altered = bytearray(file.read_bytes())
    altered[-1] ^= 1
    file.write_bytes(altered)
    status, told = verify()
    assert (status, _found(told, recordings)) == (1, [("changed", "2", path("2"))])
    assert "sha256" in told["changed"][0]["reason"]
    assert verify("--quick")[0] == 0


@pytest.mark.parametrize("quick", [(), ("--quick",)])
def test_another_size_is_found_without_reading(recordings: Path, verify: Verify, quick: tuple[str, ...]) -> None:
    os.truncate(recordings / path("3"), 17)
    status, told = verify(*quick)
    assert (status, _found(told, recordings)) == (1, [("changed", "3", path("3"))])
    assert "17 bytes" in told["changed"][0]["reason"]


def _link(file: Path) -> None:
    """Let the same content stand elsewhere."""
    away = file.parents[4] / "away"
    file.rename(away)
    file.symlink_to(away)


def _fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


def _directory(file: Path) -> None:
    file.unlink()
    file.mkdir(0o700)


@pytest.mark.parametrize(
    ("plant", "said"),
    [(_link, "symbolic link"), (_fifo, "FIFO"), (_directory, "directory")],
    ids=["link", "fifo", "directory"],
)
@pytest.mark.parametrize("ending", [".mp3", ".json"])
def test_what_is_no_file_is_neither_followed_nor_waited_for(
    recordings: Path, verify: Verify, plant: Callable[[Path], None], said: str, ending: str
) -> None:
    plant((recordings / path("1")).with_suffix(ending))
    status, told = verify()
    kind = "changed" if ending == ".mp3" else "sidecars"
    assert status == 1
    assert [one["recording_id"] for one in told[kind]] == ["1"]
    assert said in told[kind][0]["reason"]


def test_a_link_in_place_of_a_directory_is_not_followed(recordings: Path, verify: Verify) -> None:
    (recordings / "2026/01").rename(recordings.parent / "elsewhere")
    (recordings / "2026/01").symlink_to(recordings.parent / "elsewhere")
    status, told = verify()
    assert status == 1
    assert [one["recording_id"] for one in told["changed"]] == ["1", "2", "3"]
    assert [os.path.relpath(one["path"], recordings) for one in told["unexplained"]] == ["2026/01"]


def test_a_name_in_the_ledger_that_leads_out_is_not_followed(recordings: Path, verify: Verify) -> None:
    (recordings.parent / "out.mp3").write_bytes(content("2"))
    _alter(recordings.parent, "UPDATE recordings SET path = '../out.mp3' WHERE recording_id = '2'")
    _, told = verify()
    assert [(one["recording_id"], one["reason"]) for one in told["changed"]] == [
        ("2", "the name leads out of the archive")
    ]


def test_a_row_without_a_file_name_is_missing(recordings: Path, verify: Verify) -> None:
    _alter(recordings.parent, "UPDATE recordings SET path = NULL, bytes = NULL WHERE recording_id = '2'")
    _, told = verify()
    assert [one["recording_id"] for one in told["missing"]] == ["2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such file"),
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"recording_id": "1", "sha256": "00"}', "recording_id and sha256"),
    ],
)
def test_a_sidecar_that_does_not_stand_for_its_recording_is_named(
    recordings: Path, verify: Verify, text: str | None, said: str
) -> None:
    file = (recordings / path("2")).with_suffix(".json")
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    status, told = verify()
    assert (status, _found(told, recordings)) == (1, [("sidecars", "2", f"{DAY}/2.json")])
    assert said in told["sidecars"][0]["reason"]
    assert verify("--quick")[0] == (1 if text is None else 0)


def test_a_sidecar_of_another_recording_is_named(recordings: Path, verify: Verify) -> None:
    one, other = ((recordings / path(name)).with_suffix(".json") for name in "12")
    one.write_bytes(other.read_bytes())
    _, told = verify()
    assert [one["recording_id"] for one in told["sidecars"]] == ["1"]


def test_a_sidecar_too_large_to_be_one_is_not_read(recordings: Path, verify: Verify) -> None:
    os.truncate((recordings / path("2")).with_suffix(".json"), 1 << 40)
    _, told = verify()
    assert "more than a sidecar" in told["sidecars"][0]["reason"]


@pytest.mark.parametrize(
    ("name", "kind", "found"), [(path("1"), "changed", "1"), (f"{DAY}/1.json", "sidecars", "1"), (DAY, "changed", None)]
)
def test_what_everybody_may_enter_is_named(
    recordings: Path, verify: Verify, name: str, kind: str, found: str | None
) -> None:
    place = recordings / name
    place.chmod(stat.S_IMODE(place.stat().st_mode) | 0o004)
    status, told = verify()
    assert (status, _found(told, recordings)) == (1, [(kind, found, name)])
    assert "lets everybody in" in told[kind][0]["reason"]


async def test_since_looks_at_what_was_archived_from_then_on(recordings: Path, verify: Verify) -> None:
    await keep(recordings.parent, "4", at=datetime(2026, 2, 1, tzinfo=UTC))
    (recordings / path("1")).unlink()
    status, told = verify("--since", "2026-02-01")
    assert (status, told["checked"], told["bytes"]) == (0, 1, len(content("4")))
    assert verify("--since", "2026-01-31")[0] == 1


async def test_a_recording_archived_with_the_clock_ahead_is_looked_at(recordings: Path, verify: Verify) -> None:
    await keep(recordings.parent, "4", at=datetime.now(UTC) + timedelta(days=900))
    (recordings / path("4")).unlink()
    status, told = verify()
    assert (status, told["checked"]) == (1, 4)


async def test_more_recordings_than_a_page_are_all_looked_at(recordings: Path, verify: Verify) -> None:
    copies = inventory.PAGE + 7
    columns = "session_id, facts, seen_at, bytes, sha256, archived_at, described"
    _alter(
        recordings.parent,
        f"WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < {9 + copies}) "  # noqa: S608  ours
        f"INSERT INTO recordings (recording_id, state, source, telephony_session_id, path, {columns}) "
        f"SELECT i, 'archived', source, 's-' || i, i || '.mp3', {columns} FROM recordings, n WHERE recording_id = '1'",
    )
    status, told = verify("--quick")
    assert (status, told["checked"]) == (1, 3 + copies)
    assert len({one["recording_id"] for one in told["missing"]}) == len(told["missing"]) == copies


async def test_a_sidecar_that_is_about_to_be_written_is_not_missed(recordings: Path, verify: Verify) -> None:
    await keep(recordings.parent, "4", at=datetime.now(UTC), described=False)
    await keep(recordings.parent, "5", at=datetime.now(UTC) - timedelta(hours=1), described=False)
    status, told = verify()
    assert (status, _found(told, recordings)) == (1, [("sidecars", "5", f"{DAY}/5.json")])


def test_a_person_reads_a_line_a_finding_and_a_sum(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["verify", "--config", str(tmp_path / "config.toml")]
    assert main(words) == 0
    assert capsys.readouterr().out.endswith(": all is well\n")
    (recordings / path("2")).unlink()
    (recordings / "2026/\x1b[2J\n").write_bytes(b"")
    assert main(words) == 1
    said = capsys.readouterr().out
    assert f"missing: {recordings / path('2')} (recording 2): there is no such file\n" in said
    assert "\x1b" not in said
    assert said.splitlines()[-1].endswith(": 1 missing, 0 changed, 1 unexplained, 0 sidecars")
    assert said.startswith("missing: ")
    assert len(said.splitlines()) == 3


async def test_before_the_first_recording_there_need_be_no_archive(tmp_path: Path, verify: Verify) -> None:
    config = written(tmp_path)
    assert main(["verify", "--config", str(config)]) == 1
    await keep(tmp_path)
    (tmp_path / "recordings" / ".partial").rmdir()
    (tmp_path / "recordings").rmdir()
    status, told = verify()
    assert (status, told["checked"]) == (0, 0)


def test_an_archive_that_is_not_there_at_all_is_one_clear_line(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recordings.rename(tmp_path / "unmounted")
    assert main(["verify", "--config", str(tmp_path / "config.toml")]) == 1
    assert capsys.readouterr().err == f"recordingd: there is no archive at {recordings}: is its disk mounted?\n"
    recordings.write_text("a file")
    assert main(["verify", "--config", str(tmp_path / "config.toml")]) == 1
    assert "could not open the archive" in capsys.readouterr().err


def _alter(directory: Path, statement: str) -> None:
    with closing(sqlite3.connect(directory / "state" / "ledger.db")) as connection, connection:
        connection.execute(statement)
