"""quality.xlsx: scores of agents and teams from the calls up by live formulas, where points are lost, who marks how."""

from pathlib import Path

from toolkit.look import Book, Page, period_words, show_verdict, write_checks
from toolkit.problems import said
from toolkit.quality_reports.book.about import write_about
from toolkit.quality_reports.book.agents import write_agents
from toolkit.quality_reports.book.calls import numbered, write_calls
from toolkit.quality_reports.book.checks import checks_of, write_scores
from toolkit.quality_reports.book.evaluators import write_evaluators
from toolkit.quality_reports.book.pareto import write_pareto
from toolkit.quality_reports.book.questions import write_questions
from toolkit.quality_reports.book.team import write_team
from toolkit.quality_reports.book.trend import write_trend
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import footer, subtitle

__all__ = ["SHEETS", "write_quality_book"]

SHEETS = ("Team", "Agents", "Pareto", "Questions", "Trend", "Evaluators", "Calls", "Checks", "About")


def write_quality_book(report: QualityReport, out: Path) -> None:
    """Write the workbook to `out`; the same report gives the same bytes."""
    about = report.about
    title = said("QC_REPORT_TITLE")
    book = Book(
        out,
        title=f"{title} {period_words(about.period)}",
        subject=subtitle(about),
        created=about.as_of,
        currency=about.currency,
        digits=about.digits,
    )
    pages = {name: Page(book, name, landscape=name != "About") for name in SHEETS}
    numbers = numbered(report)
    write_about(pages["About"], report)
    write_calls(pages["Calls"], report, numbers)
    tables = write_team(pages["Team"], report, numbers)
    write_agents(pages["Agents"], report)
    write_pareto(pages["Pareto"], report)
    write_questions(pages["Questions"], report)
    write_trend(pages["Trend"], report)
    write_evaluators(pages["Evaluators"], report, numbers)
    checks = pages["Checks"]
    checks.heading("Checks", subtitle(about))
    row, verdict = write_checks(checks, 4, checks_of(report, tables))
    write_scores(checks, row, report, tables)
    checks.heads_stay(4)
    for page in pages.values():
        if page is not checks:
            show_verdict(page, verdict)
        if about.provisional:
            page.stamped_on_paper("PROVISIONAL")
        page.finish(footer(about), verdict.footer)
    book.close()
