"""Disputes: who may raise and decide them until when, and what they make of a score. `toolkit qc dispute`."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from scored_calls import HEADER, Branch, evaluation

STEPS = "dispute_id,evaluation_id,question,step,at,by,answer,reason\n"
RAISED = "D1,E1,greeting,raised,2026-10-21 09:00,Asha,,She said her name\n"
OVERTURNED = "D1,E1,greeting,overturned,2026-10-22 09:00,Rose,yes,Heard it\n"
LOW = {"greeting": "no"}


def disputed(tmp_path: Path, steps: str, **more: str) -> Branch:
    """E1 of A1, by Quinn on 20 October, scored 80 for want of a greeting."""
    return Branch.of(tmp_path, evaluation("E1", "K1", answers=LOW, **more), disputes=STEPS + steps)


@pytest.mark.parametrize(
    ("steps", "standing", "score", "first"),
    [
        ("", "counts", "80.0000", ""),
        (RAISED, "provisional", "80.0000", ""),
        (RAISED + OVERTURNED, "counts", "100.0000", "80.0000"),
        (RAISED + OVERTURNED.replace("overturned", "upheld"), "counts", "80.0000", ""),
        (RAISED + "D1,E1,greeting,withdrawn,2026-10-22 09:00,Asha,,\n", "counts", "80.0000", ""),
        (RAISED + OVERTURNED + RAISED.replace("greeting", "promise"), "provisional", "100.0000", "80.0000"),
    ],
)
def test_a_score_waits_while_it_is_disputed_and_the_first_one_is_kept(
    tmp_path: Path, steps: str, standing: str, score: str, first: str
) -> None:
    branch = disputed(tmp_path, steps)
    branch.score()
    row = branch.row("calls")
    assert (row["standing"], row["score"], row["first_score"]) == (standing, score, first)
    agent = branch.row("agents")
    assert (agent["n"], agent["provisional"]) == (("0", "1") if standing == "provisional" else ("1", "0"))


def test_an_overturned_automatic_fail_gives_the_score_back(tmp_path: Path) -> None:
    rows = evaluation("E1", "K1", answers={"honest": "no"})
    steps = (RAISED + OVERTURNED).replace("greeting", "honest")
    branch = Branch.of(tmp_path, rows, disputes=STEPS + steps)
    branch.score()
    row = branch.row("calls")
    assert (row["score"], row["first_score"], row["auto_failed"]) == ("100.0000", "0.0000", "false")


def test_the_steps_taken_after_the_day_asked_for_are_not_known_yet(tmp_path: Path) -> None:
    branch = disputed(tmp_path, RAISED + OVERTURNED)
    branch.score("--as-of", "2026-10-21")
    assert branch.row("calls")["standing"] == "provisional"
    branch.score("--as-of", "2026-10-20")
    assert branch.row("calls")["standing"] == "counts"


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (RAISED.replace("10-21 09:00", "10-23 00:00"), ""),  # 48 hours after the end of the 20th
        (RAISED.replace("10-21 09:00", "10-23 00:01"), "LATE"),
        (RAISED.replace("10-21", "10-19"), "EARLY"),
        (RAISED.replace(",She said her name", ","), "NO_REASON"),
        (RAISED.replace("greeting", "shoes"), "QUESTION"),
        (RAISED + RAISED.replace("D1", "D2"), "AGAIN"),
        (OVERTURNED, "NOT_RAISED"),
        (RAISED + OVERTURNED.replace("Rose", "quinn"), "BY_EVALUATOR"),
        (RAISED + OVERTURNED.replace("Rose", "Asha"), "BY_AGENT"),
        (RAISED + OVERTURNED.replace("Rose", "A1"), "BY_AGENT"),
        (RAISED.replace("Asha", "Tabu") + OVERTURNED.replace("Rose", "T1"), "BY_RAISER"),
        (RAISED + OVERTURNED.replace("10-22", "10-20"), "NOT_RAISED"),
        (RAISED + OVERTURNED + OVERTURNED.replace("overturned", "upheld"), "DECIDED"),
        (RAISED + OVERTURNED.replace("yes", "perhaps"), "ANSWER"),
        (RAISED + OVERTURNED.replace("yes", "NO"), "SAME_ANSWER"),
        (RAISED + OVERTURNED.replace("yes", ""), "NO_ANSWER"),
        (RAISED + "D1,E1,greeting,withdrawn,2026-10-22 09:00,Rose,,\n", "WITHDRAWN_BY"),
    ],
)
def test_a_step_that_the_rules_forbid_changes_nothing_and_is_told(tmp_path: Path, steps: str, code: str) -> None:
    branch = disputed(tmp_path, steps)
    branch.score(wanted=3 if code else 0)
    errors = branch.table("problems", level="error")
    assert [row["code"] for row in errors] == ([f"QC_DISPUTE_{code}"] if code else [])
    if code not in ("DECIDED",):
        assert branch.row("calls")["first_score"] == ""
    assert all(row["file"] == "disputes.csv" and row["row"] for row in errors)


@pytest.mark.parametrize(("at", "late"), [("2026-10-22 12:00", False), ("2026-10-22 12:01", True)])
def test_the_window_runs_from_the_submission_where_that_is_known(tmp_path: Path, at: str, late: bool) -> None:
    rows = (HEADER + evaluation("E1", "K1", answers=LOW)).replace("\n", ",2026-10-20 12:00\n")
    rows = rows.replace("comment,2026-10-20 12:00", "comment,submitted_at")
    branch = Branch.of(tmp_path, rows, disputes=STEPS + RAISED.replace("2026-10-21 09:00", at))
    branch.score(wanted=3 if late else 0)
    assert branch.row("calls")["standing"] == ("counts" if late else "provisional")


def test_the_window_can_be_set(tmp_path: Path) -> None:
    branch = disputed(tmp_path, RAISED.replace("10-21", "10-24"))
    branch.score(wanted=3)
    more = "[definitions]\ndispute_window_hours = 96\n"
    Branch.of(tmp_path, evaluation("E1", "K1", answers=LOW), more=more).score()
    assert branch.row("calls")["standing"] == "provisional"


@pytest.mark.parametrize("state", ["draft", "void", "calibration"])
def test_what_gives_no_score_cannot_be_disputed(tmp_path: Path, state: str) -> None:
    branch = disputed(tmp_path, RAISED, state=state)
    branch.score(wanted=3)
    assert branch.row("problems", level="error")["code"] == "QC_DISPUTE_NO_SCORE"


def test_a_dispute_of_another_months_evaluation_is_only_remarked_upon(tmp_path: Path) -> None:
    branch = disputed(tmp_path, RAISED.replace("E1", "E77"))
    branch.score()
    assert branch.row("problems")["code"] == "QC_DISPUTE_UNKNOWN"


def test_how_often_an_evaluator_is_overturned_has_an_interval(tmp_path: Path) -> None:
    """WIL-1's formula: 1 of 2 is 9.45 to 90.55 %, 1 of 3 evaluations 6.15 to 79.23 %."""
    rows = "".join(evaluation(f"E{n}", f"K{n}", "A1" if n < 3 else "A2", answers=LOW) for n in (1, 2, 3))
    steps = RAISED + OVERTURNED + (RAISED + OVERTURNED.replace("overturned", "upheld")).replace("1,E1", "2,E2")
    branch = Branch.of(tmp_path, rows, disputes=STEPS + steps)
    branch.score()
    row = branch.row("evaluators")
    assert (row["questions_disputed"], row["questions_overturned"], row["question_rate"]) == ("2", "1", "50.0")
    assert (row["question_low"], row["question_high"]) == ("9.45", "90.55")
    assert (row["evaluations_overturned"], row["evaluation_low"], row["evaluation_high"]) == ("1", "6.15", "79.23")


