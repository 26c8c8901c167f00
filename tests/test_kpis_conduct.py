"""KPIs of the call rules: catalogue rows 0.16 and 2.19."""

from dataclasses import replace

import polars as pl
import pytest
from conduct_cases import CALLS, calls, rule, values
from kpi_cases import data_of, note, of, same_on_every_engine
from kpi_cases import values as kpi_values_of

from toolkit.call_rule_files import Version
from toolkit.kpis.data import Data

HOURS = 'hours = { mon-sat = "08:00-20:00", sun = "closed" }'
LATE = CALLS + calls("2026-03-02 19:59:59", "2026-03-02 20:00:00", "2026-03-03 09:00", "2026-03-08 09:00")
EVALUATIONS = """evaluation_id,call_id,agent_id,evaluator,evaluated_on,called_on,form,form_version,question,answer,state
E1,K1,A1,Q1,2026-03-05,2026-03-02,collections,1,no_threats,no,{state}
E2,K3,A1,Q1,2026-03-05,2026-03-03,collections,1,no_threats,yes,submitted
"""


def with_rules(data: Data, versions: tuple[Version, ...]) -> Data:
    return replace(data, call_rules=versions, timezone="Africa/Nairobi", country="KE", _shared={})


def test_breaches_are_counted_per_thousand_calls_made() -> None:
    data = with_rules(data_of(calls=LATE), rule(HOURS, "hours"))
    assert of(data, "call_rule_breaches") == (2, 0.004)
    assert note(data, "call_rule_breaches")[:2] == (500, "")
    assert of(data, "call_rule_breaches", "North") == (2, 0.004)


def test_a_call_that_breaks_two_rules_is_two_breaches() -> None:
    both = values('hours = { hours = { mon-sat = "08:00-20:00", sun = "closed" } }\ncalls-a-day = { most = 1 }')
    assert of(with_rules(data_of(calls=LATE), both), "call_rule_breaches") == (3, 0.004)


def test_received_calls_are_in_neither_part() -> None:
    received = "K9,A1,L1,2026-03-08 22:00,in,yes,yes,paid,\n"
    assert of(with_rules(data_of(calls=LATE + received), rule(HOURS, "hours")), "call_rule_breaches") == (2, 0.004)


def test_a_day_has_its_own_breaches_and_days_add_up() -> None:
    data = with_rules(data_of(calls=LATE), rule(HOURS, "hours"))
    days = kpi_values_of(data, "call_rule_breaches", grain="day").values.filter(pl.col("scope") == "A1")
    assert dict(days.select("period", "numerator").iter_rows()) == {"2026-03-02": 1, "2026-03-03": 0, "2026-03-08": 1}


@pytest.mark.parametrize("kpi", ["call_rule_breaches", "process_breaches"])
def test_without_rules_in_the_profile_there_is_no_figure_and_the_reason_is_said(kpi: str) -> None:
    run = kpi_values_of(data_of(calls=LATE, evaluations=EVALUATIONS.format(state="submitted")), kpi)
    assert run.values.is_empty()
    assert "call rules" in str(run.problems[0])


def test_rules_that_cannot_be_judged_give_no_silent_zero() -> None:
    run = kpi_values_of(with_rules(data_of(calls=LATE), rule("", "third_party")), "call_rule_breaches")
    assert run.values.is_empty()
    assert "calls.third_party" in str(run.problems[0])


def test_without_a_call_there_is_no_base() -> None:
    data = with_rules(data_of(calls=CALLS), rule(HOURS, "hours"))
    assert note(data, "call_rule_breaches") == (None, "no base", 0)


def test_calls_after_the_day_on_which_the_data_stand_count_nowhere() -> None:
    data = with_rules(data_of(calls=LATE), rule(HOURS, "hours"))
    early = replace(data, as_of=data.as_of.replace(day=3), _shared={})
    assert of(early, "call_rule_breaches") == (1, 0.003)


REACHED = CALLS + "K1,A1,L1,2026-03-02 21:00,out,yes,yes,promise,\nK3,A1,L1,2026-03-03 09:00,out,yes,yes,promise,\n"


@pytest.mark.parametrize(
    ("state", "breaches"), [("submitted", 2), ("disputed", 1), ("resolved", 2), ("void", 1), ("calibration", 1)]
)
def test_process_breaches_are_calls_that_failed_at_once_and_rules_broken_per_thousand_contacts(
    state: str, breaches: int
) -> None:
    data = with_rules(data_of(calls=REACHED, evaluations=EVALUATIONS.format(state=state)), rule(HOURS, "hours"))
    assert of(data, "process_breaches") == (breaches, 0.002)


def test_breaches_by_messages_are_breaches_of_the_process_and_not_of_calls() -> None:
    hours = rule(f'{HOURS}\nchannels = ["call", "message"]', "hours")
    messages = (
        "message_id,account_id,agent_id,sent_at,channel\nM1,L1,A1,2026-03-02 22:00,sms\nM2,L1,,2026-03-02 22:00,sms\n"
    )
    data = data_of(calls=REACHED, messages=messages, evaluations=EVALUATIONS.format(state="void"))
    assert of(with_rules(data, hours), "process_breaches") == (2, 0.002)
    assert of(with_rules(data, hours), "process_breaches", "") == (3, 0.002)  # nobody's message is everybody's
    assert of(with_rules(data, hours), "call_rule_breaches") == (1, 0.002)


def test_pandas_and_duckdb_give_the_same_sums() -> None:
    policy = values(
        'hours = { hours = { mon-sat = "08:00-20:00", sun = "closed" } }\ncalls-a-day = { most = 1 }\n'
        "quiet-after-conversation = { days = 2 }\nrapid-redial = { minutes = 5 }"
    )
    data = with_rules(data_of(calls=LATE + REACHED.replace("K", "R").removeprefix(CALLS.replace("K", "R"))), policy)
    same_on_every_engine(data, "call_rule_breaches")


def test_a_call_that_failed_at_once_is_a_breach_of_the_process_however_it_was_chosen() -> None:
    chosen = "\n".join(
        f"{line},{'chosen' if line.startswith('evaluation_id') else 'risk'}"
        for line in EVALUATIONS.format(state="submitted").splitlines()
    )
    early = calls("2026-03-02 10:00", "2026-03-03 10:00", "2026-03-04 10:00")
    data = with_rules(data_of(calls=CALLS + early, evaluations=chosen + "\n"), rule(HOURS, "hours"))
    assert of(data, "process_breaches")[0] == 1
