"""The linter's rules for what stands beside components: gates, multipliers, overrides, guarantees, withholding."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from toolkit.kpi_codes import kpi_codes
from toolkit.money import PPM, percentage
from toolkit.plan_checks.bands import band_order, band_values
from toolkit.plan_checks.findings import Finding, Place, did_you_mean, found, meant, unknown_kpi
from toolkit.plans import Guarantee, Plan

REDUCTION = re.compile(r"reduce to ([0-9]+(\.[0-9]+)?)%")


def part_findings(plan: Plan) -> Iterator[Finding]:
    """What is wrong or doubtful in a plan's gates, multipliers, overrides, guarantees and withholding."""
    yield from _gates(plan)
    yield from _multipliers(plan)
    yield from _overrides(plan)
    yield from _guarantees(plan)
    yield from _withholdings(plan)


# -- gates, multipliers, overrides -----------------------------------------------------------------------


def _gates(plan: Plan) -> Iterator[Finding]:
    used = {code for component in plan.components for code in component.gates}
    for number, gate in enumerate(plan.gates):
        place: Place = ("gate", number)
        limits = [key for key in ("at_least", "at_most") if getattr(gate, key) is not None]
        if len(limits) != 1:
            yield found((*place, "at_least"), "PLAN_GATE_LIMIT", "both" if limits else "neither")
        yield from _otherwise(gate.otherwise, (*place, "otherwise"))
        yield from unknown_kpi(gate.kpi, (*place, "kpi"))
        yield from _against_direction(gate.kpi, limits, place)
        if gate.code not in used:
            yield found(place, "PLAN_GATE_UNUSED", gate.code)


def _against_direction(kpi: str, limits: Sequence[str], place: Place) -> Iterator[Finding]:
    """A gate that asks for at least so many complaints is written the wrong way round."""
    if kpi not in kpi_codes() or len(limits) != 1:
        return
    better = "at_most" if kpi_codes()[kpi].direction == "lower" else "at_least"
    if limits[0] != better:
        yield found((*place, limits[0]), "PLAN_GATE_DIRECTION", limits[0], kpi=kpi, better=better)


def _otherwise(otherwise: str, place: Place) -> Iterator[Finding]:
    if otherwise in ("nothing", "hold", ""):
        return
    reduction = REDUCTION.fullmatch(otherwise)
    if not reduction:
        share = re.search(r"([0-9]+(\.[0-9]+)?)\s*%", otherwise)
        better = f"reduce to {share[1]}%" if share else meant(otherwise, ("nothing", "hold")) or "reduce to 50%"
        yield found(place, "PLAN_GATE_OTHERWISE", otherwise, better=better)
    elif not 0 < Decimal(reduction[1]) < 100:
        yield found(place, "PLAN_GATE_REDUCTION", otherwise)


def _multipliers(plan: Plan) -> Iterator[Finding]:
    used = {component.multiplier for component in plan.components}
    for number, multiplier in enumerate(plan.multipliers):
        place: Place = ("multiplier", number)
        yield from unknown_kpi(multiplier.kpi, (*place, "kpi"))
        if not multiplier.bands:
            yield found((*place, "bands"), "PLAN_MULTIPLIER_EMPTY", multiplier.code)
        yield from band_values(multiplier.bands, "factor", (*place, "bands"))
        yield from band_order(multiplier.bands, (*place, "bands"))
        if multiplier.bands and multiplier.bands[0].start > 0:
            yield found((*place, "bands", 0, "from"), "PLAN_FACTOR_FIRST")
        for index, band in enumerate(multiplier.bands):
            if band.factor is not None and band.factor < 0:
                value = f"{float(band.factor):g}"
                yield found((*place, "bands", index, "factor"), "PLAN_NEGATIVE", value, key="factor")
        if multiplier.code not in used:
            yield found(place, "PLAN_MULTIPLIER_UNUSED", multiplier.code)


def _overrides(plan: Plan) -> Iterator[Finding]:
    above: dict[str, set[str]] = {}
    for override in plan.overrides:
        above.setdefault(override.of, set()).add(override.role)
    for number, override in enumerate(plan.overrides):
        place: Place = ("override", number)
        chain = _chain(override.of, override.role, above)
        if chain:
            yield found(place, "PLAN_OVERRIDE_CIRCLE", override.code, chain=" earns on ".join(chain))
        if override.rate > PPM:
            yield found((*place, "rate"), "PLAN_RATE_OVER", percentage(override.rate))
        if override.rate < 0:
            yield found((*place, "rate"), "PLAN_OVERRIDE_NEGATIVE", percentage(override.rate))


def _chain(below: str, top: str, above: Mapping[str, set[str]]) -> list[str]:
    """The roles from `top` down to `below` and up again to `top`, if the overrides lead back to it."""
    if below == top:
        return [top, below]
    reached = _roles_above(top, above)
    return [top, below, top] if below in reached else []


def _roles_above(role: str, above: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [role]
    while waiting:
        for leader in above.get(waiting.pop(), set()) - reached:
            reached.add(leader)
            waiting.append(leader)
    return reached


# -- guarantees and withholding --------------------------------------------------------------------------


def _guarantees(plan: Plan) -> Iterator[Finding]:
    roles = [guarantee.role for guarantee in plan.guarantees]
    for number, guarantee in enumerate(plan.guarantees):
        place: Place = ("guarantee", number)
        if guarantee.amount <= 0:
            yield found((*place, "amount"), "PLAN_NOT_POSITIVE", f"{guarantee.amount:f}", key="amount")
        if guarantee.role in roles[:number]:
            yield found((*place, "role"), "PLAN_GUARANTEE_TWICE", guarantee.role)
        yield from _recovery(guarantee, place)


def _recovery(guarantee: Guarantee, place: Place) -> Iterator[Finding]:
    given = [key for key in ("recover_from_month", "recover_at_most") if key in guarantee.model_fields_set]
    if guarantee.kind != "draw_recoverable":
        for key in given:
            yield found((*place, key), "PLAN_RECOVERY_IDLE", key, kind=guarantee.kind)
        return
    if guarantee.months is None and guarantee.recover_from_month is None:
        yield found((*place, "recover_from_month"), "PLAN_RECOVERY_MISSING")
    if not 0 < guarantee.recover_at_most <= PPM:
        share = percentage(guarantee.recover_at_most)
        yield found((*place, "recover_at_most"), "PLAN_SHARE_RANGE", share, key="recover_at_most")


def _withholdings(plan: Plan) -> Iterator[Finding]:
    seen: set[tuple[object, ...]] = set()
    for number, row in enumerate(plan.withholdings):
        place: Place = ("withholding", number)
        if row.country and not re.fullmatch(r"[A-Z]{2}", row.country):
            yield found((*place, "country"), "PLAN_COUNTRY_FORM", row.country)
        if row.payee_type not in ("employee", "contractor"):
            hint = did_you_mean(row.payee_type, ("employee", "contractor"))
            yield found((*place, "payee_type"), "PLAN_PAYEE_TYPE", row.payee_type, hint=hint)
        if not 0 <= row.rate <= PPM:
            yield found((*place, "rate"), "PLAN_SHARE_RANGE", percentage(row.rate), key="rate")
        if row.threshold < 0:
            yield found((*place, "threshold"), "PLAN_NEGATIVE", f"{row.threshold:f}", key="threshold")
        key = (row.country, row.payee_type, row.start)
        if key in seen:
            yield found(place, "PLAN_WITHHOLDING_TWICE", row.payee_type, country=row.country, start=row.start)
        seen.add(key)
