"""The tables are those of the reference page, and their rules hold together."""

import pytest

from toolkit.tables import TABLES

# The columns marked with a star on the reference page, written down from it by hand.
REQUIRED = {
    "agents": "agent_id name role",
    "accounts": "account_id customer_id product activated_on currency",
    "balances": "account_id as_of balance days_past_due",
    "dues": "account_id due_on amount",
    "assignments": "account_id agent_id assigned_on",
    "leads": "lead_on agent_id account_id",
    "payments": "payment_id account_id paid_at amount currency",
    "calls": "call_id agent_id started_at",
    "telephone": "agent_id day dialled answered",
    "messages": "message_id sent_at",
    "promises": "promise_id account_id agent_id made_at due_on amount",
    "visits": "visit_id agent_id",
    "recoveries": "recovery_id account_id agent_id",
    "cases": "case_id opened_on",
    "evaluations": "evaluation_id agent_id evaluator evaluated_on form form_version question answer",
    "disputes": "dispute_id evaluation_id question step at by",
    "complaints": "complaint_id received_at",
    "roster": "agent_id work_on",
    "leave_plan": "agent_id year entitled_days",
    "credit_days": "account_id day credit_balance",
    "postings": "posting_id agent_id posted_at",
    "proofs": "proof_id account_id received_at amount",
    "statement": "line_id booked_at amount",
    "incidents": "incident_id kind started_at",
    "actions": "action_id raised_at",
    "feedback": "feedback_id given_at score",
    "contact_permissions": "kind from_at",
    "costs": "period channel amount currency",
    "rate_card": "channel unit cost currency from",
    "adjustments": "adjustment_id agent_id on amount reason",
    "kpi_values": "kpi agent_id period",
    "targets": "kpi scope_kind grain target",
}


def test_the_tables_of_the_reference_page_are_all_there() -> None:
    assert list(TABLES) == list(REQUIRED)


@pytest.mark.parametrize("table", REQUIRED)
def test_the_starred_columns_are_required_and_no_others(table: str) -> None:
    assert TABLES[table].required == tuple(REQUIRED[table].split())


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_rules_name_columns_and_tables_that_exist(table) -> None:
    names = {column.name for column in table.columns}
    assert len(names) == len(table.columns)
    for column in table.columns:
        assert column.meaning and column.not_before in {"", *names} and column.active_on in {"", *names}
        assert column.refers in {"", *TABLES}
        assert bool(column.codes) == (column.type == "code")
        assert column.key == (column.name in table.key)
    assert set(table.key) <= names


def test_the_five_dispositions_of_an_effective_call_are_codes() -> None:
    effective = {"promise", "paid", "plan_agreed", "dispute_logged", "return_agreed"}
    assert effective <= set(TABLES["calls"].column("disposition").codes)


def test_a_column_that_a_table_lacks_is_named() -> None:
    with pytest.raises(KeyError, match="payments has no column colour"):
        TABLES["payments"].column("colour")
