"""What each agent earns under one component: the exact sum, and the pieces it is made of.

A piece is a row (a payment, mostly) or the part of it that falls into one slice. Its worth is its whole
`weight` times the agent's `per_weight`, an exact fraction of a minor unit, so a million pieces are
integers in a table and only what belongs to an agent is a fraction. What no row stands behind (fixed
amounts, base pay, KPIs, the re-rating of a year's earlier months) is a `Loose` piece.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any

import narwhals as nw

from toolkit import bands as on_bands
from toolkit.bands import ONE, ZERO, attainment, earned
from toolkit.money import PPM
from toolkit.periods import Period, containing
from toolkit.plans import Band, Component
from toolkit.problems import ToolkitError, problem, said
from toolkit.rows import FAR, Frame, band_reached, chosen, each_alone, frame_like, in_sequence, slices_filled
from toolkit.steps.eligible import eligible, scales_used
from toolkit.steps.measures import Counted, agents_counted, base_pay
from toolkit.steps.month import Month, Segment

PIECE_COLUMNS = (
    "seq",
    "rank",
    "payment_id",
    "account_id",
    "source",
    "source_id",
    "agent_id",
    "credited_by",
    "day",
    "version",
    "earned_for",
    "band",
    "piece",
    "weight",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """How an agent stands under a component.

    measure: after `where`, before base_share (major unit or count); count: how many; target: None if
    there is none; value: the place on the bands' scale where one place holds for the whole period;
    exact: earned before gates, in minor units; per_weight: minor units for one weight; per_piece:
    major units (or a count) for one `piece`.
    """

    measure: Fraction
    count: Fraction
    target: Fraction | None
    value: Fraction | None
    band: int
    exact: Fraction
    per_weight: Fraction = ZERO
    per_piece: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class Loose:
    """A piece that is exact by itself: `exact` minor units, `base` on the measure's scale."""

    agent_id: str
    exact: Fraction
    base: Fraction | None
    band: int
    reason: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Earnings:
    """What one component earned on the days of one segment."""

    segment: Segment
    pieces: Frame | None
    terms: dict[str, Terms]
    loose: list[Loose]


def earnings(month: Month, segment: Segment) -> Earnings:
    """All agents' earnings under the segment's component."""
    component = segment.component
    if component.per == "year_to_date":
        return _year_to_date(month, segment)
    rows = eligible(month, segment) if component.measure else None
    if rows is None:
        return _of_agents(month, segment, None)
    if component.kind == "fixed" and component.per == "period":
        return _of_agents(month, segment, rows)
    if component.kind == "matrix" and component.counts_money and component.per == "period":
        return _matrix_once(month, segment, rows)
    return _of_rows(month, segment, rows)


# --- rows: payments, promises, visits, recoveries -------------------------------------------------


def _of_rows(month: Month, segment: Segment, rows: Counted) -> Earnings:
    component = segment.component
    _refuse_beyond_int64(component, rows)
    if component.band_mode == "slice" and component.per == "payment" and component.band_by == "amount":
        return _sliced_alone(month, segment, rows)
    by_row = scales_used(component) - (set() if component.per == "payment" else {"amount"})
    if component.band_mode == "interpolated" and by_row:
        return _interpolated_rows(month, segment, rows)
    totals = _totals(rows)
    if component.kind == "at_target" or component.band_mode in ("slice", "interpolated"):
        return _of_totals(month, segment, rows, totals)
    return _banded_rows(month, segment, rows, totals, by_row)


def _totals(rows: Counted) -> dict[str, tuple[int, int]]:
    """Per agent: the sum of `base` and of `units`."""
    summed = rows.frame.group_by("agent_id").agg(base=nw.col("base").sum(), units=nw.col("units").sum())
    return {agent: (int(base), int(units)) for agent, base, units in summed.sort("agent_id").iter_rows()}


