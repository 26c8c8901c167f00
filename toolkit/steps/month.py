"""What a calculation works on: one period's tables, rules, teams, targets and past, made ready once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

import narwhals as nw

from toolkit.bands import PayScale
from toolkit.earlier import EarlierPeriods
from toolkit.periods import Period, containing
from toolkit.plans import Component, Credit, Plan, PlanVersions
from toolkit.problems import Problem
from toolkit.rows import Frame
from toolkit.targets import KpiValues, Targets
from toolkit.teams import Teams

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Month:
    """One plan period (a month, mostly) with everything that its commissions depend on.

    `payments` are the credited payments that count, in order (`seq`), with agent_id, credited_by, day,
    counted (minor units), version (of the plan, on that day), earned_for and `in_run` (False for the
    earlier part of a year that a year-to-date component looks back on). `all_payments` are all of them,
    credited or not: promises are kept by any payment.
    """

    period: Period
    plans: PlanVersions
    plan: Plan
    credit: Credit
    digits: int
    tables: Mapping[str, Frame]
    teams: Teams
    targets: Targets
    kpis: KpiValues
    earlier: EarlierPeriods
    as_of: date
    working_week: frozenset[int]
    payments: Frame
    all_payments: Frame
    problems: list[Problem] = field(default_factory=list)

    @property
    def unit(self) -> int:
        """Minor units in one major unit."""
        return int(10**self.digits)

    def table(self, name: str) -> Frame | None:
        found = self.tables.get(name)
        return found if found is not None and len(found) else None

    @cached_property
    def snapshots(self) -> Frame | None:
        """Balance snapshots: account_id, as_of, balance (minor units), days_past_due."""
        found = self.table("balances")
        return None if found is None else found.select("account_id", "as_of", "balance", "days_past_due")

    def period_of(self, day: date) -> Period:
        return containing(day, self.period.kind, self.period.start_day)


def without_rows(month: Month) -> Month:
    """The month without its payments and tables, when only sums are still to be worked on: a million rows weigh."""
    empty = month.payments.head(0)
    return replace(month, payments=empty, all_payments=empty, tables={})


@dataclass(frozen=True)
class Segment:
    """A component as it is in force on some days of the period.

    share: the part of the period's days, 1 when nothing changed; `versions` have this same definition.
    """

    component: Component
    versions: frozenset[int]
    first: date
    last: date
    share: Fraction
    version: int

    @cached_property
    def pay_scale(self) -> PayScale:
        """What the component pays for a measure on the segment's days."""
        return PayScale(self.component, self.share)


def in_segment(segment: Segment) -> nw.Expr:
    """The rows of the segment, by the version of the plan that was in force on their day."""
    return nw.col("version").is_in(sorted(segment.versions))
