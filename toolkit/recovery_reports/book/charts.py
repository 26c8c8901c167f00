"""Charts of the book: no box, hairlines, a title that says what is to be seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any, Literal

from toolkit.look import LEFT, Book, Page, Table
from toolkit.look.theme import ACCENT, FONT, INK, LINE, MUTED

SECOND = "#8FB3D9"
COLOURS = (ACCENT, "#9A6200", "#1A7B49", "#7A4FA3", "#B3261E", "#3D8C94", "#5B6675", "#C27BA0", "#4F6228", "#1B2430",
           "#D98E04", "#6B9BD1")  # fmt: skip
DASHES = ("solid", "dash", "square_dot", "long_dash", "dash_dot")
AXES = ((10_000_000, '#,##0,,"m"'), (1_000_000, '#,##0.0,,"m"'), (10_000, '#,##0,"k"'))
"""How charts write money from so much on: 15m, 1.5m, 20k."""
TALL, ROWS = 288, 13
"""Pixels of a chart, and how many rows of a sheet it covers."""


@dataclass(frozen=True)
class Series:
    """One row of bars or one line: where its figures stand, and of what spans around them."""

    name: str
    values: str
    colour: str = ACCENT
    plus: str = ""
    minus: str = ""
    dash: str = "solid"


def of_column(table: Table, key: str) -> str:
    """The cells of a table's column, as charts want them."""
    return f"={table.cells(key)}"


def chart(
    page: Page, row: int, title: str, names: str, series: Sequence[Series], *, width: int = 0, **looks: Any
) -> int:
    """Puts a chart at `row`, drawn as `drawn_chart` says; gives the next free row. Without any series there is none."""
    if not series:
        return row
    wide = width or min(max(_width(page), 520), 900)
    drawn = drawn_chart(page.book, title, names, series, size=(wide, TALL), **looks)
    page.sheet.insert_chart(row, LEFT, drawn, {"object_position": 2})
    return row + ROWS + 1


def drawn_chart(
    book: Book,
    title: str,
    names: str,
    series: Sequence[Series],
    *,
    size: tuple[int, int],
    kind: Literal["column", "bar", "line"] = "column",
    numbers: str = "#,##0",
    axis: str = "",
    labelled: bool = False,
    span: tuple[float | None, float | None] = (0, None),
) -> Any:
    """A chart in the book's look. axis: what stands under it; span: of the axis of figures; size: in pixels."""
    drawn = book.workbook.add_chart({"type": kind})
    for one in series:
        drawn.add_series(_series(one, names, kind, numbers if labelled else ""))
    _dress(drawn, title, numbers, axis, kind, span, legend=len(series) > 1)
    drawn.set_size({"width": size[0], "height": size[1]})
    return drawn


def _width(page: Page) -> int:
    return sum(width for column, width in page.widths.items() if column >= LEFT)


def _series(one: Series, names: str, kind: str, labels: str) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.name, "categories": names, "values": one.values}
    if kind == "line":
        made["line"] = {"color": one.colour, "width": 2.0, "dash_type": one.dash}
        made["marker"] = {"type": "circle", "size": 4, "fill": {"color": one.colour}, "border": {"color": one.colour}}
    else:
        made |= {"fill": {"color": one.colour}, "gap": 60}
    if labels:
        made["data_labels"] = {"value": True, "num_format": labels, "font": {"size": 8, "color": INK, "name": FONT}}
    if one.plus:
        span = {"type": "custom", "plus_values": one.plus, "minus_values": one.minus, "line": {"color": INK}}
        made["y_error_bars" if kind != "bar" else "x_error_bars"] = span
    return made


def money_axis(amounts: Iterable[Any]) -> str:
    """The number format of an axis with these amounts, in the currency's own unit."""
    most = max((abs(float(amount)) for amount in amounts if amount is not None), default=0.0)
    return next((form for least, form in AXES if most >= least), "#,##0")


def nice(value: float) -> float:
    """The next round figure: 1, 2, 3, 4, 5, 6 or 8 and noughts."""
    if value <= 0:
        return 0.0
    whole = 10.0 ** floor(log10(value))
    return next(step * whole for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * whole >= value)


def reach(highs: Sequence[float], lows: Sequence[float]) -> tuple[float | None, float | None]:
    """The span that shows all of these, nothing included."""
    return -nice(-min(lows, default=0.0)), nice(max(highs, default=0.0)) or None


def _dress(
    drawn: Any, title: str, numbers: str, axis: str, kind: str, span: tuple[float | None, float | None], *, legend: bool
) -> None:
    font = {"size": 9, "color": MUTED, "name": FONT}
    head = {"size": 11, "bold": True, "color": INK, "name": FONT}
    drawn.set_title({"name": title, "overlay": False, "layout": {"x": 0.01, "y": 0.02}, "name_font": head})
    drawn.set_legend({"position": "bottom", "font": font} if legend else {"none": True})
    grid = {"visible": True, "line": {"color": LINE, "width": 0.75}}
    values: dict[str, Any] = {"num_format": numbers, "num_font": font, "line": {"none": True}, "major_gridlines": grid}
    values |= {"min": span[0], "max": span[1]}
    named: dict[str, Any] = {
        "num_font": font,
        "line": {"color": LINE},
        "major_tick_mark": "none",
        "label_position": "low",
    }
    if axis:
        named |= {"name": axis, "name_font": font | {"bold": False}}
    if kind == "bar":
        named |= {"reverse": True, "crossing": "max"}
        drawn.set_x_axis(values)
        drawn.set_y_axis(named | {"major_gridlines": {"visible": False}})
    else:
        drawn.set_y_axis(values | {"major_tick_mark": "none"})
        drawn.set_x_axis(named)
    drawn.show_blanks_as("gap")
    drawn.set_chartarea({"border": {"none": True}})