def _refuse_beyond_int64(component: Component, rows: Counted) -> None:
    """The largest possible sum of weights must fit int64, or an engine would wrap it around in silence."""
    if not len(rows.frame):
        return
    most = max((abs(weight) for weight in _band_weights(component, rows)), default=PPM)
    total = int(rows.frame.select(nw.col("base").abs().cast(nw.Float64).sum()).item())
    if total * max(most, PPM) >= 2**62:
        raise ToolkitError([problem("TOO_MUCH_MONEY", component=component.code)])


def _amount_scale(amounts: Sequence[Fraction], unit: int) -> int:
    """How many parts of a minor unit make all these amounts whole (1 unless one is finer than that)."""
    return lcm(*((amount * unit).denominator for amount in amounts)) if amounts else 1


def _band_weights(component: Component, rows: Counted, unit: int = 1) -> list[int]:
    """The weight of one unit of `base` in each band: parts per million, or (parts of) minor units."""
    if component.kind in ("percent", "at_target"):
        return [band.rate or 0 for band in component.scale]
    amounts = _amounts(component)
    scale = _amount_scale(amounts, unit)
    return [int(amount * unit * scale) for amount in amounts]


def _amounts(component: Component) -> list[Fraction]:
    if component.matrix is not None:
        return [Fraction(amount) for row in component.matrix.amounts for amount in row]
    return [Fraction(band.amount or 0) for band in component.scale]


def _per_weight(month: Month, component: Component, rows: Counted) -> Fraction:
    """Minor units for one weight of a row: what turns base x band weight into money."""
    share = Fraction(component.base_share, PPM)
    if component.kind == "percent":
        return share * month.unit / (PPM * rows.per_one)
    scale = _amount_scale(_amounts(component), month.unit)
    if _pays_once_a_row(component):
        return Fraction(1, rows.per_unit * scale)
    return share / (rows.per_one * scale)


def _pays_once_a_row(component: Component) -> bool:
    """Fixed amounts and matrices of money pay for the row itself, not for its size."""
    return component.kind == "fixed" or (component.kind == "matrix" and component.counts_money)


def _banded_rows(
    month: Month, segment: Segment, rows: Counted, totals: Mapping[str, tuple[int, int]], by_row: set[str]
) -> Earnings:
    """Every row at the rate or amount of one band: its own, or the one its agent reached."""
    component = segment.component
    stands = {agent: _standing(month, segment, rows, agent, *total) for agent, total in totals.items()}
    numbered = _numbered(month, component, rows, stands, by_row)
    weights = _band_weights(component, rows, month.unit)
    amount_of = "units" if _pays_once_a_row(component) else "base"
    pieces = numbered.frame.with_columns(
        weight=(nw.col(amount_of) * chosen(nw.col("band"), weights)).cast(nw.Int64), piece=nw.col("base")
    ).filter(nw.col("band") >= 0)
    per_weight = _per_weight(month, component, rows)
    sums = _weights(pieces)
    per_piece = Fraction(component.base_share, PPM) / rows.per_one
    terms = {
        agent: Terms(measure, count, target, value, band, sums.get(agent, 0) * per_weight, per_weight, per_piece)
        for agent, (measure, count, target, value, band) in stands.items()
    }
    return Earnings(segment, pieces.select(*PIECE_COLUMNS), terms, [])


def _weights(pieces: Frame) -> dict[str, int]:
    summed = pieces.group_by("agent_id").agg(weight=nw.col("weight").sum())
    return {agent: int(weight) for agent, weight in summed.iter_rows()}


Standing = tuple[Fraction, Fraction, Fraction | None, Fraction | None, int]
"""(measure, count, target, value on the bands' scale, number of the band reached) of one agent."""


def _standing(month: Month, segment: Segment, rows: Counted, agent: str, base: int, units: int) -> Standing:
    component = segment.component
    measure, count = Fraction(base, rows.per_one), Fraction(units, rows.per_unit)
    target = target_of(month, segment, agent)
    value = scale_value(month, component, agent, measure, count, target)
    return measure, count, target, value, _band_of(component, value, target, segment.share)


