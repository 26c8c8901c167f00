"""KPIs of duties, tools and costs: catalogue rows 1.5, 1.7, 1.10, 1.14, 1.15, 2.7, 2.8, 2.12, 2.13, 2.22, 0.4, 0.10,
0.13, 0.14, 0.17, 0.18 and 0.20."""

from datetime import date

import pytest
from kpi_cases import TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES
from toolkit.kpis.costs import COSTS
from toolkit.kpis.office import OFFICE
from toolkit.kpis.tools import TOOLS

HEADER = "action_id,agent_id,owner,kind,raised_at,due_at,done_at,acknowledged_at,accepted_first_time\n"


def actions(*rows: str) -> str:
    """Actions of A1: kind, raised, due, done, answered, accepted."""
    return HEADER + "".join(f"X{place},A1,,{row}\n" for place, row in enumerate(rows))


DUE = {
    "report_timeliness": "report",
    "work_plan_adherence": "plan",
    "tasks_on_time": "instruction",
    "one_to_ones_held": "one_to_one",
    "training_attended": "training",
    "actions_closed": "review",
    "meetings_held": "meeting",
}


@pytest.mark.parametrize("kpi", DUE)
@pytest.mark.parametrize(
    ("due", "done", "good"),
    [
        ("2026-03-09 12:00", "2026-03-09 12:00", 1),
        ("2026-03-09 12:00", "2026-03-09 12:01", 0),
        ("2026-03-09", "2026-03-09 23:59", 1),  # a day without a time lasts to its end
        ("2026-03-09", "2026-03-10 00:01", 0),
        ("2026-03-09", "", 0),
    ],
)
def test_done_by_its_time_of_what_was_due(kpi: str, due: str, done: str, good: int) -> None:
    data = data_of(actions=actions(f"{DUE[kpi]},2026-03-02,{due},{done},,", "idea,2026-03-02,2026-03-09,,,"))
    assert of(data, kpi) == (good, 1)


@pytest.mark.parametrize("kpi", DUE)
def test_what_lost_its_due_day_is_cancelled_and_what_is_due_later_waits(kpi: str) -> None:
    kind = DUE[kpi]
    data = data_of(
        actions=actions(
            f"{kind},2026-03-02,,,,", f"{kind},2026-03-02,2026-03-31,,,", f"{kind},2026-03-02,2026-04-01,,,"
        )
    )
    assert of(data, kpi) == (0, 1)
    assert note(data, kpi, "A1", "2026-04") == (None, "immature", 1)


def test_doing_it_late_does_not_move_it_to_a_better_month() -> None:
    data = data_of(actions=actions("report,2026-02-02,2026-02-27,2026-03-02,,"))
    assert of(data, "report_timeliness", period="2026-02") == (0, 1)
    assert (of(data, "report_timeliness") or (0, 0)) == (0, 0)


def test_nobody_owes_anything_on_a_day_of_approved_absence_but_what_was_done_counts() -> None:
    roster = "agent_id,work_on,absence\n" + "".join(
        f"A1,2026-03-{day:02d},{why}\n"
        for day, why in ((9, "leave"), (10, "sick"), (11, "unplanned"), (12, "training"))
    )
    rows = [f"plan,2026-03-02,2026-03-{day:02d},,," for day in (9, 10, 11, 12)]
    data = data_of(actions=actions(*rows, "plan,2026-03-02,2026-03-09,2026-03-06,,"), roster=roster)
    assert of(data, "work_plan_adherence") == (1, 3)


def test_an_action_without_an_agent_is_its_owners() -> None:
    rows = (
        HEADER + "X1,,A2,meeting,2026-03-02,2026-03-03,2026-03-03,,\nX2,,Mrs Otieno,meeting,2026-03-02,2026-03-03,,,\n"
    )
    data = data_of(actions=rows)
    assert of(data, "meetings_held", "A2") == (1, 1)
    assert of(data, "meetings_held", "") == (1, 2)


def test_tasks_are_neither_hourly_updates_nor_matters_of_customers_nor_ideas() -> None:
    rows = [f"{kind},2026-03-02 09:00,2026-03-04 09:00,,," for kind in ("query", "dispute", "idea", "coaching", "")]
    data = data_of(actions=actions(*rows, "report,2026-03-02 09:00,2026-03-02 10:00,,,"))
    assert of(data, "tasks_on_time") == (0, 2)


