"""Intervals of differences of rates, and of what is reckoned from them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.fairness import USUAL, wilson

Floats = npt.NDArray[np.float64]


def newcombe(
    paid: Sequence[float], of: Sequence[float], other_paid: Sequence[float], other_of: Sequence[float],
    level: float = USUAL,
) -> tuple[Floats, Floats]:  # fmt: skip
    """The interval of the difference of two rates (Newcombe 1998, method 10, hybrid score): low and high.

    NaN where either side has no cases. Counts may be fractions.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    sides = [np.asarray(side, float) for side in (paid, of, other_paid, other_of)]
    low, high = np.full(len(sides[0]), np.nan), np.full(len(sides[0]), np.nan)
    for place, (k, n, other_k, other_n) in enumerate(zip(*sides, strict=True)):
        if n > 0 and other_n > 0:
            low[place], high[place] = confint_proportions_2indep(
                k, n, other_k, other_n, method="newcomb", compare="diff", alpha=1 - level
            )
    return low, high


def difference(one: Sequence[Floats], other: Sequence[Floats]) -> tuple[Floats, Floats, Floats]:
    """The difference of two estimates, each given with its own low and high, and its interval: their distances to the
    limits squared and added (Zou and Donner 2008). Of two rates with Wilson's limits this is Newcombe's interval."""
    at, low, high = one
    from_at, from_low, from_high = other
    gap = at - from_at
    below = np.sqrt((at - low) ** 2 + (from_high - from_at) ** 2)
    above = np.sqrt((high - at) ** 2 + (from_at - from_low) ** 2)
    return gap, gap - below, gap + above


def weighted(shares: Floats, rates: Floats, lows: Floats, highs: Floats) -> tuple[float, float, float]:
    """An average of independent rates with its interval, in the same way; `shares` add up to 1."""
    at = float((shares * rates).sum())
    below = float(np.sqrt(((shares * (rates - lows)) ** 2).sum()))
    above = float(np.sqrt(((shares * (highs - rates)) ** 2).sum()))
    return at, at - below, at + above


def wilson_of(paid: Floats, of: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Rate, low and high; NaN without cases."""
    low, high = wilson(list(paid), list(of), level)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(of > 0, paid / of, np.nan), low, high
