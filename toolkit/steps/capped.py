"""What a cap cut off and the plan lets one carry: kept as a balance, paid while there is room."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.earlier import new_lines
from toolkit.money import plain, rounded
from toolkit.plans import Component
from toolkit.problems import said
from toolkit.steps.components import Payable
from toolkit.steps.month import Month


def cap_carry_lines(month: Month, lines: Mapping[tuple[str, str], Payable]) -> pl.DataFrame:
    """This period's excess (amount 0, base = excess), and earlier excess paid into the room under the cap."""
    carrying = {code: component for code, component in _components(month).items() if component.cap_excess == "carry"}
    rows = []
    for (agent, code), line in sorted(lines.items(), key=lambda item: item[0]):
        if code in carrying and line.over_cap > 0:
            rows.append(_line(month, agent, code, 0, line.over_cap, said("REASON_OVER_CAP")))
    for (agent, code), balance in sorted(_balances(month).items()):
        if code in carrying and balance > 0:
            earned = lines[agent, code].amount if (agent, code) in lines else 0
            cap = rounded(Fraction(carrying[code].cap or 0) * month.unit, month.plan.rounding)
            paid = min(balance, cap - earned)
            if paid > 0:
                rows.append(_line(month, agent, code, paid, -paid, said("REASON_CAP_ROOM")))
    return new_lines(rows)


def _components(month: Month) -> dict[str, Component]:
    return {component.code: component for component in month.plan.components}


def _balances(month: Month) -> dict[tuple[str, str], int]:
    """The open excess of each agent and component, from the bases of all earlier cap_carry lines."""
    found: dict[tuple[str, str], int] = {}
    for line in month.earlier.lines.filter(pl.col("kind") == "cap_carry").iter_rows(named=True):
        key = (line["agent_id"], line["component"])
        found[key] = found.get(key, 0) + int(Decimal(line["base"]) * month.unit)
    return found


def _line(month: Month, agent: str, code: str, amount: int, base: int, reason: str) -> dict[str, Any]:
    return {
        "kind": "cap_carry",
        "agent_id": agent,
        "component": code,
        "period": month.period.label,
        "currency": month.plan.currency,
        "plan_id": month.plan.id,
        "plan_version": month.plan.version,
        "base": plain(base, month.digits),
        "factor": "1",
        "amount": amount,
        "reason": reason,
    }
