"""Control charts, run rules and CUSUM by published examples, by laws, and by days that may not be compared."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trend_cases import MONDAY, days, shares, values

from toolkit.trends.alarms import alarms_in_words, expected_false_alarms, run_length
from toolkit.trends.charts import Limits, from_record, limits_by_kind, limits_of, record_of
from toolkit.trends.days import Calendar, Mark, Point, like_with_like
from toolkit.trends.rules import FOR_MANY, NELSON, WESTERN_ELECTRIC, Cusum, Rule, cusum, hits, most_serious
from toolkit.trends.verdict import FollowUp, Trend, Word, watched

STANDARD = Limits("values", Fraction(0), Fraction(1128, 1000))
"""Limits set by people: usual value 0, standard deviation 1."""
ALL_RULES: tuple[Rule, ...] = (*WESTERN_ELECTRIC, *NELSON, Cusum())
WE: dict[str, Rule] = {rule.code: rule for rule in WESTERN_ELECTRIC}
N: dict[str, Rule] = {rule.code: rule for rule in NELSON}


def broken_at(z: list[float], rule: Rule) -> list[int]:
    """The points that break a rule, the first being 1."""
    return [hit.at + 1 for hit in hits(z, rule)]


# --- published examples


def test_individuals_chart_of_flow_rates_as_nist_has_it() -> None:
    """NIST/SEMATECH e-Handbook 6.3.2.2, ten batches."""
    limits = limits_of(values([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]), "values")
    assert float(limits.centre) == pytest.approx(50.81)
    assert float(limits.moving_range) == pytest.approx(1.8778, abs=1e-4)
    assert limits.at() == pytest.approx((45.8159, 55.8041), abs=1e-4)


CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
"""Montgomery's cans of orange juice that leak, of 50 each; limits as the R package qcc prints them."""


def test_chart_of_shares_of_orange_juice_cans_as_montgomery_and_qcc_have_it() -> None:
    points = shares(CANS, 50)
    limits = limits_of(points, "shares")
    assert float(limits.centre) == pytest.approx(0.2313333, abs=1e-6)
    assert limits.at(50) == pytest.approx((0.05242755, 0.4102391), abs=1e-6)
    assert broken_at([limits.z(point) for point in points], WE["WE1"]) == [15, 23]


def test_limits_without_the_two_samples_that_had_a_cause() -> None:
    quiet = [point for at, point in enumerate(shares(CANS, 50), start=1) if at not in (15, 23)]
    limits = limits_of(quiet, "shares")
    assert float(limits.centre) == pytest.approx(0.215, abs=1e-6)
    assert limits.at(50) == pytest.approx((0.04070284, 0.3892972), abs=1e-6)


def test_tabular_cusum_without_a_signal_as_montgomery_and_runger_have_it() -> None:
    """Applied Statistics and Probability for Engineers, Table 16-8: target 99, K = 1, H = 10."""
    x = [102.0, 94.8, 98.3, 98.4, 102.0, 98.5, 99.0, 97.7, 100.0, 98.1]
    x += [101.3, 98.7, 101.1, 98.4, 97.0, 96.7, 100.3, 101.4, 97.2, 101.0]
    high, low = cusum(x, target=99, slack=1)
    assert high == pytest.approx([2, 0, 0, 0, 2, 0.5, 0, 0, 0, 0, 1.3, 0, 1.1, 0, 0, 0, 0.3, 1.7, 0, 1.0])
    assert low == pytest.approx([0, 3.2, 2.9, 2.5, 0, 0, 0, 0.3, 0, 0, 0, 0, 0, 0, 1.0, 2.3, 0, 0, 0.8, 0])
    assert hits([value - 99 for value in x], Cusum(slack=1, decision=10)) == []


