"""The curves of cohorts as coordinates and words of an SVG: each line has its name at its end, in ink on white."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from toolkit.kpi_codes import kpi_codes
from toolkit.maturing import Course
from toolkit.problems import said
from toolkit.scorecard_reports.cohort_words import Cohorts, called
from toolkit.scorecard_reports.words import written

LEFT, RIGHT, TOP, BOTTOM = 50, 520, 10, 216
STEPS = 5
APART = 15
"""Units between two names, so that neither covers the other."""
DASHES = ("7 3 1 3", "2 3", "7 4", "", "4 3", "")
"""Strokes from the oldest to the latest cohort."""
LATEST = 2
"""Cohorts in the accent; older ones are in ink."""


@dataclass(frozen=True)
class Line:
    """A cohort's line, where it ends, and its name with a hairline that leads to it. growing: not matured."""

    points: str
    dash: str
    is_latest: bool
    end: tuple[str, str]
    growing: bool
    name: str
    name_at: str


@dataclass(frozen=True)
class Curves:
    """Everything of one KPI's drawing: lines, marks of both axes (place and text), and all of it in words."""

    title: str
    lines: Sequence[Line]
    across: Sequence[tuple[str, str]]
    up: Sequence[tuple[str, str]]
    axis: str
    notes: Sequence[str]
    words: str


def curves(cohorts: Cohorts) -> Curves:
    """The drawing of a KPI's cohorts."""
    most = _most(cohorts)
    ends = [_down(course.last.share, most) for course in cohorts.courses]
    dashes = DASHES[len(DASHES) - len(cohorts.courses) :]
    places = _spread(ends)
    lines = [
        _line(course, most, dash, at + LATEST >= len(cohorts.courses), place)
        for at, (course, dash, place) in enumerate(zip(cohorts.courses, dashes, places, strict=True))
    ]
    window = cohorts.courses[0].window
    return Curves(
        title=cohorts.title,
        lines=lines,
        across=[(f"{_across(day, window):.1f}", str(day)) for day in _days(window)],
        up=[
            (f"{_down(most * step / STEPS, most):.1f}", _mark(cohorts.kpi, most * step / STEPS))
            for step in range(STEPS + 1)
        ],
        axis=said("CARD_COHORT_AGE"),
        notes=cohorts.notes,
        words=f"{cohorts.title}. {'; '.join(cohorts.notes)}",
    )


def _line(course: Course, most: float, dash: str, is_latest: bool, place: float) -> Line:
    points = [(_across(age.day, course.window), _down(age.share, most)) for age in course.ages]
    return Line(
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        dash=dash,
        is_latest=is_latest,
        end=(f"{points[-1][0]:.1f}", f"{points[-1][1]:.1f}"),
        growing=not course.matured,
        name=f"{called(course)}: {written(course.kpi, course.last.share)}",
        name_at=f"{place:.1f}",
    )


def _most(cohorts: Cohorts) -> float:
    """The top of the scale: the next tenth of a share."""
    shares = [float(age.share) for course in cohorts.courses for age in course.ages if age.share is not None]
    top = max(shares, default=0.0)
    if kpi_codes()[cohorts.kpi].is_share:
        return min(max(ceil(top * 10 - 1e-9) / 10, 0.1), max(top, 1.0))
    return top or 1.0


def _mark(kpi: str, value: float) -> str:
    """A mark of the scale without needless digits."""
    return f"{value * 100:.0f}%" if kpi_codes()[kpi].is_share else f"{value:,g}"


def _across(day: int, window: int) -> float:
    return LEFT + (RIGHT - LEFT) * day / window


def _down(share: object, most: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * float(share or 0) / most  # type: ignore[arg-type]  # a number or nothing


def _days(window: int) -> list[int]:
    """The days with a mark: all of a short window, else about ten, and always the last."""
    step = 1 if window <= 16 else 5 * ceil(window / 50)
    marked = [day for day in range(0, window, step) if window - day > step // 2]
    return [*marked, window]


def _spread(ends: Sequence[float]) -> list[float]:
    """Where the names stand: as near to the ends of their lines as they can without covering each other."""
    order = sorted(range(len(ends)), key=lambda at: ends[at])
    places: list[float] = []
    for at in order:
        places.append(max(ends[at], places[-1] + APART if places else TOP))
    over = max(places[-1] - BOTTOM, 0.0) if places else 0.0
    for at in range(len(places) - 1, -1, -1):
        below = places[at + 1] - APART if at + 1 < len(places) else places[at] - over
        places[at] = min(places[at], below)
    found = dict(zip(order, places, strict=True))
    return [found[at] for at in range(len(ends))]
