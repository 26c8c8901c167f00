"""Shapes of the page as coordinates and words: bars with a range, and lines with their names at the ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

WIDTH = 200.0
LEFT, RIGHT, TOP, BOTTOM = 56, 560, 10, 216
STEPS = 4
APART = 15
"""Units between two names, so that neither covers the other."""
DASHES = ("", "7 4", "2 3", "9 3 2 3", "4 2", "1 3")


@dataclass(frozen=True)
class Bar:
    """A bar from nothing to a value in so many units of WIDTH, the range around it, and a mark such as a target."""

    zero: str
    start: str
    length: str
    below: bool
    low: str
    span: str
    mark: str
    words: str


@dataclass(frozen=True)
class Line:
    """A line, its end and its name, which a hairline leads to."""

    points: str
    dash: str
    end: tuple[str, str]
    name: str
    name_at: str
    latest: bool


@dataclass(frozen=True)
class Lines:
    """A drawing of lines: marks of both axes (place and text), and all of it in words."""

    title: str
    lines: Sequence[Line]
    across: Sequence[tuple[str, str]]
    up: Sequence[tuple[str, str]]
    zero: str
    axis: str
    words: str


def bar(
    value: float, lowest: float, highest: float, words: str, span: tuple[float, float] | None = None, mark: float = -1
) -> Bar:
    """A bar between the ends of its column. lowest: at most 0; highest: at least 0; mark: none below 0."""
    whole = (highest - lowest) or 1.0

    def place(figure: float) -> float:
        return (min(max(figure, lowest), highest) - lowest) / whole * WIDTH

    zero, at = place(0), place(value)
    low, high = (place(end) for end in span) if span else (0.0, 0.0)
    return Bar(
        f"{zero:.1f}", f"{min(zero, at):.1f}", f"{abs(at - zero):.1f}", value < 0, f"{low:.1f}",
        f"{max(high - low, 1.5):.1f}" if span else "", f"{place(mark):.1f}" if mark >= 0 else "", words,
    )  # fmt: skip


def lines(
    title: str,
    axis: str,
    across: Sequence[str],
    figures: Mapping[str, Sequence[float | None]],
    *,
    share: bool,
    words: str,
) -> Lines | None:
    """A line for each name, over the places of `across`; None where no line has a point."""
    known = {name: of for name, of in figures.items() if any(value is not None for value in of)}
    values = [value for of in known.values() for value in of if value is not None]
    if not values:
        return None
    step = _step(max(*values, 0.0) - min(*values, 0.0))
    lowest, highest = floor(min(*values, 0.0) / step) * step, -floor(-max(*values, 0.0) / step) * step
    highest = highest if highest > lowest else lowest + step

    def down(value: float) -> float:
        return BOTTOM - (value - lowest) / (highest - lowest) * (BOTTOM - TOP)

    marks = [lowest + step * place for place in range(round((highest - lowest) / step) + 1)]
    return Lines(
        title,
        _drawn(known, len(across), down),
        _across(across),
        [(f"{down(mark):.1f}", _written(mark, share=share)) for mark in marks],
        f"{down(0):.1f}",
        axis,
        words,
    )


def _drawn(known: Mapping[str, Sequence[float | None]], count: int, down: object) -> list[Line]:
    found = []
    for name, of in known.items():
        points = [(_right(place, count), down(value)) for place, value in enumerate(of) if value is not None]  # type: ignore[operator]
        found.append((name, points))
    names_at = _spread([points[-1][1] for _, points in found])
    return [
        Line(
            " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
            DASHES[(len(found) - 1 - place) % len(DASHES)],
            (f"{points[-1][0]:.1f}", f"{points[-1][1]:.1f}"),
            name,
            f"{at:.1f}",
            place == len(found) - 1,
        )
        for place, ((name, points), at) in enumerate(zip(found, names_at, strict=True))
    ]


def _right(place: int, count: int) -> float:
    return LEFT + (RIGHT - LEFT) * (place / max(count - 1, 1))


def _across(names: Sequence[str]) -> list[tuple[str, str]]:
    """At most about a dozen of them."""
    every = 1 + (len(names) - 1) // 12
    return [(f"{_right(place, len(names)):.1f}", name) for place, name in enumerate(names) if place % every == 0]


def _spread(ends: Sequence[float]) -> list[float]:
    """Places for the names, near the ends and far enough apart."""
    order = sorted(range(len(ends)), key=lambda place: ends[place])
    places = list(ends)
    for before, place in pairwise(order):
        places[place] = max(places[place], places[before] + APART)
    over = max((places[place] for place in order), default=0) - BOTTOM
    for after, place in zip([None, *reversed(order)], reversed(order), strict=False):
        most = BOTTOM if after is None else places[after] - APART
        if over > 0:
            places[place] = min(places[place], most)
    return places


def _step(span: float) -> float:
    rough = (span or 1.0) / STEPS
    whole = 10.0 ** floor(log10(rough))
    return next(step * whole for step in (1, 2, 2.5, 5, 10) if step * whole >= rough * 0.999)


def _written(value: float, *, share: bool) -> str:
    if share:
        return f"{value * 100:.0f} %"
    for least, unit in ((1e6, "m"), (1e3, "k")):
        if abs(value) >= least:
            return f"{value / least:,.1f}".rstrip("0").rstrip(".") + unit
    return f"{value:,.0f}"