@pytest.mark.parametrize(("posted", "good"), [("10:15", 1), ("10:16", 0), ("", 0)])
def test_an_hourly_update_is_posted_by_a_quarter_past(posted: str, good: int) -> None:
    done = f"2026-03-02 {posted}" if posted else ""
    data = data_of(
        actions=actions(f"report,2026-03-02 09:00,2026-03-02 10:00,{done},,", "report,2026-03-01,2026-03-02,,,")
    )
    assert of(data, "hourly_posts") == (good, 1)
    assert of(data, "report_timeliness") == (0, 1)
    hours = values(data, "hourly_posts", "2026-03-02", "hour").values
    assert set(hours["period"]) == {"2026-03-02T10"}


def test_reports_accepted_as_delivered_of_those_judged() -> None:
    rows = ["yes", "no", ""]
    data = data_of(actions=actions(*(f"report,2026-03-01,2026-03-05,2026-03-04,,{accepted}" for accepted in rows)))
    assert of(data, "report_quality") == (1, 2)
    assert note(data, "report_quality")[2] == 1


def test_ideas_count_on_the_day_of_the_answer_and_unanswered_ones_wait() -> None:
    rows = ["idea,2026-02-20,,,2026-03-02,yes", "idea,2026-03-02,,,2026-03-03,no", "idea,2026-03-02,,,,"]
    assert note(data_of(actions=actions(*rows)), "ideas_accepted") == (1.0, "", 1)


def test_training_needs_of_those_who_worked_here_all_quarter() -> None:
    team = TEAM.replace("South,Kisumu,2026-01-01,", "South,Kisumu,2026-01-02,")
    rows = ["training,2026-01-01,,,,", "training,2026-03-31,,,,", "training,2025-12-31,,,,"]
    data = data_of(agents=team, actions=actions(*rows))
    assert of(data, "training_needs", "A1", "2026-Q1", "quarter") == (1, 1)
    assert of(data, "training_needs", "North", "2026-Q1", "quarter") == (1, 2)
    assert of(data, "training_needs", "", "2026-Q1", "quarter") == (1, 2)
    early = data_of(date(2026, 3, 30), agents=team, actions=actions(rows[0]))
    assert note(early, "training_needs") == (None, "immature", 1)


CALLS = """call_id,agent_id,account_id,started_at,disposition,promise_due_on,promise_amount
C1,A1,L1,2026-03-02 09:00,refused,,
C2,A1,L1,2026-03-02 10:00,promise,2026-03-05,100
C3,A1,L1,2026-03-02 11:00,promise,2026-03-05,
C4,A1,,2026-03-02 12:00,refused,,
C5,A1,L1,2026-03-02 13:00,,,
"""
VISITS = """visit_id,agent_id,account_id,planned_on,visited_at,met,outcome
V1,A1,L1,2026-03-03,2026-03-03 09:00,customer,paid
V2,A1,L1,2026-03-03,2026-03-03 10:00,customer,
V3,A1,L1,2026-03-04,,,
"""


def test_records_with_all_fields_of_calls_and_visits_made() -> None:
    assert of(data_of(calls=CALLS), "data_completeness") == (2, 5)
    assert of(data_of(visits=VISITS), "data_completeness") == (1, 2)
    assert of(data_of(calls=CALLS, visits=VISITS), "data_completeness") == (3, 7)


def test_which_fields_are_asked_for_is_a_definition_and_a_missing_one_is_named() -> None:
    data = data_of(calls=CALLS, definitions={"call_fields": ("account_id",)})
    assert of(data, "data_completeness") == (4, 5)
    run = values(data_of(calls=CALLS, definitions={"call_fields": ("reason",)}), "data_completeness")
    assert "calls.reason" in str(run.problems[0])


def test_promises_of_a_table_of_their_own_are_not_asked_of_calls() -> None:
    calls = "".join(f"{line.rsplit(',', 2)[0]}\n" for line in CALLS.splitlines())
    promises = "promise_id,account_id,agent_id,made_at,due_on,amount\nP1,L1,A1,2026-03-02 10:00,2026-03-05,100\n"
    assert of(data_of(calls=calls, promises=promises), "data_completeness") == (3, 5)
    assert "calls.promise_due_on" in str(values(data_of(calls=calls), "data_completeness").problems[0])


