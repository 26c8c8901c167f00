"""Money without losing a cent: currencies, minor units, rounding, sharing out.

Money is a `Decimal` in the major unit at the edges, an `int` of minor units inside tables, and a
`Fraction` while a rule is being applied. It is rounded once, to a payable line, and never a float.
"""

import csv
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import floor
from typing import Literal

Rounding = Literal["half_up", "half_even"]

PPM = 1_000_000
"""Rates in row-level tables are whole parts per million: 2.5 % is 25 000."""

LARGEST_MINOR = (2**63 - 1) // PPM
"""The largest amount (about 9.2 * 10^12 minor units) whose product with a rate of 100 % fits int64."""


@cache
def currencies() -> dict[str, int]:
    """Number of minor digits by ISO 4217 code, from `toolkit/data/currencies.csv`."""
    source = files("toolkit").joinpath("data", "currencies.csv")
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    return {row["currency"]: int(row["minor_digits"]) for row in rows}


def minor_digits(currency: str) -> int:
    """Digits behind the point: 2 for KES and TZS, 0 for UGX. Unknown currency: `KeyError`."""
    return currencies()[currency]


def to_minor(amount: Decimal | Fraction, digits: int) -> int:
    """An amount of the major unit as whole minor units; `ValueError` if it has more digits than that."""
    scaled = Fraction(amount) * 10**digits
    if scaled.denominator != 1:
        raise ValueError(f"{amount} has more than {digits} digits behind the point")
    return int(scaled.numerator)


def from_minor(minor: int, digits: int) -> Decimal:
    """Minor units as a `Decimal` of the major unit, always with the currency's digits."""
    return Decimal(minor).scaleb(-digits)


def plain(minor: int, digits: int) -> str:
    """``-1234.50``: the form of CSV files, a decimal point and the currency's digits, nothing else."""
    return f"{from_minor(minor, digits):f}"


def worded(minor: int, digits: int) -> str:
    """``-1,234.50``: the form people read."""
    return f"{from_minor(minor, digits):,f}"


def rounded(exact: Fraction, mode: Rounding) -> int:
    """The nearest whole number; a tie goes away from zero (half_up) or to the even one (half_even).

    half_up is what Excel's ROUND does and what people do by hand.
    """
    return rounded_ratio(exact.numerator, exact.denominator, mode)


def rounded_ratio(numerator: int, denominator: int, mode: Rounding) -> int:
    """As `rounded`, of a fraction in any terms: to reduce it first takes longer than to round it."""
    if mode == "half_even":
        return round(Fraction(numerator, denominator))
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def multiplied(base: Decimal, rate: Decimal, factor: Decimal, digits: int) -> int:
    """What the reader of a row works out: base x rate x factor in whole minor units, rounded half up."""
    return rounded(Fraction(base) * Fraction(rate) * Fraction(factor) * 10**digits, "half_up")


def shared_out(total: int, parts: Sequence[Fraction]) -> list[int]:
    """`total` as whole numbers that follow `parts` and add up to it exactly (largest remainder).

    `parts` are the exact pieces, adding up to `total` or to something that was rounded to it; each gets
    its floor and what is missing goes one by one to the largest remainders, the earlier first in a tie.

    >>> shared_out(100, [Fraction(100, 3)] * 3)
    [34, 33, 33]
    """
    shares = [floor(part) for part in parts]
    missing = total - sum(shares)
    if not 0 <= missing <= len(shares):
        raise ValueError(f"{total} is not what {sum(parts)} rounds to")
    by_remainder = sorted(range(len(parts)), key=lambda i: (shares[i] - parts[i], i))
    for i in by_remainder[:missing]:
        shares[i] += 1
    return shares


def parts_per_million(percentage: str) -> int:
    """``"2.5%"`` as 25 000. `ValueError` for anything without its percent sign, or finer than 0.0001 %."""
    text = percentage.strip()
    if not text.endswith("%"):
        raise ValueError("a rate needs its percent sign")
    exact = Fraction(Decimal(text[:-1].strip())) * PPM / 100
    if exact.denominator != 1:
        raise ValueError("a rate may have four digits behind the point of its percentage")
    return exact.numerator


def percentage(ppm: int | Fraction, digits: int = 4) -> str:
    """25 000 as ``2.5%``: the shortest form, with at most `digits` digits behind the point."""
    hundredths = Fraction(ppm) / (PPM // 100)
    scaled = Decimal(rounded(hundredths * 10**digits, "half_up")).scaleb(-digits)
    text = f"{scaled:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def decimal_text(value: Fraction, digits: int = 8) -> str:
    """A fraction as a plain decimal, rounded half up to at most `digits` digits, without trailing zeros."""
    numerator, denominator = abs(value.numerator), value.denominator
    scaled = (2 * numerator * 10**digits + denominator) // (2 * denominator)
    whole, rest = divmod(scaled, 10**digits)
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")
