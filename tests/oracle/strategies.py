"""Scenarios: a plan in one or two versions, a branch, and one to three periods calculated one after the other."""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

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


Run = TypeVar("Run")


@dataclass(frozen=True)
class Scenario:
    """`runs`: for each period its label and the tables as they were when it was calculated."""

    plans: list[dict[str, Any]]
    runs: list[tuple[str, Tables]]
    alone: frozenset[str] = frozenset()
    """labels of the runs that are not given the earlier ones"""

    def given(self, label: str, earlier: list[Run]) -> list[Run]:
        """What the run of this period knows of the earlier ones."""
        return [] if label in self.alone else earlier


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    kind, start_day = draw(st.sampled_from([("month", 1), ("month", 1), ("month", 26), ("half_month", 1), ("week", 1)]))
    stage = draw(stages(kind, start_day))
    plan = draw(plan_strategies.plans(kind, start_day))
    world = draw(worlds(stage, plan["currency"], plan["credit"]))
    plans = draw(plan_strategies.versions(stage, plan))
    late = draw(late_payments(world, len(stage.periods), allowed=not has_year_to_date(plan)))
    everything_at_once = draw(st.booleans())
    runs = []
    for i, period in enumerate(stage.periods):
        known_until = date.max if everything_at_once else period.last
        label_before = {one.label for one in stage.periods[:i]}
        missing = {key for key, first in late.items() if i < first}
        runs.append((period.label, as_known(world, known_until, label_before, missing)))
    labels = [label for label, _ in runs[1:]]
    alone = draw(st.sampled_from(labels)) if labels and draw(one_in(2)) else None
    return Scenario(plans, runs, frozenset({alone} - {None}))


def has_year_to_date(plan: dict[str, Any]) -> bool:
    return any(component["per"] == "year_to_date" for component in plan["component"])


@st.composite
def late_payments(draw: st.DrawFn, world: Tables, runs: int, allowed: bool) -> dict[str, int]:
    """Rows of payments.csv that reach the data late, and the number of the first run that has them.

    A payment may come after its reversal, or the reversals come with it.
    """
    rows = world["payments"][1:]
    if not rows or runs < 2 or not allowed or not draw(one_in(2)):
        return {}
    taken_back = [row["reverses"] for row in rows if row["reverses"]]
    among = taken_back if taken_back and draw(st.booleans()) else [row["payment_id"] for row in rows]
    late = draw(st.dictionaries(st.sampled_from(among), st.integers(1, runs - 1), min_size=1, max_size=3))
    if draw(one_in(2)):
        late |= {row["payment_id"]: late[row["reverses"]] for row in rows if row["reverses"] in late}
    return late


def as_known(world: Tables, until: date, periods_before: set[str], missing: set[str]) -> Tables:
    """The tables without what had not happened yet, or was not known in the run of its period."""
    tables = {name: [row for row in rows if happened(name, row, until)] for name, rows in world.items()}
    tables["payments"] = [row for row in tables["payments"] if row["payment_id"] not in missing]
    values = [row for row in tables["kpi_values"] if not row["late"] or row["period"] in periods_before]
    tables["kpi_values"] = [{key: cell for key, cell in row.items() if key != "late"} for row in values]
    return tables


def happened(table: str, row: Row, until: date) -> bool:
    written = row.get(EVENTS.get(table, ""), "")
    return not written or local_day(written) <= until


def local_day(written: str) -> date:
    """The day in Nairobi, three hours ahead of UTC."""
    day = date.fromisoformat(written[:10])
    return date.fromordinal(day.toordinal() + 1) if written.endswith("22:30:00Z") else day
