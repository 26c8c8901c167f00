"""commissions.xlsx, the manager's workbook: live formulas from the lines up, checks, and the plan beside them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.commission_book.about import write_about
from toolkit.commission_book.exactness import summary_check, sums, write_exactness
from toolkit.commission_book.lines import summed, with_places, write_lines
from toolkit.commission_book.live import live_sheet
from toolkit.commission_book.payments import write_payments
from toolkit.commission_book.settings import write_settings
from toolkit.commission_book.sheet import write_sheet
from toolkit.commission_book.totals import control_checks, write_control
from toolkit.commission_book.words import LARGEST_BOOK, footer, subtitle
from toolkit.look import Book, Page, period_words, show_verdict, write_checks

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun
    from toolkit.reading import SourceFile

__all__ = ["write_commission_book"]

MOST_LOOK_UPS = 60_000_000
"""Agents x columns x lines above which Excel would keep people waiting on opening; the stored values are shown then."""


def write_commission_book(
    run: "CommissionRun", files: "Sequence[SourceFile]", out: Path, provenance: Mapping[str, str]
) -> None:
    """Write the workbook to `out`; the same run gives the same bytes.

    provenance: `toolkit` (version), `plan_hash`, `lines_hash` (SHA-256 of lines.csv), `as_of`. Above
    50,000 lines or payments the sheet of that name holds sums per agent and rate, or per agent and reason.
    """
    book = Book(
        out,
        title=f"Commissions {period_words(run.period)}",
        subject=subtitle(run),
        created=run.as_of,
        currency=run.plan.currency,
        digits=run.digits,
    )
    about = Page(book, "About")
    settings, payments, lines_page = (Page(book, name, landscape=True) for name in ("Settings", "Payments", "Lines"))
    sheet, checks_page = Page(book, "Commission sheet", landscape=True), Page(book, "Checks", landscape=True)

    whole = run.lines.height <= LARGEST_BOOK
    lines = with_places(run) if whole else summed(with_places(run))
    live, exact = live_sheet(run, lines), sums(run, lines)
    at_load = run.sheet.height * len(run.sheet.columns) * lines.height <= MOST_LOOK_UPS
    book.workbook.calc_on_load = at_load

    write_settings(settings, run)
    checks = write_payments(payments, run, run.credit.height <= LARGEST_BOOK)
    write_lines(lines_page, run, lines, whole)
    checks += [*control_checks(run), *write_sheet(sheet, run, live)]
    if exact:
        checks.append(summary_check(exact, run.digits))
    checks_page.heading("Checks", subtitle(run))
    row, verdict = write_checks(checks_page, 4, checks)
    row = write_control(checks_page, row, run)
    if exact:
        write_exactness(checks_page, row, run, exact)
    checks_page.heads_stay(4)
    write_about(about, run, files, provenance, whole, at_load)

    for page in (about, settings, payments, lines_page, sheet):
        show_verdict(page, verdict)
    for page in (about, settings, payments, lines_page, sheet, checks_page):
        page.finish(footer(run, provenance.get("lines_hash", "")), verdict.footer)
    book.close()
