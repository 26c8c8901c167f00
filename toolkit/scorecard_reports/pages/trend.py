"""How a KPI went through the period, as the points of a small line; nothing where there is only one value."""

from collections.abc import Mapping, Sequence

import polars as pl

WIDTH, TALL, MARGIN = 200.0, 36.0, 3.0
MOST = 100
"""Values that a small line can show."""
Course = tuple[tuple[str, ...], tuple[float | None, ...], bool]
"""The whole periods and their values, and whether parts of periods were left out."""
Courses = Mapping[tuple[str, str], Course]
"""By agent and KPI."""


def trends(values: pl.DataFrame) -> Courses:
    """The courses of all agents."""
    if values.is_empty() or values["period"].n_unique() < 2:
        return {}
    mine = values.filter(pl.col("scope_kind") == "agent").sort("scope", "kpi", "period")
    cut: set[tuple[str, str]] = set()
    if "part" in mine.columns:
        cut = set(mine.filter(pl.col("part")).select("scope", "kpi").iter_rows())
        mine = mine.filter(~pl.col("part").fill_null(False))
    found: dict[tuple[str, str], tuple[list[str], list[float | None]]] = {}
    for scope, kpi, period, value in mine.select("scope", "kpi", "period", "value").iter_rows():
        periods, course = found.setdefault((scope, kpi), ([], []))
        periods.append(period)
        course.append(value)
    return {
        key: (tuple(periods), tuple(course), key in cut)
        for key, (periods, course) in found.items()
        if 1 < len(course) <= MOST
    }


def lines_of(course: Sequence[float | None]) -> list[str]:
    """The course as lines of an SVG, broken where there is no value; a value that stands alone is a dash."""
    known = [value for value in course if value is not None]
    if len(known) < 2:
        return []
    low, high = min(known), max(known)
    stretch = (high - low) or 1.0
    found: list[list[str]] = [[]]
    for at, value in enumerate(course):
        if value is None:
            found.append([])
            continue
        across = MARGIN + at / (len(course) - 1) * (WIDTH - 2 * MARGIN)
        down = MARGIN + (high - value) / stretch * (TALL - 2 * MARGIN)
        found[-1].append(f"{across:.1f},{down:.1f}")
    return [" ".join(points if len(points) > 1 else points * 2) for points in found if points]
