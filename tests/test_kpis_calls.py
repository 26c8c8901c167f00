"""KPIs of calls on days small enough to count by hand: catalogue rows 1.2, 1.3, 2.1, 0.5."""

from datetime import date

import polars as pl
import pytest
from kpi_cases import data_of, note, of, same_on_every_engine, values

from toolkit.kpis.calls import CALLS as CALLS_RULES

HEADER = "call_id,agent_id,account_id,started_at,talk_seconds,direction,connected,right_party,disposition,number\n"
CALLS = (
    HEADER
    + """K1,A1,L1,2026-03-02 09:00,60,out,yes,yes,promise,0711
K2,A1,L1,2026-03-02 11:00,30,out,yes,yes,plan_agreed,0711
K3,A1,L4,2026-03-02 12:00,0,out,no,no,no_answer,0712
K4,A1,L2,2026-03-02 13:00,20,out,yes,no,wrong_party,0713
K5,A2,L2,2026-03-02 13:30,90,out,yes,yes,refused,0713
K6,A2,L3,2026-03-03 08:15,45,in,yes,yes,paid,0714
K7,A3,,2026-03-03 08:59:30,10,out,yes,yes,promise,0799
"""
)


def test_a_customer_with_two_accounts_or_called_twice_a_day_is_one_client() -> None:
    assert of(data_of(calls=CALLS), "noc", "A1") == (2, None)


def test_a_customer_called_by_two_agents_counts_for_both_and_once_in_the_team() -> None:
    data = data_of(calls=CALLS)
    assert [of(data, "noc", scope) for scope in ("A1", "A2", "North", "")] == [
        (2, None),
        (1, None),
        (2, None),
        (2, None),
    ]


@pytest.mark.parametrize(("basis", "clients"), [("attempted", 2), ("connected", 2), ("right_party", 1)])
def test_clients_are_counted_as_the_profile_says(basis: str, clients: int) -> None:
    assert of(data_of(calls=CALLS, definitions={"noc_basis": basis}), "noc") == (clients, None)


@pytest.mark.parametrize(("seconds", "clients"), [(0, 2), (20, 2), (21, 1)])
def test_a_ring_that_is_too_short_is_no_attempt(seconds: int, clients: int) -> None:
    assert of(data_of(calls=CALLS, definitions={"attempt_seconds_at_least": seconds}), "noc") == (clients, None)


def test_effective_calls_to_one_customer_on_a_day_count_once_of_all_connected() -> None:
    assert of(data_of(calls=CALLS), "call_effectiveness", "A1") == (1, 3)
    assert of(data_of(calls=CALLS), "call_effectiveness", "A3") == (1, 1)  # no account, a call all the same


def test_effective_calls_of_all_attempts_where_the_profile_says_so() -> None:
    assert of(data_of(calls=CALLS, definitions={"call_effectiveness": "of_attempts"}), "call_effectiveness") == (1, 4)


PAYMENTS = """payment_id,account_id,paid_at,amount,currency,kind
P1,L1,2026-03-05 10:00,100.00,KES,instalment
P2,L2,2026-03-06 10:00,100.00,KES,instalment
"""


@pytest.mark.parametrize(("days", "paid"), [(3, 1), (2, 0)])
def test_customers_who_paid_soon_after_of_those_spoken_to(days: int, paid: int) -> None:
    rules = {"call_effectiveness": "paid_after", "paid_after_days": days}
    assert of(data_of(calls=CALLS, payments=PAYMENTS, definitions=rules), "call_effectiveness") == (paid, 1)


def test_without_a_connected_call_there_is_no_base_and_not_zero_per_cent() -> None:
    assert note(data_of(calls=HEADER + CALLS.splitlines()[3] + "\n"), "call_effectiveness") == (None, "no base", 0)


def test_few_calls_are_said_to_be_few() -> None:
    assert note(data_of(calls=CALLS), "right_party_rate")[1] == "low n"


