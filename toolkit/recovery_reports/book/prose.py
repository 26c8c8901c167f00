"""Sentences under tables, and how a sheet with charts goes on paper."""

from collections.abc import Sequence

from toolkit.look import LEFT, Page
from toolkit.look.cells import lines_needed
from toolkit.look.theme import MUTED, Style
from toolkit.recovery.ratios import NO_COSTS
from toolkit.recovery_reports.shown import Shown

ALL_COSTS = "all_costs"
"""The name of the cell with all costs."""
ONE_PAGE = 56
"""Up to so many rows a sheet is one page on paper, of readable size."""


def if_known(text: str, shown: Shown) -> str:
    """The formula, or the words "no costs" as long as nobody knows what was spent."""
    return f'=IF({ALL_COSTS}=0,"{NO_COSTS}",{text[1:]})' if shown.no_costs else text


def sentences(page: Page, row: int, texts: Sequence[str], last: int, *, muted: bool = False) -> int:
    """Each in a row of its own, wrapped between the first column and `last`; gives the next free row."""
    width = sum(page.widths.get(column, 64) for column in range(LEFT, last + 1))
    for text in texts:
        page.sheet.merge_range(row, LEFT, row, last, "")
        look: Style = {"font_color": MUTED} if muted else {}
        page.put(row, LEFT, text, fits=False, text_wrap=True, valign="top", **look)
        page.height(row, 14 * lines_needed(text, width) + 4)
        row += 1
    return row


def on_paper(page: Page, last: int, breaks: Sequence[int] = ()) -> None:
    """One page where that stays readable; else breaks before the charts, so that none is cut in two."""
    if last <= ONE_PAGE:
        page.sheet.fit_to_pages(1, 1)
    else:
        page.sheet.set_h_pagebreaks(list(breaks))
