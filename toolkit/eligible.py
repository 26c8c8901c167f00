"""Which counted rows a component pays on: `where`, with the account, the role and the arrears of the day."""

from datetime import date
from math import ceil

import narwhals as nw

from toolkit.measures import Counted, counted
from toolkit.month import Month, Segment, in_segment
from toolkit.payments import with_columns_of
from toolkit.periods import parse
from toolkit.plans import Component, Range
from toolkit.problems import Problem, problem
from toolkit.rows import Frame, latest_before
from toolkit.teams import with_post

ACCOUNT_KEYS = ("product", "branch", "region", "creditor", "status")
SNAPSHOT_KEYS = ("days_past_due", "balance")
LISTED_AT_MOST = 1000


def eligible(month: Month, segment: Segment, *, whole_year: bool = False) -> Counted | None:
    """The rows of the component's measure that fulfil `where`, on the segment's days; None if it has no rows.

    Rows of earlier months come along only for a whole year (`whole_year`); `in_run` tells them apart.
    """
    component = segment.component
    found = counted(month, component)
    if found is None:
        return None
    rows = found.frame if whole_year else found.frame.filter(nw.col("in_run") & in_segment(segment))
    rows = _with_attributes(month, component, rows)
    for condition in _conditions(month, component):
        rows = rows.filter(condition)
    return Counted(rows, found.per_one, found.per_unit)


def scales_used(component: Component) -> set[str]:
    """The scales that look at each row: days_past_due, balance, amount."""
    used = {component.band_by, component.matrix.rows_by if component.matrix else None}
    used.add(component.matrix.columns_by if component.matrix else None)
    return {scale for scale in used if scale in (*SNAPSHOT_KEYS, "amount")}


def needs_snapshot(component: Component) -> bool:
    where = component.where
    return bool(scales_used(component) & set(SNAPSHOT_KEYS)) or where.days_past_due is not None or where.balance is not None


def _with_attributes(month: Month, component: Component, rows: Frame) -> Frame:
    where = component.where
    if where.role is not None:
        rows = with_post(rows, month.teams, agent="agent_id", day="day", columns=["role"])
    wanted = [key for key in ACCOUNT_KEYS if getattr(where, key) is not None]
    if wanted:
        rows = _with_account(month, rows, wanted)
    return _with_snapshot(month, component, rows) if needs_snapshot(component) else rows


def _with_account(month: Month, rows: Frame, wanted: list[str]) -> Frame:
    accounts = month.table("accounts")
    if accounts is None:
        return rows.with_columns(**{key: nw.lit(None, nw.String) for key in wanted})
    complete = with_columns_of(accounts, dict.fromkeys(wanted, nw.String))
    return rows.join(complete.select("account_id", *wanted), on="account_id", how="left")


def _with_snapshot(month: Month, component: Component, rows: Frame) -> Frame:
    """Days past due and balance by the plan's `arrears_on`; rows without a snapshot are left out and reported."""
    dated = _with_arrears_day(month, rows)
    if month.snapshots is None:
        found = dated.with_columns(
            as_of=nw.lit(None, nw.Date), balance=nw.lit(None, nw.Int64), days_past_due=nw.lit(None, nw.Int64)
        )
    else:
        numbered = dated.with_row_index("_row")
        found = latest_before(
            numbered, month.snapshots, key="account_id", day="_arrears_day", as_of="as_of", row="_row"
        ).drop("_row")
    bare = found.filter(nw.col("days_past_due").is_null())
    if len(bare):
        month.problems.extend(_without_snapshot(component, bare))
    return found.filter(~nw.col("days_past_due").is_null()).drop("_arrears_day", "as_of")


def _with_arrears_day(month: Month, rows: Frame) -> Frame:
    rule = month.plan.arrears_on or "day_before"
    if rule == "day_before":
        return rows.with_columns(_arrears_day=nw.col("day").dt.offset_by("-1d"))
    if rule == "period_start":
        first = nw.lit(month.period.first)
        for label in sorted(set(rows["earned_for"].to_list()) - {""}):
            start = parse(label, month.period.start_day).first
            first = nw.when(nw.col("earned_for") == label).then(nw.lit(start)).otherwise(first)
        return rows.with_columns(_arrears_day=first.cast(nw.Date))
    return _with_assignment_day(month, rows)


def _with_assignment_day(month: Month, rows: Frame) -> Frame:
    """The start of the credited agent's assignment to the account on the day."""
    assignments = month.table("assignments")
    if assignments is None:
        return rows.with_columns(_arrears_day=nw.lit(None, nw.Date))
    complete = with_columns_of(assignments, {"ended_on": nw.Date})
    spans = complete.select("account_id", "agent_id", "assigned_on", nw.col("ended_on").fill_null(date(9999, 12, 31)))
    pairs = rows.select("account_id", "agent_id", "day").unique().join(spans, on=["account_id", "agent_id"], how="inner")
    held = pairs.filter((nw.col("assigned_on") <= nw.col("day")) & (nw.col("day") <= nw.col("ended_on")))
    latest = held.group_by("account_id", "agent_id", "day").agg(_arrears_day=nw.col("assigned_on").max())
    return rows.join(latest, on=["account_id", "agent_id", "day"], how="left")


def _without_snapshot(component: Component, rows: Frame) -> list[Problem]:
    listed = rows.select("source", "source_id", "account_id", "day").head(LISTED_AT_MOST).to_native()
    problems = [
        problem("NO_SNAPSHOT", value=row["source_id"], component=component.code, account=row["account_id"], day=row["day"])
        for row in nw.from_native(listed, eager_only=True).iter_rows(named=True)
    ]
    if len(rows) > LISTED_AT_MOST:
        problems.append(problem("NO_SNAPSHOT_MORE", component=component.code, count=len(rows) - LISTED_AT_MOST))
    return problems


def _conditions(month: Month, component: Component) -> list[nw.Expr]:
    where = component.where
    conditions = []
    for key in ("role", *ACCOUNT_KEYS, "channel"):
        allowed = getattr(where, key)
        if allowed is not None:
            conditions.append(nw.col(key).is_in(list(allowed)))
    # the outcome of a recovery was chosen where recoveries are counted
    if where.kind is not None and component.measure != "assets_recovered":
        conditions.append(nw.col("kind").is_in(list(where.kind)))
    if where.agent is not None:
        conditions.append(nw.col("agent_id").is_in(list(where.agent)))
    for key, span, per_one in (
        ("days_past_due", where.days_past_due, 1),
        ("balance", where.balance, month.unit),
        ("amount", where.amount, month.unit),
    ):
        if span is not None:
            conditions.append(_inside(key, span, per_one))
    return conditions


def _inside(column: str, span: Range, per_one: int) -> nw.Expr:
    """start <= value < end, on whole numbers."""
    condition = ~nw.col(column).is_null()
    if span.start is not None:
        condition = condition & (nw.col(column) >= ceil(span.start * per_one))
    if span.end is not None:
        condition = condition & (nw.col(column) < ceil(span.end * per_one))
    return condition
