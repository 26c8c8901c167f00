"""The About sheet: what the workbook is for, its rules and definitions, what became of the costs, sheets and signs."""

from collections.abc import Sequence

from toolkit.look import LEFT, Page, day_words, period_words, said
from toolkit.look.cells import lines_needed
from toolkit.look.theme import INPUT, LINE, MUTED
from toolkit.recovery_reports.shown import Shown, control_words, definitions_of, rules_words


def write_about(page: Page, shown: Shown, sheets: Sequence[str]) -> None:
    """The whole sheet, with the named cell that formulas use."""
    page.grow(LEFT, 230)
    page.heading(said("RECOVERY_TITLE"), shown.subtitle)
    row = _rows(page, 3, "", [("What it is for", said("RECOVERY_ABOUT_PURPOSE")), *_facts(shown)])
    row = _rows(page, row, "Rules", rules_words(shown))
    row = _rows(page, row, "What became of the costs", control_words(shown))
    row = _rows(page, row, "What each figure is", definitions_of(shown))
    row = _rows(page, row, "Sheets", [(name, said(f"RECOVERY_ABOUT_{_code(name)}")) for name in sheets])
    page.prose(row, "Formulas use this", bold=True, font_size=12)
    page.put(row + 1, LEFT, "Digits of the currency", font_color=MUTED)
    page.put(row + 1, LEFT + 1, shown.about.digits, "count", bg_color=INPUT, align="left")
    page.book.name("minor_digits", f"About!$C${row + 2}")


def _code(name: str) -> str:
    return name.upper().replace(" ", "_")


def _facts(shown: Shown) -> list[tuple[str, str]]:
    about = shown.about
    return [
        (
            "Period",
            f"{period_words(about.period)}, from {day_words(about.period.first)} to {day_words(about.period.last)}",
        ),
        ("Data as of", day_words(about.as_of)),
        ("Set-up", about.profile),
        ("Calculated by", f"Collections Toolkit {about.version}"),
    ]


def _rows(page: Page, row: int, title: str, rows: Sequence[tuple[str, str]]) -> int:
    if title:
        page.prose(row, title, bold=True, font_size=12)
        row += 1
    for label, text in rows:
        page.put(
            row, LEFT, label, font_color=MUTED, bottom=1, bottom_color=LINE, valign="top", text_wrap=True, fits=False
        )
        page.sheet.merge_range(row, LEFT + 1, row, LEFT + 8, "")
        page.put(row, LEFT + 1, text, fits=False, text_wrap=True, bottom=1, bottom_color=LINE, valign="top")
        page.height(row, 14 * max(lines_needed(text, 465), lines_needed(label, 230)) + 4)
        row += 1
    return row + 1
