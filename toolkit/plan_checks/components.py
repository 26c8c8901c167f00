"""The linter's rules for one component: what it measures, its bands and limits, and what it could pay too much of."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from toolkit.kpi_codes import kpi_codes
from toolkit.money import PPM, percentage
from toolkit.plan_checks.bands import BALANCE_SCALES, pay_findings
from toolkit.plan_checks.findings import Finding, Place, did_you_mean, found, listed, meant, unknown_kpi
from toolkit.plans import MEASURES, MONEY_MEASURES, PAYEE_KEYS, Component, Plan, Range, Where
from toolkit.tables import TABLES

AGENT_KEYS = ("role", "branch", "region", "agent")
"""Keys of `where` that can be told of an agent alone, without a payment or account."""

CODED_KEYS = {"kind": ("payments", "kind"), "status": ("accounts", "status")}
"""Keys of `where` whose words come from a fixed list, with the table and column that it belongs to."""


def component_findings(plan: Plan, number: int) -> Iterator[Finding]:
    """Everything that is wrong or doubtful in a plan's component of this number."""
    component = plan.components[number]
    place: Place = ("component", number)
    yield from _measure(component, place)
    yield from pay_findings(component, place)
    yield from _target(component, place)
    yield from _limits(component, place)
    yield from _split(component, place)
    yield from _later_money(component, place)
    yield from _where(component, place)
    yield from _references(plan, component, place)
    yield from _year_to_date(component, place)
    yield from _shares(component, place)
    yield from _arrears(plan, component, place)
    yield from _paid_too_much(component, place)


# -- what is measured ------------------------------------------------------------------------------------


def _measure(component: Component, place: Place) -> Iterator[Finding]:
    measure = component.measure
    if measure is None:
        if component.kind != "fixed":
            yield found((*place, "measure"), "PLAN_MEASURE_MISSING", component.kind)
        elif component.band_by in ("amount", "attainment", "count"):
            yield found((*place, "measure"), "PLAN_MEASURE_FOR_BANDS", component.band_by)
        if component.kind == "fixed" and component.per == "payment":
            yield found((*place, "per"), "PLAN_PER_PAYMENT", "a fixed amount without measure")
        return
    if measure not in MEASURES and measure not in kpi_codes():
        yield found(
            (*place, "measure"),
            "PLAN_MEASURE_UNKNOWN",
            measure,
            hint=did_you_mean(measure, [*MEASURES, *kpi_codes()]),
            known=", ".join(MEASURES),
        )
        return
    yield from _measure_and_kind(component, measure, place)
    if component.per == "payment" and _of_the_agent(component):
        yield found((*place, "per"), "PLAN_PER_PAYMENT", measure)


def _measure_and_kind(component: Component, measure: str, place: Place) -> Iterator[Finding]:
    money = measure in MONEY_MEASURES or (measure not in MEASURES and kpi_codes()[measure].unit == "money")
    if component.kind == "percent" and not money:
        yield found((*place, "measure"), "PLAN_PERCENT_OF_COUNT", measure)
    if component.kind == "per_unit" and money:
        yield found((*place, "measure"), "PLAN_UNIT_OF_MONEY", measure)
    if component.kind == "per_unit" and measure not in MEASURES and kpi_codes()[measure].is_share:
        yield found((*place, "measure"), "PLAN_UNIT_OF_SHARE", measure)


def _of_the_agent(component: Component) -> bool:
    """Whether the measure is a value of the agent's period, with no payment or account behind it."""
    return component.measure is None or component.measure == "base_pay" or component.measure not in MEASURES


# -- target, floor and cap -------------------------------------------------------------------------------


def needs_target(component: Component) -> bool:
    """Whether attainment decides what a component pays."""
    scales = (component.band_by, *((component.matrix.rows_by, component.matrix.columns_by) if component.matrix else ()))
    return component.kind == "at_target" or "attainment" in scales


def _target(component: Component, place: Place) -> Iterator[Finding]:
    if component.target is None:
        if needs_target(component):
            yield found((*place, "target"), "PLAN_TARGET_MISSING")
        if component.prorate is not None:
            yield found((*place, "prorate"), "PLAN_KEY_IDLE", "prorate", without="target")
        return
    yield from unknown_kpi(component.target, (*place, "target"), MEASURES)
    if not needs_target(component):
        yield found((*place, "target"), "PLAN_TARGET_IDLE", component.target)
    if component.prorate is None:
        yield found((*place, "prorate"), "PLAN_PRORATE_MISSING")


