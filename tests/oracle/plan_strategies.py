"""Random plans over the whole format, valid as they are made."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from .component_strategies import FACTORS, bands, components
from .stage import Stage, one_in


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
        "kpi": "conduct_complaints",
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
