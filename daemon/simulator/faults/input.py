"""The faults of what callers send: asked for when a call begins."""

from daemon.simulator.faults.fault import Fault

FAULTS = (
    Fault(name="input.names", help="callers whose names and numbers are paths, controls, forged log lines", chaos=0.5),
    Fault(name="input.ids", help="recordings and sessions whose ids are such", chaos=0),
)
