"""Checks that a workbook makes of itself: each one figure by formula beside the same figure calculated, one verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

from toolkit.look.cells import Column, Formula
from toolkit.look.page import Page
from toolkit.look.paper import LEFT
from toolkit.look.theme import AGREES, BAND, DIFFERS, GOOD, LINE, Kind, Style

MASTER = "master_check"
"""The name of the cell that sums up all checks; every page shows it."""
STATUS_ROW = 2
_COUNT = 'COUNTIF(check_results,"✗*")'
_MASTER_FORMULA = (
    f'=IF({_COUNT}=0,"✓ All "&ROWS(check_results)&" checks agree",'
    f'"✗ "&{_COUNT}&" of "&ROWS(check_results)&" checks differ: see %s")'
)


@dataclass(frozen=True)
class Check:
    """`here` is a formula of the workbook with the value it gives now, `calculated` what it must give."""

    what: str
    here: Formula
    calculated: int
    kind: Kind
    why: str

    @property
    def difference(self) -> int:
        if not isinstance(self.here.value, int):
            raise TypeError("a check compares whole numbers: counts, or amounts in minor units")
        return self.here.value - self.calculated


@dataclass(frozen=True)
class Verdict:
    """How all checks came out, in the words of the master cell and, shorter, of the footers."""

    text: str
    footer: str
    all_agree: bool


def write_checks(page: Page, top: int, checks: Sequence[Check]) -> tuple[int, Verdict]:
    """The table of checks from row `top` on, and the master cell in the status row; gives the next free row."""
    results = [f"{DIFFERS} differs" if check.difference else f"{AGREES} agrees" for check in checks]
    kinds: list[Kind] = [check.kind for check in checks]
    table = page.table(
        top,
        [
            Column("no", "No.", list(range(1, len(checks) + 1)), "whole", style={"align": "left"}),
            Column("what", "What is compared", [check.what for check in checks], widest=52),
            Column("here", "In this workbook", [check.here.value for check in checks], kinds=kinds, kind="money"),
            Column("calculated", "Calculated", [check.calculated for check in checks], kinds=kinds, kind="money"),
            Column(
                "difference",
                "Difference",
                [check.difference for check in checks],
                "money",
                formula="=ROUND({here}{row}-{calculated}{row},minor_digits)",
                kinds=kinds,
            ),
            Column(
                "result",
                "Result",
                results,
                "status",
                formula='=IF({difference}{row}=0,"✓ agrees","✗ differs")',
                name="check_results",
            ),
            Column("why", "Why it matters", [check.why for check in checks], "note", widest=62),
        ],
    )
    for index, check in enumerate(checks):
        band: Style = {"bg_color": BAND} if index % 2 else {}
        page.put(table.first + index, LEFT + 2, check.here, check.kind, bottom=1, bottom_color=LINE, **band)
    return table.last + 2, _master(page, checks)


def _master(page: Page, checks: Sequence[Check]) -> Verdict:
    failed = sum(1 for check in checks if check.difference)
    if failed:
        text, footer = f"✗ {failed} of {len(checks)} checks differ: see {page.name}", f"{failed} checks differ ✗"
    else:
        text, footer = f"✓ All {len(checks)} checks agree", "All checks agree ✓"
    cell = xl_rowcol_to_cell(STATUS_ROW, LEFT, row_abs=True, col_abs=True)
    page.book.name(MASTER, f"{quote_sheetname(page.name)}!{cell}")
    status(page, Formula(_MASTER_FORMULA % page.name, text))
    return Verdict(text, footer, not failed)


def status(page: Page, formula: Formula) -> None:
    """The line under the heading that says whether everything agrees, with its sign and colour."""
    page.put(STATUS_ROW, LEFT, formula, fits=False, bold=True, font_color=GOOD[0])
    cell = xl_rowcol_to_cell(STATUS_ROW, LEFT)
    rule = {"type": "text", "criteria": "begins with", "value": DIFFERS, "format": page.book.negative_rule()}
    page.sheet.conditional_format(f"{cell}:{cell}", rule)


def show_verdict(page: Page, verdict: Verdict) -> None:
    """The master cell, repeated on another page of the same workbook."""
    status(page, Formula(f"={MASTER}", verdict.text))
