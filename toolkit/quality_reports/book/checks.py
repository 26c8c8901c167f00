"""The Checks sheet: nobody's call is missing, and every score of the Team sheet is the one that was calculated."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.look import Check, Column, Formula, Page
from toolkit.look.theme import BAND, LINE, Style
from toolkit.problems import said
from toolkit.quality_reports.book.calls import SCORE
from toolkit.quality_reports.book.team import Scopes
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import fraction, who_words

SAME = (
    '=IF(IF(OR({here}{row}="",{calculated}{row}=""),{here}{row}={calculated}{row},'
    'ROUND({here}{row}-{calculated}{row},6)=0),"✓ agrees","✗ differs")'
)


def checks_of(report: QualityReport, tables: Sequence[Scopes]) -> list[Check]:
    """What the workbook checks of itself."""
    agents, everybody = tables[0], tables[-1]
    scored = report.totals.evaluations["scored"]
    scopes = sum(len(scopes.rows) for scopes in tables)
    whole = everybody.rows[0]["n"] if everybody.rows else 0
    calls = Formula('=COUNTIF(calls_standing,"?*")', report.calls.height)
    added = Formula(f"=SUM({agents.table.cells('n')})", sum(row["n"] for row in agents.rows))
    same = Formula('=COUNTIF(scores_check,"✓*")', scopes)
    return [
        Check("Evaluations of the period", calls, report.calls.height, "whole", said("QC_REPORT_WHY_CALLS")),
        Check(
            "Evaluations that count",
            Formula("=SUM(calls_counts)", scored),
            scored,
            "whole",
            said("QC_REPORT_WHY_SCORED"),
        ),
        Check("Calls of all agents", added, whole, "whole", said("QC_REPORT_WHY_ADDS")),
        Check("Scores that agree", same, scopes, "whole", said("QC_REPORT_WHY_AGENTS")),
    ]


def write_scores(page: Page, row: int, report: QualityReport, tables: Sequence[Scopes]) -> None:
    """Each score of the Team sheet beside the same calculated, from row `row` on."""
    rows = [(scopes, at, each) for scopes in tables for at, each in enumerate(scopes.rows)]
    scores = [fraction(each["score"]) for _, _, each in rows]
    page.prose(row, "Scores", bold=True, font_size=12)
    table = page.table(
        row + 1,
        [
            Column("no", "No.", list(range(1, len(rows) + 1)), "whole", style={"align": "left"}),
            Column("who", "Whose", [_whose(each) for _, _, each in rows], widest=52),
            Column("here", "On Team", scores, "share", style=SCORE),
            Column("calculated", "Calculated", scores, "share", style=SCORE),
            Column(
                "result", "Result", ["✓ agrees"] * len(rows), "status", SAME, name="scores_check", style={"indent": 1}
            ),
        ],
    )
    for at, (scopes, place, _) in enumerate(rows):
        cell = f"={scopes.table.sheet}!{scopes.table.letter('score')}{scopes.table.first + place + 1}"
        score = scores[at]
        band: Style = {"bg_color": BAND} if at % 2 else {}
        page.put(
            table.first + at,
            table.left + 2,
            Formula(cell, "" if score is None else score),
            "share",
            bottom=1,
            bottom_color=LINE,
            **SCORE,
            **band,
        )


def _whose(row: Mapping[str, Any]) -> str:
    name = who_words(row)
    return f"{name} ({row['scope']})" if row["scope_kind"] == "agent" and row["name"] else name
