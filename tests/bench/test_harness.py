"""The parts of the suite that measure nothing: rounds, ratios, tables, the README's block."""

import re
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.bench.course import Course
from tests.bench.harness.machine import description
from tests.bench.harness.race import Contestant, Figure, Measures, Missing, Race, Target, Wrong
from tests.bench.harness.readme import BEGIN, END, block, replaced
from tests.bench.harness.rounds import Spread, hold, unheld
from tests.bench.harness.tables import VERDICTS, markdown, number, text
from tests.bench.media import SMALL, Shelf, ids
from tests.bench.peers import Peers
from tests.bench.profile import top
from tests.bench.rows import ROWS
from tests.bench.telling import frames, recordings
from tests.bench.telling import heard as notifications

README = Path(__file__).parent.parent.parent / "README.md"
RATE = Figure("rate", "commits", "1/s")


def steps(*values: float) -> Callable[[], Measures]:
    """Measure one value after the other."""
    left = iter(values)
    return lambda: {"rate": next(left)}


def absent() -> Measures:
    raise Missing("aria2c is not installed")


def race(*contestants: Contestant, targets: tuple[Target, ...] = ()) -> Race:
    return Race("ledger", "durable commits", "theirs", (RATE,), contestants, targets)


def test_a_ratio_is_taken_within_a_round_and_the_median_of_those_counts() -> None:
    result = hold(race(Contestant("ours", steps(10, 40, 90)), Contestant("theirs", steps(1, 2, 9))), 3)
    assert result.ratio("rate", "ours", "theirs") == Spread(10, 10, 20)
    assert result.spread("rate", "ours") == Spread(40, 10, 90)


def test_everybody_is_measured_once_a_round_and_nobody_is_always_first() -> None:
    order: list[str] = []

    def noting(name: str) -> Contestant:
        def measure() -> Measures:
            order.append(name)
            return {"rate": 1.0}

        return Contestant(name, measure)

    hold(race(noting("a"), noting("b"), noting("theirs")), 3)
    assert order == ["a", "b", "theirs", "b", "theirs", "a", "theirs", "a", "b"]


def test_who_is_missing_is_named_with_the_reason_and_not_asked_again() -> None:
    asked = count()

    def peer() -> Measures:
        next(asked)
        return absent()

    result = hold(race(Contestant("aria2", peer), Contestant("theirs", steps(1, 1, 1))), 3)
    assert next(asked) == 1
    assert "aria2                                        missing: aria2c is not installed" in text(result)
    assert "| aria2 | missing: aria2c is not installed | - |" in markdown([result])


def test_whose_bytes_are_wrong_has_failed_and_the_others_go_on() -> None:
    def wrong() -> Measures:
        raise Wrong("1.mp3 has other bytes")

    result = hold(race(Contestant("ours", wrong), Contestant("theirs", steps(1, 2))), 2)
    assert result.failed == {"ours": "Wrong: 1.mp3 has other bytes"}
    assert "FAILED: Wrong: 1.mp3 has other bytes" in text(result)
    assert result.spread("rate", "theirs") == Spread(1.5, 1, 2)


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        (Target("x", "rate", "ours", "theirs", at_least=4), True),
        (Target("x", "rate", "ours", "theirs", at_least=4.01), False),
        (Target("x", "rate", "ours", at_most=8), True),
        (Target("x", "rate", "ours", at_most=7.9), False),
        (Target("x", "rate", "nobody", at_most=1), None),
        (Target("x", "rate", "ours", "nobody", at_least=0), None),
    ],
)
def test_a_target_bounds_the_median_or_the_ratio(target: Target, reached: bool | None) -> None:  # noqa: FBT001  a table's column
    result = hold(race(Contestant("ours", steps(8, 8)), Contestant("theirs", steps(2, 2)), targets=(target,)), 2)
    assert result.reached(target)[0] is reached


@pytest.mark.parametrize(
    ("value", "written"),
    [(184_123.4, "184,123"), (250.4, "250"), (25.04, "25"), (2.504, "2.5"), (0.02504, "0.025"), (0, "0")],
)
def test_numbers_have_three_digits_that_mean_something(value: float, written: str) -> None:
    assert number(value) == written


def test_a_table_says_who_did_what_by_which_ratio_and_whether_the_target_is_reached() -> None:
    aim = Target("at least 10 x theirs", "rate", "ours", "theirs", at_least=10)
    result = hold(race(Contestant("ours", steps(90, 90)), Contestant("theirs", steps(3, 3)), targets=(aim,)), 2)
    written = text(result)
    assert "ledger: durable commits; 2 rounds, median (min..max)" in written
    assert "  ours                                         90 (90..90)                        30 (30..30)" in written
    assert "  target: at least 10 x theirs: 30 (30..30); reached: yes" in written


