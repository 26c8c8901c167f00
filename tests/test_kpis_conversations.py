"""KPIs of what was said and written down, counted by hand: catalogue rows 4.7, 4.8, 4.9, 4.11, 0.15."""

from datetime import date

import polars as pl
import pytest
from kpi_cases import TEAM, data_of, note, of, said_beside, same_on_every_engine, values

from toolkit.kpis.conversations import CONVERSATIONS
from toolkit.kpis.data import Data

REASONS = """call_id,agent_id,account_id,started_at,direction,right_party,purpose,reason
K1,A1,L1,2026-03-02 09:00,out,yes,overdue,lost job
K2,A1,L2,2026-03-02 10:00,out,yes,overdue,
K3,A1,L3,2026-03-02 11:00,out,no,overdue,
K4,A1,L3,2026-03-02 12:00,out,yes,welcome,
K5,A1,L3,2026-03-02 12:30,out,yes,complaint,
K6,A1,L1,2026-03-03 09:00,in,yes,overdue,
K7,A2,L1,2026-03-03 09:00,out,yes,,illness
"""


def test_of_the_customers_reached_those_with_a_reason_welcome_calls_and_complaints_aside() -> None:
    data = data_of(calls=REASONS)
    assert [of(data, "reasons_coded", scope) for scope in ("A1", "A2", "North")] == [(1, 2), (1, 1), (2, 3)]


def test_nobody_reached_is_no_base() -> None:
    rows = REASONS.splitlines()
    assert of(data_of(calls="\n".join([rows[0], rows[3]]) + "\n"), "reasons_coded") == (0, 0)
    assert of(data_of(calls=rows[0] + "\n"), "reasons_coded") == (0, 0)


# First call resolution ------------------------------------------------------------------------------------------------

SPOKEN = "call_id,agent_id,account_id,started_at,direction,right_party,purpose\n"


def spoken(*calls: str, as_of: date = date(2026, 3, 31)) -> Data:
    rows = "".join(f"K{number},{call}\n" for number, call in enumerate(calls))
    return data_of(as_of=as_of, calls=SPOKEN + rows)


@pytest.mark.parametrize(("again", "resolved"), [("09", (0, 1)), ("10", (2, 2))])
def test_a_matter_is_settled_where_no_conversation_follows_within_seven_days(
    again: str, resolved: tuple[int, int]
) -> None:
    data = spoken("A1,L1,2026-03-02 09:00,out,yes,overdue", f"A1,L1,2026-03-{again} 08:00,in,yes,follow_up")
    assert of(data, "first_call_resolution") == resolved


def test_a_chain_of_conversations_is_one_matter_of_the_first_agent() -> None:
    days = ("02", "08", "14")
    data = spoken(*(f"A{number},L1,2026-03-{day} 09:00,out,yes,overdue" for number, day in enumerate(days, 1)))
    assert [of(data, "first_call_resolution", scope) for scope in ("A1", "A2", "A3", "")] == [
        (0, 1),
        (0, 0),
        (0, 0),
        (0, 1),
    ]


def test_missed_calls_other_accounts_welcome_calls_and_complaints_are_not_a_second_conversation() -> None:
    data = spoken(
        "A1,L1,2026-03-02 09:00,out,yes,overdue",
        "A1,L1,2026-03-03 09:00,out,no,overdue",
        "A1,L1,2026-03-03 10:00,out,yes,welcome",
        "A2,L1,2026-03-04 09:00,in,yes,complaint",
        "A3,L2,2026-03-04 09:00,out,yes,overdue",
    )
    assert [of(data, "first_call_resolution", agent) for agent in ("A1", "A2", "A3")] == [(1, 1)] * 3


@pytest.mark.parametrize(("as_of", "seen"), [(8, (None, "immature", 1)), (9, (1.0, "low n", 0))])
def test_a_matter_is_judged_when_the_days_are_over(as_of: int, seen: tuple[object, ...]) -> None:
    data = spoken("A1,L1,2026-03-02 09:00,out,yes,overdue", as_of=date(2026, 3, as_of))
    assert note(data, "first_call_resolution") == seen