# The command ----------------------------------------------------------------------------------------------

RAISE = ("--evaluation", "E1", "--question", "greeting", "--by", "Asha", "--reason", "=She said, her name")
DECIDE = ("--evaluation", "E1", "--question", "greeting", "--by", "Rose", "--reason", "Heard it")


def test_a_dispute_is_raised_decided_and_followed_by_the_score(tmp_path: Path) -> None:
    branch = disputed(tmp_path, "")
    (branch.data / "disputes.csv").unlink()
    said = branch.run("dispute", *RAISE, "--at", "2026-10-21 15:00", out=branch.data).output
    assert "decide by 2026-10-23 15:00" in said
    first = (branch.data / "disputes.csv").read_bytes()
    decided = (*DECIDE, "--decide", "overturned", "--answer", "yes", "--at", "2026-10-22 10:00")
    branch.run("dispute", *decided, out=branch.data)
    second = (branch.data / "disputes.csv").read_bytes()
    assert second.startswith(first), "nothing is overwritten"
    assert second.decode().splitlines()[1:] == [
        'D-E1-1,E1,greeting,raised,2026-10-21T15:00:00+03:00,Asha,,"\'=She said, her name"',
        "D-E1-1,E1,greeting,overturned,2026-10-22T10:00:00+03:00,Rose,yes,Heard it",
    ]
    branch.score()
    assert branch.row("calls")["score"] == "100.0000"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*RAISE, "--at", "2026-10-25 15:00"), "that was possible until 2026-10-23 00:00"),
        ((*RAISE[:-1], " ", "--at", "2026-10-21 15:00"), "without a reason"),
        ((*DECIDE, "--decide", "upheld", "--at", "2026-10-21 15:00"), "no dispute of this number is open"),
    ],
)
def test_what_the_rules_forbid_is_refused_and_not_written(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    branch = disputed(tmp_path, "")
    assert said in branch.run("dispute", *words, wanted=1).output
    assert not (branch.out / "disputes.csv").exists()


def test_without_an_evaluation_the_disputes_are_listed_what_is_overdue_first(tmp_path: Path) -> None:
    rows = "".join(evaluation(f"E{n}", f"K{n}", "A1" if n < 3 else "A2", answers=LOW, on=f"2026-10-{20 + n}")
                   for n in (1, 2, 3, 4))  # fmt: skip
    steps = "".join(
        f"D{n},E{n},greeting,raised,2026-10-{20 + n} 12:00,Asha,,Said it\n" for n in (1, 2, 3, 4)
    ) + "D2,E2,greeting,overturned,2026-10-23 09:00,Rose,yes,Heard it\n"  # fmt: skip
    branch = Branch.of(tmp_path, rows, disputes=STEPS + steps)
    lines = branch.run("dispute", "--as-of", "2026-10-24").output.splitlines()
    assert [line.split()[0] for line in lines[1:5]] == ["overdue", "due", "open", "overturned"]
    assert "Quinn: 1 of 1 decided questions overturned (21 to 100 %), 3 open; 1 of 4 evaluations" in lines[5]
    found = json.loads(branch.run("dispute", "--as-of", "2026-10-24", "--json").output)
    assert [row["evaluation_id"] for row in found["disputes"]] == ["E1", "E3", "E4", "E2"]
    assert not branch.out.exists(), "a list writes nothing"


@pytest.mark.parametrize(
    ("content", "said"),
    [("a,b\n1,2\n", "no row of it is the header"), (STEPS.replace(",reason", ""), "it has no column reason")],
)
def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, content: str, said: str) -> None:
    branch = disputed(tmp_path, "")
    branch.out.mkdir()
    strange = branch.out / "disputes.csv"
    strange.write_text(content, encoding="utf-8")
    assert said in branch.run("dispute", *RAISE, "--at", "2026-10-21 15:00", wanted=1).output
    assert strange.read_text(encoding="utf-8") == content


