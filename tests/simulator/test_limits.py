"""Usage-plan groups: headers, 429, and the penalty that impatience restarts."""

from daemon.simulator import Options, Simulator
from tests.simulator.patience import MovedClock
from tests.simulator.visitor import CALL_LOG, visiting

CHECK = "/restapi/v1.0/account/~/extension/~/authz-profile/check"


async def test_every_answer_says_what_is_left() -> None:
    async with Simulator() as simulator, visiting(simulator) as visitor:
        headers = [(await visitor.get(CALL_LOG)).headers for _ in range(3)]
        assert [h["X-Rate-Limit-Remaining"] for h in headers] == ["9", "8", "7"]
        assert (headers[0]["X-Rate-Limit-Group"], headers[0]["X-Rate-Limit-Limit"]) == ("heavy", "10")
        assert headers[0]["X-Rate-Limit-Window"] == "60"


async def test_content_and_call_log_share_the_heavy_group() -> None:
    async with Simulator(Options(limits={"heavy": 2})) as simulator, visiting(simulator) as visitor:
        assert (await visitor.get(CALL_LOG)).status == 200
        assert (await visitor.content("1")).status == 404
        refused = await visitor.content("1")
        assert (refused.status, refused.error) == (429, "CMN-301")
        assert refused.headers["Retry-After"] == "60"
        assert (await visitor.get(CHECK)).status == 200
        assert [request.in_penalty for request in simulator.requests].count(True) == 0


async def test_the_window_slides() -> None:
    clock = MovedClock()
    async with Simulator(Options(limits={"heavy": 2}), clock) as simulator, visiting(simulator) as visitor:
        await visitor.get(CALL_LOG)
        await clock.advance(40)
        assert (await visitor.get(CALL_LOG)).headers["X-Rate-Limit-Remaining"] == "0"
        await clock.advance(21)
        assert (await visitor.get(CALL_LOG)).status == 200
        assert (await visitor.get(CALL_LOG)).status == 429


async def test_an_early_request_restarts_the_penalty() -> None:
    clock = MovedClock()
    async with Simulator(Options(limits={"heavy": 1}), clock) as simulator, visiting(simulator) as visitor:
        statuses = []
        for pause in (0, 0, 59, 59, 61):
            await clock.advance(pause)
            statuses.append((await visitor.get(CALL_LOG)).status)
        assert statuses == [200, 429, 429, 429, 200]
        assert simulator.violations.penalty == 2
        simulator.forgive()
        assert (await visitor.get(CALL_LOG)).status == 200
