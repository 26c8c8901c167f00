"""The chances of few cases are those of scipy.stats and statsmodels, which take too long to load."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom, norm
from statsmodels.stats.proportion import proportion_confint

from toolkit.chances import at_most, least_number
from toolkit.fairness import FAR, USUAL, wilson
from toolkit.trends.charts import Limits
from toolkit.trends.days import Point

TRIALS = np.concatenate([np.arange(1, 200), [500, 1000, 20_000, 1_000_000]]).astype(float)
RATES = [1e-6, 0.001, 0.05, 0.3, 0.5, 0.83, 0.99, 1 - 1e-6]


@pytest.mark.parametrize("level", [USUAL, FAR, 0.5])
def test_intervals_are_those_of_statsmodels(level: float) -> None:
    successes = np.concatenate([np.arange(n + 1.0) for n in range(1, 60)] + [[0.5, 33.25, 0, 1e6, 999_999]])
    trials = np.concatenate([np.full(n + 1, float(n)) for n in range(1, 60)] + [[2, 40, 1e6, 1e6, 1e6]])
    low, high = wilson(list(successes), list(trials), level)
    known = proportion_confint(successes, trials, alpha=1 - level, method="wilson")
    assert low == pytest.approx(np.clip(known[0], 0, 1), abs=1e-14)
    assert high == pytest.approx(np.clip(known[1], 0, 1), abs=1e-14)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [0.025, 0.975, 0.0005, 0.9995])
def test_limits_are_those_of_scipy(rate: float, share: float) -> None:
    assert (least_number(share, TRIALS, rate) == binom.ppf(share, TRIALS, rate)).all()


@pytest.mark.parametrize("rate", RATES)
def test_chances_are_those_of_scipy(rate: float) -> None:
    for trials in (1, 2, 7, 60):
        cases = np.arange(-1, trials + 2)
        assert at_most(cases, trials, rate) == pytest.approx(binom.cdf(cases, trials, rate), rel=1e-12, abs=1e-300)


def test_a_share_of_few_cases_stands_where_scipy_places_it() -> None:
    limits = Limits("shares", Fraction(3, 40), Fraction(0))
    for cases in range(20):
        below = binom.cdf(cases, 40, 3 / 40) - binom.pmf(cases, 40, 3 / 40) / 2
        assert limits.z(Point(date(2026, 10, 1), cases, 40)) == pytest.approx(norm.ppf(min(below, 1 - 1e-12)), abs=1e-3)
