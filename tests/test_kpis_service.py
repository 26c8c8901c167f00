"""KPIs of complaints, queries, escalations and satisfaction: catalogue rows 2.5, 0.12, 0.26, 2.18, 2.20, 1.12."""

from datetime import date

import polars as pl
import pytest
from kpi_cases import AS_OF, TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.kpis.data import Data
from toolkit.kpis.service import SERVICE

HEADER = "complaint_id,received_at,agent_id,account_id,category,acknowledged_at,closed_at,reopened_at,upheld\n"
COMPLAINTS = (
    HEADER
    + """K1,2026-03-02 10:00,A1,L1,conduct,2026-03-03 10:00,2026-03-07 23:00,,yes
K2,2026-03-03 10:00,A1,L1,conduct,2026-03-04 10:01,2026-03-09 00:00,,no
K3,2026-03-04 10:00,A1,L2,conduct,,,,
K4,2026-03-05 10:00,A1,L2,service,2026-03-05 11:00,2026-03-06 09:00,2026-03-08 09:00,yes
K5,2026-03-06 10:00,,,conduct,2026-03-06 11:00,2026-03-06 12:00,,yes
K6,2026-03-31 10:00,A2,L3,product,,,,
"""
)


def a_complaint(acknowledged: str = "", closed: str = "", reopened: str = "", upheld: str = "") -> str:
    return HEADER + f"K1,2026-03-02 10:00,A1,L1,conduct,{acknowledged},{closed},{reopened},{upheld}\n"


def test_upheld_complaints_about_conduct_even_anonymous_ones_and_those_without_a_finding_wait() -> None:
    data = data_of(complaints=COMPLAINTS)
    assert of(data, "conduct_complaints") == (1, None)
    assert of(data, "conduct_complaints", "") == (2, None)
    assert note(data, "conduct_complaints") == (1.0, "", 1)


def test_a_complaint_counts_in_the_month_in_which_it_came_however_late_it_is_closed() -> None:
    data = data_of(date(2026, 4, 30), complaints=a_complaint(closed="2026-04-20 09:00", upheld="yes"))
    assert of(data, "conduct_complaints", "", "2026-03") == (1, None)
    assert (of(data, "conduct_complaints", "", "2026-04") or (0, None)) == (0, None)


def test_a_finding_of_a_later_day_is_not_known_yet() -> None:
    data = data_of(date(2026, 3, 31), complaints=a_complaint(closed="2026-04-20 09:00", upheld="yes"))
    assert note(data, "conduct_complaints") == (0.0, "", 1)


def test_reopening_takes_back_a_refusal_and_no_finding_against_the_agent() -> None:
    closed, reopened = "2026-03-05 09:00", "2026-03-06 09:00"
    refused = data_of(complaints=a_complaint(closed=closed, reopened=reopened, upheld="no"))
    assert note(refused, "conduct_complaints") == (0.0, "", 1)
    upheld = data_of(complaints=a_complaint(closed=closed, reopened=reopened, upheld="yes"))
    assert note(upheld, "conduct_complaints") == (1.0, "", 0)


@pytest.mark.parametrize(("first", "again"), [("2026-02-06", 1), ("2026-02-05", 0)])
def test_a_complaint_about_the_same_matter_within_thirty_days_is_made_again(first: str, again: int) -> None:
    rows = HEADER + f"K1,{first} 10:00,A1,L1,service,,,,\nK2,2026-03-08 09:00,A2,L1,service,,,,\n"
    data = data_of(complaints=rows)
    assert of(data, "complaints_repeated", "A2") == (again, None)
    assert of(data_of(complaints=rows.replace("A2,L1,service", "A2,L1,product")), "complaints_repeated", "") == (
        0,
        None,
    )
    assert of(data_of(complaints=rows.replace("A2,L1", "A2,L2")), "complaints_repeated", "") == (0, None)


CALLS = "call_id,agent_id,account_id,started_at,connected,right_party\n" + "".join(
    f"C{number},A1,L1,2026-03-{number % 20 + 1:02d} 09:00,{'yes' if number < 50 else 'no'},no\n" for number in range(60)
)


