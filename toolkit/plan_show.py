"""What a plan pays, in words that a supervisor can read aloud and in a table around each band's edge.

The figures come from `bands.PayScale`, the same that commissions are calculated with; the words are in
texts/en/plan_show.toml.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap

from toolkit.bands import PayScale, earned_by
from toolkit.kpi_codes import kpi_codes
from toolkit.money import PPM, rounded, worded
from toolkit.plan_words import (
    amount_words,
    component_words,
    digits_of,
    heading,
    is_share,
    measure_words,
    plain_number,
    point_words,
    say,
    scale_words,
    team,
    terms,
)
from toolkit.plans import MEASURES, MONEY_MEASURES, Component, Plan

EXAMPLE_BASE = Fraction(10_000)
EXAMPLE_TARGET = Fraction(100_000)
EXAMPLE_TARGET_COUNT = Fraction(1_000)
"""Round figures on which the tables show what a rate pays; no plan depends on them."""


@dataclass(frozen=True)
class PaidAt:
    """What a component pays at one place of its scale; `note` says cap or floor where they decide."""

    at: str
    pays: str
    note: str = ""
    edge: bool = False


@dataclass(frozen=True)
class ShownComponent:
    """A component in words, and the table of what it pays around each edge."""

    code: str
    title: str
    says: tuple[str, ...]
    caption: str
    scale: str
    paid: tuple[PaidAt, ...]


@dataclass(frozen=True)
class ShownPlan:
    """A plan in words: heading, terms, components, and what concerns leaders, minimum pay and tax."""

    id: str
    version: int
    heading: tuple[str, ...]
    terms: tuple[str, ...]
    components: tuple[ShownComponent, ...]
    team: tuple[str, ...]


def shown_plan(plan: Plan) -> ShownPlan:
    """The plan in words and tables."""
    return ShownPlan(
        id=plan.id,
        version=plan.version,
        heading=tuple(heading(plan)),
        terms=tuple(terms(plan)),
        components=tuple(_shown_component(component, plan) for component in plan.components),
        team=tuple(team(plan)),
    )


def _shown_component(component: Component, plan: Plan) -> ShownComponent:
    return ShownComponent(
        code=component.code,
        title=component.title,
        says=tuple(component_words(component, plan)),
        caption=_caption(component, digits_of(plan)),
        scale=_scale_heading(component),
        paid=tuple(paid_at_edges(component, plan)),
    )


# -- what it pays around each edge -----------------------------------------------------------------------


def _scale_heading(component: Component) -> str:
    if component.kind == "matrix":
        return ""
    scale = component.band_by or ("attainment" if component.kind == "at_target" else "")
    if scale:
        return scale_words(scale)
    return say("SCALE_FLAT_MONEY" if _is_money(component) else "SCALE_FLAT", measure=measure_words(component))


def _caption(component: Component, digits: int) -> str:
    measure = measure_words(component)
    if component.kind == "at_target":
        return say("EXAMPLE_FIXED")
    if component.band_by == "attainment":
        target = _example_target(component)
        words = amount_words(target, digits) if _is_money(component) else plain_number(target)
        return say("EXAMPLE_TARGET", target=words)
    if component.kind in ("fixed", "matrix") or not component.bands or _own_scale(component):
        return say("EXAMPLE_FIXED")
    if component.kind == "per_unit":
        return say("EXAMPLE_UNITS", measure=measure)
    return say("EXAMPLE_OF", measure=measure, base=amount_words(EXAMPLE_BASE, digits))


def _is_money(component: Component) -> bool:
    kpi = kpi_codes().get(component.measure or "")
    known_money = kpi is not None and kpi.unit == "money" and component.measure not in MEASURES
    return component.counts_money or component.measure in MONEY_MEASURES or known_money


def _own_scale(component: Component) -> bool:
    """Whether the bands look at the measure itself."""
    if component.kind == "fixed":
        return False
    return component.band_by is None or component.band_by == ("amount" if component.counts_money else "count")


def _example_target(component: Component) -> Fraction:
    kpi = kpi_codes().get(component.measure or "")
    if kpi is not None and kpi.is_share:
        return Fraction(1)
    return EXAMPLE_TARGET if _is_money(component) else EXAMPLE_TARGET_COUNT


def step_on(scale: str | None, digits: int) -> Fraction:
    """One step on a scale: a minor unit, a hundredth of a percent, a day or one more of what is counted."""
    if is_share(scale):
        return Fraction(1, 10_000)
    return Fraction(1, 10**digits) if scale in ("amount", "balance") else Fraction(1)


def edge_points(component: Component, digits: int) -> list[tuple[Fraction, bool]]:
    """Each band's start with one step below and above it, ascending; True marks the starts themselves."""
    scale = component.band_by or ("attainment" if component.kind == "at_target" else None)
    starts = [band.start for band in component.bands] or [Fraction(1)]
    if not component.bands and _own_scale(component) and component.counts_money:
        starts = [EXAMPLE_BASE]
    step = step_on(scale or ("amount" if component.counts_money else "count"), digits)
    around = {start + shift for start in starts for shift in (-step, Fraction(0), step)}
    return [(point, point in starts) for point in sorted(around) if point >= min(Fraction(0), starts[0])]