def _band_of(component: Component, value: Fraction | None, target: Fraction | None, share: Fraction) -> int:
    if component.matrix is not None or value is None:
        return -1 if component.band_by is not None and component.matrix is None else 0
    if component.band_by == "attainment" and not target:
        return 0
    scaled = on_bands.prorated(component.scale, component, share if component.per != "payment" else ONE)
    edge = "from" if component.band_mode == "interpolated" else component.band_edge
    return on_bands.reached(scaled, value, edge)


def target_of(month: Month, segment: Segment, agent: str) -> Fraction | None:
    """The agent's target for the segment's days; None without one (a warning where one is needed)."""
    component = segment.component
    if component.target is None:
        return None
    found = _target_in(month, component, agent, month.period)
    if not found:
        month.problems.append(
            problem("TARGET_MISSING", value=agent, agent=agent, component=component.code, kpi=component.target)
        )
    return found * segment.share if found else None


def _target_in(month: Month, component: Component, agent: str, period: Period) -> Fraction | None:
    post = month.teams.last_in(agent, period)
    roles = component.where.role
    return month.targets.target(
        component.target or "",
        agent,
        month.teams,
        period,
        prorate=component.prorate or "none",
        in_role=lambda held: roles is None or held.role in roles,
        country=(post.country if post else "") or month.plan.country,
        working_week=month.working_week,
    )


def scale_value(
    month: Month, component: Component, agent: str, measure: Fraction, count: Fraction, target: Fraction | None
) -> Fraction | None:
    """Where the agent stands on the bands' scale, for a scale that looks at the period; None if it cannot be said."""
    scale = component.band_by
    if scale is None:
        return ZERO
    if scale == "amount":
        return measure * Fraction(component.base_share, PPM)
    if scale == "attainment":
        return attainment(measure, target)
    if scale == "count":
        return count
    if scale in ("days_past_due", "balance"):
        return None
    return _kpi(month, component, agent, scale)


def _kpi(month: Month, component: Component, agent: str, kpi: str) -> Fraction | None:
    found = month.kpis.get(kpi, agent, month.period)
    if found is None:
        month.problems.append(problem("KPI_MISSING", value=agent, agent=agent, component=component.code, kpi=kpi))
    return found.value if found else None


def _numbered(
    month: Month, component: Component, rows: Counted, stands: Mapping[str, Standing], by_row: set[str]
) -> Counted:
    """The rows with `band`: the number of the band, or of the cell of a matrix."""
    if component.matrix is not None:
        frame = _cell_numbers(month, component, rows, stands)
    elif by_row:
        starts = [band.start for band in component.scale]
        frame = rows.frame.with_columns(band=_row_band(month, component, component.band_by or "", starts))
    elif component.band_by is None:
        frame = rows.frame.with_columns(band=nw.lit(0, nw.Int64))
    else:
        frame = _joined(rows.frame, ["band"], {agent: {"band": standing[4]} for agent, standing in stands.items()})
    return Counted(frame, rows.per_one, rows.per_unit)


def _row_band(month: Month, component: Component, scale: str, starts: Sequence[Fraction]) -> nw.Expr:
    """The band of each row on days_past_due, balance or the row's own amount."""
    per_one = {"days_past_due": Fraction(1), "balance": Fraction(month.unit)}.get(
        scale, month.unit / Fraction(component.base_share, PPM)
    )
    column = "base" if scale == "amount" else scale
    above = component.band_edge == "above"
    points = [start * per_one for start in starts]
    # value > s is value > floor(s), value >= s is value >= ceil(s), for whole values
    whole = [floor(point) if above else ceil(point) for point in points]
    return band_reached(nw.col(column), whole, edge_above=above)


