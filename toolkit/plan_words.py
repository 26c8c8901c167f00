"""A plan in sentences that a supervisor can read aloud; the words are in texts/en/plan_show.toml."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from toolkit.kpi_codes import kpi_codes
from toolkit.money import PPM, currencies, percentage, worded
from toolkit.plans import (
    COUNT_MEASURES,
    MEASURES,
    PAYEE_KEYS,
    Band,
    Component,
    Gate,
    Guarantee,
    Multiplier,
    Plan,
    Range,
)
from toolkit.problems import problem


def say(code: str, **fields: object) -> str:
    """One of the sentences of plan_show.toml, filled in."""
    return problem(f"SHOW_{code}", **fields).message  # type: ignore[arg-type]  # fields of the sentence only


def digits_of(plan: Plan) -> int:
    """Minor digits of the plan's currency."""
    return currencies().get(plan.currency, 2)


def amount_words(amount: Decimal | Fraction, digits: int) -> str:
    """An amount as people read it, with more digits than the currency has only if it is finer."""
    exact = Fraction(amount)
    if (exact * 10**digits).denominator == 1:
        return worded(int(exact * 10**digits), digits)
    return f"{Decimal(exact.numerator) / Decimal(exact.denominator):,f}"


# -- the plan --------------------------------------------------------------------------------------------


def heading(plan: Plan) -> Iterator[str]:
    """Title, version and where the plan comes from."""
    yield say("TITLE", title=plan.title or plan.id)
    yield say("VERSION", id=plan.id, version=plan.version, start=plan.start)
    if plan.reference:
        yield say("REFERENCE", reference=plan.reference)
    if plan.note:
        yield say("NOTE", note=plan.note)


def terms(plan: Plan) -> Iterator[str]:
    """What holds for all components: the period, credit, rounding, payout."""
    digits = digits_of(plan)
    if plan.period_start_day > 1:
        day = plan.period_start_day
        yield say("PERIOD_FROM", day=day, last=day - 1, currency=plan.currency) + "."
    else:
        yield say("PERIOD", period=say(f"WORD_{plan.period}"), currency=plan.currency) + "."
    yield say(f"RATE_DATE_{plan.rate_date}")
    if plan.arrears_on:
        yield say(f"ARREARS_{plan.arrears_on}")
    yield _credit(plan)
    yield say(f"ROUNDING_{plan.rounding}", smallest=f"{Decimal(1).scaleb(-digits):f}")
    yield say("PAYOUT", unit=f"{plan.payout_unit:f}")
    if plan.min_payout:
        yield say("MIN_PAYOUT", amount=amount_words(plan.min_payout, digits))
    if plan.plan_cap is not None:
        yield say("PLAN_CAP", amount=amount_words(plan.plan_cap, digits))


def _credit(plan: Plan) -> str:
    credit = plan.credit
    if credit is None:
        return say("CREDIT_PROFILE")
    days = {"promise": credit.promise_grace_days, "contact": credit.contact_window_days}
    roles = ", ".join(credit.owner_roles)
    rules = [say(f"RULE_{rule}", days=days.get(rule, 0), roles=roles) for rule in credit.rules]
    in_turn = rules[0] if rules else ""
    for rule in rules[1:]:
        in_turn = say("RULE_FIRST", first=in_turn, then=rule)
    return say("CREDIT", rules=in_turn)


def team(plan: Plan) -> Iterator[str]:
    """Overrides, guarantees, debts carried and tax withheld."""
    digits = digits_of(plan)
    for override in plan.overrides:
        yield say(
            f"OVERRIDE_{override.base}",
            named=override.code,
            role=_plain_words(override.role),
            of=_plain_words(override.of),
            rate=percentage(override.rate),
            paid=say(f"PAID_{override.paid}"),
        )
    for guarantee in plan.guarantees:
        yield _guarantee(guarantee, digits)
    if plan.carry:
        yield say("CARRY", share=percentage(plan.carry.recover_at_most))
    for row in plan.withholdings:
        yield say(
            f"WITHHOLDING_{row.threshold_mode}",
            country=row.country,
            payee=row.payee_type,
            start=row.start,
            rate=percentage(row.rate),
            threshold=amount_words(row.threshold, digits),
        )


