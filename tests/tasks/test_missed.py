"""What recordings that only the call log told of say about the subscription."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from daemon.tasks.continuity import MARGIN
from tests.tasks.unbroken import Desk, at


@pytest.fixture
def desk() -> Desk:
    return Desk()


def renewed(log: Sequence[object]) -> list[bool]:
    return [entry["renewed"] for entry in log if isinstance(entry, dict) and entry["event"] == "subscription.missed"]


async def test_a_subscription_that_said_nothing_since_before_the_missed_call_is_dead(desk: Desk) -> None:
    await desk.hold()
    await desk.clock.advance(600)
    desk.thread.notified(desk.clock.now())
    await desk.clock.advance(600)
    with capture_logs() as log:
        desk.thread.missed([at(1000), at(700), at(1100)])
    assert desk.thread.doubted.is_set()
    assert log == [
        {
            "event": "subscription.missed",
            "recordings": 3,
            "since": at(700).isoformat(),
            "last_notification_at": at(600).isoformat(),
            "renewed": True,
            "log_level": "warning",
        }
    ]


async def test_one_that_never_said_anything_is_dead_too(desk: Desk) -> None:
    await desk.hold()
    await desk.clock.advance(600)
    with capture_logs() as log:
        desk.thread.missed([at(300)])
    assert renewed(log) == [True]
    assert log[0]["last_notification_at"] is None


async def test_one_that_said_something_since_has_only_dropped_something(desk: Desk) -> None:
    await desk.hold()
    await desk.clock.advance(600)
    desk.thread.notified(desk.clock.now())
    with capture_logs() as log:
        desk.thread.missed([at(300)])
    assert renewed(log) == [False]
    assert not desk.thread.doubted.is_set()


async def test_a_call_from_before_the_subscription_says_nothing_of_it(desk: Desk) -> None:
    await desk.clock.advance(600)
    await desk.hold()
    await desk.clock.advance(600)
    with capture_logs() as log:
        desk.thread.missed([at(300), at(600) + MARGIN - timedelta(seconds=1)])
        desk.thread.missed([])
        assert log == []
        desk.thread.missed([at(600) + MARGIN])
    assert renewed(log) == [True]


async def test_nor_does_any_while_nothing_is_subscribed(desk: Desk) -> None:
    desk.thread.missed([at(300)])
    await desk.hold()
    await desk.clock.advance(600)
    desk.thread.broke()
    with capture_logs() as log:
        desk.thread.missed([at(300)])
    assert log == []
    assert not desk.thread.doubted.is_set()


async def test_a_new_subscription_is_not_doubted_for_the_old_ones_sake(desk: Desk) -> None:
    await desk.hold()
    await desk.clock.advance(600)
    desk.thread.missed([at(300)])
    desk.thread.broke()
    await desk.hold()
    assert not desk.thread.doubted.is_set()
    await desk.clock.advance(600)
    desk.thread.missed([at(1000)])
    assert desk.thread.doubted.is_set()