def paid_at_edges(component: Component, plan: Plan) -> Iterator[PaidAt]:
    """What the component pays at each band's start and one step either side, rounded as a line is.

    Before gates, multiplier and holdback; floor and cap are in.
    """
    digits = digits_of(plan)
    if component.kind == "matrix":
        yield from _matrix_cells(component, digits)
        return
    scale = component.band_by or _scale_without_bands(component)
    for point, edge in edge_points(component, digits):
        pays, note = _limited(component, _earned_at(component, point))
        at = point_words(point, scale, digits)
        yield PaidAt(at, worded(rounded(pays * 10**digits, plan.rounding), digits), note, edge)


def _scale_without_bands(component: Component) -> str | None:
    if component.kind == "at_target":
        return "attainment"
    return "amount" if component.counts_money else "count"


def _earned_at(component: Component, point: Fraction) -> Fraction:
    pay_scale = PayScale(component)
    if component.kind == "at_target" or component.band_by == "attainment":
        target = _example_target(component)
        parts = pay_scale.earned(point * target, target=target)
    elif _own_scale(component):
        # the bands look at what is left after base_share, so the measure before it is that much larger
        share = component.base_share if component.bands and component.base_share else PPM
        parts = pay_scale.earned(point * PPM / share)
    else:
        base = Fraction(1) if component.kind in ("per_unit", "fixed") else EXAMPLE_BASE
        parts = pay_scale.earned(base, value=point)
    return earned_by(parts)


def _limited(component: Component, pays: Fraction) -> tuple[Fraction, str]:
    if component.cap is not None and pays > component.cap:
        return Fraction(component.cap), say("NOTE_CAP")
    if component.floor is not None and pays < component.floor:
        return Fraction(component.floor), say("NOTE_FLOOR")
    return pays, ""


def _matrix_cells(component: Component, digits: int) -> Iterator[PaidAt]:
    matrix = component.matrix
    if matrix is None:
        return
    for down, row in zip(matrix.rows, matrix.amounts, strict=False):
        for across, amount in zip(matrix.columns, row, strict=False):
            at = say(
                "CELL",
                rows=scale_words(matrix.rows_by),
                down=point_words(down, matrix.rows_by, digits),
                columns=scale_words(matrix.columns_by),
                across=point_words(across, matrix.columns_by, digits),
            )
            yield PaidAt(at, amount_words(amount, digits), "", True)


# -- as text ---------------------------------------------------------------------------------------------


def as_text(shown: ShownPlan, currency: str, width: int = 96) -> str:
    """The plan as lines of text for a terminal."""
    lines = [shown.heading[0], "=" * min(width, len(shown.heading[0])), *_wrapped(shown.heading[1:], width, "")]
    lines += ["", say("SECTION_TERMS"), *_wrapped(shown.terms, width)]
    lines += ["", say("SECTION_COMPONENTS")]
    for component in shown.components:
        lines += ["", *_component_text(component, currency, width)]
    if shown.team:
        lines += ["", say("SECTION_TEAM"), *_wrapped(shown.team, width)]
    return "\n".join(lines)


def _wrapped(sentences: Iterable[str], width: int, sign: str = "- ") -> list[str]:
    lines: list[str] = []
    for sentence in sentences:
        lines += wrap(sentence, width, initial_indent=f"  {sign}", subsequent_indent=" " * (2 + len(sign)))
    return lines


def _component_text(component: ShownComponent, currency: str, width: int) -> list[str]:
    name = f"{component.code}: {component.title}" if component.title else component.code
    return [name, *_wrapped(component.says, width), *table_text(component, currency)]


def table_text(component: ShownComponent, currency: str) -> list[str]:
    """The table of what a component pays, its edges marked."""
    head_at, head_pays = say("HEAD_AT", scale=component.scale), say("HEAD_PAYS", currency=currency)
    at_width = max(len(head_at), *(len(row.at) for row in component.paid)) if component.paid else len(head_at)
    pays_width = max(len(head_pays), *(len(row.pays) for row in component.paid)) if component.paid else len(head_pays)
    lines = [f"  {component.caption}:", f"    {head_at:>{at_width}}  {head_pays:>{pays_width}}"]
    for row in component.paid:
        sign = "*" if row.edge else " "
        lines.append(f"  {sign} {row.at:>{at_width}}  {row.pays:>{pays_width}}  {row.note}".rstrip())
    return lines
