"""The Trend sheet: everybody's KPIs over the days, weeks or hours of the period, where values were cut so."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.look import LEFT, Column, Kind, Page, said
from toolkit.look.charts import cells, dress
from toolkit.look.theme import ACCENT, INK, MUTED
from toolkit.scorecard_reports.book.laid import number, rules_of
from toolkit.scorecard_reports.book.words import subtitle
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.words import main_kpi, title_of
from toolkit.scorecards import ScorecardRun

TOP = 5
MOST = 400
"""Periods that a sheet and its chart can show."""
Trend = dict[str, dict[str, float | None]]
"""By period the value of each KPI."""


def trend_of(run: ScorecardRun, values: pl.DataFrame) -> Trend:
    """Everybody's values by period; nothing where there are fewer than two of them, or too many to show."""
    if values.is_empty() or not run.cards:
        return {}
    mine = values.filter(pl.col("scope_kind") == "all").sort("period")
    parts = set(mine.filter(pl.col("part"))["period"]) if "part" in mine.columns else set()
    found: Trend = {}
    for period, kpi, value in mine.select("period", "kpi", "value").iter_rows():
        found.setdefault(said("CARD_PART", period=period) if period in parts else period, {})[kpi] = value
    return found if 1 < len(found) <= MOST else {}


def write_trend(page: Page, run: ScorecardRun, trend: Trend, about: About) -> None:
    """A row a period and a column a KPI; the main KPI as a line with its target dashed."""
    page.heading(said("CARD_TREND_TITLE"), subtitle(about, said("CARD_EVERYBODY")))
    if any(period.endswith(said("CARD_PART", period="")) for period in trend):
        page.prose(3, said("CARD_PARTS_NOTE"), font_color=MUTED)
    codes = list(dict.fromkeys(kpi for row in trend.values() for kpi in row))
    rule = rules_of(run.cards)[0]
    main = main_kpi(rule)
    columns = [Column("period", "Period", list(trend)), *(_column(kpi, trend, about) for kpi in codes)]
    target = next((line.goal.target for card in run.of("all") if (line := card.line(main))), None)
    if main in codes and target is not None and kpi_codes()[main].is_share:
        columns.append(
            Column(
                "target",
                f"Target of {kpi_codes()[main].title}",
                [number(target)] * len(trend),
                "share",
                style={"font_color": MUTED},
            )
        )
    table = page.table(TOP, columns)
    if main in codes:
        _chart(page, table.first, table.last, [column.key for column in columns], main, about)
    page.heads_stay(TOP)


def _column(kpi: str, trend: Trend, about: About) -> Column:
    values = [number(row.get(kpi), 9) for row in trend.values()]
    whole = all(value is None or value == value.to_integral_value() for value in values)
    kind: Kind = "share" if kpi_codes()[kpi].is_share else "count" if whole else "exact"
    return Column(kpi, title_of(kpi, about), values, kind)


def _chart(page: Page, first: int, last: int, keys: Sequence[str], main: str, about: About) -> None:
    chart = page.book.workbook.add_chart({"type": "line"})
    looks: list[tuple[str, dict[str, Any]]] = [(main, {"color": ACCENT, "width": 2.25})]
    if "target" in keys:
        looks.append(("target", {"color": INK, "width": 1, "dash_type": "dash"}))
    for key, line in looks:
        chart.add_series(
            {
                "categories": cells(page, first, last, LEFT),
                "values": cells(page, first, last, LEFT + keys.index(key)),
                "line": line,
                "name": "Target" if key == "target" else title_of(key, about),
            }
        )
    numbers = "0%" if kpi_codes()[main].is_share else "#,##0"
    title = said("CARD_TREND", title=title_of(main, about))
    dress(chart, title, numbers, 760, tall=300, labels=last - first + 1)
    page.sheet.insert_chart(TOP, LEFT + len(keys) + 1, chart, {"object_position": 2})