def _guarantee(guarantee: Guarantee, digits: int) -> str:
    return say(
        f"GUARANTEE_{guarantee.kind}",
        role=_plain_words(guarantee.role),
        amount=amount_words(guarantee.amount, digits),
        months=_months(guarantee.months),
        month=guarantee.recover_from_month or (guarantee.months or 0) + 1,
        share=percentage(guarantee.recover_at_most),
    )


def _months(months: int | None) -> str:
    if months is None:
        return ""
    return say("MONTHS_1") if months == 1 else say("MONTHS", months=months)


def _plain_words(code: str) -> str:
    return code.replace("_", " ")


# -- a component in words --------------------------------------------------------------------------------


def component_words(component: Component, plan: Plan) -> Iterator[str]:
    """A component in sentences, one after the other."""
    digits = digits_of(plan)
    yield from _pays(component, digits)
    yield from _looks_at(component, plan, digits)
    if component.target is not None:
        yield say(f"TARGET_{component.prorate or 'none'}", target=_target_words(component.target))
    for code in component.gates:
        yield from (_gate(gate) for gate in plan.gates if gate.code == code)
    yield from (_multiplier(each) for each in plan.multipliers if each.code == component.multiplier)
    yield from _limits(component, digits)
    if component.unusual:
        yield say("UNUSUAL")


def _target_words(target: str) -> str:
    if target in kpi_codes():
        return say("SCALE_KPI", title=kpi_codes()[target].title)
    return say(f"MEASURE_{target}") if target in MEASURES else target


def measure_words(component: Component) -> str:
    """``cash collected``, ``verified visit``, ``"Call quality score"``."""
    measure = component.measure
    if measure is None:
        return ""
    if measure in MEASURES:
        return say(f"MEASURE_{measure}")
    title = kpi_codes()[measure].title if measure in kpi_codes() else measure
    return say("MEASURE_KPI_MONEY" if component.counts_money else "MEASURE_KPI", title=title)


def scale_words(scale: str) -> str:
    """``amount``, ``days past due``, ``"Call quality score"``."""
    if scale in kpi_codes():
        return say("SCALE_KPI", title=kpi_codes()[scale].title)
    return say(f"SCALE_{scale}")


def _pays(component: Component, digits: int) -> Iterator[str]:
    measure = measure_words(component)
    if component.kind == "matrix":
        if component.matrix:
            rows, columns = scale_words(component.matrix.rows_by), scale_words(component.matrix.columns_by)
            code = "MATRIX" if component.measure in COUNT_MEASURES else "MATRIX_MONEY"
            yield say(code, measure=measure, rows=rows, columns=columns)
        return
    if component.kind == "at_target":
        code = "AT_TARGET_BANDS" if component.bands else "AT_TARGET"
        yield say(code, amount=amount_words(component.at_target or Decimal(0), digits))
    if component.bands:
        yield _bands_in_words(component, measure, digits)
        if component.band_mode != "interpolated" and len(component.bands) > 1:
            yield say(f"EDGE_{component.band_edge or 'from'}")
    elif component.kind == "percent":
        yield say("PERCENT", rate=percentage(component.rate or 0), measure=measure)
    elif component.kind == "per_unit":
        yield say("PER_UNIT", amount=amount_words(component.amount or Decimal(0), digits), measure=measure)
    elif component.kind == "fixed":
        yield say("FIXED", amount=amount_words(component.amount or Decimal(0), digits))


def _bands_in_words(component: Component, measure: str, digits: int) -> str:
    scale = scale_words(component.band_by or "amount")
    interpolated = component.band_mode == "interpolated"
    bands = _band_list(component.bands, component.band_by, digits, points=interpolated)
    if component.kind == "fixed":
        return say("FIXED_BANDS", scale=scale, bands=bands)
    what = say(f"WHAT_{component.kind.upper()}", measure=measure)
    return say((component.band_mode or "whole").upper(), what=what, scale=scale, bands=bands)


def _band_list(bands: Sequence[Band], scale: str | None, digits: int, *, points: bool = False) -> str:
    words = []
    for number, band in enumerate(bands):
        start = point_words(band.start, scale, digits)
        last = number + 1 == len(bands)
        end = "" if last else point_words(bands[number + 1].start, scale, digits)
        code = "POINT" if points else "BAND_OPEN" if last else "BAND_TO"
        words.append(say(code, value=_band_value(band, digits), start=start, end=end))
    return ", ".join(words)


