"""Which slice of a KPI explains a change: branch, team, agent, age of debt or hour, with its figures before and since.

Every case is in one slice of each kind, so that the slices add up to the change of the whole: what counts once in a
day, though two people or hours have it, is the slice's in which it came furthest, else the earliest one's.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial

import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES
from toolkit.kpis.cells import BUCKET, HOUR, cells_of
from toolkit.kpis.data import Data
from toolkit.kpis.facts import Facts
from toolkit.problems import said
from toolkit.trends.drill_down import Change, Contribution, Stretch, drilled_down

DIMENSIONS = {"branch": "branch", "team": "team", "agent": "agent_id", BUCKET: BUCKET, HOUR: HOUR}
"""The kinds of slices, and the columns that have them."""
MOST = Fraction(1, 2)


@dataclass(frozen=True)
class Slice:
    """A part of a change in the KPI's own units. called: in words; explains: its share of the change; weight: its share
    of the cases (or of the amount) before and since."""

    dimension: str
    part: str
    called: str
    change: Change
    own: Contribution
    explains: Fraction
    weight: Fraction


def changes_of(
    data: Data, kpi: str, kind: str, scope: str, before: Collection[date], after: Collection[date], length: int = 1
) -> tuple[Change, ...]:
    """The change of a KPI between two sets of days by every kind of slice that its facts have, in the KPI's own units.

    Amounts are compared by so many days (`length`, 7 for weeks).
    A kind of which there is only one slice explains nothing and is left out, and so is the scope's own.
    """
    facts = data.shared(f"facts of {kpi}", partial(RULES[kpi], data))
    first, last = min(before), max(after)
    cells = data.shared(f"cells of {kpi} {first} {last}", partial(cells_of, data, facts, first, last))
    rows = _of_scope(cells, kind, scope).filter(pl.col("day").is_in([*before, *after]))
    mine = _once(rows, facts) if facts.once else rows
    others = [name for name, column in DIMENSIONS.items() if name != kind and _has_several(mine, column)]
    named = mine.with_columns(pl.col(DIMENSIONS[name]).alias(name) for name in others)
    better = "higher" if kpi_codes()[kpi].direction == "higher" else "lower"
    old, new = (Stretch(min(days), max(days), len(set(days)) // length) for days in (before, after))
    changes = drilled_down(named, others, old, new, better)  # type: ignore[arg-type]  # one of the two
    return tuple(change.in_units(facts.parts, facts.denominator_parts) for change in changes)


def _of_scope(cells: pl.DataFrame, kind: str, scope: str) -> pl.DataFrame:
    if kind == "all":
        return cells
    if kind == "agent":
        return cells.filter((pl.col("agent_id") == scope) & pl.col("role").is_not_null())
    return cells.filter(pl.col(kind) == scope)


def _has_several(rows: pl.DataFrame, column: str) -> bool:
    return column in rows.columns and rows[column].cast(pl.String).fill_null("").n_unique() > 1


def _once(rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """A row for each case that counts once in a day, with the largest of its sums."""
    key = ["day", *(name for name in dict.fromkeys([*facts.once, *_once_beside(facts)]) if name in rows.columns)]
    sums = [name for name in ("numerator", "denominator") if name in rows.columns]
    order = [name for name in (HOUR, "agent_id", BUCKET) if name in rows.columns]
    ordered = rows.sort([pl.col("numerator"), *order], descending=[True, *[False] * len(order)], nulls_last=True)
    whole = ordered.group_by(key, maintain_order=True).agg(pl.col(sums).max(), pl.exclude([*key, *sums]).first())
    return whole.select(rows.columns)


def _once_beside(facts: Facts) -> tuple[str, ...]:
    return facts.beside.once if facts.beside is not None else ()


def slices_of(data: Data, changes: Sequence[Change], day: date) -> tuple[Slice, ...]:
    """Every slice of the changes, by kind and the worst first; none where the whole did not change."""
    return tuple(found for change in changes for found in _slices(data, change, day))


def _slices(data: Data, change: Change, day: date) -> Iterator[Slice]:
    whole = change.whole
    if not whole:
        return
    for own in change.parts:
        called = _called(data, change.dimension, own.part, day)
        yield Slice(change.dimension, own.part, called, change, own, own.total / whole, change.weight(own))


def _called(data: Data, dimension: str, part: str, day: date) -> str:
    if not part:
        return said(f"SLICE_{dimension.upper()}_NONE")
    if dimension == "agent":
        post = data.teams.latest(part, day)
        name = post.name if post and post.name else part
        return said("SLICE_AGENT", name=name if name == part else f"{name} ({part})")
    if dimension == HOUR:
        return said("SLICE_HOUR", first=f"{int(part):02}:00", last=f"{int(part) + 1:02}:00")
    if dimension == BUCKET and part == "0":
        return said("SLICE_BUCKET_CURRENT")
    return said(f"SLICE_{dimension.upper()}", name=part)


def main_slice(slices: Sequence[Slice]) -> Slice | None:
    """The smallest slice that explains most of the change; without any, the one that explains the most. One that
    explains no more than its share of the whole got worse as everything did, and is named only where there is no
    other."""
    helping = [one for one in slices if one.explains > 0]
    most = [one for one in helping if explains_most(one)]
    if most:
        return min(most, key=lambda one: (one.weight, -one.explains))
    uneven = [one for one in helping if one.explains > one.weight]
    return max(uneven or helping, key=lambda one: one.explains, default=None)


def explains_most(one: Slice) -> bool:
    """Whether a slice explains more than half of the change, and more than its share of the whole does anyway."""
    return one.explains > max(MOST, one.weight)
