"""A working stand-in for every port of `daemon.ports`, one a file; time in them moves only when a test moves it."""

from tests.fakes.account import FakeAccount
from tests.fakes.archive import FakeArchive
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import FakeConnection, FakeGateway
from tests.fakes.ledger import FakeLedger
from tests.fakes.media import FakeMedia, Request
from tests.fakes.notice import FakeNotice

__all__ = [
    "FakeAccount",
    "FakeArchive",
    "FakeClock",
    "FakeConnection",
    "FakeGateway",
    "FakeLedger",
    "FakeMedia",
    "FakeNotice",
    "Request",
]