def test_what_the_source_says_was_not_settled_was_not() -> None:
    calls = SPOKEN.replace("purpose", "purpose,resolved") + (
        "K1,A1,L1,2026-03-02 09:00,out,yes,overdue,no\nK2,A1,L2,2026-03-02 09:00,out,yes,overdue,yes\n"
        "K3,A1,L3,2026-03-02 09:00,out,yes,overdue,\n"
    )
    assert of(data_of(calls=calls), "first_call_resolution") == (2, 3)


# Dispositions ---------------------------------------------------------------------------------------------------------

PROMISED = "promise_due_on,promise_amount"
CALLED = "call_id,agent_id,account_id,started_at,talk_seconds,direction,connected,right_party"
DISPOSED = f"""{CALLED},disposition,number,{PROMISED}
K1,A1,L1,2026-03-02 09:00,60,out,yes,yes,promise,0711000001,2026-03-05,100.00
K2,A1,L1,2026-03-02 09:10,60,out,yes,yes,promise,0711000001,,100.00
K3,A1,L1,2026-03-02 09:20,60,out,yes,yes,promise,0711000001,2026-03-05,
K4,A1,L2,2026-03-02 09:30,0,out,yes,no,wrong_party,0711000002,,
K5,A1,L2,2026-03-02 09:40,1,out,yes,no,wrong_party,0711000002,,
K6,A1,L3,2026-03-02 09:50,0,out,no,no,no_answer,0711000003,,
K7,A1,L3,2026-03-02 10:00,30,out,yes,yes,wrong_number,0711000003,,
K8,A1,L3,2026-03-02 10:10,30,out,yes,yes,refused,0711000003,,
K9,A1,L3,2026-03-02 10:20,30,out,yes,yes,,0711000003,,
"""
EVALUATION = "evaluation_id,call_id,agent_id,evaluator,evaluated_on,called_on,form,form_version,question,answer,state\n"


def test_rules_find_half_promises_silent_contacts_and_wrong_numbers_that_were_reached() -> None:
    data = data_of(calls=DISPOSED)
    assert of(data, "disposition_accuracy") == (4, 8)  # right: K1, K5, K6, K8; K9 has no disposition


def test_promises_are_not_held_against_columns_that_the_calls_do_not_have() -> None:
    rows = "\n".join(line.rsplit(",", 2)[0] for line in DISPOSED.splitlines()) + "\n"
    assert of(data_of(calls=rows), "disposition_accuracy") == (6, 8)


def test_an_audit_overrules_a_call_that_the_rules_pass_and_each_call_counts_once() -> None:
    audits = EVALUATION + (
        "E1,K1,A1,Quinn,2026-03-20,,collections,1,disposition,no,submitted\n"
        "E2,K2,A1,Quinn,2026-03-20,,collections,1,disposition,yes,submitted\n"  # still half a promise
        "E3,K5,A1,Quinn,2026-03-20,,collections,1,disposition,yes,resolved\n"
        "E4,K6,A1,Quinn,2026-03-20,,collections,1,disposition,no,disputed\n"
        "E5,K8,A1,Quinn,2026-03-20,,collections,1,disposition,no,calibration\n"
        "E6,K8,A1,Quinn,2026-03-20,,collections,1,greeting,no,submitted\n"
        "E7,,A1,Quinn,2026-03-20,2026-03-04,other,1,Disposition,4/5,submitted\n"
    )
    data = data_of(calls=DISPOSED, evaluations=audits)
    assert of(data, "disposition_accuracy") == (3, 9)  # K5, K6, K8; E7 is of a call that is not in the table
    assert of(data, "disposition_accuracy", period="2026-03-02") == (3, 8)


# Notes ----------------------------------------------------------------------------------------------------------------


def noted(started: str, seconds: int, at: str, incidents: str = "") -> tuple[int, int]:
    calls = (
        "call_id,agent_id,account_id,started_at,talk_seconds,connected,noted_at\n"
        f"K1,A1,L1,2026-03-02 {started},{seconds},yes,{at and f'2026-03-02 {at}'}\nK2,A1,L1,2026-03-02 08:00,0,no,\n"
    )
    tables = {"incidents": f"incident_id,kind,started_at,ended_at\n{incidents}"} if incidents else {}
    found: tuple[int, int] = of(data_of(calls=calls, **tables), "notes_in_time")
    return found


@pytest.mark.parametrize(
    ("at", "in_time"), [("09:32:00", 1), ("09:32:01", 0), ("09:01:00", 1), ("09:00:00", 1), ("08:59:59", 0), ("", 0)]
)
def test_a_note_is_in_time_up_to_thirty_minutes_after_the_end_of_the_call(at: str, in_time: int) -> None:
    assert noted("09:00:00", 120, at) == (in_time, 1)


