"""finance.xlsx: what Finance is asked to pay and imports. It holds agents and sums, and nothing of a customer."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.finance.accounts import posted, write_gl_lines, write_gl_summary
from toolkit.finance.batch import batch_of
from toolkit.finance.control import batch_checks, group_checks, write_groups
from toolkit.finance.cover import write_cover
from toolkit.finance.exceptions import write_exceptions
from toolkit.finance.payees import write_payment_lines, write_unpaid
from toolkit.look import Book, Page, period_words, said, show_verdict, write_checks

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

__all__ = ["write_finance_book"]


def write_finance_book(run: "CommissionRun", out: Path, provenance: Mapping[str, str]) -> None:
    """Write the workbook to `out`, stamped as a draft; the same run gives the same bytes.

    provenance: `toolkit` (version), `plan_hash`, `lines_hash` (SHA-256 of lines.csv), `as_of`. The table
    ``payment_lines`` has a row for each payment and nothing else; its heads are fixed names.
    """
    batch = batch_of(run, provenance.get("lines_hash", ""))
    book = Book(
        out,
        title=f"Commission payments {period_words(run.period)}",
        subject=batch.batch_id,
        created=run.as_of,
        currency=run.plan.currency,
        digits=run.digits,
    )
    cover = Page(book, "Cover")
    names = ("Payment lines", "Not paid", "GL summary", "GL lines", "Exceptions", "Control totals")
    lines, unpaid, summary, gl_lines, exceptions, control = (Page(book, name, landscape=True) for name in names)
    subtitle = (
        f"{said('WORKBOOK_DRAFT')} · {batch.batch_id} · {period_words(run.period)} · amounts in {run.plan.currency}"
    )
    pages = (cover, lines, unpaid, summary, gl_lines, exceptions, control)
    for page in pages:
        page.heading("Commission payments" if page is cover else page.name, subtitle)

    write_payment_lines(lines, run, batch)
    write_unpaid(unpaid, run, batch)
    gl = posted(run)
    write_gl_lines(gl_lines, run, gl)
    checks = [*batch_checks(run, batch), *write_gl_summary(summary, run, gl), *group_checks(batch)]
    row, verdict = write_checks(control, 4, checks)
    write_groups(control, row, run, batch)
    write_cover(cover, run, batch, provenance, write_exceptions(exceptions, run, batch))

    for page in pages:
        if page is not control:
            show_verdict(page, verdict)
        page.stamped_on_paper(said("WORKBOOK_DRAFT"))
        page.finish(batch.batch_id, verdict.footer)
    book.close()
