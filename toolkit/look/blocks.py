"""Blocks of text on a sheet: labels with what belongs to them, as About sheets have them."""

from collections.abc import Sequence

from toolkit.look.cells import lines_needed
from toolkit.look.page import Page
from toolkit.look.paper import LEFT
from toolkit.look.theme import INPUT, LINE, MUTED

_TEXT_PIXELS = 560
_ACROSS = 6
"""Columns that the text runs over."""


def labelled(page: Page, row: int, title: str, rows: Sequence[tuple[str, str]]) -> int:
    """A titled block of labels and texts; gives the next free row."""
    if title:
        page.prose(row, title, bold=True, font_size=12)
        row += 1
    for label, text in rows:
        page.put(row, LEFT, label, font_color=MUTED, bottom=1, bottom_color=LINE, valign="top")
        page.sheet.merge_range(row, LEFT + 1, row, LEFT + _ACROSS, "")
        page.put(row, LEFT + 1, text, fits=False, text_wrap=True, bottom=1, bottom_color=LINE, valign="top")
        page.height(row, 14 * lines_needed(text, _TEXT_PIXELS) + 4)
        row += 1
    return row + 1


def compared_digits(page: Page, row: int, text: str, digits: int) -> None:
    """The line with the digits behind the point in which the checks of a workbook compare."""
    page.put(row, LEFT, text, fits=False, font_color=MUTED)
    page.put(row, LEFT + 4, digits, "count", bg_color=INPUT)
    page.book.name("minor_digits", f"{page.name}!$F${row + 1}")
