"""Whether a step after a debt is worth its cost, on published cases and as laws.

COST-1: M-KOPA v Commissioner of Domestic Taxes, Kenya Tax Appeal 1237 of 2022: 47,625 customers, Sh 308,512,947.
COST-2: Dean Kaplan, insideARM 2012. COST-3: oraclecms.com and callcentrehelper.com. COST-4: safengroup.com.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.recovery.worth import break_even, cost_of_recovery, expected_net, worth_pursuing

CUSTOMERS, DEBT = 47_625, Fraction(308_512_947)
ROUTES = {
    "private_investigator": (20_000, 952_500_000, "3.09"),
    "litigation": (109_640, 5_221_605_000, "16.93"),
    "out_of_court": (37_260, 1_774_507_500, "5.75"),
}


@pytest.mark.parametrize("route", ROUTES)
def test_none_of_the_tribunals_three_routes_can_break_even(route: str) -> None:
    each, everybody, published = ROUTES[route]
    average = DEBT / CUSTOMERS
    assert each * CUSTOMERS == everybody
    point = break_even(Fraction(each), average)
    assert point is not None
    assert f"{float(point):.2f}" == published
    assert cost_of_recovery(Fraction(everybody), DEBT) == point
    assert worth_pursuing(Fraction(1), average, Fraction(each)).word == "never"


@pytest.mark.parametrize(("chance", "published"), [("0.5", 3250), ("0.75", 4875), ("0.2", 1300)])
def test_the_expected_value_of_a_suit(chance: str, published: int) -> None:
    assert expected_net(Fraction(chance), Fraction(10_000), Fraction(0), Fraction("0.35")) == published


def test_a_step_is_worth_it_above_its_break_even_and_not_on_it() -> None:
    """500 of suit cost on 10,000 at 35 %: 500 / 6,500 = 7.69 %."""
    point = break_even(Fraction(500), Fraction(10_000), Fraction("0.35"))
    assert point == Fraction(1, 13)
    at, above = (
        worth_pursuing(p, Fraction(10_000), Fraction(500), Fraction("0.35"))
        for p in (point, point + Fraction(1, 10**9))
    )
    assert (at.word, above.word) == ("not_worth_it", "pursue")
    assert at.surplus == 0


@pytest.mark.parametrize(
    ("cost", "calls", "published"), [(120_000, 40_000, "3"), (320_000, 100_000, "3.2"), (10_000, 100, "100")]
)
def test_cost_for_each_call(cost: int, calls: int, published: str) -> None:
    assert cost_of_recovery(Fraction(cost), Fraction(calls)) == Fraction(published)


def test_internal_effort_as_a_share_of_the_account() -> None:
    assert [cost_of_recovery(Fraction(cost), Fraction(2000)) for cost in (80, 180)] == [
        Fraction("0.04"),
        Fraction("0.09"),
    ]


def test_nothing_recovered_is_no_base_and_a_free_step_always_breaks_even() -> None:
    assert cost_of_recovery(Fraction(100), Fraction(0)) is None
    assert cost_of_recovery(Fraction(100), Fraction(-5)) is None
    assert break_even(Fraction(0), Fraction(0)) == 0
    assert break_even(Fraction(1), Fraction(100), Fraction(1)) is None
    assert worth_pursuing(Fraction(1), Fraction(100), Fraction(1), Fraction(1)).word == "never"


def test_what_cannot_be_said_is_not_said() -> None:
    assert worth_pursuing(None, Fraction(100), Fraction(1)).word == "too_few"
    assert worth_pursuing(Fraction(1), Fraction(0), Fraction(1)).word == "nothing_owed"


def test_the_limit_of_spending_counts_what_was_spent_before() -> None:
    """A quarter of 100 may be spent: 20 were, so 5 more may be, and 6 may not."""
    tried = {
        cost: worth_pursuing(Fraction(1), Fraction(100), Fraction(cost), spent=Fraction(20), most_share=Fraction(1, 4))
        for cost in (5, 6)
    }
    assert {cost: found.word for cost, found in tried.items()} == {5: "pursue", 6: "over_the_limit"}


@pytest.mark.parametrize("wrong", [(-1, 1, 0), (1, -1, 0), (1, 1, -1), (1, 1, 2)])
def test_amounts_below_nothing_and_fees_that_are_none_are_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"nothing|share"):
        break_even(*map(Fraction, wrong))


amounts = st.integers(0, 10**9).map(Fraction)
shares = st.fractions(0, 1)


@given(amounts, amounts, shares)
def test_twice_the_cost_doubles_the_ratio_and_the_break_even(cost: Fraction, amount: Fraction, fee: Fraction) -> None:
    once, twice = break_even(cost, amount, fee), break_even(2 * cost, amount, fee)
    assert twice == (None if once is None else 2 * once)
    ratio = cost_of_recovery(cost, amount)
    assert cost_of_recovery(2 * cost, amount) == (None if ratio is None else 2 * ratio)


@given(shares, amounts, amounts, shares)
def test_a_worthless_step_never_raises_the_net(
    chance: Fraction, amount: Fraction, cost: Fraction, fee: Fraction
) -> None:
    found = worth_pursuing(chance, amount, cost, fee)
    taken = expected_net(chance, amount, cost, fee)
    assert found.worth_it == (taken > 0)


@given(shares, shares, amounts, amounts)
def test_a_better_chance_is_never_worth_less(one: Fraction, other: Fraction, amount: Fraction, cost: Fraction) -> None:
    low, high = sorted((one, other))
    assert worth_pursuing(low, amount, cost).worth_it <= worth_pursuing(high, amount, cost).worth_it