def test_of_overlapping_western_electric_rules_the_most_serious_is_reported() -> None:
    z = [2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 3.2]
    assert broken_at(z, WE["WE4"]) == [8]
    assert broken_at(z, WE["WE3"]) == [5, 6, 7, 8]
    assert broken_at(z, WE["WE2"]) == [3, 4, 5, 6, 7, 8]
    assert broken_at(z, WE["WE1"]) == [8]
    reported = {hit.at + 1: hit.rule for hit in most_serious(z, WESTERN_ELECTRIC)}
    assert reported == {3: "WE2", 4: "WE2", 5: "WE2", 6: "WE2", 7: "WE2", 8: "WE1"}


@pytest.mark.parametrize(
    ("numbers", "length"),
    [("1", 370.40), ("12", 225.44), ("13", 166.05), ("14", 152.73), ("123", 132.89), ("124", 122.05), ("134", 105.78),
     ("1234", 91.75)],
)  # fmt: skip
def test_points_between_false_alarms_of_western_electric_as_champ_and_woodall_have_them(
    numbers: str, length: float
) -> None:
    """Technometrics 29 (1987), Table 1, no shift."""
    assert run_length([WE[f"WE{number}"] for number in numbers]) == pytest.approx(length, abs=0.006)


def test_points_between_false_alarms_of_a_cusum_as_montgomery_has_them() -> None:
    """Introduction to Statistical Quality Control, ch. 9: k = 0.5, h = 5 gives 938.2 on one side, 469.1 on both."""
    assert run_length([Cusum(decision=5)], ["low"]) == pytest.approx(938.2, abs=0.05)
    assert run_length([Cusum(decision=5)]) == pytest.approx(469.1, abs=0.05)


# --- each rule on both sides of its edge


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("rule", "z", "points"),
    [
        (WE["WE1"], [3.0], []),
        (WE["WE1"], [3.001], [1]),
        (WE["WE2"], [2.1, 0.0, 2.1], [3]),
        (WE["WE2"], [2.1, 0.0, 2.0], []),
        (WE["WE2"], [2.1, 0.0, -2.1], []),
        (WE["WE3"], [1.1, 1.1, 0.0, 1.1, 1.1], [5]),
        (WE["WE3"], [1.1, 1.1, 0.0, 1.1, 1.0], []),
        (WE["WE4"], [0.1] * 8, [8]),
        (WE["WE4"], [0.1] * 7 + [0.0], []),
        (N["N2"], [0.1] * 8, []),
        (N["N2"], [0.1] * 9, [9]),
        (N["N3"], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5], [6]),
        (N["N3"], [0.0, 0.1, 0.2, 0.3, 0.3, 0.5], []),
        (N["N3"], [0.1, 0.2, 0.3, 0.4, 0.5], []),
        (N["N4"], [0.1, -0.1] * 7, [14]),
        (N["N4"], [0.1, -0.1] * 6 + [0.1, 0.1], []),
        (N["N5"], [2.1, 2.1, 0.0], [3]),
        (N["N6"], [1.1, 1.1, 1.1, 1.1, 0.0], [5]),
        (N["N7"], [0.9, -0.9, 0.0] * 5, [15]),
        (N["N7"], [0.9, -0.9, 0.0] * 4 + [0.9, -0.9, 1.0], []),
        (N["N8"], [1.1, -1.1] * 4, [8]),
        (N["N8"], [1.1, -1.1] * 3 + [1.1, -1.0], []),
        (Cusum(0.5, 4.0), [1.5, 1.5, 1.5, 1.5], []),
        (Cusum(0.5, 4.0), [1.5, 1.5, 1.5, 1.5, 0.6], [5]),
    ],
)
def test_a_rule_is_broken_beyond_its_edge_and_not_on_it(
    rule: Rule, z: list[float], points: list[int], sign: int
) -> None:
    assert broken_at([sign * each for each in z], rule) == points


def test_the_day_since_which_a_cusum_adds_up_is_the_first_after_it_was_nothing() -> None:
    (hit,) = hits([-2.0, 0.5, -2.0, -2.0, -2.0], Cusum())
    assert (hit.at, hit.since, hit.side) == (4, 0, "low")
    (hit,) = hits([-2.0, 2.0, -2.0, -2.0, -2.0], Cusum())
    assert (hit.at, hit.since, hit.side) == (4, 2, "low")


