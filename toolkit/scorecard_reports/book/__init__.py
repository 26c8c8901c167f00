"""scorecard.xlsx: who does well and with what, by live formulas from numerators and denominators up to totals."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.look import Book, Page, period_words, show_verdict, write_checks
from toolkit.scorecard_reports.book.about import write_about
from toolkit.scorecard_reports.book.checks import checks_of, write_sums
from toolkit.scorecard_reports.book.laid import Refs, laid_out
from toolkit.scorecard_reports.book.maturity import write_maturity
from toolkit.scorecard_reports.book.scores import write_scores_page
from toolkit.scorecard_reports.book.sheets import sheets_of, write_card_sheet
from toolkit.scorecard_reports.book.signals import write_signals
from toolkit.scorecard_reports.book.trend import trend_of, write_trend
from toolkit.scorecard_reports.book.values import write_values
from toolkit.scorecard_reports.book.words import footer, subtitle
from toolkit.scorecard_reports.cohort_words import cohorts_of
from toolkit.trend_words import noted

if TYPE_CHECKING:
    import polars as pl

    from toolkit.maturing import Course
    from toolkit.scorecard_reports.files import About
    from toolkit.scorecards import ScorecardRun
    from toolkit.watching import Watch

__all__ = ["write_score_book"]


def write_score_book(
    run: "ScorecardRun",
    values: "pl.DataFrame",
    about: "About",
    out: Path,
    courses: "Sequence[Course]" = (),
    watch: "Watch | None" = None,
) -> None:
    """Write the workbook to `out`; the same run gives the same bytes.

    values: the KPI values by the grain asked for (`toolkit.kpis.KpiRun.values`); where they have several periods, the
    book shows everybody's over time. courses: cohorts by age, of which it shows everybody's. watch: what really
    changed.
    """
    book = Book(
        out,
        title=f"Scorecard {period_words(about.period)}",
        subject=subtitle(about),
        created=about.as_of,
        currency=about.currency,
        digits=about.digits,
    )
    laid, trend = laid_out(run), trend_of(run, values)
    cohorts = cohorts_of(courses, "all", "")
    sheets = sheets_of(run)
    cards = [(sheet, Page(book, sheet.name, landscape=True)) for sheet in sheets]
    seen = noted(watch) if watch else []
    more = [name for name, is_there in (("Signals", seen), ("Trend", trend), ("Maturity", cohorts)) if is_there]
    names = ("Scores", "Values", *more, "Checks")
    pages = {name: Page(book, name, landscape=True) for name in names} | {"About": Page(book, "About")}

    refs = Refs(laid, write_values(pages["Values"], laid, about), write_scores_page(pages["Scores"], laid, about))
    write_about(pages["About"], laid, about, more)
    if trend:
        write_trend(pages["Trend"], run, trend, about)
    if watch and seen:
        write_signals(pages["Signals"], seen, watch, run, about)
    if cohorts:
        write_maturity(pages["Maturity"], cohorts, about)
    for sheet, page in cards:
        write_card_sheet(page, sheet, refs, about)
    pages["Checks"].heading("Checks", subtitle(about))
    row, verdict = write_checks(pages["Checks"], 4, checks_of(run, laid, sheets))
    write_sums(pages["Checks"], row, run, about)
    pages["Checks"].heads_stay(4)

    everything = [*(page for _, page in cards), *pages.values()]
    for page in everything:
        if page.name != "Checks":
            show_verdict(page, verdict)
        if about.provisional:
            page.stamped_on_paper("PROVISIONAL")
        page.finish(footer(about), verdict.footer)
    book.close()
