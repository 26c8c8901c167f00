"""How an agent stands under a component: measure, target, band, and what a piece is worth.

A piece is a row (a payment, mostly) or the part of it that falls into one slice. Its worth is its whole
`weight` times the agent's `per_weight`, an exact fraction of a minor unit, so a million pieces are
integers in a table and only what belongs to an agent is a fraction. What no row stands behind (fixed
amounts, base pay, KPIs, the re-rating of a year's earlier months) is a `Loose` piece.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import narwhals as nw

from toolkit import bands as on_bands
from toolkit.bands import ONE, ZERO, PayScale, after_share, attainment, earned_by, paid
from toolkit.money import PPM
from toolkit.periods import Period
from toolkit.plans import Band, Component
from toolkit.problems import ToolkitError, problem
from toolkit.rows import Frame, frame_like
from toolkit.steps.measures import Counted
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
    """A piece that is exact by itself: `exact` minor units, `base` on the measure's scale.

    is_floor: it is what the floor gives to somebody who earned nothing, so nothing scales it again.
    """

    agent_id: str
    exact: Fraction
    base: Fraction | None
    band: int
    reason: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)
    is_floor: bool = False


@dataclass(frozen=True)
class Earnings:
    """What one component earned on the days of one segment."""

    segment: Segment
    pieces: Frame | None
    terms: dict[str, Terms]
    loose: list[Loose]


class Sums(NamedTuple):
    """What an agent's rows add up to, in the rows' own whole units."""

    base: int
    units: int
    money: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What an agent is measured by: the measure (major unit or a count), its place on a `count` scale (payments of a
    money measure, the units of a count), and its money in the major unit."""

    measure: Fraction
    count: Fraction
    money: Fraction


class Standing(NamedTuple):
    """Where one agent stands: `value` on the bands' scale and the number of the band reached."""

    measured: Measured
    target: Fraction | None
    value: Fraction | None
    band: int


NOTHING = Sums(0, 0, 0)


def totals_by_agent(rows: Counted) -> dict[str, Sums]:
    """Per agent: the sums of `base`, `units` and `money`."""
    sums = {name: nw.col(name).sum() for name in Sums._fields}
    by_agent = rows.frame.group_by("agent_id").agg(**sums).sort("agent_id")
    return {agent: Sums(*(int(total or 0) for total in totals)) for agent, *totals in by_agent.iter_rows()}


def measured(month: Month, component: Component, rows: Counted, sums: Sums) -> Measured:
    measure = Fraction(sums.base, rows.per_one)
    count = Fraction(sums.units, rows.per_unit) if component.counts_money else measure
    return Measured(measure, count, Fraction(sums.money, month.unit))


def weights_by_agent(pieces: Frame) -> dict[str, int]:
    """Per agent: the sum of the pieces' weights."""
    summed = pieces.group_by("agent_id").agg(weight=nw.col("weight").sum())
    return {agent: int(weight) for agent, weight in summed.iter_rows()}


def refuse_beyond_int64(component: Component, rows: Counted) -> None:
    """The largest possible sum of weights must fit int64, or an engine would wrap it around in silence."""
    if not len(rows.frame):
        return
    most = max((abs(weight) for weight in band_weights(component, rows)), default=PPM)
    total = int(rows.frame.select(nw.col("base").abs().cast(nw.Float64).sum()).item())
    if total * max(most, PPM) >= 2**62:
        raise ToolkitError([problem("TOO_MUCH_MONEY", component=component.code)])


def _amount_scale(amounts: Sequence[Fraction], unit: int) -> int:
    """How many parts of a minor unit make all these amounts whole (1 unless one is finer than that)."""
    return lcm(*((amount * unit).denominator for amount in amounts)) if amounts else 1


def band_weights(component: Component, rows: Counted, unit: int = 1) -> list[int]:
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


def worth_of_weight(month: Month, component: Component, rows: Counted) -> Fraction:
    """Minor units for one weight of a row: what turns base x band weight into money."""
    share = Fraction(component.base_share, PPM)
    if component.kind == "percent":
        return share * month.unit / (PPM * rows.per_one)
    scale = _amount_scale(_amounts(component), month.unit)
    if pays_once_a_row(component):
        return Fraction(1, rows.per_unit * scale)
    return share / (rows.per_one * scale)


def pays_once_a_row(component: Component) -> bool:
    """Fixed amounts and matrices of money pay for the row itself, not for its size."""
    return component.kind == "fixed" or (component.kind == "matrix" and component.counts_money)