@pytest.mark.parametrize(("gap", "calls"), [("09:04:59", 1), ("09:05:00", 2)])
def test_a_redial_within_five_minutes_is_the_same_call(gap: str, calls: int) -> None:
    rows = (
        HEADER
        + f"K1,A1,L1,2026-03-02 09:00:00,0,out,no,no,busy,0711\nK2,A1,L1,2026-03-02 {gap},0,out,no,no,busy,0711\n"
    )
    assert of(data_of(calls=rows), "calls") == (calls, None)


def test_contacts_a_day_are_shared_out_over_days_worked_even_without_a_contact() -> None:
    roster = "agent_id,work_on,scheduled_in,actual_in,absence\n" + "".join(
        f"A1,2026-03-0{day},2026-03-0{day} 08:00,{came},{why}\n"
        for day, came, why in ((2, "2026-03-02 08:00", ""), (3, "2026-03-03 08:01", ""), (4, "", "sick"))
    )
    assert of(data_of(calls=CALLS, roster=roster), "contacts_per_day", "A1") == (3, 2)


def test_a_call_belongs_to_the_hour_in_which_it_began() -> None:
    run = values(data_of(calls=CALLS), "calls", "2026-03-02", "hour")
    mine = run.values.filter(pl.col("scope") == "A1")
    assert dict(mine.select("period", "numerator").iter_rows()) == {
        "2026-03-02T09": 1, "2026-03-02T11": 1, "2026-03-02T12": 1, "2026-03-02T13": 1,
    }  # fmt: skip


def test_days_add_up_to_the_month_and_agents_to_the_team() -> None:
    data = data_of(calls=CALLS)
    days = values(data, "right_party_rate", grain="day").values
    month = values(data, "right_party_rate").values
    for kind in ("agent", "team", "branch", "role", "all"):
        sums = [
            frame.filter(pl.col("scope_kind") == kind).select("numerator", "denominator").sum().row(0)
            for frame in (days, month)
        ]
        assert sums[0] == sums[1]
    assert month.filter(pl.col("scope_kind").is_in(["team", "all"]))["denominator"].sum() == 10


def test_what_is_missing_is_named() -> None:
    run = values(data_of(calls="call_id,agent_id,started_at\nK1,A1,2026-03-02 09:00\n"), "right_party_rate")
    assert run.values.is_empty()
    assert "calls.connected, calls.right_party" in str(run.problems[0])


@pytest.mark.parametrize("kpi", CALLS_RULES)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    same_on_every_engine(data_of(calls=CALLS, payments=PAYMENTS), kpi)


def test_whoever_was_here_has_a_figure_and_who_was_not_has_none() -> None:
    left = """agent_id,name,role,team,started_on,left_on
A1,Asha,call_agent,North,2026-01-01,
A2,Baraka,call_agent,North,2026-01-01,2026-02-28
A3,Chep,call_agent,South,2026-01-01,2026-03-01
"""
    data = data_of(agents=left, calls=HEADER + CALLS.splitlines()[1] + "\n")
    assert [of(data, "calls", scope) for scope in ("A1", "A2", "A3", "South")] == [
        (1, None),
        None,
        (0, None),
        (0, None),
    ]
    assert note(data, "right_party_rate", "A3") == (None, "no base", 0)


def test_a_given_value_comes_before_the_computed_one_and_says_so() -> None:
    given = "right_party_rate,A1,2026-03,9,10,\nqc_score,A2,2026-03,,,0.93\n"
    data = data_of(calls=CALLS, kpi_values="kpi,agent_id,period,numerator,denominator,value\n" + given)
    assert note(data, "right_party_rate")[:2] == (0.9, "given")
    assert note(data, "right_party_rate", "A2")[1] == "low n"
    run = values(data, "qc_score")
    assert run.problems == ()
    assert run.values.select("scope", "value").row(0) == ("A2", 0.93)


def test_given_parts_take_the_place_of_the_computed_ones_in_the_sums_of_teams() -> None:
    """What was computed of A1 gives way to 9 of 10; the other agent's stays; a bare share cannot be added up."""
    head = "kpi,agent_id,period,numerator,denominator,value\n"
    before = data_of(calls=CALLS)
    own, north, everybody = (of(before, "right_party_rate", scope) for scope in ("A1", "North", ""))
    data = data_of(calls=CALLS, kpi_values=head + "right_party_rate,A1,2026-03,9,10,\n")
    for scope, was in (("North", north), ("", everybody)):
        assert of(data, "right_party_rate", scope) == (was[0] - own[0] + 9, was[1] - own[1] + 10)
    bare = data_of(calls=CALLS, kpi_values=head + "right_party_rate,A1,2026-03,,,0.9\n")
    assert of(bare, "right_party_rate", "North") == north