def _band_value(band: Band, digits: int) -> str:
    if band.rate is not None:
        return percentage(band.rate)
    if band.amount is not None:
        return amount_words(band.amount, digits)
    return plain_number(band.factor or Fraction(0))


def is_share(scale: str | None) -> bool:
    """Whether places on the scale are percentages."""
    kpi = kpi_codes().get(scale or "")
    return scale == "attainment" or (kpi is not None and kpi.is_share)


def point_words(point: Fraction, scale: str | None, digits: int) -> str:
    """A place on a scale: ``80%``, ``31``, ``250,000.00``."""
    if is_share(scale):
        return percentage(point * PPM)
    if scale in ("amount", "balance"):
        return amount_words(point, digits)
    return plain_number(point)


def plain_number(number: Fraction) -> str:
    """``1,234.5``: no more digits than it needs."""
    text = f"{Decimal(number.numerator) / Decimal(number.denominator):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _looks_at(component: Component, plan: Plan, digits: int) -> Iterator[str]:
    yield say(f"PER_{component.per}", period=say(f"WORD_{plan.period}"), start=component.year_starts)
    limits = []
    for key in type(component.where).model_fields:
        value = getattr(component.where, key)
        if isinstance(value, Range):
            limits.append(_range(key, value, digits))
        elif value:
            limits.append(say("WHERE_LIST", key=_plain_words(key), values=either(value)))
    if limits:
        yield say("WHERE", limits="; ".join(limits))
    if component.base_share != PPM:
        yield say("BASE_SHARE", share=percentage(component.base_share))


def either(words: Sequence[str]) -> str:
    """``a, b or c``."""
    return words[0] if len(words) == 1 else say("OR", first=", ".join(words[:-1]), last=words[-1])


def _range(key: str, limits: Range, digits: int) -> str:
    start, end = (None if at is None else point_words(at, key, digits) for at in (limits.start, limits.end))
    code = "WHERE_RANGE" if start and end else "WHERE_FROM" if start else "WHERE_TO"
    return say(code, key=_plain_words(key), start=start, end=end)


def _gate(gate: Gate) -> str:
    limit = gate.at_least if gate.at_least is not None else gate.at_most
    words = say(
        "AT_LEAST" if gate.at_least is not None else "AT_MOST", limit=point_words(limit or Fraction(0), gate.kpi, 0)
    )
    reduced = gate.otherwise.removeprefix("reduce to ")
    otherwise = "reduce" if reduced != gate.otherwise else gate.otherwise
    return say(
        "GATE_N" if gate.at_least_n else "GATE",
        named=gate.code,
        kpi=scale_words(gate.kpi) if gate.kpi in kpi_codes() else gate.kpi,
        limit=words,
        otherwise=say(f"OTHERWISE_{otherwise}", share=reduced),
        missing=say(f"MISSING_{gate.missing}"),
        n=gate.at_least_n,
    )


def _multiplier(multiplier: Multiplier) -> str:
    kpi = scale_words(multiplier.kpi) if multiplier.kpi in kpi_codes() else multiplier.kpi
    return say("MULTIPLIER", bands=_band_list(multiplier.bands, multiplier.kpi, 0), kpi=kpi)


def _limits(component: Component, digits: int) -> Iterator[str]:
    if component.floor is not None:
        yield say("FLOOR", amount=amount_words(component.floor, digits))
    if component.cap is not None:
        yield say(f"CAP_{component.cap_excess or 'lose'}", amount=amount_words(component.cap, digits))
    if component.split:
        shares = []
        for payee, share in component.split.items():
            named = f"PAYEE_{payee}" if payee in PAYEE_KEYS else "PAYEE_AGENT"
            shares.append(say(named, share=percentage(share), agent=payee))
        yield say("SPLIT", shares=", ".join(shares))
    if component.holdback:
        held = component.holdback
        yield say("HOLDBACK", share=percentage(held.share), days=held.release_after_days)
    if component.clawback:
        clawback = component.clawback
        within = "" if clawback.within_days is None else say("WITHIN", days=clawback.within_days)
        yield say(f"CLAWBACK_{clawback.decline}", share=percentage(clawback.share), within=within)
