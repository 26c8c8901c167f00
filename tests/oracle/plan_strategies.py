"""Random plans over the whole format, valid as they are made."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from .world_strategies import Stage, one_in

Component = dict[str, Any]

RATES = ["1%", "2.5%", "0%", "3.3333%", "10%", "0.5%", "33%"]
FACTORS = ["0.8", "1", "1.1", "0.3333"]
UNIT_AMOUNTS = ["150", "0.33", "75.50", "0", "-20", "1000"]
STARTS = {
    "amount": ["0", "100", "250", "1000"],
    "attainment": ["0%", "50%", "100%", "120%"],
    "days_past_due": ["0", "1", "31", "61"],
    "balance": ["0", "1000", "5000"],
    "count": ["0", "1", "2", "4"],
    "qc_score": ["0%", "80%", "93%", "95%"],
    "noc": ["0", "10", "11"],
}
COUNTS = [
    "payments",
    "payments",
    "promises_kept",
    "visits_verified",
    "welcome_calls",
    "assets_recovered",
    "credits_bought",
    "accounts_reactivated",
]


@st.composite
def bands(draw: st.DrawFn, scale: str, key: str, worths: list[str]) -> list[dict[str, str]]:
    """Two to four starts of a scale in order; one that rules attainment begins at 0."""
    starts = STARTS[scale]
    later = draw(st.lists(st.sampled_from(starts[1:]), min_size=1, unique=True))
    chosen = [start for start in starts if start in later]
    if scale == "attainment" or draw(st.integers(0, 4)):
        chosen = [starts[0], *chosen]
    return [{"from": start, key: draw(st.sampled_from(worths))} for start in chosen]


@st.composite
def banded(draw: st.DrawFn, scale: str, modes: list[str], key: str, worths: list[str]) -> Component:
    component: Component = {"band_by": scale, "band_mode": draw(st.sampled_from(modes))}
    component["band_edge"] = draw(st.sampled_from(["from", "above"]))
    component["bands"] = draw(bands(scale, key, worths))
    if scale == "attainment":
        component["target"] = "collected"
        component["prorate"] = draw(st.sampled_from(["calendar_days", "working_days", "none"]))
    return component


ALL_MODES = ["slice", "whole", "interpolated"]
WHOLE = ["whole", "interpolated"]


@st.composite
def percent(draw: st.DrawFn) -> Component:
    """A share of what was collected."""
    component: Component = {"kind": "percent", "measure": "collected", "per": "period"}
    scale = draw(
        st.sampled_from(
            ["", "amount", "amount", "attainment", "attainment", "days_past_due", "balance", "count", "qc_score"]
        )
    )
    if not scale:
        component["rate"] = draw(st.sampled_from(RATES))
    else:
        modes = ALL_MODES if scale in ("amount", "attainment") else WHOLE
        component |= draw(banded(scale, modes, "rate", RATES))
    by_payment = scale in ("", "amount", "days_past_due", "balance")
    if by_payment and draw(st.booleans()):
        component["per"] = "payment"
    if draw(one_in(3)):
        component["base_share"] = draw(st.sampled_from(["90%", "86.2069%"]))
    return component


@st.composite
def per_unit(draw: st.DrawFn) -> Component:
    component: Component = {"kind": "per_unit", "measure": draw(st.sampled_from(COUNTS)), "per": "period"}
    of_payments = component["measure"] == "payments"
    scales = ["", "count", "count", "qc_score"] + (["days_past_due"] if of_payments else [])
    scale = draw(st.sampled_from(scales))
    if not scale:
        component["amount"] = draw(st.sampled_from(UNIT_AMOUNTS))
    else:
        component |= draw(banded(scale, ["slice", "whole"] if scale == "count" else ["whole"], "amount", UNIT_AMOUNTS))
    return component


@st.composite
def fixed(draw: st.DrawFn) -> Component:
    component: Component = {"kind": "fixed", "per": "period"}
    scale = draw(st.sampled_from(["", "amount", "attainment", "count", "qc_score"]))
    if not scale:
        component["amount"] = draw(st.sampled_from(["500", "-300", "0.01"]))
        return component
    if scale != "qc_score":
        component["measure"] = "payments" if scale == "count" else "collected"
    return component | draw(banded(scale, ["whole"], "amount", ["500", "-300", "0.01", "0", "1500"]))


@st.composite
def at_target(draw: st.DrawFn) -> Component:
    component: Component = {
        "kind": "at_target",
        "measure": "collected",
        "per": "period",
        "at_target": draw(st.sampled_from(["20000", "333.33"])),
    }
    banding = draw(banded("attainment", ALL_MODES, "rate", ["100%", "140%", "0%", "50%"]))
    if draw(st.booleans()):
        return component | {key: banding[key] for key in ("target", "prorate")}
    return component | banding


@st.composite
def matrix(draw: st.DrawFn) -> Component:
    rows = draw(st.sampled_from([["0", "31"], ["1", "31", "61"]]))
    columns = draw(st.sampled_from([["1", "3"], ["0", "2"]]))
    amounts = [[draw(st.sampled_from(["200", "350", "-100", "0.5"])) for _ in columns] for _ in rows]
    cells = {"rows_by": "days_past_due", "columns_by": "count", "rows": rows, "columns": columns, "amounts": amounts}
    return {"kind": "matrix", "measure": "payments", "per": "period", "band_edge": "from", "matrix": cells}


@st.composite
def year_to_date(draw: st.DrawFn) -> Component:
    component: Component = {"kind": "percent", "measure": "collected", "per": "year_to_date"}
    scale = draw(st.sampled_from(["amount", "attainment"]))
    return component | draw(banded(scale, ["slice", "whole"], "rate", RATES))


@st.composite
def of_an_agent(draw: st.DrawFn) -> Component:
    """Of the base pay, or of a KPI itself."""
    if draw(st.booleans()):
        component: Component = {"kind": "percent", "measure": "base_pay", "per": "period"}
        return component | draw(banded("qc_score", WHOLE, "rate", RATES))
    return {"kind": "per_unit", "measure": "noc", "per": "period"} | draw(
        banded("count", ["slice", "whole"], "amount", UNIT_AMOUNTS)
    )


@st.composite
def where(draw: st.DrawFn, component: Component) -> dict[str, Any]:
    """Conditions that make sense for the measure."""
    found: dict[str, Any] = {}
    if draw(one_in(2)):
        found["role"] = draw(st.sampled_from([["field_agent"], ["call_agent"], ["field_agent", "call_agent"]]))
    if component.get("measure") in ("collected", "payments") and draw(one_in(2)):
        options: dict[str, Any] = {
            "product": ["phone"],
            "kind": ["instalment"],
            "channel": ["cash"],
            "creditor": ["BANK"],
            "status": ["active"],
            "branch": ["NORTH"],
            "agent": ["A1", "A2"],
            "days_past_due": {"from": "1", "to": "60"},
            "balance": {"from": "1000"},
            "amount": {"from": "100", "to": "250.01"},
        }
        for key in draw(st.lists(st.sampled_from(sorted(options)), min_size=1, max_size=2, unique=True)):
            found[key] = options[key]
    return found


@st.composite
def components(draw: st.DrawFn, code: str, with_clawback: bool) -> Component:
    kinds = [
        percent(),
        percent(),
        percent(),
        per_unit(),
        per_unit(),
        fixed(),
        at_target(),
        matrix(),
        year_to_date(),
        of_an_agent(),
    ]
    component: Component = {"code": code} | draw(st.one_of(*kinds))
    conditions = draw(where(component))
    if conditions:
        component["where"] = conditions
    from_payments = component.get("measure") in ("collected", "payments") and component["kind"] != "fixed"
    if draw(one_in(3)):
        component["gates"] = draw(st.sampled_from([["QUALITY"], ["COMPLAINTS"], ["QUALITY", "COMPLAINTS"]]))
    if draw(one_in(4)):
        component["multiplier"] = "CALLQ"
    if draw(one_in(4)):
        component["floor"] = draw(st.sampled_from(["0", "20", "50.50"]))
    if draw(one_in(3)):
        component["cap"] = draw(st.sampled_from(["60", "100.10", "500"]))
        component["cap_excess"] = draw(st.sampled_from(["lose", "carry"]))
    if from_payments and component["kind"] in ("percent", "per_unit") and draw(one_in(3)):
        component["split"] = draw(splits())
    if draw(one_in(3)):
        component["holdback"] = {
            "share": draw(st.sampled_from(["20%", "33.33%"])),
            "release_after_days": draw(st.sampled_from([0, 10, 40])),
        }
    if with_clawback and from_payments and draw(st.integers(0, 3)):
        component["clawback"] = draw(clawbacks())
    return component


def splits() -> st.SearchStrategy[dict[str, str]]:
    return st.sampled_from(
        [
            {"credited": "60%", "previous_owner": "40%"},
            {"credited": "33.33%", "team_leader": "33.33%", "previous_owner": "33.34%"},
            {"credited": "50%", "A2": "50%"},
            {"L1": "25%", "credited": "75%"},
        ]
    )


@st.composite
def clawbacks(draw: st.DrawFn) -> dict[str, Any]:
    rule: dict[str, Any] = {"share": draw(st.sampled_from(["100%", "50%"]))}
    if draw(st.booleans()):
        rule["within_days"] = draw(st.sampled_from([10, 30, 90]))
        rule["decline"] = draw(st.sampled_from(["none", "straight_line"]))
    return rule


@st.composite
def gates(draw: st.DrawFn) -> list[dict[str, Any]]:
    outcomes = ["nothing", "reduce to 50%", "hold"]
    quality: dict[str, Any] = {
        "code": "QUALITY",
        "kpi": "qc_score",
        "at_least": "93%",
        "otherwise": draw(st.sampled_from(outcomes)),
    }
    if draw(st.booleans()):
        quality["missing"] = draw(st.sampled_from(["hold", "pass", "nothing"]))
    if draw(one_in(3)):
        quality["at_least_n"] = 5
    complaints = {
        "code": "COMPLAINTS",
        "kpi": "complaints_upheld",
        "at_most": "1",
        "otherwise": draw(st.sampled_from(outcomes)),
    }
    return [quality, complaints]


@st.composite
def settlement(draw: st.DrawFn) -> dict[str, Any]:
    """What happens to the sums of an agent's components."""
    found: dict[str, Any] = {}
    if draw(one_in(2)):
        found["override"] = [
            {
                "code": "LEAD",
                "role": "team_leader",
                "of": draw(st.sampled_from(["field_agent", "call_agent"])),
                "rate": draw(st.sampled_from(["5%", "3.3333%"])),
                "base": draw(st.sampled_from(["commission", "collected"])),
                "paid": draw(st.sampled_from(["added", "deducted"])),
            }
        ]
        if draw(st.booleans()):
            above = {"code": "ABOVE", "role": "supervisor", "of": "team_leader", "rate": "10%", "base": "commission"}
            found["override"].append(above)
    if draw(one_in(2)):
        rule: dict[str, Any] = {"role": "field_agent", "amount": draw(st.sampled_from(["100", "1000"]))}
        rule["kind"] = draw(st.sampled_from(["top_up", "draw_recoverable", "draw_not_recoverable"]))
        rule["prorate"] = draw(st.sampled_from(["calendar_days", "working_days", "none"]))
        if rule["kind"] == "draw_recoverable" or draw(st.booleans()):
            rule["months"] = draw(st.sampled_from([1, 2, 30]))
        if rule["kind"] == "draw_recoverable":
            rule["recover_at_most"] = draw(st.sampled_from(["50%", "100%"]))
            if draw(st.booleans()):
                rule["recover_from_month"] = draw(st.sampled_from([1, 2]))
        found["guarantee"] = [rule] if draw(st.booleans()) else [rule, rule | {"role": "call_agent", "amount": "77.77"}]
    if draw(one_in(2)):
        found["carry"] = {"recover_at_most": draw(st.sampled_from(["50%", "33%"]))}
    if draw(one_in(1)):
        tax = {
            "country": "KE",
            "payee_type": "contractor",
            "rate": "5%",
            "threshold": draw(st.sampled_from(["24", "100"])),
            "threshold_mode": draw(st.sampled_from(["cliff", "excess"])),
            "from": date(2024, 1, 1),
        }
        found["withholding"] = [tax, tax | {"rate": "10%", "from": date(2026, 3, 20)}]
    return found


