"""Bands that have a start only: which one a value reaches, slices of it, lines between points."""

import itertools
from fractions import Fraction
from typing import Any

from .exact import number

Scale = list[tuple[Fraction, Fraction]]
"""(start, what holds from there): a rate, an amount or a factor."""


def scale(component: dict[str, Any], stretch: Fraction = Fraction(1)) -> Scale:
    """The component's bands with their starts multiplied; its own rate or amount is one band from 0."""
    bands = component.get("bands")
    if bands is None:
        own = component.get("rate") or component.get("amount") or "100%"
        bands = [{"from": "0", "rate": own}]
    return [
        (number(band["from"]) * stretch, number(band.get("rate") or band.get("amount") or band.get("factor")))
        for band in bands
    ]


def reached(bands: Scale, edge: str, value: Fraction) -> Fraction | None:
    """What holds at a value; none below the first start. On a start: that band, or with "above" the one before."""
    held = None
    for start, worth in bands:
        if value > start or (value == start and edge == "from"):
            held = worth
    return held


def between(bands: Scale, value: Fraction) -> Fraction | None:
    """On the straight line between two points; level behind the last; none before the first."""
    if value < bands[0][0]:
        return None
    for (start, worth), (next_start, next_worth) in itertools.pairwise(bands):
        if start <= value < next_start:
            return worth + (next_worth - worth) * (value - start) / (next_start - start)
    return bands[-1][1]


def slices(bands: Scale, begin: Fraction, end: Fraction) -> list[tuple[int, Fraction, Fraction]]:
    """The stretch from `begin` to `end` cut at the starts: (number of the band, width, what holds there)."""
    found = []
    for i, (start, worth) in enumerate(bands):
        stop = bands[i + 1][0] if i + 1 < len(bands) else None
        low = max(begin, start)
        high = end if stop is None else min(end, stop)
        if high > low:
            found.append((i, high - low, worth))
    return found
