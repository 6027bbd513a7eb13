"""A RingCentral stand-in over real sockets, for the tests, `recordingd demo` and `recordingd simulate`.

It knows nothing of the daemon: an independent witness, written from ringcentral-protocol.md alone.

    options     what can be set              simulator   the whole: listeners, calls, switches
    scripts/    calls as data                truth       what really happened, with the exact bytes
    rest, media the HTTP listeners           reception   who may ask, how often; what was asked
    desk        JSON resources, by HTTP      calllog     one of them, with filters and pages
                or over the gateway          oauth       tokens; limits: usage-plan groups
    gateway     the WebSocket listener       connection  one socket; wsg: sessions and their recovery
    window      what is asked over it        foreign     a host that should never hear of us
    player      plays a script               traffic     plays many
    journal     requests, violations         witness     what happened; report: the truth as a file
    faults/     what can go wrong            chaos       several of it at a time, from a seed
"""

from daemon.simulator.chaos import Turn, chaos, plan
from daemon.simulator.clock import Clock, SystemClock
from daemon.simulator.faults.catalogue import FAULTS
from daemon.simulator.faults.fault import Fault
from daemon.simulator.journal import Incident, Journal, Request, Violations
from daemon.simulator.options import LIMITS, PERMISSIONS, SCOPES, UNLIMITED, Options
from daemon.simulator.report import report, write_report
from daemon.simulator.scripts import SCRIPTS, Office, Script, Step, office
from daemon.simulator.simulator import Simulator
from daemon.simulator.traffic import traffic
from daemon.simulator.truth import PlayedCall, Recording

__all__ = [
    "FAULTS",
    "LIMITS",
    "PERMISSIONS",
    "SCOPES",
    "SCRIPTS",
    "UNLIMITED",
    "Clock",
    "Fault",
    "Incident",
    "Journal",
    "Office",
    "Options",
    "PlayedCall",
    "Recording",
    "Request",
    "Script",
    "Simulator",
    "Step",
    "SystemClock",
    "Turn",
    "Violations",
    "chaos",
    "office",
    "plan",
    "report",
    "traffic",
    "write_report",
]