def test_a_file_saved_by_excel_keeps_its_own_sign_and_columns(tmp_path: Path) -> None:
    branch = disputed(tmp_path, "")
    branch.out.mkdir()
    file = branch.out / "disputes.csv"
    file.write_text("\ufeff" + STEPS.replace(",", ";"), encoding="utf-8")
    branch.run("dispute", *RAISE, "--at", "2026-10-21 15:00")
    assert "D-E1-1;E1;greeting;raised;" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", ["--question", "--by", "--at"])
def test_a_step_needs_to_be_told_whole(tmp_path: Path, missing: str) -> None:
    words = [*RAISE, "--at", "2026-10-21 15:00"]
    place = words.index(missing)
    assert "are needed too" in disputed(tmp_path, "").run(
        "dispute", *words[:place], *words[place + 2 :], wanted=2
    ).output  # fmt: skip


def test_two_people_at_once_lose_no_dispute(tmp_path: Path) -> None:
    from datetime import datetime

    from toolkit.quality.disputes import Asked
    from toolkit.quality_reports.disputing import dispute

    rows = "".join(evaluation(f"E{n}", f"K{n}", "A1" if n < 3 else "A2", answers=LOW) for n in (1, 2, 3, 4))
    branch = Branch.of(tmp_path, rows)
    at = datetime(2026, 10, 21, 9, 0)  # noqa: DTZ001  # on the clock on the wall
    asked = [Asked(f"E{n}", "greeting", "Asha", "Said it", at) for n in (1, 2, 3, 4)]
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda step: dispute(branch.data, str(tmp_path / "setup"), step, branch.out), asked))
    assert len((branch.out / "disputes.csv").read_text(encoding="utf-8").splitlines()) == 5


def test_what_an_evaluators_decisions_are_counted_of_is_what_was_decided(tmp_path: Path) -> None:
    """One of one decided, one open: not one of two, since the interval beside it is that of the decided."""
    steps = "D1,E1,greeting,raised,2026-10-21 09:00,Asha,,x\nD1,E1,greeting,overturned,2026-10-22 09:00,Other,no,x\n"
    head = "dispute_id,evaluation_id,question,step,at,by,answer,reason\n"
    disputes = head + steps + "D2,E2,greeting,raised,2026-10-21 09:00,Asha,,x\n"
    branch = Branch.of(tmp_path, evaluation("E1", "K1") + evaluation("E2", "K2"), disputes=disputes)
    said = branch.run("dispute").output
    assert "Quinn: 1 of 1 decided questions overturned (21 to 100 %), 1 open; 1 of 2 evaluations" in said
    branch.score()
    row = branch.row("evaluators")
    assert (row["questions_disputed"], row["questions_decided"], row["questions_overturned"]) == ("2", "1", "1")


def test_a_step_that_is_refused_at_once_names_no_column_of_a_file(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1"))
    words = ("--evaluation", "E1", "--question", "greeting", "--reason", "x", "--by", "Asha")
    late = branch.run("dispute", *words, "--at", "2026-10-30 09:00", wanted=1).output
    assert late.startswith("✗ Question greeting of evaluation E1 was disputed at 2026-10-30 09:00")
