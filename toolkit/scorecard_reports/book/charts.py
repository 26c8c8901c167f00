"""The charts under a sheet's table: totals, and the main KPI beside its target and what chance does."""

from math import ceil, floor
from typing import TYPE_CHECKING, Any

from toolkit.kpi_codes import kpi_codes
from toolkit.look import LEFT, Page, said
from toolkit.look.charts import ROWS, Span, cells, dress
from toolkit.look.theme import ACCENT, FONT, HEAD_POINTS, INK, MUTED
from toolkit.scorecard_reports.book.laid import number
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.words import main_kpi, plain, title_of
from toolkit.scorecards import Card, Line

if TYPE_CHECKING:
    from toolkit.scorecard_reports.book.sheets import CardSheet

HEAD, FIRST = 4, 5
CHARTED = 60
"""How many people a chart can show; of more, it shows their teams."""
BESIDE = 16
"""Up to so many columns both charts stand side by side."""
LABELLED = 24
"""Up to so many columns each has its figure on it."""


def write_charts(page: Page, row: int, sheet: "CardSheet", columns: dict[str, int], about: About) -> int:
    """Both charts from `row` on, with their figures right of the page; gives the last row that they cover."""
    cards, first = _shown(sheet)
    if not any(card.total is not None for card in cards):
        return row
    whole = sum(page.widths[column] for column in columns.values())
    width = whole // 2 - 6 if len(cards) <= BESIDE else whole
    last = first + len(cards) - 1
    names = cells(page, first, last, columns["agent"])
    totals = _totals(page, names, cells(page, first, last, columns["total"]), len(cards))
    dress(totals, _total_title(sheet, cards), "0", width, (0, 100 if _most(cards) <= 100 else None))
    page.sheet.insert_chart(row, LEFT, totals, {"object_position": 2})
    kpi = main_kpi(sheet.rule)
    lines = [line for card in cards if (line := card.line(kpi))]
    if len(lines) < len(cards) or all(line.value is None for line in lines):
        return row + ROWS
    beside = _figures(page, first, lines, columns["look"] + 2)
    main = _main(page, names, first, last, columns[kpi], beside)
    dress(main, _main_title(kpi, lines, about), "0%" if kpi_codes()[kpi].is_share else "#,##0", width, _span(lines))
    if width < whole:
        page.sheet.insert_chart(row, LEFT, main, {"object_position": 2, "x_offset": whole - width})
        page.sheet.fit_to_pages(1, 1)
        note = row + ROWS
    else:
        page.sheet.insert_chart(row + ROWS + 1, LEFT, main, {"object_position": 2})
        page.sheet.set_h_pagebreaks([row])
        note = row + 2 * ROWS + 1
    page.prose(note, said("CARD_CHART_LIMITS"), font_color=MUTED, font_size=9)
    return note


def _most(cards: tuple[Card, ...]) -> float:
    return max(float(card.total) for card in cards if card.total is not None)


def _shown(sheet: "CardSheet") -> tuple[tuple[Card, ...], int]:
    """The agents; of more than a chart can show, the teams; and the row in which they begin."""
    if len(sheet.agents) <= CHARTED:
        return sheet.agents, FIRST
    teams = tuple(card for card in sheet.groups if card.scope_kind == "team")
    if len(teams) > 1:
        return teams[:CHARTED], FIRST + len(sheet.agents)
    return sheet.agents[:CHARTED], FIRST


def _totals(page: Page, names: str, values: str, count: int) -> Any:
    chart = page.book.workbook.add_chart({"type": "column"})
    series: dict[str, Any] = {
        "name": "Total",
        "categories": names,
        "values": values,
        "fill": {"color": ACCENT},
        "gap": 40,
    }
    if count <= LABELLED:
        font = {"size": 8, "color": "#FFFFFF", "name": FONT, "rotation": 0 if count <= BESIDE // 2 else -90}
        series["data_labels"] = {"value": True, "position": "inside_end", "font": font}
    chart.add_series(series)
    return chart


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


def _figures(page: Page, first: int, lines: list[Line], column: int) -> int:
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


def _main(page: Page, names: str, first: int, last: int, values: int, beside: int) -> Any:
    """A point for each value, between lines for target and limits."""
    chart = page.book.workbook.add_chart({"type": "line"})
    point = {"type": "circle", "size": 7, "fill": {"color": ACCENT}, "border": {"color": ACCENT}}
    chart.add_series(
        {
            "name": "Value",
            "categories": names,
            "values": cells(page, first, last, values),
            "line": {"none": True},
            "marker": point,
        }
    )
    looks = (("Target", INK, 1.5, "dash"), ("Least", MUTED, 0.75, "solid"), ("Most", MUTED, 0.75, "solid"))
    for offset, (name, colour, width, dash) in enumerate(looks):
        chart.add_series(
            {
                "name": name,
                "categories": names,
                "values": cells(page, first, last, beside + offset),
                "line": {"color": colour, "width": width, "dash_type": dash},
                "marker": {"type": "none"},
            }
        )
    chart.show_blanks_as("gap")
    return chart


def _span(lines: list[Line]) -> Span:
    """Where the axis of a share begins and ends: at tens, and never beyond 0 and 100 %."""
    if not kpi_codes()[lines[0].kpi].is_share:
        return 0, None
    found = [(line.value, line.goal.target, *(line.limits or ())) for line in lines]
    known = [float(value) for values in found for value in values if value is not None]
    low, high = floor(min(known) * 10 - 0.2) / 10, ceil(max(known) * 10 + 0.2) / 10
    return max(low, 0), min(high, 1) if max(known) <= 1 else None
