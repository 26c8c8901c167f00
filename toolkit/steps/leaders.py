"""Overrides: what a leader earns on the team's rounded lines, or on the cash the team collected."""

from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.earlier import new_lines
from toolkit.money import PPM, from_minor, percentage, plain, rounded, shared_out
from toolkit.plans import Override
from toolkit.problems import said
from toolkit.steps.month import Month
from toolkit.teams import with_post


def override_lines(month: Month, earned: pl.DataFrame, clawbacks: pl.DataFrame) -> pl.DataFrame:
    """The lines of every override of the plan; `clawbacks` carry `leader_day`, the day of the payment taken back."""
    rows = [row for override in month.plan.overrides for row in _lines_of(month, override, earned, clawbacks)]
    return new_lines(rows)


def _lines_of(month: Month, override: Override, earned: pl.DataFrame, clawbacks: pl.DataFrame) -> list[dict[str, Any]]:
    bases = _team_bases(month, override, earned, clawbacks)
    rows: list[dict[str, Any]] = []
    for leader, members in bases.items():
        agents = sorted(members)
        exact = [Fraction(members[agent] * override.rate, PPM) for agent in agents]
        total = rounded(sum(exact, Fraction(0)), month.plan.rounding)
        for agent, amount in zip(agents, shared_out(total, exact), strict=True):
            rows.append(_line(month, override, leader, agent, members[agent], amount))
            if override.paid == "deducted":
                rows.append(_line(month, override, agent, agent, members[agent], -amount, paid_to=leader))
    return rows


def _line(
    month: Month, override: Override, agent: str, member: str, base: int, amount: int, paid_to: str = ""
) -> dict[str, Any]:
    words = said(f"REASON_OVERRIDE_{override.base.upper()}", rate=percentage(override.rate), member=member)
    return {
        "kind": "override",
        "agent_id": agent,
        "component": override.code,
        "period": month.period.label,
        "currency": month.plan.currency,
        "plan_id": month.plan.id,
        "plan_version": month.plan.version,
        "base": plain(base, month.digits),
        "rate": f"{'-' if paid_to else ''}{from_minor(override.rate, 6).normalize():f}",
        "factor": "1",
        "amount": amount,
        "reason": said("REASON_PAID_TO", what=words, leader=paid_to) if paid_to else words,
        "credited_by": "team_leader",
        "source": "agents",
        "source_id": member,
    }


def _team_bases(
    month: Month, override: Override, earned: pl.DataFrame, clawbacks: pl.DataFrame
) -> dict[str, dict[str, int]]:
    """leader -> agent -> base in minor units, by who led whom on the payment's day."""
    if override.base == "collected":
        paid = month.payments.filter(nw.col("in_run")).select("agent_id", "day", amount="counted").to_polars()
        dated = paid
    else:
        own = earned.select("agent_id", pl.col("date").fill_null(month.period.last).alias("day"), "amount")
        back = clawbacks.select("agent_id", pl.col("leader_day").alias("day"), "amount")
        dated = pl.concat([own, back], how="vertical")
    summed = dated.group_by("agent_id", "day").agg(pl.col("amount").sum())
    led = _led(month, summed, override)
    bases: dict[str, dict[str, int]] = {}
    for leader, agent, amount in led.sort("leader", "agent_id").iter_rows():
        bases.setdefault(leader, {})[agent] = amount
    return bases


def _led(month: Month, summed: pl.DataFrame, override: Override) -> pl.DataFrame:
    frame = nw.from_native(summed, eager_only=True)
    columns = ["role", "team_leader_id"]
    placed = with_post(frame, month.teams, agent="agent_id", day="day", columns=columns, employed=False)
    members = placed.filter((nw.col("role") == override.of) & ~nw.col("team_leader_id").is_null()).drop("role")
    leading = with_post(members, month.teams, agent="team_leader_id", day="day", columns=["role"])
    found = leading.filter((nw.col("role") == override.role) & (nw.col("team_leader_id") != nw.col("agent_id")))
    return found.to_polars().group_by(leader="team_leader_id", agent_id="agent_id").agg(pl.col("amount").sum())
