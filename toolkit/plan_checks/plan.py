"""The linter's rules for the plan as a whole, and all rules together."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from toolkit.money import PPM, currencies, percentage
from toolkit.plan_checks.components import component_findings, highest_rate, together
from toolkit.plan_checks.findings import Finding, Place, as_problem, did_you_mean, found, listed
from toolkit.plan_checks.parts import part_findings
from toolkit.plans import Plan
from toolkit.problems import Problem

SHEET_COLUMNS = (
    "agent_id", "name", "currency", "adjustments", "clawback", "holdback", "released", "guarantee", "gross",
    "withholding", "net", "carried_in", "payable", "carried_out", "held_balance", "draw_balance",
)  # fmt: skip
"""Columns of the commission sheet that no component or override may be named after."""

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,29}")


def check_plan(plan: Plan, *, credit_given: bool = True, roles: Iterable[str] = ()) -> list[Problem]:
    """Everything that is wrong or doubtful in a plan; `Problem.file` holds the place in the plan.

    credit_given: whether the profile has a `[credit]`, so that the plan needs none.
    roles: the organisation's roles, where they are known.
    """
    document = plan.model_dump(by_alias=True)
    findings = lint(plan, credit_given=credit_given, roles=tuple(roles))
    return [as_problem(finding, document) for finding in findings]


def lint(plan: Plan, *, credit_given: bool = True, roles: Sequence[str] = ()) -> list[Finding]:
    """As `check_plan`, with the place as a path through the plan's tables."""
    findings = [*_top(plan), *_credit(plan, credit_given), *_codes(plan)]
    for number in range(len(plan.components)):
        findings += component_findings(plan, number)
    findings += part_findings(plan)
    findings += [*_roles(plan, roles), *_fine_amounts(plan), *_paid_too_much(plan)]
    return _each_once(findings)


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    """A finding about a key outside components (arrears_on) is told once, for the first that needs it."""
    seen: set[tuple[Place, str]] = set()
    kept = []
    for finding in findings:
        if (finding.path, finding.code) not in seen:
            kept.append(finding)
        seen.add((finding.path, finding.code))
    return kept


# -- the plan itself -------------------------------------------------------------------------------------


def _top(plan: Plan) -> Iterator[Finding]:
    if plan.id and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", plan.id):
        yield found(("id",), "PLAN_ID_FORM", plan.id)
    if plan.currency and plan.currency not in currencies():
        hint = did_you_mean(plan.currency, currencies())
        yield found(("currency",), "PLAN_CURRENCY_UNKNOWN", plan.currency, hint=hint)
    if plan.country and not re.fullmatch(r"[A-Z]{2}", plan.country):
        yield found(("country",), "PLAN_COUNTRY_FORM", plan.country)
    if plan.timezone and not _is_time_zone(plan.timezone):
        yield found(("timezone",), "PLAN_TIME_ZONE", plan.timezone)
    if plan.period_start_day != 1 and plan.period != "month":
        yield found(("period_start_day",), "PLAN_START_DAY", plan.period_start_day, period=plan.period)
    if plan.payout_unit <= 0:
        yield found(("payout_unit",), "PLAN_PAYOUT_UNIT", f"{plan.payout_unit:f}")
    for key in ("min_payout", "plan_cap"):
        amount = getattr(plan, key)
        if amount is not None and amount < 0:
            yield found((key,), "PLAN_NEGATIVE", f"{amount:f}", key=key)
    if plan.carry and not 0 <= plan.carry.recover_at_most <= PPM:
        place: Place = ("carry", "recover_at_most")
        yield found(place, "PLAN_SHARE_RANGE", percentage(plan.carry.recover_at_most), key="recover_at_most")
    if not (plan.components or plan.guarantees):
        yield found(("component",), "PLAN_EMPTY")


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # unknown names are a KeyError in OSError's clothes on some systems
        return False
    except KeyError:
        return False
    return True


def _credit(plan: Plan, credit_given: bool) -> Iterator[Finding]:
    credit = plan.credit
    if credit is None:
        if not credit_given:
            yield found(("credit",), "PLAN_CREDIT_MISSING")
        return
    if not credit.rules:
        yield found(("credit", "rules"), "PLAN_CREDIT_RULES_EMPTY")
    for rule in _repeated(credit.rules):
        yield found(("credit", "rules"), "PLAN_CREDIT_RULE_TWICE", rule)
    if "owner" in credit.rules and not credit.owner_roles:
        yield found(("credit", "owner_roles"), "PLAN_OWNER_ROLES_MISSING")
    for rule, key in (("owner", "owner_roles"), ("contact", "contact_window_days"), ("promise", "promise_grace_days")):
        if rule not in credit.rules and key in credit.model_fields_set:
            yield found(("credit", key), "PLAN_CREDIT_KEY_IDLE", key, rule=rule)


def _repeated(words: Iterable[str]) -> list[str]:
    return [word for word, times in Counter(words).items() if times > 1]


