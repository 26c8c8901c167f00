"""Field commissions: payments and a plan in, lines and the sheet out.

The order of computation: credit -> counted rows -> bands -> gates, factor, floor, cap -> plan cap ->
rounded once to the line and shared out to its pieces -> overrides -> holdback and releases -> clawbacks
and adjustments -> guarantee -> withholding -> carried and cut down to payout units. Pure: no files, no
clock, no chance; the same input gives the same lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.capped import cap_carry_lines
from toolkit.clawbacks import clawback_lines
from toolkit.components import Payable, payables
from toolkit.credit import credited
from toolkit.earlier import LINE_SCHEMA, NO_EARLIER, EarlierPeriods, new_lines
from toolkit.earnings import Earnings, earnings, year_start
from toolkit.guarantees import topped_up
from toolkit.holdbacks import due_at_once, holdback_lines, release_lines
from toolkit.leaders import override_lines
from toolkit.lines import earn_lines
from toolkit.measures import version_on
from toolkit.money import minor_digits
from toolkit.month import WEEKDAYS, Month, Segment
from toolkit.payments import FULLY_REVERSED, ORPHAN, OTHER_PERIOD, UNKNOWN_PERIOD, ordered, sorted_out, with_columns_of
from toolkit.periods import Period, containing, days_between, parse, span
from toolkit.plans import Component, Credit, Plan, PlanVersions
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.rows import Frame, latest_before
from toolkit.settlement import SheetRow, payout, withheld
from toolkit.standing import component_table
from toolkit.targets import KpiValues, Targets
from toolkit.teams import Teams

KIND_ORDER = ("earn", "cap_carry", "override", "adjust", "clawback", "holdback", "release", "guarantee", "withholding")

SHEET_TAIL = (
    "adjustments",
    "clawback",
    "holdback",
    "released",
    "guarantee",
    "gross",
    "withholding",
    "net",
    "carried_in",
    "payable",
    "carried_out",
    "held_balance",
    "draw_balance",
)
"""The sheet's columns after one for each component and override."""


@dataclass(frozen=True)
class CommissionRun:
    """The commissions of one plan and period. Money in all frames is int64 minor units.

    plan: the version in force at the period's end. lines: every line, an agent's add up to the sheet's
    net. sheet: one row an agent. credit: what became of each payment. components: how each agent stands
    under each component. agents: names and payment details at the period's end. control: where the
    payments' money went; it adds up.
    """

    plans: PlanVersions
    plan: Plan
    period: Period
    as_of: date
    digits: int
    lines: pl.DataFrame
    sheet: pl.DataFrame
    credit: pl.DataFrame
    components: pl.DataFrame
    agents: pl.DataFrame
    control: dict[str, Any]
    problems: tuple[Problem, ...]


