"""Scenarios: a plan in one or two versions, a branch, and one to three periods calculated one after the other."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from . import plan_strategies
from .stage import Row, Tables, one_in, stages
from .world_strategies import worlds

EVENTS = {
    "payments": "paid_at",
    "calls": "started_at",
    "visits": "visited_at",
    "promises": "made_at",
    "recoveries": "recovered_on",
    "adjustments": "on",
}


@dataclass(frozen=True)
class Scenario:
    """`runs`: for each period its label and the tables as they were when it was calculated."""

    plans: list[dict[str, Any]]
    runs: list[tuple[str, Tables]]


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    kind, start_day = draw(st.sampled_from([("month", 1), ("month", 1), ("month", 26), ("half_month", 1), ("week", 1)]))
    stage = draw(stages(kind, start_day))
    plan = draw(plan_strategies.plans(kind, start_day))
    world = draw(worlds(stage, plan["currency"], plan["credit"]))
    plans = draw(plan_strategies.versions(stage, plan))
    late = draw(late_payments(world, allowed=not has_year_to_date(plan)))
    everything_at_once = draw(st.booleans())
    runs = []
    for i, period in enumerate(stage.periods):
        known_until = date.max if everything_at_once else period.last
        label_before = {one.label for one in stage.periods[:i]}
        runs.append((period.label, as_known(world, known_until, period.last, label_before, late)))
    return Scenario(plans, runs)


def has_year_to_date(plan: dict[str, Any]) -> bool:
    return any(component["per"] == "year_to_date" for component in plan["component"])


@st.composite
def late_payments(draw: st.DrawFn, world: Tables, allowed: bool) -> frozenset[str]:
    """Payments, with their reversals, that reach the data one period late."""
    ids = [row["payment_id"] for row in world["payments"] if not row["reverses"]]
    if not ids or not allowed or not draw(one_in(2)):
        return frozenset()
    return frozenset(draw(st.lists(st.sampled_from(ids), max_size=3)))


def as_known(world: Tables, until: date, period_end: date, periods_before: set[str], late: frozenset[str]) -> Tables:
    """The tables without what had not happened yet, or was not known in the run of its period."""
    tables = {name: [row for row in rows if happened(name, row, until)] for name, rows in world.items()}
    tables["payments"] = [row for row in tables["payments"] if not is_late(row, period_end, late)]
    ids = {row["payment_id"] for row in tables["payments"]}
    tables["payments"] = [row for row in tables["payments"] if not row["reverses"] or row["reverses"] in ids]
    values = [row for row in tables["kpi_values"] if not row["late"] or row["period"] in periods_before]
    tables["kpi_values"] = [{key: cell for key, cell in row.items() if key != "late"} for row in values]
    return tables


def happened(table: str, row: Row, until: date) -> bool:
    written = row.get(EVENTS.get(table, ""), "")
    return not written or local_day(written) <= until


def is_late(row: Row, period_end: date, late: frozenset[str]) -> bool:
    """Not yet known in the last days before the end of a period: seen first by the next run."""
    key = row["reverses"] or row["payment_id"]
    return key in late and (period_end - local_day(row["paid_at"])).days < 7


def local_day(written: str) -> date:
    """The day in Nairobi, three hours ahead of UTC."""
    day = date.fromisoformat(written[:10])
    return date.fromordinal(day.toordinal() + 1) if written.endswith("22:30:00Z") else day
