"""OAuth's faults, and logins that were not needed."""

import aiohttp
import pytest

from daemon.simulator import LIMITS, Simulator
from tests.simulator.patience import MovedClock, until
from tests.simulator.visitor import CALL_LOG, visiting
from tests.simulator.wire import FREE, downloading, one_recording


async def test_access_tokens_expire_and_a_refresh_helps() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        simulator.turn_on("account.token-expires")
        await until(lambda: simulator.hits("account.token-expires"))
        simulator.turn_off()
        assert (await visitor.get(CALL_LOG)).error == "OAU-128"
        await visitor.refresh()
        assert (await visitor.get(CALL_LOG)).status == 200


async def test_access_tokens_expire_in_the_middle_of_a_download() -> None:
    async with one_recording("account.token-expires-mid-download") as (simulator, visitor, recording):
        async with downloading(simulator, visitor, recording.id) as download:
            assert 0 < len(await download.rest()) < int(download.headers["Content-Length"])
        resumed = await visitor.content(recording.id, Range="bytes=1000-")
        assert (resumed.status, resumed.error) == (401, "OAU-128")
        simulator.turn_off()
        await visitor.refresh()
        assert (await visitor.content(recording.id)).content == recording.content


async def test_a_refresh_token_is_lost_and_the_next_login_is_excused() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        async with simulator.fault("account.refresh-token-lost"):
            assert (await visitor.try_refresh()).error == "OAU-210"
            assert simulator.logins == ()
            assert (await visitor.try_login()).status == 200
        assert simulator.violations.needless_logins == 0
        assert simulator.hits("account.refresh-token-lost") == 1


async def test_every_session_is_evicted() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        async with simulator.fault("account.evicted"):
            await until(lambda: simulator.logins == ())
        assert (await visitor.get(CALL_LOG)).error == "OAU-213"
        assert (await visitor.try_refresh()).error == "OAU-210"
        await visitor.log_in()
        assert (simulator.violations.oauth_evicted, simulator.violations.needless_logins) == (0, 0)


async def test_logins_are_refused_and_then_allowed() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator, log_in=False) as visitor:
        async with simulator.fault("account.login-refused"):
            refused = await visitor.try_login()
            assert (refused.status, refused.error) == (400, "OAU-140")
        assert (await visitor.try_login()).status == 200


async def test_a_429_of_the_auth_group_silences_it() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        simulator.change(limits=LIMITS)
        async with simulator.fault("account.auth-429"):
            answer = await visitor.try_refresh()
            assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
            assert answer.headers["X-Rate-Limit-Group"] == "auth"
            assert (await visitor.get(CALL_LOG)).status == 200
        await clock.advance(59)
        assert (await visitor.try_refresh()).status == 429
        assert simulator.violations.penalty == 1
        await clock.advance(61)
        assert (await visitor.try_refresh()).status == 200


async def test_oauth_is_down_for_tokens_of_all_kinds() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        seen = set()
        async with simulator.fault("account.oauth-down"):
            for _ in range(12):
                try:
                    seen.add((await visitor.try_refresh()).status)
                except aiohttp.ClientError:
                    seen.add(0)
            with pytest.raises((aiohttp.ClientError, AssertionError)):
                await visitor.wstoken()
            assert (await visitor.get(CALL_LOG)).status == 200
        assert seen == {0, 503}
        await visitor.refresh()


async def test_a_login_beside_a_session_that_could_be_refreshed_is_needless() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        assert simulator.violations.needless_logins == 0
        await visitor.log_in()
        assert simulator.violations.needless_logins == 1
        await clock.advance(700_000)
        await visitor.log_in()
        assert simulator.violations.needless_logins == 1, "nothing was left to refresh"
        await visitor.try_refresh("unknown")
        await visitor.log_in()
        assert simulator.violations.needless_logins == 1, "it had tried"
        assert [incident.name for incident in simulator.journal.incidents] == ["needless_logins"]
