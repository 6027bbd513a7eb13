"""A working stand-in for every port of `daemon.ports`, one a file; time in them moves only when a test moves it."""

from tests.fakes.account import FakeAccount
from tests.fakes.archive import FakeArchive
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import FakeConnection, FakeGateway
from tests.fakes.keep import FakeKeep
from tests.fakes.ledger import FakeLedger
from tests.fakes.media import FakeMedia, Request
from tests.fakes.neighbours import FakeNeighbours
from tests.fakes.notice import FakeNotice
from tests.fakes.room import FakeRoom
from tests.fakes.supervisor import FakeSupervisor
from tests.fakes.tally import FakeTally

__all__ = [
    "FakeAccount",
    "FakeArchive",
    "FakeClock",
    "FakeConnection",
    "FakeGateway",
    "FakeKeep",
    "FakeLedger",
    "FakeMedia",
    "FakeNeighbours",
    "FakeNotice",
    "FakeRoom",
    "FakeSupervisor",
    "FakeTally",
    "Request",
]
