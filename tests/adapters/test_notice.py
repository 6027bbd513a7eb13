"""What the daemon is doing, as a file."""

import dataclasses
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.adapters.keeping import NoticeFile
from daemon.adapters.notice import read
from daemon.adapters.state import STATUS
from daemon.core.standing import Complaint, Trouble
from daemon.ports import Moment
from tests.adapters.looking import names

MOMENT = Moment(
    connection="live",
    since=datetime(2026, 1, 31, 12, tzinfo=UTC),
    reason="",
    calls=3,
    fetching=2,
    at=datetime(2026, 1, 31, 12, 0, 5, 250_000, tzinfo=UTC),
    summary="subscribed; 3 calls on",
    troubles=(Complaint(Trouble.OVERDUE, "1 recording overdue"),),
)


async def test_what_is_posted_is_read_and_the_newest_stands(tmp_path: Path) -> None:
    notice = NoticeFile(tmp_path)
    await notice.post(MOMENT)
    assert read(tmp_path) == MOMENT
    await notice.post(dataclasses.replace(MOMENT, calls=0))
    assert read(tmp_path) == dataclasses.replace(MOMENT, calls=0)
    assert names(tmp_path) == [STATUS]


async def test_only_the_owner_reads_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await NoticeFile(tmp_path).post(MOMENT)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / STATUS).stat().st_mode) == 0o600


async def test_a_directory_that_takes_nothing_disturbs_nobody(tmp_path: Path) -> None:
    await NoticeFile(tmp_path / "gone").post(MOMENT)
    assert read(tmp_path / "gone") is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"{}", b"\xff", b'{"connection": "live", "since": 5}', b'{"since": "soon"}']
)
def test_what_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STATUS).write_bytes(content)
    assert read(tmp_path) is None
