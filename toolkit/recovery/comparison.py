"""Whether a measure changed anything: across a line that decided who got it, or before and after it began.

Across a line (regression discontinuity): a straight line on each side of it within a bandwidth, and the step between
the two at the line; errors robust to unequal spread (HC1). With days for the running variable and the day on which the
measure began for the line it is a before-and-after comparison with trends. Beside it stands the naive difference of the
two averages, which takes whatever else differs for an effect. What a comparison can and cannot claim is part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.fairness import USUAL
from toolkit.problems import said

Kind = Literal["threshold", "before_after"]
LEAST = 10
"""Cases on each side below which a line with a slope says nothing."""
LOPSIDED = 0.01
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """The step at the line, `effect` with its interval; None where there are too few cases. naive: the difference of
    averages within the bandwidth, above less below. below and above: how many cases; a case on the line is above it,
    as the measure applies from there on. crowded: there are more cases on one side of the line than chance explains
    close to it, as where people see to it that they come to lie on one side. sentences: what it says, what it can
    claim, and what it cannot."""

    kind: Kind
    line: float
    bandwidth: float
    below: int
    above: int
    effect: float | None
    low: float | None
    high: float | None
    naive: float | None
    crowded: bool
    sentences: tuple[str, ...]


def compare(
    running: Sequence[float],
    outcome: Sequence[float],
    line: float,
    bandwidth: float,
    kind: Kind = "threshold",
    level: float = USUAL,
    least: int = LEAST,
    label: str = "",
) -> Comparison:
    """The comparison of outcomes on both sides of `line`, within `bandwidth` of it (both ends included).

    running: of each case what the line is drawn through (a balance; a day's number); outcome: in any unit, 0 and 1 for
    paid or not. label: what the line is called, where it is more than a number. Cases without either are left out.
    `ValueError` for a bandwidth that is none and unequal lengths.
    """
    x, y = np.asarray(running, float), np.asarray(outcome, float)
    if x.shape != y.shape or not bandwidth > 0:
        raise ValueError("as many outcomes as cases, and a bandwidth above nothing")
    near = ~(np.isnan(x) | np.isnan(y)) & (np.abs(x - line) <= bandwidth)
    x, y = x[near] - line, y[near]
    over = x >= 0
    below, above = int((~over).sum()), int(over.sum())
    naive = float(y[over].mean() - y[~over].mean()) if below and above else None
    enough = min(below, above) >= least and min(len(set(x[~over])), len(set(x[over]))) > 1
    effect, low, high = _step(x, y, over, level) if enough else (None, None, None)
    crowded = kind == "threshold" and _crowded(x, bandwidth)
    found = (kind, line, bandwidth, below, above, effect, low, high, naive, crowded)
    return Comparison(*found, sentences=tuple(_sentences(*found, least=least, label=label)))


def _step(x: Floats, y: Floats, over: npt.NDArray[np.bool_], level: float) -> tuple[float, float, float]:
    """Coefficient of being over the line, in y ~ over + x + over * x."""
    import statsmodels.api as sm

    side = over.astype(float)
    design = np.column_stack([np.ones_like(x), side, x, side * x])
    fitted = sm.OLS(y, design).fit(cov_type="HC1", use_t=True)
    low, high = fitted.conf_int(alpha=1 - level)[1]
    return float(fitted.params[1]), float(low), float(high)


def _crowded(x: Floats, bandwidth: float) -> bool:
    """Whether chance alone would rarely put so many of the cases near the line on one side of it."""
    from scipy.stats import binomtest

    close = x[np.abs(x) <= bandwidth / 4]
    if len(close) < LEAST:
        return False
    return bool(binomtest(int((close >= 0).sum()), len(close)).pvalue < LOPSIDED)


def _sentences(
    kind: Kind, line: float, bandwidth: float, below: int, above: int, effect: float | None, low: float | None,
    high: float | None, naive: float | None, crowded: bool, least: int, label: str,
) -> list[str]:  # fmt: skip
    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:,.4g}" if abs(value) < 100 else f"{value:,.2f}"

    code = kind.upper()
    fields = {
        "line": label or number(line),
        "bandwidth": number(bandwidth),
        "below": below,
        "above": above,
        "naive": number(naive),
    }
    if effect is None or low is None or high is None:
        return [said(f"COMPARE_{code}_TOO_FEW", **fields, least=least)]
    fields |= {"effect": number(effect), "low": number(low), "high": number(high)}
    word = "NONE" if low <= 0 <= high else "EFFECT"
    told = [said(f"COMPARE_{code}_{word}", **fields), said("COMPARE_NAIVE", **fields)]
    told += [said(f"COMPARE_{code}_CAN"), said(f"COMPARE_{code}_CANNOT")]
    return [*told, said("COMPARE_CROWDED")] if crowded else told
