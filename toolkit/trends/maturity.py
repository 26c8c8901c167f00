"""Cohorts by their age: what share had converted by each day since the start, of those who are old enough."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise


@dataclass(frozen=True, slots=True)
class Member:
    """A customer of a cohort: the day on which the window opened, and the day of conversion, if any; or `count` of
    them who have both days in common."""

    cohort: str
    started_on: date
    converted_on: date | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Age:
    """A day since the start. old_enough: members whose age has reached it; converted: those of them by that day.

    share: converted of old_enough, exactly; None where nobody is old enough. smoothed: the nearest curve that never
    falls, since the share may fall where younger members drop out of the base.
    """

    day: int
    old_enough: int
    converted: int
    share: Fraction | None
    smoothed: float | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort on a day. A count stands for one that is not matured: it has no share yet."""

    cohort: str
    members: int
    matured: bool
    converted: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.converted, self.members) if self.matured else None


@dataclass(frozen=True, slots=True)
class Summary:
    """All cohorts, and the share over the matured ones: sum of converted by sum of members. waiting: not matured."""

    cohorts: tuple[Cohort, ...]
    converted: int
    members: int
    waiting: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.converted, self.members) if self.members else None


def curve(members: Iterable[Member], as_of: date, window: int) -> tuple[Age, ...]:
    """The maturity curve from day 0 to the window's last day. Conversions after `as_of` are not known yet."""
    ages: Counter[int] = Counter()
    changes: Counter[int] = Counter()
    for member in members:
        age = (as_of - member.started_on).days
        if age < 0:
            continue
        ages[min(age, window)] += member.count
        wait = _wait(member, as_of)
        if wait is not None:
            changes[wait] += member.count
            changes[age + 1] -= member.count  # who is younger than a day does not count on it
    old_enough = list(accumulate(ages[day] for day in range(window, -1, -1)))[::-1]
    return _with_smoothed(old_enough, list(accumulate(changes[day] for day in range(window + 1))))


def as_far_as_lived(ages: Sequence[Age]) -> tuple[Age, ...]:
    """The days that all members have reached: of one cohort a curve whose base stays, so that it never falls."""
    return tuple(age for age in ages if age.old_enough and age.old_enough == ages[0].old_enough)


def kept(age: Age) -> Age:
    """The same day of a curve whose event is a loss: how many it has not happened to."""
    left = age.old_enough - age.converted
    smoothed = None if age.smoothed is None else 1 - age.smoothed
    return Age(age.day, age.old_enough, left, None if age.share is None else 1 - age.share, smoothed)


def _wait(member: Member, as_of: date) -> int | None:
    """Days from the start to the conversion; what came before the start is there on day 0."""
    if member.converted_on is None or member.converted_on > as_of:
        return None
    return max((member.converted_on - member.started_on).days, 0)


def _with_smoothed(old_enough: Sequence[int], converted: Sequence[int]) -> tuple[Age, ...]:
    """The days with their shares, and the curve that never falls (weighted isotonic regression) beside them."""
    shares = [Fraction(above, below) if below else None for above, below in zip(converted, old_enough, strict=True)]
    known = [float(share) for share in shares if share is not None]
    smoothed: list[float | None] = [*_rising(known, old_enough[: len(known)]), *[None] * (len(shares) - len(known))]
    rows = zip(range(len(shares)), old_enough, converted, shares, smoothed, strict=True)
    return tuple(Age(*row) for row in rows)


def _rising(shares: Sequence[float], weights: Sequence[int]) -> list[float]:
    if all(before <= after for before, after in pairwise(shares)):
        return list(shares)
    from scipy.optimize import isotonic_regression

    return [float(share) for share in isotonic_regression(shares, weights=weights).x]


def summary(members: Iterable[Member], as_of: date, window: int) -> Summary:
    """Each cohort, and the matured ones together. A cohort is matured when its last member's window has closed."""
    by_cohort: dict[str, list[Member]] = {}
    for member in members:
        by_cohort.setdefault(member.cohort, []).append(member)
    cohorts = tuple(_cohort(name, by_cohort[name], as_of, window) for name in sorted(by_cohort))
    matured = [cohort for cohort in cohorts if cohort.matured]
    waiting = sum(cohort.members for cohort in cohorts if not cohort.matured)
    return Summary(cohorts, sum(each.converted for each in matured), sum(each.members for each in matured), waiting)


def _cohort(name: str, members: Sequence[Member], as_of: date, window: int) -> Cohort:
    matured = all((as_of - member.started_on).days >= window for member in members)
    waits = [(_wait(member, as_of), member.count) for member in members]
    converted = sum(count for wait, count in waits if wait is not None and wait <= window)
    return Cohort(name, sum(member.count for member in members), matured, converted)
