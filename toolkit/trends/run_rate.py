"""Where a month will end: by working days, or early in the month by the course that earlier months took.

Single amounts that are bigger than a usual whole day and far above the others count once, as they are, and are not
carried forward (they are winsorised, and listed). How wrong the same forecast was in earlier months, each time
with what was known then, gives the error and the interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil, floor, sqrt
from statistics import median, quantiles
from typing import Literal

from toolkit.money import rounded
from toolkit.periods import Period
from toolkit.trends.days import Calendar

Method = Literal["run rate", "day curve"]

EARLY_DAYS = 3
"""Working days at the start of a month in which only the course of earlier months says where it will end."""
ENOUGH_AMOUNTS = 8
ENOUGH_MONTHS = 3
"""Earlier months that a forecast must have been tried on before an interval is given."""
CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True)
class Amount:
    """Money of a day in minor units: a payment or the sum of a day; label says which."""

    day: date
    amount: int
    label: str = ""


Months = Mapping[Period, Sequence[Amount]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a month will end. Money in minor units.

    elapsed, working_days: of the month, until `as_of` and in all. expected: the forecast; None where none can be made.
    low, high: what the month will end between, nine times in ten; None with fewer than three months to try it on.
    error: mean absolute error of the same forecast in earlier months, as a share (MAPE). tried: on how many months.
    one_offs: amounts that are not carried forward; limit: what was carried forward of each at most.
    """

    as_of: date
    elapsed: int
    working_days: int
    collected: int
    expected: int | None
    method: Method
    one_offs: tuple[Amount, ...] = ()
    limit: int | None = None
    error: float | None = None
    tried: int = 0
    low: int | None = None
    high: int | None = None


def run_rate(collected: Fraction | int, elapsed: int, working_days: int) -> Fraction:
    """Collected so far by working days so far, times all working days. `ZeroDivisionError` before the first one."""
    return Fraction(collected) * working_days / elapsed


def forecast(
    month: Period,
    amounts: Sequence[Amount],
    as_of: date,
    calendar: Calendar,
    earlier: Months,
    method: Method | None = None,
) -> Forecast:
    """The month's end as it looks on a day. earlier: whole months; those that are not over before this one count not.

    method: by working days, but in the first three by the day curve, unless given.
    """
    before = {period: earlier[period] for period in sorted(earlier) if period.last < month.first}
    days = calendar.working_days(month.first, month.last)
    elapsed = sum(day <= as_of for day in days)
    chosen: Method = method or ("day curve" if elapsed <= EARLY_DAYS else "run rate")
    known = [each for each in amounts if month.first <= each.day <= min(as_of, month.last)]
    limit = _limit(known, before, calendar)
    expected = _expected(known, limit, (elapsed, len(days)), before, calendar, chosen)
    one_offs = tuple(each for each in known if limit is not None and abs(each.amount) > limit)
    collected = sum(each.amount for each in known)
    plain = Forecast(as_of, elapsed, len(days), collected, expected, chosen, one_offs, limit)
    return _with_interval(plain, _tried(before, (elapsed, len(days)), calendar, chosen))


def _expected(
    known: Sequence[Amount], limit: int | None, at: tuple[int, int], before: Months, calendar: Calendar, method: Method
) -> int | None:
    elapsed, working_days = at
    steady = sum(_carried(each.amount, limit) for each in known)
    once = sum(each.amount for each in known) - steady
    if not elapsed:
        return None
    if method == "run rate":
        return rounded(run_rate(steady, elapsed, working_days), "half_up") + once
    share = day_curve(before, at, calendar, limit)
    return rounded(steady / share, "half_up") + once if share else None


def _carried(amount: int, limit: int | None) -> int:
    return amount if limit is None else max(-limit, min(amount, limit))


