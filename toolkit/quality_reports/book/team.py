"""The Team sheet: what everybody, each team and each agent scores, how sure that is, whether targets are reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

from toolkit.look import LEFT, Column, Figure, Formula, Page, Table
from toolkit.look.theme import MUTED
from toolkit.problems import said
from toolkit.qc import MILLION
from toolkit.quality_reports.book.calls import GREY, SCORE, Numbers
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import (
    between,
    form_words,
    fraction,
    look_at,
    met_words,
    names_twice,
    subtitle,
    who_words,
)

FIGURES, TOP = 4, 7
ONE_PAGE = 50
"""So many rows are still to be read when they are printed on one page."""
WIDTHS = {2: 54, 3: 76, 4: 92, 6: 76, 7: 92, 8: 92, 9: 70, 10: 70, 11: 70, 12: 60}
"""Pixels of the columns, counted from the first, at least."""
N = "=COUNTIFS(RANGE,CRITERION,calls_counts,1)"
SUM = "SUMIFS({},RANGE,CRITERION,calls_counts,1)"
CUT = "TRUNC(ROUND(({})*10000,5))/10000"
"""Cut off at the second digit of a percentage, whatever the last bits of a sum of decimals say."""
SCORED = f'=IF({{n}}{{row}}=0,"",{CUT.format(SUM.format("calls_earned") + "/" + SUM.format("calls_of"))})'
MET = (
    '=IF(OR({target}{row}="",{n}{row}=0),"",'
    f"IF(ROUND({SUM.format('calls_earned')}-{{target}}{{row}}*{SUM.format('calls_of')},9)>=0,"
    '"WON","LOST"))'
)
COMPLIANCE = f'=IFERROR({CUT.format("AVERAGEIFS(calls_compliance,RANGE,CRITERION,calls_counts,1)")},"")'
FAILED = "=COUNTIFS(RANGE,CRITERION,calls_counts,1,calls_failed,1)"
EXTRAS = '=COUNTIFS(RANGE,CRITERION,calls_standing,"apart",calls_score,">=0")'
STANDING = '=COUNTIFS(RANGE,CRITERION,calls_standing,"{}")'


@dataclass(frozen=True)
class Scopes:
    """A table of the Team sheet: the rows of one kind of scope and where they stand."""

    kind: str
    rows: Sequence[Mapping[str, Any]]
    table: Table


def write_team(page: Page, report: QualityReport, numbers: Numbers) -> list[Scopes]:
    """The whole sheet; gives its tables, those of agents first."""
    page.heading(said("QC_REPORT_TITLE"), subtitle(report.about))
    kinds = [("agent", "Agents", report.agents, numbers.agents)]
    for kind, title, known in (("team", "Teams", numbers.teams), ("branch", "Branches", numbers.branches)):
        rows = report.teams.filter(pl.col("scope_kind") == kind)
        if rows.height > (1 if kind == "branch" else 0):
            kinds.append((kind, title, rows, known))
    kinds.append(("all", said("CARD_EVERYBODY"), report.teams.filter(pl.col("scope_kind") == "all"), {}))
    row, found = TOP, []
    for kind, title, frame, known in kinds:
        if kind != "agent":
            page.prose(row, title, bold=True, font_size=12)
            row += 1
        for at, width in WIDTHS.items():
            page.grow(LEFT + at, width)
        table = page.table(row, _columns(report, kind, frame, known))
        found.append(Scopes(kind, frame.to_dicts(), table))
        row = table.last + 2
    _notes(page, row, report)
    _figures(page, report, found)
    page.heads_stay(TOP, LEFT + 1)
    end = row + 4 + len(report.forms)
    page.sheet.print_area(0, 0, end, LEFT + 13)
    if end <= ONE_PAGE:
        page.sheet.fit_to_pages(1, 1)
    return found


def _columns(report: QualityReport, kind: str, frame: pl.DataFrame, known: Mapping[str, int]) -> list[Column]:
    rows, twice = frame.to_dicts(), names_twice(frame) if kind == "agent" else ()
    teams = _teams(report) if kind == "agent" else {}
    first = "Agent" if kind == "agent" else kind.capitalize() if kind != "all" else ""
    scores = [fraction(row["score"]) for row in rows]
    columns = [
        Column("who", first, [who_words(row, twice) for row in rows], widest=30, style={"bold": True}),
        Column(
            "team", "Team" if kind == "agent" else "", [teams.get(row["scope"], "") for row in rows], "note", widest=22
        ),
        Column("n", "Calls", frame["n"].to_list(), "count", N),
        Column("score", "Score", scores, "share", SCORED, style={**SCORE, "bold": True}),
        Column("sure", "May truly lie", [between(row["interval_low"], row["interval_high"]) for row in rows], "note"),
        Column(
            "margin",
            "Margin of error",
            [report.margin(kind, row["scope"], row["n"]) for row in rows],
            "note",
            widest=32,
        ),
        Column(
            "target",
            "Target",
            [None if row["target"] is None else Decimal(row["target"]) / MILLION for row in rows],
            "share",
            style=SCORE,
        ),
        Column(
            "met",
            "Reached",
            [met_words(row["met"]) for row in rows],
            "status",
            MET.replace("WON", said("QC_REPORT_MET")).replace("LOST", said("QC_REPORT_MISSED")),
            style={"indent": 1},
        ),
        Column(
            "compliance", "Compliance", [fraction(row["compliance"]) for row in rows], "share", COMPLIANCE, style=SCORE
        ),
        Column("failed", "Failed at once", frame["auto_fails"].to_list(), "count", FAILED),
        Column("provisional", "Disputed", frame["provisional"].to_list(), "count", STANDING.format("provisional")),
        Column("aside", "Set aside", frame["set_aside"].to_list(), "count", STANDING.format("set_aside")),
        Column("extras", "Extras", frame["extras"].to_list(), "count", EXTRAS),
        Column("look", "Look at", [look_at(report, row) for row in rows], widest=52),
        Column("no", "No.", [known.get(row["scope"], 0) for row in rows], "count", style=GREY),
    ]
    return [_of_kind(column, kind) for column in columns]


def _of_kind(column: Column, kind: str) -> Column:
    """The column with its formula looking where this kind of scope is written."""
    ours = ("calls_agent_no", '">=0"') if kind == "all" else (f"calls_{kind}_no", "{no}{row}")
    return replace(column, formula=column.formula.replace("RANGE", ours[0]).replace("CRITERION", ours[1]))


def _teams(report: QualityReport) -> Mapping[str, str]:
    """The team that each agent's last call of the period belongs to."""
    last = report.calls.group_by("agent_id").agg(pl.col("team").sort_by("day").last())
    return {agent: team or "" for agent, team in last.iter_rows()}


