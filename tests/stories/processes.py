"""The daemon as a process of its own: start it, read its log as it comes, end it."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import orjson

DEADLINE = 90.0
"""Seconds within which whatever a story waits for has happened; only a failing test ever waits so long."""

PRIORITY = re.compile(rb"^<\d>")
"""What the journal takes off a line."""

T = TypeVar("T")

Event = Mapping[str, Any]


class Process:
    """One running command.

    Attributes:
        lines: What it has written to stdout so far; before the journal takes the priority off.
        events: Those of the lines that are log events.
    """

    def __init__(self, process: asyncio.subprocess.Process, output: asyncio.StreamReader) -> None:
        self._process = process
        self._output = output
        self.lines: list[str] = []
        self.events: list[Event] = []
        self.complaints = ""
        self._came = asyncio.Condition()
        self._ended = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def arguments(self) -> str:
        """Give what a process list shows of it."""
        return Path(f"/proc/{self.pid}/cmdline").read_bytes().decode()

    async def event(self, name: str, **fields: object) -> Event:
        """Wait for a log event that has these fields."""
        return await self._until(
            lambda: next((e for e in self.events if e["event"] == name and fields.items() <= e.items()), None),
            f"{name} {fields}",
        )

    async def count(self, name: str, number: int) -> None:
        """Wait until so many events of a name were logged."""
        await self._until(lambda: len(self.named(name)) >= number or None, f"{number} times {name}")

    async def line(self, part: str) -> str:
        """Wait for a line that contains `part`."""
        return await self._until(lambda: next((line for line in self.lines if part in line), None), part)

    def named(self, name: str) -> list[Event]:
        """Give the events of a name so far."""
        return [event for event in self.events if event["event"] == name]

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for the end; give the exit status (negative: the signal that ended it)."""
        async with asyncio.timeout(DEADLINE):
            await self._process.wait()
            async with self._came:
                await self._came.wait_for(lambda: self._ended)
        return self._process.returncode or 0

    async def stop(self) -> int:
        """End it as systemd does."""
        self.send(signal.SIGTERM)
        return await self.ended()

    async def read(self) -> None:
        """Read until there is no more."""
        assert self._process.stderr is not None
        complaints = asyncio.create_task(self._process.stderr.read())
        async for raw in self._output:
            async with self._came:
                self.lines.append(raw.decode().rstrip("\n"))
                with contextlib.suppress(orjson.JSONDecodeError):
                    read = orjson.loads(PRIORITY.sub(b"", raw))
                    self.events += [read] if isinstance(read, dict) and "event" in read else []
                self._came.notify_all()
        self.complaints = (await complaints).decode()
        async with self._came:
            self._ended = True
            self._came.notify_all()

    async def _until(self, found: Callable[[], T | None], what: str) -> T:
        seen: T | None = None

        def there() -> bool:
            nonlocal seen
            seen = found()
            return seen is not None or self._ended

        try:
            async with asyncio.timeout(DEADLINE), self._came:
                await self._came.wait_for(there)
        except TimeoutError:
            pass
        assert seen is not None, f"never came: {what}\n" + "\n".join(self.lines[-20:])
        return seen


async def run_to_end(*words: str, environ: Mapping[str, str] | None = None) -> Process:
    """Run a command that ends by itself."""
    async with started(*words, environ=environ) as process:
        await process.ended()
    return process


@asynccontextmanager
async def started(
    *words: str, environ: Mapping[str, str] | None = None, to_journal: bool = False
) -> AsyncIterator[Process]:
    """Start `recordingd WORDS…`; on leaving, it is over, by force where need be.

    Args:
        words: The command and its arguments.
        environ: Its environment; None for ours.
        to_journal: Whether its stdout passes for the stream that systemd connects to the journal.
    """
    from_it, to_us = os.pipe()
    output = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(output), os.fdopen(from_it, "rb"))
    if to_journal:
        status = os.fstat(to_us)
        environ = {**(os.environ if environ is None else environ), "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "daemon",
        *words,
        stdout=to_us,
        stderr=asyncio.subprocess.PIPE,
        env=environ,
        limit=1 << 20,
    )
    os.close(to_us)
    running = Process(process, output)
    reading = asyncio.create_task(running.read())
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await reading
        transport.close()


def settings(directory: Path, text: str, **tables: Mapping[str, object]) -> Path:
    """Write a configuration: the simulator's own text and some tables more; give its path."""
    path = directory / "config.toml"
    more = "".join(
        f"\n[{table}]\n" + "".join(f"{key} = {orjson.dumps(value).decode()}\n" for key, value in keys.items())
        for table, keys in tables.items()
    )
    path.write_text(text + more, encoding="utf-8")
    return path