def test_the_readmes_block_replaces_the_one_before_and_nothing_else() -> None:
    result = hold(race(Contestant("ours", steps(90)), Contestant("theirs", steps(3))), 1)
    new = block([result], "Measured today.", "curl 7")
    text = replaced(f"# A\n\n{BEGIN}\nold\n{END}\n\n## B\n", new)
    assert text.startswith(f"# A\n\n{BEGIN}\nMeasured today. Peers: curl 7.\n\n| row | target |")
    assert text.endswith(f"| ledger | commits, 1/s | theirs | 3 (3..3) | 1 (1..1) |\n{END}\n\n## B\n")
    assert "old" not in text
    assert replaced(text, new) == text


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_readme_without_one_place_for_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        replaced(text, "")


def test_a_profiles_text_names_whoever_has_most_of_its_own_and_in_all() -> None:
    waiting = "run (a.py:1);EpollSelector.select (selectors.py:468) 500\n"
    written = top(
        "run (a.py:1);hear (b.py:2) 30\nrun (a.py:1);hear (b.py:9);fold (c.py:3) 60\nrun (a.py:1) 10\n" + waiting
    )
    assert written.splitlines()[:6] == [
        "100 samples, without those of threads that wait for work",
        "",
        "  own   all  function",
        "60.0% 60.0%  fold (c.py)",
        "30.0% 90.0%  hear (b.py)",
        "10.0% 100.0%  run (a.py)",
    ]


def is_made_by_the_writer(text: str) -> bool:
    """Say whether what stands between the markers has the shape that `block` gives it."""
    lines = text.split(BEGIN)[1].split(END, maxsplit=1)[0].strip().splitlines()
    if lines == ["Not measured yet."]:
        return True
    where, blank, *tables = lines
    aims, everybody = "\n".join(tables).split("\n\n")
    return (
        re.match(r"Measured \d{4}-\d\d-\d\d \d\d:\d\d UTC: \d+ cores \(.+\), Linux .+, Python 3\.", where) is not None
        and not blank
        and all(len(cells) == 4 and cells[3] in VERDICTS.values() for cells in body(aims))
        and all(len(cells) == 5 for cells in body(everybody))
    )


def body(table: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]


def test_the_readme_has_one_place_for_results_and_what_stands_there_is_what_the_writer_makes() -> None:
    aims = (
        Target("at least 10 x theirs", "rate", "ours", "theirs", at_least=10),
        Target("fast", "rate", "no", at_most=1),
    )
    contestants = Contestant("ours", steps(90)), Contestant("theirs", steps(3)), Contestant("aria2", absent)
    written = README.read_text(encoding="utf-8")
    assert is_made_by_the_writer(written)
    fresh = replaced(written, block([hold(race(*contestants, targets=aims), 1)], description(), "curl 7"))
    assert is_made_by_the_writer(fresh)
    assert not is_made_by_the_writer(fresh.replace("| yes |", "| perhaps |"))
    assert not is_made_by_the_writer(fresh.replace("Measured 20", "Measured in 20"))


def test_every_row_is_named_once_and_every_target_asks_for_something_that_is_measured(tmp_path: Path) -> None:
    course = Course(is_quick=False, place=tmp_path, peers=Peers(tmp_path / "peers", may_install=False))
    for name in ("ledger", "settling", "logs", "quota", "growth"):  # those that start nothing before they are measured
        with ROWS[name](course) as races:
            for one in races:
                names = [contestant.name for contestant in one.contestants]
                assert one.name.startswith(name)
                assert one.reference in names
                assert len(set(names)) == len(names)
                for target in one.targets:
                    assert target.of in names
                    assert target.against in {None, *names}
                    assert target.figure in {figure.key for figure in one.figures}
                    assert target.at_least is not None or target.at_most is not None


def test_a_row_that_cannot_be_set_up_is_there_all_the_same_and_says_why() -> None:
    assert "  everybody                                    missing: nginx is not installed" in text(
        hold(unheld("downloads", "nginx is not installed"), 1)
    )


def test_peers_that_may_not_be_installed_are_missing(tmp_path: Path) -> None:
    peers = Peers(tmp_path, may_install=False)
    with pytest.raises(Missing, match=r"httpx is not installed \(PyPI\)"):
        peers.python("httpx")
    with pytest.raises(Missing, match=r"@rc-ex/ws is not installed \(npm\)"):
        peers.node_modules()
    assert list(tmp_path.iterdir()) == []


def test_files_that_differ_by_a_byte_or_are_not_there_are_wrong(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.stock(SMALL)
    wanted = ids(SMALL, 2)
    found = {one: shelf.place / "1" / f"{one[-3:]}.mp3" for one in wanted}
    shelf.check(found, wanted)
    with pytest.raises(Wrong, match="2 of 3 recordings are there"):
        shelf.check(found, ids(SMALL, 3))
    found[wanted[1]].write_bytes(found[wanted[1]].read_bytes()[:-1] + b"?")
    with pytest.raises(Wrong, match="has other bytes than were sent"):
        shelf.check(found, wanted)


def test_frames_are_as_long_as_real_ones_and_name_each_call_and_recording() -> None:
    told = list(frames(3))
    assert {len(one) for one in told} == {1600}
    heard = list(notifications(iter(told)))
    assert len(heard) == len(told) == 27
    assert len({one.telephony_session_id for one in heard}) == 3
    named = {named.id for one in heard for party in one.parties for named in party.recordings}
    assert named == set(recordings(3))
