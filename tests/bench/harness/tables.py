"""Results as text: for a terminal, and for the README."""

from collections.abc import Iterator, Sequence

from tests.bench.harness.race import Figure
from tests.bench.harness.rounds import Result, Spread

VERDICTS = {True: "yes", False: "no", None: "not measured"}


def number(value: float) -> str:
    """Write a number with three digits that mean something."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def spread(found: Spread | None) -> str:
    """Write a median with the rounds' range."""
    if found is None:
        return "-"
    return f"{number(found.median)} ({number(found.least)}..{number(found.most)})"


def cells(result: Result, figure: Figure) -> Iterator[tuple[str, str, str]]:
    """Give for each contestant its name, its figure, and its ratio to the reference."""
    race = result.race
    for one in race.contestants:
        if one.name in result.missing or one.name in result.failed:
            if figure is race.figures[0]:
                failed = result.failed.get(one.name)
                yield one.name, f"FAILED: {failed}" if failed else f"missing: {result.missing[one.name]}", "-"
        elif result.spread(figure.key, one.name) is not None:
            ratio = result.ratio(figure.key, one.name, race.reference)
            yield one.name, spread(result.spread(figure.key, one.name)), spread(ratio)


def verdicts(result: Result) -> Iterator[tuple[str, str, str]]:
    """Give for each target its words, what was measured, and whether that reaches it."""
    for target in result.race.targets:
        is_reached, found = result.reached(target)
        yield target.text, spread(found), VERDICTS[is_reached]


def text(result: Result) -> str:
    """Write a result for a terminal."""
    race = result.race
    lines = ["", f"{race.name}: {race.title}; {result.rounds} rounds, median (min..max)"]
    lines += [f"  {race.note}"] if race.note else []
    for figure in race.figures:
        rows = [(f"{figure.title}, {figure.unit}", "", f"x {race.reference}"), *cells(result, figure)]
        lines += [f"  {name:<44} {value:<34} {ratio}".rstrip() for name, value, ratio in rows]
    lines += [f"  target: {words}: {value}; reached: {verdict}" for words, value, verdict in verdicts(result)]
    return "\n".join(lines)


def markdown(results: Sequence[Result]) -> str:
    """Write results for the README: what was aimed at, then everybody."""
    aims = [
        f"| {result.race.name} | {words} | {value} | {verdict} |"
        for result in results
        for words, value, verdict in verdicts(result)
    ]
    everybody = [
        f"| {result.race.name} | {figure.title}, {figure.unit} | {name} | {value} | {ratio} |"
        for result in results
        for figure in result.race.figures
        for name, value, ratio in cells(result, figure)
    ]
    return "\n".join(
        [
            "| row | target | measured | reached |",
            "|---|---|---|---|",
            *map(_plain, aims),
            "",
            "| row | figure | who | median (min..max) | ratio to the row's reference |",
            "|---|---|---|---|---|",
            *map(_plain, everybody),
        ]
    )


def _plain(line: str) -> str:
    return " ".join(line.split())
