"""KPIs of visits, recoveries and cases, small enough to count by hand: catalogue rows 3.1 to 3.11."""

from datetime import date

import pytest
from kpi_cases import TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.kpis.field import FIELD

HEADER = (
    "visit_id,agent_id,account_id,planned_on,visited_at,met,outcome,"
    "willingness,capacity,flags,latitude,longitude,logged_at\n"
)
VISITS = (
    HEADER
    + """V1,A1,L1,2026-03-02,2026-03-02 09:00,other,not_home,,,,-1.2,36.8,2026-03-02 18:00
V2,A1,L4,2026-03-02,2026-03-02 15:00,customer,promise,willing,able,,-1.2,36.8,2026-03-03 15:00
V3,A1,L2,2026-03-03,2026-03-04 10:00,customer,refused,unwilling,,fraud,-1.2,36.8,2026-03-05 10:01
V4,A1,L3,2026-03-05,,,,,,,,,
V5,A2,L1,,2026-03-02 16:00,nobody,not_home,,,,-1.2,36.8,2026-03-02 17:00
V6,A2,,,2026-03-06 08:00,customer,paid,willing,able,,,,2026-03-06 08:30
V7,A2,,,2026-03-06 09:00,nobody,moved,,,theft,-1.2,36.8,2026-03-06 09:30
"""
)


def a_visit(visited_at: str = "2026-03-02 09:00", logged_at: str = "2026-03-02 10:00", place: str = "-1.2,36.8") -> str:
    return HEADER + f"V1,A1,L1,,{visited_at},customer,paid,willing,able,,{place},{logged_at}\n"


def test_several_visits_to_one_household_on_a_day_are_one_whatever_the_account_and_agent() -> None:
    data = data_of(visits=VISITS)
    # L1 and L4 are one customer's; visits to no account are each their own
    assert [of(data, "visits_done", scope) for scope in ("A1", "A2", "North", "")] == [
        (2, None),
        (3, None),
        (4, None),
        (4, None),
    ]


def test_planned_visits_that_took_place_even_later_of_those_planned_on_their_day() -> None:
    data = data_of(visits=VISITS)
    assert of(data, "visit_completion") == (2, 3)
    assert of(data, "visit_completion", period="2026-03-03", grain="day") == (1, 1)


def test_visits_planned_for_later_wait() -> None:
    data = data_of(as_of=date(2026, 3, 4), visits="".join(VISITS.splitlines(keepends=True)[:6]))
    assert of(data, "visit_completion") == (2, 2)
    assert note(data, "visit_completion")[2] == 1


def test_a_neighbour_is_not_the_customer_and_one_visit_of_the_day_that_met_him_is_enough() -> None:
    data = data_of(visits=VISITS)
    assert of(data, "visit_contact_rate", "A1") == (2, 2)
    assert of(data, "visit_contact_rate", "A2") == (1, 3)
    assert of(data, "visit_contact_rate", "North") == (3, 4)  # A2's empty visit to the household that A1 met


def test_both_willingness_and_capacity_have_to_be_noted_where_the_customer_was_met() -> None:
    assert of(data_of(visits=VISITS), "visits_assessed") == (1, 2)


@pytest.mark.parametrize(("logged", "good"), [("2026-03-03 09:00:00", 1), ("2026-03-03 09:00:01", 0), ("", 0)])
def test_a_visit_is_logged_within_24_hours(logged: str, good: int) -> None:
    assert of(data_of(visits=a_visit(logged_at=logged)), "visits_documented") == (good, 1)


def test_hours_for_logging_are_a_definition() -> None:
    late = a_visit(logged_at="2026-03-04 09:00")
    assert of(data_of(visits=late, definitions={"visit_logged_within_hours": 48}), "visits_documented") == (1, 1)


def test_a_visit_not_logged_yet_waits_until_its_hours_are_over() -> None:
    late = a_visit(visited_at="2026-03-31 09:00", logged_at="")
    assert note(data_of(visits=late), "visits_documented") == (None, "immature", 1)
    assert of(data_of(date(2026, 4, 1), visits=late), "visits_documented") == (0, 1)


@pytest.mark.parametrize("visit", [a_visit(place=",36.8"), a_visit(place="-1.2,"), a_visit("2026-03-02")])
def test_a_visit_without_place_or_time_of_day_is_made_but_not_documented(visit: str) -> None:
    data = data_of(visits=visit)
    assert of(data, "visits_documented") == (0, 1)
    assert of(data, "visits_done") == (1, None)


def test_each_of_several_visits_to_a_household_has_to_be_documented() -> None:
    twice = a_visit() + a_visit().splitlines()[1].replace("V1", "V2").replace("-1.2", "") + "\n"
    assert of(data_of(visits=twice), "visits_documented") == (0, 1)


CASES = """case_id,account_id,agent_id,kind,opened_on,closed_on,next_on,escalated_at
X1,L2,A1,fraud,2026-03-04,,2026-03-06,2026-03-05 10:00
X2,L1,A1,police,2026-03-05,2026-03-20,2026-03-19,
X3,L3,A2,legal,2026-03-09,2026-03-09,2026-03-09,
X4,L3,,legal,2026-03-09,2026-03-09,2026-03-09,
X5,L3,A2,legal,2026-02-09,,2026-04-01,
"""


@pytest.mark.parametrize(("escalated", "good"), [("2026-03-05 10:00:00", 1), ("2026-03-05 10:00:01", 0)])
def test_a_flagged_risk_is_escalated_within_24_hours(escalated: str, good: int) -> None:
    cases = CASES.replace("2026-03-05 10:00", escalated)
    assert of(data_of(visits=VISITS, cases=cases), "risks_escalated_in_time") == (good, 1)