def _codes(plan: Plan) -> Iterator[Finding]:
    reserved = {column.casefold() for column in SHEET_COLUMNS}
    columns: dict[str, str] = {}
    components = [("component", number, item.code) for number, item in enumerate(plan.components)]
    overrides = [("override", number, item.code) for number, item in enumerate(plan.overrides)]
    for table, number, code in components + overrides:
        place: Place = (table, number, "code")
        if code and not CODE.fullmatch(code):
            yield found(place, "PLAN_CODE_FORM", code)
        if code.casefold() in reserved:
            yield found(place, "PLAN_CODE_RESERVED", code, reserved=", ".join(SHEET_COLUMNS))
        if code and code.casefold() in columns:
            yield found(place, "PLAN_CODE_TWICE", code, table=columns[code.casefold()])
        columns.setdefault(code.casefold(), table)
    gates, multipliers = [gate.code for gate in plan.gates], [each.code for each in plan.multipliers]
    for table, codes in (("gate", gates), ("multiplier", multipliers)):
        for number, code in enumerate(codes):
            if code in codes[:number]:
                yield found((table, number, "code"), "PLAN_CODE_TWICE", code, table=table)


# -- roles, amounts, paying too much ---------------------------------------------------------------------


def _role_places(plan: Plan) -> Iterator[tuple[Place, str]]:
    for number, component in enumerate(plan.components):
        for index, role in enumerate(component.where.role or ()):
            yield ("component", number, "where", "role", index), role
    for index, role in enumerate(plan.credit.owner_roles if plan.credit else ()):
        yield ("credit", "owner_roles", index), role
    for number, override in enumerate(plan.overrides):
        yield ("override", number, "role"), override.role
        yield ("override", number, "of"), override.of
    for number, guarantee in enumerate(plan.guarantees):
        yield ("guarantee", number, "role"), guarantee.role


def _roles(plan: Plan, known: Sequence[str]) -> Iterator[Finding]:
    if known:
        for place, role in _role_places(plan):
            if role and role not in known:
                yield found(place, "PLAN_ROLE_UNKNOWN", role, hint=did_you_mean(role, known), known=listed(known))
        return
    earning = {role for component in plan.components for role in component.where.role or ()}
    earning |= {*(plan.credit.owner_roles if plan.credit else ()), *(override.role for override in plan.overrides)}
    everybody = any(component.where.role is None for component in plan.components)
    for place, role in _role_places(plan):
        looked_at = (place[0], place[-1]) in (("override", "of"), ("guarantee", "role"))
        if looked_at and role not in earning and not everybody:
            yield found(place, "PLAN_ROLE_NOWHERE", role, hint=did_you_mean(role, earning))


def _money_places(plan: Plan) -> Iterator[tuple[Place, Decimal | Fraction]]:
    """Amounts that are paid or compared as they stand. An amount per unit may be finer: it is multiplied first."""
    for key in ("payout_unit", "min_payout", "plan_cap"):
        if getattr(plan, key) is not None:
            yield (key,), getattr(plan, key)
    for number, component in enumerate(plan.components):
        place: Place = ("component", number)
        for key in ("floor", "cap", "at_target"):
            if getattr(component, key) is not None:
                yield (*place, key), getattr(component, key)
        if component.kind == "fixed" and component.amount is not None:
            yield (*place, "amount"), component.amount
        for index, band in enumerate(component.bands):
            if component.kind == "fixed" and band.amount is not None:
                yield (*place, "bands", index, "amount"), band.amount
            if component.band_by in ("amount", "balance"):
                yield (*place, "bands", index, "from"), band.start
    for number, guarantee in enumerate(plan.guarantees):
        yield ("guarantee", number, "amount"), guarantee.amount
    for number, withholding in enumerate(plan.withholdings):
        yield ("withholding", number, "threshold"), withholding.threshold


def _fine_amounts(plan: Plan) -> Iterator[Finding]:
    digits = currencies().get(plan.currency)
    if digits is None:
        return
    for place, amount in _money_places(plan):
        if (Fraction(amount) * 10**digits).denominator != 1:
            smallest = f"{Decimal(1).scaleb(-digits):f}"
            exact = Fraction(amount)
            value = f"{Decimal(exact.numerator) / Decimal(exact.denominator):f}"
            yield found(place, "PLAN_AMOUNT_FINE", value, currency=plan.currency, smallest=smallest)


def _paid_too_much(plan: Plan) -> Iterator[Finding]:
    """Rates that together, at their highest, give away more than was paid; each group of components once."""
    told: set[frozenset[str]] = set()
    rates = {component.code: highest_rate(component, plan) for component in plan.components}
    for number, component in enumerate(plan.components):
        others = [each for each in plan.components if together(component.where, each.where) and rates[each.code] > 0]
        group = frozenset(each.code for each in others)
        total = sum(rates[code] for code in group)
        if rates[component.code] > 0 and total > 1 and not any(group <= known for known in told):
            told.add(group)
            names = " and ".join(each.code for each in others)
            yield found(("component", number), "PLAN_MORE_THAN_PAID", percentage(total * PPM), components=names)
