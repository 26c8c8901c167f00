"""How native charts look: no box, hairlines, no legend; the title says what is to be seen."""

from typing import Any

from xlsxwriter.utility import quote_sheetname, xl_range_abs

from toolkit.look.page import Page
from toolkit.look.theme import FONT, INK, LINE, MUTED

Span = tuple[float | None, float | None]
"""Where an axis begins and ends; None: wherever Excel finds."""
TALL = 288
"""Pixels of a chart, which are sixteen rows of a sheet less some."""
ROWS = 12
"""How many rows of a sheet a chart covers."""
LABELS = 16
"""So many labels stand under an axis without running into each other."""


def cells(page: Page, first: int, last: int, column: int) -> str:
    """The cells of a column as a series of a chart names them."""
    return f"={quote_sheetname(page.name)}!{xl_range_abs(first, column, last, column)}"


def axis_font() -> dict[str, Any]:
    """The small grey of figures on an axis."""
    return {"size": 9, "color": MUTED, "name": FONT}


def dress(
    chart: Any, title: str, numbers: str, width: int, span: Span = (None, None), *, tall: int = TALL, labels: int = 0
) -> None:
    """The look of a chart. numbers: the number format of its axis; labels: how many there are, where they are many."""
    name_font = {"size": 11, "bold": True, "color": INK, "name": FONT}
    chart.set_title({"name": title, "overlay": False, "layout": {"x": 0.01, "y": 0.02}, "name_font": name_font})
    chart.set_legend({"none": True})
    chart.set_y_axis(
        {
            "num_format": numbers,
            "min": span[0],
            "max": span[1],
            "num_font": axis_font(),
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.75}},
            "major_tick_mark": "none",
        }
    )
    across: dict[str, Any] = {"num_font": axis_font(), "line": {"color": LINE}, "major_tick_mark": "none"}
    if labels:
        across["interval_unit"] = 1 + (labels - 1) // LABELS
    chart.set_x_axis(across)
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": width, "height": tall})