def calculate(
    tables: Mapping[str, Any],
    plans: PlanVersions,
    period: Period,
    *,
    credit: Credit | None = None,
    as_of: date | None = None,
    earlier: EarlierPeriods = NO_EARLIER,
    working_week: Sequence[str] = WEEKDAYS[:5],
) -> CommissionRun:
    """The commissions of a period.

    tables: frames by the names of the table reference (any eager engine that Narwhals knows), money in
      minor units of the plan's currency, times in the local time zone.
    plans: all versions of one plan. credit: the rules of the profile, for a plan that has none.
    as_of: the day the data stand at; absent, the last day of the period.
    earlier: the periods before, for clawbacks, releases, carried amounts and late payments.

    Raises `ToolkitError` with everything that is in the way: no plan in force, no rules for credit, an
    earlier period missing.
    """
    frames = {name: nw.from_native(table, eager_only=True) for name, table in tables.items()}
    month = _made_ready(frames, plans, period, credit, as_of, earlier, working_week)
    payments = month.all_payments
    by_segment = [earnings(month, segment) for segment in segments(month)]
    lines_due = payables(month, by_segment)
    earned = _held_marked(earn_lines(month, by_segment, lines_due), lines_due).with_row_index("_n")
    earned = earned.with_columns(pl.col("_n").cast(pl.Int64))
    clawbacks = clawback_lines(month, payments.to_polars())
    held = holdback_lines(month, earned, lines_due).with_row_index("_n", offset=len(earned))
    held = held.with_columns(pl.col("_n").cast(pl.Int64))
    parts = [
        earned.drop("_held_by_gate"),
        cap_carry_lines(month, lines_due),
        override_lines(month, earned, clawbacks),
        _adjustment_lines(month),
        clawbacks.drop("leader_day"),
        held,
        due_at_once(month, held),
        release_lines(month, clawbacks),
    ]
    lines = pl.concat(parts, how="diagonal")
    rows, settled = _settled(month, lines)
    fates = _with_status(payments)
    lines = _numbered(month, pl.concat([lines, settled], how="diagonal"))
    return CommissionRun(
        plans=plans,
        plan=month.plan,
        period=period,
        as_of=month.as_of,
        digits=month.digits,
        lines=lines,
        sheet=_sheet(month, rows),
        credit=_credit_table(month, fates),
        components=component_table(month, by_segment, lines_due),
        agents=_agents_table(month, [row.agent_id for row in rows]),
        control=_control(fates),
        problems=_problems(month, payments),
    )


# --- making ready --------------------------------------------------------------------------------


def _made_ready(
    frames: Mapping[str, Frame],
    plans: PlanVersions,
    period: Period,
    credit: Credit | None,
    as_of: date | None,
    earlier: EarlierPeriods,
    working_week: Sequence[str],
) -> Month:
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
        tables={name: _completed(name, frame) for name, frame in frames.items()},
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


OPTIONAL_DATES: dict[str, dict[str, type[nw.dtypes.DType]]] = {
    "assignments": {"ended_on": nw.Date},
    "promises": {"cancelled_on": nw.Date},
}


def _completed(name: str, frame: Frame) -> Frame:
    return with_columns_of(frame, OPTIONAL_DATES.get(name, {}))


def _rows(frames: Mapping[str, Frame], name: str) -> list[dict[str, Any]]:
    return list(frames[name].iter_rows(named=True)) if name in frames else []


def _plan_in_force(plans: PlanVersions, period: Period) -> Plan:
    plan = plans.in_force(period.last)
    if plan is None:
        first = plans.versions[0]
        raise ToolkitError([problem("NO_PLAN_IN_FORCE", value=period.label, period=period.label, plan=first.id, start=first.start)])
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
    counted = ready.filter(~nw.col("agent_id").is_null())
    return replace(month, payments=counted.sort("seq"), all_payments=everything.sort("seq"))


def _looks_back_to(month: Month) -> date | None:
    starts = [year_start(one, month.period) for one in month.plan.components if one.per == "year_to_date"]
    return min(starts, default=None)


# --- versions inside a period --------------------------------------------------------------------


def segments(month: Month) -> list[Segment]:
    """Each component once for every definition it has in the period, with its share of the days.

    A definition that holds in several versions is computed once over all their days. Payments of an
    earlier period that come late bring their own version's definition with them.
    """
    stretches = _stretches(month)
    found: list[Segment] = []
    for code in _codes(month.plans, [plan for plan, _, _ in stretches]):
        found += _segments_of(month, code, stretches)
    return found


def _stretches(month: Month) -> list[tuple[Plan, date, date]]:
    if month.plan.rate_date == "period_end":
        return [(month.plan, month.period.first, month.period.last)]
    within = month.plans.during(month.period)
    known = {plan.version for plan, _, _ in within}
    late = set(month.payments.filter(nw.col("in_run"))["version"].unique().to_list()) - known
    before = [(plan, plan.start, plan.start) for plan in month.plans.versions if plan.version in late]
    return [*before, *within]


def _codes(plans: PlanVersions, in_force: Sequence[Plan]) -> list[str]:
    latest_first = [plan for plan in reversed(in_force)]
    return list(dict.fromkeys(component.code for plan in latest_first for component in plan.components))


