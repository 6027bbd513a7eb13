"""RingCentral's own JavaScript client logs in, subscribes, receives and recovers against the simulator."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from daemon.simulator import Options, Simulator

HERE = Path(__file__).parent / "js"
PATIENCE = 30.0
"""Seconds for anything the client does."""
INSTALL_PATIENCE = 300.0

NODE, NPM = shutil.which("node"), shutil.which("npm")
pytestmark = pytest.mark.skipif(
    NODE is None or NPM is None,
    reason="@rc-ex/ws needs " + " and ".join(n for n in ("node", "npm") if not shutil.which(n)),
)


@pytest.fixture(scope="module")
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the client with npm, once for every state of its package files; return its script."""
    sources = [HERE / name for name in ("package.json", "package-lock.json", "client.js")]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    if request.config.pluginmanager.hasplugin("cacheprovider"):
        directory = request.config.cache.mkdir(f"rc-ex-{digest}")
    else:
        directory = tmp_path_factory.mktemp("rc-ex")
    if not (directory / "installed").exists():
        for source in sources:
            shutil.copy(source, directory)
        command = [str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(  # noqa: S603 - npm, as found on the path
            command, cwd=directory, capture_output=True, text=True, timeout=INSTALL_PATIENCE, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (directory / "installed").touch()
    return directory / "client.js"


class Client:
    """The running client: what it says, and how to end it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def hear(self, kind: str) -> Any:  # noqa: ANN401 - any JSON
        """Read the next line, which must be of this kind; return what it says."""
        said, value = await self.any()
        assert said == kind, value
        return value

    async def any(self) -> tuple[str, Any]:
        """Read the next line: its kind, and what it says."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = json.loads(await self._process.stdout.readline())
        return line["kind"], line["value"]

    async def finish(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self.hear("over")
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()


@asynccontextmanager
async def _running(script: Path, simulator: Simulator) -> AsyncIterator[Client]:
    options = simulator.options
    process = await asyncio.create_subprocess_exec(
        str(NODE),
        str(script),
        simulator.rest_url,
        options.client_id,
        options.client_secret,
        options.jwt,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        yield Client(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_rc_ex_ws_logs_in_subscribes_receives_and_recovers(client: Path) -> None:
    options = Options(speed=1000, reuse_wstoken=True)
    async with Simulator(options) as simulator, _running(client, simulator) as process:
        assert await process.hear("login") == options.extension_id
        subscription = await process.hear("subscribed")

        call = await simulator.play(simulator.script("attended_transfer", seed=1))
        heard = [await process.hear("event") for _ in call.script.steps]
        assert [event["body"]["sequence"] for event in heard] == [s.body["sequence"] for s in call.script.steps]
        assert {event["subscriptionId"] for event in heard} == {subscription}

        simulator.drop()
        await simulator.play(simulator.script("missed_call", seed=1))
        lines = [await process.any() for _ in range(4)]
        events = [value for kind, value in lines if kind == "event"]
        assert ("recovered", "Successful") in lines
        assert simulator.journal.recoveries == {"Successful": 1}
        assert [event["body"]["sequence"] for event in events] == [2, 3, 4]

        assert await process.finish() == 0
        assert simulator.logins == ()
        assert simulator.violations.wstoken_reuse == 1, "it offers its wstoken again, which is why there is leniency"
