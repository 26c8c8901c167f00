"""When to leave a debt alone that was worked in vain: the beta-binomial stop beside scipy and a plain count."""

from fractions import Fraction
from itertools import count

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from toolkit.recovery.stopping import chance_after, periods_until_stop, stops

counts = st.integers(1, 500)
shares = st.fractions(0, 2, max_denominator=1000)


@given(counts, st.integers(0, 500), st.integers(1, 100), st.integers(0, 60))
def test_the_chance_after_failures_is_the_mean_of_scipys_posterior(
    cases: int, successes: int, prior: int, failed: int
) -> None:
    successes = min(successes, cases)
    rate = successes / cases
    found = chance_after(successes, cases, prior, failed)
    if 0 < rate < 1:
        assert float(found) == pytest.approx(beta(prior * rate, prior * (1 - rate) + failed).mean(), rel=1e-9)
    else:
        assert found == Fraction(prior * successes, cases * (prior + failed))


def test_ten_cases_of_a_bucket_where_half_pay_and_three_failed_periods() -> None:
    """Beta(5, 5) and three failures: 5 / 13."""
    assert chance_after(50, 100, 10, 0) == Fraction(1, 2)
    assert chance_after(50, 100, 10, 3) == Fraction(5, 13)


def test_work_stops_below_the_break_even_and_not_on_it_nor_before_so_many_periods() -> None:
    after = Fraction(5, 13)
    assert not stops(after, 3, 3, after)
    assert stops(after, 3, 3, after + Fraction(1, 10**9))
    assert not stops(after, 2, 3, Fraction(1))
    assert stops(after, 3, 3, None)


@given(counts, st.integers(0, 500), st.integers(1, 50), st.integers(1, 20), shares)
def test_the_closed_form_is_what_counting_periods_finds(
    cases: int, successes: int, prior: int, stop_after: int, point: Fraction
) -> None:
    successes = min(successes, cases)
    found = periods_until_stop(successes, cases, prior, stop_after, point)
    if point == 0:
        assert found is None
        return
    assert found is not None
    tried = (k for k in count() if stops(chance_after(successes, cases, prior, k), k, stop_after, point))
    assert found == (next(tried) if found < 2000 else found)


def test_a_free_step_never_stops_and_one_that_brings_nothing_stops_as_soon_as_it_may() -> None:
    assert periods_until_stop(1, 2, 10, 3, Fraction(0)) is None
    assert periods_until_stop(1, 2, 10, 3, None) == 3
    assert periods_until_stop(0, 2, 10, 3, Fraction(1, 100)) == 3


@pytest.mark.parametrize("wrong", [(1, 0, 10, 0), (3, 2, 10, 0), (-1, 2, 10, 0), (1, 2, 0, 0), (1, 2, 10, -1)])
def test_rates_without_cases_are_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="rate"):
        chance_after(*wrong)


def test_polars_divides_whole_numbers_downwards_as_the_weighing_needs() -> None:
    rows = pl.DataFrame({"a": [-7, 7, -1, 0]}, schema={"a": pl.Int64})
    assert rows.select(q=pl.col("a") // 2, r=pl.col("a") % 2).rows() == [(-4, 1), (3, 1), (-1, 1), (0, 0)]
