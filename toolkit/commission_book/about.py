"""The About page: what the workbook is for, what was calculated from what, what words and colours mean."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.commission_book.words import subtitle
from toolkit.look import LEFT, Column, Page, day_words, period_words, said
from toolkit.look.cells import lines_needed
from toolkit.look.theme import BAD, GOOD, INPUT, LINE, MUTED, WATCH

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

_TEXT_PIXELS = 640
_DEFINITIONS = ("GROSS", "NET", "TO_BE_PAID", "CARRIED", "HELD", "TAKEN_BACK", "NO", "FACTOR", "CALCULATED")
_SHEETS = ("Settings", "Payments", "Lines", "Commission sheet", "Checks")


def write_about(
    page: Page, run: "CommissionRun", files: Sequence[Any], provenance: Mapping[str, str], whole: bool, at_load: bool
) -> None:
    """`files` are those of the reading; `whole`: Lines holds every line; `at_load`: Excel recalculates by itself."""
    page.grow(LEFT + 1, _TEXT_PIXELS)
    page.heading("Commissions", subtitle(run))
    row = _rows(page, 4, "", [("What it is for", said("WORKBOOK_PURPOSE"))])
    row = _rows(page, row, "This run", _facts(run, provenance, whole, at_load))
    row = _rows(
        page, row, "Sheets", [(name, said("WORKBOOK_SHEET_" + name.upper().replace(" ", "_"))) for name in _SHEETS]
    )
    row = _rows(
        page,
        row,
        "What the words mean",
        [(said(f"WORKBOOK_{code}"), said(f"WORKBOOK_{code}_MEANS")) for code in _DEFINITIONS],
    )
    row = _legend(page, row)
    _files(page, row, files)


def _facts(run: "CommissionRun", provenance: Mapping[str, str], whole: bool, at_load: bool) -> list[tuple[str, str]]:
    plan = run.plan
    facts = [
        ("Period", f"{period_words(run.period)}, from {day_words(run.period.first)} to {day_words(run.period.last)}"),
        ("Data as of", day_words(run.as_of)),
        ("Plan", f"{plan.title or plan.id}: {plan.id}, version {plan.version}, in force from {day_words(plan.start)}"),
        ("Set by", plan.reference),
        ("Hash of the plan", provenance.get("plan_hash", "")),
        ("Hash of lines.csv", provenance.get("lines_hash", "")),
        ("Calculated by", f"Collections Toolkit {provenance.get('toolkit', '')}"),
        ("Worth a look", said("WORKBOOK_PROBLEMS", problems=len(run.problems)) if run.problems else ""),
        ("Size", "" if whole else said("WORKBOOK_LARGE")),
        ("Recalculation", "" if at_load else said("WORKBOOK_RECALCULATE")),
    ]
    return [(label, text) for label, text in facts if text]


def _rows(page: Page, row: int, title: str, rows: Sequence[tuple[str, str]]) -> int:
    """A titled block of labels and texts; gives the next free row."""
    if title:
        page.prose(row, title, bold=True, font_size=12)
        row += 1
    for label, text in rows:
        page.put(row, LEFT, label, font_color=MUTED, bottom=1, bottom_color=LINE, valign="top")
        page.put(row, LEFT + 1, text, fits=False, text_wrap=True, bottom=1, bottom_color=LINE, valign="top")
        page.height(row, 14 * lines_needed(text, _TEXT_PIXELS) + 4)
        row += 1
    return row + 1


def _legend(page: Page, row: int) -> int:
    page.prose(row, "Colours", bold=True, font_size=12)
    samples: list[tuple[str, dict[str, Any], str]] = [
        ("1,500", {"bg_color": INPUT}, "INPUT"),
        ("1,500", {}, "FORMULA"),
        ("-240.00", {"font_color": BAD[0]}, "NEGATIVE"),
        ("✓ agrees", {"font_color": GOOD[0], "bg_color": GOOD[1]}, "AGREES"),
        ("◆ look", {"font_color": WATCH[0], "bg_color": WATCH[1]}, "LOOK"),
        ("✗ differs", {"font_color": BAD[0], "bg_color": BAD[1]}, "DIFFERS"),
    ]
    for number, (sample, style, code) in enumerate(samples, row + 1):
        page.put(number, LEFT, sample, **(style | {"bottom": 1, "bottom_color": LINE}))
        page.put(number, LEFT + 1, said(f"WORKBOOK_COLOUR_{code}"), fits=False, bottom=1, bottom_color=LINE)
    return row + len(samples) + 2


def _files(page: Page, row: int, files: Sequence[Any]) -> None:
    """Which files went in, with their hashes and what became of their rows."""
    if not files:
        return
    page.prose(row, "Files that went in", bold=True, font_size=12)
    names = [f"{one.file}[{one.sheet}]" if one.sheet else one.file for one in files]
    page.table(
        row + 1,
        [
            Column("file", "File", names, widest=30),
            Column("sha256", "SHA-256", [one.sha256 for one in files], "text", widest=80),
            Column("table", "Taken as", [one.table for one in files]),
            Column("rows", "Rows", [one.rows for one in files], "whole"),
            Column("accepted", "Accepted", [one.accepted for one in files], "whole"),
            Column("rejected", "Rejected", [one.rejected for one in files], "whole"),
            Column("ignored", "Ignored", [one.ignored for one in files], "whole"),
        ],
    )
