"""conduct.html: breaches by rule and by agent and the latest of them, on one self-contained page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.conduct import Conduct
from toolkit.conduct_reports.files.shown import About, Tables
from toolkit.conduct_reports.files.tables import ALL_RULES, NUMBERS
from toolkit.conduct_reports.files.words import look_at, subtitle
from toolkit.look import day_words, said
from toolkit.look.browser import THEME, Heading, Theme
from toolkit.pages import html_page

MOST_BREACHES = 200
MOST_OF_RULE = 40
"""Breaches on the page, those of the rules with fewest first; breaches.csv has them all."""
WIDTH = 200.0


@dataclass(frozen=True)
class Bar:
    """A bar of so many units of WIDTH, and where the true value probably lies."""

    value: str
    low: str
    span: str
    words: str


@dataclass(frozen=True)
class Row:
    """A rule or an agent with its breaches."""

    name: str
    under: str
    sign: str
    light: str
    breaches: str
    judged: str
    rate: str
    sure: str
    bar: Bar | None
    look: str
    standing: str = ""


@dataclass(frozen=True)
class Breach:
    """One breach in words."""

    at: str
    agent: str
    team: str
    rule: str
    contact: str
    account: str
    seen: str
    permitted: str
    with_them: str


@dataclass(frozen=True)
class ConductPage:
    """Everything on the page."""

    head: Heading
    figures: Sequence[tuple[str, str, str]]
    rules: Sequence[Row]
    agents: Sequence[Row]
    breaches: Sequence[Breach]
    more: str
    left_out: Sequence[tuple[str, str, str, str]]
    how: Sequence[str]
    notes: Sequence[str]
    none: str
    look: Theme = THEME
    landscape: bool = True


def write_conduct_page(found: Conduct, tables: Tables, about: About, path: Path) -> None:
    """Writes the page; the same results give the same bytes."""
    path.write_text(
        html_page("conduct/page.html.j2", conduct_page(found, tables, about)), encoding="utf-8", newline="\n"
    )


def conduct_page(found: Conduct, tables: Tables, about: About) -> ConductPage:
    """The page of a period."""
    shown = _shown(tables.standing)
    more = tables.standing.height - shown.height
    versions = {held.version.name + held.version.label: held.version for held in found.held}.values()
    return ConductPage(
        head=_head(found, about),
        figures=_figures(tables),
        rules=_rules(tables),
        agents=_agents(tables),
        breaches=[_breach(row) for row in shown.iter_rows(named=True)],
        more=said("CONDUCT_MORE_BREACHES", more=f"{more:,}") if more else "",
        left_out=_left_out(tables),
        how=[said(code) for code in ("CONDUCT_HOW", "CONDUCT_HOW_SURE", "CONDUCT_HOW_LAW", "CONDUCT_ADDS_UP")],
        notes=[said("CONDUCT_ABOUT_SAYS", title=one.title, start=one.label, note=one.note) for one in versions],
        none=said("CONDUCT_NONE"),
    )


def _shown(breaches: pl.DataFrame) -> pl.DataFrame:
    """Some of every rule: one that is broken often must not hide the others."""
    of_rule = ["rule_set", "version", "rule"]
    few = breaches.with_columns(_all=pl.len().over(of_rule)).filter(pl.int_range(pl.len()).over(of_rule) < MOST_OF_RULE)
    return few.sort("_all", maintain_order=True).head(MOST_BREACHES)


def _head(found: Conduct, about: About) -> Heading:
    footer = said(
        "CONDUCT_FOOTER",
        period=about.period.label,
        profile=about.profile,
        day=day_words(about.as_of),
        version=about.version,
    )
    stamp = said("CONDUCT_STAMP") if any(held.version.example for held in found.held) else ""
    return Heading(said("CONDUCT_TITLE"), subtitle(about), stamp, footer)


def _figures(tables: Tables) -> list[tuple[str, str, str]]:
    """Label, value and how it is coloured."""
    breaches, made = tables.standing.height, tables.made
    agents = tables.agents.filter((pl.col("rule") == ALL_RULES) & pl.col("agent_id").is_not_null())
    with_one = agents.filter(pl.col("breaches") > 0).height
    return [
        (said("CONDUCT_FIGURE_RATE"), f"{breaches * 1000 / made:,.1f}" if made else "–", "answer"),
        (said("CONDUCT_FIGURE_BREACHES"), f"▼ {breaches:,}" if breaches else "▲ 0", "below" if breaches else "above"),
        (
            said("CONDUCT_FIGURE_CONTACTS"),
            said("CONDUCT_OF", part=f"{tables.contacts_broken:,}", whole=f"{made:,}"),
            "",
        ),
        (said("CONDUCT_FIGURE_AGENTS"), said("CONDUCT_OF", part=with_one, whole=agents.height), ""),
    ]


def _rules(tables: Tables) -> list[Row]:
    rows = list(tables.rules.iter_rows(named=True))
    most = max((row["high"] or 0 for row in rows), default=0)
    return [_row(row, row["title"], row["rule_set"], row["permitted"], most, row["standing"]) for row in rows]


def _agents(tables: Tables) -> list[Row]:
    whole = tables.agents.filter(pl.col("rule") == ALL_RULES).sort("breaches", descending=True, maintain_order=True)
    rows = list(whole.iter_rows(named=True))
    most = max((max(row["high"] or 0, row["per_1000"] or 0) for row in rows), default=0)
    return [_row(row, _name(row), row["team"], look_at(tables, row["agent_id"]), most) for row in rows]


def _name(row: dict[str, Any]) -> str:
    return row["agent"] or row["agent_id"] or said("CONDUCT_NOBODY")


def _row(row: dict[str, Any], name: str, under: str, words: str, most: float, standing: str = "") -> Row:
    known = row["per_1000"] is not None
    light = "none" if not known else "bad" if row["breaches"] else "good"
    return Row(
        name=name,
        under=under,
        sign={"bad": "▼", "good": "▲", "none": "◆"}[light],
        light=light,
        breaches=f"{row['breaches']:,}" if known else "not judged",
        judged=f"{row['judged']:,}",
        rate=f"{row['per_1000']:,.1f}" if known else "–",
        sure=f"{row['low']:,.1f} to {row['high']:,.1f}" if known else "–",
        bar=_bar(row, most) if known and most > 0 else None,
        look=words,
        standing=standing,
    )


def _bar(row: dict[str, Any], most: float) -> Bar:
    value, low, high = (min(row[name] / most, 1) * WIDTH for name in ("per_1000", "low", "high"))
    words = f"{row['per_1000']:,.1f} per 1,000, probably {row['low']:,.1f} to {row['high']:,.1f}"
    return Bar(f"{value:.1f}", f"{low:.1f}", f"{high - low:.1f}", words)


def _breach(row: dict[str, Any]) -> Breach:
    return Breach(
        at=row["at"],
        agent=_name(row),
        team=row["team"],
        rule=row["title"],
        contact=f"{row['channel']} {row[NUMBERS[row['channel']]]}",
        account=row["account_id"] or "–",
        seen=row["seen"],
        permitted=row["permitted"],
        with_them=row["counted_with"],
    )


def _left_out(tables: Tables) -> list[tuple[str, str, str, str]]:
    """Reason, contacts, rules it concerns, as far as something was left out."""
    out = tables.exempt.filter(~pl.col("judged"))
    names = out.group_by("reason", "channel", maintain_order=True).agg(
        pl.col("rows").max(), pl.col("rule").unique(maintain_order=True)
    )
    ordered = names.sort("rows", descending=True, maintain_order=True)
    return [(reason, channel, f"{rows:,}", ", ".join(rules)) for reason, channel, rows, rules in ordered.iter_rows()]
