"""One agent's target for a period: day by day, the most specific row, only for days in role."""

from datetime import date
from fractions import Fraction
from typing import Any

from .calendar import ONE_DAY, Period, containing, days, is_working_day, month_start
from .calendar import period as period_of
from .world import Row, World

SCOPES = ["agent", "team", "branch", "role", "all"]


def target(world: World, component: dict[str, Any], agent: str, period: Period) -> Fraction:
    """Zero where no row holds on any day."""
    total = Fraction(0)
    for day in period.days:
        if not counts(world, component, agent, day) or not in_role(world, component, agent, day):
            continue
        row = row_of_day(world, component["target"], agent, day, period)
        if row is not None:
            total += row["target"] / days_to_share(world, component, row["grain"], agent, day, period)
    return total


def counts(world: World, component: dict[str, Any], agent: str, day: date) -> bool:
    return component.get("prorate") != "working_days" or is_working_day(day, world.country_of(agent, day))


def in_role(world: World, component: dict[str, Any], agent: str, day: date) -> bool:
    if component.get("prorate") == "none":
        return True
    roles = component.get("where", {}).get("role")
    return world.works(agent, day) and (roles is None or world.role(agent, day) in roles)


def row_of_day(world: World, kpi: str, agent: str, day: date, period: Period) -> Row | None:
    about = world.agent_row(agent, day) or world.last_agent_row(agent, period.last)
    scope_of = {
        "agent": agent,
        "team": about.get("team", ""),
        "branch": about.get("branch", ""),
        "role": about["role"],
        "all": None,
    }
    for kind in SCOPES:
        for row in world.rows("targets"):
            valid = (row.get("from") is None or row["from"] <= day) and (row.get("to") is None or day <= row["to"])
            here = row["scope_kind"] == kind and (kind == "all" or row.get("scope") == scope_of[kind])
            if row["kpi"] == kpi and here and valid:
                return row
    return None


def days_to_share(world: World, component: dict[str, Any], grain: str, agent: str, day: date, period: Period) -> int:
    """Among how many (working) days a row of this grain shares its target."""
    if grain == "day":
        return 1
    if grain == "week":
        whole = containing(day, "week").days
    elif grain == "quarter":
        first = month_start(day.year, 3 * ((day.month - 1) // 3) + 1)
        whole = days(first, month_start(first.year, first.month + 3) - ONE_DAY)
    elif period.kind == "month":
        whole = period.days
    else:
        whole = period_of(f"{day.year:04d}-{day.month:02d}").days
    return sum(1 for one in whole if counts(world, component, agent, one))