ROSTER = "agent_id,work_on,scheduled_in,scheduled_out,absence\n" + "".join(
    f"{agent},2026-03-{day:02d},2026-03-{day:02d} 08:00,2026-03-{day:02d} 16:00,{why}\n"
    for agent, day, why in (("A1", 2, ""), ("A3", 2, ""), ("A1", 3, "leave"), ("A1", 4, ""))
)
INCIDENTS = """incident_id,kind,tool,area,started_at,ended_at,raised_at
I1,tool,Xdesk,,2026-03-02 07:00,2026-03-02 09:00,2026-03-02 07:15
I2,network,,Nakuru,2026-03-02 08:30,2026-03-02 10:00,2026-03-02 08:46
I3,network,,Kisumu,2026-03-02 15:30,,2026-03-02 15:30
I4,mobile_money,,,2026-03-02 08:00,2026-03-02 16:00,
I5,tool,,Elsewhere,2026-03-02 08:00,2026-03-02 16:00,
I6,tool,,,2026-03-02 17:00,2026-03-03 18:00,
"""


def test_outages_take_scheduled_minutes_once_and_only_where_they_were() -> None:
    data = data_of(roster=ROSTER, incidents=INCIDENTS)
    # A1: 8 to 10 on the 2nd, in two outages that overlap; A3: 8 to 9 and from half past three
    assert of(data, "tool_uptime", "A1") == (960 - 120, 960)
    assert of(data, "tool_uptime", "A3") == (480 - 90, 480)


def test_an_outage_inside_another_takes_nothing_more() -> None:
    head, rows = (
        INCIDENTS.splitlines()[0],
        ("09:00,2026-03-02 12:00", "10:00,2026-03-02 11:00", "11:30,2026-03-02 12:30"),
    )
    incidents = head + "\n" + "".join(f"I{place},tool,,,2026-03-02 {row},\n" for place, row in enumerate(rows))
    assert of(data_of(roster=ROSTER, incidents=incidents), "tool_uptime", "A1") == (960 - 210, 960)


def test_an_outage_after_midnight_hits_the_shift_that_began_the_day_before() -> None:
    roster = "agent_id,work_on,scheduled_in,scheduled_out\nA1,2026-03-02,2026-03-02 22:00,2026-03-03 06:00\n"
    incidents = INCIDENTS.splitlines()[0] + "\nI1,tool,,,2026-03-03 01:00,2026-03-03 02:00,\n"
    assert of(data_of(roster=roster, incidents=incidents), "tool_uptime", "A1") == (420, 480)


def test_incidents_reported_within_a_quarter_of_an_hour_of_all() -> None:
    data = data_of(incidents=INCIDENTS)
    assert of(data, "incidents_in_time", "") == (2, 6)
    assert of(data_of(incidents=INCIDENTS, definitions={"ticket_within_minutes": 60}), "incidents_in_time", "") == (
        3,
        6,
    )


COSTS_TABLE = """period,channel,amount,currency,agent_id,team
2026-03,call,30.00,KES,A1,
2026-03,overhead,20.00,KES,A1,
2026-03,salary,50.00,KES,,North
2026-02,call,99.00,KES,A1,
"""
PAYMENTS = """payment_id,account_id,agent_id,paid_at,amount,currency,kind,reverses
P1,L1,A1,2026-03-05 10:00,200.00,KES,instalment,
P2,L2,A1,2026-03-06 10:00,300.00,KES,instalment,
P3,L2,A1,2026-03-07 10:00,-300.00,KES,instalment,P2
P4,L1,A1,2026-03-08 10:00,1000.00,KES,deposit,
P5,L2,A1,2026-03-08 10:00,0.33,KES,payoff,
"""
FEES = """account_id,customer_id,product,activated_on,currency,fee_rate
L1,C1,lamp,2026-01-01,KES,0.1
L2,C2,lamp,2026-01-01,KES,0.125
L3,C3,lamp,2026-01-01,KES,
"""


def test_costs_of_a_month_of_what_was_collected_in_it() -> None:
    data = data_of(costs=COSTS_TABLE, payments=PAYMENTS)
    assert of(data, "cost_per_unit", "A1") == (50, 200.33)
    assert of(data, "cost_per_unit", "") == (100, 200.33)


def test_cost_of_a_recovery_route_of_the_debt_it_is_for() -> None:
    """Safen Group, "cost to collect": an effort of 80 on an account of 2,000 is 4 %."""
    payments = PAYMENTS.splitlines()[0] + "\nP1,L1,A1,2026-03-05 10:00,2000,KES,instalment,\n"
    data = data_of(costs="period,channel,amount,currency\n2026-03,call,80,KES\n", payments=payments)
    assert note(data, "cost_per_unit", "")[0] == pytest.approx(0.04)