def _cell_numbers(month: Month, component: Component, rows: Counted, stands: Mapping[str, Standing]) -> Frame:
    matrix = component.matrix
    assert matrix is not None  # noqa: S101  # called for matrices only
    frame = rows.frame
    for name, scale, starts in (("_r", matrix.rows_by, matrix.rows), ("_c", matrix.columns_by, matrix.columns)):
        if scale in scales_used(component) and (scale != "amount" or component.per == "payment"):
            frame = frame.with_columns(_row_band(month, component, scale, starts).alias(name))
        else:
            numbers = {
                agent: {name: _axis_number(month, component, agent, standing, scale, starts)}
                for agent, standing in stands.items()
            }
            frame = _joined(frame, [name], numbers)
    outside = (nw.col("_r") < 0) | (nw.col("_c") < 0)
    cell = nw.col("_r") * len(matrix.columns) + nw.col("_c")
    return frame.with_columns(band=nw.when(outside).then(nw.lit(-1, nw.Int64)).otherwise(cell)).drop("_r", "_c")


def _axis_number(
    month: Month, component: Component, agent: str, standing: Standing, scale: str, starts: Sequence[Fraction]
) -> int:
    measure, count, target = standing[:3]
    on_axis = component.model_copy(update={"band_by": scale})
    value = scale_value(month, on_axis, agent, measure, count, target)
    points = [Band.model_construct(start=start, rate=None, amount=None, factor=None) for start in starts]
    return -1 if value is None else on_bands.reached(points, value, component.band_edge)


def _joined(frame: Frame, names: Sequence[str], by_agent: Mapping[str, Mapping[str, int]]) -> Frame:
    """`frame` with whole numbers that belong to its agents, in the columns `names`."""
    data: dict[str, list[Any]] = {"agent_id": list(by_agent)}
    data |= {name: [values[name] for values in by_agent.values()] for name in names}
    schema: dict[str, Any] = {"agent_id": nw.String, **dict.fromkeys(names, nw.Int64)}
    return frame.join(frame_like(frame, data, schema), on="agent_id", how="inner")


def is_sliced(component: Component) -> bool:
    """Whether each slice has its own rate; at_target without bands is one slice."""
    return component.band_mode == "slice" or (component.kind == "at_target" and component.band_mode is None)


# --- totals: slices by amount, attainment or count, at_target, interpolated ------------------------


def _of_totals(month: Month, segment: Segment, rows: Counted, totals: Mapping[str, tuple[int, int]]) -> Earnings:
    component = segment.component
    terms, edges = {}, {}
    for agent, (base, units) in totals.items():
        measure, count, target, value, band = _standing(month, segment, rows, agent, base, units)
        exact = _exact(month, component, measure, value, target, segment.share)
        terms[agent], edges[agent] = _slice_terms(
            month, segment, rows, Terms(measure, count, target, value, band, exact), base
        )
    if not is_sliced(component):
        frame = _joined(rows.frame, ["band"], {agent: {"band": term.band} for agent, term in terms.items()})
        pieces = frame.with_columns(piece=nw.col("base"), weight=nw.col("base")).filter(nw.col("band") >= 0)
        return Earnings(segment, pieces.select(*PIECE_COLUMNS), terms, [])
    return Earnings(segment, _filled(month, component, rows, edges), terms, [])


def _exact(
    month: Month,
    component: Component,
    measure: Fraction,
    value: Fraction | None,
    target: Fraction | None,
    share: Fraction,
) -> Fraction:
    """Earned by a total, in minor units. A KPI that is missing earns nothing."""
    if value is None:
        return ZERO
    parts = earned(component, measure, value=value, target=target, share=share)
    return sum((part.earned for part in parts), ZERO) * month.unit