def standing_of(month: Month, segment: Segment, rows: Counted, agent: str, sums: Sums) -> Standing:
    """Where an agent stands whose rows add up to `sums`."""
    component = segment.component
    found = measured(month, component, rows, sums)
    target = target_of(month, segment, agent)
    value = scale_value(month, component, agent, found, target)
    return Standing(found, target, value, band_of(component, value, target, segment.share))


def terms_of(standing: Standing, exact: Fraction, per_weight: Fraction = ZERO, per_piece: Fraction = ZERO) -> Terms:
    found, target, value, band = standing
    return Terms(found.measure, found.count, target, value, band, exact, per_weight, per_piece)


def band_of(component: Component, value: Fraction | None, target: Fraction | None, share: Fraction) -> int:
    """The number of the band reached for the whole period; -1 for none, and where each row has its own."""
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
    found = target_in(month, component, agent, month.period)
    if not found:
        month.problems.append(
            problem("TARGET_MISSING", value=agent, agent=agent, component=component.code, kpi=component.target)
        )
    return found * segment.share if found else None


def target_in(month: Month, component: Component, agent: str, period: Period) -> Fraction | None:
    """The agent's target for a period, prorated as the component asks; None without one."""
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
    month: Month, component: Component, agent: str, found: Measured, target: Fraction | None
) -> Fraction | None:
    """Where the agent stands on the bands' scale, for a scale that looks at the period; None if it cannot be said."""
    scale = component.band_by
    if scale is None:
        return ZERO
    if scale == "amount":
        return after_share(found.money, component)
    if scale == "attainment":
        return attainment(found.measure, target)
    if scale == "count":
        return found.count
    if scale in ("days_past_due", "balance"):
        return None
    return kpi_value(month, component, agent, scale)


def kpi_value(month: Month, component: Component, agent: str, kpi: str) -> Fraction | None:
    """The agent's value of a KPI in the period; None and a warning where there is none."""
    found = month.kpis.get(kpi, agent, month.period)
    if found is None:
        month.problems.append(problem("KPI_MISSING", value=agent, agent=agent, component=component.code, kpi=kpi))
    return found.value if found else None


def axis_number(
    month: Month, component: Component, agent: str, standing: Standing, scale: str, starts: Sequence[Fraction]
) -> int:
    """The row or column of a matrix that the agent's period falls in, -1 below the first."""
    on_axis = component.model_copy(update={"band_by": scale})
    value = scale_value(month, on_axis, agent, standing.measured, standing.target)
    points = [Band.model_construct(start=start, rate=None, amount=None, factor=None) for start in starts]
    return -1 if value is None else on_bands.reached(points, value, component.band_edge)


def joined(frame: Frame, names: Sequence[str], by_agent: Mapping[str, Mapping[str, int]]) -> Frame:
    """`frame` with whole numbers that belong to its agents, in the columns `names`."""
    data: dict[str, list[Any]] = {"agent_id": list(by_agent)}
    data |= {name: [values[name] for values in by_agent.values()] for name in names}
    schema: dict[str, Any] = {"agent_id": nw.String, **dict.fromkeys(names, nw.Int64)}
    return frame.join(frame_like(frame, data, schema), on="agent_id", how="inner")


def exact_of(
    month: Month, pay_scale: PayScale, measure: Fraction, value: Fraction | None, target: Fraction | None
) -> Fraction:
    """Earned by a total, in minor units. A KPI that is missing earns nothing."""
    if value is None:
        return ZERO
    return earned_by(pay_scale.earned(measure, value=value, target=target)) * month.unit


def is_sliced(component: Component) -> bool:
    """Whether each slice has its own rate; at_target without bands is one slice."""
    return component.band_mode == "slice" or (component.kind == "at_target" and component.band_mode is None)


def matrix_parts(
    month: Month, component: Component, agent: str, standing: Standing, share: Fraction
) -> list[on_bands.Part]:
    """What the agent's cell of a matrix pays; nothing below the first row or column."""
    matrix = component.matrix
    assert matrix is not None  # noqa: S101  # called for matrices only
    row = axis_number(month, component, agent, standing, matrix.rows_by, matrix.rows)
    column = axis_number(month, component, agent, standing, matrix.columns_by, matrix.columns)
    if row < 0 or column < 0:
        return []
    amount = Fraction(matrix.amounts[row][column])
    times = share if component.counts_money or component.measure is None else standing.measured.measure
    return [paid(row * len(matrix.columns) + column, times, amount)]