@pytest.mark.parametrize(
    ("incident", "in_time"),
    [
        ("I1,tool,2026-03-02 08:00,2026-03-02 09:12", 1),  # ten minutes of it after the call
        ("I1,tool,2026-03-02 09:20,2026-03-02 09:29", 0),
        ("I1,network,2026-03-02 09:30,", 1),  # nobody wrote down when it ended
        ("I1,security,2026-03-02 08:00,2026-03-02 09:12", 0),
        ("I1,tool,2026-03-02 07:00,2026-03-02 08:30", 0),
    ],
)
def test_minutes_without_tools_do_not_count(incident: str, in_time: int) -> None:
    assert noted("09:00:00", 120, "09:42:00", incident + "\n") == (in_time, 1)


# Welcome calls --------------------------------------------------------------------------------------------------------

NEW = "account_id,customer_id,product,activated_on,currency,status,closed_on\n"
WELCOME = "call_id,agent_id,account_id,started_at,right_party,purpose\n"
OWNER = "account_id,agent_id,assigned_on,ended_on\nL1,A1,2026-03-02,2026-03-03\nL1,A2,2026-03-04,\n"


def welcomed(call: str, account: str = "active,", as_of: int = 31) -> Data:
    return data_of(
        as_of=date(2026, 3, as_of),
        accounts=NEW + f"L1,C1,lamp,2026-03-02,KES,{account}\n",
        calls=WELCOME + call + "\n",
        assignments=OWNER,
    )


@pytest.mark.parametrize(
    ("call", "done"),
    [
        ("K1,A3,L1,2026-03-05 00:00,yes,welcome", 1),  # 48 hours after the end of 2 March
        ("K1,A3,L1,2026-03-05 00:01,yes,welcome", 0),
        ("K1,A3,L1,2026-03-02 00:00,yes,welcome", 1),
        ("K1,A3,L1,2026-03-01 23:59,yes,welcome", 0),
        ("K1,A3,L1,2026-03-03 09:00,no,welcome", 0),
        ("K1,A3,L1,2026-03-03 09:00,yes,overdue", 0),
    ],
)
def test_a_customer_is_welcomed_when_reached_within_48_hours(call: str, done: int) -> None:
    data = welcomed(call)
    assert of(data, "welcome_call_rate", "A2") == (done, 1)  # who owns the account when the hours are over
    assert of(data, "welcome_call_rate", "A1") == (0, 0)


@pytest.mark.parametrize(("as_of", "seen"), [(3, (None, "immature", 1)), (4, (1.0, "low n", 0))])
def test_activations_wait_until_the_hours_are_over(as_of: int, seen: tuple[object, ...]) -> None:
    assert note(welcomed("K1,A3,L1,2026-03-03 09:00,yes,welcome", as_of=as_of), "welcome_call_rate", "") == seen


@pytest.mark.parametrize(("closed", "base"), [("2026-03-04", (0, 0)), ("2026-03-05", (0, 1))])
def test_a_cancelled_activation_needs_no_welcome(closed: str, base: tuple[int, int]) -> None:
    data = welcomed("K1,A3,L1,2026-03-03 09:00,no,welcome", account=f"returned,{closed}")
    assert of(data, "welcome_call_rate", "") == base


def test_by_cohort_it_is_the_week_of_activation() -> None:
    data = welcomed("K1,A3,L1,2026-03-03 09:00,yes,welcome")
    run = values(data, "welcome_call_rate", grain="cohort").values.filter(pl.col("scope_kind") == "all")
    assert run["period"].to_list() == ["2026-W10"]


def test_who_left_before_the_call_was_due_counts_for_all_only() -> None:
    team = TEAM.replace(
        "A2,Baraka,call_agent,North,Nakuru,2026-01-01,", "A2,Baraka,call_agent,North,Nakuru,2026-01-01,2026-03-03"
    )
    data = data_of(
        agents=team,
        accounts=NEW + "L1,C1,lamp,2026-03-02,KES,active,\n",
        calls=WELCOME + "K1,A3,L1,2026-03-03 09:00,yes,welcome\n",
        assignments=OWNER,
    )
    assert of(data, "welcome_call_rate", "A2") == (0, 0)
    assert of(data, "welcome_call_rate", "") == (1, 1)