def test_teams_have_what_was_given_where_nothing_can_be_computed() -> None:
    given = "kpi,agent_id,period,numerator,denominator,value\nqc_score,A1,2026-03,4.5,5,\nqc_score,A2,2026-03,2,5,\n"
    data = data_of(kpi_values=given)
    assert of(data, "qc_score", "") == (6.5, 10)


@pytest.mark.parametrize(
    "definitions",
    [
        {"call_effectiveness": "paid_after"},
        {"call_effectiveness": "of_attempts", "contact": "right_party", "noc_basis": "connected"},
        {"calls_counted": "connected", "redial_minutes": 0, "attempt_seconds_at_least": 20},
    ],
)
def test_other_definitions_give_the_same_on_every_engine(definitions: dict[str, object]) -> None:
    data = data_of(calls=CALLS, payments=PAYMENTS, definitions=definitions)
    for kpi in CALLS_RULES:
        same_on_every_engine(data, kpi)


def test_a_value_given_for_another_period_is_left_alone_even_where_nothing_is_computed() -> None:
    given = "kpi,agent_id,period,numerator,denominator,value\nqc_score,A1,2026-02,,,0.5\nqc_score,A1,2026-03,,,0.9\n"
    data = data_of(kpi_values=given)
    assert values(data, "qc_score").values["value"].to_list() == [0.9]
    assert values(data, "qc_score", grain="day").values.is_empty()


def test_clients_called_reached_and_spoken_to_stand_side_by_side_whatever_the_basis() -> None:
    data = data_of(calls=CALLS, definitions={"noc_basis": "right_party"})
    kinds = ("noc_attempted", "noc_connected", "noc_right_party")
    assert [of(data, kpi)[0] for kpi in ("noc", *kinds)] == [1, 2, 2, 1]
    assert [of(data, kpi, "A2")[0] for kpi in kinds] == [1, 1, 1]


def test_a_customer_who_calls_in_is_no_client_called_and_is_counted_beside() -> None:
    """Ways people game a number: real callbacks of customers count by themselves."""
    only = HEADER + CALLS.splitlines()[6] + "\n"  # K6 came in
    data = data_of(calls=only)
    assert of(data, "noc", "A2") == (0, None)
    assert of(data, "calls", "A2") == (0, None)
    assert of(data, "inbound_calls", "A2") == (1, None)


def test_two_numbers_of_one_customer_are_one_client_and_a_colleagues_call_is_another_agents() -> None:
    """Ways people game a number: a customer on two phones."""
    rows = HEADER + "".join(
        f"K{n},A1,{account},2026-03-02 09:0{n},30,out,yes,yes,promise,{number}\n"
        for n, (account, number) in enumerate([("L1", "0711"), ("L1", "0799"), ("L4", "0722")])
    )
    assert of(data_of(calls=rows), "noc") == (1, None)


@pytest.mark.parametrize("disposition", ["promise", "paid", "plan_agreed", "dispute_logged", "return_agreed"])
def test_five_results_make_a_conversation_effective(disposition: str) -> None:
    row = f"K1,A1,L1,2026-03-02 09:00,60,out,yes,yes,{disposition},0711\n"
    assert of(data_of(calls=HEADER + row), "call_effectiveness") == (1, 1)
    with_another = data_of(calls=HEADER + row.replace("yes,yes", "yes,no"))
    assert of(with_another, "call_effectiveness") == (0, 1), "somebody else promised"


@pytest.mark.parametrize("disposition", ["refused", "call_back", "no_commitment", "wrong_party", ""])
def test_other_results_do_not(disposition: str) -> None:
    row = f"K1,A1,L1,2026-03-02 09:00,60,out,yes,yes,{disposition},0711\n"
    assert of(data_of(calls=HEADER + row), "call_effectiveness") == (0, 1)