def _segments_of(month: Month, code: str, stretches: Sequence[tuple[Plan, date, date]]) -> list[Segment]:
    last_plan = stretches[-1][0]
    held = [(plan, first, last, component) for plan, first, last in stretches if (component := plan.component(code))]
    yearly = last_plan.component(code)
    if yearly is not None and yearly.per == "year_to_date":
        everyone = frozenset(plan.version for plan in month.plans.versions)
        return [Segment(yearly, everyone, month.period.first, month.period.last, Fraction(1), last_plan.version)]
    groups: list[tuple[Component, list[tuple[Plan, date, date]]]] = []
    for plan, first, last, component in held:
        same = next((group for known, group in groups if known == component), None)
        if same is None:
            groups.append((component, [(plan, first, last)]))
        else:
            same.append((plan, first, last))
    return [_segment(month, component, group) for component, group in groups]


def _segment(month: Month, component: Component, group: Sequence[tuple[Plan, date, date]]) -> Segment:
    inside = [(first, last) for _, first, last in group if last >= month.period.first]
    days = sum(len(days_between(first, last)) for first, last in inside)
    share = Fraction(days, month.period.days) if days else Fraction(1)
    first = min((first for first, _ in inside), default=month.period.first)
    last = max((last for _, last in inside), default=month.period.last)
    versions = frozenset(plan.version for plan, _, _ in group)
    return Segment(component, versions, first, last, share, max(versions))


# --- lines ---------------------------------------------------------------------------------------


def _held_marked(earned: pl.DataFrame, lines: Mapping[tuple[str, str], Payable]) -> pl.DataFrame:
    """Marks the lines that a gate holds whole: they are not held back a second time."""
    held = [(agent, code, True) for (agent, code), line in lines.items() if line.held_by and line.amount > 0]
    schema = {"agent_id": pl.String, "component": pl.String, "_held_by_gate": pl.Boolean}
    marks = pl.DataFrame(held, schema=schema, orient="row")
    return earned.join(marks, on=["agent_id", "component"], how="left").with_columns(
        pl.col("_held_by_gate").fill_null(False)
    )


def _adjustment_lines(month: Month) -> pl.DataFrame:
    table = month.table("adjustments")
    if table is None:
        return new_lines([])
    rows = []
    for row in table.sort("on", "adjustment_id").iter_rows(named=True):
        if row["on"] not in month.period:
            continue
        if not row.get("approved_by"):
            month.problems.append(_adjustment_problem("ADJUSTMENT_UNAPPROVED", row))
        elif row.get("approved_by") == row.get("entered_by"):
            month.problems.append(_adjustment_problem("ADJUSTMENT_OWN_APPROVAL", row))
        rows.append(
            {
                "kind": "adjust",
                "agent_id": row["agent_id"],
                "component": row.get("component") or "",
                "period": month.period.label,
                "currency": month.plan.currency,
                "plan_id": month.plan.id,
                "plan_version": month.plan.version,
                "date": row["on"],
                "factor": "1",
                "amount": row["amount"],
                "reason": row["reason"] or "",
                "credited_by": "adjustment",
                "source": "adjustments",
                "source_id": row["adjustment_id"],
            }
        )
    return new_lines(rows)


def _adjustment_problem(code: str, row: Mapping[str, Any]) -> Problem:
    return problem(
        code,
        file=row.get("source_file") or "",
        row=row.get("source_row"),
        value=row["adjustment_id"],
        adjustment=row["adjustment_id"],
        agent=row["agent_id"],
    )


