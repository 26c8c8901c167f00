"""The page of a team or of everybody: scores, where points are lost, the weeks, and a row for each agent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import polars as pl

from toolkit.look.browser import THEME, Heading, Theme
from toolkit.problems import said
from toolkit.quality_reports.book.pareto import pareto_words
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
    target_of,
)
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import between, extras_words, look_at, names_twice, of_scope, percent, who_words
from toolkit.scorecard_reports.pages.figures import Bar


@dataclass(frozen=True)
class Links:
    """Where the other pages are, as this one reaches them."""

    agents: Mapping[str, str]
    teams: Mapping[str, str]
    index: str
    evaluators: str

    def to(self, kind: str, scope: str) -> str:
        """The page of a scope, "" where it has none."""
        return quote({"agent": self.agents, "team": self.teams}.get(kind, {}).get(scope, ""))


@dataclass(frozen=True)
class Row:
    """A scope in a table."""

    name: str
    link: str
    small: str
    n: int
    chip: Chip
    bar: Bar | None
    sure: str
    margin: str
    target: str
    compliance: str
    fails: int
    waiting: str
    look: str


@dataclass(frozen=True)
class TeamPage:
    """Everything on the page."""

    head: Heading
    index: str
    evaluators: str
    figures: Sequence[tuple[str, str, str, str]]
    teams: Sequence[Row]
    agents: Sequence[Row]
    whole: Row | None
    drawing: Drawing | None
    pareto: str
    losses: Sequence[Part]
    best: Sequence[Part]
    worst: Sequence[Part]
    notes: Sequence[str]
    look: Theme = THEME
    landscape: bool = True


def team_page(report: QualityReport, links: Links, team: str | None = None) -> TeamPage:
    """The page of a team, or of everybody."""
    kind, scope = ("all", "") if team is None else ("team", team)
    whole = next(iter(of_scope(report.teams, kind, scope).to_dicts()), None)
    mine = _members(report, team)
    agents = report.agents.filter(pl.col("scope").is_in(mine))
    rows = agents.sort("score", descending=False, nulls_last=True).to_dicts()
    twice = names_twice(report.agents)
    teams = report.teams.filter(pl.col("scope_kind") == "team").to_dicts() if team is None else []
    sections, asked = of_scope(report.sections, kind, scope), of_scope(report.questions, kind, scope)
    first = [part for _, part in sections.group_by("form", "form_version", maintain_order=True)][:1]
    return TeamPage(
        heading(report, said("QC_REPORT_TITLE"), team or said("CARD_EVERYBODY")),
        links.index,
        links.evaluators,
        _figures(whole, rows),
        [_row(report, row, links, ()) for row in teams] if len(teams) > 1 else [],
        [_row(report, row, links, twice) for row in rows],
        _row(report, whole, links, ()) if whole else None,
        drawing(report.course(kind, scope), whole["target"] if whole else None),
        pareto_words(first[0]) if first else "",
        losses(sections),
        questions(asked, "best"),
        questions(asked, "worst"),
        notes(report),
    )


def _members(report: QualityReport, team: str | None) -> list[str]:
    """Everybody with an evaluated call, or those whose last call of the period was made in the team."""
    last = report.calls.group_by("agent_id").agg(pl.col("team").sort_by("day").last())
    return last.filter(pl.lit(team is None) | (pl.col("team") == (team or "")))["agent_id"].to_list()


def _row(report: QualityReport, row: Mapping[str, Any], links: Links, twice: Sequence[str]) -> Row:
    waiting = [said(code, count=row[name]) for name, code in
               (("provisional", "QC_REPORT_OPEN"), ("set_aside", "QC_REPORT_ASIDE")) if row[name]]  # fmt: skip
    waiting = [*([extras_words(row)] if row["extras"] else []), *waiting]
    return Row(
        name=who_words(row, twice),
        link=links.to(row["scope_kind"], row["scope"]),
        small=row["scope"] if row["scope_kind"] == "agent" else "",
        n=row["n"],
        chip=chip(row),
        bar=bar(row["score"], row["target"], row["interval_low"], row["interval_high"]) if row["n"] else None,
        sure=between(row["interval_low"], row["interval_high"]),
        margin=report.margin(row["scope_kind"], row["scope"], row["n"]),
        target=target_of(row),
        compliance=percent(row["compliance"]),
        fails=row["auto_fails"],
        waiting="; ".join(waiting),
        look=look_at(report, row),
    )


def _figures(whole: Mapping[str, Any] | None, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """The large figures: label, value, what stands small under it, and how it is coloured."""
    if whole is None:
        return []
    known = [row for row in rows if row["met"] is not None]
    met = sum(bool(row["met"]) for row in known)
    sure = between(whole["interval_low"], whole["interval_high"])
    small = "" if whole["target"] is None else said("QC_REPORT_TARGET", target=percent(whole["target"]))
    light = {True: "above", False: "below", None: ""}[whole["met"]]
    sign = {True: "✓ ", False: "✗ ", None: ""}[whole["met"]]
    parts = said("CARD_PARTS", numerator=met, base=len(known)) if known else "–"
    return [
        ("Score", f"{sign}{percent(whole['score'])}", small, f"answer {light}"),
        ("May truly lie", sure, said("QC_REPORT_CALLS", n=whole["n"]), ""),
        ("Agents with target reached", parts, "", ""),
        ("Compliance", percent(whole["compliance"]), said("QC_REPORT_FAILED", count=whole["auto_fails"]), ""),
    ]
