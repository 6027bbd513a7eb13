"""A real browser without a screen, driven over its own protocol: Debian's chromium."""

import asyncio
import base64
import itertools
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium")
DEADLINE = 30.0
"""Real seconds that only a failing test ever waits."""
QUIETLY = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0"),
)


@dataclass(slots=True)
class Tab:
    """One page of the browser.

    Attributes:
        complaints: What the console said, and what was refused or could not be loaded.
    """

    socket: ClientConnection
    session: str
    complaints: list[str] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _loaded: bool = False

    async def ask(self, method: str, **parameters: object) -> Any:  # noqa: ANN401  whatever the browser answers
        """Send a command and wait for its answer; what comes in between is noted."""
        number = next(self._numbers)
        message = {"id": number, "sessionId": self.session, "method": method, "params": parameters}
        await self.socket.send(json.dumps(message))
        async with asyncio.timeout(DEADLINE):
            while True:
                told = json.loads(await self.socket.recv())
                self._note(told)
                if told.get("id") == number:
                    assert "error" not in told, told["error"]
                    return told["result"]

    async def open(self, url: str, width: int, height: int, scheme: str) -> None:
        """Show a page at a width, in a colour scheme, and wait until it is loaded."""
        await self.ask("Page.enable")
        await self.ask("Log.enable")
        await self.ask("Runtime.enable")
        await self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < height
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self.ask("Emulation.setEmulatedMedia", features=[feature])
        self._loaded = False
        await self.ask("Page.navigate", url=url)
        async with asyncio.timeout(DEADLINE):
            while not self._loaded:
                self._note(json.loads(await self.socket.recv()))

    async def value(self, expression: str) -> Any:  # noqa: ANN401  whatever it is
        """Evaluate an expression in the page."""
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def heard(self, fragment: str) -> None:
        """Wait until the browser complains of something."""
        async with asyncio.timeout(DEADLINE):
            while not any(fragment in complaint for complaint in self.complaints):
                self._note(json.loads(await self.socket.recv()))

    async def names(self, role: str) -> list[str]:
        """Give what a screen reader calls the things of a role, in order."""
        tree = await self.ask("Accessibility.getFullAXTree")
        nodes = [node for node in tree["nodes"] if node.get("role", {}).get("value") == role]
        return [node.get("name", {}).get("value", "") for node in nodes]

    async def picture(self) -> bytes:
        """Give what is to be seen, from top to bottom, as a PNG."""
        answer = await self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def _note(self, told: dict[str, Any]) -> None:
        match told:
            case {"method": "Page.loadEventFired"}:
                self._loaded = True
            case {"method": "Log.entryAdded", "params": {"entry": {"text": str(text), "level": str(level)}}}:
                self.complaints.append(f"{level}: {text}")
            case {"method": "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" as method}:
                self.complaints.append(method)
            case _:
                pass


@asynccontextmanager
async def browsing(profile: Path) -> AsyncIterator[Tab]:
    """Run the browser with an empty profile; it is over on leaving."""
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        *(CHROMIUM, *QUIETLY, f"--user-data-dir={profile}", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    draining: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(DEADLINE):
            while (found := re.search(rb"DevTools listening on (ws://\S+)", await process.stderr.readline())) is None:
                assert process.returncode is None, "the browser ended"
        draining = asyncio.create_task(process.stderr.read())
        async with connect(found[1].decode(), max_size=None, proxy=None) as socket:
            yield await _tab(socket)
    finally:
        process.terminate()
        await process.wait()
        if draining is not None:
            await draining


async def _tab(socket: ClientConnection) -> Tab:
    browser = Tab(socket, "")
    await socket.send(json.dumps({"id": 0, "method": "Target.createTarget", "params": {"url": "about:blank"}}))
    target = await _answer(socket, 0)
    attach = {"targetId": target["targetId"], "flatten": True}
    await socket.send(json.dumps({"id": -1, "method": "Target.attachToTarget", "params": attach}))
    browser.session = (await _answer(socket, -1))["sessionId"]
    return browser


async def _answer(socket: ClientConnection, number: int) -> Any:  # noqa: ANN401  whatever the browser answers
    async with asyncio.timeout(DEADLINE):
        while True:
            told = json.loads(await socket.recv())
            if told.get("id") == number:
                return told["result"]
