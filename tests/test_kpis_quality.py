"""KPIs of call quality, counted by hand: catalogue rows 1.4, 4.5, 0.7."""

from datetime import date

import polars as pl
import pytest
from kpi_cases import TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.forms import Forms
from toolkit.kpis.quality import QUALITY

HEADER = "evaluation_id,call_id,agent_id,evaluator,evaluated_on,called_on,form,form_version,question,answer,state\n"
CALL_HEADER = "call_id,agent_id,account_id,started_at,direction\n"
CALLS = CALL_HEADER + (
    "K1,A1,L1,2026-02-28 09:00,out\nK2,A1,L1,2026-03-02 09:00,out\nK3,A1,L1,2026-03-20 09:00,out\n"
    "K4,A2,L1,2026-03-02 09:00,out\n"
)


def row(number: int, answer: str, called: str = "2026-03-02", agent: str = "A1", **more: str) -> str:
    given = {"call": "", "by": "Quinn", "form": "plain", "question": "all", "state": "submitted"} | more
    return (
        f"E{number},{given['call']},{agent},{given['by']},2026-03-31,{called},{given['form']},1,"
        f"{given['question']},{answer},{given['state']}\n"
    )


def test_the_score_is_the_mean_of_the_evaluations_a_call_that_failed_included() -> None:
    """QA-5, Zendesk QA help 7043701093786: 100, 9.91, 63.96, 90.99 and 0 % are 52.97 %."""
    rows = [row(number, answer) for number, answer in enumerate(("100%", "9.91%", "63.96%", "90.99%", "0%"))]
    data = data_of(evaluations=HEADER + "".join(rows))
    assert of(data, "qc_score") == (2.6486, 5)
    assert note(data, "qc_score") == (0.52972, "", 0)


def test_four_evaluations_are_few() -> None:
    rows = [row(number, "93%") for number in range(4)]
    assert note(data_of(evaluations=HEADER + "".join(rows)), "qc_score") == (0.93, "low n", 0)


def test_93_per_cent_is_compared_with_what_was_not_rounded() -> None:
    value, _, _ = note(data_of(evaluations=HEADER + row(1, "92.96%") + row(2, "93.03%")), "qc_score")
    assert value < 0.93


def test_a_score_belongs_to_the_day_of_the_call_not_of_the_evaluation() -> None:
    rows = row(1, "yes", "2026-03-02") + row(2, "no", "", call="K3") + row(3, "yes", "", call="K1") + row(4, "yes", "")
    run = values(data_of(evaluations=HEADER + rows, calls=CALLS), "qc_score", "2026-03", "day").values
    mine = run.filter(pl.col("scope") == "A1").select("period", "numerator")
    assert mine.rows() == [("2026-03-02", 1.0), ("2026-03-20", 0.0), ("2026-03-31", 1.0)]


def test_disputed_evaluations_wait_and_others_never_count() -> None:
    rows = "".join(
        row(number, "no", state=state) for number, state in enumerate(("disputed", "draft", "void", "calibration"))
    )
    data = data_of(evaluations=HEADER + rows + row(9, "yes", state="resolved"))
    assert note(data, "qc_score") == (1.0, "low n", 1)


def test_what_cannot_be_read_waits_and_is_not_guessed() -> None:
    assert note(data_of(evaluations=HEADER + row(1, "4")), "qc_score") == (None, "immature", 1)


def test_where_nothing_applied_there_is_no_score() -> None:
    assert of(data_of(evaluations=HEADER + row(1, "N/A")), "qc_score") == (0, 0)


def test_the_agents_own_opinion_never_counts_and_the_own_leaders_if_so_defined() -> None:
    """Ways people game a number: the own leader scoring."""
    team = """agent_id,name,role,team,branch,started_on,left_on,team_leader_id
A1,Asha,call_agent,North,Nakuru,2026-01-01,,T1
T1,Tabu,team_leader,North,Nakuru,2026-01-01,,
"""
    names = ("asha", "T1", "Tabu", "Quinn")  # A1 by number is refused as it is read
    evaluations = HEADER + "".join(row(number, "yes", by=name) for number, name in enumerate(names))
    assert of(data_of(agents=team, evaluations=evaluations), "qc_score") == (3, 3)
    strict = data_of(agents=team, evaluations=evaluations, definitions={"evaluators_counted": "not_own_leader"})
    assert of(strict, "qc_score") == (1, 1)


