"""The Pareto sheet: which sections lose most, as bars, with a line that adds them up."""

from decimal import Decimal
from typing import Any

import polars as pl

from toolkit.look import LEFT, Column, Page, Table
from toolkit.look.charts import axis_font, cells, dress
from toolkit.look.theme import ACCENT, FONT, INK, MUTED
from toolkit.problems import said
from toolkit.quality_reports.book.calls import SCORE
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import fraction, of_scope, percent, subtitle

TOP = 5
POINT = 10_000_000
"""A point of a hundred of one call, in thousand millionths of the call."""
FOUR_FIFTHS = 800_000
SHARE = {"num_format": "0.0%"}


def write_pareto(page: Page, report: QualityReport) -> None:
    """A table and a chart for each form."""
    page.heading("Pareto", subtitle(report.about))
    failed = int(report.teams.filter(pl.col("scope_kind") == "all")["auto_fails"].sum())
    page.prose(3, said("QC_REPORT_PARETO_HOW", count=failed), font_color=MUTED)
    whole, row = of_scope(report.sections, "all", ""), TOP
    for (code, version), rows in whole.group_by("form", "form_version", maintain_order=True):
        form = report.form(str(code), str(version))
        page.prose(row, form.title if form else f"{code} {version}", bold=True, font_size=12)
        table = page.table(row + 1, _columns(rows, row + 3))
        page.grow(LEFT, 250)
        for at in range(1, len(table.keys)):
            page.grow(LEFT + at, 78)
        row = _chart(page, table, rows) if rows["lost"].sum() else table.last + 2


def pareto_words(rows: pl.DataFrame) -> str:
    """What there is to be seen, as the chart's title."""
    if not rows["lost"].sum():
        return said("QC_REPORT_PARETO_NONE")
    most = rows.row(0, named=True)
    count = 1 + rows.filter(pl.col("cumulated") < FOUR_FIFTHS).height
    title = most["title"] or most["section"]
    return said(
        "QC_REPORT_PARETO",
        title=title,
        share=percent(most["lost_share"]),
        count=min(count, rows.height),
        all=rows.height,
    )


def _columns(rows: pl.DataFrame, first: int) -> list[Column]:
    """first: the first row of data, as Excel counts."""
    last = first + rows.height - 1
    whole = rows["lost"].sum()
    added = rows["lost"].cum_sum()
    span = f"{{lost}}${first}:{{lost}}${last}"

    def of(part: int) -> Decimal:
        return Decimal(0) if not whole else round(Decimal(part) / Decimal(whole), 12)

    return [
        Column("title", "Section", [row["title"] or row["section"] for row in rows.iter_rows(named=True)], widest=46),
        Column("n", "Calls", rows["n"].to_list(), "count"),
        Column("score", "Score", [fraction(score) for score in rows["score"]], "share", style=SCORE),
        Column("lost", "Points lost", [Decimal(lost) / POINT for lost in rows["lost"]], "exact"),
        Column(
            "share",
            "Of all lost",
            [of(lost) for lost in rows["lost"]],
            "share",
            f"=IF(SUM({span})=0,0,{{lost}}{{row}}/SUM({span}))",
            style=SHARE,
        ),
        Column(
            "added",
            "Added up",
            [of(part) for part in added],
            "share",
            f"=IF(SUM({span})=0,0,SUM({{lost}}${first}:{{lost}}{{row}})/SUM({span}))",
            style=SHARE,
        ),
    ]


def _chart(page: Page, table: Table, rows: pl.DataFrame) -> int:
    """Bars and line under the table; gives the next free row."""
    places = {key: LEFT + at for at, key in enumerate(table.keys)}
    names = cells(page, table.first, table.last, LEFT)
    bars = page.book.workbook.add_chart({"type": "column"})
    bars.add_series(
        {
            "name": "Points lost",
            "categories": names,
            "values": cells(page, table.first, table.last, places["lost"]),
            "fill": {"color": ACCENT},
            "gap": 40,
            "data_labels": {"value": True, "num_format": "0.0", "font": {"size": 9, "color": MUTED, "name": FONT}},
        }
    )
    line = page.book.workbook.add_chart({"type": "line"})
    mark: dict[str, Any] = {"type": "circle", "size": 6, "fill": {"color": INK}, "border": {"color": INK}}
    line.add_series(
        {
            "name": "Added up",
            "categories": names,
            "values": cells(page, table.first, table.last, places["added"]),
            "line": {"color": INK, "width": 1.5},
            "marker": mark,
            "y2_axis": True,
        }
    )
    line.set_y2_axis(
        {
            "min": 0,
            "max": 1,
            "num_format": "0%",
            "num_font": axis_font(),
            "line": {"none": True},
            "major_tick_mark": "none",
        }
    )
    bars.combine(line)
    dress(bars, pareto_words(rows), "#,##0", 860, (0, None), tall=320)
    page.sheet.insert_chart(table.last + 2, LEFT, bars, {"object_position": 2})
    page.sheet.print_area(0, 0, table.last + 18, LEFT + 9)
    return table.last + 18