def _figures(page: Page, report: QualityReport, tables: Sequence[Scopes]) -> None:
    agents, whole = tables[0], tables[-1]
    if not whole.rows:
        return
    all_of_it = whole.rows[0]
    cells = {key: f"={whole.table.letter(key)}{whole.table.first + 1}" for key in ("score", "n", "failed")}
    score = fraction(all_of_it["score"])
    known = [row for row in agents.rows if row["met"] is not None]
    met = said("CARD_PARTS", numerator=sum(bool(row["met"]) for row in known), base=len(known))
    waiting = f"{all_of_it['provisional']} / {all_of_it['set_aside']}"
    figures = [
        Figure(
            "Score of everybody",
            Formula(cells["score"], "" if score is None else score),
            "share",
            LEFT,
            accent=True,
            num_format="0.00%",
        ),
        Figure("Calls scored", Formula(cells["n"], all_of_it["n"]), "count", LEFT + 1),
        Figure("Agents with target reached", met if known else "–", "text", LEFT + 4),
        Figure("Calls failed at once", Formula(cells["failed"], all_of_it["auto_fails"]), "count", LEFT + 6),
        Figure("Disputed / set aside", waiting, "text", LEFT + 9),
    ]
    page.figures(FIGURES, figures, LEFT + 13)


def _notes(page: Page, row: int, report: QualityReport) -> None:
    forms = [form_words(form) for form in report.forms if form.evaluations]
    codes = ("QC_REPORT_CUT_OFF", "QC_REPORT_INTERVAL", "QC_REPORT_NOT_ADDED", "QC_REPORT_COMPLIANCE")
    for at, text in enumerate([*forms, *(said(code) for code in codes)], row):
        page.prose(at, text, font_color=MUTED, font_size=9)