def _numbered(month: Month, lines: pl.DataFrame) -> pl.DataFrame:
    """All lines in the order of lines.csv with their ids; `_of`, the number of a line, becomes its id."""
    order = {
        "_agent": pl.col("agent_id").cast(pl.Enum(sorted(lines["agent_id"].unique().to_list()))),
        "_kind": pl.col("kind").cast(pl.Enum(KIND_ORDER)),
        "_component": pl.col("component").cast(pl.Enum(sorted(lines["component"].unique().to_list()))),
    }
    # one number for all three, and the order of time: lines without a row of their own keep their place
    ranked = lines.with_columns(value.to_physical().cast(pl.Int64).alias(name) for name, value in order.items())
    ranked = ranked.with_columns(_group=(pl.col("_agent") * 100 + pl.col("_kind")) * 1000 + pl.col("_component"))
    in_order = ranked.sort("_group", "_seq", "_rank", "_band", nulls_last=True, maintain_order=True)
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(7)
    named = in_order.with_columns(line_id=pl.lit(f"{month.plan.id}/{month.period.label}/") + number)
    if named["_of"].null_count() < len(named):
        ids = named.filter(pl.col("_n").is_not_null()).sort("_n")["line_id"]
        own = ids.gather(named["_of"].fill_null(0))
        named = named.with_columns(
            reverses_line=pl.when(pl.col("_of").is_not_null()).then(own).otherwise("reverses_line")
        )
    return named.select(list(LINE_SCHEMA))


# --- settlement ----------------------------------------------------------------------------------


def _settled(month: Month, lines: pl.DataFrame) -> tuple[list[SheetRow], pl.DataFrame]:
    """Every agent's row, and the lines of guarantees and taxes that come last."""
    sums, no_longer_held = _sums(lines), _no_longer_held(lines)
    agents = set(sums) | {agent for agent, held in month.earlier.balances.items() if held.carried_out or held.held or held.draw}
    guaranteed = {guarantee.role for guarantee in month.plan.guarantees}
    for agent, posts in month.teams.posts.items():
        if any(post.role in guaranteed and post.first <= month.period.last and post.last >= month.period.first for post in posts):
            agents.add(agent)
    rows, late_lines = [], []
    codes = sheet_codes(month)
    for agent in sorted(agents):
        row, own = _settle(month, agent, codes, sums.get(agent, {}), no_longer_held.get(agent, 0))
        late_lines += own
        if own or sums.get(agent) or row.carried_in or row.held_balance or row.draw_balance:
            rows.append(row)
    return rows, new_lines(late_lines)


def _sums(lines: pl.DataFrame) -> dict[str, dict[tuple[str, str], int]]:
    """agent -> (kind, component) -> minor units."""
    summed = lines.group_by("agent_id", "kind", "component").agg(pl.col("amount").sum())
    found: dict[str, dict[tuple[str, str], int]] = {}
    for agent, kind, component, amount in summed.sort("agent_id", "kind", "component").iter_rows():
        found.setdefault(agent, {})[kind, component] = amount
    return found


def _settle(
    month: Month, agent: str, codes: Sequence[str], sums: Mapping[tuple[str, str], int], no_longer_held: int
) -> tuple[SheetRow, list[dict[str, Any]]]:
    before = month.earlier.balances.get(agent)
    by_kind: dict[str, int] = {}
    columns = dict.fromkeys(codes, 0)
    for (kind, component), amount in sums.items():
        by_kind[kind] = by_kind.get(kind, 0) + amount
        if kind in ("earn", "cap_carry", "override"):
            columns[component] = columns.get(component, 0) + amount
    adjustments, clawback = by_kind.get("adjust", 0), by_kind.get("clawback", 0)
    earned = sum(columns.values()) + adjustments + clawback
    topped = topped_up(month, agent, earned, before.draw if before else 0)
    holdback, released = by_kind.get("holdback", 0), by_kind.get("release", 0)
    gross = earned + holdback + released + topped.amount
    tax, tax_reason = withheld(month, agent, gross)
    carried_in = before.carried_out if before else 0
    post = month.teams.latest(agent, month.period.last)
    row = SheetRow(
        agent_id=agent,
        name=post.name if post else "",
        columns=columns,
        adjustments=adjustments,
        clawback=clawback,
        holdback=holdback,
        released=released,
        guarantee=topped.amount,
        withholding=tax,
        carried_in=carried_in,
        payable=payout(month, gross + tax, carried_in),
        held_balance=(before.held if before else 0) - holdback - no_longer_held,
        draw_balance=topped.draw_balance,
    )
    lines = []
    if topped.amount:
        lines.append(_agent_line(month, agent, "guarantee", topped.amount, topped.reason))
    if tax:
        lines.append(_agent_line(month, agent, "withholding", tax, tax_reason))
    return row, lines


