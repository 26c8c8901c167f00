"""What stands on a page: the large figures at the top, and tables with heads, bands, rules and totals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import quote_sheetname, xl_col_to_name, xl_range_abs, xl_rowcol_to_cell

from toolkit.look.cells import (
    LINE_POINTS,
    Cell,
    Column,
    Formula,
    Plain,
    column_pixels,
    could_be_formula,
    lines_needed,
    pixels,
    shown,
    stored,
    written,
)
from toolkit.look.paper import LEFT, Paper
from toolkit.look.theme import (
    ACCENT,
    BAND,
    FIGURE_POINTS,
    HEAD_POINTS,
    INK,
    LINE,
    MUTED,
    WORDS,
    Kind,
    Style,
    number_format,
)

_INDENT_PIXELS = 9
_WIDE_LETTER = 9
"""Pixels of a wide letter: texts that fit even if all of theirs were such are not measured for wrapping."""


@dataclass(frozen=True)
class Figure:
    """One of the large figures at the top of a page."""

    label: str
    value: Cell
    kind: Kind
    column: int
    accent: bool = False
    unit: str = ""
    num_format: str = ""


@dataclass(frozen=True)
class Table:
    """Where a table came to stand; rows count from 0, as XlsxWriter's do."""

    sheet: str
    left: int
    first: int
    last: int
    keys: tuple[str, ...]
    total: int | None = None

    def letter(self, key: str) -> str:
        return str(xl_col_to_name(self.left + self.keys.index(key)))

    def cells(self, key: str) -> str:
        """``'Commission sheet'!$D$9:$D$40``: the column's data, without head and total."""
        column = self.left + self.keys.index(key)
        return f"{quote_sheetname(self.sheet)}!{xl_range_abs(self.first, column, self.last, column)}"

    def total_cell(self, key: str) -> str:
        """The cell of the total row, ``'Commission sheet'!$D$41``."""
        if self.total is None:
            raise ValueError(f"the table on {self.sheet} has no total row")
        column = self.left + self.keys.index(key)
        return f"{quote_sheetname(self.sheet)}!{xl_rowcol_to_cell(self.total, column, row_abs=True, col_abs=True)}"