def test_forms_of_the_organisation_are_used_in_place_of_the_shipped_ones() -> None:
    evaluations = HEADER + row(1, "no", form="collections", question="no_threats")
    data = data_of(evaluations=evaluations)
    assert of(data, "qc_score") == (0, 1)
    assert of(type(data)(**{**vars_of(data), "forms": Forms()}), "qc_score") == (0, 1)
    good = data_of(evaluations=HEADER + row(1, "yes", form="collections", question="greeting"))
    assert note(good, "qc_score") == (None, "immature", 1)  # nobody said whether there were threats
    assert of(type(good)(**{**vars_of(good), "forms": Forms()}), "qc_score") == (1, 1)


def vars_of(data: object) -> dict[str, object]:
    names = ("tables", "as_of", "definitions", "credit", "digits", "country", "working_week")
    return {name: getattr(data, name) for name in names}


# Coverage -------------------------------------------------------------------------------------------------------------


def many(count: int, agent: str = "A1", **more: str) -> str:
    return "".join(row(int(f"{agent[1:]}{number}"), "yes", agent=agent, **more) for number in range(count))


@pytest.mark.parametrize(("count", "enough"), [(4, 0), (5, 1)])
def test_an_agent_is_covered_from_five_evaluated_calls_in_a_month_on(count: int, enough: int) -> None:
    data = data_of(evaluations=HEADER + many(count), calls=CALLS)
    assert of(data, "qc_coverage", "A1") == (enough, 1)
    assert of(data, "qc_coverage", "North") == (enough, 2)  # nobody listened to A2


def test_five_evaluations_of_one_call_are_one_call() -> None:
    data = data_of(evaluations=HEADER + many(5, call="K2"), calls=CALLS)
    assert of(data, "qc_coverage", "A1") == (0, 1)


def test_how_many_are_enough_can_be_set() -> None:
    data = data_of(evaluations=HEADER + many(1), calls=CALLS, definitions={"evaluations_a_month": 1})
    assert of(data, "qc_coverage", "A1") == (1, 1)


@pytest.mark.parametrize(("as_of", "seen"), [(30, (None, "immature", 1)), (31, (1.0, "low n", 0))])
def test_the_running_month_is_waiting(as_of: int, seen: tuple[object, ...]) -> None:
    evaluations = (HEADER + many(5)).replace("2026-03-31", "2026-03-30")
    data = data_of(as_of=date(2026, 3, as_of), evaluations=evaluations, calls=CALLS)
    assert note(data, "qc_coverage") == seen


def test_who_left_in_the_month_counts_by_the_last_day_with_a_call() -> None:
    team = TEAM.replace(
        "A1,Asha,call_agent,North,Nakuru,2026-01-01,", "A1,Asha,call_agent,North,Nakuru,2026-01-01,2026-03-21"
    )
    data = data_of(agents=team, evaluations=HEADER + many(5), calls=CALLS)
    assert of(data, "qc_coverage", "A1") == (1, 1)


def test_what_is_missing_is_named() -> None:
    assert "evaluations" in str(values(data_of(calls=CALLS), "qc_score").problems[0])
    assert "calls" in str(values(data_of(evaluations=HEADER + many(1)), "qc_coverage").problems[0])


def test_an_empty_table_has_no_rows() -> None:
    assert of(data_of(evaluations=HEADER, calls=CALLS), "qc_score") == (0, 0)
    assert of(data_of(evaluations=HEADER, calls=CALLS), "qc_coverage") == (0, 1)


@pytest.mark.parametrize("kpi", QUALITY)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    rows = many(5) + row(77, "no", "", call="K3") + row(78, "4/5", state="disputed")
    data = data_of(evaluations=HEADER + rows, calls=CALLS)
    assert not values(data, kpi).values.is_empty()
    same_on_every_engine(data, kpi)


# Automatic fails ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "seen"), [("submitted", (1, 0)), ("disputed", (0, 1)), ("void", (0, 0))])
def test_a_call_that_failed_at_once_is_counted_until_it_is_disputed(state: str, seen: tuple[int, int]) -> None:
    failed = row(1, "no", form="collections", question="no_threats", state=state)
    sound = row(2, "yes", form="collections", question="no_threats")
    data = data_of(evaluations=HEADER + failed + sound)
    assert of(data, "auto_fails") == (seen[0], None)
    assert note(data, "auto_fails")[2] == seen[1]


def test_a_call_without_that_answer_is_no_automatic_fail() -> None:
    data = data_of(evaluations=HEADER + row(1, "0%") + row(2, "no"))
    assert of(data, "auto_fails") == (0, None)
