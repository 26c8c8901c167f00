"""What was counted in each hour of a day."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES, kpi_values
from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import Facts
from toolkit.periods import Period
from toolkit.problems import Problem, problem

COUNTED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "attempts": ("calls", {"calls_counted": "attempted"}),
    "connects": ("contacts", {"contact": "connected"}),
    "right_party": ("contacts", {"contact": "right_party"}),
    "promises": ("ptp_count", {}),
    "promised": ("ptp_amount", {}),
    "paid": ("collected", {}),
    "talk_minutes": ("talk_minutes", {}),
}
"""What is counted in each hour: the KPI, and the definitions that make it mean this and nothing else."""
ByHour = Mapping[tuple[str, int], Any]
"""What was counted, by agent and hour."""


def counts_by_hour(data: Data, period: Period) -> tuple[dict[str, ByHour | None], list[Problem]]:
    """Everything of `COUNTED`, None where the data cannot say, and why they cannot."""
    found: dict[str, ByHour | None] = {}
    problems: list[Problem] = []
    for name, (code, definitions) in COUNTED.items():
        run = kpi_values(data.defined(**definitions), period, "hour", [code], ("agent",))
        known = code in RULES and not run.problems
        found[name] = _by_hour(run.values, data, code) if known else None
        problems += run.problems
    return found, problems


def _by_hour(values: pl.DataFrame, data: Data, code: str) -> ByHour:
    """Of money whole minor units again: what a float had of them is exact."""
    one = 10**data.digits if kpi_codes()[code].unit == "money" else 60 if code == "talk_minutes" else 1
    rows = values.select("scope", pl.col("period").str.slice(-2).cast(pl.Int64), "numerator").iter_rows()
    return {(agent, hour): _whole(number, one, code) for agent, hour, number in rows}


def _whole(number: float, one: int, code: str) -> int | Fraction:
    whole = round(number * one)
    return Fraction(whole, one) if code == "talk_minutes" else whole


def added_by_hour(data: Data, day: date, kpi: str) -> tuple[ByHour | None, list[Problem]]:
    """What was added in each hour: of what counts once a day, in the hour in which it first did."""
    try:
        facts = RULES[kpi](data)
    except KeyError:
        return None, []
    except MissingError as error:
        title = kpi_codes()[kpi].title
        return None, [problem("KPI_NEEDS", value=kpi, title=title, missing=str(error))]
    rows = facts.counted.filter((nw.col("day") == day) & ~nw.col("agent_id").is_null())
    wanted = eager(rows.select("agent_id", "hour", "numerator", *facts.once)).to_polars()
    return _added(wanted, facts), []


def _added(rows: pl.DataFrame, facts: Facts) -> ByHour:
    if facts.once:
        rows = rows.group_by("agent_id", *facts.once).agg(pl.col("hour").min(), pl.col("numerator").max())
    sums = rows.group_by("agent_id", "hour").agg(pl.col("numerator").sum())
    return {(agent, hour): Fraction(number, facts.parts) for agent, hour, number in sums.iter_rows()}
