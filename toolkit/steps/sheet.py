"""The commission sheet: every agent's row, and the lines of guarantees and taxes that come last."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from toolkit.earlier import new_lines
from toolkit.steps.guarantees import topped_up
from toolkit.steps.month import Month
from toolkit.steps.segments import stretches_of
from toolkit.steps.settlement import SheetRow, payout, withheld

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


def settled(month: Month, parts: Sequence[pl.DataFrame]) -> tuple[list[SheetRow], pl.DataFrame]:
    """Every agent's row, and the lines of guarantees and taxes that come last."""
    summed = ["agent_id", "kind", "component", "amount", "source"]
    lines = pl.concat([part.select(summed) for part in parts])
    sums, no_longer_held = _sums(lines), _no_longer_held(lines)
    agents = set(sums) | {
        agent for agent, held in month.earlier.balances.items() if held.carried_out or held.held or held.draw
    }
    guaranteed = {guarantee.role for guarantee in month.plan.guarantees}
    for agent, posts in month.teams.posts.items():
        if any(
            post.role in guaranteed and post.first <= month.period.last and post.last >= month.period.first
            for post in posts
        ):
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
    stretches = [plan for plan, _, _ in stretches_of(month)]
    components = [component.code for plan in (month.plan, *stretches) for component in plan.components]
    overrides = [override.code for override in month.plan.overrides]
    return list(dict.fromkeys([*components, *overrides]))


def sheet_table(month: Month, rows: Sequence[SheetRow]) -> pl.DataFrame:
    """The rows as a frame: a column for every component and override, then the sheet's own."""
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
