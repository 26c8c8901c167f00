"""Which counted rows a component pays on: `where`, with the account, the role and the arrears of the day."""

from math import ceil

import narwhals as nw

from toolkit.plans import Component, Range
from toolkit.rows import Frame
from toolkit.steps.arrears import SNAPSHOT_KEYS, with_snapshot
from toolkit.steps.measures import Counted, counted
from toolkit.steps.month import Month, Segment, in_segment
from toolkit.steps.payments import with_columns_of
from toolkit.teams import with_post

ACCOUNT_KEYS = ("product", "branch", "region", "creditor", "status")


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
    return (
        bool(scales_used(component) & set(SNAPSHOT_KEYS))
        or where.days_past_due is not None
        or where.balance is not None
    )


def _with_attributes(month: Month, component: Component, rows: Frame) -> Frame:
    where = component.where
    if where.role is not None:
        rows = with_post(rows, month.teams, agent="credited_to", day="day", columns=["role"], employed=False)
    wanted = [key for key in ACCOUNT_KEYS if getattr(where, key) is not None]
    if wanted:
        rows = _with_account(month, rows, wanted)
    return with_snapshot(month, component, rows) if needs_snapshot(component) else rows


def _with_account(month: Month, rows: Frame, wanted: list[str]) -> Frame:
    accounts = month.table("accounts")
    if accounts is None:
        return rows.with_columns(**{key: nw.lit(None, nw.String) for key in wanted})
    complete = with_columns_of(accounts, dict.fromkeys(wanted, nw.String))
    return rows.join(complete.select("account_id", *wanted), on="account_id", how="left")


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
        conditions.append(nw.col("credited_to").is_in(list(where.agent)))
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
