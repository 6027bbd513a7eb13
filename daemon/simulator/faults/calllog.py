"""The faults of the call log. Those without an answer are asked for where lists are made: pages, removal."""

from daemon.simulator.faults import refusals
from daemon.simulator.faults.fault import Fault, Moment
from daemon.simulator.faults.removal import DELETED, RETIRED


async def _later_page(moment: Moment) -> bool:
    return moment.request.query.get("page", "1") != "1"


FAULTS = (
    Fault(name="call-log.lag", help="calls are listed three minutes late", chaos=0.5),
    Fault(name="call-log.page-shift", help="later pages have moved by one: repeating a call, or passing one over"),
    Fault(name="call-log.missing-page", help="later pages come empty"),
    Fault(name="call-log.leg-only", help="records do not name their recording, only a leg does", chaos=0.5),
    Fault(name="call-log.repeated", help="records come twice"),
    Fault(name="call-log.many", help="pages are cut so that every longer list has three at least", chaos=0.5),
    Fault(name="call-log.unsettled", help="young records lack names and results", chaos=0.5),
    Fault(name="call-log.in-progress", help="calls that go on are listed too", chaos=0.5),
    Fault(
        name="call-log.5xx-half-way",
        help="500, 502, 503 or 504 from the second page on",
        chaos=0.5,
        door="call-log",
        applies=_later_page,
        answer=refusals.in_trouble,
    ),
    Fault(
        name="call-log.429",
        help="429 with Retry-After; a penalty begins",
        chaos=0.1,
        door="call-log",
        answer=refusals.too_many("heavy", say_when=True),
    ),
    Fault(
        name="call-log.cmn-301",
        help="200 with the error of a 429; a penalty begins",
        chaos=0.1,
        door="call-log",
        answer=refusals.disguised("heavy"),
    ),
    Fault(name=DELETED, help="recordings are deleted for good when first asked about", chaos=0),
    Fault(name=RETIRED, help="recordings of calls over 90 days ago are dropped for good", chaos=0),
)
