"""What happened in a simulator, for tests and reports to ask."""

from daemon.simulator.faults.switches import Period
from daemon.simulator.gateway import Gateway
from daemon.simulator.journal import Journal, Request, Violations
from daemon.simulator.truth import PlayedCall, Recording
from daemon.simulator.world import World


class Witness:
    """Saw everything."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    @property
    def calls(self) -> list[PlayedCall]:
        """Every call played, in order."""
        return self._world.truth.calls

    @property
    def expected(self) -> dict[str, Recording]:
        """Every recording that should be archived, by its id."""
        return {recording.id: recording for call in self.calls for recording in call.expected}

    @property
    def journal(self) -> Journal:
        """Requests, violations and counts."""
        return self._world.journal

    @property
    def requests(self) -> list[Request]:
        """Every HTTP request, in order; after very many only the newest."""
        return self._world.journal.requests

    @property
    def violations(self) -> Violations:
        """What the client should not have done."""
        return self._world.journal.violations

    @property
    def logins(self) -> tuple[str, ...]:
        """The ids of the live OAuth sessions, the oldest first."""
        return self._world.logins.open

    @property
    def connected(self) -> int:
        """How many gateway connections there are."""
        return len(self._gateway.connections)

    @property
    def subscribed(self) -> int:
        """How many gateway connections have a subscription."""
        return self._gateway.subscribed

    @property
    def faults_on(self) -> tuple[str, ...]:
        """The names of the faults that are on."""
        return self._world.faults.on

    @property
    def fault_periods(self) -> list[Period]:
        """When which fault was on, and how often it bit."""
        return self._world.faults.periods

    def hits(self, name: str) -> int:
        """Say how often a fault has bitten."""
        return self._world.faults.hits[name]
