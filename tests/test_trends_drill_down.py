"""Which part explains how much of a change: mix and rate add up to it exactly."""

from datetime import date
from fractions import Fraction
from io import StringIO

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from toolkit.trends.drill_down import (
    Stretch,
    change_of_amount,
    change_of_share,
    drilled_down,
)

FACTS = """day,branch,bucket,numerator,denominator
2026-03-02,Nakuru,1-30,80,100
2026-03-02,Kisumu,31-60,20,100
2026-03-03,Nakuru,1-30,80,100
2026-03-03,Kisumu,,20,100
2026-03-09,Nakuru,1-30,80,100
2026-03-09,Kisumu,31-60,60,300
2026-03-30,Kisumu,31-60,0,900
"""
BEFORE = Stretch(date(2026, 3, 2), date(2026, 3, 3))
AFTER = Stretch(date(2026, 3, 9), date(2026, 3, 9))


def facts(text: str = FACTS) -> pl.DataFrame:
    return pl.read_csv(StringIO(text), try_parse_dates=True)


def test_a_share_that_falls_though_no_branch_got_worse_is_all_mix() -> None:
    (change,) = drilled_down(facts(), ["branch"], BEFORE, AFTER)
    assert (change.before, change.after, change.whole) == (Fraction(1, 2), Fraction(35, 100), Fraction(-15, 100))
    assert {part.part: part.rate for part in change.parts} == {"Nakuru": 0, "Kisumu": 0}
    assert sum(part.mix for part in change.parts) == Fraction(-15, 100)


def test_a_branch_that_got_worse_explains_all_of_it() -> None:
    change = change_of_share(
        "branch", {"Nakuru": (50, 100), "Kisumu": (50, 100)}, {"Nakuru": (50, 100), "Kisumu": (10, 100)}
    )
    worst = change.parts[0]
    assert (worst.part, worst.mix, worst.rate, change.explains(worst)) == ("Kisumu", 0, Fraction(-1, 5), 1)
    assert (worst.sums, change.weight(worst)) == (((50, 100), (10, 100)), Fraction(1, 2))


def test_the_worst_part_stands_first_whichever_way_is_bad() -> None:
    before, after = {"a": (5, 10), "b": (5, 10)}, {"a": (9, 10), "b": (2, 10)}
    assert [part.part for part in change_of_share("agent", before, after, "higher").parts] == ["b", "a"]
    assert [part.part for part in change_of_share("agent", before, after, "lower").parts] == ["a", "b"]


def test_a_bucket_that_came_or_went_and_facts_without_a_bucket_are_parts_too() -> None:
    _, change = drilled_down(facts(), ["branch", "bucket"], BEFORE, AFTER)
    assert change.dimension == "bucket"
    assert {part.part: (part.before, part.after) for part in change.parts} == {
        "1-30": (Fraction(4, 5), Fraction(4, 5)),
        "31-60": (Fraction(1, 5), Fraction(1, 5)),
        "": (Fraction(1, 5), None),
    }
    assert sum(part.total for part in change.parts) == change.whole


def test_a_stretch_without_a_base_has_no_change_to_explain() -> None:
    empty = Stretch(date(2026, 5, 1), date(2026, 5, 2))
    (change,) = drilled_down(facts(), ["branch"], BEFORE, empty)
    assert (change.before, change.after, change.whole, change.parts) == (Fraction(1, 2), None, None, ())


def test_money_is_compared_by_the_day_since_stretches_differ_in_length() -> None:
    money = facts().drop("denominator")
    (change,) = drilled_down(money, ["branch"], BEFORE, AFTER)
    assert (change.before, change.after) == (100, 140)
    assert {part.part: part.total for part in change.parts} == {"Nakuru": 0, "Kisumu": 40}
    assert change_of_amount("branch", {"a": 1}, {"a": 2}, (0, 1)).parts == ()
    assert Stretch(date(2026, 3, 1), date(2026, 3, 31), counted=22).days == 22


SUMS = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(-5, 100), st.integers(0, 100)), max_size=6)


@given(SUMS, SUMS)
def test_contributions_add_up_to_the_whole_change(
    before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]
) -> None:
    change = change_of_share("agent", before, after)
    if change.whole is None:
        assert change.parts == ()
    else:
        assert sum(part.total for part in change.parts) == change.whole
        assert {part.part for part in change.parts} == set(before) | set(after)


@given(SUMS, SUMS)
def test_going_back_is_the_same_change_the_other_way(
    before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]
) -> None:
    there, back = change_of_share("agent", before, after), change_of_share("agent", after, before)
    assert {part.part: (part.mix, part.rate) for part in there.parts} == {
        part.part: (-part.mix, -part.rate) for part in back.parts
    }
