"""A chaos run: the daemon killed again and again, the stand-in faulty from a seed, then quiet; and what came of it."""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import re
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stories.processes import Process, run_to_end, started

SECRETS = re.compile(r"simulated-secret|simulated-jwt|\b(?:A|R|WS)-[\w-]{32}|Bearer |access_token=")
"""The stand-in's secrets, and the shapes of every token it hands out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of it, and how long, in seconds.

    Attributes:
        kill_after: The shortest and the longest life of a daemon.
        patience: How long after the last fault everything may take.
    """

    seed: int
    calls: int
    seconds: float
    kill_after: tuple[float, float]
    patience: float
    speed: float = 20.0


@dataclass(slots=True)
class Outcome:
    """What came of it; every figure but `archived` and `kills` and `faults` has to be zero."""

    kept: int = 0
    archived: int = 0
    kills: int = 0
    faults: int = 0
    lost: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    duplicate: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    unexplained: str = ""
    secrets: list[str] = field(default_factory=list)
    violations: dict[str, int] = field(default_factory=dict)
    settled_after: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, broken, repeated or told."""
        wrong = (self.lost, self.corrupt, self.duplicate, self.partial, self.unexplained, self.secrets)
        return not any(wrong) and not any(self.violations.values())


class Chaos:
    """One run in a directory of its own."""

    def __init__(self, plan: Plan, place: Path) -> None:
        self._plan = plan
        self._place = place
        self._truth = place / "truth.json"
        self._random = random.Random(f"kills {plan.seed}")  # noqa: S311  when to kill, not secrets
        self._spoken: list[str] = []
        self._outcome = Outcome()

    async def run(self) -> Outcome:
        """Play it to the end."""
        plan = self._plan
        words = (
            *("--directory", str(self._place), "--truth", str(self._truth), "--truth-every", "1", "--wait"),
            *("--calls", str(plan.calls), "--over", str(plan.seconds), "--speed", str(plan.speed)),
            *("--seed", str(plan.seed), "--chaos", str(plan.seed), "--chaos-until", str(plan.seconds)),
            *("--heavy-limit", "1200"),
        )
        async with started("simulate", *words) as stand_in:
            await stand_in.line("recordingd run --config")
            await self._kill_and_restart()
            await self._settle()
            assert await stand_in.stop() == 0
        await self._judge()
        return self._outcome

    async def _kill_and_restart(self) -> None:
        """Give one life after another until the faults are over."""
        began = asyncio.get_running_loop().time()
        while (left := began + self._plan.seconds - asyncio.get_running_loop().time()) > 0:
            async with self._daemon() as daemon:
                life = min(self._random.uniform(*self._plan.kill_after), left)
                await asyncio.wait({asyncio.create_task(daemon.ended())}, timeout=life)
                assert daemon.pid
                daemon.send(signal.SIGKILL)
                await daemon.ended()
                self._outcome.kills += 1
            self._heard(daemon)

    async def _settle(self) -> None:
        """Let one daemon live in quiet until everything is archived, and end it in order."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with self._daemon() as daemon:
            with contextlib.suppress(TimeoutError):  # what is lost then, the judgement tells
                await self._until_done()
            self._outcome.settled_after = round(loop.time() - began, 1)
            status = await daemon.stop()
            assert status == 0, daemon.complaints
        self._heard(daemon)

    async def _until_done(self) -> None:
        async with asyncio.timeout(self._plan.patience):
            while True:
                if self._is_done():
                    return
                await asyncio.sleep(1.0)

    def _daemon(self) -> Any:  # noqa: ANN401  a context manager of a process
        environ = {
            **os.environ,
            "RECORDINGD_CALLS__SETTLE_SECONDS": "1",
            "RECORDINGD_DOWNLOADS__RETRY_MAX_SECONDS": "20",
            "RECORDINGD_DOWNLOADS__READ_TIMEOUT_SECONDS": "5",
            "RECORDINGD_SUBSCRIPTION__HEARTBEAT_SECONDS": "5",
            "RECORDINGD_RECONCILE__INTERVAL_SECONDS": "60",
        }
        return started("run", "--config", str(self._place / "config.toml"), environ=environ)

    def _heard(self, daemon: Process) -> None:
        self._spoken += [*daemon.lines, *daemon.complaints.splitlines()]

    def _told(self) -> Mapping[str, Any]:
        told: Mapping[str, Any] = json.loads(self._truth.read_text())
        return told

    def _kept(self) -> dict[str, Mapping[str, Any]]:
        recordings = (one for call in self._told()["calls"] for one in call["recordings"])
        return {one["id"]: one for one in recordings if one["kept"] and not one["deleted"]}

    def _sidecars(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in (self._place / "recordings").rglob("*.json"):
            found.setdefault(json.loads(path.read_text())["recording_id"], []).append(path)
        return found

    def _is_done(self) -> bool:
        return bool(self._told()["complete"]) and self._kept().keys() <= self._sidecars().keys()

    async def _judge(self) -> None:
        outcome, told, kept, sidecars = self._outcome, self._told(), self._kept(), self._sidecars()
        outcome.kept, outcome.faults = len(kept), sum(period["hits"] for period in told["faults"])
        outcome.lost = sorted(kept.keys() - sidecars.keys())
        outcome.duplicate = sorted(name for name, paths in sidecars.items() if len(paths) > 1)
        files = [path for path in (self._place / "recordings").rglob("*") if path.is_file()]
        outcome.partial = [str(path) for path in files if ".partial" in path.parts]
        audio = [path for path in files if path.suffix in (".mp3", ".wav")]
        digests = Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in audio)
        outcome.archived = len(audio)
        outcome.corrupt = sorted(digests.keys() - {one["sha256"] for one in self._every().values()})
        outcome.duplicate += sorted(digest for digest, times in digests.items() if times > 1)
        verified = await run_to_end("verify", "--json", "--config", str(self._place / "config.toml"))
        outcome.unexplained = "" if await verified.ended() == 0 else "\n".join(verified.lines)
        outcome.secrets = [line for line in self._spoken if SECRETS.search(line)]
        counted = ("penalty", "wstoken_reuse", "needless_logins", "token_leaked", "unreadable")
        outcome.violations = {name: told["violations"][name] for name in counted}

    def _every(self) -> dict[str, Mapping[str, Any]]:
        return {one["id"]: one for call in self._told()["calls"] for one in call["recordings"]}


def summary(plan: Plan, outcome: Outcome) -> Sequence[str]:
    """Say in words what came of it."""
    return (
        f"seed {plan.seed}: {plan.calls} calls in {plan.seconds:.0f} s, {outcome.kills} kills",
        f"{outcome.faults} times a fault struck",
        f"{outcome.kept} recordings kept, {outcome.archived} archived",
        f"lost {len(outcome.lost)}, corrupt {len(outcome.corrupt)}, duplicate {len(outcome.duplicate)}",
        f"partial {len(outcome.partial)}, secrets {len(outcome.secrets)}, violations {outcome.violations}",
        f"all settled {outcome.settled_after} s after the last fault",
    )
