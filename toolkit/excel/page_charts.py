"""Draws the charts beside the tables that buttons fill: of fixed rows, so that they follow what is filled in."""

from typing import TYPE_CHECKING

from toolkit.excel.layout import Chart, Sheet
from toolkit.excel.page_parts import area_of
from toolkit.excel.words import Words
from toolkit.look import Book
from toolkit.recovery_reports.book.charts import COLOURS, SECOND, Series, drawn_chart

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


def draw_chart(book: Book, page: "Worksheet", sheet: Sheet, chart: Chart, words: Words) -> None:
    """A chart of the columns that the layout names."""
    block = next(block for block in sheet.block if block.name == chart.block)
    first, last = block.top - 1 + chart.first, block.top - 2 + chart.first + chart.rows

    def cells(letter: str) -> str:
        column = _place(letter) + 1
        return f"={area_of(sheet, first, column, last, column)}"

    colours = (COLOURS[0], SECOND, *COLOURS[1:])
    series = [
        Series(words.filled(block.columns[_place(letter)].head), cells(letter), colour)
        for letter, colour in zip(chart.values, colours, strict=False)
    ]
    drawn = drawn_chart(
        book,
        words.filled(chart.title),
        cells(chart.names),
        series,
        size=(chart.width, chart.height),
        kind=chart.kind,
        numbers=chart.numbers,
    )
    page.insert_chart(chart.cell, drawn, {"object_position": 2, "x_offset": 8})


def _place(letter: str) -> int:
    return ord(letter) - ord("B")