def _no_longer_held(lines: pl.DataFrame) -> dict[str, int]:
    """What left each agent's held balance: what was released, before any of it was forfeited."""
    released = lines.filter((pl.col("kind") == "release") & (pl.col("source") == "lines"))
    return dict(released.group_by("agent_id").agg(pl.col("amount").sum()).iter_rows())


def _agent_line(month: Month, agent: str, kind: str, amount: int, reason: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "agent_id": agent,
        "period": month.period.label,
        "currency": month.plan.currency,
        "plan_id": month.plan.id,
        "plan_version": month.plan.version,
        "factor": "1",
        "amount": amount,
        "reason": reason,
    }


def sheet_codes(month: Month) -> list[str]:
    """The component and override columns: the plan in force at the end first, then what only older versions have."""
    stretches = [plan for plan, _, _ in _stretches(month)]
    components = [component.code for plan in (month.plan, *stretches) for component in plan.components]
    overrides = [override.code for override in month.plan.overrides]
    return list(dict.fromkeys([*components, *overrides]))


def _sheet(month: Month, rows: Sequence[SheetRow]) -> pl.DataFrame:
    codes = list(dict.fromkeys([*sheet_codes(month), *(code for row in rows for code in row.columns)]))
    data = [
        {
            "agent_id": row.agent_id,
            "name": row.name,
            "currency": month.plan.currency,
            **{code: row.columns.get(code, 0) for code in codes},
            **{name: getattr(row, name) for name in SHEET_TAIL},
        }
        for row in rows
    ]
    schema: dict[str, Any] = {"agent_id": pl.String, "name": pl.String, "currency": pl.String}
    schema |= dict.fromkeys([*codes, *SHEET_TAIL], pl.Int64)
    return pl.DataFrame(data, schema=schema)


# --- what became of each payment -----------------------------------------------------------------

STATUSES = ("credited", "excluded", "unattributed")


def _credit_table(month: Month, fates: pl.DataFrame) -> pl.DataFrame:
    """One row for every payment and reversal this run looked at; payments of other periods are only counted."""
    rows = fates.filter(pl.col("reason").is_null() | (pl.col("reason") != OTHER_PERIOD))
    return rows.select(
        "payment_id",
        pl.col("account_id").fill_null(""),
        pl.col("agent_id").fill_null(""),
        pl.col("credited_by").fill_null(""),
        "status",
        pl.col("reason").fill_null(""),
        paid_on="day",
        paid_at=pl.col("paid_at").dt.to_string("%Y-%m-%dT%H:%M:%S%:z"),
        amount="amount",
        counted="counted",
        days_past_due=_days_past_due(month, rows),
        reverses=pl.col("reverses").fill_null(""),
        earned_for="earned_for",
        source_file=pl.col("source_file").fill_null(""),
        source_row="source_row",
    )


def _days_past_due(month: Month, rows: pl.DataFrame) -> pl.Series:
    """What the balance snapshot of the day before said, null where there is none."""
    if month.snapshots is None:
        return pl.Series([None] * len(rows), dtype=pl.Int64)
    dated = rows.select("seq", "account_id", pl.col("day").dt.offset_by("-1d").alias("_before"))
    found = latest_before(
        nw.from_native(dated, eager_only=True),
        month.snapshots,
        key="account_id",
        day="_before",
        as_of="as_of",
        row="seq",
    ).to_polars()
    return rows.select("seq").join(found.select("seq", "days_past_due"), on="seq", how="left", maintain_order="left")["days_past_due"]