def test_right_parties_of_people_reached_are_not_those_of_dials() -> None:
    """RPC-1 (contactcentrehelper.com, Right Party Contact) divides 200 by 1,000 calls made; here 2 of 10, 5 reached."""
    rows = HEADER + "".join(
        f"K{n},A1,L1,2026-03-0{n % 9 + 1} 09:{n:02},5,out,{reached},{spoken},paid,0711\n"
        for n, (reached, spoken) in enumerate([("yes", "yes")] * 2 + [("yes", "no")] * 3 + [("no", "no")] * 5)
    )
    data = data_of(calls=rows, definitions={"call_effectiveness": "of_attempts"})
    assert of(data, "right_party_rate") == (2, 5)
    assert of(data, "call_effectiveness") == (2, 10)


def test_talk_time_is_in_minutes_of_calls_made() -> None:
    assert of(data_of(calls=CALLS), "talk_minutes", "A1") == (110 / 60, None)
    assert of(data_of(calls=CALLS), "talk_minutes", "A2") == (1.5, None)  # 45 seconds came in


@pytest.mark.parametrize(("contact", "reached"), [("connected", 3), ("right_party", 2)])
def test_a_contact_is_what_the_profile_says(contact: str, reached: int) -> None:
    assert of(data_of(calls=CALLS, definitions={"contact": contact}), "contacts") == (reached, None)


@pytest.mark.parametrize(("counted", "made"), [("attempted", 4), ("connected", 3)])
def test_a_call_target_is_of_attempts_or_of_calls_that_reached_somebody(counted: str, made: int) -> None:
    assert of(data_of(calls=CALLS, definitions={"calls_counted": counted}), "calls") == (made, None)


@pytest.mark.parametrize(("seconds", "made"), [(30, 2), (31, 1)])
def test_rings_too_short_are_no_calls_made(seconds: int, made: int) -> None:
    assert of(data_of(calls=CALLS, definitions={"attempt_seconds_at_least": seconds}), "calls") == (made, None)


def test_a_week_across_the_end_of_a_month_is_whole_as_a_week_and_cut_in_the_months() -> None:
    """2026-W14 is Monday 30 March to Sunday 5 April."""
    days = ("2026-03-29", "2026-03-30", "2026-03-31", "2026-04-01", "2026-04-05", "2026-04-06")
    rows = HEADER + "".join(f"K{day},A1,L1,{day} 09:00,5,out,no,no,busy,0711\n" for day in days)
    data = data_of(date(2026, 4, 30), calls=rows)
    assert of(data, "calls", period="2026-W14", grain="week") == (4, None)
    weeks = values(data, "calls", "2026-03", "week").values.filter(pl.col("scope") == "A1")
    assert dict(weeks.select("period", "numerator").iter_rows()) == {"2026-W13": 1, "2026-W14": 2}
    assert of(data, "calls", period="2026-04") == (3, None)


def test_calls_of_customers_answered_and_settled() -> None:
    rows = "call_id,agent_id,account_id,started_at,direction,connected,resolved\n" + (
        "K1,A1,L1,2026-03-02 09:00,in,yes,yes\nK2,A1,L1,2026-03-02 09:10,in,yes,no\nK3,A1,,2026-03-02 09:20,in,no,\n"
        "K4,A1,L1,2026-03-02 10:00,in,yes,\nK5,A1,L1,2026-03-02 11:00,out,yes,yes\n"
        "K6,A2,L2,2026-03-02 11:00,in,no,yes\n"
    )
    data = data_of(calls=rows)
    assert of(data, "inbound_calls") == (4, None)
    assert of(data, "answer_rate") == (3, 4)
    assert of(data, "resolution_rate") == (1, 3)
    assert of(data, "answer_rate", "A2") == (0, 1)
    assert note(data, "resolution_rate", "A2")[:2] == (None, "no base")  # what nobody answered settled nothing
    for kpi in ("inbound_calls", "answer_rate", "resolution_rate"):
        same_on_every_engine(data, kpi)