def test_complaints_of_every_kind_per_thousand_contacts() -> None:
    data = data_of(complaints=COMPLAINTS, calls=CALLS)
    assert of(data, "complaint_rate") == (4, 0.05)
    assert note(data, "complaint_rate")[0] == pytest.approx(80)
    assert of(data, "complaint_rate", "") == (6, 0.05)


def test_without_contacts_there_is_no_rate_of_complaints() -> None:
    data = data_of(complaints=COMPLAINTS, calls=CALLS.splitlines()[0] + "\n")
    assert note(data, "complaint_rate")[:2] == (None, "no base")


@pytest.mark.parametrize(("when", "good"), [("2026-03-03 10:00:00", 1), ("2026-03-03 10:00:01", 0), ("", 0)])
def test_a_complaint_is_acknowledged_within_24_hours(when: str, good: int) -> None:
    assert of(data_of(complaints=a_complaint(when)), "complaints_acknowledged") == (good, 1)


def test_a_complaint_of_the_last_day_waits() -> None:
    data = data_of(complaints=COMPLAINTS)
    assert note(data, "complaints_acknowledged", "A2", "2026-04") == (None, "immature", 1)


@pytest.mark.parametrize(("when", "good"), [("2026-03-07 23:59", 1), ("2026-03-08 00:00", 0), ("", 0)])
def test_a_complaint_is_closed_by_the_end_of_the_fifth_day(when: str, good: int) -> None:
    data = data_of(complaints=a_complaint(closed=when))
    # midnight of the eighth is a day without a time, and still the eighth
    assert of(data, "complaints_in_time") == (good, 1)


def test_days_for_closing_are_a_definition() -> None:
    data = data_of(complaints=a_complaint(closed="2026-03-08 12:00"), definitions={"complaint_closed_days": 6})
    assert of(data, "complaints_in_time") == (1, 1)


def test_a_complaint_closed_in_haste_and_reopened_was_not_closed() -> None:
    hasty = a_complaint(closed="2026-03-02 10:05", reopened="2026-03-20 09:00")
    assert of(data_of(complaints=hasty), "complaints_in_time") == (0, 1)


ACTIONS = """action_id,agent_id,owner,kind,raised_at,due_at,done_at
Q1,A1,,query,2026-03-02 09:00,2026-03-02 11:00,2026-03-02 11:00
Q2,A1,,query,2026-03-02 09:00,2026-03-02 11:00,2026-03-02 11:01
Q3,A1,,query,2026-03-31 09:00,2026-04-01 11:00,
Q4,A1,,query,2026-03-05 09:00,,2026-03-05 10:00
D1,,A2,dispute,2026-03-02 09:00,2026-03-09,2026-03-09 17:00
D2,,A2,dispute,2026-03-02 09:00,2026-03-09,2026-03-10 08:00
D3,,Legal,dispute,2026-03-02 09:00,2026-03-10,
"""


def test_queries_and_disputes_by_their_time_of_those_due() -> None:
    data = data_of(actions=ACTIONS)
    assert of(data, "queries_in_time") == (1, 2)
    assert note(data, "queries_in_time", "A1", "2026-04") == (None, "immature", 1)
    assert of(data, "disputes_in_time", "A2") == (1, 2)  # a day without a time lasts to its end
    assert of(data, "disputes_in_time", "") == (1, 3)


@pytest.mark.parametrize(("when", "good"), [("2026-03-03 23:59", 1), ("2026-03-04 00:01", 0)])
def test_a_case_is_escalated_within_24_hours_of_the_day_on_which_it_was_opened(when: str, good: int) -> None:
    cases = f"case_id,agent_id,opened_on,escalated_at\nX1,A1,2026-03-02,{when}\nX2,A1,2026-03-02,\n"
    assert of(data_of(cases=cases), "escalations_in_time") == (good, 1)


