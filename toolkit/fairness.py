"""How far a small number of cases can be trusted: intervals, funnel limits, and values drawn towards the mean.

These figures are for judging and ranking people fairly. Pay never rests on a shrunk value: what is paid looks at the
raw one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from toolkit.chances import Floats, least_number

Place = Literal["above", "within", "below", ""]

USUAL, FAR = 0.95, 0.999
"""Of a hundred agents who are all alike, five lie outside of the first limits; of a thousand, one of the second."""


def wilson(successes: Sequence[float], trials: Sequence[float], level: float = USUAL) -> tuple[Floats, Floats]:
    """The interval in which the true rate lies, with this confidence (Wilson 1927): low and high, both within 0 and 1.

    NaN where there are no trials. Successes may be fractions, such as a sum of scores between 0 and 1.
    """
    k, n = np.asarray(successes, float), np.asarray(trials, float)
    low, high = np.full(len(n), np.nan), np.full(len(n), np.nan)
    known = (n > 0) & (k >= 0) & (k <= n)
    # written out: the libraries that have it take a second to load
    wide = NormalDist().inv_cdf((1 + level) / 2)
    rates, bases = k[known] / n[known], n[known]
    middle = (rates + wide**2 / (2 * bases)) / (1 + wide**2 / bases)
    half = wide * np.sqrt(rates * (1 - rates) / bases + wide**2 / (4 * bases**2)) / (1 + wide**2 / bases)
    # a bound may miss the rate itself by the last bit
    low[known], high[known] = np.clip(middle - half, 0, rates), np.clip(middle + half, rates, 1)
    return low, high


@dataclass(frozen=True)
class Funnel:
    """The limits within which chance alone explains a rate of so many trials, around `centre`, the rate of all."""

    centre: float
    low: Floats
    high: Floats
    places: tuple[Place, ...]


def funnel(successes: Sequence[float], trials: Sequence[float], level: float = USUAL) -> Funnel:
    """Each rate against all together, with exact binomial limits (Spiegelhalter 2005): above, within or below.

    A rate on a limit is within. No place is given where there are no trials, or where the rate is none (above 1).
    """
    k, n = np.asarray(successes, float), np.asarray(trials, float)
    n = np.where((k >= 0) & (k <= n), n, 0)  # what is no share takes no part
    total = n.sum()
    centre = float(k[n > 0].sum() / total) if total else float("nan")
    if not 0 < centre < 1:
        nothing = np.full(len(n), np.nan)
        nowhere: Place = ""
        return Funnel(centre, nothing, nothing, (nowhere,) * len(n))
    whole = np.maximum(np.floor(n), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(whole > 0, least_number((1 - level) / 2, whole, centre) / whole, np.nan)
        high = np.where(whole > 0, least_number(1 - (1 - level) / 2, whole, centre) / whole, np.nan)
        rates = k / n
    return Funnel(centre, low, high, tuple(_place(*each) for each in zip(rates, low, high, strict=True)))


def _place(rate: np.float64, least: np.float64, most: np.float64) -> Place:
    if np.isnan(rate) or np.isnan(least):
        return ""
    return "above" if rate > most else "below" if rate < least else "within"


def shrunk(successes: Sequence[float], trials: Sequence[float]) -> Floats:
    """Each rate drawn towards the rate of all, the more the fewer its trials (empirical Bayes).

    With p the rate of all and v the spread between people that chance does not explain, a rate of n trials keeps the
    share v / (v + p(1-p)/n) of its distance from p. v is the observed spread less the expected one, by the factor
    (m-3)/(m-1) of James and Stein, so that equal bases give their estimator (Efron and Morris 1975). NaN without
    trials; the raw rates where there are fewer than four people.
    """
    k, n = np.asarray(successes, float), np.asarray(trials, float)
    known = n > 0
    result = np.full(len(n), np.nan)
    result[known] = k[known] / n[known]
    if known.sum() < 4:
        return result
    rates, bases = result[known], n[known]
    centre = float(k[known].sum() / bases.sum())
    chance = centre * (1 - centre) / bases
    spread = float(((rates - centre) ** 2).sum())
    if chance.min() <= 0 or spread <= 0:
        result[known] = centre if spread <= 0 else rates
        return result
    expected = float(np.average(chance)) * (len(rates) - 3)
    kept_on_average = max(0.0, 1 - expected / spread)
    between = float(np.average(chance)) * kept_on_average / (1 - kept_on_average) if kept_on_average < 1 else np.inf
    kept = between / (between + chance) if np.isfinite(between) else np.ones(len(rates))
    result[known] = centre + kept * (rates - centre)
    return result