class Page(Paper):
    """A sheet with large figures and tables on it."""

    def figures(self, top: int, figures: Sequence[Figure], last: int) -> None:
        """The large figures, side by side over a hairline that runs to column `last`; the accent marks the answer."""
        self.height(top + 1, 26)
        starts = [figure.column for figure in figures[1:]] + [last + 1]
        for figure, end in zip(figures, starts, strict=True):
            ink = ACCENT if figure.accent else LINE
            label: Style = {"font_color": MUTED, "font_size": HEAD_POINTS, "top": 2, "top_color": ink}
            self.put(top, figure.column, figure.label, fits=False, **label)
            for column in range(figure.column + 1, end):
                self.put(top, column, None, **label)
            self._figure(top + 1, figure, end)

    def _figure(self, row: int, figure: Figure, end: int) -> None:
        ink = ACCENT if figure.accent else INK
        look: Style = {"bold": True, "font_size": FIGURE_POINTS, "align": "left", "font_color": ink}
        if figure.num_format:
            look["num_format"] = figure.num_format
        if figure.unit:
            positive = number_format(figure.kind, self.book.digits).split(";")[0]
            look["num_format"] = f'"{figure.unit} "{positive};"{figure.unit} "-{positive}'
        text = f"{figure.unit} {shown(figure.value, figure.kind, self.book.digits)}".strip()
        self._make_room(row, figure.column, end - 1, round(1.45 * pixels(text)))
        self.put(row, figure.column, figure.value, figure.kind, fits=False, **look)
        value = figure.value.value if isinstance(figure.value, Formula) else figure.value
        if _any_negative([value]):
            cell = xl_rowcol_to_cell(row, figure.column)
            self.red_negatives(f"{cell}:{cell}")

    def _make_room(self, row: int, first: int, last: int, needed: int) -> None:
        """A figure does not run over its neighbour as words do: join as many cells as it takes, or widen its own."""
        width, end = self.widths.get(first, 64), first
        while width < needed and end < last:
            end += 1
            width += self.widths.get(end, 64)
        if end > first:
            self.sheet.merge_range(row, first, row, end, "")
        if width < needed:
            self.grow(first, self.widths.get(first, 64) + needed - width)

    def table(self, top: int, columns: Sequence[Column], *, left: int = LEFT, total: str = "", tint: str = "") -> Table:
        """A table with its heads in row `top`, and a total row if `total` says what to call it.

        `tint`: the colour of all rows, for inputs; without it every other row has a band.
        """
        columns = self._indented(columns)
        for offset, column in enumerate(columns):
            room = _INDENT_PIXELS if column.style.get("indent") else 0
            self.grow(left + offset, column_pixels(column, self.book.digits) + room)
        self._heads(top, left, columns)
        rows = max((len(column.values) for column in columns), default=0)
        first, last = top + 1, top + max(rows, 1)
        table = Table(self.name, left, first, last, tuple(c.key for c in columns), last + 1 if total else None)
        letters = {column.key: xl_col_to_name(left + offset) for offset, column in enumerate(columns)}
        if not rows:
            self.put(first, left, "Nothing this time", font_color=MUTED, fits=False)
        for offset, column in enumerate(columns):
            self._column(first, left + offset, column, letters, tint)
            self._rules(first, last + bool(total), left + offset, column)
            if column.name:
                self.book.name(column.name, table.cells(column.key))
        if total:
            self._totals(table, columns, total, letters)
        return table

    def _indented(self, columns: Sequence[Column]) -> list[Column]:
        """Words after figures stand a little apart from them, and so does the grey of a note."""
        apart = []
        for before, column in zip([None, *columns], columns, strict=False):
            after_figures = before is not None and before.kind not in WORDS and "align" not in before.style
            if column.kind in WORDS and (after_figures or column.kind == "note"):
                column = replace(column, style={"indent": 1} | column.style)
            apart.append(column)
        return apart

    def _heads(self, top: int, left: int, columns: Sequence[Column]) -> None:
        look = {"bold": True, "font_color": MUTED, "font_size": HEAD_POINTS, "bottom": 1, "bottom_color": INK}
        for offset, column in enumerate(columns):
            side = column.style.get("align", "left" if column.kind in WORDS else "right")
            indent = {"indent": 1} if column.style.get("indent") else {}
            style = self.book.style(**look, align=side, text_wrap=True, **indent)
            self.sheet.write_string(top, left + offset, column.head, style)
            lines = lines_needed(column.head, self.widths[left + offset])
            self.height(top, 13 * min(lines, 4) + 6)

    def _column(self, first: int, place: int, column: Column, letters: dict[str, str], tint: str) -> None:
        looks: dict[tuple[Kind, bool, bool, bool], Any] = {}
        for index, value in enumerate(column.values):
            row = first + index
            kind = column.kinds[index] if column.kinds else column.kind
            wrapped = guarded = False
            if value is None:
                kind = "text"  # an empty cell needs no number format of its own
            elif isinstance(value, str):
                wrapped, guarded = self._wrapped(row, place, value, kind), could_be_formula(value)
            key = (kind, wrapped, guarded, index % 2 == 1)
            style = looks.get(key)
            if style is None:
                style = looks[key] = self._look(column, *key, tint)
            if not column.formula:
                self._value(row, place, value, kind, style)
            else:
                text = column.formula.format_map({**letters, "row": row + 1})
                result = stored(value, kind, self.book.digits)
                self.sheet.write_formula(row, place, text, style, "" if result is None else result)

    def _wrapped(self, row: int, place: int, text: str, kind: Kind) -> bool:
        """Whether the text needs more than one line; its row then grows."""
        width = self.widths[place]
        if len(text) * _WIDE_LETTER <= width or kind not in WORDS:
            return False
        lines = lines_needed(text, width)
        if lines > 1:
            self.height(row, LINE_POINTS * lines + 4)
        return lines > 1

    def _value(self, row: int, place: int, value: Plain, kind: Kind, style: Any) -> None:
        if value is None or value == "":
            self.sheet.write_blank(row, place, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(row, place, written(value), style)
        else:
            self.sheet.write_number(row, place, stored(value, kind, self.book.digits), style)

    def _look(self, column: Column, kind: Kind, wrapped: bool, guarded: bool, odd: bool, tint: str) -> Any:
        look: Style = {"bottom": 1, "bottom_color": LINE}
        if tint or odd:
            look["bg_color"] = tint or BAND
        if wrapped:
            look["text_wrap"] = True
        if guarded:
            look["quote_prefix"] = True
        if kind == "note":
            look["font_color"] = MUTED
        return self.book.cell_style(kind, **(look | column.style))

    def _rules(self, first: int, last: int, place: int, column: Column) -> None:
        cells = f"{xl_rowcol_to_cell(first, place)}:{xl_rowcol_to_cell(last, place)}"
        if column.kind == "status":
            self.statuses(cells)
        elif column.kind in ("money", "number") and (column.formula or _any_negative(column.values)):
            self.red_negatives(cells)

    def _totals(self, table: Table, columns: Sequence[Column], label: str, letters: dict[str, str]) -> None:
        row = table.last + 1
        self.height(row, 22)
        line: Style = {"bold": True, "top": 2, "top_color": INK}
        for offset, column in enumerate(columns):
            place = table.left + offset
            if column.total:
                letter = letters[column.key]
                text = column.total_formula or f"=SUM({letter}{table.first + 1}:{letter}{table.last + 1})"
                amount = sum(value for value in column.values if isinstance(value, (int, Decimal)))
                self.put(row, place, Formula(text, amount), column.kind, **line)
            else:
                self.put(row, place, label if offset == 0 else None, fits=False, **line)


def _any_negative(values: Iterable[Plain]) -> bool:
    return any(isinstance(value, (int, Decimal)) and value < 0 for value in values)
