"""An agent's own page: the score and how sure it is, what goes well, where points are, every call; no other names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from toolkit.look import day_words
from toolkit.look.browser import THEME, Heading, Theme
from toolkit.problems import said
from toolkit.quality_reports.pages.parts import (
    Chip,
    Drawing,
    Part,
    bar,
    chip,
    drawing,
    heading,
    losses,
    notes,
    questions,
)
from toolkit.quality_reports.pages.parts import target_of as target_words
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import between, extras_words, of_scope, percent, standing_words
from toolkit.scorecard_reports.pages.figures import Bar


@dataclass(frozen=True)
class OwnCall:
    """One evaluation of the agent. Its reason is left out where it may name somebody else."""

    call: str
    day: str
    score: str
    says: str
    light: str
    small: str


@dataclass(frozen=True)
class AgentPage:
    """Everything on the page."""

    head: Heading
    chip: Chip
    sure: str
    margin: str
    target: str
    compliance: str
    fails: int
    few: str
    extras: str
    bar: Bar | None
    drawing: Drawing | None
    best: Sequence[Part]
    worst: Sequence[Part]
    losses: Sequence[Part]
    calls: Sequence[OwnCall]
    tell: str
    notes: Sequence[str]
    look: Theme = THEME
    landscape: bool = False


def agent_page(report: QualityReport, agent: str) -> AgentPage:
    """The page of this agent."""
    row = of_scope(report.agents, "agent", agent).row(0, named=True)
    mine = report.calls.filter((pl.col("agent_id") == agent) & (pl.col("standing") != "never"))
    mine = mine.sort("day", "evaluation_id")
    team = mine["team"].drop_nulls().to_list()[-1:] or [""]
    who = " · ".join(part for part in (agent if row["name"] else "", team[0]) if part)
    asked = of_scope(report.questions, "agent", agent)
    return AgentPage(
        head=heading(report, row["name"] or agent, who),
        chip=chip(row),
        sure=between(row["interval_low"], row["interval_high"]),
        margin=report.margin("agent", agent, row["n"]),
        target=target_words(row),
        compliance=percent(row["compliance"]),
        fails=row["auto_fails"],
        few=said("QC_REPORT_TOO_FEW_CALLS") if row["low_n"] and row["n"] else "",
        extras=extras_words(row),
        bar=bar(row["score"], row["target"], row["interval_low"], row["interval_high"]) if row["n"] else None,
        drawing=drawing(report.course("agent", agent), row["target"]),
        best=questions(asked, "best"),
        worst=questions(asked, "worst"),
        losses=losses(of_scope(report.sections, "agent", agent)),
        calls=[_call(each) for each in mine.iter_rows(named=True)],
        tell=said("QC_REPORT_TELL", hours=report.dispute_hours),
        notes=notes(report),
    )


def _call(row: Mapping[str, Any]) -> OwnCall:
    says = standing_words(row)
    light = {"✗": "bad", "◆": "watch"}.get(says[:1], "none")
    small = []
    if row["standing"] == "set_aside":
        small.append(said("QC_REPORT_ASIDE_AGENT"))
    if row["auto_failed"] and row["score"] is not None:
        small.append(said("QC_REPORT_BEFORE", score=percent(row["score_before"])))
    if row["first_score"] is not None:
        small.append(said("QC_REPORT_FIRST", score=percent(row["first_score"])))
    shown = row["standing"] in ("counts", "apart", "provisional")
    score = percent(row["score"]) if shown else percent(None)
    return OwnCall(row["call_id"] or row["evaluation_id"], day_words(row["day"]), score, says, light, "; ".join(small))