FEEDBACK = """feedback_id,agent_id,given_at,score,scale
F1,A1,2026-03-02 10:00,4,5
F2,A1,2026-03-03 10:00,7,10
F3,A1,2026-03-04 10:00,3,
F4,,2026-03-04 10:00,1,5
"""


def test_scores_are_brought_to_one_scale_and_averaged_over_customers() -> None:
    data = data_of(feedback=FEEDBACK)
    assert of(data, "satisfaction") == (4 + 3.5 + 3, 3)
    assert note(data, "satisfaction")[0] == pytest.approx(3.5)
    assert of(data, "satisfaction", "") == (11.5, 4)


def test_a_blank_rating_is_not_zero() -> None:
    """The published call centre dataset (PwC Switzerland at Forage, "01 Call-Center-Dataset.xlsx"; totals in
    Chidinma23/Call-Center-Analysis): 4,054 of 5,000 calls rated, mean 3.40; with blanks as zero it would be 2.76."""
    # ratings of that mean: 3.4036 x 4,054 is 13,798 in whole points
    scores = [*([4] * 1636), *([3] * 2418), *([None] * 946)]
    feedback = pl.DataFrame(
        {"agent_id": ["A1"] * 5000, "given_at": [date(2021, 2, 1)] * 5000, "score": scores},
        schema_overrides={"given_at": pl.Datetime, "score": pl.Int64},
    )
    agents = pl.DataFrame({"agent_id": ["A1"], "name": ["Becky"], "role": ["agent"]})
    data = Data.of({"feedback": feedback, "agents": agents}, AS_OF)
    numerator, count = of(data, "satisfaction", "A1", "2021-02")
    assert count == 4054
    assert round(numerator / count, 2) == 3.40
    assert round(numerator / 5000, 2) == 2.76


CASES = "case_id,agent_id,opened_on,escalated_at\nX1,A1,2026-03-02,2026-03-03 09:00\nX2,A1,2026-03-02,\n"
TABLES = {"complaints": COMPLAINTS, "calls": CALLS, "actions": ACTIONS, "cases": CASES, "feedback": FEEDBACK}


@pytest.mark.parametrize("kpi", SERVICE)
def test_empty_tables_give_nothing_and_no_problem(kpi: str) -> None:
    run = values(data_of(**{name: text.splitlines()[0] + "\n" for name, text in TABLES.items()}), kpi)
    assert run.values.select("numerator", "denominator").sum().row(0) == (0, 0)
    assert not run.problems


@pytest.mark.parametrize("kpi", SERVICE)
def test_missing_tables_are_named(kpi: str) -> None:
    run = values(data_of(), kpi)
    assert "cannot be computed: the data have no" in str(run.problems[0])


def test_complaints_about_somebody_who_had_left_count_for_everybody_together_only() -> None:
    team = TEAM.replace("Nakuru,2026-01-01,\nA2", "Nakuru,2026-01-01,2026-03-04\nA2")
    data = data_of(agents=team, complaints=COMPLAINTS, calls=CALLS)
    assert of(data, "complaint_rate", "A1")[0] == 3
    assert of(data, "complaint_rate", "")[0] == 6


@pytest.mark.parametrize("kpi", SERVICE)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    same_on_every_engine(data_of(**TABLES), kpi)


@pytest.mark.parametrize("kpi", sorted(set(SERVICE) - {"complaints_repeated"}))  # which needs the account
def test_the_columns_that_may_be_missing_may_be_missing(kpi: str) -> None:
    complaints = (
        "complaint_id,received_at,category,acknowledged_at,closed_at,upheld\nK1,2026-03-02 10:00,conduct,,,yes\n"
    )
    actions = "action_id,kind,raised_at,due_at,done_at\nQ1,query,2026-03-02,2026-03-02,\n"
    cases = "case_id,opened_on,escalated_at\nX1,2026-03-02,2026-03-03 09:00\n"
    feedback = "feedback_id,given_at,score\nF1,2026-03-02 10:00,4\n"
    data = data_of(complaints=complaints, actions=actions, cases=cases, feedback=feedback, calls=CALLS)
    same_on_every_engine(data, kpi)
    assert not values(data, kpi).problems
