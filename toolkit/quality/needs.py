"""What to train: the two weakest sections of each agent and team, and whether training was asked for in the quarter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from toolkit.coaching_rules import Coaching
from toolkit.fairness import wilson
from toolkit.kpis.data import Data
from toolkit.periods import Period, containing
from toolkit.quality.actions import actions_of
from toolkit.quality.heard import HeardCalls

WEAKEST = 2


@dataclass(frozen=True)
class Need:
    """A weak section. share: earned of possible, from 0 to 1, of so many calls, with its interval (Wilson). asked_for:
    whether an action of kind training was raised for the agent in the quarter, as the KPI training_needs counts it;
    None for a team."""

    scope_kind: str
    scope: str
    name: str
    place: int
    section: str
    title: str
    share: float
    calls: int
    low: float
    high: float
    target: float
    asked_for: bool | None

    @property
    def below(self) -> bool:
        """Whether the section is below its target."""
        return self.share < self.target


def training_needs(data: Data, heard: HeardCalls, rules: Coaching, period: Period) -> list[Need]:
    """Of the period's calls; a tie goes to the section that comes first by its code."""
    inside = heard.by_chance.sections.filter(pl.col("day").is_between(period.first, period.last))
    posts = {agent: data.teams.latest(agent, period.last) for agent in inside["agent_id"].unique().to_list()}
    teams = {agent: post.team if post else "" for agent, post in posts.items()}
    named = inside.with_columns(team=pl.col("agent_id").replace_strict(teams, default="", return_dtype=pl.String))
    asked = _asked_for(data, period.last)
    found: list[Need] = []
    for (agent,), mine in named.group_by("agent_id", maintain_order=True):
        post = posts[str(agent)]
        found += _weakest(mine, "agent", str(agent), post.name if post else "", str(agent) in asked, rules)
    for (team,), mine in named.filter(pl.col("team") != "").sort("team").group_by("team", maintain_order=True):
        found += _weakest(mine, "team", str(team), "", None, rules)
    return found


def _weakest(
    rows: pl.DataFrame, kind: str, scope: str, name: str, asked: bool | None, rules: Coaching
) -> Iterator[Need]:
    share = pl.col("earned") / pl.col("possible")
    sums = rows.group_by("section").agg(pl.col("title").first(), share=share.mean(), calls=pl.len())
    worst = sums.sort("share", "section").head(WEAKEST)
    for place, (section, title, mean, calls) in enumerate(worst.iter_rows(), 1):
        low, high = wilson([mean * calls], [calls])
        target = float(rules.section_targets.get(section, rules.section_target))
        yield Need(kind, scope, name, place, section, title, mean, calls, float(low[0]), float(high[0]), target, asked)


def _asked_for(data: Data, day: date) -> set[str]:
    quarter = containing(day, "quarter")
    known = actions_of(data).filter(
        (pl.col("kind") == "training") & pl.col("raised_at").dt.date().is_between(quarter.first, quarter.last)
    )
    return set(known.select(pl.coalesce("agent_id", "owner")).drop_nulls().to_series())
