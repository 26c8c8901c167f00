"""The plan as tables of words: components, bands, gates, factors, limits, and what else it says."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from toolkit.look import Column, said
from toolkit.money import percentage
from toolkit.plans import Band, Component, Plan, Range, Where

Rows = list[tuple[str, list[Column]]]


def plan_tables(versions: list[Plan]) -> Rows:
    """Title and columns of each table; a table without rows is one that the plan does not use."""
    return [
        ("Components", _components(versions)),
        ("Limits of components", _limits(versions)),
        ("Bands", _bands(versions)),
        ("Gates", _gates(versions)),
        ("Factors", _multipliers(versions)),
        ("Leaders' shares", _of(versions, lambda plan: plan.overrides, _OVERRIDE)),
        ("Guarantees", _of(versions, lambda plan: plan.guarantees, _GUARANTEE)),
        ("Withholding", _of(versions, lambda plan: plan.withholdings, _WITHHOLDING)),
        ("Credit of payments", _credit(versions)),
    ]


def _texts(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[Column]:
    """A table of words: what is absent shows as nothing."""
    listed = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return [
        Column(f"t{place}", head, [row[place] for row in listed], widest=34 if place else 24)
        for place, head in enumerate(heads)
    ]


def _components(versions: list[Plan]) -> list[Column]:
    heads = ("Component", "What it is for", "Pays", "On", "Only where", "Target", "By", "Gates", "Factor", "Account")
    return _texts(
        heads,
        [
            (
                _code(plan, c.code, versions),
                c.title,
                c.kind.replace("_", " "),
                _measured(c),
                where_words(c.where),
                c.target,
                _banded(c),
                ", ".join(c.gates),
                c.multiplier,
                c.gl_account,
            )
            for plan in versions
            for c in plan.components
        ],
    )


def _limits(versions: list[Plan]) -> list[Column]:
    heads = ("Component", "Floor and cap", "Over the cap", "Split", "Held back", "Taken back", "Target counted by")
    return _texts(
        heads,
        [
            (
                _code(plan, c.code, versions),
                _floor_and_cap(c),
                c.cap_excess,
                _split(c),
                _held(c),
                _taken_back(c),
                (c.prorate or "").replace("_", " "),
            )
            for plan in versions
            for c in plan.components
        ],
    )


def _code(plan: Plan, code: str, versions: list[Plan]) -> str:
    return code if len(versions) == 1 else f"{code}, version {plan.version}"


def _measured(c: Component) -> str:
    share = "" if c.base_share == 1_000_000 else f"{percentage(c.base_share)} of "
    return f"{share}{(c.measure or 'being in the role').replace('_', ' ')}, per {c.per.replace('_', ' ')}"


def _banded(c: Component) -> str:
    if not c.band_by:
        return ""
    edge = "" if c.band_edge in (None, "from") else ", an edge belongs to the band before"
    return f"{c.band_by.replace('_', ' ')}, {c.band_mode}{edge}"


def _floor_and_cap(c: Component) -> str:
    parts = [f"at least {amount(c.floor)}" if c.floor else "", f"at most {amount(c.cap)}" if c.cap else ""]
    return ", ".join(part for part in parts if part)


def _split(c: Component) -> str:
    return ", ".join(f"{who.replace('_', ' ')} {percentage(share)}" for who, share in (c.split or {}).items())


def _held(c: Component) -> str:
    return f"{percentage(c.holdback.share)} for {c.holdback.release_after_days} days" if c.holdback else ""


def _taken_back(c: Component) -> str:
    if c.clawback is None:
        return ""
    window = f" within {c.clawback.within_days} days" if c.clawback.within_days is not None else ""
    decline = ", less each day" if c.clawback.decline == "straight_line" else ""
    return f"{percentage(c.clawback.share)}{window}{decline}"


def where_words(where: Where) -> str:
    """``role field_agent; days past due from 91``"""
    parts = []
    for key, value in where.model_dump(exclude_none=True).items():
        bounds = getattr(where, key)
        words = _range(bounds) if isinstance(bounds, Range) else ", ".join(value)
        parts.append(f"{key.replace('_', ' ')} {words}")
    return "; ".join(parts)


def _range(bounds: Range) -> str:
    parts = [f"from {point(bounds.start)}" if bounds.start is not None else ""]
    parts.append(f"under {point(bounds.end)}" if bounds.end is not None else "")
    return " ".join(part for part in parts if part)


def _bands(versions: list[Plan]) -> list[Column]:
    heads = ("Component", "From", "Pays")
    rows = [
        (_code(plan, c.code, versions), point(band.start, c.band_by), _pays(band))
        for plan in versions
        for c in plan.components
        for band in c.scale
    ]
    cells = [
        (
            f"{_code(plan, c.code, versions)}",
            f"{m.rows_by.replace('_', ' ')} from {point(r)}, {m.columns_by} from {point(k)}",
            amount(m.amounts[i][j]),
        )
        for plan in versions
        for c in plan.components
        if (m := c.matrix)
        for i, r in enumerate(m.rows)
        for j, k in enumerate(m.columns)
    ]
    return _texts(heads, rows + cells)


def _pays(band: Band) -> str:
    if band.rate is not None:
        return percentage(band.rate)
    return amount(band.amount) if band.amount is not None else ""


def point(value: Fraction | None, scale: str | None = None) -> str:
    """A place on a scale: 80% of attainment, 31 days, 250,000."""
    if value is None:
        return ""
    if scale not in (None, "amount", "days_past_due", "balance", "count"):
        return percentage(value * 1_000_000)
    return f"{value.numerator:,}" if value.denominator == 1 else f"{Decimal(value.numerator) / value.denominator:,}"


def amount(value: Decimal | None) -> str:
    """1,500 or 0.50"""
    return "" if value is None else f"{value:,}"


def _gates(versions: list[Plan]) -> list[Column]:
    heads = ("Gate", "KPI", "Passes", "Otherwise", "Without a value", "At least so many cases")
    return _texts(
        heads,
        [
            (
                _code(plan, gate.code, versions),
                gate.kpi.replace("_", " "),
                _passes(gate.at_least, gate.at_most),
                gate.otherwise,
                gate.missing,
                gate.at_least_n,
            )
            for plan in versions
            for gate in plan.gates
        ],
    )


def _passes(least: Fraction | None, most: Fraction | None) -> str:
    return f"at least {_level(least)}" if least is not None else f"at most {_level(most)}" if most is not None else ""


def _level(value: Fraction) -> str:
    return percentage(value * 1_000_000) if value <= 1 else point(value)


def _multipliers(versions: list[Plan]) -> list[Column]:
    heads = ("Factor", "KPI", "From", "Times", "Without a value")
    return _texts(
        heads,
        [
            (_code(plan, m.code, versions), m.kpi.replace("_", " "), _level(band.start), point(band.factor), m.missing)
            for plan in versions
            for m in plan.multipliers
            for band in m.bands
        ],
    )


_OVERRIDE = {
    "Share": lambda o: o.code,
    "Role": lambda o: o.role,
    "Of": lambda o: o.of,
    "Rate": lambda o: percentage(o.rate),
    "On": lambda o: o.base,
    "Paid": lambda o: o.paid,
    "Account": lambda o: o.gl_account,
}
_GUARANTEE = {
    "Role": lambda g: g.role,
    "Amount": lambda g: amount(g.amount),
    "Kind": lambda g: g.kind.replace("_", " "),
    "By": lambda g: g.prorate.replace("_", " "),
    "Months": lambda g: g.months,
    "Recovered from month": lambda g: g.recover_from_month,
    "At most": lambda g: percentage(g.recover_at_most),
}
_WITHHOLDING = {
    "Country": lambda w: w.country,
    "Payee": lambda w: w.payee_type,
    "Rate": lambda w: percentage(w.rate),
    "Threshold": lambda w: amount(w.threshold),
    "Above it": lambda w: w.threshold_mode,
    "From": lambda w: w.start,
}


def _of(
    versions: list[Plan], rows: Callable[[Plan], Iterable[object]], cells: dict[str, Callable[..., object]]
) -> list[Column]:
    """A table of the newest version's rows: these settings come from the version in force at the period's end."""
    found = [tuple(cell(row) for cell in cells.values()) for row in rows(versions[-1])]
    return _texts(tuple(cells), found)


def _credit(versions: list[Plan]) -> list[Column]:
    credit = versions[-1].credit
    if credit is None:
        return _texts(("Order",), [])
    rows = [(str(number), said("WORKBOOK_RULE_" + rule.upper())) for number, rule in enumerate(credit.rules, 1)]
    return _texts(("Order", "A payment counts for"), rows)