def _limits(component: Component, place: Place) -> Iterator[Finding]:
    floor, cap = component.floor, component.cap
    if cap is not None and component.cap_excess is None:
        yield found((*place, "cap_excess"), "PLAN_CAP_EXCESS_MISSING")
    if cap is None and component.cap_excess is not None:
        yield found((*place, "cap_excess"), "PLAN_KEY_IDLE", "cap_excess", without="cap")
    if cap is not None and cap < 0:
        yield found((*place, "cap"), "PLAN_NEGATIVE", cap, key="cap")
    if floor is not None and cap is not None and floor > cap:
        yield found((*place, "floor"), "PLAN_FLOOR_OVER_CAP", floor, cap=cap)


# -- split, holdback, clawback ---------------------------------------------------------------------------


def _split(component: Component, place: Place) -> Iterator[Finding]:
    split = component.split
    if split is None:
        return
    total = sum(split.values())
    if total > PPM:
        yield found((*place, "split"), "PLAN_NO_OVERPAYING_SPLIT", percentage(total))
    elif total != PPM:
        yield found((*place, "split"), "PLAN_SPLIT_SUM", percentage(total), missing=percentage(PPM - total))
    for payee, share in split.items():
        if share < 0:
            yield found((*place, "split", payee), "PLAN_SHARE_RANGE", percentage(share), key=payee)
        if payee not in PAYEE_KEYS and meant(payee, PAYEE_KEYS):
            yield found((*place, "split", payee), "PLAN_SPLIT_PAYEE", payee, hint=did_you_mean(payee, PAYEE_KEYS))
    if _of_the_agent(component):
        yield found((*place, "split"), "PLAN_SPLIT_IDLE", component.measure or component.kind)


def _later_money(component: Component, place: Place) -> Iterator[Finding]:
    clawback = component.clawback
    if clawback is None:
        return
    if clawback.decline == "straight_line" and not clawback.within_days:
        yield found((*place, "clawback", "within_days"), "PLAN_DECLINE_WINDOW")
    if _of_the_agent(component):
        yield found((*place, "clawback"), "PLAN_CLAWBACK_IDLE", component.measure or component.kind)


def _shares(component: Component, place: Place) -> Iterator[Finding]:
    shares: list[tuple[Place, int]] = [((*place, "base_share"), component.base_share)]
    if component.holdback:
        shares.append(((*place, "holdback", "share"), component.holdback.share))
    if component.clawback:
        shares.append(((*place, "clawback", "share"), component.clawback.share))
    for where, share in shares:
        if not 0 <= share <= PPM:
            yield found(where, "PLAN_SHARE_RANGE", percentage(share), key=where[-1])


# -- where, gates, year ----------------------------------------------------------------------------------


def _where(component: Component, place: Place) -> Iterator[Finding]:
    inside = (*place, "where")
    for key in component.where.model_fields_set:
        value = getattr(component.where, key)
        if isinstance(value, Range):
            yield from _range(value, (*inside, key))
        elif value == ():
            yield found((*inside, key), "PLAN_WHERE_EMPTY", key)
        elif key in CODED_KEYS:
            yield from _codes(value, *CODED_KEYS[key], (*inside, key))
        if _of_the_agent(component) and key not in AGENT_KEYS:
            yield found((*inside, key), "PLAN_WHERE_IDLE", key, measure=component.measure or "a fixed amount")


def _codes(values: Sequence[str], table: str, column: str, place: Place) -> Iterator[Finding]:
    """Words that no row can have after reading, because the column has a fixed list of them."""
    known = next(each.codes for each in TABLES[table].columns if each.name == column)
    for number, value in enumerate(values):
        if known and value not in known:
            hint = did_you_mean(value, known)
            yield found((*place, number), "PLAN_WHERE_CODE", value, hint=hint, known=listed(known), key=place[-1])