def _limit(known: Sequence[Amount], before: Months, calendar: Calendar) -> int | None:
    """The largest amount that is no single big one; None where there are too few amounts to say what is usual.

    Bigger ones are more than a usual working day collects, beyond the far-out fence Q3 + 3 IQR (Tukey, 1977) of what
    came in, and more than every earlier month had once, as on a payday. By earlier months; by this one without any.
    """
    usual = [each for amounts in before.values() for each in amounts] or list(known)
    paid = [each.amount for each in usual if each.amount > 0]
    if len(paid) < ENOUGH_AMOUNTS:
        return None
    by_day: dict[date, int] = {}
    for each in usual:
        by_day[each.day] = by_day.get(each.day, 0) + each.amount
    lower, _, upper = quantiles(paid, n=4, method="inclusive")
    working = [total for day, total in by_day.items() if calendar.is_working(day)] or list(by_day.values())
    return max(ceil(upper + 3 * (upper - lower)), ceil(median(working)), _every_month(before))


def _every_month(before: Months) -> int:
    """The largest amount that every earlier month reached; 0 with fewer than two, of which nobody can say "every"."""
    largest = [max((each.amount for each in amounts), default=0) for amounts in before.values()]
    return min(largest) if len(largest) > 1 else 0


def day_curve(before: Months, at: tuple[int, int], calendar: Calendar, limit: int | None = None) -> Fraction | None:
    """What share of earlier months had come in by the same working day; None without any that says.

    at: the working day, and how many the month has; in longer and shorter months the day as far along. Sums of what
    came in are divided, never averages of shares.
    """
    sums = [_until(month, amounts, at, calendar, limit) for month, amounts in before.items()]
    whole = sum(total for _, total in sums)
    so_far = sum(part for part, _ in sums)
    return Fraction(so_far, whole) if so_far > 0 and whole > 0 else None


def _until(
    month: Period, amounts: Sequence[Amount], at: tuple[int, int], calendar: Calendar, limit: int | None
) -> tuple[int, int]:
    """What a month had collected as far along, and in all; amounts above the limit cut to it."""
    day = same_day(month, at, calendar)
    inside = [each for each in amounts if each.day in month]
    return (
        sum(_carried(each.amount, limit) for each in inside if day is not None and each.day <= day),
        sum(_carried(each.amount, limit) for each in inside),
    )


def same_day(month: Period, at: tuple[int, int], calendar: Calendar) -> date | None:
    """The day of another month that is as far along as working day `at[0]` of `at[1]`; its last day if all are over."""
    days = calendar.working_days(month.first, month.last)
    elapsed, working_days = at
    if not days or not elapsed:
        return None
    if elapsed >= working_days:
        return month.last
    place = max(1, rounded(Fraction(elapsed * len(days), working_days), "half_up"))
    return days[place - 1]


def _tried(before: Months, at: tuple[int, int], calendar: Calendar, method: Method) -> list[float]:
    """What came in by what was forecast, in each earlier month at the same working day with what was known then.

    Months that collected nothing, or of which nothing could be forecast, are left out.
    """
    ratios = []
    for month, amounts in before.items():
        day = same_day(month, at, calendar)
        older = {period: before[period] for period in before if period.last < month.first}
        if day is None:
            continue
        known = [each for each in amounts if month.first <= each.day <= day]
        days = calendar.working_days(month.first, month.last)
        then = (sum(each <= day for each in days), len(days))
        expected = _expected(known, _limit(known, older, calendar), then, older, calendar, method)
        actual = sum(each.amount for each in amounts if each.day in month)
        if expected and expected > 0 and actual > 0:
            ratios.append(actual / expected)
    return ratios


def _with_interval(plain: Forecast, ratios: Sequence[float]) -> Forecast:
    """The forecast with its error, and the interval that follows from ratios of what came in to what was forecast."""
    if not ratios:
        return plain
    error = sum(abs(1 / ratio - 1) for ratio in ratios) / len(ratios)
    tried = replace(plain, error=error, tried=len(ratios))
    if len(ratios) < ENOUGH_MONTHS or plain.expected is None:
        return tried
    wide = Fraction(_spread(ratios)) * abs(plain.expected)
    return replace(tried, low=floor(plain.expected - wide), high=ceil(plain.expected + wide))


def _spread(ratios: Sequence[float]) -> float:
    """Half the interval as a share of the forecast: Student's t times the root of the mean squared error.

    The errors are taken around the forecast itself, not around their mean: what was off to one side makes it wider.
    """
    from scipy.special import stdtrit

    squared = sum((ratio - 1) ** 2 for ratio in ratios) / len(ratios)
    return float(stdtrit(len(ratios), (1 + CONFIDENCE) / 2)) * sqrt(squared)
