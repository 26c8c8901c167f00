"""Agreement of evaluators: per cent, Cohen's, Fleiss' and Randolph's kappa. What is undefined is None, never NaN.

J. Cohen (1960), Educational and Psychological Measurement 20; weighted: (1968), Psychological Bulletin 70;
J. L. Fleiss (1971), Psychological Bulletin 76; J. J. Randolph (2005), ERIC ED490661.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any, Literal

Weights = Literal["none", "linear", "quadratic"]
"""Whether an answer that is near counts as half agreed: of scales only, by difference or by its square."""
Undefined = Literal["", "no_calls", "one_evaluator", "one_answer", "incomplete"]
"""Why there is no figure: no call has two answers; all answers are the same, so that chance cannot be taken out; some
call has fewer answers than others, which Fleiss' kappa does not know."""


@dataclass(frozen=True)
class Kappa:
    """A kappa with its 95 % interval where there is one, or why there is none."""

    value: float | None = None
    interval: tuple[float, float] | None = None
    why: Undefined = ""


def per_cent(units: Sequence[Sequence[Hashable | None]]) -> Fraction | None:
    """Of all pairs of answers to the same call, the share that is the same. None where no call has two answers."""
    counted = [Counter(answer for answer in unit if answer is not None) for unit in units]
    pairs = sum(counts.total() * (counts.total() - 1) for counts in counted)
    same = sum(count * (count - 1) for counts in counted for count in counts.values())
    return Fraction(same, pairs) if pairs else None


def cohen(pairs: Sequence[tuple[Any, Any]], categories: Sequence[Any] = (), weights: Weights = "none") -> Kappa:
    """Cohen's kappa of two evaluators, a pair of answers for each call.

    categories: every answer that could have been given, in their order; absent: those given. The steps between
    neighbours are alike. The interval is the large-sample one, cut at -1 and 1; None where it has no width.
    """
    known = list(categories) or sorted({answer for pair in pairs for answer in pair})
    if not pairs:
        return Kappa(why="no_calls")
    if len({answer for pair in pairs for answer in pair}) < 2:
        return Kappa(why="one_answer")
    counts = Counter(pairs)
    return cohen_of_table([[counts[one, other] for other in known] for one in known], weights)


def cohen_of_table(table: Sequence[Sequence[int]], weights: Weights = "none") -> Kappa:
    """The same from a square table of counts, the first evaluator's answers down, the second's across."""
    from numpy import errstate
    from statsmodels.stats.inter_rater import cohens_kappa

    used = [at for at in range(len(table)) if sum(table[at]) or sum(row[at] for row in table)]
    if len(used) < 2:
        return Kappa(why="one_answer" if used else "no_calls")
    with errstate(invalid="ignore", divide="ignore"):  # an interval without width is None, not a warning
        found = cohens_kappa(table, wt=None if weights == "none" else weights)
    low, high = float(found.kappa_low), float(found.kappa_upp)
    interval = (max(low, -1.0), min(high, 1.0)) if isfinite(low) and isfinite(high) and high > low else None
    return Kappa(float(found.kappa), interval)


def fleiss(counts: Sequence[Sequence[int]]) -> Kappa:
    """Fleiss' kappa: a row a call, how many evaluators gave each answer; every call needs as many answers."""
    why = _cannot(counts)
    if why or sum(1 for column in zip(*counts, strict=True) if any(column)) < 2:
        return Kappa(why=why or "one_answer")
    return Kappa(_statsmodels(counts, "fleiss"))


def randolph(counts: Sequence[Sequence[int]]) -> Kappa:
    """Randolph's kappa: chance is one answer as likely as another, so that it does not mind if nearly all are alike.

    Columns are the answers that could have been given, also those that nobody gave. Where some calls have fewer answers
    than others, each pair of answers to the same call counts.
    """
    why = _cannot(counts)
    if why == "incomplete":
        return _randolph_of_pairs(counts)
    if why or len(counts[0]) < 2:
        return Kappa(why=why or "one_answer")
    return Kappa(_statsmodels(counts, "randolph"))


def _randolph_of_pairs(counts: Sequence[Sequence[int]]) -> Kappa:
    pairs = sum(sum(row) * (sum(row) - 1) for row in counts)
    same = sum(count * (count - 1) for row in counts for count in row)
    if not pairs or len(counts[0]) < 2:
        return Kappa(why="one_answer" if pairs else "one_evaluator")
    chance = 1 / len(counts[0])
    return Kappa((same / pairs - chance) / (1 - chance))


def _cannot(counts: Sequence[Sequence[int]]) -> Undefined:
    sizes = {sum(row) for row in counts}
    if not sizes:
        return "no_calls"
    if len(sizes) > 1:
        return "incomplete"
    return "one_evaluator" if max(sizes) < 2 else ""


def _statsmodels(counts: Sequence[Sequence[int]], method: str) -> float:
    from statsmodels.stats.inter_rater import fleiss_kappa

    return float(fleiss_kappa([list(row) for row in counts], method=method))