def _slice_terms(
    month: Month, segment: Segment, rows: Counted, terms: Terms, base: int
) -> tuple[Terms, dict[str, int]]:
    """The agent's terms with what a weight is worth, and where its slices begin in whole parts of `base`."""
    component = segment.component
    share = Fraction(component.base_share, PPM)
    if not is_sliced(component):
        shared_by_base = component.band_mode == "interpolated" or component.kind == "at_target"
        per_weight = _per_weight(month, component, rows)
        if shared_by_base:
            per_weight = terms.exact / base if base else ZERO
        return _with_worth(terms, per_weight, share / rows.per_one), {}
    points = _slice_points(component, rows, terms, segment.share)
    parts = lcm(*(point.denominator for point in points if point is not None))
    if base * parts * max(PPM, *map(abs, _band_weights(component, rows, month.unit))) >= 2**62:
        raise ToolkitError([problem("TOO_MUCH_MONEY", component=component.code)])
    starts = [FAR if point is None else int(point * parts) for point in points]
    if component.kind == "at_target":
        worth = Fraction(component.at_target or 0) * segment.share * month.unit
        per_weight = worth / (terms.target * rows.per_one * parts * PPM) if terms.target else ZERO
    else:
        per_weight = _per_weight(month, component, rows) / parts
    edges = {"_parts": parts} | {f"_edge_{number}": start for number, start in enumerate(starts)}
    return _with_worth(terms, per_weight, share / (rows.per_one * parts)), edges


def _with_worth(terms: Terms, per_weight: Fraction, per_piece: Fraction) -> Terms:
    return Terms(terms.measure, terms.count, terms.target, terms.value, terms.band, terms.exact, per_weight, per_piece)


def _slice_points(component: Component, rows: Counted, terms: Terms, share: Fraction) -> list[Fraction | None]:
    """Where each slice begins, in units of `base`; None for a slice that cannot be reached."""
    starts = [band.start for band in component.scale]
    if component.band_by == "attainment" or (component.kind == "at_target" and component.band_by is None):
        if not terms.target:
            return [ZERO, *[None] * (len(starts) - 1)]
        return [start * terms.target * rows.per_one for start in starts]
    base_share = Fraction(component.base_share, PPM)
    prorated = share if component.per != "payment" else ONE
    return [start * prorated * rows.per_one / base_share for start in starts]


def _filled(
    month: Month, component: Component, rows: Counted, edges: Mapping[str, Mapping[str, int]], *, alone: bool = False
) -> Frame:
    """The pieces of slices filled in the order of time, each weighed at its slice's rate."""
    names = [f"_edge_{number}" for number in range(len(component.scale))]
    frame = _joined(rows.frame.filter(nw.col("base") > 0), ["_parts", *names], edges)
    scaled = frame.with_columns(_whole=nw.col("base") * nw.col("_parts"))
    placed = (
        each_alone(scaled, base="_whole")
        if alone
        else in_sequence(scaled, within=["agent_id"], order="seq", base="_whole")
    )
    pieces = slices_filled(placed, names)
    weights = _band_weights(component, rows, month.unit)
    weighed = pieces.with_columns(weight=nw.col("piece") * chosen(nw.col("band"), weights))
    return weighed.select(*PIECE_COLUMNS)


def _sliced_alone(month: Month, segment: Segment, rows: Counted) -> Earnings:
    """Each payment sliced by its own amount."""
    component = segment.component
    totals = _totals(rows)
    blank = Terms(ZERO, ZERO, None, None, -1, ZERO)
    worth, edges = _slice_terms(month, segment, rows, blank, 0)
    pieces = _filled(month, component, rows, dict.fromkeys(totals, edges), alone=True)
    sums = _weights(pieces)
    terms = {
        agent: Terms(
            Fraction(base, rows.per_one),
            Fraction(units, rows.per_unit),
            None,
            None,
            -1,
            sums.get(agent, 0) * worth.per_weight,
            worth.per_weight,
            worth.per_piece,
        )
        for agent, (base, units) in totals.items()
    }
    return Earnings(segment, pieces, terms, [])


