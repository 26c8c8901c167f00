"""Random components of every kind, valid as they are made."""

from typing import Any

from hypothesis import strategies as st

from .stage import one_in

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
    component: Component = {"kind": "fixed", "per": draw(st.sampled_from(["period", "period", "payment"]))}
    if component["per"] == "payment":
        component["measure"] = "collected"
        return component | draw(banded("amount", ["whole"], "amount", UNIT_AMOUNTS))
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
        negative = "-" in str([component.get("amount"), component.get("bands"), component.get("matrix")])
        component["floor"] = draw(st.sampled_from(["0"] if negative else ["0", "20", "50.50"]))
    if draw(one_in(3)):
        component["cap"] = draw(st.sampled_from(["60", "100.10", "500"]))
        component["cap_excess"] = draw(st.sampled_from(["lose", "carry"]))
    if from_payments and component["kind"] in ("percent", "per_unit") and draw(one_in(3)):
        component["split"] = draw(splits())
    slices = (component.get("band_mode"), component.get("band_by")) == ("slice", "amount")
    by_payment = component["per"] != "year_to_date" or slices
    # the oracle posts a year to date by payment, the command by payment and slice: their holdbacks round differently
    if component["per"] != "year_to_date" and draw(one_in(3)):
        component["holdback"] = {
            "share": draw(st.sampled_from(["20%", "33.33%"])),
            "release_after_days": draw(st.sampled_from([0, 10, 40])),
        }
    if with_clawback and from_payments and by_payment and draw(st.integers(0, 3)):
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
