"""Small samples: published figures and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.fairness import funnel, shrunk, wilson

HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
TRUTH = [0.346, 0.298, 0.276, 0.222, 0.273, 0.27, 0.263, 0.21, 0.269, 0.23, 0.264, 0.256, 0.303, 0.264, 0.226, 0.285,
         0.316, 0.2]  # fmt: skip


def test_wilson_19_of_38() -> None:
    """statsmodels test_proportion.py (GH 7386)."""
    low, high = wilson([19], [38])
    assert (low[0], high[0]) == pytest.approx((0.348499283643951, 0.651500716356049), abs=1e-12)


@pytest.mark.parametrize(("k", "n"), [(38, 38), (0, 77), (0, 1), (1, 1)])
def test_an_interval_never_leaves_0_to_1_nor_its_own_rate(k: int, n: int) -> None:
    low, high = wilson([k], [n])
    assert 0 <= low[0] <= k / n <= high[0] <= 1


def test_without_trials_there_is_no_interval() -> None:
    assert np.isnan(wilson([0], [0])).all()


def test_eighteen_batters_are_drawn_together_as_efron_and_morris_do() -> None:
    """Efron and Morris 1975/1977: grand mean .265, best .294, worst .242; the raw rates miss the truth 3 x more."""
    drawn = shrunk(HITS, [45] * 18)
    assert (drawn[0], drawn[-1]) == pytest.approx((0.2939, 0.2422), abs=1e-4)
    assert drawn.mean() == pytest.approx(0.265, abs=1e-3)
    raw = np.array(HITS) / 45
    assert ((raw - TRUTH) ** 2).sum() > 3 * ((drawn - TRUTH) ** 2).sum()


def test_few_trials_are_drawn_further_than_many() -> None:
    drawn = shrunk([9, 90, 500, 520, 480, 900], [10, 100, 1000, 1000, 1000, 1000])
    assert 0.9 - drawn[0] > 0.9 - drawn[1] > 0


def test_agents_beyond_the_limits_stand_out_and_others_do_not() -> None:
    places = funnel([70, 50, 48, 52, 30, 1], [100, 100, 100, 100, 100, 1]).places
    assert places == ("above", "within", "within", "within", "below", "within")


def test_a_rate_that_is_none_has_no_place() -> None:
    assert funnel([12, 5], [10, 10]).places == ("", "within")
    assert funnel([0, 0], [0, 0]).places == ("", "")


cases = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda of: (min(of), max(of))), min_size=1)


@given(cases)
def test_shrinking_moves_nobody_beyond_the_mean_or_past_another_with_the_same_base(
    pairs: list[tuple[int, int]],
) -> None:
    k, n = [of[0] for of in pairs], [of[1] for of in pairs]
    drawn = shrunk(k, n)
    known = np.array(n) > 0
    assert (np.isnan(drawn) == ~known).all()
    if known.any():
        rates = np.array(k)[known] / np.array(n)[known]
        centre = sum(k) / sum(n)
        moved = drawn[known]
        assert ((moved >= np.minimum(rates, centre) - 1e-12) & (moved <= np.maximum(rates, centre) + 1e-12)).all()


@given(cases)
def test_the_order_of_people_does_not_matter(pairs: list[tuple[int, int]]) -> None:
    k, n = [of[0] for of in pairs], [of[1] for of in pairs]
    assert shrunk(k, n)[::-1] == pytest.approx(shrunk(k[::-1], n[::-1]), nan_ok=True)
    assert funnel(k, n).places[::-1] == funnel(k[::-1], n[::-1]).places
