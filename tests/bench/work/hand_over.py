"""From the last notification of a call to its durable file: the whole daemon, and a bare loop that does the least."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import orjson
from websockets.asyncio.client import connect

from daemon.app.life import GRACE, run
from daemon.app.opening import opened, settings
from daemon.app.wiring import wire
from daemon.config import check_directories, load
from daemon.core.happenings import Archived, Happening
from daemon.simulator.settings import write_secret
from tests.bench.harness.race import Wrong
from tests.bench.media import address
from tests.bench.telling import SUBSCRIPTION
from tests.bench.work import carry_out
from tests.bench.work.hear import ASK
from tests.bench.work.ours import log_to
from tests.fakes import FakeTally

PIECE = 1 << 18
CONFIGURATION = """
[ringcentral]
server_url = "https://127.0.0.1:{port}"
media_url = "{media}"
client_id = "id"
client_secret_file = "{place}/secret"
jwt_file = "{place}/jwt"
[calls]
settle_seconds = 0
[archive]
directory = "{place}/recordings"
min_free_bytes = 0
[state]
directory = "{place}/state"
"""


class Moments(FakeTally):
    """Notes when recordings are archived; calls are played one after the other, so they come in order."""

    def __init__(self, many: int) -> None:
        super().__init__()
        self.archived: list[float] = []
        self.all_archived = asyncio.Event()
        self._many = many

    def note(self, happening: Happening) -> None:
        if isinstance(happening, Archived):
            self.archived.append(time.monotonic())
            if len(self.archived) == self._many:
                self.all_archived.set()


async def ours(port: int, media: str, play: str, many: int, place: Path) -> list[float]:
    """Let the daemon do it, whole: its login, its ledger, its quota, its sidecars."""
    for name in ("secret", "jwt"):
        write_secret(place / name, name)
    (place / "config.toml").write_text(CONFIGURATION.format(port=port, media=media, place=place), encoding="utf-8")
    config = load(place / "config.toml", {})
    if problems := check_directories(config, create=True):
        raise Wrong(str(problems))
    tally, stop = Moments(many), asyncio.Event()
    async with opened(config) as outside:
        life = asyncio.create_task(
            run(wire(replace(outside, tally=tally), settings(config)), stop, GRACE), name="daemon"
        )
        try:
            return _seconds(await _played(play), await _all(tally, life))
        finally:
            stop.set()
            await life


async def bare(port: int, media: str, play: str, many: int, place: Path) -> list[float]:
    """Do the least: receive, decode, fetch, write, sync, rename, sync the directory; no ledger, no hash, no retry."""
    moments, folder = Moments(many), place / "recordings"
    folder.mkdir()
    directory = os.open(folder, os.O_RDONLY)
    tasks: set[asyncio.Task[None]] = set()

    async def fetch(session: aiohttp.ClientSession, recording: str) -> None:
        partial = folder / f"{recording}.part"
        async with session.get(address(media, recording)) as answer:
            answer.raise_for_status()
            with partial.open("wb") as file:
                async for piece in answer.content.iter_chunked(PIECE):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        partial.rename(folder / f"{recording}.mp3")
        os.fsync(directory)
        moments.note(Archived(0, None))

    async def hear(session: aiohttp.ClientSession) -> None:
        on: dict[str, set[str]] = {}
        async with connect(f"wss://127.0.0.1:{port}/ws", compression=None) as socket:
            await socket.recv()
            await socket.send(ASK)
            async for frame in socket:
                head, *rest = orjson.loads(frame)
                if head["type"] != "ServerNotification" or rest[0]["subscriptionId"] != SUBSCRIPTION:
                    continue
                body = rest[0]["body"]
                present = on.setdefault(body["telephonySessionId"], set())
                for party in body["parties"]:
                    is_gone = party["status"]["code"] == "Disconnected"
                    (present.discard if is_gone else present.add)(party["id"])
                    if is_gone and not present:
                        for one in party["recordings"]:
                            tasks.add(asyncio.create_task(fetch(session, one["id"])))

    async with aiohttp.ClientSession() as session:
        life = asyncio.create_task(hear(session))
        try:
            return _seconds(await _played(play), await _all(moments, life))
        finally:
            life.cancel()
            os.close(directory)


async def _played(play: str) -> list[float]:
    async with aiohttp.ClientSession() as session, session.get(play) as answer:
        sent: list[float] = await answer.json()
        return sent


async def _all(moments: Moments, life: "asyncio.Task[None]") -> list[float]:
    done = asyncio.create_task(moments.all_archived.wait())
    await asyncio.wait({done, life}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    done.cancel()
    return moments.archived


def _seconds(sent: list[float], archived: list[float]) -> list[float]:
    if len(sent) != len(archived):
        raise Wrong(f"{len(archived)} of {len(sent)} recordings were archived")
    return sorted(later - earlier for earlier, later in zip(sent, archived, strict=True))


def job(how: str, port: int, media: str, kind: int, many: int, gap: float, place: str) -> Mapping[str, float]:  # noqa: PLR0913, PLR0917  one of each
    """Measure one way."""
    play = f"https://127.0.0.1:{port}/play?kind={kind}&many={many}&gap={gap}"
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        log_to(nowhere)
        work = ours if how == "ours" else bare
        took = asyncio.run(work(port, media, play, many, Path(place)))
    return {"p50": 1000 * took[len(took) // 2], "p99": 1000 * took[len(took) * 99 // 100]}


if __name__ == "__main__":
    carry_out(job)
