"""The targets of the day, and how the month stands up to yesterday."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES, kpi_values
from toolkit.kpis.data import Data
from toolkit.pace import is_judged
from toolkit.periods import ONE_DAY, Period, containing
from toolkit.score_rules import Scorecard
from toolkit.score_targets import Goals
from toolkit.scores import PLACES, Light, light_of
from toolkit.teams import Post
from toolkit.today.lists import DayTarget

WORST_FIRST: tuple[Light, ...] = ("bad", "watch", "", "good")
WATCH = Fraction(9, 10)


def targets_of(
    data: Data, goals: Goals, rules: Sequence[Scorecard], posts: Sequence[Post], day: date
) -> list[DayTarget]:
    """The targets of those who work, the worst first."""
    month = containing(day, "month")
    so_far = Period(month.first, day - ONE_DAY, "month", month.label) if day > month.first else None
    scored = {measure.kpi for rule in rules for measure in rule.kpis}
    codes = [code for code in kpi_codes() if code in scored or code in goals.codes]
    known = _values(data, so_far, codes)
    found = []
    for post in posts:
        own = {code: measure for rule in rules if rule.is_for(post.role) for code, measure in rule.measures.items()}
        for code in codes:
            if not is_judged(post.role, code, rules):
                continue
            watch = Fraction(own[code].watch) if code in own else WATCH
            one = _target(post, code, goals, known.get((post.agent_id, code)), day, so_far, watch)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda one: (WORST_FIRST.index(one.light), one.agent.agent_id, codes.index(one.kpi)))


def _values(data: Data, so_far: Period | None, codes: Sequence[str]) -> dict[tuple[str, str], Fraction]:
    """As computed: a value that was entered is of the month as a whole."""
    if so_far is None:
        return {}
    tables = {name: rows for name, rows in data.tables.items() if name != "kpi_values"}
    computed = replace(data, tables=tables, _shared={})
    run = kpi_values(computed, so_far, "month", [code for code in codes if code in RULES], ("agent",))
    rows = run.values.filter(pl.col("value").is_not_null()).select("scope", "kpi", "value").iter_rows()
    return {(agent, code): Fraction(str(round(value, PLACES))) for agent, code, value in rows}


def _target(
    post: Post,
    code: str,
    goals: Goals,
    value: Fraction | None,
    day: date,
    so_far: Period | None,
    watch: Fraction,
) -> DayTarget | None:
    target = goals.of_agent(code, post.agent_id, containing(day, "day")).target
    if target is None:
        return None
    goal = goals.of_agent(code, post.agent_id, so_far) if so_far is not None else None
    lower = kpi_codes()[code].direction == "lower"
    light: Light = light_of(value, goal, lower, watch) if goal is not None else ""
    return DayTarget(post, code, target, value, goal.target if goal is not None else None, light)
