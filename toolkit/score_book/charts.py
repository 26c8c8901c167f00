"""The charts under a sheet's table: the total of each agent, and the main KPI beside its target and what chance does."""

from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import quote_sheetname, xl_range_abs

from toolkit.kpi_codes import kpi_codes
from toolkit.look import LEFT, Page, said
from toolkit.look.theme import ACCENT, FONT, HEAD_POINTS, INK, LINE, MUTED
from toolkit.score_book.laid import number
from toolkit.score_files import About
from toolkit.score_words import main_kpi, plain, title_of
from toolkit.scorecards import Card, Line

if TYPE_CHECKING:
    from toolkit.score_book.sheets import CardSheet

HEAD, FIRST = 4, 5
CHARTED = 60
"""How many people a chart can show; of more, it shows their teams."""
TALL, ROWS = 300, 13
"""Pixels of a chart, and how many rows of a sheet it covers."""
PALE = "#9DC1E4"
"""The accent, light enough that lines stand out before it."""
LABELLED = 24
"""Up to so many columns each has its figure on it."""


def write_charts(page: Page, row: int, sheet: "CardSheet", columns: dict[str, int], about: About) -> int:
    """Both charts from `row` on, with their figures right of the page; gives the last row that they cover."""
    cards, first = _shown(sheet)
    if not any(card.total is not None for card in cards):
        return row
    width = sum(page.widths[column] for column in columns.values())
    last = first + len(cards) - 1
    names = _cells(page, first, last, columns["agent"])
    totals = _chart(page, "column", names, _cells(page, first, last, columns["total"]), ACCENT, len(cards))
    _dress(totals, _total_title(sheet, cards), "0", width, 100)
    page.sheet.insert_chart(row, LEFT, totals, {"object_position": 2})
    kpi = main_kpi(sheet.rule)
    lines = [line for card in cards if (line := card.line(kpi))]
    if len(lines) < len(cards) or all(line.value is None for line in lines):
        return row + ROWS
    beside = _figures(page, first, cards, lines, columns["look"] + 2)
    main = _chart(page, "column", names, _cells(page, first, last, columns[kpi]), PALE, len(cards))
    _lines(page, main, names, first, last, beside)
    percent = kpi_codes()[kpi].is_share
    _dress(main, _main_title(kpi, lines, about), "0%" if percent else "#,##0", width, _top(lines))
    page.sheet.insert_chart(row + ROWS + 1, LEFT, main, {"object_position": 2})
    note = row + 2 * ROWS + 1
    page.prose(note, said("CARD_CHART_LIMITS"), font_color=MUTED, font_size=9)
    return note


def _shown(sheet: "CardSheet") -> tuple[tuple[Card, ...], int]:
    """The agents; of more than a chart can show, the teams; and the row in which they begin."""
    if len(sheet.agents) <= CHARTED:
        return sheet.agents, FIRST
    teams = tuple(card for card in sheet.groups if card.scope_kind == "team")
    if len(teams) > 1:
        return teams[:CHARTED], FIRST + len(sheet.agents)
    return sheet.agents[:CHARTED], FIRST


def _cells(page: Page, first: int, last: int, column: int) -> str:
    return f"={quote_sheetname(page.name)}!{xl_range_abs(first, column, last, column)}"


def _chart(page: Page, kind: str, names: str, values: str, colour: str, count: int) -> Any:
    chart = page.book.workbook.add_chart({"type": kind})
    series: dict[str, Any] = {"categories": names, "values": values, "fill": {"color": colour}, "gap": 40, "name": "Value"}
    if count <= LABELLED:
        series["data_labels"] = {"value": True, "position": "inside_base", "font": {
            "size": 8, "color": "#FFFFFF" if colour == ACCENT else INK, "name": FONT, "rotation": 0 if count < 16 else -90}}  # fmt: skip
    chart.add_series(series)
    return chart


def _dress(chart: Any, title: str, numbers: str, width: int, top: float | None) -> None:
    """No box, hairlines, no legend: the title says what is to be seen."""
    font = {"size": 9, "color": MUTED, "name": FONT}
    chart.set_title({"name": title, "overlay": False, "layout": {"x": 0.01, "y": 0.02},
                     "name_font": {"size": 11, "bold": True, "color": INK, "name": FONT}})  # fmt: skip
    chart.set_legend({"none": True})
    grid = {"visible": True, "line": {"color": LINE, "width": 0.75}}
    chart.set_y_axis({"num_format": numbers, "min": 0, "max": top, "num_font": font, "line": {"none": True},
                      "major_gridlines": grid, "major_tick_mark": "none"})  # fmt: skip
    chart.set_x_axis({"num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": width, "height": TALL})


def _total_title(sheet: "CardSheet", cards: tuple[Card, ...]) -> str:
    band = sheet.rule.bands[-1]
    known = [card.total for card in cards if card.total is not None]
    reached = sum(1 for total in known if total >= band.start)
    code = "CARD_CHART_TOTAL" if cards[0].scope_kind == "agent" else "CARD_CHART_TEAMS"
    return said(code, reached=reached, known=len(known), band=band.name, start=plain(band.start))


def _main_title(kpi: str, lines: list[Line], about: About) -> str:
    known = [line for line in lines if line.value is not None and line.light]
    met = sum(1 for line in known if line.light == "good")
    return said("CARD_CHART_MAIN", title=title_of(kpi, about), met=met, known=len(known))


def _figures(page: Page, first: int, cards: tuple[Card, ...], lines: list[Line], column: int) -> int:
    """Target and limits of each, beside the page: what the chart's lines are drawn from."""
    percent = kpi_codes()[lines[0].kpi].is_share
    look: dict[str, Any] = {"font_color": MUTED, "font_size": HEAD_POINTS, "align": "right"}
    head = said("CARD_CHART_DATA")
    page.put(HEAD if first == FIRST else first - 1, column, f"{head}: target", fits=False, **look)
    for offset, text in ((1, "least"), (2, "most")):
        page.put(HEAD if first == FIRST else first - 1, column + offset, text, fits=False, **look)
    page.grow(column, 130)
    for row, line in enumerate(lines, first):
        least, most = line.limits or (None, None)
        for offset, value in enumerate((line.goal.target, least, most)):
            if value is not None:
                page.put(row, column + offset, number(value, 9), "share" if percent else "count", fits=False, **look)
    return column


def _lines(page: Page, main: Any, names: str, first: int, last: int, column: int) -> None:
    over = page.book.workbook.add_chart({"type": "line"})
    looks = (("Target", INK, 1.5, "dash"), ("Least", MUTED, 0.75, "solid"), ("Most", MUTED, 0.75, "solid"))
    for offset, (name, colour, width, dash) in enumerate(looks):
        over.add_series({"name": name, "categories": names, "values": _cells(page, first, last, column + offset),
                         "line": {"color": colour, "width": width, "dash_type": dash}})  # fmt: skip
    main.combine(over)


def _top(lines: list[Line]) -> float | None:
    """Where the axis ends: a share at 100 % or sooner."""
    if not kpi_codes()[lines[0].kpi].is_share:
        return None
    known = [float(value) for line in lines for value in (line.value, line.goal.target, *(line.limits or ())) if value is not None]
    return min(1.0, -(-max(known) * 100 // 10) / 10) if max(known) <= 1 else None
