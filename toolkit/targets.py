"""Targets and KPI values, as a plan asks for them: one agent's, for a period."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from toolkit.periods import Kind, Period, containing, days_between, is_working_day
from toolkit.plans import DayCount
from toolkit.teams import FAR_AHEAD, LONG_AGO, Post, Teams

SCOPES = ("agent", "team", "branch", "role", "all")
"""From the most specific to the least: for each day the first that has a row is taken."""


@dataclass(frozen=True, slots=True)
class KpiValue:
    """A KPI of one agent in one period; `count` is its denominator, None where no base was given."""

    value: Fraction
    count: Fraction | None = None


class KpiValues:
    """The kpi_values table, asked by KPI, agent and period."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._values: dict[tuple[str, str, str], KpiValue] = {}
        for row in rows:
            found = _kpi_value(row)
            if found is not None:
                self._values[row["kpi"], row["agent_id"], row["period"]] = found

    def get(self, kpi: str, agent_id: str, period: Period) -> KpiValue | None:
        """The value for the period's own label; a month's serves the half months and weeks that end in it."""
        own = self._values.get((kpi, agent_id, period.label))
        if own is not None or period.kind not in ("half_month", "week", "day"):
            return own
        return self._values.get((kpi, agent_id, containing(period.last, "month").label))


def _kpi_value(row: Mapping[str, Any]) -> KpiValue | None:
    numerator, denominator, value = (_exact(row.get(name)) for name in ("numerator", "denominator", "value"))
    if value is not None:
        return KpiValue(value, denominator)
    if numerator is None or not denominator:
        return None
    return KpiValue(numerator / denominator, denominator)


def _exact(text: Any) -> Fraction | None:
    return None if text is None or text == "" else Fraction(str(text))


@dataclass(frozen=True, slots=True)
class _TargetRow:
    amount: Fraction
    grain: str
    first: date
    last: date


class Targets:
    """The targets table. Each row is one agent's target; days without a row add nothing."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows: dict[tuple[str, str, str], list[_TargetRow]] = {}
        for row in rows:
            amount = _exact(row.get("target"))
            if amount is not None:
                key = (row["kpi"], row["scope_kind"], row.get("scope") or "")
                stretch = (row.get("from") or LONG_AGO, row.get("to") or FAR_AHEAD)
                self._rows.setdefault(key, []).append(_TargetRow(amount, row["grain"], *stretch))
        self._cache: dict[tuple[Any, ...], Fraction | None] = {}

    def target(
        self,
        kpi: str,
        agent_id: str,
        teams: Teams,
        period: Period,
        *,
        prorate: DayCount = "none",
        in_role: Callable[[Post], bool] = lambda post: True,
        country: str = "",
        working_week: frozenset[int] = frozenset(range(5)),
    ) -> Fraction | None:
        """The agent's target for `period`.

        Every day takes its share of the most specific row in force: a row of the period's own kind is
        shared over the period's days (working days only, if so prorated), others over their own week,
        month or quarter. With `prorate` calendar_days or working_days only the days on which the agent
        was active and `in_role` count. None if no row was found for any day.
        """
        days_in = days_between(period.first, period.last)
        posts = teams.posts.get(agent_id, ())
        scopes = tuple((post.first, post.last, post.team, post.branch, post.role, in_role(post)) for post in posts)
        own = agent_id if (kpi, "agent", agent_id) in self._rows else ""
        key = (kpi, own, scopes, period.first, period.last, prorate, country)
        if key not in self._cache:
            self._cache[key] = self._sum(kpi, agent_id, teams, period, days_in, prorate, in_role, country, working_week)
        return self._cache[key]

    def _sum(
        self,
        kpi: str,
        agent_id: str,
        teams: Teams,
        period: Period,
        days: list[date],
        prorate: DayCount,
        in_role: Callable[[Post], bool],
        country: str,
        working_week: frozenset[int],
    ) -> Fraction | None:
        def counts(day: date) -> bool:
            return prorate != "working_days" or is_working_day(day, country, working_week)

        known = teams.posts.get(agent_id, ())
        by_row: dict[tuple[Fraction, int], int] = {}
        found = False
        sizes: dict[tuple[str, date], int] = {}
        for day in days:
            post = teams.on(agent_id, day)
            row = self._row(kpi, agent_id, post or (known[-1] if known else None), day)
            if row is None:
                continue
            found = True
            if not counts(day) or (prorate != "none" and (post is None or not in_role(post))):
                continue
            whole = period if row.grain in (period.kind, "cohort") else _period_of(day, row.grain)
            size_key = (whole.label, whole.first)
            if size_key not in sizes:
                sizes[size_key] = sum(1 for other in days_between(whole.first, whole.last) if counts(other))
            by_row[row.amount, sizes[size_key]] = by_row.get((row.amount, sizes[size_key]), 0) + 1
        total = sum((amount * count / size for (amount, size), count in by_row.items()), Fraction(0))
        return total if found else None

    def _row(self, kpi: str, agent_id: str, post: Post | None, day: date) -> _TargetRow | None:
        names = {"agent": agent_id, "all": ""}
        if post is not None:
            names |= {"team": post.team, "branch": post.branch, "role": post.role}
        for scope in SCOPES:
            for row in self._rows.get((kpi, scope, names.get(scope, "")), ()) if scope in names else ():
                if row.first <= day <= row.last:
                    return row
        return None


def _period_of(day: date, grain: str) -> Period:
    kinds: dict[str, Kind] = {"hour": "day", "day": "day", "week": "week", "month": "month", "quarter": "quarter"}
    return containing(day, kinds.get(grain, "month"))
