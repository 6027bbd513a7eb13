"""Standings, and the sentences that every channel makes of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daemon.core.recording import State
from daemon.core.reserve import Free, Least
from daemon.core.standing import LONG_OPEN, Backlog, Disk, Login, Standing, Trouble, complaints, is_ready, summary

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
YESTERDAY = datetime(2026, 1, 30, 23, 59, 58, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)
WELL = Standing(NOW, "subscribed", YESTERDAY)
LOW = "archive: 0 MB are free, and 537 MB are to stay free"


def unsubscribed(connection: str, since: datetime, reason: str = "") -> Standing:
    return replace(WELL, connection=connection, since=NOW, unsubscribed_since=since, reason=reason)


def backlog(**fields: object) -> Standing:
    return replace(WELL, backlog=replace(Backlog(), **fields))  # type: ignore[arg-type]  # a table's fields


def disks(**low: str) -> Standing:
    return replace(WELL, disks={name: Disk(Free(1), Least(2), words) for name, words in low.items()})


@pytest.mark.parametrize(
    ("standing", "trouble", "words"),
    [
        (replace(WELL, late=("ledger",)), Trouble.STALLED, "no progress: ledger"),
        (replace(WELL, late=("a", "b")), Trouble.STALLED, "no progress: a, b"),
        (
            replace(WELL, login=Login(0, "OAU-213: Token not found")),
            Trouble.LOGIN_REFUSED,
            "RingCentral refuses the login: OAU-213: Token not found",
        ),
        (disks(archive=LOW, state=""), Trouble.DISK_LOW, f"downloads wait: {LOW}"),
        (
            disks(archive="a is full", state="b is full"),
            Trouble.DISK_LOW,
            "downloads wait: a is full; downloads wait: b is full",
        ),
        (backlog(overdue=1), Trouble.OVERDUE, "1 recording overdue"),
        (
            backlog(overdue=2, waiting_since=YESTERDAY, reason="404"),
            Trouble.OVERDUE,
            "2 recordings overdue, the oldest waits since 2026-01-30 23:59: 404",
        ),
        (
            unsubscribed("starting", EARLIER),
            Trouble.NOT_SUBSCRIBED,
            "not subscribed since 11:55:00, signing in",
        ),
        (
            unsubscribed("waiting", YESTERDAY, "the gateway hung up"),
            Trouble.NOT_SUBSCRIBED,
            "not subscribed since 2026-01-30 23:59:58, waiting to reconnect: the gateway hung up",
        ),
        (
            unsubscribed("connecting", EARLIER, "1006"),
            Trouble.NOT_SUBSCRIBED,
            "not subscribed since 11:55:00, connecting: 1006",
        ),
        (
            replace(WELL, connection="connecting", since=EARLIER),
            Trouble.NOT_SUBSCRIBED,
            "not subscribed since 11:55:00, connecting",
        ),
        (replace(WELL, connection="stopping"), Trouble.NOT_SUBSCRIBED, "stopping"),
        (replace(WELL, connection="stopped"), Trouble.NOT_SUBSCRIBED, "stopped"),
        (
            backlog(gaps=1, gap_opened_at=NOW - LONG_OPEN),
            Trouble.GAP_OPEN,
            "the call log is not read yet for a gap that ended at 11:00:00",
        ),
        (
            backlog(gaps=2, gap_opened_at=YESTERDAY),
            Trouble.GAP_OPEN,
            "the call log is not read yet for a gap that ended at 2026-01-30 23:59:58",
        ),
        (
            replace(WELL, config="downloads.concurency: unknown key"),
            Trouble.CONFIG_REFUSED,
            "the last reload was refused: downloads.concurency: unknown key",
        ),
    ],
)
def test_each_trouble_has_its_sentence_which_the_summary_begins_with(
    standing: Standing, trouble: Trouble, words: str
) -> None:
    (complaint,) = complaints(standing)
    assert (complaint.trouble, complaint.words) == (trouble, words)
    assert summary(standing).startswith(f"{words}; ")
    assert is_ready(standing) is (trouble is Trouble.CONFIG_REFUSED)


@pytest.mark.parametrize(
    "standing",
    [
        WELL,
        replace(WELL, calls=12, fetching=8, notified_at=NOW),
        backlog(gaps=3, gap_opened_at=NOW - LONG_OPEN + timedelta(seconds=1)),
        backlog(counts={State.DUE: 500}, waiting_since=YESTERDAY, reason="404", next_try=NOW),
        disks(archive="", state=""),
        replace(WELL, login=Login(-30.0)),
    ],
)
def test_a_busy_day_is_no_trouble(standing: Standing) -> None:
    assert complaints(standing) == ()
    assert is_ready(standing)


def test_the_gravest_comes_first() -> None:
    everything = replace(
        unsubscribed("waiting", EARLIER),
        late=("ledger",),
        login=Login(0, "no"),
        config="no",
        disks={"archive": Disk(None, Least(1), "full")},
        backlog=Backlog(overdue=1, gaps=1, gap_opened_at=YESTERDAY),
    )
    assert [complaint.trouble for complaint in complaints(everything)] == [
        Trouble.STALLED,
        Trouble.LOGIN_REFUSED,
        Trouble.DISK_LOW,
        Trouble.OVERDUE,
        Trouble.NOT_SUBSCRIBED,
        Trouble.GAP_OPEN,
        Trouble.CONFIG_REFUSED,
    ]


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (WELL, "subscribed; 0 calls on; no recordings due; nothing archived yet"),
        (
            replace(WELL, calls=1, backlog=Backlog({State.DUE: 1, State.EXPECTED: 7}, last_archived_at=EARLIER)),
            "subscribed; 1 call on; 1 recording due; last archived 11:55:00",
        ),
        (
            replace(
                WELL,
                calls=2,
                backlog=Backlog({State.DUE: 1, State.FETCHING: 2, State.PUBLISHING: 1}, last_archived_at=YESTERDAY),
            ),
            "subscribed; 2 calls on; 4 recordings due; last archived 2026-01-30 23:59:58",
        ),
        (
            unsubscribed("waiting", EARLIER),
            "not subscribed since 11:55:00, waiting to reconnect; 0 calls on; no recordings due; nothing archived yet",
        ),
    ],
)
def test_one_line_says_what_a_person_would_ask_first(standing: Standing, line: str) -> None:
    assert summary(standing) == line