def test_a_newcomers_costs_count_from_the_first_day_here() -> None:
    team = TEAM.replace("A1,Asha,call_agent,North,Nakuru,2026-01-01", "A1,Asha,call_agent,North,Nakuru,2026-03-05")
    data = data_of(agents=team, costs=COSTS_TABLE, payments=PAYMENTS)
    assert of(data, "cost_per_unit", "A1") == (50, 200.33)


RATES = """channel,unit,cost,currency,from
call,call,2.00,KES,2026-01-01
call,call,3.00,KES,2026-03-03
call,minute,1.00,KES,2026-01-01
sms,message,0.50,KES,2026-01-01
visit,visit,10.00,KES,2026-01-01
recovery,filing,99.00,KES,2026-01-01
"""
COUNTED = {
    "calls": """call_id,agent_id,started_at,talk_seconds,direction
C1,A1,2026-03-02 09:00,30,out
C2,A1,2026-03-02 09:30,60,out
C3,A1,2026-03-03 09:00,60,out
C4,A1,2026-03-03 10:00,600,in
""",
    "messages": "message_id,sent_at,channel\nM1,2026-03-02 09:00,sms\nM2,2026-03-02 09:00,email\n",
    "visits": "visit_id,agent_id,visited_at\nV1,A1,2026-03-02 09:00\nV2,A1,\n",
}


def test_without_a_ledger_costs_are_the_rate_of_the_day_times_what_was_done() -> None:
    data = data_of(rate_card=RATES, payments=PAYMENTS, **COUNTED)
    # calls 2 + 2 + 3, minutes 1.50 + 1, a visit 10; the message is nobody's
    assert of(data, "cost_per_unit", "A1") == (19.5, 200.33)
    assert of(data, "cost_per_unit", "") == (20, 200.33)
    same_on_every_engine(data, "cost_per_unit")


def test_a_ledger_comes_before_the_rate_card_and_rates_alone_cost_nothing() -> None:
    data = data_of(rate_card=RATES, payments=PAYMENTS, costs=COSTS_TABLE, **COUNTED)
    assert of(data, "cost_per_unit", "A1") == (50, 200.33)
    alone = values(data_of(rate_card=RATES, payments=PAYMENTS), "cost_per_unit")
    assert "calls.agent_id" in str(alone.problems[0])


def test_nothing_collected_is_no_base_for_costs() -> None:
    payments = PAYMENTS.splitlines()[0] + "\nP1,L1,A1,2026-01-05 10:00,2000,KES,instalment,\n"
    assert note(data_of(costs=COSTS_TABLE, payments=payments), "cost_per_unit")[:2] == (None, "no base")


def test_margin_is_fees_less_direct_costs_and_a_reversal_takes_its_fee_back() -> None:
    data = data_of(accounts=FEES, costs=COSTS_TABLE, payments=PAYMENTS)
    # 200 x 10 % + 0.33 x 12.5 %, not rounded, less 30
    assert of(data, "margin", "A1")[0] == pytest.approx(20 + 0.04125 - 30)
    assert of(data, "margin", "")[0] == pytest.approx(20 + 0.04125 - 80)


def test_which_costs_are_not_direct_is_a_definition() -> None:
    data = data_of(accounts=FEES, costs=COSTS_TABLE, payments=PAYMENTS, definitions={"indirect_costs": ()})
    assert of(data, "margin", "A1")[0] == pytest.approx(20 + 0.04125 - 50)


@pytest.mark.parametrize(("done", "met"), [("2026-03-31", 1), ("2026-04-01", 0), ("", 0)])
def test_training_needs_met_by_now_of_those_submitted(done: str, met: int) -> None:
    data = data_of(actions=actions(f"training,2026-03-02,,{done},,", "coaching,2026-03-02,,2026-03-03,,"))
    assert of(data, "training_needs_closed") == (met, 1)


@pytest.mark.parametrize("kind", ["coaching", "instruction"])
@pytest.mark.parametrize(("read", "known"), [("2026-03-31 23:59", 1), ("2026-04-01 00:00", 0), ("", 0)])
def test_feedback_that_was_acknowledged_of_what_was_issued(kind: str, read: str, known: int) -> None:
    data = data_of(actions=actions(f"{kind},2026-03-02,,,{read},", "report,2026-03-02,2026-03-05,,,"))
    assert of(data, "feedback_acknowledged") == (known, 1)