@pytest.mark.parametrize(("tries", "attempted"), [(2, ""), (3, "1 tried often enough without being reached")])
def test_a_customer_tried_three_times_without_being_reached_stands_apart_as_attempted(
    tries: int, attempted: str
) -> None:
    calls = "\n".join(f"K{n},A3,L1,2026-03-03 1{n}:00,no,welcome" for n in range(tries))
    data = welcomed(calls)
    assert of(data, "welcome_call_rate", "A2") == (0, 1)  # which is not done all the same
    assert said_beside(data, "welcome_call_rate", "A2") == attempted


def test_tries_too_late_and_customers_reached_in_the_end_are_no_attempts() -> None:
    tried = "\n".join(f"K{n},A3,L1,2026-03-03 1{n}:00,no,welcome" for n in range(3))
    assert said_beside(welcomed(f"{tried}\nK9,A3,L1,2026-03-04 10:00,yes,welcome"), "welcome_call_rate", "A2") == ""
    late = tried.replace("K2,A3,L1,2026-03-03", "K2,A3,L1,2026-03-06")
    assert said_beside(welcomed(late), "welcome_call_rate", "A2") == ""
    fewer = welcomed(late).defined(welcome_tries=2)
    assert said_beside(fewer, "welcome_call_rate", "A2").startswith("1 tried")
    assert said_beside(welcomed(tried, as_of=3), "welcome_call_rate", "A1") == "", "not over yet"


@pytest.mark.parametrize(("reason", "says_nothing"), [("other", 1), (" Other", 1), ("others", 0), ("lost job", 0)])
def test_reasons_that_say_nothing_of_the_reasons_given(reason: str, says_nothing: int) -> None:
    rows = REASONS.replace("lost job", reason).replace(",,illness", ",,illness")
    data = data_of(calls=rows)
    assert of(data, "other_reasons", "A1") == (says_nothing, 1)
    assert of(data, "other_reasons", "North") == (says_nothing, 2)
    assert of(data, "reasons_coded", "North") == (2, 3)
    more = data_of(calls=rows, definitions={"reasons_of_no_use": ("lost job", "illness")})
    assert of(more, "other_reasons", "A2") == (1, 1)


# All of them ----------------------------------------------------------------------------------------------------------

LONG = f"""{CALLED},disposition,purpose,reason,number,noted_at,{PROMISED}
K1,A1,L1,2026-03-02 09:00,60,out,yes,yes,promise,overdue,lost job,0711000001,2026-03-02 09:05,2026-03-05,100.00
K2,A1,L1,2026-03-08 09:00,60,out,yes,yes,promise,follow_up,,0711000001,2026-03-08 11:05,,
K3,A2,L2,2026-03-02 09:00,,out,yes,yes,refused,welcome,,,,,
K4,A2,,2026-03-02 09:00,0,out,yes,,no_answer,,,0711000003,,,
"""


@pytest.mark.parametrize("kpi", CONVERSATIONS)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    data = data_of(
        calls=LONG,
        accounts=NEW + "L1,C1,lamp,2026-03-02,KES,active,\nL2,C2,lamp,2026-03-01,KES,returned,2026-03-20\n",
        assignments=OWNER,
        incidents="incident_id,kind,started_at,ended_at\nI1,tool,2026-03-08 09:00,2026-03-08 10:50\n",
        evaluations=EVALUATION + "E1,K1,A1,Quinn,2026-03-20,,collections,1,disposition,no,submitted\n",
    )
    assert not values(data, kpi).values.is_empty()
    same_on_every_engine(data, kpi)


@pytest.mark.parametrize(
    ("kpi", "missing"),
    [
        ("reasons_coded", "calls.right_party, calls.reason"),
        ("first_call_resolution", "calls.right_party"),
        ("disposition_accuracy", "calls.disposition"),
        ("notes_in_time", "calls.connected, calls.talk_seconds, calls.noted_at"),
        ("welcome_call_rate", "calls.right_party, calls.purpose"),
    ],
)
def test_what_is_missing_is_named(kpi: str, missing: str) -> None:
    run = values(data_of(calls="call_id,agent_id,account_id,started_at\nK1,A1,L1,2026-03-02 09:00\n"), kpi)
    assert missing in str(run.problems[0])
