"""recovery.xlsx: what collecting cost and brought, by live formulas from the cells of the costs, and what pays."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from toolkit.look import Book, Check, Formula, Page, period_words, said, show_verdict, write_checks
from toolkit.recovery.factors import together, with_factors
from toolkit.recovery_reports.book.about import write_about
from toolkit.recovery_reports.book.comparison import write_comparison
from toolkit.recovery_reports.book.costs import CostRefs, write_costs
from toolkit.recovery_reports.book.evidence import write_activities, write_by, write_curves, write_desk, write_rolls
from toolkit.recovery_reports.book.overview import write_overview
from toolkit.recovery_reports.book.pursue import write_list, write_summary
from toolkit.recovery_reports.book.scopes import sheets_of, write_channels, write_scopes
from toolkit.recovery_reports.book.what_if import WRONG, steps_of, write_steps, write_what_if
from toolkit.recovery_reports.shown import (
    ATTEMPTS,
    COMPARISON,
    DESK,
    EFFECTS,
    HOURS,
    LIQUIDATION,
    PURSUE,
    ROLLS,
    SUMMARY,
    VINTAGE,
    Scope,
    Shown,
    exact,
)

__all__ = ["write_recovery_book"]
Writer = Callable[[Page], Sequence[Check]]


def write_recovery_book(shown: Shown, out: Path) -> None:
    """Write the workbook to `out`; the same figures give the same bytes. Sheets of tables that there are not are left
    out."""
    about = shown.about
    book = Book(
        out,
        title=f"{said('RECOVERY_TITLE')} {period_words(about.period)}",
        subject=shown.subtitle,
        created=about.as_of,
        currency=about.currency,
        digits=about.digits,
    )
    writers = _writers(shown)
    pages = {name: Page(book, name, landscape=True) for name in ("Overview", "Costs", *writers, "Checks")}
    pages["About"] = Page(book, "About")
    write_about(pages["About"], shown, list(pages))
    refs = write_costs(pages["Costs"], shown)
    write_overview(pages["Overview"], shown, refs)
    checks = _of_costs(shown, refs)
    for name, write in writers.items():
        checks += write(pages[name])
    checks_page = pages["Checks"]
    checks_page.heading("Checks", shown.subtitle)
    _, verdict = write_checks(checks_page, 4, checks)
    checks_page.heads_stay(4)
    for page in pages.values():
        if page.name not in ("Checks", "About"):
            show_verdict(page, verdict)
        if about.provisional:
            page.stamped_on_paper("PROVISIONAL")
        page.finish(shown.footer, verdict.footer)
    book.close()


def _of_costs(shown: Shown, refs: CostRefs) -> list[Check]:
    """The cells of Costs against what was counted."""
    cells = shown.costs.cells
    sums = {kind: int(cells.filter(cells["kind"] == kind)["amount"].sum()) for kind in ("direct", "loaded")}
    return [
        Check(
            "All costs",
            Formula(f"={refs.total}", shown.costs.total),
            shown.whole.minor("cost"),
            "money",
            said("RECOVERY_WHY_COSTS"),
        ),
        Check(
            "Direct costs",
            Formula(f"={refs.direct}", sums["direct"]),
            shown.whole.minor("cost_direct"),
            "money",
            said("RECOVERY_WHY_COSTS"),
        ),
    ]


def _writers(shown: Shown) -> dict[str, Writer]:
    """The sheets that there is something for, in their order."""
    found: dict[str, Writer] = {"Channels": _channels(shown)} if shown.scopes("channel") else {}
    for name, scopes in sheets_of(shown).items():
        found[name] = partial(_scopes, shown, scopes)
    steps = steps_of(shown)
    if shown.table(SUMMARY) is not None:
        found["Worth pursuing"] = partial(_summary, shown)
    if steps:
        found["What if"] = partial(_what_if, shown)
    if shown.table(PURSUE) is not None:
        found["Pursue list"] = _unchecked(write_list, shown)
    if shown.table(EFFECTS) is not None:
        found["Activities"] = _unchecked(write_activities, shown)
    for name, file in (("Attempts", ATTEMPTS), ("Hours", HOURS)):
        if shown.table(file) is not None:
            found[name] = _unchecked(write_by, shown, file)
    if shown.table(ROLLS) is not None:
        found["Rolls"] = partial(_rolls, shown)
    if shown.table(LIQUIDATION) is not None or shown.table(VINTAGE) is not None:
        found["Curves"] = _unchecked(write_curves, shown)
    if shown.table(DESK) is not None:
        found["Desks"] = _unchecked(write_desk, shown)
    if shown.table(COMPARISON) is not None:
        found["Comparison"] = _unchecked(write_comparison, shown)
    if steps:
        found["Steps"] = _unchecked(write_steps, shown, steps)
    return found


def _unchecked(write: Callable[..., object], shown: Shown, *more: object) -> Writer:
    """The writer of a sheet without a check of its own."""

    def written(page: Page) -> list[Check]:
        write(page, shown, *more)
        return []

    return written


def _channels(shown: Shown) -> Writer:
    def write(page: Page) -> list[Check]:
        table = write_channels(page, shown)
        return _adds_up(table.total_cell("cost"), page.name, shown.costs.total, shown.whole.minor("cost"))

    return write


def _scopes(shown: Shown, scopes: Sequence[Scope], page: Page) -> list[Check]:
    table = write_scopes(page, shown, scopes)
    of_kind = shown.scopes(scopes[0].kind)
    cost, collected = (sum(one.minor(name) for one in of_kind) for name in ("cost", "collected"))
    return [
        *_adds_up(table.total_cell("cost"), page.name, cost, shown.whole.minor("cost")),
        Check(
            f"Collected, sheet {page.name}",
            Formula(f"={table.total_cell('collected')}", collected),
            shown.whole.minor("collected"),
            "money",
            said("RECOVERY_WHY_SCOPES"),
        ),
    ]


def _adds_up(cell: str, name: str, here: int, everybody: int) -> list[Check]:
    return [Check(f"Cost, sheet {name}", Formula(f"={cell}", here), everybody, "money", said("RECOVERY_WHY_SCOPES"))]


def _summary(shown: Shown, page: Page) -> list[Check]:
    table = write_summary(page, shown)
    listed = shown.table(PURSUE)
    rows = shown.rows(SUMMARY)
    count = sum(int(row["accounts"]) for row in rows)
    owed = _minor(sum((exact(row["balance"]) or Decimal(0) for row in rows), Decimal(0)), shown)
    all_of = count if listed is None else listed.height
    balance = owed if listed is None else _minor(exact(listed["balance"].sum()) or Decimal(0), shown)
    return [
        Check(
            "Accounts past due",
            Formula(f"={table.total_cell('accounts')}", count),
            all_of,
            "whole",
            said("RECOVERY_WHY_LIST"),
        ),
        Check(
            "What they owe",
            Formula(f"={table.total_cell('balance')}", owed),
            balance,
            "money",
            said("RECOVERY_WHY_LIST"),
        ),
    ]


def _minor(amount: Decimal, shown: Shown) -> int:
    return int(amount.scaleb(shown.about.digits))


def _what_if(shown: Shown, page: Page) -> list[Check]:
    steps = steps_of(shown)
    table = write_what_if(page, steps, shown)
    now = together(with_factors(steps, {}))
    listed = shown.table(PURSUE)
    taken = 0 if listed is None else listed.filter(listed["cost"].is_not_null()).height
    return [
        Check(
            "Accounts worth a step",
            Formula(f"={table.total_cell('now')}", now.accounts),
            taken,
            "whole",
            said("RECOVERY_WHY_NOW"),
        ),
        Check("Yellow cells that are no factor", Formula(WRONG, 0), 0, "whole", said("RECOVERY_WHY_FACTORS")),
    ]


def _rolls(shown: Shown, page: Page) -> list[Check]:
    return [
        Check(what, Formula(f"={cell}", value), 0, "whole", said("RECOVERY_WHY_FLOWS"))
        for what, cell, value in write_rolls(page, shown)
    ]
