"""Cohorts by age: only those old enough count, the smoothed curve never falls, the summary has matured cohorts only."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from toolkit.trends.maturity import Member, curve, summary

AS_OF = date(2026, 3, 31)
ROWS = """2026-W10,2026-03-02,2026-03-04
2026-W10,2026-03-03,
2026-W10,2026-03-04,2026-03-30
2026-W12,2026-03-16,2026-03-16
2026-W12,2026-03-18,2026-03-20
2026-W13,2026-03-29,
2026-W13,2026-03-30,2026-04-02
"""


def members(text: str = ROWS) -> list[Member]:
    rows = [line.split(",") for line in text.split()]
    return [
        Member(cohort, date.fromisoformat(start), date.fromisoformat(end) if end else None)
        for cohort, start, end in rows
    ]


def test_the_curve_counts_those_who_are_old_enough_on_each_day() -> None:
    ages = curve(members(), AS_OF, 3)
    assert [(age.day, age.converted, age.old_enough) for age in ages] == [(0, 1, 7), (1, 1, 7), (2, 3, 6), (3, 3, 5)]
    assert ages[0].share == Fraction(1, 7)


def test_a_day_that_nobody_has_reached_has_no_share() -> None:
    ages = curve([Member("x", AS_OF)], AS_OF, 2)
    assert [(age.old_enough, age.share, age.smoothed) for age in ages] == [
        (1, 0, 0.0),
        (0, None, None),
        (0, None, None),
    ]


def test_what_is_converted_after_the_day_of_the_data_is_not_known_yet() -> None:
    late = [Member("x", date(2026, 3, 1), date(2026, 4, 1))]
    assert curve(late, AS_OF, 30)[30].converted == 0
    assert curve(late, date(2026, 4, 1), 31)[31].converted == 1
    assert curve([Member("x", date(2026, 4, 1))], AS_OF, 0)[0].old_enough == 0


def test_where_young_members_drop_out_of_the_base_the_smoothed_curve_does_not_fall() -> None:
    young = [Member("x", AS_OF, AS_OF)] * 2
    old = [Member("x", AS_OF - timedelta(1))] * 2
    ages = curve(young + old, AS_OF, 1)
    assert [age.share for age in ages] == [Fraction(1, 2), 0]
    assert [age.smoothed for age in ages] == [1 / 3, 1 / 3]  # (2 + 0) of (4 + 2)


def test_a_cohort_has_a_share_only_when_its_last_window_has_closed() -> None:
    found = summary(members(), AS_OF, 14)
    assert [(each.cohort, each.members, each.matured, each.converted, each.share) for each in found.cohorts] == [
        ("2026-W10", 3, True, 1, Fraction(1, 3)),
        ("2026-W12", 2, False, 2, None),
        ("2026-W13", 2, False, 0, None),
    ]
    assert (found.converted, found.members, found.waiting, found.share) == (1, 3, 4, Fraction(1, 3))


def test_a_window_closes_on_its_last_day() -> None:
    assert summary(members(), date(2026, 3, 18), 14).members == 3
    assert summary(members(), date(2026, 3, 17), 14).members == 0
    assert summary(members(), date(2026, 3, 17), 14).share is None


MEMBERS = st.lists(
    st.builds(
        lambda start, wait: Member(
            f"{start % 3}",
            AS_OF - timedelta(start),
            None if wait is None else AS_OF - timedelta(start) + timedelta(wait),
        ),
        st.integers(0, 25),
        st.none() | st.integers(0, 25),
    ),
    max_size=40,
)


@given(MEMBERS)
def test_the_smoothed_curve_never_falls_and_stays_between_0_and_1(everybody: list[Member]) -> None:
    smoothed = [age.smoothed for age in curve(everybody, AS_OF, 20) if age.smoothed is not None]
    assert all(before <= after + 1e-12 for before, after in pairwise(smoothed))
    assert all(-1e-12 <= share <= 1 + 1e-12 for share in smoothed)


@given(MEMBERS)
def test_members_are_matured_or_waiting_and_a_matured_cohort_ends_where_its_curve_ends(everybody: list[Member]) -> None:
    found = summary(everybody, AS_OF, 14)
    assert found.members + found.waiting == len(everybody)
    for cohort in found.cohorts:
        ends = curve([each for each in everybody if each.cohort == cohort.cohort], AS_OF, 14)[-1]
        if cohort.matured:
            assert (ends.converted, ends.old_enough) == (cohort.converted, cohort.members)