def _with_status(payments: Frame) -> pl.DataFrame:
    """`status` and `reason` of each row; a reversal that lowers a payment goes where its payment goes."""
    frame = payments.to_polars()
    own = frame.select(lowers="seq", _agent="agent_id", _by="credited_by", _excluded="excluded")
    joined = frame.join(own, on="lowers", how="left", maintain_order="left")
    lowering = pl.col("lowers").is_not_null() & pl.col("excluded").is_null()
    joined = joined.with_columns(
        agent_id=pl.when(lowering).then("_agent").otherwise("agent_id"),
        credited_by=pl.when(lowering).then("_by").otherwise("credited_by"),
        excluded=pl.when(lowering).then("_excluded").otherwise("excluded"),
    )
    status = (
        pl.when(pl.col("excluded").is_not_null())
        .then(pl.lit("excluded"))
        .when(pl.col("agent_id").is_null())
        .then(pl.lit("unattributed"))
        .otherwise(pl.lit("credited"))
    )
    note = (
        pl.when(pl.col("excluded").is_not_null())
        .then(pl.col("excluded"))
        .when(lowering)
        .then(pl.lit("lowers ") + pl.col("reverses"))
        .when((pl.col("counted") == 0) & pl.col("reverses").is_null())
        .then(pl.lit(FULLY_REVERSED))
    )
    cleared = pl.col("excluded").is_not_null()
    return joined.with_columns(
        status=status,
        reason=note,
        agent_id=pl.when(cleared).then(None).otherwise("agent_id"),
        credited_by=pl.when(cleared).then(None).otherwise("credited_by"),
    )


def _control(rows: pl.DataFrame) -> dict[str, Any]:
    """in = credited + excluded by reason + unattributed; rejected rows are added where the files are read."""

    def summed(part: pl.DataFrame) -> dict[str, int]:
        return {"rows": len(part), "amount": int(part["amount"].sum())}

    credited_rows = rows.filter(pl.col("status") == "credited")
    excluded = rows.filter(pl.col("status") == "excluded")
    return {
        "payments_in": summed(rows),
        "credited": summed(credited_rows),
        "credited_by": {
            rule: summed(credited_rows.filter(pl.col("credited_by") == rule))
            for rule in sorted(credited_rows["credited_by"].unique().to_list())
        },
        "excluded": {
            reason: summed(excluded.filter(pl.col("excluded") == reason))
            for reason in sorted(excluded["excluded"].unique().to_list())
        },
        "unattributed": summed(rows.filter(pl.col("status") == "unattributed")),
    }


def _problems(month: Month, payments: Frame) -> tuple[Problem, ...]:
    found = list(dict.fromkeys(month.problems))
    in_question = payments.filter(nw.col("excluded").is_in([ORPHAN, UNKNOWN_PERIOD]))
    for row in in_question.iter_rows(named=True):
        code = "REVERSAL_ORPHAN" if row["excluded"] == ORPHAN else "REVERSAL_PERIOD_NOT_GIVEN"
        found.append(
            problem(
                code,
                file=row["source_file"] or "",
                row=row["source_row"],
                column="reverses",
                value=row["reverses"],
                payment=row["payment_id"],
                reverses=row["reverses"],
            )
        )
    return tuple(found)


# --- agents --------------------------------------------------------------------------------------

DETAILS = (
    "payee_no",
    "legal_name",
    "tax_id",
    "pay_channel",
    "provider",
    "msisdn",
    "bank_code",
    "branch_code",
    "account_no",
    "cost_centre",
)


def _agents_table(month: Month, agents: Sequence[str]) -> pl.DataFrame:
    """Names, roles and payment details of the row at the period's end, "" where unknown."""
    rows = []
    for agent in agents:
        post = month.teams.latest(agent, month.period.last)
        details = post.details if post else {}
        row = {name: getattr(post, name, "") for name in ("name", "role", "team", "branch", "country", "payee_type")}
        rows.append({"agent_id": agent, **row, **{name: str(details.get(name) or "") for name in DETAILS}})
    names = ["agent_id", "name", "role", "team", "branch", "country", "payee_type", *DETAILS]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
