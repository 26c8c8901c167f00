"""KPIs of postings, proofs, clearances and discrepancies: catalogue rows 2.6, 2.14, 2.15 and 1.13."""

from datetime import date

import pytest
from kpi_cases import TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.kpis.postings import POSTINGS

POSTED = """posting_id,agent_id,posted_at,payment_id,amount,checked,correct,error_amount
B1,A1,2026-03-02 09:00,P1,100.00,yes,yes,
B2,A1,2026-03-02 09:10,P2,50.00,yes,no,-5.00
B3,A1,2026-03-03 09:00,P3,60.00,no,,
B4,A1,2026-03-04 09:00,,40.00,yes,no,
B5,A2,2026-03-04 09:00,,-200.00,yes,no,20.00
B6,A2,2026-03-05 09:00,,10.00,yes,,
"""


def test_postings_found_right_of_those_checked() -> None:
    data = data_of(postings=POSTED, payments=PAYMENTS)
    assert of(data, "posting_accuracy", "A1") == (1, 3)
    assert of(data, "posting_accuracy", "A2") == (0, 2)  # checked without a finding is not found right
    assert of(data, "posting_accuracy", "North") == (1, 5)


def test_without_checks_there_is_no_base_and_not_a_hundred_per_cent() -> None:
    unchecked = "\n".join([*POSTED.splitlines()[:1], POSTED.splitlines()[3]]) + "\n"
    data = data_of(postings=unchecked, payments=PAYMENTS)
    assert values(data, "posting_accuracy").values["denominator"].sum() == 0
    assert values(data, "posting_value_accuracy").values["denominator"].sum() == 0


def test_errors_count_without_their_sign_and_a_wrong_posting_of_unknown_error_is_all_wrong() -> None:
    data = data_of(postings=POSTED, payments=PAYMENTS)
    assert of(data, "posting_value_accuracy", "A1") == (100 + 45 + 0, 190)
    assert of(data, "posting_value_accuracy", "A2") == (180, 210)


HEADER = "payment_id,account_id,agent_id,paid_at,amount,currency,kind,reference,reverses,posted_at\n"
PAYMENTS = (
    HEADER
    + """P1,L1,A1,2026-03-02 10:00,100.00,KES,instalment,REF1,,2026-03-02 12:00
P2,L1,A1,2026-03-02 11:00,50.00,KES,instalment,REF2,,2026-03-05 12:00
P3,L2,A1,2026-03-29 10:00,100.00,KES,instalment,,,
P4,L2,A1,2026-03-30 10:00,100.00,KES,instalment,,,
P5,L3,A2,2026-03-20 10:00,70.00,KES,instalment,,,
P6,L3,A2,2026-03-21 10:00,-70.00,KES,instalment,,P5,
"""
)


def test_payments_unposted_for_longer_than_the_days_allowed_are_the_backlog() -> None:
    data = data_of(payments=PAYMENTS)
    assert note(data, "unposted_backlog") == (1.0, "", 1)  # P3; P4 has until the end of the 31st
    assert note(data_of(payments=PAYMENTS, definitions={"posted_within_days": 0}), "unposted_backlog")[0] == 2
    assert note(data_of(payments=PAYMENTS, definitions={"posted_within_days": 2}), "unposted_backlog") == (0.0, "", 2)


def test_a_payment_taken_back_needs_no_posting() -> None:
    assert (of(data_of(payments=PAYMENTS), "unposted_backlog", "A2") or (0, None)) == (0, None)


def test_a_posting_of_a_later_day_is_not_done_yet_and_the_postings_table_counts_too() -> None:
    early = HEADER + PAYMENTS.splitlines()[2] + "\n"
    assert of(data_of(date(2026, 3, 4), payments=early), "unposted_backlog") == (1, None)
    posted = POSTED.splitlines()[0] + "\nB1,A2,2026-03-04 09:00,P2,50.00,no,,\n"
    data = data_of(date(2026, 3, 4), payments=early, postings=posted)
    assert (of(data, "unposted_backlog") or (0, None)) == (0, None)


def test_without_any_time_of_posting_the_backlog_says_what_it_needs() -> None:
    payments = "payment_id,account_id,paid_at,amount,currency,kind\nP1,L1,2026-03-02 10:00,100.00,KES,instalment\n"
    assert "payments.posted_at" in str(values(data_of(payments=payments), "unposted_backlog").problems[0])


PROOFS_HEADER = "proof_id,account_id,received_at,amount,reference,agent_id\n"


def a_proof(
    received: str = "2026-03-02 10:30", account: str = "L1", amount: str = "100", reference: str = "REF1"
) -> str:
    return PROOFS_HEADER + f"F1,{account},{received},{amount},{reference},A1\n"


@pytest.mark.parametrize(
    ("received", "reference", "good"),
    [
        ("2026-03-01 12:00", "REF1", 1),
        ("2026-03-01 11:59", "REF1", 0),
        ("2026-03-03 10:00", "", 1),  # without a reference: paid within the hours before
        ("2026-03-03 10:01", "", 0),
        ("2026-03-20 10:00", "REF1", 1),  # the reference tells which payment it was
        ("2026-03-02 10:30", "REF2", 0),
    ],
)
def test_a_proof_is_posted_within_24_hours(received: str, reference: str, good: int) -> None:
    data = data_of(payments=PAYMENTS, proofs=a_proof(received, reference=reference))
    assert of(data, "proofs_posted") == (good, 1)


