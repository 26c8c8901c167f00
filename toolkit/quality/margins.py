"""How far a few calls can be trusted: the margin of error of a yes/no item, and how many calls a margin takes.

The calls of an agent and month are few, so the correction for a finite population is made: somebody who was heard in
all calls is known exactly. z is 1.96 at 95 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from toolkit.problems import said

USUAL = 0.95
HALF = 0.5
"""The share at which a margin is widest: what is assumed where nothing is known yet."""
EXACT_TO = 9
"""Decimals to which a size is known before it is rounded up: 278.0000000001 calls are 278."""


def z_of(level: float = USUAL) -> float:
    """How many standard deviations either way hold this share of a bell curve."""
    return NormalDist().inv_cdf((1 + level) / 2)


def sample_size(margin: float, population: int | None = None, share: float = HALF, level: float = USUAL) -> int:
    """How many calls have to be drawn to know the share of a yes/no item to +- margin (a fraction: 0.05).

    n0 = z^2 p(1-p) / margin^2, of a finite population n0 / (1 + (n0 - 1) / N) (Cochran 1977, 4.4), rounded up: 278 of
    1,000 calls at 5 %, 1,068 of any number at 3 %. population None: of any number. `ValueError` for no margin.
    """
    if not 0 < margin < 1:
        raise ValueError("a margin lies between 0 and 1")
    endless = z_of(level) ** 2 * share * (1 - share) / margin**2
    if population is None:
        return ceil(round(endless, EXACT_TO))
    if population <= 0:
        return 0
    return min(population, max(1, ceil(round(endless / (1 + (endless - 1) / population), EXACT_TO))))


def margin(drawn: float, population: int, share: float = HALF, level: float = USUAL) -> float | None:
    """Half the width of the interval of a yes/no item, as a fraction: 8 of 400 calls give 0.34.

    z sqrt(p(1-p)/n (N-n)/(N-1)); 0 where all calls were heard, None where none was. drawn: may be an effective number
    (`effective`) where calls have different weights.
    """
    if drawn <= 0 or population <= 0:
        return None
    if drawn >= population:
        return 0.0
    unheard = (population - drawn) / (population - 1)
    return z_of(level) * sqrt(share * (1 - share) / drawn * unheard)


def interval(share: float, drawn: float, population: int, level: float = USUAL) -> tuple[float, float] | None:
    """Where the share of all calls lies, by the calls that were heard (Wilson 1927), within 0 and 1.

    Fewer calls are unheard than of an endless population, so n counts as n (N-1)/(N-n). None where none was heard.
    """
    from toolkit.fairness import wilson

    if drawn <= 0 or population <= 0:
        return None
    if drawn >= population:
        return share, share
    counted = drawn * (population - 1) / (population - drawn)
    low, high = wilson([share * counted], [counted], level)
    return float(low[0]), float(high[0])


def effective(weights: Sequence[float]) -> float:
    """How many calls of equal weight know as much as these: (sum w)^2 / sum w^2 (Kish 1965)."""
    squares = sum(weight * weight for weight in weights)
    return sum(weights) ** 2 / squares if squares else 0.0


@dataclass(frozen=True)
class Margin:
    """What the calls of an agent, a team or everybody say.

    calls: that could have been drawn; drawn: by chance, without risk extras; effective: the same, corrected for their
    weights. points: the margin of error of a yes/no item as a fraction. wanted, needed: the margin that was asked for,
    and the calls that it takes. heard, seen, low, high: evaluated calls of the period, their mean score, and its
    interval; None where none is evaluated.
    """

    scope_kind: str
    scope: str
    name: str
    calls: int
    drawn: int
    effective: float
    points: float | None
    wanted: float
    needed: int
    heard: int = 0
    seen: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def words(self) -> str:
        """In plain words, to be printed beside the score."""
        return margin_words(self.drawn, self.calls, self.points, self.wanted, self.needed)


def margin_words(drawn: int, calls: int, points: float | None, wanted: float, needed: int) -> str:
    """What a number of calls gives, and what the wanted margin would take."""
    if points is None:
        return said("MARGIN_NONE", calls=calls)
    if points == 0:
        return said("MARGIN_ALL", calls=calls)
    found = {"drawn": drawn, "calls": f"{calls:,}", "points": f"{points * 100:.0f}"}
    if points <= wanted:
        return said("MARGIN_ENOUGH", **found)
    return said("MARGIN_WIDE", **found, wanted=f"{wanted * 100:g}", needed=f"{needed:,}")


def score_words(drawn: int, calls: int, share: float = HALF) -> str:
    """The margin as it stands beside a score: ``8 of 412 calls, ±34 points``. share: the score as a fraction."""
    points = margin(drawn, calls, share)
    if points is None:
        return said("MARGIN_NONE", calls=calls)
    if points == 0 and drawn >= calls:
        return said("MARGIN_ALL", calls=f"{calls:,}")
    return said("MARGIN_BESIDE", drawn=drawn, calls=f"{calls:,}", points=f"{points * 100:.0f}")
