"""Exact numbers: reading them, rounding them once, sharing a rounded total out."""

from fractions import Fraction
from math import floor

UNUSUAL_DIGITS = {"UGX": 0, "RWF": 0, "XAF": 0, "XOF": 0, "KWD": 3}


def minor_digits(currency: str) -> int:
    return UNUSUAL_DIGITS.get(currency, 2)


def number(text: str) -> Fraction:
    """``"80%"`` is 4/5, ``"31"`` is 31, ``"0.5"`` is 1/2."""
    text = text.strip()
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def minor(text: str, digits: int) -> int:
    """An amount as whole minor units; it must have no more digits than the currency."""
    scaled = number(text) * 10**digits
    assert scaled.denominator == 1, text
    return int(scaled)


def rounded(exact: Fraction, mode: str) -> int:
    """The nearest whole number, ties away from zero (half_up) or to the even neighbour (half_even)."""
    below = floor(exact)
    over = exact - below
    if over == Fraction(1, 2):
        if mode == "half_up":
            return below + 1 if exact > 0 else below
        return below if below % 2 == 0 else below + 1
    return below + 1 if over > Fraction(1, 2) else below


def shared(total: int, pieces: list[Fraction]) -> list[int]:
    """`total` in whole units that follow `pieces`: floors, then one each to the largest remainders, earlier first."""
    units = [floor(piece) for piece in pieces]
    given: set[int] = set()
    while sum(units) < total:
        waiting = [i for i in range(len(pieces)) if i not in given]
        winner = max(waiting, key=lambda i: (pieces[i] - floor(pieces[i]), -i))
        units[winner] += 1
        given.add(winner)
    assert sum(units) == total, (total, pieces)
    return units
