"""Krippendorff's alpha, exactly: how far answers agree beyond chance, for any number of evaluators and missing answers.

K. Krippendorff, Content Analysis, 4th ed. (2018), chapter 12. alpha = 1 - observed / expected disagreement; each call
counts by its answers, and calls with fewer than two do not count. All in whole numbers and fractions until the end.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import fsum, sqrt
from typing import Any, Literal

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
"""How far two answers lie apart: the same or not, by rank, by difference, by difference in proportion to their sum."""
Unit = Sequence[Hashable | None]
"""The answers to one question of one call, one for each evaluator; None where there is none."""
Distance = Callable[[Any, Any], Fraction]
SAME = 1e-12
"""A difference below it comes from the arithmetic of floats."""


@dataclass(frozen=True)
class Parts:
    """What alpha is made of, each multiplied by the number of answers: parts of several questions can be added."""

    observed: Fraction = Fraction(0)
    expected: Fraction = Fraction(0)

    def __add__(self, other: "Parts") -> "Parts":
        return Parts(self.observed + other.observed, self.expected + other.expected)

    def of(self, most: Fraction | int) -> "Parts":
        """The same where `most` is the distance that counts as 1."""
        return Parts(self.observed / most, self.expected / most)

    @property
    def alpha(self) -> Fraction | None:
        """None where every answer is the same: there is no chance to take out."""
        return 1 - self.observed / self.expected if self.expected else None


def alpha(units: Sequence[Unit], metric: Metric = "nominal") -> Fraction | None:
    """Krippendorff's alpha of these calls; None where all answers are the same or no call has two."""
    return parts_of(units, metric).alpha


def parts_of(units: Sequence[Unit], metric: Metric = "nominal") -> Parts:
    """The two disagreements. Answers are numbers where the metric is interval or ratio, can be ordered for ordinal."""
    alike = Counter(tuple(answer for answer in unit if answer is not None) for unit in units)
    pairable = [(Counter(answers), calls) for answers, calls in alike.items() if len(answers) > 1]
    total: Counter[Hashable] = Counter()
    for counts, calls in pairable:
        total.update({answer: number * calls for answer, number in counts.items()})
    if not total:
        return Parts()
    apart = distance(metric, total)
    disagreements = (calls * _disagreement(counts, apart) / (counts.total() - 1) for counts, calls in pairable)
    return Parts(sum(disagreements, Fraction(0)), _disagreement(total, apart) / (total.total() - 1))


def without_each(units: Sequence[Unit], metric: Metric = "nominal") -> list[Parts]:
    """The parts with each of the calls left out in turn: how much depends on one of them."""
    if metric == "ordinal":  # its distances change with every call that is left out
        return [parts_of([*units[:at], *units[at + 1 :]], metric) for at in range(len(units))]
    counted = [Counter(answer for answer in unit if answer is not None) for unit in units]
    counted = [counts if counts.total() > 1 else Counter() for counts in counted]
    whole, total = parts_of(units, metric), Counter[Hashable]()
    for counts in counted:
        total.update(counts)
    apart = distance(metric, total)
    known: dict[frozenset[tuple[Hashable, int]], Parts] = {}
    found = []
    for counts in counted:  # many calls have the same answers
        key = frozenset(counts.items())
        if key not in known:
            own = _disagreement(counts, apart) / (counts.total() - 1) if counts else Fraction(0)
            rest = total - counts
            expected = _disagreement(rest, apart) / (rest.total() - 1) if rest else Fraction(0)
            known[key] = Parts(whole.observed - own, expected)
        found.append(known[key])
    return found


def jackknife(value: Fraction, without: Sequence[Fraction | float | None]) -> tuple[float, float] | None:
    """The 95 % interval of a value from those with each call left out, cut at -1 and 1.

    None where one of those is undefined, or where no call makes a difference: such data do not show how sure they are.
    B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 11; Student's t for few calls.
    """
    from scipy.special import stdtrit

    known = [float(one) for one in without if one is not None]
    if len(known) < 2 or len(known) < len(without):
        return None
    mean = fsum(known) / len(known)
    error = sqrt((len(known) - 1) / len(known) * fsum((one - mean) ** 2 for one in known))
    if error < SAME:
        return None
    half = float(stdtrit(len(known) - 1, 0.975)) * error
    return max(float(value) - half, -1.0), min(float(value) + half, 1.0)


def _disagreement(counts: Mapping[Any, int], apart: Distance) -> Fraction:
    """Of all ordered pairs of answers the sum of their distances."""
    return sum(
        (2 * counts[one] * counts[other] * apart(one, other) for one, other in combinations(counts, 2)), Fraction(0)
    )


def distance(metric: Metric, total: Mapping[Any, int]) -> Distance:
    """The distance of two different answers. total: how often each answer was given, which ordinal ranks need."""
    if metric == "nominal":
        return lambda one, other: Fraction(one != other)
    if metric == "interval":
        return lambda one, other: Fraction(one - other) ** 2
    if metric == "ratio":
        return lambda one, other: Fraction(one - other) ** 2 / Fraction(one + other) ** 2
    return _by_rank(total)


def _by_rank(total: Mapping[Any, int]) -> Distance:
    """The answers from one to the other, counted, of both ends half."""
    middle, below = {}, 0
    for answer in sorted(total):
        middle[answer] = below + Fraction(total[answer], 2)
        below += total[answer]
    return lambda one, other: Fraction(middle[one] - middle[other]) ** 2
