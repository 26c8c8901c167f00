"""A period made ready: the plan in force, the rules of credit, the teams, and whose each payment is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import narwhals as nw

from toolkit.credit import credited
from toolkit.earlier import EarlierPeriods
from toolkit.money import minor_digits
from toolkit.periods import Period, containing, parse, span
from toolkit.plans import Credit, Plan, PlanVersions
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.rows import Frame
from toolkit.steps.measures import version_on
from toolkit.steps.month import WEEKDAYS, Month
from toolkit.steps.payments import ordered, sorted_out, with_columns_of
from toolkit.steps.year import year_start
from toolkit.targets import KpiValues, Targets
from toolkit.teams import Teams


def made_ready(
    frames: Mapping[str, Frame],
    plans: PlanVersions,
    period: Period,
    credit: Credit | None,
    as_of: date | None,
    earlier: EarlierPeriods,
    working_week: Sequence[str],
) -> Month:
    """Everything a calculation works on. `ToolkitError` with all that is in the way."""
    plan = _plan_in_force(plans, period)
    rules = plan.credit or credit
    in_the_way = []
    if rules is None:
        in_the_way.append(problem("NO_CREDIT_RULES", value=plan.id, plan=plan.id))
    if period.kind != plan.period or period.start_day != plan.period_start_day:
        in_the_way.append(problem("PERIOD_KIND", value=period.label, period=period.label, kind=plan.period))
    in_the_way += _gaps(period, earlier)
    if in_the_way or rules is None:
        raise ToolkitError(in_the_way)
    teams = Teams(_rows(frames, "agents"))
    label_of = {day: label for day, label in _labels(frames["payments"], period)}
    payments = sorted_out(ordered(frames["payments"]), period, plans, earlier, lambda day: label_of[day])
    month = Month(
        period=period,
        plans=plans,
        plan=plan,
        credit=rules,
        digits=minor_digits(plan.currency),
        tables={name: _completed(name, frame) for name, frame in frames.items() if name != "payments"},
        teams=teams,
        targets=Targets(_rows(frames, "targets")),
        kpis=KpiValues(_rows(frames, "kpi_values")),
        earlier=earlier,
        as_of=as_of or period.last,
        working_week=frozenset(WEEKDAYS.index(day) for day in working_week),
        payments=payments,
        all_payments=payments,
    )
    return _with_credit(month, payments)


def _labels(payments: Frame, period: Period) -> list[tuple[date, str]]:
    days = payments.select(nw.col("paid_at").dt.date().alias("day"))["day"].unique().to_list()
    return [(day, containing(day, period.kind, period.start_day).label) for day in days]


OPTIONAL_DATES: dict[str, dict[str, Any]] = {
    "assignments": {"ended_on": nw.Date},
    "promises": {"cancelled_on": nw.Date},
}


def _completed(name: str, frame: Frame) -> Frame:
    return with_columns_of(frame, OPTIONAL_DATES.get(name, {}))


def _rows(frames: Mapping[str, Frame], name: str) -> list[dict[str, Any]]:
    return list(frames[name].to_polars().iter_rows(named=True)) if name in frames else []


def _plan_in_force(plans: PlanVersions, period: Period) -> Plan:
    plan = plans.in_force(period.last)
    if plan is None:
        first = plans.versions[0]
        raise ToolkitError(
            [problem("NO_PLAN_IN_FORCE", value=period.label, period=period.label, plan=first.id, start=first.start)]
        )
    return plan


def _gaps(period: Period, earlier: EarlierPeriods) -> list[Problem]:
    """Earlier periods must follow each other, each once, and end before this one."""
    labels = list(earlier.labels)
    wanted = [one.label for one in span(labels[0], labels[-1], period.start_day)] if labels else []
    if labels == wanted and (not labels or parse(labels[-1], period.start_day).last < period.first):
        return []
    given, missing = ", ".join(labels), ", ".join(label for label in wanted if label not in labels)
    return [problem("EARLIER_PERIODS", value=given, given=given, missing=missing or "none", period=period.label)]


def _with_credit(month: Month, payments: Frame) -> Month:
    """Credits what counts in this run, and what a year-to-date component looks back on."""
    counts = nw.col("excluded").is_null() & nw.col("reverses").is_null()
    since = _looks_back_to(month)
    if since is not None:
        in_year = (nw.col("day") >= since) & (nw.col("day") < month.period.first) & nw.col("reverses").is_null()
        counts = counts | in_year
    looked_at = payments.filter(counts)
    with_agents = credited(looked_at, payments, month.tables, month.credit, month.teams)
    ready = with_agents.with_columns(version=version_on(month, nw.col("day")), in_run=nw.col("excluded").is_null())
    credit = ready.select("seq", "agent_id", "credited_by", "version", "in_run")
    everything = payments.join(credit, on="seq", how="left")
    # what an account's or an agent's money is made of needs neither its file nor its reference
    counted = ready.filter(~nw.col("agent_id").is_null()).drop("source_file", "source_row", "named", "excluded", "own")
    return replace(month, payments=counted.sort("seq"), all_payments=everything.sort("seq"))


def _looks_back_to(month: Month) -> date | None:
    starts = [year_start(one, month.period) for one in month.plan.components if one.per == "year_to_date"]
    return min(starts, default=None)
