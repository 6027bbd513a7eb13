"""Pictures for the status page: an idle daemon, a busy one, and one in trouble, whose callers mean no good."""

from datetime import UTC, datetime, timedelta

from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Endpoint
from daemon.core.panorama import CallNow, Hour, Kept, OpenRecording, Panorama, Shelf, day
from daemon.core.recording import State
from daemon.core.reserve import Free, Least
from daemon.core.standing import Allowance, Backlog, Disk, Login, Standing

NOW = datetime(2026, 1, 31, 14, 2, 11, tzinfo=UTC)
HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "{{ 7 * 7 }}",
    "\u202egnp.exe",
    "Zoë \N{GRINNING FACE} \N{CJK UNIFIED IDEOGRAPH-674E}",
    "x" * 10_000,
    "nul\0 and \x1b[31mred",
    "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET} 1234",
    "Z\u0351\u0352\u0353\u0354\u0355\u0356 towers",
)
PLAIN = ("Jane Doe", "John Smith", "", "Front desk")


def picture(
    *, calls: int = 0, waiting: int = 0, kept: int = 0, overdue: int = 0, names: tuple[str, ...] = PLAIN
) -> Panorama:
    """Take a picture with so many of each."""
    on = [_now(number, names) for number in range(calls)]
    shelf = Shelf(
        open=tuple(_waiting(number, names, is_overdue=number < overdue) for number in range(waiting)),
        more_open=0,
        kept=tuple(_kept(number, names) for number in range(kept)),
        hours=day(NOW, {hour.begins: hour for hour in map(_hour, range(24 if kept else 0))}),
    )
    lost = NOW - timedelta(minutes=12) if overdue else None
    standing = Standing(
        at=NOW,
        connection="waiting" if overdue else "subscribed",
        since=NOW - timedelta(minutes=12),
        unsubscribed_since=lost,
        reason="RingCentral could not be reached (ConnectionError)" if overdue else "",
        calls=calls,
        fetching=min(waiting, 2),
        notified_at=NOW - timedelta(seconds=2) if calls else None,
        login=Login(2810),
        backlog=Backlog(
            {State.DUE: waiting},
            NOW - timedelta(hours=26),
            "status 503",
            overdue,
            NOW + timedelta(seconds=7) if waiting else None,
            NOW - timedelta(minutes=1) if kept else None,
            gaps=1 if overdue else 0,
            gap_opened_at=NOW - timedelta(minutes=12) if overdue else None,
        ),
        disks={"archive": Disk(Free(82_000_000_000), Least(536_870_912)), "state": Disk(None, Least(8 << 20), "gone")}
        if overdue
        else {"archive": Disk(Free(82_000_000_000), Least(536_870_912))},
        quota={"heavy": Allowance(10, 3, 12.0 if overdue else 0.0), "light": Allowance(50, 49)},
    )
    return Panorama(standing, 273_600.0, "0.3.0", tuple(on), 0, shelf)


def _end(number: int, names: tuple[str, ...]) -> Endpoint:
    return Endpoint(f"+1415555{number:04d}", names[number % len(names)])


def _now(number: int, names: tuple[str, ...]) -> CallNow:
    began = NOW - timedelta(seconds=37 * number + 5)
    ends = (_end(number, names), _end(number + 1000, PLAIN))
    return CallNow("Inbound" if number % 3 else "Outbound", *ends, began, 2, number % 2, number % 7 == 6)


def _call(number: int, names: tuple[str, ...]) -> CallFacts:
    ended = NOW - timedelta(minutes=5 + 3 * number)
    return CallFacts(
        TelephonySessionId(f"s-{number}"),
        SessionId(str(number)),
        "Inbound" if number % 2 else "Outbound",
        *(_end(number, names), _end(number + 1000, PLAIN)),
        ended - timedelta(seconds=200 + 31 * number),
        ended,
    )


def _waiting(number: int, names: tuple[str, ...], *, is_overdue: bool) -> OpenRecording:
    reason = "the media host answered 404: CMN-102 Resource for parameter [recordingId] is not found"
    return OpenRecording(
        recording_id=RecordingId(str(44444444 + number)),
        state=State.DUE if number < 5 else State.EXPECTED,
        call=_call(number, names),
        since=NOW - timedelta(hours=26 if is_overdue else 0, minutes=number),
        attempts=number % 4,
        next_try=NOW + timedelta(seconds=40 * number) if number < 5 else None,
        reason=reason if number < 3 else "",
        is_overdue=is_overdue,
    )


def _kept(number: int, names: tuple[str, ...]) -> Kept:
    at = NOW - timedelta(minutes=3 * number + 1)
    return Kept(RecordingId(str(number)), _call(number, names), at, 180_000 * (number % 9 + 1), 6.2 + 3 * number)


def _hour(ago: int) -> Hour:
    begins = NOW.replace(minute=0, second=0) - timedelta(hours=ago)
    return Hour(begins, ago * 37 % 140, ago * 37 % 140 * 400_000)


IDLE = picture()
BUSY = picture(calls=30, waiting=6, kept=50)
TROUBLED = picture(calls=7, waiting=9, kept=14, overdue=2, names=HOSTILE)
