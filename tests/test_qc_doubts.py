"""What is odd about evaluations: days that cannot be, open questions, changes without a dispute, own calls."""

from pathlib import Path

import pytest
from scored_calls import HEADER, Branch, evaluation

WITH_DAY = HEADER.replace("evaluated_on,", "evaluated_on,called_on,")


def test_nobody_can_have_evaluated_a_call_before_it_was_made(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K6", "A3", on="2026-10-05") + evaluation("E2", "K5", "A3"))
    branch.score(wanted=3)
    row = branch.row("calls", evaluation_id="E1")
    assert (row["standing"], row["score"]) == ("set_aside", "")
    assert "made on 2026-10-05, before its call of 2026-10-06" in row["reason"]


def test_a_call_may_be_evaluated_on_its_own_day(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K6", "A3", on="2026-10-06"))
    branch.score()
    assert branch.row("calls")["standing"] == "counts"


def test_where_the_calls_are_not_known_the_day_that_the_evaluation_gives_is_looked_at(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, WITH_DAY + evaluation("E1", on="2026-10-05,2026-10-06"), calls="")
    branch.score(wanted=3)
    assert [row["code"] for row in branch.table("problems")] == ["QC_SCORE_EARLY"]


def test_a_call_cannot_be_moved_into_another_period_by_its_evaluation(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, WITH_DAY + evaluation("E1", "K6", "A3", on="2026-11-05,2026-11-02"))
    branch.score()
    assert branch.row("calls")["day"] == "2026-10-06"
    assert "made on 2026-11-02; by the calls it was 2026-10-06" in branch.row("problems")["message"]


def test_an_evaluation_that_leaves_questions_open_is_counted_and_named(tmp_path: Path) -> None:
    rows = evaluation("E1", "K1", whole={"identity": "5"}) + evaluation("E2", "K2", answers={"greeting": "N/A"})
    branch = Branch.of(tmp_path, rows)
    branch.score()
    assert [row["unanswered"] for row in branch.table("calls")] == ["3", "0"]
    told = branch.row("problems", code="QC_SCORE_UNANSWERED")
    assert "not even N/A: 1 (E1)" in told["message"]


def test_a_text_need_not_be_written(tmp_path: Path) -> None:
    form = 'code = "house"\nversion = "1"\ntitle = "F"\nstart = 2026-01-01\nroll_up = "total_points"\n[[sections]]\n'
    form += (
        'code = "s"\ntitle = "S"\nquestions = [{ code = "a", text = "?" }, { code = "b", text = "?", type = "text", '
    )
    branch = Branch.of(tmp_path, evaluation("E1", whole={"a": "yes"}), form=form + "weight = 0 }]\n")
    branch.score()
    assert branch.row("calls")["unanswered"] == "0"
    assert branch.table("problems") == []


def test_what_was_resolved_without_a_dispute_is_said(tmp_path: Path) -> None:
    rows = evaluation("E1", "K1", state="resolved") + evaluation("E2", "K2", state="resolved")
    head = "dispute_id,evaluation_id,question,step,at,by,answer,reason\n"
    dispute = head + "D1,E2,greeting,raised,2026-10-21 09:00,Asha,,said so\n"
    branch = Branch.of(tmp_path, rows, disputes=dispute + "D1,E2,greeting,upheld,2026-10-22 09:00,Other,,listened\n")
    branch.score()
    assert "is known: 1 (E1)" in branch.row("problems", code="QC_SCORE_RESOLVED_ALONE")["message"]


@pytest.mark.parametrize("by", ["A1 Asha", "Asha (A1)", "ASHA / a1", " asha,"])
def test_an_own_call_is_an_own_call_however_the_agent_signs(tmp_path: Path, by: str) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1", by=f'"{by}"'))
    branch.score(wanted=3)
    assert "nobody evaluates an own call" in branch.row("calls")["reason"]


def test_the_words_of_a_name_may_stand_in_any_order(tmp_path: Path) -> None:
    agents = "agent_id,name,role\nA1,Asha Njeri,call_agent\n"
    calls = "call_id,agent_id,started_at\nK1,A1,2026-10-01 10:00\n"
    branch = Branch.of(tmp_path, evaluation("E1", "K1", by='"Njeri, Asha"'), agents=agents, calls=calls)
    branch.score(wanted=3)
    assert "nobody evaluates an own call" in branch.row("calls")["reason"]


def test_a_number_in_somebodys_name_is_not_the_agent_of_that_number(tmp_path: Path) -> None:
    agents = "agent_id,name,role\n2,Asha Njeri,call_agent\n"
    calls = "call_id,agent_id,started_at\nK1,2,2026-10-01 10:00\n"
    branch = Branch.of(tmp_path, evaluation("E1", "K1", "2", by="Quality 2"), agents=agents, calls=calls)
    branch.score()
    assert branch.row("calls")["standing"] == "counts"


def test_an_evaluator_is_one_person_in_capitals_too(tmp_path: Path) -> None:
    rows = evaluation("E1", "K1") + evaluation("E2", "K2", by="QUINN") + evaluation("E3", "K3", "A2", by="quinn  ")
    branch = Branch.of(tmp_path, rows)
    branch.score()
    assert [(row["evaluator"], row["n"]) for row in branch.table("evaluators")] == [("Quinn", "3")]


def test_a_period_without_evaluated_calls_says_so(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1"))
    result = branch.run("score", "--period", "2026-09")
    assert (
        "No call of 2026-09 was evaluated; those that were evaluated are of 2026-10-01 to 2026-10-01" in result.output
    )
    assert branch.row("problems")["code"] == "QC_SCORE_NONE_IN_PERIOD"


def test_a_table_of_evaluations_without_any_row_has_none(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, HEADER)
    assert "There are no evaluations" in branch.score(wanted=1).output


@pytest.mark.parametrize("answer", ["5.0", '"5,0"', '"5,00"'])
def test_a_whole_number_is_read_as_spreadsheets_write_it(tmp_path: Path, answer: str) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", answers={"identity": answer}))
    branch.score()
    assert branch.row("calls")["score"] == "100.0000"
