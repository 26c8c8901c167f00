"""The Maturity sheet: everybody's cohorts by their age, a table and a chart of lines for each KPI."""

from collections.abc import Sequence
from typing import Any

from toolkit.kpi_codes import kpi_codes
from toolkit.look import LEFT, Column, Kind, Page, Table, said
from toolkit.look.theme import ACCENT, FONT, INK, LINE, MUTED
from toolkit.maturing import Course
from toolkit.scorecard_reports.book.laid import number
from toolkit.scorecard_reports.book.words import subtitle
from toolkit.scorecard_reports.cohort_words import Cohorts, called
from toolkit.scorecard_reports.files import About

FIRST = 4
CHART_ROWS = 17
LOOKS = (
    (MUTED, "long_dash_dot", "x"),
    (MUTED, "square_dot", "diamond"),
    (INK, "dash", "triangle"),
    (INK, "solid", "square"),
    (ACCENT, "dash", "circle"),
    (ACCENT, "solid", "circle"),
)
"""Of the oldest to the latest cohort: told apart without colours too, by the strokes and, on short curves, by marks."""
MARKED_DAYS = 31


def write_maturity(page: Page, cohorts: Sequence[Cohorts], about: About) -> None:
    """A block a KPI: what is to be said of each cohort, then the shares by day with their lines beside them."""
    page.heading(said("CARD_MATURITY_TITLE"), subtitle(about, said("CARD_EVERYBODY")))
    row = FIRST
    breaks = []
    for block in cohorts:
        breaks.append(row)
        row = _block(page, row, block) + 3
    page.sheet.set_h_pagebreaks(breaks[1:])


def _block(page: Page, row: int, block: Cohorts) -> int:
    page.prose(row, block.title, bold=True, font_size=12)
    for offset, note in enumerate(block.notes, 1):
        page.prose(row + offset, note, font_color=MUTED)
    top = row + len(block.notes) + 2
    days = list(range(block.courses[0].window + 1))
    kind: Kind = "share" if kpi_codes()[block.kpi].is_share else "exact"
    age = Column("age", said("CARD_COHORT_AGE"), days, "count", style={"align": "left"})
    table = page.table(top, [age, *(_column(course, len(days), kind) for course in block.courses)])
    _chart(page, top, table, block)
    return max(table.last, top + CHART_ROWS)


def _column(course: Course, days: int, kind: Kind) -> Column:
    """The shares of a cohort, nothing from the day on that some of it have not reached."""
    known = [number(age.share, 9) for age in course.ages]
    head = said("CARD_COHORT_HEAD", cohort=called(course), members=f"{course.last.old_enough:,}")
    return Column(course.cohort, head, [*known, *[None] * (days - len(known))], kind)


def _chart(page: Page, top: int, table: Table, block: Cohorts) -> None:
    chart = page.book.workbook.add_chart({"type": "line"})
    looks = LOOKS[len(LOOKS) - len(block.courses) :]
    for course, (colour, dash, mark) in zip(block.courses, looks, strict=True):
        chart.add_series(
            {
                "name": called(course),
                "categories": f"={table.cells('age')}",
                "values": f"={table.cells(course.cohort)}",
                "line": {"color": colour, "width": 2, "dash_type": dash},
                "marker": _mark(mark, colour, course) if course.window <= MARKED_DAYS else {"type": "none"},
            }
        )
    _dress(chart, block)
    page.sheet.insert_chart(top, LEFT + len(table.keys) + 1, chart, {"object_position": 2})


def _mark(mark: str, colour: str, course: Course) -> dict[str, Any]:
    """Filled for a cohort that is done, hollow for one that goes on."""
    fill = colour if course.matured else "#FFFFFF"
    return {"type": mark, "size": 5, "fill": {"color": fill}, "border": {"color": colour}}


def _dress(chart: Any, block: Cohorts) -> None:
    font = {"size": 9, "color": MUTED, "name": FONT}
    title = {"size": 11, "bold": True, "color": INK, "name": FONT}
    chart.set_title(
        {
            "name": said("CARD_COHORTS_CHART", title=kpi_codes()[block.kpi].title),
            "layout": {"x": 0.01, "y": 0.02},
            "name_font": title,
        }
    )
    chart.set_legend({"position": "bottom", "font": font})
    grid = {"visible": True, "line": {"color": LINE, "width": 0.75}}
    percent = "0%" if kpi_codes()[block.kpi].is_share else "#,##0"
    shares = [age.share for course in block.courses for age in course.ages if age.share is not None]
    full = {"max": 1} if kpi_codes()[block.kpi].is_share and 0.8 < max(shares, default=0) <= 1 else {}
    look = {"num_font": font, "line": {"none": True}, "major_gridlines": grid, "min": 0}
    chart.set_y_axis({"num_format": percent, **look, **full})
    step = max(1, block.courses[0].window // 15)
    age = {"name": said("CARD_COHORT_AGE"), "name_font": {**font, "bold": False}, "interval_unit": step}
    chart.set_x_axis(
        {**age, "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none", "position_axis": "on_tick"}
    )
    chart.set_chartarea({"border": {"none": True}})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 720, "height": CHART_ROWS * 20})
