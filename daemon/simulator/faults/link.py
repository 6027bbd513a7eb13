"""The faults of the gateway. Those without a pulse are asked for where they strike: gateway, connection, recovery."""

from collections.abc import Awaitable, Callable

from daemon.simulator.connection import Connection
from daemon.simulator.faults import delivery, frames
from daemon.simulator.faults.fault import Fault, Pulse
from daemon.simulator.gateway import Gateway
from daemon.simulator.world import World


def _on_connections(name: str, act: Callable[[World, Connection], Awaitable[None]]) -> Pulse:
    """Make a pulse that does something to each living connection that draws the lot."""

    async def pulse(world: World, gateway: Gateway) -> None:
        for connection in tuple(gateway.connections):
            if not connection.frozen and world.faults.bites(name):
                await act(world, connection)

    return pulse


def _sending(name: str, frame: Callable[[World], str | bytes]) -> Pulse:
    async def send(world: World, connection: Connection) -> None:
        connection.send(frame(world))

    return _on_connections(name, send)


async def _drop(_: World, connection: Connection) -> None:
    connection.abort()


async def _close(_: World, connection: Connection) -> None:
    await connection.close(1001, "Going away")


async def _freeze(_: World, connection: Connection) -> None:
    connection.freeze()


async def _age(_: World, connection: Connection) -> None:
    await connection.fail(408, "WSG-903", "Absolute timeout expired")


async def _kill_subscriptions(world: World, gateway: Gateway) -> None:
    gateway.kill_subscriptions(lambda: world.faults.bites("link.dead-subscription"))


def _reconnecting(name: str, words: str) -> Fault:
    """Describe a fault that strikes when a client connects again."""
    return Fault(name=name, help=words, chaos=0.5, stir="drop")


FAULTS = (
    Fault(
        name="link.drop",
        help="connections are cut, without a word",
        chaos=0.1,
        pulse=_on_connections("link.drop", _drop),
    ),
    Fault(
        name="link.close",
        help="connections are closed politely",
        chaos=0.1,
        pulse=_on_connections("link.close", _close),
    ),
    Fault(
        name="link.half-open",
        help="connections stay, and neither speak nor answer",
        chaos=0.1,
        pulse=_on_connections("link.half-open", _freeze),
        off=lambda _, gateway: gateway.thaw(),
    ),
    _reconnecting("link.accept-then-drop", "connections are cut as soon as they are made"),
    Fault(
        name="link.absolute-timeout",
        help="connections end as if a day old: WSG-903",
        chaos=0.1,
        pulse=_on_connections("link.absolute-timeout", _age),
    ),
    _reconnecting("link.wsc-unknown", "a recovery ends in WSG-400 and a close: no such session"),
    _reconnecting("link.wsc-other-session", "a recovery fails: another OAuth session's, WSG-1003"),
    _reconnecting("link.wsc-too-old", "a recovery fails: it comes too late, WSG-1002"),
    _reconnecting("link.never-subscribed", "a recovery fails: there was no subscription, WSG-1005"),
    _reconnecting("link.no-recovery-state", "a recovery is passed over: no recoveryState at all"),
    _reconnecting("link.buffer-overflow", "a Successful recovery that lost the older half, unsaid"),
    Fault(
        name="link.dead-subscription",
        help="subscriptions die on living sockets: nothing comes until one subscribes anew",
        chaos=0.1,
        pulse=_kill_subscriptions,
        off=lambda _, gateway: gateway.revive_subscriptions(),
    ),
    Fault(name=delivery.LOST, help="notifications that nobody gets"),
    Fault(name=delivery.TWICE, help="notifications that come twice"),
    Fault(
        name=delivery.LATE,
        help="notifications that come behind the next one",
        off=lambda world, _: delivery.release(world),
    ),
    Fault(
        name="link.malformed",
        help="frames that are not JSON, or no message",
        pulse=_sending("link.malformed", frames.malformed),
    ),
    Fault(name="link.binary", help="binary frames", pulse=_sending("link.binary", frames.binary)),
    Fault(name="link.huge", help="frames of 4 MiB", chaos=0.1, pulse=_sending("link.huge", frames.huge)),
    Fault(
        name="link.deflate-bomb",
        help="frames of 64 KB that unpack to 64 MiB",
        chaos=0.05,
        pulse=_sending("link.deflate-bomb", frames.bomb),
    ),
    Fault(
        name="link.multipart",
        help="multipart answers that are not plain JSON",
        pulse=_sending("link.multipart", frames.multipart),
    ),
    _reconnecting(
        "link.answer-before-send",
        "answers written in the turn that read the request, a repeated notification right behind",
    ),
)
