from daemon.tasks.heed import EVERY, heed
from daemon.tasks.waiting import Bell
from tests.fakes import FakeClock, FakeNeighbours
from tests.tasks.background import background


async def _listen(bell: Bell, clock: FakeClock, heard: list[float]) -> None:
    while True:
        await bell.wait(clock, 3600)
        heard.append(clock.elapsed)


async def test_every_bell_is_rung_after_somebody_else_has_written_and_only_then() -> None:
    clock, neighbours, bells = FakeClock(), FakeNeighbours(written=7), (Bell(), Bell())
    heard: tuple[list[float], list[float]] = ([], [])
    listeners = [_listen(bell, clock, ears) for bell, ears in zip(bells, heard, strict=True)]
    async with background(clock, heed(neighbours, bells, clock), *listeners):
        await clock.advance(10 * EVERY)
        assert heard == ([], [])
        neighbours.written += 1
        await clock.advance(5 * EVERY)
        assert heard == ([11 * EVERY], [11 * EVERY])
