"""Sizes of samples and margins of error, by published figures and by counting."""

from itertools import combinations
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.quality.margins import effective, interval, margin, margin_words, sample_size, score_words


def test_of_1000_calls_278_give_five_points() -> None:
    """SAM-1: bpaquality.com, call monitoring sample size: 1,000 calls a month, 95 % +-5 %."""
    assert sample_size(0.05, 1000) == 278


def test_of_any_number_of_calls_1068_give_three_points() -> None:
    """SAM-3: mcintoshassociates.com prints 1,080, which is a round-up; z^2 pq / e^2 is 1,067.07."""
    assert sample_size(0.03) == 1068
    assert sample_size(0.03) != 1080


def test_the_interval_of_19_of_38_is_that_of_statsmodels() -> None:
    """WIL-1: statsmodels test_proportion.py (GH 7386), of a population without end."""
    assert interval(0.5, 38, 10**15) == pytest.approx((0.348499283643951, 0.651500716356049), abs=1e-9)


@pytest.mark.parametrize(("share", "drawn"), [(1.0, 38), (0.0, 77)])
def test_an_interval_stays_within_nothing_and_everything(share: float, drawn: int) -> None:
    """WIL-1, its note."""
    low, high = interval(share, drawn, 10**9) or (2, 2)
    assert 0 <= low <= share <= high <= 1


def test_eight_calls_a_month_give_about_twenty_to_thirty_five_points() -> None:
    assert margin(8, 400, 0.5) == pytest.approx(0.343, abs=0.001)
    assert margin(8, 400, 0.9) == pytest.approx(0.206, abs=0.001)


def test_who_was_heard_in_every_call_is_known_exactly_and_who_was_not_heard_is_not_known() -> None:
    assert margin(12, 12) == 0
    assert interval(0.75, 12, 12) == (0.75, 0.75)
    assert margin(0, 12) is None
    assert interval(0.5, 0, 12) is None
    assert margin(1, 1) == 0


def test_the_margin_is_the_spread_of_all_samples_that_could_be_drawn() -> None:
    """A second way: all 70 samples of 4 calls out of 8, of which half are good; z is 1.96."""
    calls = [1, 1, 1, 1, 0, 0, 0, 0]
    shares = [sum(one) / 4 for one in combinations(calls, 4)]
    spread = sqrt(sum((share - 0.5) ** 2 for share in shares) / len(shares))
    assert margin(4, 8) == pytest.approx(1.959963985 * spread, rel=1e-8)


def test_unequal_weights_know_less() -> None:
    """Kish: (1+1+4)^2 / (1+1+16) = 2."""
    assert effective([1, 1, 4]) == pytest.approx(2)
    assert effective([3, 3, 3]) == pytest.approx(3)
    assert effective([]) == 0


def test_the_margin_is_said_in_plain_words() -> None:
    assert margin_words(8, 412, margin(8, 412), 0.05, sample_size(0.05, 412)) == (
        "8 of 412 calls: a yes/no item is known to ±34 points at worst; ±5 would take 200 calls"
    )
    assert "every call is heard" in margin_words(3, 3, margin(3, 3), 0.05, 3)
    assert "nothing can be said" in margin_words(0, 3, None, 0.05, 3)
    assert score_words(8, 412) == "8 of 412 calls, ±34 points"


@given(st.integers(1, 5000), st.integers(1, 60))
def test_the_size_is_the_least_that_keeps_the_margin(population: int, points: int) -> None:
    wanted = points / 100
    size = sample_size(wanted, population)
    assert 1 <= size <= population
    found = margin(size, population)
    assert found is not None
    # Cochran's n leaves out the -1 under the line, so the margin may be over by that
    assert found <= wanted * sqrt(population / max(population - 1, 1)) + 1e-9
    if size > 1:
        assert (margin(size - 1, population) or 0) > wanted * 0.999


@given(st.integers(2, 400), st.data())
def test_more_calls_never_know_less(population: int, data: st.DataObject) -> None:
    fewer = data.draw(st.integers(1, population - 1))
    assert (margin(fewer, population) or 0) >= (margin(fewer + 1, population) or 0)