def test_a_cusum_without_a_decision_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Cusum(decision=0)


# --- false alarms


def test_twenty_agents_with_five_kpis_and_all_four_rules_give_one_false_alarm_a_day() -> None:
    assert expected_false_alarms(1, 20 * 5, WESTERN_ELECTRIC) == pytest.approx(1.09, abs=0.005)
    finding = alarms_in_words(20, 100, WESTERN_ELECTRIC)
    assert "20 points of 100 series give about 21.8 false alarms" in finding.message


def test_rules_for_many_series_give_fewer_false_alarms_on_the_bad_side_alone() -> None:
    one_side = expected_false_alarms(20, 100, FOR_MANY, ["low"])
    assert expected_false_alarms(20, 100, FOR_MANY) == pytest.approx(2 * one_side)
    assert one_side < expected_false_alarms(20, 100, WESTERN_ELECTRIC, ["low"])


def test_six_in_a_row_begin_to_rise_or_fall_once_in_420_points() -> None:
    """Of the 7! orders of seven values, 6 have the last six rising and the first not, and 6 the mirror."""
    assert run_length([N["N3"]]) == pytest.approx(420)


def test_fourteen_in_turn_are_counted_by_eulers_zigzag_numbers() -> None:
    """A000111: 199360981 of 14! and 1903757312 of 15! orders go up and down in turn."""
    expected = 2 * (199360981 / 87178291200 - 1903757312 / 1307674368000)
    assert 1 / run_length([N["N4"]]) == pytest.approx(expected)


def test_patterns_without_a_side_give_no_alarm_where_the_bad_side_alone_is_asked_for() -> None:
    assert run_length([N["N4"], N["N7"], N["N8"]], ["low"]) == float("inf")
    assert expected_false_alarms(0, 5, ALL_RULES) == 0


# --- laws

NUMBERS = st.lists(st.integers(-50, 50), min_size=1, max_size=40)
QUIET = st.lists(st.integers(-50, 50), min_size=8, max_size=20).filter(lambda numbers: len(set(numbers)) > 1)


def signals(quiet: list[int], later: list[int], add: int = 0, sign: int = 1) -> list[tuple[date, date, str, str]]:
    limits = {"": limits_of(values([sign * each + add for each in quiet]), "values")}
    trend = watched("x", values([sign * each + add for each in later]), limits, rules=ALL_RULES)
    return [(signal.day, signal.since, signal.rule, signal.side) for signal in trend.signals]


@given(QUIET, NUMBERS, st.integers(-(10**12), 10**12))
def test_adding_a_constant_to_all_values_changes_no_signal(quiet: list[int], later: list[int], add: int) -> None:
    assert signals(quiet, later, add) == signals(quiet, later)


@given(st.lists(st.floats(-5, 5), max_size=40), st.sampled_from(ALL_RULES))
def test_reversing_the_direction_mirrors_every_signal(z: list[float], rule: Rule) -> None:
    mirror = {"low": "high", "high": "low", "": ""}
    seen = {(hit.at, hit.since, mirror[hit.side]) for hit in hits([-each for each in z], rule)}
    assert seen == {(hit.at, hit.since, hit.side) for hit in hits(z, rule)}


@given(QUIET, NUMBERS)
def test_what_is_bad_where_higher_is_better_is_good_where_lower_is(quiet: list[int], later: list[int]) -> None:
    limits = {"": limits_of(values(quiet), "values")}
    higher, lower = (watched("x", values(later), limits, better) for better in ("higher", "lower"))  # type: ignore[arg-type]
    assert higher.word == lower.word
    assert (higher.bad != lower.bad) == (higher.word in ("drop", "rise"))


@given(QUIET)
def test_limits_that_are_kept_in_a_file_are_the_same(quiet: list[int]) -> None:
    limits = limits_of(values(quiet), "values")
    assert from_record(record_of(limits)) == limits


# --- verdicts in plain words

USUAL = limits_of(values([100, 110, 95, 105, 100, 90, 105, 100]), "values")