def _interpolated_rows(month: Month, segment: Segment, rows: Counted) -> Earnings:
    """Rates on a line between points, row by row: exact fractions, one row at a time (this is rare)."""
    component = segment.component
    scale = component.band_by or ""
    share = Fraction(component.base_share, PPM)
    loose: list[Loose] = []
    for row in rows.frame.to_polars().iter_rows(named=True):
        base = Fraction(row["base"], rows.per_one) * share
        point = base if scale == "amount" else Fraction(row[scale], month.unit if scale == "balance" else 1)
        number = on_bands.reached(component.scale, point, "from")
        if number >= 0:
            exact = base * on_bands.interpolated_rate(component.scale, point) * month.unit
            loose.append(Loose(row["agent_id"], exact, base, number, row=row))
    by_agent: dict[str, Fraction] = {}
    for piece in loose:
        by_agent[piece.agent_id] = by_agent.get(piece.agent_id, ZERO) + piece.exact
    terms = {
        agent: Terms(
            Fraction(base, rows.per_one), Fraction(units, rows.per_unit), None, None, -1, by_agent.get(agent, ZERO)
        )
        for agent, (base, units) in _totals(rows).items()
    }
    return Earnings(segment, None, terms, loose)


# --- agents: fixed amounts, base pay, KPIs, a matrix paid once --------------------------------------


def _of_agents(month: Month, segment: Segment, rows: Counted | None) -> Earnings:
    """One sum an agent, with a piece for each slice it has."""
    component = segment.component
    totals = _totals(rows) if rows is not None else {}
    terms: dict[str, Terms] = {}
    loose: list[Loose] = []
    for agent in agents_counted(month, component):
        if rows is not None:
            base, units = totals.get(agent, (0, 0))
            measure, count = Fraction(base, rows.per_one), Fraction(units, rows.per_unit)
        else:
            found = _agent_measure(month, component, agent)
            if found is None:
                continue
            # what belongs to the whole period is shared by the days of the plan's versions
            measure = count = found * segment.share
        target = target_of(month, segment, agent)
        value = scale_value(month, component, agent, measure, count, target)
        if value is None:
            continue
        if component.matrix is not None:
            standing = (measure, count, target, value, -1)
            parts = _matrix_parts(month, component, agent, standing, segment.share)
        else:
            parts = earned(component, measure, value=value, target=target, share=segment.share)
        exact = sum((part.earned for part in parts), ZERO) * month.unit
        band = parts[-1].band if parts else -1
        terms[agent] = Terms(measure, count, target, value, band, exact)
        loose += [Loose(agent, part.earned * month.unit, part.base, part.band) for part in parts]
    return Earnings(segment, None, terms, loose)


def _agent_measure(month: Month, component: Component, agent: str) -> Fraction | None:
    if component.measure is None:
        return ONE
    if component.measure == "base_pay":
        return base_pay(month, agent)
    return _kpi(month, component, agent, component.measure)


def _matrix_parts(
    month: Month, component: Component, agent: str, standing: Standing, share: Fraction
) -> list[on_bands.Part]:
    matrix = component.matrix
    assert matrix is not None  # noqa: S101  # called for matrices only
    row = _axis_number(month, component, agent, standing, matrix.rows_by, matrix.rows)
    column = _axis_number(month, component, agent, standing, matrix.columns_by, matrix.columns)
    if row < 0 or column < 0:
        return []
    amount = Fraction(matrix.amounts[row][column])
    times = share if component.counts_money or component.measure is None else standing[0]
    return [on_bands.Part(row * len(matrix.columns) + column, times, amount * times)]


def _matrix_once(month: Month, segment: Segment, rows: Counted) -> Earnings:
    """A matrix of a money measure pays its amount once for the period."""
    component = segment.component
    terms, loose = {}, []
    for agent, (base, units) in _totals(rows).items():
        measure, count = Fraction(base, rows.per_one), Fraction(units, rows.per_unit)
        standing = (measure, count, target_of(month, segment, agent), ZERO, -1)
        parts = _matrix_parts(month, component, agent, standing, segment.share)
        exact = sum((part.earned for part in parts), ZERO) * month.unit
        terms[agent] = Terms(measure, count, standing[2], None, parts[-1].band if parts else -1, exact)
        loose += [Loose(agent, part.earned * month.unit, ONE, part.band) for part in parts]
    return Earnings(segment, None, terms, loose)


# --- year to date ----------------------------------------------------------------------------------


