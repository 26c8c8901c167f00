"""How far an account was in arrears when it paid: the balance snapshot that the plan's `arrears_on` asks for."""

from datetime import date

import narwhals as nw

from toolkit.periods import parse
from toolkit.plans import Component
from toolkit.problems import Problem, problem
from toolkit.rows import Frame, latest_before
from toolkit.steps.month import Month
from toolkit.steps.payments import with_columns_of

SNAPSHOT_KEYS = ("days_past_due", "balance")
LISTED_AT_MOST = 1000


def with_snapshot(month: Month, component: Component, rows: Frame) -> Frame:
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
    keys = ["account_id", "credited_to", "day"]
    spans = complete.select(
        "account_id",
        nw.col("agent_id").alias("credited_to"),
        "assigned_on",
        nw.col("ended_on").fill_null(date(9999, 12, 31)),
    )
    pairs = rows.select(*keys).unique().join(spans, on=["account_id", "credited_to"], how="inner")
    held = pairs.filter((nw.col("assigned_on") <= nw.col("day")) & (nw.col("day") <= nw.col("ended_on")))
    latest = held.group_by(*keys).agg(_arrears_day=nw.col("assigned_on").max())
    return rows.join(latest, on=keys, how="left")


def _without_snapshot(component: Component, rows: Frame) -> list[Problem]:
    listed = rows.select("source", "source_id", "account_id", "day").head(LISTED_AT_MOST).to_polars()
    problems = [
        problem(
            "NO_SNAPSHOT", value=row["source_id"], component=component.code, account=row["account_id"], day=row["day"]
        )
        for row in listed.iter_rows(named=True)
    ]
    if len(rows) > LISTED_AT_MOST:
        problems.append(problem("NO_SNAPSHOT_MORE", component=component.code, count=len(rows) - LISTED_AT_MOST))
    return problems