@st.composite
def credit(draw: st.DrawFn) -> dict[str, Any]:
    rules = draw(st.lists(st.sampled_from(["named", "promise", "contact", "owner"]), min_size=1, unique=True))
    if not {"named", "owner"} & set(rules) and not draw(one_in(3)):
        rules.append("owner")
    found: dict[str, Any] = {"rules": rules}
    if "contact" in rules and draw(st.booleans()):
        found["contact_window_days"] = draw(st.sampled_from([0, 3]))
    if "promise" in rules and draw(st.booleans()):
        found["promise_grace_days"] = draw(st.sampled_from([1, 5]))
    if "owner" in rules:
        found["owner_roles"] = draw(
            st.sampled_from([["field_agent", "call_agent"], ["call_agent", "field_agent"], ["field_agent"]])
        )
    return found


@st.composite
def plans(draw: st.DrawFn, kind: str, start_day: int) -> dict[str, Any]:
    codes = ["CASH", "UNIT", "BONUS"][: draw(st.sampled_from([1, 1, 2, 3]))]
    plan: dict[str, Any] = {
        "id": "P",
        "version": 1,
        "title": "A plan",
        "currency": "KES",
        "country": "KE",
        "timezone": "Africa/Nairobi",
        "from": date(2025, 1, 1),
        "period": kind,
    }
    if start_day != 1:
        plan["period_start_day"] = start_day
    plan |= {
        "rate_date": draw(st.sampled_from(["payment", "period_end"])),
        "arrears_on": draw(st.sampled_from(["day_before", "day_before", "period_start", "assignment"])),
        "rounding": draw(st.sampled_from(["half_up", "half_even"])),
        "payout_unit": draw(st.sampled_from(["0.01", "1", "5"])),
    }
    if draw(one_in(3)):
        plan["min_payout"] = draw(st.sampled_from(["10", "100"]))
    plan["credit"] = draw(credit())
    plan["component"] = [draw(components(code, with_clawback=True)) for code in codes]
    if draw(one_in(4)):
        plan["plan_cap"] = draw(st.sampled_from(["80", "500"]))
    if any("gates" in component for component in plan["component"]):
        plan["gate"] = draw(gates())
    if any("multiplier" in component for component in plan["component"]):
        quality = {"code": "CALLQ", "kpi": "qc_score", "bands": draw(bands("qc_score", "factor", FACTORS))}
        plan["multiplier"] = [quality | draw(st.sampled_from([{}, {}, {"missing": "nothing"}, {"missing": "hold"}]))]
    return plan | draw(settlement())


@st.composite
def versions(draw: st.DrawFn, stage: Stage, plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Mostly one; else a second from some day on, with another first component."""
    if not draw(one_in(4)):
        return [plan]
    first, *others = plan["component"]
    if first["per"] == "year_to_date":
        return [plan]
    changed = dict(first)
    if "rate" in changed:
        changed["rate"] = "7%"
    elif "amount" in changed:
        changed["amount"] = "12.34"
    elif "bands" in changed:
        changed["bands"] = changed["bands"][:-1] if len(changed["bands"]) > 1 else changed["bands"]
    else:
        changed["cap"], changed["cap_excess"] = "77.77", changed.get("cap_excess", "lose")
    new = plan | {"version": 2, "from": draw(stage.days()), "component": [changed, *others]}
    return [plan, new]