def said_of(numbers: list[int], better: str = "higher", **settings: object) -> Trend:
    return watched("Nakuru", values(numbers), {"": USUAL}, better, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "better", "word", "bad", "words"),
    [
        ([100, 60], "higher", "drop", True, "real drop"),
        ([100, 60], "lower", "drop", False, "real drop"),
        ([100, 140], "higher", "rise", False, "real rise"),
        ([100, 140], "lower", "rise", True, "real rise"),
        ([100, 95], "higher", "steady", False, "steady"),
        ([60, 100], "higher", "steady", False, "steady"),
    ],
)
def test_the_verdict_of_the_last_day_in_words(
    numbers: list[int], better: str, word: Word, bad: bool, words: str
) -> None:
    trend = said_of(numbers, better)
    assert (trend.word, trend.bad, trend.in_words) == (word, bad, words)
    assert trend.finding.level == ("warning" if bad else "info")


def test_a_drop_says_what_was_seen_what_is_usual_and_by_which_statistic() -> None:
    trend = said_of([100, 60])
    assert trend.finding.message == (
        "Nakuru: real drop. On 2026-03-03 it was 60, where 101 is usual "
        "(Western Electric rule 1: one point beyond three standard deviations; since 2026-03-03)."
    )
    assert "cause, action, owner and due date" in trend.finding.what_to_do


def test_a_slow_decline_is_found_by_the_cusum_though_no_day_is_outside_the_limits() -> None:
    trend = said_of([90, 88, 89, 87, 88])
    assert [(signal.rule, signal.side) for signal in trend.signals] == [("CUSUM", "low")]
    assert trend.signals[0].since == MONDAY


def test_good_news_and_patterns_without_a_side_are_silent_where_only_the_bad_side_is_asked_for() -> None:
    assert said_of([140] * 9, only_bad=True).signals == ()
    up_and_down = [100, 101] * 7
    assert said_of(up_and_down, rules=[N["N4"]]).word == "odd"
    assert said_of(up_and_down, rules=[N["N4"]], only_bad=True).word == "steady"
    assert said_of([60, 140], only_bad=True).signals[0].side == "low"
    assert said_of([60, 140], "lower", only_bad=True).signals[0].side == "high"


def test_seven_days_are_not_enough_history_and_eight_are() -> None:
    for enough, word in ((7, "too_few"), (8, "drop")):
        limits = {"": limits_of(values([100, 110, 95, 105, 100, 90, 105, 100][:enough]), "values")}
        trend = watched("Asha", values([10]), limits)
        assert trend.word == word
    few = watched("Asha", values([10]), {"": limits_of(values([1, 2, 3]), "values")})
    assert few.in_words == "too few days to say"
    assert "not enough history: limits need 8 days that can be compared, and there are 3" in few.finding.message


def test_limits_that_people_set_need_no_history() -> None:
    assert watched("Asha", values([-4]), {"": STANDARD}).word == "drop"


def test_where_nothing_ever_varied_another_value_cannot_be_judged() -> None:
    flat = {"": limits_of(values([5] * 10), "values")}
    assert watched("Asha", values([5]), flat).word == "steady"
    other = watched("Asha", values([4]), flat)
    assert (other.word, other.finding.code) == ("too_few", "TREND_FLAT")
    kept = {"": limits_of(shares([20] * 10, 20), "shares")}
    assert watched("Asha", shares([19], 20), kept).finding.code == "TREND_FLAT"


def test_the_same_share_is_chance_of_ten_calls_and_a_drop_of_a_thousand() -> None:
    limits = {"": limits_of(shares([30, 28, 33, 30, 31, 29, 30, 29], 100), "shares")}
    assert watched("conversion", [Point(MONDAY, 2, 10)], limits).word == "steady"
    drop = watched("conversion", [Point(MONDAY, 200, 1000)], limits)
    assert drop.word == "drop"
    assert "it was 20.0%, where 30.0% is usual" in drop.finding.message


