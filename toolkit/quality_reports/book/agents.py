"""The Agents sheet: a block for each agent with the three best and the three worst questions."""

from decimal import Decimal
from typing import Any

from toolkit.look import LEFT, Column, Page
from toolkit.look.theme import BAD, BAND, GOOD, INK, LINE, MUTED, Style
from toolkit.problems import said
from toolkit.quality_reports.book.calls import SCORE
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import (
    MARKS,
    fraction,
    marked,
    names_twice,
    of_scope,
    question_words,
    subtitle,
    who_words,
)

TOP = 4
INKS = {"best": GOOD[0], "worst": BAD[0]}
NUMBERS = ("share", "n", "not_applicable", "critical_fails", "auto_fails")
KEY = ("form", "form_version", "section")
WORDS = {"best": "went well", "worst": "most to gain"}


def write_agents(page: Page, report: QualityReport) -> None:
    """All blocks, one under the other, each begun by a line."""
    page.heading("Agents", subtitle(report.about))
    twice = names_twice(report.agents)
    blocks = [_block(report, agent, who_words(agent, twice)) for agent in report.agents.iter_rows(named=True)]
    rows = [row for block in blocks for row in block]
    table = page.table(TOP, _columns(report, rows))
    row = table.first
    for block in blocks:
        _begin(page, row, block[0])
        row += len(block)
    for at, line in enumerate(rows, table.first):
        ink, band = INKS.get(line["mark"], MUTED), _band(at)
        page.put(at, LEFT + 3, _sign(line), font_color=ink, bottom=1, bottom_color=LINE, **band)
    line_above = page.book.workbook.add_format({"top": 1, "top_color": INK})
    rule = {"type": "formula", "criteria": f"=$B{table.first + 1}<>$B{table.first}", "format": line_above}
    page.sheet.conditional_format(table.first, LEFT, table.last, LEFT + len(table.keys) - 1, rule)
    page.heads_stay(TOP, LEFT + 1)


def _block(report: QualityReport, agent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of an agent: three best and three worst, or one that says that there are none."""
    mine = of_scope(report.questions, "agent", agent["scope"])
    nothing = {"mark": "", "text": said("QC_REPORT_NOTHING"), **dict.fromkeys(NUMBERS), **dict.fromkeys(KEY, "")}
    rows = [*marked(mine, "best"), *marked(mine, "worst")] or [nothing]
    margin = report.margin("agent", agent["scope"], agent["n"])
    about = {"who": name, "total": agent["score"], "margin": margin}
    return [{**row, **about, "is_first": at == 0} for at, row in enumerate(rows)]


def _begin(page: Page, row: int, line: dict[str, Any]) -> None:
    look: Style = {"bottom": 1, "bottom_color": LINE, "bold": True, **_band(row)}
    page.put(row, LEFT, line["who"], fits=False, **look)
    page.put(row, LEFT + 1, fraction(line["total"]), "share", fits=False, **look, **SCORE)


def _band(row: int) -> Style:
    return {"bg_color": BAND} if (row - TOP - 1) % 2 else {}


def _sign(line: dict[str, Any]) -> str:
    return f"{MARKS[line['mark']]} {WORDS[line['mark']]}" if line["mark"] else ""


def _columns(report: QualityReport, rows: list[dict[str, Any]]) -> list[Column]:
    titles = {
        (row["form"], row["form_version"], row["section"]): row["title"]
        for row in report.sections.iter_rows(named=True)
    }
    shares: list[Decimal | None] = [fraction(row["share"]) for row in rows]
    return [
        Column("who", "Agent", [row["who"] for row in rows], "note", widest=30, style={"indent": 0}),
        Column(
            "score", "Score", [fraction(row["total"]) for row in rows], "share", style={**SCORE, "font_color": MUTED}
        ),
        Column("margin", "Margin of error", [row["margin"] for row in rows], "note", widest=32),
        Column("mark", "", [_sign(row) for row in rows]),
        Column("question", "Question", [question_words(row) for row in rows], widest=60),
        Column(
            "section",
            "Section",
            [titles.get((row["form"], row["form_version"], row["section"]), "") or row["section"] for row in rows],
            "note",
            widest=40,
        ),
        Column("share", "Earned", shares, "share", style=SCORE),
        Column("n", "Answered", [row["n"] for row in rows], "count"),
        Column("na", "N/A", [row["not_applicable"] for row in rows], "count"),
        Column("critical", "Critical fails", [row["critical_fails"] for row in rows], "count"),
        Column("fails", "Failed the call", [row["auto_fails"] for row in rows], "count"),
    ]
