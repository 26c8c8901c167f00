"""The linter: each rule against a plan that is right but for one thing."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from plan_examples import banded, example, simple

from toolkit.plan_checks import check_document, check_plan, check_versions, lint
from toolkit.plan_checks.findings import in_words
from toolkit.plan_checks.mistakes import as_far_as_it_goes, read_document
from toolkit.plans import Plan, PlanVersions
from toolkit.problems import texts

Document = dict[str, Any]
RATES = (("0", "1%"), ("1000", "2%"))
SHARES = (("0%", "1%"), ("80%", "2%"))
TARGET = {"target": "collected", "prorate": "none"}
MATRIX = {"rows_by": "days_past_due", "columns_by": "count", "rows": ["0", "31"], "columns": ["1", "3"],
          "amounts": [["1", "2"], ["3", "4"]]}  # fmt: skip


def noticed(document: Document, **known: Any) -> list[tuple[str, str]]:
    """(place, code) of everything that is noticed about a document."""
    plan, mistakes = read_document(document)
    findings = [*mistakes, *check_document(document)]
    if plan is not None:
        findings += lint(plan, **known)
    return [(in_words(finding.path, document), finding.code) for finding in findings]


def with_tables(document: Document, **tables: Any) -> Document:
    return document | tables


def gate(**keys: Any) -> Document:
    whole = {"code": "Q", "kpi": "qc_score", "at_least": "90%", "otherwise": "nothing"} | keys
    return with_tables(simple(gates=["Q"]), gate=[{key: value for key, value in whole.items() if value is not None}])


def multiplier(*bands: Document, **keys: Any) -> Document:
    whole = {"code": "M", "kpi": "qc_score", "bands": list(bands)} | keys
    return with_tables(simple(multiplier="M"), multiplier=[whole])


def override(**keys: Any) -> Document:
    whole = {"code": "LEAD", "role": "leader", "of": "agent", "rate": "5%", "base": "commission"}
    return with_tables(simple(), override=[whole | keys])


def guarantee(**keys: Any) -> Document:
    return with_tables(simple(), guarantee=[{"role": "agent", "amount": "100", "kind": "top_up"} | keys])


def withholding(**keys: Any) -> Document:
    row = {"country": "KE", "payee_type": "contractor", "rate": "5%", "from": date(2024, 1, 1)}
    return with_tables(simple(), withholding=[row | keys])


def test_the_example_of_the_reference_page_is_without_fault() -> None:
    assert noticed(example(), credit_given=False) == []


@pytest.mark.parametrize(
    "document",
    [
        simple(),
        banded(*RATES),
        banded(*SHARES, band_by="attainment", **TARGET),
        banded(("0", "5"), ("10", "7"), gives="amount", kind="per_unit", measure="visits_verified", band_by="count"),
        banded(("0%", "0"), ("90%", "100"), gives="amount", kind="fixed", measure=None, band_by="qc_score",
               band_mode="whole"),
        banded(("0%", "50%"), ("100%", "150%"), kind="at_target", at_target="100", band_by="attainment", **TARGET),
        simple(kind="matrix", measure="assets_recovered", rate=None, matrix=MATRIX) | {"arrears_on": "day_before"},
        simple(kind="per_unit", measure="conduct_complaints", rate=None, amount="-50"),
        simple(rate="102%", unusual=True),
        simple(split={"credited": "33.3333%", "previous_owner": "33.3333%", "A-7": "33.3334%"}),
        gate(), gate(otherwise="hold"), gate(otherwise="reduce to 12.5%"),
        gate(kpi="conduct_complaints", at_least=None, at_most="0"),
        multiplier({"from": "0%", "factor": "0.8"}, {"from": "90%", "factor": "110%"}),
        override(), guarantee(), withholding(),
        guarantee(kind="draw_recoverable", months=3), guarantee(kind="draw_recoverable", recover_from_month=2),
        simple(where={"days_past_due": {"from": "31"}}) | {"arrears_on": "period_start"},
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(document: Document) -> None:
    assert noticed(document) == []


CASES: list[tuple[str, str, Document]] = [
    # the plan as a whole
    ("PLAN_ID_FORM", "id", simple() | {"id": "../x"}),
    ("PLAN_CURRENCY_UNKNOWN", "currency", simple() | {"currency": "KSH"}),
    ("PLAN_COUNTRY_FORM", "country", simple() | {"country": "Kenya"}),
    ("PLAN_TIME_ZONE", "timezone", simple() | {"timezone": "Nairobi/Africa"}),
    ("PLAN_START_DAY", "period_start_day", simple() | {"period": "week", "period_start_day": 26}),
    ("PLAN_PAYOUT_UNIT", "payout_unit", simple() | {"payout_unit": "0"}),
    ("PLAN_AMOUNT_FINE", "payout_unit", simple() | {"payout_unit": "0.001"}),
    ("PLAN_AMOUNT_FINE", "payout_unit", simple() | {"currency": "UGX"}),
    ("PLAN_AMOUNT_FINE", "component CASH: cap", simple(cap="10.005", cap_excess="lose")),
    ("PLAN_AMOUNT_FINE", "component CASH, bands 2: from", banded(("0", "1%"), ("499.995", "2%"))),
    ("PLAN_NEGATIVE", "min_payout", simple() | {"min_payout": "-1"}),
    ("PLAN_NEGATIVE", "plan_cap", simple() | {"plan_cap": "-1"}),
    ("PLAN_SHARE_RANGE", "carry: recover_at_most", simple() | {"carry": {"recover_at_most": "120%"}}),
    ("PLAN_EMPTY", "component", simple() | {"component": []}),
    ("PLAN_CREDIT_RULES_EMPTY", "credit: rules", simple() | {"credit": {"rules": []}}),
    ("PLAN_CREDIT_RULE_TWICE", "credit: rules", simple() | {"credit": {"rules": ["named", "named"]}}),
    ("PLAN_OWNER_ROLES_MISSING", "credit: owner_roles", simple() | {"credit": {"rules": ["owner"]}}),
    ("PLAN_CREDIT_KEY_IDLE", "credit: contact_window_days",
     simple() | {"credit": {"rules": ["named"], "contact_window_days": 3}}),
    # codes
    ("PLAN_CODE_FORM", "component CASH IN: code", simple(code="CASH IN")),
    ("PLAN_CODE_FORM", "component =1+1: code", simple(code="=1+1")),
    ("PLAN_CODE_RESERVED", "component Net: code", simple(code="Net")),
    ("PLAN_CODE_RESERVED", "override gross: code", override(code="gross")),
    ("PLAN_CODE_TWICE", "component CASH: code",
     simple() | {"component": [*simple()["component"], *simple(where={"product": ["a"]})["component"]]}),
    ("PLAN_CODE_TWICE", "override cash: code", override(code="cash")),
    ("PLAN_CODE_TWICE", "gate Q: code", gate() | {"gate": gate()["gate"] * 2}),
    # measures
    ("PLAN_MEASURE_MISSING", "component CASH: measure", simple(measure=None)),
    ("PLAN_MEASURE_UNKNOWN", "component CASH: measure", simple(measure="colected")),
    ("PLAN_MEASURE_FOR_BANDS", "component CASH: measure",
     banded(("0", "5"), gives="amount", kind="fixed", measure=None, band_mode="whole")),
    ("PLAN_PERCENT_OF_COUNT", "component CASH: measure", simple(measure="visits_verified")),
    ("PLAN_PERCENT_OF_COUNT", "component CASH: measure", simple(measure="qc_score")),
    ("PLAN_UNIT_OF_MONEY", "component CASH: measure", simple(kind="per_unit", rate=None, amount="5")),
    ("PLAN_UNIT_OF_SHARE", "component CASH: measure",
     simple(kind="per_unit", rate=None, amount="5", measure="qc_score")),
    ("PLAN_PER_PAYMENT", "component CASH: per", simple(measure="base_pay", per="payment")),
    ("PLAN_PER_PAYMENT", "component CASH: per",
     simple(kind="fixed", measure=None, rate=None, amount="5", per="payment")),
    ("PLAN_PER_YEAR", "component CASH: per", simple(measure="base_pay", per="year_to_date")),
    ("PLAN_YEAR_STARTS", "component CASH: year_starts",
     simple(per="year_to_date", year_starts="31-12", clawback={"share": "100%"})),
    ("PLAN_YEAR_STARTS_IDLE", "component CASH: year_starts", simple(year_starts="07-01")),
    ("PLAN_YEAR_NO_CLAWBACK", "component CASH: clawback", simple(per="year_to_date")),
    # where
    ("PLAN_WHERE_EMPTY", "component CASH, where: role", simple(where={"role": []})),
    ("PLAN_WHERE_CODE", "component CASH, where, kind 1", simple(where={"kind": ["installment"]})),
    ("PLAN_WHERE_IDLE", "component CASH, where: product", simple(measure="base_pay", where={"product": ["phone"]})),
    ("PLAN_RANGE_EMPTY", "component CASH, where: amount", simple(where={"amount": {"from": "5", "to": "5"}})),
    ("PLAN_RANGE_OPEN", "component CASH, where: amount", simple(where={"amount": {}})),
    ("PLAN_ARREARS_ON_MISSING", "arrears_on", simple(where={"balance": {"from": "1"}})),
    ("PLAN_ARREARS_ON_MISSING", "arrears_on", banded(*RATES, band_by="days_past_due", band_mode="whole")),
    ("PLAN_ARREARS_ON_MISSING", "arrears_on",
     simple(kind="matrix", measure="assets_recovered", rate=None, matrix=MATRIX)),
    # rates and bands
    ("PLAN_VALUE_KIND", "component CASH: amount", simple(amount="5")),
    ("PLAN_VALUE_AND_BANDS", "component CASH: rate", banded(*RATES, rate="2%")),
    ("PLAN_VALUE_MISSING", "component CASH: rate", simple(rate=None)),
    ("PLAN_AT_TARGET_KIND", "component CASH: at_target", simple(at_target="5")),
    ("PLAN_AT_TARGET_MISSING", "component CASH: at_target", simple(kind="at_target", **TARGET)),
    ("PLAN_RATE_OVER", "component CASH: rate", simple(rate="101%")),
    ("PLAN_RATE_OVER", "component CASH, bands 2: rate", banded(("0", "1%"), ("9", "250%"))),
    ("PLAN_RATE_NEGATIVE", "component CASH: rate", simple(rate="-1%")),
    ("PLAN_BAND_VALUE_MISSING", "component CASH, bands 1: rate", banded(*RATES) | {}),
    ("PLAN_BAND_VALUE_OTHER", "component CASH, bands 1: amount", banded(*RATES)),
    ("PLAN_BAND_TWICE", "component CASH, bands 2: from", banded(("0", "1%"), ("0", "2%"))),
    ("PLAN_BAND_ORDER", "component CASH, bands 2: from", banded(("100", "1%"), ("50", "2%"))),
    ("PLAN_BAND_FIRST", "component CASH, bands 1: from", banded(("100", "1%"), ("500", "2%"))),
    ("PLAN_BAND_KEY_MISSING", "component CASH: band_by", banded(*RATES, band_by=None)),
    ("PLAN_BAND_KEY_MISSING", "component CASH: band_mode", banded(*RATES, band_mode=None)),
    ("PLAN_BAND_KEY_MISSING", "component CASH: band_edge", banded(*RATES, band_edge=None)),
    ("PLAN_BAND_KEY_IDLE", "component CASH: band_mode", simple(band_mode="whole")),
    ("PLAN_SCALE_UNKNOWN", "component CASH: band_by", banded(*RATES, band_by="amout", band_mode="whole")),
    ("PLAN_INTERPOLATED_KIND", "component CASH: band_mode",
     banded(("0", "5"), gives="amount", kind="per_unit", measure="payments", band_by="count", per="period",
            band_mode="interpolated", where={"amount": {"from": "5"}})),
    ("PLAN_FIXED_SLICE", "component CASH: band_mode", banded(("0", "5"), gives="amount", kind="fixed")),
    ("PLAN_SLICE_SCALE", "component CASH: band_mode", banded(*RATES, band_by="count")),
    ("PLAN_SLICE_SCALE", "component CASH: band_mode",
     banded(("0", "5"), gives="amount", kind="per_unit", measure="visits_verified", band_by="amount")),
    ("PLAN_SLICE_SCALE", "component CASH: band_mode", banded(*SHARES, band_by="qc_score")),
    ("PLAN_SLICE_PAYMENT", "component CASH: band_mode",
     banded(*SHARES, band_by="attainment", per="payment", **TARGET)),
    ("PLAN_POINT_NEEDS_PERCENT", "component CASH, bands 2: from",
     banded(("0", "1%"), ("80", "2%"), band_by="attainment", **TARGET)),
    ("PLAN_POINT_NEEDS_PERCENT", "gate Q: at_least", gate(at_least="93")),
    ("PLAN_POINT_NEEDS_PERCENT", "multiplier M, bands 2: from",
     multiplier({"from": "0", "factor": "1"}, {"from": "0.9", "factor": "1.1"})),
    ("PLAN_POINT_HAS_PERCENT", "component CASH, bands 2: from", banded(("0", "1%"), ("80%", "2%"))),
    ("PLAN_POINT_HAS_PERCENT", "component CASH, where, amount: from", simple(where={"amount": {"from": "5%"}})),
    # matrix
    ("PLAN_MATRIX_MISSING", "component CASH: matrix", simple(kind="matrix", rate=None)),
    ("PLAN_MATRIX_KIND", "component CASH: matrix", simple(matrix=MATRIX) | {"arrears_on": "day_before"}),
    # target and limits
    ("PLAN_TARGET_MISSING", "component CASH: target", banded(*SHARES, band_by="attainment")),
    ("PLAN_TARGET_IDLE", "component CASH: target", simple(**TARGET)),
    ("PLAN_PRORATE_MISSING", "component CASH: prorate", banded(*SHARES, band_by="attainment", target="collected")),
    ("PLAN_KPI_UNKNOWN", "component CASH: target", banded(*SHARES, band_by="attainment", target="colected",
                                                          prorate="none")),
    ("PLAN_KEY_IDLE", "component CASH: prorate", simple(prorate="none")),
    ("PLAN_KEY_IDLE", "component CASH: cap_excess", simple(cap_excess="lose")),
    ("PLAN_CAP_EXCESS_MISSING", "component CASH: cap_excess", simple(cap="100")),
    ("PLAN_NEGATIVE", "component CASH: cap", simple(cap="-5", cap_excess="lose")),
    ("PLAN_FLOOR_OVER_CAP", "component CASH: floor", simple(floor="101", cap="100", cap_excess="lose")),
    # split, holdback, clawback
    ("PLAN_SPLIT_SUM", "component CASH: split", simple(split={"credited": "60%", "previous_owner": "39%"})),
    ("PLAN_NO_OVERPAYING_SPLIT", "component CASH: split", simple(split={"credited": "60%", "team_leader": "50%"})),
    ("PLAN_SPLIT_PAYEE", "component CASH, split: credit", simple(split={"credit": "100%"})),
    ("PLAN_SPLIT_IDLE", "component CASH: split", simple(measure="base_pay", split={"credited": "100%"})),
    ("PLAN_SHARE_RANGE", "component CASH: base_share", simple(base_share="118%")),
    ("PLAN_SHARE_RANGE", "component CASH, holdback: share",
     simple(holdback={"share": "120%", "release_after_days": 5})),
    ("PLAN_SHARE_RANGE", "component CASH, clawback: share", simple(clawback={"share": "-1%"})),
    ("PLAN_DECLINE_WINDOW", "component CASH, clawback: within_days", simple(clawback={"decline": "straight_line"})),
    ("PLAN_CLAWBACK_IDLE", "component CASH: clawback", simple(measure="base_pay", clawback={"share": "100%"})),
    # paying too much
    ("PLAN_MORE_THAN_PAID", "component CASH",
     simple() | {"component": [*simple(rate="60%")["component"], *simple(code="B", rate="60%")["component"]]}),
    ("PLAN_UNIT_OVER_PAYMENT", "component CASH", simple(kind="per_unit", measure="payments", rate=None, amount="50")),
    # gates and multipliers
    ("PLAN_GATE_UNKNOWN", "component CASH, gates 1", simple(gates=["QUALITY"])),
    ("PLAN_GATE_TWICE", "component CASH, gates 2", gate() | {"component": simple(gates=["Q", "Q"])["component"]}),
    ("PLAN_GATE_UNUSED", "gate Q", gate() | {"component": simple()["component"]}),
    ("PLAN_GATE_LIMIT", "gate Q: at_least", gate(at_most="99%")),
    ("PLAN_GATE_LIMIT", "gate Q: at_least", gate(at_least=None)),
    ("PLAN_GATE_DIRECTION", "gate Q: at_most", gate(at_least=None, at_most="90%")),
    ("PLAN_GATE_OTHERWISE", "gate Q: otherwise", gate(otherwise="50%")),
    ("PLAN_GATE_REDUCTION", "gate Q: otherwise", gate(otherwise="reduce to 100%")),
    ("PLAN_KPI_UNKNOWN", "gate Q: kpi", gate(kpi="quality")),
    ("PLAN_MULTIPLIER_UNKNOWN", "component CASH: multiplier", simple(multiplier="M")),
    ("PLAN_MULTIPLIER_UNUSED", "multiplier M",
     multiplier({"from": "0%", "factor": "1"}) | {"component": simple()["component"]}),
    ("PLAN_MULTIPLIER_EMPTY", "multiplier M: bands", multiplier()),
    ("PLAN_FACTOR_FIRST", "multiplier M, bands 1: from", multiplier({"from": "50%", "factor": "1"})),
    ("PLAN_BAND_VALUE_MISSING", "multiplier M, bands 1: factor", multiplier({"from": "0%", "rate": "1%"})),
    ("PLAN_NEGATIVE", "multiplier M, bands 1: factor", multiplier({"from": "0%", "factor": "-1"})),
    # overrides, guarantees, withholding
    ("PLAN_OVERRIDE_CIRCLE", "override LEAD", override(of="leader")),
    ("PLAN_RATE_OVER", "override LEAD: rate", override(rate="500%")),
    ("PLAN_OVERRIDE_NEGATIVE", "override LEAD: rate", override(rate="-5%")),
    ("PLAN_NOT_POSITIVE", "guarantee 1: amount", guarantee(amount="0")),
    ("PLAN_GUARANTEE_TWICE", "guarantee 2: role", guarantee() | {"guarantee": guarantee()["guarantee"] * 2}),
    ("PLAN_RECOVERY_IDLE", "guarantee 1: recover_from_month", guarantee(recover_from_month=4)),
    ("PLAN_RECOVERY_MISSING", "guarantee 1: recover_from_month", guarantee(kind="draw_recoverable")),
    ("PLAN_COUNTRY_FORM", "withholding 1: country", withholding(country="Kenya")),
    ("PLAN_PAYEE_TYPE", "withholding 1: payee_type", withholding(payee_type="contracter")),
    ("PLAN_SHARE_RANGE", "withholding 1: rate", withholding(rate="105%")),
    ("PLAN_NEGATIVE", "withholding 1: threshold", withholding(threshold="-1")),
    ("PLAN_WITHHOLDING_TWICE", "withholding 2", withholding() | {"withholding": withholding()["withholding"] * 2}),
    # roles that nothing else names
    ("PLAN_ROLE_NOWHERE", "guarantee 1: role", guarantee() | {"component": simple(where={"role": ["a"]})["component"]}),
    ("PLAN_ROLE_NOWHERE", "override LEAD: of", override() | {"component": simple(where={"role": ["a"]})["component"]}),
]  # fmt: skip
IN_BANDS: dict[str, Callable[[Document], Any]] = {
    "PLAN_BAND_VALUE_MISSING": lambda band: band.pop("rate"),
    "PLAN_BAND_VALUE_OTHER": lambda band: band.update(amount="5"),
}


@pytest.mark.parametrize(("code", "place", "document"), CASES, ids=[f"{code}-{place}" for code, place, _ in CASES])
def test_one_thing_wrong_is_found_in_its_place(code: str, place: str, document: Document) -> None:
    if code in IN_BANDS and "component" in place:
        IN_BANDS[code](document["component"][0]["bands"][0])
    assert (place, code) in noticed(document)


@pytest.mark.parametrize(
    ("change", "code", "key"),
    [
        ({"rows": ["31", "0"]}, "PLAN_MATRIX_ORDER", "rows"),
        ({"columns": []}, "PLAN_MATRIX_ORDER", "columns"),
        ({"rows": ["5", "31"]}, "PLAN_MATRIX_FIRST", "rows"),
        ({"amounts": [["1", "2"]]}, "PLAN_MATRIX_SHAPE", "amounts"),
        ({"amounts": [["1", "2"], ["3"]]}, "PLAN_MATRIX_SHAPE", "amounts"),
        ({"rows_by": "age"}, "PLAN_SCALE_UNKNOWN", "rows_by"),
    ],
)
def test_a_matrix_has_ascending_starts_and_an_amount_for_each_cell(change: Document, code: str, key: str) -> None:
    document = simple(kind="matrix", measure="assets_recovered", rate=None, matrix=MATRIX | change)
    assert (f"component CASH, matrix: {key}", code) in noticed(document | {"arrears_on": "day_before"})


def test_overrides_that_lead_back_to_the_leader_are_refused() -> None:
    steps = [("ONE", "leader", "agent"), ("TWO", "manager", "leader"), ("THREE", "agent", "manager")]
    rows = [{"code": code, "role": role, "of": of, "rate": "5%", "base": "commission"} for code, role, of in steps]
    codes = [code for _, code in noticed(simple() | {"override": rows})]
    assert codes.count("PLAN_OVERRIDE_CIRCLE") == 3
    assert noticed(simple() | {"override": rows[:2]}) == []


def test_credit_must_stand_in_the_plan_or_in_the_profile() -> None:
    assert noticed(simple(), credit_given=False) == [("credit", "PLAN_CREDIT_MISSING")]
    assert noticed(simple(), credit_given=True) == []


def test_roles_are_held_against_the_profiles() -> None:
    document = simple(where={"role": ["field_agnt"]})
    plan = Plan.model_validate(document)
    told = check_plan(plan, roles=("field_agent", "team_leader"))
    assert [problem.code for problem in told] == ["PLAN_ROLE_UNKNOWN"]
    assert "field_agent" in told[0].what_to_do
    assert told[0].file == "component CASH, where, role 1"


def test_rates_of_components_for_different_products_are_not_added() -> None:
    phones = simple(rate="60%", where={"product": ["phone"]})
    bikes = simple(code="B", rate="60%", where={"product": ["bike"]})
    assert noticed(simple() | {"component": [*phones["component"], *bikes["component"]]}) == []


def test_a_start_above_zero_is_no_surprise_where_nothing_lies_below_it() -> None:
    late = banded(("31", "1%"), ("61", "2%"), band_by="days_past_due", band_mode="whole",
                  where={"days_past_due": {"from": "31"}})  # fmt: skip
    assert noticed(late | {"arrears_on": "day_before"}) == []


# -- form ------------------------------------------------------------------------------------------------

FORM: list[tuple[str, str, Document]] = [
    ("PLAN_KEY_UNKNOWN", "curency", simple() | {"curency": "KES"}),
    ("PLAN_KEY_UNKNOWN", "start", simple() | {"start": "2026-01-01"}),
    ("PLAN_KEY_UNKNOWN", "component CASH: currency", simple(currency="USD")),
    ("PLAN_BAND_TO", "component CASH, bands 1: to", banded(*RATES)),
    ("PLAN_RATE_WANTED", "component CASH: rate", simple(rate=0.05)),
    ("PLAN_RATE_WANTED", "component CASH: rate", simple(rate=5)),
    ("PLAN_RATE_WANTED", "component CASH: rate", simple(rate="5")),
    ("PLAN_RATE_WANTED_NO_IDEA", "component CASH: rate", simple(rate="five")),
    ("PLAN_RATE_WANTED_NO_IDEA", "component CASH: rate", simple(rate="0.00001%")),
    ("PLAN_AMOUNT_WANTED", "payout_unit", simple() | {"payout_unit": 1}),
    ("PLAN_AMOUNT_WANTED", "component CASH: cap", simple(cap="1,500", cap_excess="lose")),
    ("PLAN_AMOUNT_WANTED_NO_IDEA", "component CASH: cap", simple(cap="a lot", cap_excess="lose")),
    ("PLAN_AMOUNT_WANTED_NO_IDEA", "component CASH: cap", simple(cap="1e5", cap_excess="lose")),
    ("PLAN_AMOUNT_WANTED_NO_IDEA", "component CASH: cap", simple(cap="NaN", cap_excess="lose")),
    ("PLAN_POINT_WANTED", "gate Q: at_least", gate(at_least=93)),
    ("PLAN_POINT_WANTED_NO_IDEA", "gate Q: at_least", gate(at_least="high")),
    ("PLAN_WHOLE_WANTED", "version", simple() | {"version": "3"}),
    ("PLAN_WHOLE_WANTED", "version", simple() | {"version": True}),
    ("PLAN_OUT_OF_RANGE", "version", simple() | {"version": 0}),
    ("PLAN_OUT_OF_RANGE", "period_start_day", simple() | {"period_start_day": 29}),
    ("PLAN_DAY_WANTED", "from", simple() | {"from": "31/01/2026"}),
    ("PLAN_DAY_WANTED", "from", simple() | {"from": 20260101}),
    ("PLAN_FLAG_WANTED", "component CASH: unusual", simple(unusual="yes")),
    ("PLAN_TEXT_WANTED", "id", simple() | {"id": 12}),
    ("PLAN_LIST_WANTED", "component CASH, where: role", simple(where={"role": "field_agent"})),
    ("PLAN_LIST_OF_TABLES_WANTED", "component CASH: bands", simple(rate=None, bands="1%")),
    ("PLAN_TABLE_WANTED", "component CASH: holdback", simple(holdback="20%")),
    ("PLAN_NOT_A_CHOICE", "rounding", simple() | {"rounding": "up"}),
    ("PLAN_NOT_A_CHOICE", "component CASH: kind", simple(kind="percentage")),
    # what a plan cannot say
    ("PLAN_NO_LONG_PERIODS", "period", simple() | {"period": "year"}),
    ("PLAN_NO_LONG_PERIODS", "period", simple() | {"period": "quarter"}),
    ("PLAN_NO_DAYS", "period", simple() | {"period": "day"}),
    ("PLAN_NO_SHARES", "component CASH, split: credited", simple(split={"credited": "1/3", "team_leader": "66.6667%"})),
    ("PLAN_NO_SHARES", "component CASH: rate", simple(rate="33 1/3%")),
    ("PLAN_NO_FORMULAS", "component CASH: rate", simple(rate="=A1*5%")),
    ("PLAN_NO_FORMULAS", "component CASH: cap", simple(cap="2 * base_pay", cap_excess="lose")),
    ("PLAN_NO_FORMULAS", "component CASH: formula", simple(formula="collected * 0.05")),
    ("PLAN_NO_HOURS", "guarantee 1: kind", guarantee(kind="hourly")),
    ("PLAN_NO_HOURS", "guarantee 1: per_hour", guarantee(per_hour="7")),
    ("PLAN_NO_ADVANCES", "component CASH: advance", simple(advance="50%")),
    ("PLAN_NO_EVENTS", "component CASH, holdback: release_on",
     simple(holdback={"share": "20%", "release_after_days": 5, "release_on": "loan closed"})),
    ("PLAN_NO_EXCHANGE", "component CASH: fx_rate", simple(fx_rate="129")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "place", "document"), FORM, ids=[f"{code}-{place}" for code, place, _ in FORM])
def test_what_is_written_wrongly_is_found_in_its_place(code: str, place: str, document: Document) -> None:
    if code == "PLAN_BAND_TO":
        document["component"][0]["bands"][0]["to"] = "1000"
    assert noticed(document) == [(place, code)]


@pytest.mark.parametrize("key", ["id", "version", "currency", "from", "period", "rate_date", "rounding", "payout_unit"])
def test_a_plan_needs_what_decides_on_money(key: str) -> None:
    document = {name: value for name, value in simple().items() if name != key}
    assert noticed(document) == [(key, "PLAN_KEY_MISSING")]


@pytest.mark.parametrize("key", ["code", "kind", "per"])
def test_a_component_needs_what_decides_on_money(key: str) -> None:
    name = "1" if key == "code" else "CASH"
    assert noticed(simple(**{key: None})) == [(f"component {name}: {key}", "PLAN_KEY_MISSING")]


@pytest.mark.parametrize(
    ("written", "better"),
    [(0.05, "5%"), (5, "5%"), ("5", "5%"), ("0.029", "2.9%"), ("2,5%", "2.5%"), ("5 percent", ""), (1, "1%")],
)
def test_a_rate_that_is_plain_enough_gets_a_suggestion(written: object, better: str) -> None:
    _, mistakes = read_document(simple(rate=written))
    assert mistakes[0].fields.get("better", "") == (f'"{better}"' if better else "")


def test_a_key_that_is_nearly_right_is_named() -> None:
    _, mistakes = read_document(simple() | {"curency": "KES"})
    assert 'Did you mean "currency"?' in str(mistakes[0].fields["hint"])


def test_the_rest_of_a_plan_with_mistakes_is_checked_all_the_same() -> None:
    document = simple(rate=0.05, cap="100", colour="red") | {"rounding": "up"}
    plan, mistakes = read_document(document)
    rest = as_far_as_it_goes(document, mistakes)
    assert plan is None
    assert rest is not None
    assert [finding.code for finding in lint(rest)] == ["PLAN_CAP_EXCESS_MISSING"]


def test_every_sentence_can_be_filled_in() -> None:
    """Each case above as a problem: a sentence that lacks a field would raise."""
    for _, _, document in CASES:
        plan, _ = read_document(document)
        assert plan is not None
        assert all(told.message and "{" not in told.what_to_do.replace("{ ", "") for told in check_plan(plan))


def test_every_code_of_the_linter_has_a_test() -> None:
    here = {code for code, _, _ in [*CASES, *FORM]}
    elsewhere = {
        "PLAN_KEY_MISSING", "PLAN_CREDIT_MISSING", "PLAN_ROLE_UNKNOWN", "PLAN_DID_YOU_MEAN",
        "PLAN_MATRIX_ORDER", "PLAN_MATRIX_FIRST", "PLAN_MATRIX_SHAPE", "PLAN_MATRIX_BANDS",
        "PLAN_SEVERAL_IDS", "PLAN_VERSION_TWICE", "PLAN_FROM_TWICE", "PLAN_VERSION_ORDER", "PLAN_VERSIONS_DIFFER",
    }  # fmt: skip
    in_files = {code for code in texts() if code.startswith(("PLAN_FILE", "PLAN_FOLDER", "PLAN_SHEET", "PLAN_ENDS"))}
    in_files |= {"PLAN_NOT_UTF8", "PLAN_NOT_TOML", "PLAN_CURLY_QUOTES", "PLAN_BARE_VALUE", "PLAN_KEY_TWICE",
                 "PLAN_DOUBLE_BRACKETS", "PLAN_WORKBOOK_UNREADABLE"}  # fmt: skip
    theirs = {code for code in texts() if code.startswith("PLAN_")}
    assert here <= theirs
    assert sorted(theirs - here - elsewhere - in_files) == []


# -- versions --------------------------------------------------------------------------------------------


def versions(*changes: Document) -> list[str]:
    plans = [Plan.model_validate(simple() | change) for change in changes]
    ordered = sorted(plans, key=lambda plan: (plan.start, plan.version))
    return [problem.code for problem in check_versions(PlanVersions(versions=tuple(ordered)))]


def test_versions_in_order_are_left_alone() -> None:
    assert versions({}, {"version": 2, "from": "2026-02-01"}, {"version": 5, "from": "2026-03-10"}) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 1, "from": "2026-02-01"}, "PLAN_VERSION_TWICE"),
        ({"version": 2}, "PLAN_FROM_TWICE"),
        ({"version": 2, "from": "2025-12-01"}, "PLAN_VERSION_ORDER"),
        ({"version": 2, "from": "2026-02-01", "id": "OTHER"}, "PLAN_SEVERAL_IDS"),
        ({"version": 2, "from": "2026-02-01", "period": "week"}, "PLAN_VERSIONS_DIFFER"),
        ({"version": 2, "from": "2026-02-01", "rate_date": "period_end"}, "PLAN_VERSIONS_DIFFER"),
        ({"version": 2, "from": "2026-02-01", "rounding": "half_even"}, "PLAN_VERSIONS_DIFFER"),
        ({"version": 2, "from": "2026-02-01", "period_start_day": 26}, "PLAN_VERSIONS_DIFFER"),
        ({"version": 2, "from": "2026-02-01", "currency": "UGX"}, "PLAN_VERSIONS_DIFFER"),
    ],
)
def test_versions_that_contradict_each_other_are_refused(change: Document, code: str) -> None:
    assert versions({}, change) == [code]