def test_limits_of_shares_follow_each_base_and_stay_within_0_and_1() -> None:
    limits = limits_of(shares([5] * 8, 10), "shares")
    assert limits.at(4) == (0.0, 1.0)
    assert limits.at(100) == pytest.approx((0.35, 0.65))
    on_the_limit = Point(MONDAY, 35, 100)
    assert limits.z(on_the_limit) == -3.0
    assert watched("x", [on_the_limit], {"": limits}).word == "steady"


def test_shares_are_pooled_and_never_averaged() -> None:
    points = [Point(MONDAY, 1, 1), Point(MONDAY, 0, 99)]
    assert limits_of(points, "shares").centre == Fraction(1, 100)


def test_a_chart_of_shares_refuses_what_is_no_share() -> None:
    with pytest.raises(ValueError, match="base of every point"):
        limits_of(values([1, 2]), "shares")
    with pytest.raises(ValueError, match="take the chart of values"):
        limits_of([Point(MONDAY, 3, 2)], "shares")
    with pytest.raises(ValueError, match="at least one"):
        limits_of([], "values")


def test_a_rate_of_money_has_a_chart_of_values() -> None:
    rates = [Point(day, above, 1_000_000) for day, above in zip(days(8), [9, 8, 9, 8, 9, 8, 9, 8], strict=True)]
    limits = limits_of(rates, "values")
    assert limits.moving_range == Fraction(1, 1_000_000)


def test_a_follow_up_is_empty_until_cause_action_owner_and_due_date_are_there() -> None:
    trend = said_of([60])
    assert trend.follow_up == FollowUp()
    assert not FollowUp("queue down", "reroute", "Asha", None).complete
    assert not FollowUp("  ", "reroute", "Asha", MONDAY).complete
    assert FollowUp("queue down", "reroute", "Asha", MONDAY).complete


# --- days that are not like others


def test_holidays_days_off_and_marked_days_are_left_out_and_said() -> None:
    strike = Mark("strike", frozenset({date(2026, 3, 18)}))
    first = date(2026, 12, 24)
    points = values([1, 2, 3, 4, 5], first) + values([7], date(2026, 3, 18)) + [Point(date(2026, 3, 23), 0, 0)]
    kept, left_out = like_with_like(points, Calendar("KE"), [strike])
    assert [point.day for point in kept] == [first, date(2026, 12, 28)]
    assert [(each.point.day.day, each.why) for each in left_out] == [
        (18, "marked"),
        (23, "no base"),
        (25, "not a working day"),
        (26, "not a working day"),
        (27, "not a working day"),
    ]


def test_hours_of_ramadan_are_compared_with_hours_of_ramadan() -> None:
    ramadan = Mark.between("Ramadan", date(2026, 2, 18), date(2026, 3, 19), "compare")
    ordinary = [100, 104, 98, 101, 99, 103, 97, 100, 102, 100]
    fasting = [60, 63, 58, 61, 59, 62, 60, 57, 61, 60]
    weekdays = Calendar().working_days(date(2026, 2, 4), date(2026, 3, 3))
    history = [Point(day, number) for day, number in zip(weekdays, ordinary + fasting, strict=True)]
    kept, _ = like_with_like(history, Calendar(), [ramadan])
    limits = limits_by_kind(kept, "values")
    assert set(limits) == {"", "Ramadan"}
    today, _ = like_with_like(values([61], date(2026, 3, 4)), Calendar(), [ramadan])
    assert watched("calls", today, limits).word == "steady"
    assert watched("calls", values([61], date(2026, 3, 4)), limits).word == "drop"  # not marked: an ordinary day


def test_days_of_a_kind_with_too_little_history_are_left_out_of_the_verdict() -> None:
    fees = Mark("school fees", frozenset({MONDAY + timedelta(1)}), "compare")
    points, _ = like_with_like(values([100, 10]), Calendar(), [fees])
    trend = watched("Nakuru", points, {"": USUAL})
    assert trend.word == "steady"
    assert [(each.point.day, each.why) for each in trend.left_out] == [
        (MONDAY + timedelta(1), "no limits for its kind")
    ]