def _year_to_date(month: Month, segment: Segment) -> Earnings:
    """Earned from the year's start to the period's end, less earned to the previous period's end.

    The period's payments are pieces at the slice or rate they fall in now; what the earlier months earn
    more or less under today's total is one piece more.
    """
    component = segment.component
    rows = eligible(month, segment, whole_year=True)
    if rows is None:
        raise ToolkitError([problem("YEAR_TO_DATE_OF_ROWS", component=component.code)])
    first = year_start(component, month.period)
    in_year = Counted(rows.frame.filter((nw.col("day") >= first) | nw.col("in_run")), rows.per_one, rows.per_unit)
    before = Counted(in_year.frame.filter(~nw.col("in_run")), rows.per_one, rows.per_unit)
    earlier = _totals(before)
    terms, loose, edges = {}, [], {}
    for agent, (base, units) in _totals(in_year).items():
        target_then, target_now = _year_targets(month, component, agent, first)
        standing = _year_standing(month, component, rows, agent, base, units, target_now)
        then = _year_standing(month, component, rows, agent, *earlier.get(agent, (0, 0)), target_then)
        gained = _exact(month, component, standing[0], standing[3], target_now, ONE) - _exact(
            month, component, then[0], then[3], target_then, ONE
        )
        base_terms = Terms(*standing, _exact(month, component, standing[0], standing[3], target_now, ONE))
        worth, edges[agent] = _slice_terms(month, segment, in_year, base_terms, base)
        terms[agent] = Terms(*standing, gained, worth.per_weight, worth.per_piece)
    pieces = _year_pieces(month, segment, in_year, terms, edges)
    sums = _weights(pieces)
    for agent, term in terms.items():
        rest = term.exact - sums.get(agent, 0) * term.per_weight
        if rest:
            loose.append(Loose(agent, rest, None, term.band, said("REASON_YEAR")))
    return Earnings(segment, pieces, terms, loose)


def year_start(component: Component, period: Period) -> date:
    """The first day of the period in which the plan's year begins, the latest not after this period."""
    month, day = (int(part) for part in component.year_starts.split("-"))
    starts = [
        containing(date(year, month, day), period.kind, period.start_day).first
        for year in (period.last.year - 1, period.last.year)
    ]
    return max(start for start in starts if start <= period.first)


def _year_targets(
    month: Month, component: Component, agent: str, first: date
) -> tuple[Fraction | None, Fraction | None]:
    """(target of the year to the previous period's end, to this period's end): sums of the periods' targets."""
    if component.target is None:
        return None, None
    total: Fraction | None = None
    before: Fraction | None = None
    period = containing(first, month.period.kind, month.period.start_day)
    while period.first <= month.period.first:
        before = total
        found = _target_in(month, component, agent, period)
        total = found if total is None else total + (found or 0)
        period = period.next()
    return before, total


def _year_standing(
    month: Month, component: Component, rows: Counted, agent: str, base: int, units: int, target: Fraction | None
) -> Standing:
    measure, count = Fraction(base, rows.per_one), Fraction(units, rows.per_unit)
    value = scale_value(month, component, agent, measure, count, target)
    return measure, count, target, value, _band_of(component, value, target, ONE)


def _year_pieces(
    month: Month, segment: Segment, rows: Counted, terms: Mapping[str, Terms], edges: Mapping[str, Mapping[str, int]]
) -> Frame:
    component = segment.component
    if is_sliced(component):
        pieces = _filled(month, component, rows, edges)
        current = rows.frame.filter(nw.col("in_run")).select("seq", "agent_id").unique()
        return pieces.join(current, on=["seq", "agent_id"], how="inner")
    frame = _joined(rows.frame, ["band"], {agent: {"band": term.band} for agent, term in terms.items()})
    weights = _band_weights(component, rows, month.unit)
    if component.band_mode == "interpolated" or component.kind == "at_target":
        weight = nw.col("base")
    else:
        weight = nw.col("base") * chosen(nw.col("band"), weights)
    pieces = frame.with_columns(piece=nw.col("base"), weight=weight)
    return pieces.filter((nw.col("band") >= 0) & nw.col("in_run")).select(*PIECE_COLUMNS)
