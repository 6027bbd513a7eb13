"""The doctor at work in this process: a configuration for the simulator, and the findings by their names."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.cli.doctor.finding import Finding, Mark
from daemon.cli.doctor.rounds import examine
from daemon.config import load
from daemon.simulator import Options, Simulator
from tests.stories.processes import settings


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor found."""

    findings: tuple[Finding, ...]

    def __getitem__(self, check: str) -> Finding:
        return next(finding for finding in self.findings if finding.check == check)

    def marks(self) -> dict[str, Mark]:
        return {finding.check: finding.mark for finding in self.findings}

    def bad(self) -> list[str]:
        return [finding.check for finding in self.findings if finding.mark is Mark.BAD]

    @property
    def status(self) -> int:
        return max(finding.status for finding in self.findings)


async def examined(config: Path) -> Report:
    """Let the doctor go its rounds."""
    return Report(tuple([finding async for finding in examine(load(config, {}), config)]))


@asynccontextmanager
async def clinic(
    directory: Path,
    tables: Mapping[str, Mapping[str, object]] | None = None,
    **options: Any,  # noqa: ANN401  the options' own types
) -> AsyncIterator[tuple[Simulator, Path]]:
    """Open a simulator and write a configuration for it, with a state directory."""
    async with Simulator(Options(**options)) as simulator:
        config = settings(directory, simulator.config_toml(directory), **(tables or {}))
        (directory / "state").mkdir(0o750)
        (directory / "recordings").mkdir(0o750)
        yield simulator, config
