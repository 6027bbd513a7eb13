"""What the tasks ask of the world. Adapters fit these shapes without knowing them; mypy checks it in `app`.

Each side sees only what it needs: whoever listens, the `Intake` of the ledger; whoever fetches, its `Queue`.
"""

from daemon.ports.archive import Archive, Draft, Remains, Room
from daemon.ports.clock import Clock
from daemon.ports.coverage import Continuity, Coverage
from daemon.ports.keep import Keep
from daemon.ports.ledger import Compaction, Intake, Known, Leftovers, Publishing, Queue, Watch, Written
from daemon.ports.neighbours import Abandoned, Neighbours
from daemon.ports.notice import Moment, Notice
from daemon.ports.pulse import Pulse
from daemon.ports.ringcentral import Account, CallLog, Connection, Content, Gateway, Media, Rotation, Ticket
from daemon.ports.supervisor import Supervisor
from daemon.ports.tally import UNCOUNTED, Tally

__all__ = [
    "UNCOUNTED",
    "Abandoned",
    "Account",
    "Archive",
    "CallLog",
    "Clock",
    "Compaction",
    "Connection",
    "Content",
    "Continuity",
    "Coverage",
    "Draft",
    "Gateway",
    "Intake",
    "Keep",
    "Known",
    "Leftovers",
    "Media",
    "Moment",
    "Neighbours",
    "Notice",
    "Publishing",
    "Pulse",
    "Queue",
    "Remains",
    "Room",
    "Rotation",
    "Supervisor",
    "Tally",
    "Ticket",
    "Watch",
    "Written",
]