@pytest.mark.parametrize("proof", [a_proof(account="L2"), a_proof(amount="101")])
def test_a_proof_of_another_account_or_amount_is_not_posted(proof: str) -> None:
    assert of(data_of(payments=PAYMENTS, proofs=proof), "proofs_posted") == (0, 1)


def test_a_proof_sent_twice_is_one() -> None:
    twice = (
        a_proof() + "F2,L1,2026-03-02 11:30,100,REF1,A2\nF3,L2,2026-03-02 12:00,9,,A1\nF4,L2,2026-03-02 13:00,9,,A1\n"
    )
    data = data_of(payments=PAYMENTS, proofs=twice)
    assert of(data, "proofs_posted") == (1, 2)


def test_a_proof_of_the_last_day_waits() -> None:
    data = data_of(payments=PAYMENTS, proofs=a_proof("2026-03-31 09:00"))
    assert note(data, "proofs_posted", "A1", "2026-04") == (None, "immature", 1)


ACTIONS_HEADER = "action_id,agent_id,kind,raised_at,due_at,acknowledged_at,done_at\n"


@pytest.mark.parametrize(
    ("begun", "done", "good"),
    [
        ("2026-03-09 23:00", "", 1),
        ("2026-03-10 08:00", "2026-03-10 09:00", 0),
        ("", "2026-03-09 09:00", 1),
        ("", "", 0),
    ],
)
def test_a_clearance_is_begun_by_the_end_of_the_seventh_day(begun: str, done: str, good: int) -> None:
    actions = ACTIONS_HEADER + f"X1,A1,clearance,2026-03-02 09:00,,{begun},{done}\n"
    assert of(data_of(actions=actions), "clearance_in_time") == (good, 1)


def test_discrepancies_resolved_by_their_time_and_open_ones_are_not() -> None:
    actions = (
        ACTIONS_HEADER
        + """D1,A1,discrepancy,2026-03-02 09:00,2026-03-04 09:00,,2026-03-04 09:00
D2,A1,discrepancy,2026-03-02 09:00,2026-03-04 09:00,2026-03-02 10:00,
D3,A1,discrepancy,2026-03-30 09:00,2026-04-02 09:00,,
"""
    )
    data = data_of(actions=actions)
    assert of(data, "discrepancies_resolved") == (1, 2)
    assert note(data, "discrepancies_resolved", "A1", "2026-04") == (None, "immature", 1)


def test_the_value_not_reconciled_runs_up_and_falls_when_it_is_resolved() -> None:
    head = ACTIONS_HEADER.rstrip("\n") + ",value\n"
    rows = (
        "D1,A1,discrepancy,2026-02-20 09:00,2026-03-04,,2026-03-10 09:00,100.50\n"
        "D2,A1,discrepancy,2026-03-02 09:00,2026-03-04,,,-40\n"
        "D3,A1,discrepancy,2026-03-02 09:00,2026-03-04,,,\nD4,A1,query,2026-03-02 09:00,2026-03-04,,,9\n"
    )
    data = data_of(actions=head + rows)
    assert of(data, "unreconciled_value", period="2026-02") == (100.5, None)
    assert of(data, "unreconciled_value", period="2026-03-09", grain="day") == (140.5, None)
    assert of(data, "unreconciled_value") == (40, None)


ACTIONS = ACTIONS_HEADER.replace("\n", ",value\n") + (
    "X1,A1,clearance,2026-03-02,,,2026-03-04,\nX2,A2,discrepancy,2026-03-02,2026-03-03,,,12.5\n"
)
TABLES = {"postings": POSTED, "payments": PAYMENTS, "proofs": a_proof(), "actions": ACTIONS}


@pytest.mark.parametrize("kpi", POSTINGS)
def test_empty_tables_give_nothing_and_no_problem(kpi: str) -> None:
    emptied = {name: text.splitlines()[0] + "\n" for name, text in TABLES.items() if name != "payments"}
    run = values(data_of(payments=HEADER + PAYMENTS.splitlines()[1] + "\n", **emptied), kpi)
    assert run.values.select("numerator", "denominator").sum().row(0) == (0, 0)
    assert not run.problems


@pytest.mark.parametrize("kpi", POSTINGS)
def test_missing_tables_are_named(kpi: str) -> None:
    assert "cannot be computed: the data have no" in str(values(data_of(), kpi).problems[0])


def test_postings_after_somebody_left_count_for_everybody_together_only() -> None:
    team = TEAM.replace(
        "A2,Baraka,call_agent,North,Nakuru,2026-01-01,", "A2,Baraka,call_agent,North,Nakuru,2026-01-01,2026-03-04"
    )
    payments = PAYMENTS.replace(",A2,", ",,")
    data = data_of(agents=team, postings=POSTED, payments=payments)
    assert of(data, "posting_accuracy", "A2") == (0, 1)
    assert of(data, "posting_accuracy", "") == (1, 5)


@pytest.mark.parametrize("kpi", POSTINGS)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    same_on_every_engine(data_of(**TABLES), kpi)
