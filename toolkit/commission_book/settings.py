"""The Settings page: the plan in plain tables, and the few figures that the formulas use by name."""

from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.commission_book.plan_tables import plan_tables
from toolkit.commission_book.words import subtitle
from toolkit.look import LEFT, Cell, Kind, Page, said
from toolkit.look.theme import INPUT, LINE, MUTED, Style

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

INPUT_CELL: Style = {"bg_color": INPUT, "bottom": 1, "bottom_color": LINE}
TOP = 5


def write_settings(page: Page, run: "CommissionRun") -> None:
    """Everything of the plan versions in force during the period; inputs stand on the input colour."""
    page.heading("Settings", subtitle(run))
    page.prose(3, said("WORKBOOK_SETTINGS"), font_color=MUTED)
    row = _figures(page, TOP, run)
    versions = [plan for plan, _, _ in run.plans.during(run.period)] or [run.plan]
    for title, columns in plan_tables(versions):
        if columns[0].values:
            page.prose(row, title, bold=True, font_size=12)
            table = page.table(row + 1, columns, tint=INPUT)
            row = table.last + 2


def _figures(page: Page, top: int, run: "CommissionRun") -> int:
    """Label, value, and what it is; the values that formulas use have a name."""
    plan, digits = run.plan, run.digits
    recover = Decimal(plan.carry.recover_at_most if plan.carry else 1_000_000).scaleb(-6)
    rows: list[tuple[str, Cell, Kind, str, str]] = [
        ("Plan", plan.id, "text", "", plan.title),
        ("Version", plan.version, "whole", "", said("WORKBOOK_IN_FORCE")),
        ("Circular", plan.reference, "text", "", said("WORKBOOK_REFERENCE")),
        ("In force from", plan.start, "date", "", ""),
        ("Currency", plan.currency, "text", "", said("WORKBOOK_CURRENCY")),
        ("Rounding of a line", plan.rounding.replace("_", " "), "text", "", said("WORKBOOK_ROUNDING")),
        ("Version and rate by the date of", plan.rate_date.replace("_", " "), "text", "", ""),
        ("Arrears looked up on", (plan.arrears_on or "").replace("_", " "), "text", "", ""),
        ("Payout unit", plan.payout_unit, "money", "payout_unit", said("WORKBOOK_PAYOUT_UNIT")),
        ("Least that is paid", plan.min_payout, "money", "min_payout", said("WORKBOOK_MIN_PAYOUT")),
        ("Most of a net that goes to a debt", recover, "rate", "recover_at_most", said("WORKBOOK_RECOVER")),
        ("Cap on all components of an agent", plan.plan_cap, "money", "", said("WORKBOOK_PLAN_CAP")),
        ("Digits behind the point", digits, "whole", "minor_digits", said("WORKBOOK_DIGITS")),
        ("Digits that count", 6, "whole", "guard_digits", said("WORKBOOK_GUARD")),
    ]
    for number, (label, value, kind, name, note) in enumerate(rows):
        row = top + number
        page.put(row, LEFT, label, bottom=1, bottom_color=LINE)
        page.put(row, LEFT + 1, value, kind, **(INPUT_CELL | {"align": "left"}))
        page.put(row, LEFT + 2, note, fits=False, font_color=MUTED, indent=1)
        if name:
            page.book.name(name, f"{page.name}!${_letter(LEFT + 1)}${row + 1}")
    return top + len(rows) + 1


def _letter(column: int) -> str:
    return "ABCDEFGH"[column]