def _range(limits: Range, place: Place) -> Iterator[Finding]:
    if limits.start is not None and limits.end is not None and limits.end <= limits.start:
        yield found(place, "PLAN_RANGE_EMPTY", place[-1])
    if limits.start is None and limits.end is None:
        yield found(place, "PLAN_RANGE_OPEN", place[-1])


def _references(plan: Plan, component: Component, place: Place) -> Iterator[Finding]:
    gates = [gate.code for gate in plan.gates]
    for number, code in enumerate(component.gates):
        if code not in gates:
            hint = did_you_mean(code, gates)
            yield found((*place, "gates", number), "PLAN_GATE_UNKNOWN", code, hint=hint)
        if code in component.gates[:number]:
            yield found((*place, "gates", number), "PLAN_GATE_TWICE", code)
    multipliers = [multiplier.code for multiplier in plan.multipliers]
    if component.multiplier is not None and component.multiplier not in multipliers:
        hint = did_you_mean(component.multiplier, multipliers)
        yield found((*place, "multiplier"), "PLAN_MULTIPLIER_UNKNOWN", component.multiplier, hint=hint)


def _year_to_date(component: Component, place: Place) -> Iterator[Finding]:
    given = "year_starts" in component.model_fields_set
    if component.per != "year_to_date":
        if given:
            yield found((*place, "year_starts"), "PLAN_YEAR_STARTS_IDLE")
        return
    try:
        date.fromisoformat(f"2025-{component.year_starts}")  # not a leap year: 02-29 is no start of every year
    except ValueError:
        yield found((*place, "year_starts"), "PLAN_YEAR_STARTS", component.year_starts)
    if _of_the_agent(component):
        yield found((*place, "per"), "PLAN_PER_YEAR", component.measure or "a fixed amount")
    elif component.clawback is None:
        yield found((*place, "clawback"), "PLAN_YEAR_NO_CLAWBACK")


def _arrears(plan: Plan, component: Component, place: Place) -> Iterator[Finding]:
    if plan.arrears_on is not None:
        return
    used = [key for key in BALANCE_SCALES if getattr(component.where, key) is not None]
    scales = [component.band_by, *([component.matrix.rows_by, component.matrix.columns_by] if component.matrix else [])]
    used += [scale for scale in scales if scale in BALANCE_SCALES and scale not in used]
    if used:
        yield found(("arrears_on",), "PLAN_ARREARS_ON_MISSING", listed(used), component=component.code)


# -- paying more than comes in ---------------------------------------------------------------------------


def highest_rate(component: Component, plan: Plan | None = None) -> Fraction:
    """The largest share of a payment that a component can pay, with its multiplier; 0 where it is marked unusual."""
    if component.kind != "percent" or component.measure != "collected" or component.unusual:
        return Fraction(0)
    rate = max((band.rate or 0 for band in component.scale), default=0)
    factor = Fraction(1)
    if plan is not None:
        factors = [band.factor for each in plan.multipliers if each.code == component.multiplier for band in each.bands]
        factor = max((value for value in factors if value is not None), default=factor)
    return Fraction(rate, PPM) * Fraction(component.base_share, PPM) * factor


def together(one: Where, other: Where) -> bool:
    """Whether one payment could count for two components."""
    for key in Where.model_fields:
        mine, theirs = getattr(one, key), getattr(other, key)
        if isinstance(mine, tuple) and isinstance(theirs, tuple) and not set(mine) & set(theirs):
            return False
        if isinstance(mine, Range) and isinstance(theirs, Range) and not _ranges_meet(mine, theirs):
            return False
    return True


def _ranges_meet(one: Range, other: Range) -> bool:
    def ends_before(first: Range, second: Range) -> bool:
        return first.end is not None and second.start is not None and first.end <= second.start

    return not ends_before(one, other) and not ends_before(other, one)


def _paid_too_much(component: Component, place: Place) -> Iterator[Finding]:
    """An amount for each payment can be more than a small payment."""
    if component.kind != "per_unit" or component.measure != "payments":
        return
    highest = max((band.amount or Decimal(0) for band in component.scale), default=Decimal(0))
    smallest = component.where.amount.start if component.where.amount else None
    if highest > 0 and (smallest is None or smallest < Fraction(highest)):
        yield found(place, "PLAN_UNIT_OVER_PAYMENT", f"{highest:f}")
