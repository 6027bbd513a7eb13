"""A sync that fails is never repeated as if nothing had been: a file begins again, a ledger ends the process."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.machine.disks import disks
from tests.machine.service import Service, again, service


@asynccontextmanager
async def injected(running: Service, log: Path, call: str, fault: str) -> AsyncIterator[None]:
    """Have a system call of the running daemon fail; on leaving, it is let alone again."""
    options = ("-f", "-o", str(log), "-e", f"trace={call}", "-e", f"inject={call}:{fault}")
    strace = await asyncio.create_subprocess_exec(
        "strace", *options, "-p", str(running.process.pid), stderr=asyncio.subprocess.PIPE
    )
    assert strace.stderr is not None
    assert b"attached" in await strace.stderr.readline()
    try:
        yield
    finally:
        if strace.returncode is None:
            strace.send_signal(signal.SIGINT)
        await strace.communicate()


@pytest.mark.machine("strace")
async def test_a_file_whose_sync_fails_begins_again_from_nothing(tmp_path: Path) -> None:
    async with service(tmp_path) as running:
        async with injected(running, tmp_path / "trace", "fsync", "error=EIO:when=1"):
            asked = running.content_requests()
            recording = await running.call()
            said = await running.process.event("recording.postponed", recording_id=recording)
            assert said["reason"] == "the archive: Input/output error"
        await running.archived()
        assert running.content_requests() >= asked + 2
        assert await running.process.stop() == 0
        assert list((running.archive / ".partial").iterdir()) == []


@pytest.mark.machine("strace")
@pytest.mark.parametrize("number", [1, 2, 3, 5])
async def test_a_ledger_whose_sync_fails_ends_the_process_and_the_next_one_keeps_every_recording(
    tmp_path: Path, number: int
) -> None:
    async with service(tmp_path) as running:
        async with injected(running, tmp_path / "trace", "fdatasync", f"error=EIO:when={number}"):
            await running.call()
            assert await running.process.ended() == 1
        trace = (tmp_path / "trace").read_text()
        assert trace.count("(INJECTED)") == 1
        assert "disk I/O error" in running.process.complaints
        assert "Traceback" not in running.process.complaints
        seen = {event["recording_id"] for event in running.process.named("recording.expected")}
        async with again(running) as next_one:
            assert seen <= next_one.rows().keys()
            await next_one.archived()  # also what the first process never acknowledged: it is heard again, or read
            assert await next_one.process.stop() == 0


@pytest.mark.machine("mount", "umount", "mkfs.ext4")
async def test_a_state_disk_that_dies_ends_the_process_and_is_gone_on_with_when_it_is_back(tmp_path: Path) -> None:
    with disks(tmp_path, "ext4") as (disk,):
        (tmp_path / "state").symlink_to(disk.place)
        async with service(tmp_path) as running:
            await running.call()
            await running.archived()
            disk.cut()
            await running.call()
            assert await running.process.ended() == 1
            assert "Traceback" not in running.process.complaints
            seen = {event["recording_id"] for event in running.process.named("recording.expected")}
            disk.unmount()
            disk.mount()
            async with again(running) as next_one:
                assert seen <= next_one.rows().keys()
                await next_one.archived()
                assert await next_one.process.stop() == 0
