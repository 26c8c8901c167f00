"""A sheet as paper: its size and margins, title, cells, colours of a status, frozen heads and the footer."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from toolkit.look.book import Book
from toolkit.look.cells import (
    ROW_POINTS,
    Cell,
    Formula,
    Plain,
    could_be_formula,
    pixels,
    shown,
    stored,
    written,
)
from toolkit.look.theme import BAD, FONT, MUTED, TITLE_POINTS, WORDS, Kind, Style

A4 = 9
LEFT = 1
"""The first column with content; the one before it is a margin."""
_MARGIN_PIXELS = 16


@dataclass
class Paper:
    """A sheet being filled. Widths grow with what is written and are set by `finish`."""

    book: Book
    name: str
    landscape: bool = False
    heights: dict[int, float] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sheet = self.book.sheet(self.name)
        self.sheet.hide_gridlines(2)
        self.sheet.set_paper(A4)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(0.45, 0.45, 0.5, 0.6)
        self.sheet.set_default_row(ROW_POINTS)
        if self.landscape:
            self.sheet.set_landscape()
        self.widths[0] = _MARGIN_PIXELS

    def heading(self, title: str, subtitle: str) -> None:
        """The title, and the line under it that says who, what, when and whether it is provisional."""
        self.height(0, 30)
        self.put(0, LEFT, title, bold=True, font_size=TITLE_POINTS, fits=False)
        self.put(1, LEFT, subtitle, font_color=MUTED, fits=False)

    def height(self, row: int, points: float) -> None:
        self.heights[row] = max(points, self.heights.get(row, 0))

    def put(self, row: int, column: int, value: Cell, kind: Kind = "text", *, fits: bool = True, **style: Any) -> None:
        """One cell. `fits`: the column grows to show it; a title runs over its neighbours instead."""
        if fits and value is not None:
            self.grow(column, pixels(shown(value, kind, self.book.digits), bold=bool(style.get("bold"))))
        if isinstance(value, Formula):
            result = stored(value.value, kind, self.book.digits)
            self.sheet.write_formula(row, column, value.text, self.book.cell_style(kind, **style), result)
            return
        self._plain(row, column, value, kind, style)

    def grow(self, column: int, width: int) -> None:
        self.widths[column] = max(width, self.widths.get(column, 0))

    def _plain(self, row: int, column: int, value: Plain, kind: Kind, style: Style) -> None:
        if isinstance(value, str) and value:
            guard = {"quote_prefix": True} if could_be_formula(value) else {}
            sided = {"align": "right"} if kind not in WORDS and "align" not in style else {}
            self.sheet.write_string(row, column, written(value), self.book.cell_style(kind, **style, **guard, **sided))
        elif isinstance(value, date):
            self.sheet.write_number(row, column, stored(value, kind, 0), self.book.cell_style("date", **style))
        elif isinstance(value, (int, Decimal)):
            number = stored(value, kind, self.book.digits)
            self.sheet.write_number(row, column, number, self.book.cell_style(kind, **style))
        else:
            self.sheet.write_blank(row, column, None, self.book.cell_style(kind, **style))

    def red_negatives(self, cells: str) -> None:
        """What is below zero in these cells is red, beside its minus sign."""
        rule = {"type": "cell", "criteria": "<", "value": 0, "format": self.book.negative_rule()}
        self.sheet.conditional_format(cells, rule)

    def statuses(self, cells: str) -> None:
        """Cells that start with ✓, ✗ or ◆ get the colours of their sign."""
        for sign, style in self.book.status_rules():
            rule = {"type": "text", "criteria": "begins with", "value": sign, "format": style}
            self.sheet.conditional_format(cells, rule)

    def prose(self, row: int, text: str, *, column: int = LEFT, **style: Any) -> None:
        """A sentence that runs to the right over empty cells."""
        self.put(row, column, text, fits=False, **style)

    def heads_stay(self, head: int, columns: int = 0) -> None:
        """The rows down to `head` (and so many columns) stay in sight, and the head repeats on every printed page."""
        self.sheet.freeze_panes(head + 1, columns)
        self.sheet.repeat_rows(head)

    def stamped_on_paper(self, word: str) -> None:
        """`word`, large and red, at the head of every printed page."""
        self.sheet.set_margins(0.45, 0.45, 0.85, 0.6)
        self.sheet.set_header(f'&C&"{FONT},Bold"&28&K{BAD[0][1:]}{word}')

    def finish(self, left: str, right: str) -> None:
        """Set widths, heights and the footer: what this is, the page, the state of the checks."""
        for column, width in self.widths.items():
            self.sheet.set_column_pixels(column, column, width)
        for row, points in self.heights.items():
            self.sheet.set_row(row, points)
        small = f"&8&K{MUTED[1:]}"
        parts = (f"&L{small}{_footer(left)}", f"&C{small}Page &P of &N", f"&R{small}{_footer(right)}")
        self.sheet.set_footer("".join(parts))


def _footer(text: str) -> str:
    return text[:90].replace("&", "&&")
