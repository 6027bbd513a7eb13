"""The journal keeps counts of everything, and the requests themselves only of late."""

from daemon.simulator import Journal, Options, Request, Simulator, report
from daemon.simulator.journal import INCIDENTS, NEWEST
from tests.simulator.visitor import CALL_LOG, visiting
from tests.simulator.wire import FREE, recorded


def _request(number: int, *, early: bool = False, in_penalty: bool = False) -> Request:
    return Request(
        at=float(number),
        listener="media",
        method="GET",
        path=f"/{number}",
        query={},
        status=404 if early else 200,
        group="heavy",
        recording_id="7",
        early=early,
        in_penalty=in_penalty,
    )


def test_counts_are_exact_when_the_oldest_requests_are_gone() -> None:
    journal, count = Journal(), 3 * NEWEST
    for number in range(count):
        journal.add(_request(number, early=number % 2 == 0))
    assert NEWEST <= len(journal.requests) <= 2 * NEWEST
    assert journal.requests[-1].at == count - 1
    assert [later.at - one.at for one, later in zip(journal.requests, journal.requests[1:], strict=False)].count(1) == (
        len(journal.requests) - 1
    )
    assert (journal.totals.requests, journal.totals.by_group) == (count, {"heavy": count})
    assert journal.totals.by_status == {200: count // 2, 404: count // 2}
    assert (journal.totals.asked["7"], journal.totals.early["7"]) == (count, count // 2)
    assert journal.violations.early == count // 2


def test_violations_are_told_one_by_one_up_to_a_limit() -> None:
    journal = Journal()
    for number in range(INCIDENTS + 5):
        journal.add(_request(number, in_penalty=True))
    assert journal.violations.penalty == INCIDENTS + 5
    assert len(journal.incidents) == INCIDENTS
    assert (journal.incidents[0].name, journal.incidents[0].what) == ("penalty", "GET /0")


async def test_the_report_tells_of_faults_and_of_what_they_removed() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        gone, there = recorded(simulator, seed=1), recorded(simulator, seed=2)
        async with simulator.fault("call-log.recording-deleted", share=0.999):
            assert report(simulator, complete=False)["quiet"] is False
            assert (await visitor.content(gone.id)).status == 404
        simulator.turn_on("media.html", share=0.25)
        simulator.turn_off()
        await visitor.content(there.id)
        await visitor.get(CALL_LOG)
        told = report(simulator, complete=True)
    assert (told["complete"], told["quiet"], told["foreign_requests"]) == (True, True, 0)
    assert [(p["name"], p["share"], p["hits"]) for p in told["faults"]] == [
        ("call-log.recording-deleted", 0.999, 1),
        ("media.html", 0.25, 0),
    ]
    assert all(period["on"] <= period["off"] for period in told["faults"])
    first, second = (call["recordings"][0] for call in told["calls"])
    assert (first["deleted"], first["removed_by"]) == (True, "call-log.recording-deleted")
    assert (second["deleted"], second["removed_by"], second["requests"]) == (False, None, 1)
    assert second["sha256"] == there.seal[1]
    assert {"needless_logins", "token_leaked", "wstoken_reuse", "penalty"} <= told["violations"].keys()
    assert told["requests"]["total"] == 4


async def test_a_fault_switched_on_twice_begins_afresh() -> None:
    async with Simulator(Options()) as simulator:
        simulator.turn_on("media.html", share=0.5)
        simulator.turn_on("media.html")
        assert list(simulator.faults_on) == ["media.html"]
        assert [(p.share, p.off is None) for p in simulator.fault_periods] == [(0.5, False), (1.0, True)]
        simulator.turn_off("media.html")
        simulator.turn_off("media.html")
        assert list(simulator.faults_on) == []
