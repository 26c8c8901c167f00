"""Manual adjustments of the period, and who entered and approved them."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from toolkit.earlier import new_lines
from toolkit.problems import Problem, problem
from toolkit.steps.month import Month


def adjustment_lines(month: Month) -> pl.DataFrame:
    """One line for each adjustment dated in the period; those that nobody else approved are reported."""
    table = month.table("adjustments")
    if table is None:
        return new_lines([])
    rows = []
    for row in table.sort("on", "adjustment_id").to_polars().iter_rows(named=True):
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
