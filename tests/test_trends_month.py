"""Where a month will end, how sure that is, and what is told to the manager."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trend_cases import amounts

from toolkit.money import plain
from toolkit.periods import Period, days_between, parse, span
from toolkit.problems import Problem
from toolkit.trends.days import Calendar
from toolkit.trends.plan import against_plan, letter
from toolkit.trends.run_rate import Amount, Forecast, day_curve, forecast, run_rate, same_day

WEEKDAYS = Calendar()
MARCH = parse("2026-03")  # 22 working days


def month_of(label: str, daily: int, first_day: int | None = None) -> list[Amount]:
    """The same amount on every working day, but for the first one where it is given."""
    period = parse(label)
    days = WEEKDAYS.working_days(period.first, period.last)
    found = [Amount(day, daily, "day") for day in days]
    return found if first_day is None else [Amount(days[0], first_day, "first"), *found[1:]]


def months(*daily: int, last: str = "2026-02") -> dict[Period, list[Amount]]:
    """Months up to the last one."""
    periods = span("2025-01", last)[-len(daily) :] if daily else []
    return {period: month_of(period.label, each) for period, each in zip(periods, daily, strict=True)}


# --- run rate


def test_run_rate_on_day_15_of_30_as_published() -> None:
    """Tableau community thread: 30,000 on day 15 of 30 days ends at 60,000."""
    assert run_rate(30_000, 15, 30) == 60_000


def test_weekends_public_holidays_and_closed_days_are_no_working_days() -> None:
    kenya = Calendar("KE", closed=frozenset({date(2026, 12, 24)}))
    days = kenya.working_days(date(2026, 12, 21), date(2026, 12, 28))
    assert [day.day for day in days] == [21, 22, 23, 28]
    saturdays = Calendar("", frozenset(range(6)))
    assert len(saturdays.working_days(MARCH.first, MARCH.last)) == 26


def test_the_month_goes_on_as_it_went_until_now() -> None:
    seen = forecast(MARCH, month_of("2026-03", 1000), date(2026, 3, 6), WEEKDAYS, {})
    assert (seen.elapsed, seen.working_days, seen.collected, seen.expected) == (5, 22, 5000, 22_000)
    assert (seen.method, seen.error, seen.low, seen.high) == ("run rate", None, None, None)


def test_money_of_a_weekend_counts_and_the_weekend_is_no_working_day() -> None:
    paid = [*month_of("2026-03", 1000), Amount(date(2026, 3, 7), 500)]
    seen = forecast(MARCH, paid, date(2026, 3, 8), WEEKDAYS, {})
    assert (seen.elapsed, seen.collected, seen.expected) == (5, 5500, 24_200)


def test_before_the_first_working_day_and_early_without_earlier_months_there_is_no_forecast() -> None:
    paid = month_of("2026-03", 1000)
    assert forecast(MARCH, paid, date(2026, 3, 1), WEEKDAYS, months(1000)).expected is None
    assert forecast(MARCH, paid, date(2026, 3, 4), WEEKDAYS, {}).expected is None
    assert forecast(MARCH, paid, date(2026, 3, 5), WEEKDAYS, {}).expected == 22_000


# --- the day curve


def test_in_the_first_three_working_days_the_course_of_earlier_months_says_it() -> None:
    """Of January (22 days) and February (20 days) 4200 of 8200 came in on the first day, a payday."""
    earlier = {parse("2026-01"): month_of("2026-01", 100, first_day=2100)}
    earlier[parse("2026-02")] = month_of("2026-02", 100, first_day=2100)
    assert day_curve(earlier, (1, 22), WEEKDAYS) == Fraction(4200, 8200)
    seen = forecast(MARCH, month_of("2026-03", 100, first_day=2100), date(2026, 3, 2), WEEKDAYS, earlier)
    assert (seen.method, seen.expected, seen.one_offs) == ("day curve", 4100, ())
    fourth = forecast(MARCH, month_of("2026-03", 100), date(2026, 3, 5), WEEKDAYS, earlier)
    assert fourth.method == "run rate"


def test_the_course_is_of_earlier_months_only() -> None:
    paid = month_of("2026-03", 100)
    earlier = months(100, 100)
    later = {parse("2026-04"): month_of("2026-04", 1, first_day=90_000), MARCH: month_of("2026-03", 1, first_day=9000)}
    on = date(2026, 3, 3)
    assert forecast(MARCH, paid, on, WEEKDAYS, earlier | later) == forecast(MARCH, paid, on, WEEKDAYS, earlier)


def test_months_are_pooled_and_compared_as_far_along() -> None:
    earlier = {parse("2026-01"): month_of("2026-01", 100), parse("2026-02"): month_of("2026-02", 900)}
    assert day_curve(earlier, (11, 22), WEEKDAYS) == Fraction(11 * 100 + 10 * 900, 22 * 100 + 20 * 900)
    assert day_curve(earlier, (22, 22), WEEKDAYS) == 1
    assert day_curve(earlier, (0, 22), WEEKDAYS) is None
    assert day_curve({}, (3, 22), WEEKDAYS) is None


def test_the_same_day_of_a_shorter_month() -> None:
    february = parse("2026-02")
    assert same_day(february, (1, 22), WEEKDAYS) == date(2026, 2, 2)
    assert same_day(february, (11, 22), WEEKDAYS) == date(2026, 2, 13)
    assert same_day(february, (22, 22), WEEKDAYS) == date(2026, 2, 28)
    assert same_day(february, (0, 22), WEEKDAYS) is None


# --- single big amounts


def test_a_big_single_amount_counts_once_and_is_listed() -> None:
    paid = sorted([*month_of("2026-03", 1000), Amount(date(2026, 3, 4), 50_000, "P77")], key=lambda each: each.day)
    seen = forecast(MARCH, paid, date(2026, 3, 6), WEEKDAYS, months(1000, 1000))
    assert [each.label for each in seen.one_offs] == ["P77"]
    assert (seen.limit, seen.collected) == (1000, 55_000)
    assert seen.expected == 6 * 1000 * 22 // 5 + 49_000


def test_payments_that_are_usual_among_many_are_no_single_big_ones() -> None:
    many = [Amount(day, 100) for day in WEEKDAYS.working_days(MARCH.first, MARCH.last) for _ in range(20)]
    double = [*many, Amount(date(2026, 3, 2), 300, "three instalments")]
    seen = forecast(MARCH, double, date(2026, 3, 6), WEEKDAYS, {})
    assert (seen.limit, seen.one_offs) == (2000, ())


def test_a_big_amount_that_was_taken_back_leaves_nothing_behind() -> None:
    both = amounts("2026-03-04,50000,P77 2026-03-05,-50000,R77")
    quiet = forecast(MARCH, month_of("2026-03", 1000), date(2026, 3, 6), WEEKDAYS, months(1000))
    seen = forecast(MARCH, [*month_of("2026-03", 1000), *both], date(2026, 3, 6), WEEKDAYS, months(1000))
    assert seen.expected == quiet.expected
    assert [each.label for each in seen.one_offs] == ["P77", "R77"]


def test_with_fewer_than_eight_amounts_nobody_knows_what_is_usual() -> None:
    seen = forecast(MARCH, amounts("2026-03-02,1,a 2026-03-05,900,b"), date(2026, 3, 6), WEEKDAYS, {})
    assert (seen.limit, seen.one_offs, seen.collected) == (None, (), 901)


# --- error and interval


def slowing(label: str, first_half: int, second_half: int) -> list[Amount]:
    days = WEEKDAYS.working_days(parse(label).first, parse(label).last)
    half = len(days) // 2
    return [Amount(day, first_half if place < half else second_half) for place, day in enumerate(days)]


def test_the_error_is_that_of_the_same_forecast_in_earlier_months() -> None:
    """February (20 days) went 100 a day, then 60: 2000 were to be forecast half-way, 1600 came in; 25 % too high."""
    earlier = {parse("2026-02"): slowing("2026-02", 100, 60)}
    seen = forecast(MARCH, month_of("2026-03", 100), date(2026, 3, 16), WEEKDAYS, earlier)
    assert (seen.elapsed, seen.tried) == (11, 1)
    assert seen.error == pytest.approx(0.25)
    assert (seen.low, seen.high) == (None, None)


def test_three_earlier_months_give_an_interval_by_students_t() -> None:
    """Ratios 0.8, 0.8, 0.8: root of the mean squared error 0.2, times t(0.95; 3) = 2.353 of the printed tables."""
    earlier = {parse(f"2026-{month:02d}"): slowing(f"2026-{month:02d}", 100, 60) for month in (4, 5, 6)}
    july = parse("2026-07")  # 23 days; April, June 22; May 21
    seen = forecast(july, month_of("2026-07", 100), date(2026, 7, 16), WEEKDAYS, {p: earlier[p] for p in earlier})
    assert seen.tried == 3
    assert seen.expected is not None and seen.low is not None and seen.high is not None
    assert seen.low < seen.expected < seen.high
    assert (seen.high - seen.low) / 2 / seen.expected == pytest.approx(2.353 * 0.2, abs=0.02)


def test_a_back_test_knows_only_what_was_known_then() -> None:
    """The day curve of a month is made from the months before it, so the first one cannot be tried."""
    seen = forecast(MARCH, month_of("2026-03", 100), date(2026, 3, 3), WEEKDAYS, months(100, 100, 100, 100))
    assert seen.tried == 3
    assert seen.error == pytest.approx(0, abs=0.2)


def test_a_month_that_collected_nothing_is_not_tried_on() -> None:
    earlier = months(100, 100) | {parse("2025-12"): amounts("2025-12-01,0,none")}
    assert forecast(MARCH, month_of("2026-03", 100), date(2026, 3, 16), WEEKDAYS, earlier).tried == 2


# --- laws

PAID = st.lists(
    st.builds(Amount, st.sampled_from(days_between(MARCH.first, MARCH.last)), st.integers(-(10**6), 10**9)), max_size=60
)


@given(PAID, st.sampled_from(["run rate", "day curve"]), st.sampled_from([31, 40]))
def test_on_the_last_working_day_the_forecast_is_what_has_come_in(paid: list[Amount], method: str, on: int) -> None:
    day = date(2026, 3, 31) if on == 31 else date(2026, 4, 9)
    seen = forecast(MARCH, paid, day, WEEKDAYS, months(100, 200, 150, 300), method)  # type: ignore[arg-type]
    assert seen.expected == seen.collected == sum(each.amount for each in paid)
    assert (seen.low, seen.high) == (seen.expected, seen.expected)


@given(PAID, st.sampled_from(days_between(MARCH.first, MARCH.last)))
def test_money_that_comes_in_later_changes_no_earlier_forecast(paid: list[Amount], on: date) -> None:
    known = [each for each in paid if each.day <= on]
    earlier = months(100, 200, 150)
    assert forecast(MARCH, paid, on, WEEKDAYS, earlier) == forecast(MARCH, known, on, WEEKDAYS, earlier)


# --- plan


def seen_at(expected: int | None, low: int | None = None, high: int | None = None, elapsed: int = 11) -> Forecast:
    return Forecast(date(2026, 3, 16), elapsed, 22, 50_000, expected, "run rate", low=low, high=high)


@pytest.mark.parametrize(
    ("seen", "code", "alert"),
    [
        (seen_at(95_000), "OUTLOOK_BEHIND", True),
        (seen_at(95_001), "OUTLOOK_ON_COURSE", False),
        (seen_at(98_000, 97_000, 99_999), "OUTLOOK_BEHIND", True),
        (seen_at(98_000, 96_000, 100_000), "OUTLOOK_ON_COURSE", False),
        (seen_at(94_000, 80_000, 110_000), "OUTLOOK_BEHIND", True),
        (seen_at(130_000), "OUTLOOK_ON_COURSE", False),
        (seen_at(103_000, 100_001, 106_000), "OUTLOOK_AHEAD", True),
        (seen_at(None), "OUTLOOK_TOO_EARLY", False),
    ],
)
def test_an_alert_where_the_interval_excludes_the_plan_or_the_month_ends_five_percent_below(
    seen: Forecast, code: str, alert: bool
) -> None:
    variance = against_plan("North", seen, 100_000)
    assert (variance.finding.code, variance.alert) == (code, alert)
    assert variance.finding.level == ("warning" if code == "OUTLOOK_BEHIND" else "info")


def test_a_plan_of_nothing_has_no_variance() -> None:
    assert against_plan("North", seen_at(10), 0).share is None


def told(finding: Problem) -> str:
    return str(finding)


def test_the_text_is_ready_with_amounts_as_people_write_them() -> None:
    variance = against_plan("North", seen_at(90_000, 85_000, 96_000), 100_000, lambda minor: f"KES {plain(minor, 2)}")
    assert variance.share == Fraction(-1, 10)
    assert variance.needed == 4545
    assert told(variance.finding) == (
        "North will end the month about -10.0% from plan: KES 900.00 expected (between KES 850.00 and KES 960.00), "
        "KES 1000.00 planned. Collected until 2026-03-16: KES 500.00, on 11 of 22 working days. "
        "To make the plan, KES 45.45 is needed on each working day that is left. "
        "Tell the line manager today, with the cause and what will be done."
    )


def test_when_no_day_is_left_it_is_said_where_the_month_ended() -> None:
    seen = seen_at(50_000, 50_000, 50_000, elapsed=22)
    variance = against_plan("North", seen, 100_000)
    assert (variance.finding.code, variance.needed, variance.alert) == ("OUTLOOK_OVER", None, True)
    assert told(variance.finding) == (
        "North ended the month 50.0% below plan: 50,000 collected until 2026-03-16, 100,000 planned. "
        "No working day is left. Tell the line manager the cause, and what will be done next month."
    )
    _, text = letter(seen, variance)
    assert not [words for words in ("will end", "To make the plan", "today") if words in text]


def test_a_month_that_is_over_and_made_its_plan_alerts_nobody() -> None:
    variance = against_plan("North", seen_at(50_000, 50_000, 50_000, elapsed=22), 50_000)
    assert (variance.finding.code, variance.alert) == ("OUTLOOK_OVER_MADE", False)
    assert told(variance.finding).startswith("North made the plan of the month (+0.0%): 50,000 collected")


def test_the_letter_lists_what_was_counted_once_and_asks_for_cause_action_owner_and_due_date() -> None:
    paid = [*month_of("2026-03", 1000), Amount(date(2026, 3, 4), 50_000, "P77")]
    seen = forecast(MARCH, paid, date(2026, 3, 6), WEEKDAYS, months(1000, 1000))
    subject, text = letter(seen, against_plan("North", seen, 100_000))
    assert subject == "North: -24.6% from plan, as of 2026-03-06"
    assert "Counted once and not carried forward: 50,000 on 2026-03-04 (P77)." in text
    assert "(too few earlier months for a range)" in text
    assert text.endswith("Cause:\nAction:\nOwner:\nDue:")