def test_collected_less_costs_of_everybody_and_of_each() -> None:
    data = data_of(costs=COSTS_TABLE, payments=PAYMENTS)
    assert of(data, "net_collected", "A1") == (200.33 - 50, None)
    assert of(data, "net_collected", "") == (pytest.approx(200.33 - 100), None)


def test_fees_of_a_batch_as_an_agency_counts_them() -> None:
    """LIQ-2: 300 accounts of 800, 60 % of it collected, a fee of 10 %: 14,400. Here one account of 240,000."""
    fees = "account_id,customer_id,product,activated_on,currency,fee_rate\nL1,C1,lamp,2026-01-01,KES,0.10\n"
    head = PAYMENTS.splitlines()[0]
    payments = f"{head}\nP1,L1,A1,2026-03-05 10:00,{300 * 800 * 60 // 100},KES,instalment,\n"
    costs = COSTS_TABLE.splitlines()[0] + "\n2026-03,overhead,1,KES,,\n"
    assert of(data_of(accounts=fees, payments=payments, costs=costs), "margin", "A1") == (14_400, None)


def test_contacts_lost_are_minutes_lost_times_contacts_a_minute() -> None:
    """A1 has two shifts of 480 minutes, 120 lost; A3 one, 90 lost: 1,230 minutes in which everything worked."""
    called = "call_id,agent_id,account_id,started_at,connected,right_party\n" + "".join(
        f"C{n},A1,L1,2026-03-02 11:{n:02}:00,{'yes' if n < 41 else 'no'},no\n" for n in range(50)
    )
    data = data_of(roster=ROSTER, incidents=INCIDENTS, calls=called)
    assert of(data, "contacts_lost", "A1")[0] == pytest.approx(120 * 41 / 1230)
    assert of(data, "contacts_lost", "")[0] == pytest.approx(210 * 41 / 1230)
    none = data_of(roster=ROSTER, incidents=INCIDENTS, calls=called.splitlines()[0] + "\n")
    assert of(none, "contacts_lost", "") == (0, None)


KPIS = {**OFFICE, **TOOLS, **COSTS}
TABLES = {
    "accounts": FEES,
    "actions": actions(
        *(f"{kind},2026-03-02 09:00,2026-03-09 09:00,2026-03-09 09:00,,yes" for kind in (*DUE.values(), "idea")),
        "report,2026-03-02 09:00,2026-03-02 10:00,,,",
        "training,2026-03-02,,,,",
    ),
    "calls": CALLS.replace("\n", ",yes\n").replace("promise_amount,yes", "promise_amount,connected"),
    "visits": VISITS,
    "roster": ROSTER,
    "incidents": INCIDENTS,
    "costs": COSTS_TABLE,
    "payments": PAYMENTS,
}


@pytest.mark.parametrize("kpi", KPIS)
def test_empty_tables_give_nothing_and_no_problem(kpi: str) -> None:
    emptied = {
        name: text.splitlines()[0] + "\n" for name, text in TABLES.items() if name not in ("payments", "accounts")
    }
    old = PAYMENTS.splitlines()[0] + "\nP1,L1,A1,2026-01-05 10:00,2000,KES,instalment,\n"
    run = values(data_of(payments=old, accounts=FEES, **emptied), kpi)
    assert run.values.select("numerator", "denominator").sum().row(0) == (0, 0)
    assert not run.problems


@pytest.mark.parametrize("kpi", KPIS)
def test_missing_tables_are_named(kpi: str) -> None:
    assert "cannot be computed: the data have no" in str(values(data_of(), kpi).problems[0])


@pytest.mark.parametrize("kpi", KPIS)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    data = data_of(**TABLES)
    same_on_every_engine(data, kpi)
    assert not values(data, kpi).values.is_empty()


def test_what_people_enter_has_no_function_and_says_what_it_is() -> None:
    for code in ("initiatives_joined", "process_breaches", "call_rule_breaches"):
        about = kpi_codes()[code]
        assert code not in RULES or not about.entered
        assert about.formula
    assert kpi_codes()["initiatives_joined"].entered


@pytest.mark.parametrize("kpi", KPIS)
def test_every_kpi_says_how_it_is_counted_and_what_it_needs(kpi: str) -> None:
    about = kpi_codes()[kpi]
    assert about.formula
    assert about.needs
