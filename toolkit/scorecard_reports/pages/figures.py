"""What a page shows of one KPI: in words, and as a small bar in coordinates, all computed before the template."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.kpi_codes import kpi_codes
from toolkit.look import day_words, period_words
from toolkit.look.browser import Heading
from toolkit.problems import said
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.words import (
    LIGHT_SIGNS,
    how_sure,
    light_words,
    parts_words,
    place_words,
    plain,
    statistic,
    target_words,
    title_of,
    value_words,
    written,
)
from toolkit.scorecards import Line

WIDTH, ROOM = 200.0, 1.08
"""Units across a bar, and how much longer the scale is than what is on it."""


@dataclass(frozen=True)
class Bar:
    """A bar from 0 to WIDTH: where the value ends, where the target is and which stretch the interval covers."""

    value: str
    target: str
    low: str
    high: str
    span: str
    words: str


@dataclass(frozen=True)
class Figure:
    """One KPI of one card, in words."""

    title: str
    value: str
    sign: str
    light: str
    light_words: str
    target: str
    parts: str
    ratio: str
    sure: str
    statistic: str
    place: str
    place_words: str
    points: str
    definition: str
    bar: Bar | None
    course: Sequence[str] = ()
    course_words: str = ""


def figure(line: Line, about: About) -> Figure:
    """The line as the pages show it."""
    points = (
        ""
        if line.score is None
        else said("CARD_POINTS", points=f"{float(line.weight * line.score):.1f}", weight=plain(float(line.weight)))
    )
    return Figure(
        title=title_of(line.kpi, about),
        value=value_words(line),
        sign=LIGHT_SIGNS[line.light],
        light=line.light or "none",
        light_words=light_words(line.light),
        target=target_words(line),
        parts=parts_words(line),
        ratio="" if line.base is None else parts_words(line),
        sure=how_sure(line),
        statistic=statistic(line),
        place=line.place or "none",
        place_words=place_words(line.place) if line.place else "",
        points=points,
        definition=line.definition,
        bar=bar(line),
    )


def bar(line: Line) -> Bar | None:
    """The bar of a line; None where there is no value."""
    if line.value is None:
        return None
    low, high = line.interval or (None, None)
    target = None if line.goal.target is None else float(line.goal.target)
    most = max(float(line.value), target or 0.0, high or 0.0) * ROOM
    if kpi_codes()[line.kpi].is_share and most > 1 >= float(line.value):
        most = 1.0
    value, at, first, last = (_place(each, most) for each in (float(line.value), target, low, high))
    span = "" if low is None or high is None else _place(high - low, most)
    return Bar(value, at, first, last, span, _bar_words(line))


def _bar_words(line: Line) -> str:
    words = said("CARD_BAR", value=value_words(line), target=target_words(line))
    if line.interval is None:
        return words
    low, high = (written(line.kpi, bound) for bound in line.interval)
    return f"{words}, {said('CARD_BAR_INTERVAL', low=low, high=high)}"


def _place(value: float | None, most: float) -> str:
    """Where a value lies on the bar; "" for none."""
    if value is None:
        return ""
    return f"{min(max(value / most, 0.0), 1.0) * WIDTH:.1f}" if most > 0 else "0.0"


def heading(title: str, who: Sequence[str], about: About) -> Heading:
    """The head and foot of a page."""
    subtitle = " · ".join(part for part in (*who, about.title, period_words(about.period)) if part)
    provisional = said("CARD_PROVISIONAL", day=day_words(about.as_of)) if about.provisional else ""
    footer = said(
        "CARD_FOOTER",
        period=about.period.label,
        profile=about.profile,
        day=day_words(about.as_of),
        version=about.version,
    )
    return Heading(title, subtitle, provisional, footer)
