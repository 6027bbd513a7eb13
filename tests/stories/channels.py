"""Everything a daemon says of itself at one moment, on every channel that an operator has."""

import asyncio
import html
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from daemon.adapters import notice
from tests.stories.live import Live, live

LISTEN = {"metrics": {"listen": "127.0.0.1:0"}}


@dataclass(frozen=True, slots=True)
class Said:
    """What was said.

    Attributes:
        status: systemd's STATUS=.
        ready: The HTTP status of `/readyz`.
        troubles: Words by trouble, as `/readyz` has them.
        notice: The same, as `recordingd status` reads them.
        alarming: Troubles whose metric is 1: what an alert is raised for.
        page: The status page.
    """

    status: str
    ready: int
    troubles: dict[str, str]
    notice: dict[str, str]
    alarming: set[str]
    page: str

    def tells(self, troubles: Sequence[str]) -> bool:
        """Say whether these are among what is wrong; or, where none are named, whether nothing is."""
        return set(troubles) <= set(self.troubles) if troubles else not self.troubles

    def agrees(self) -> bool:
        """Say whether all channels say the same."""
        return (
            self.notice == self.troubles
            and self.alarming == set(self.troubles)
            and all(words in self.status and words in self.page for words in self.troubles.values())
            and self.status.startswith("subscribed; ") is not bool(self.troubles)
        )


class Channels:
    """One daemon's."""

    def __init__(self, it: Live, manager: socket.socket) -> None:
        self.it = it
        self._manager = manager
        self._status = ""

    async def said(self) -> Said:
        """Ask all of them."""
        at = f"http://{self.it.all('listener.started')[-1]['listen']}"
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{at}/readyz") as response:
                ready, told = response.status, await response.json()
            async with session.get(f"{at}/metrics") as response:
                figures = await response.text()
            async with session.get(f"{at}/") as response:
                page = await response.text()
        moment = notice.read(self.it.place / "state")
        assert moment is not None
        return Said(
            status=self._newest(),
            ready=ready,
            troubles={one["trouble"]: one["message"] for one in told["troubles"]},
            notice={one.trouble.value: one.words for one in moment.troubles},
            alarming=_alarming(figures),
            page=html.unescape(page),
        )

    async def agreed(self, *troubles: str, leap: float = 0.0) -> Said:
        """Wait until these are said to be wrong, and what else is, on every channel; without any, until nothing is.

        Time leaps as in `Live.until`; a leap may cut a connection, which is then said as well.
        """
        said: list[Said] = []

        async def ask() -> None:
            while True:
                said.append(await self.said())
                await asyncio.sleep(0.02)

        asking = asyncio.create_task(ask(), name="asking")
        try:
            await self.it.until(
                lambda: asking.done() or (said and said[-1].tells(troubles) and said[-1].agrees()),
                f"{troubles} on every channel",
                leap,
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{said[-1:]}") from None
        finally:
            asking.cancel()
            await asyncio.wait({asking})
        if not asking.cancelled():
            asking.result()
        return said[-1]

    def _newest(self) -> str:
        while True:
            try:
                lines = self._manager.recv(65536).decode().split("\n")
            except BlockingIOError:
                return self._status
            for line in lines:
                if line.startswith("STATUS="):
                    self._status = line.removeprefix("STATUS=")


@asynccontextmanager
async def channels(place: Path, environ: Any, **tables: Any) -> AsyncIterator[Channels]:  # noqa: ANN401  a MonkeyPatch
    """Run a daemon that talks on all of them."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
        manager.bind(str(place / "notify"))
        environ.setenv("NOTIFY_SOCKET", str(place / "notify"))
        async with live(place, **{**LISTEN, **tables}) as it:
            yield Channels(it, manager)


def _alarming(figures: str) -> set[str]:
    families = text_string_to_metric_families(figures)
    troubles = next(family for family in families if family.name == "recordingd_trouble")
    return {sample.labels["trouble"] for sample in troubles.samples if sample.value == 1}