def test_a_flag_without_an_account_or_raised_before_the_visit_is_not_escalated() -> None:
    assert of(data_of(visits=VISITS, cases=CASES), "risks_escalated_in_time", "A2") == (0, 1)
    before = CASES.replace("2026-03-05 10:00", "2026-03-04 09:59")
    assert of(data_of(visits=VISITS, cases=before), "risks_escalated_in_time") == (0, 1)


def test_cases_closed_of_those_opened_and_a_closing_to_come_does_not_count() -> None:
    assert of(data_of(cases=CASES), "cases_resolved", "A1") == (1, 2)
    assert of(data_of(date(2026, 3, 19), cases=CASES), "cases_resolved", "A1") == (0, 2)
    assert of(data_of(cases=CASES), "cases_resolved", "") == (3, 4)


def test_a_hand_off_needs_somebody_in_charge_and_its_day_kept() -> None:
    data = data_of(cases=CASES)
    assert of(data, "hand_offs_in_time", "A1") == (1, 2)  # X2 was closed a day after
    assert of(data, "hand_offs_in_time", "") == (2, 4)  # X4 is nobody's; X5 waits
    assert note(data, "hand_offs_in_time", "A2", "2026-04") == (None, "immature", 1)


RECOVERIES = """recovery_id,account_id,agent_id,ordered_on,recovered_on,legal_checklist_on,sold_on,net_proceeds,outcome
R1,L1,A1,2026-03-02,2026-03-06,2026-03-05,2026-03-20,300.00,recovered
R2,L2,A1,2026-03-03,2026-03-03,2026-03-03,,,surrendered
R3,L3,A1,2026-03-04,2026-03-05,,,,redeemed
R4,L4,A1,2026-03-05,,,,,stayed
R5,L4,A1,2026-03-09,,,,,
"""
BALANCES = """account_id,as_of,balance,days_past_due
L1,2026-02-28,900.00,40
L1,2026-03-02,1000.00,42
L1,2026-03-03,1.00,43
L4,2026-03-01,500.00,30
"""


def test_assets_recovered_of_those_ordered_where_redeemed_ones_are_cash_and_no_asset() -> None:
    assert of(data_of(recoveries=RECOVERIES), "assets_recovered") == (2, 4)
    assert of(data_of(date(2026, 3, 5), recoveries=RECOVERIES), "assets_recovered") == (1, 3)


def test_net_proceeds_of_what_was_owed_on_the_day_of_the_order() -> None:
    data = data_of(recoveries=RECOVERIES, balances=BALANCES)
    # R1 1,000 and 300 of it; R4 stayed, 500 lost; R2 and R5 are not sold yet
    assert of(data, "recovery_rate") == (300, 1500)
    assert note(data, "recovery_rate") == (0.2, "", 2)


def test_proceeds_to_come_wait_and_the_amount_placed_stands_in_for_a_balance() -> None:
    accounts = "account_id,customer_id,product,activated_on,currency,placed_amount\nL1,C1,bike,2026-01-01,KES,600\n"
    only = "\n".join(RECOVERIES.splitlines()[:2]) + "\n"
    assert of(data_of(accounts=accounts, recoveries=only), "recovery_rate") == (300, 600)
    assert note(data_of(date(2026, 3, 19), accounts=accounts, recoveries=only), "recovery_rate")[1:] == ("immature", 1)


def test_without_balances_and_amounts_placed_there_is_no_exposure() -> None:
    run = values(data_of(recoveries=RECOVERIES), "recovery_rate")
    assert "balances.balance" in str(run.problems[0])


@pytest.mark.parametrize(("checked", "good"), [("2026-03-05", 1), ("2026-03-06", 0), ("", 0)])
def test_the_legal_checklist_is_complete_before_the_day_of_recovery(checked: str, good: int) -> None:
    row = f"R1,L1,A1,2026-03-02,2026-03-06,{checked},,,recovered\n"
    data = data_of(recoveries=RECOVERIES.splitlines()[0] + "\n" + row)
    assert of(data, "checklist_complete") == (good, 1)


def test_days_from_order_to_recovery_of_assets_that_came_back() -> None:
    assert of(data_of(recoveries=RECOVERIES), "days_to_recovery") == (4, 2)


@pytest.mark.parametrize("kpi", FIELD)
def test_empty_tables_give_nothing_and_no_problem(kpi: str) -> None:
    heads = {"visits": VISITS, "cases": CASES, "recoveries": RECOVERIES, "balances": BALANCES}
    run = values(data_of(**{name: text.splitlines()[0] + "\n" for name, text in heads.items()}), kpi)
    assert run.values.select("numerator", "denominator").sum().row(0) == (0, 0)
    assert not run.problems


@pytest.mark.parametrize("kpi", FIELD)
def test_missing_tables_are_named(kpi: str) -> None:
    run = values(data_of(), kpi)
    assert "cannot be computed: the data have no" in str(run.problems[0])
    assert run.values.is_empty()


def test_visits_after_somebody_left_count_for_everybody_together_only() -> None:
    team = TEAM.replace(
        "A1,Asha,call_agent,North,Nakuru,2026-01-01,", "A1,Asha,call_agent,North,Nakuru,2026-01-01,2026-03-03"
    )
    data = data_of(agents=team, visits=VISITS)
    assert of(data, "visits_done", "A1") == (1, None)
    assert of(data, "visits_done", "") == (4, None)


@pytest.mark.parametrize("kpi", FIELD)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    same_on_every_engine(data_of(visits=VISITS, cases=CASES, recoveries=RECOVERIES, balances=BALANCES), kpi)
