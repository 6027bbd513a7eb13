from daemon.tasks.presence import Presence
from tests.fakes import FakeClock


def test_why_there_is_no_subscription_stands_until_there_is_one() -> None:
    clock = FakeClock()
    presence = Presence(clock.now())
    began = presence.unsubscribed_since
    presence.become("waiting", clock.now(), "no route")
    presence.become("connecting", clock.now())
    assert (presence.connection, presence.reason, presence.unsubscribed_since) == ("connecting", "no route", began)
    presence.become("subscribed", clock.now())
    assert (presence.reason, presence.unsubscribed_since) == ("", None)


async def test_a_lost_subscription_is_missed_from_its_loss_on_whatever_is_tried_meanwhile() -> None:
    clock = FakeClock()
    presence = Presence(clock.now())
    presence.become("subscribed", clock.now())
    await clock.advance(60)
    lost = clock.now()
    presence.become("waiting", lost, "no answer to a heartbeat")
    await clock.advance(60)
    presence.become("connecting", clock.now())
    assert (presence.since, presence.unsubscribed_since) == (clock.now(), lost)
