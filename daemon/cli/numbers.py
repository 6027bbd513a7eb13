"""Numbers on the command line: what is no number, or out of bounds, is said to be so in words."""

import argparse
import math
from collections.abc import Callable


def whole(least: float = -math.inf, most: float = math.inf) -> Callable[[str], int]:
    """Make what reads a whole number within bounds."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise argparse.ArgumentTypeError(f"expected a whole number{_bounds(least, most)}, got {text!r}")
        return number

    return read


def real(least: float = 0, most: float = math.inf, *, is_open: bool = False) -> Callable[[str], float]:
    """Make what reads a finite number within bounds; where it is open, the lower one is out of bounds itself."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not (least < number if is_open else least <= number) or not number <= most or math.isinf(number):
            raise argparse.ArgumentTypeError(f"expected a number{_bounds(least, most, is_open=is_open)}, got {text!r}")
        return number

    return read


def _bounds(least: float, most: float, *, is_open: bool = False) -> str:
    lower = "" if math.isinf(least) else f" above {least:g}" if is_open else f" of {least:g} or more"
    upper = "" if math.isinf(most) else f"{' and' if lower else ''} up to {most:g}"
    return f"{lower}{upper}"
