"""Every fault by its name."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.simulator.faults import account, calllog, link, media
from daemon.simulator.faults import input as calls
from daemon.simulator.faults.fault import Fault

FAULTS: Mapping[str, Fault] = MappingProxyType(
    {fault.name: fault for fault in (*link.FAULTS, *account.FAULTS, *media.FAULTS, *calllog.FAULTS, *calls.FAULTS)}
)
"""Every fault by its name, area by area."""
