"""toolkit qc agreement: from evaluations to verdicts, distances, what to talk about, and what was agreed on."""

import csv
import json
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from calibrations import GOOD, MIDDLE, Answers, agreement, evaluations, half, line, rows, several, toolkit

from toolkit.quality_reports.agreement.words import figure


def changed(given: dict[tuple[str, str], Answers], who: str, calls: int, **answers: str) -> None:
    """The evaluator answers otherwise on so many of the calls."""
    for call, name in sorted(given)[: 2 * calls + 2]:
        if name == who and calls:
            given[call, name] = {**given[call, name], **answers}
            calls -= 1


def test_who_always_gives_the_same_answers_agrees(tmp_path: Path) -> None:
    done = agreement(evaluations(tmp_path / "data", several()), tmp_path / "out", "--period", "2026-10")
    assert done.exit_code == 0, done.output
    assert "evaluators agree" in done.output
    whole = rows(tmp_path / "out" / "agreement.csv")[0]
    assert (whole["scope"], whole["verdict"], float(whole["alpha"])) == ("all", "evaluators agree", 1)
    assert rows(tmp_path / "out" / "disagreements.csv") == []


def test_the_question_that_causes_the_trouble_comes_first(tmp_path: Path) -> None:
    given = several()
    changed(given, "Peter", 6, solution="0", promise="all of it")
    agreement(evaluations(tmp_path / "data", given), tmp_path / "out")
    questions = [row["question"] for row in rows(tmp_path / "out" / "agreement.csv") if row["scope"] == "question"]
    assert questions[0] == "solution"
    assert questions[-1] in ("greeting", "threat")
    assert line(tmp_path / "out", "solution")["verdict"] == "evaluators do not agree"
    assert {row["question"] for row in rows(tmp_path / "out" / "disagreements.csv")} == {"solution", "promise"}


def test_with_few_calls_nothing_is_claimed(tmp_path: Path) -> None:
    agreement(evaluations(tmp_path / "data", several(calls=3)), tmp_path / "out")
    assert {row["verdict"] for row in rows(tmp_path / "out" / "agreement.csv")} == {"too few calls to say"}


def test_where_everybody_says_the_same_there_is_no_kappa_and_it_is_said(tmp_path: Path) -> None:
    agreement(evaluations(tmp_path / "data", several()), tmp_path / "out")
    threat = line(tmp_path / "out", "threat")
    assert (threat["kappa"], threat["alpha"], threat["per_cent"]) == ("", "", "1.0")
    assert "Everybody answered yes" in threat["note"]
    assert threat["why_no_kappa"] == "All answers are the same: chance cannot be taken out."
    assert "NaN" not in (tmp_path / "out" / "agreement.json").read_text(encoding="utf-8")


def test_a_rare_answer_is_not_held_against_evaluators(tmp_path: Path) -> None:
    """The paradox of kappa: 23 of 24 answers are yes, and one differs."""
    given = several()
    changed(given, "Peter", 1, threat="no")
    agreement(evaluations(tmp_path / "data", given), tmp_path / "out")
    threat = line(tmp_path / "out", "threat")
    assert float(threat["alpha"]) <= 0
    assert float(threat["randolph"]) > 0.8
    assert threat["verdict"] == "tentative"
    assert "95 % of all answers are yes" in threat["note"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(2, 3), "0.67"),
        (Fraction(666, 1000), "0.666"),
        (0.6657, "0.665"),
        (Fraction(7995, 10000), "0.799"),
        (Fraction(8, 10), "0.80"),
        (Fraction(-1, 1000), "0.00"),
        (None, "–"),
    ],
)
def test_no_figure_is_rounded_over_a_limit_that_it_misses(value: Fraction | float | None, shown: str) -> None:
    assert figure(value) == shown


def test_two_thirds_are_tentative(tmp_path: Path) -> None:
    """18 calls, 3 differ: 15 of 36 answers are yes, so 1/6 is observed, 2 x 15 x 21 / (36 x 35) = 1/2 is chance."""
    pairs = [("yes", "no")] * 3 + [("yes", "yes")] * 6 + [("no", "no")] * 9
    given = {
        (f"K{n:02}", who): {**GOOD, "greeting": said}
        for n, pair in enumerate(pairs)
        for who, said in zip(("Grace", "Peter"), pair, strict=True)
    }
    agreement(evaluations(tmp_path / "data", given), tmp_path / "out")
    greeting = line(tmp_path / "out", "greeting")
    assert float(greeting["alpha"]) == pytest.approx(2 / 3, abs=1e-6)
    assert greeting["verdict"] == "tentative"


def test_chance_is_worked_out_question_by_question(tmp_path: Path) -> None:
    """Each question alone is no better than chance, so the form is not either, though its questions differ much."""
    pattern = [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")] * 3
    given = {
        (f"K{n:02}", who): {"greeting": pair[place], "solution": "4" if pair[place] == "yes" else "0"}
        for n, pair in enumerate(pattern)
        for place, who in enumerate(("Grace", "Peter"))
    }
    agreement(evaluations(tmp_path / "data", given), tmp_path / "out")
    alphas = [float(row["alpha"]) for row in rows(tmp_path / "out" / "agreement.csv")]
    assert max(alphas) - min(alphas) < 1e-6
    assert alphas[0] < 0.1


def test_a_missing_row_changes_nothing_but_its_own_call(tmp_path: Path) -> None:
    given = several(("Grace", "Peter", "Asha"))
    changed(given, "Peter", 4, greeting="no")
    agreement(evaluations(tmp_path / "one", given), tmp_path / "before")
    given["K99", "Asha"] = {"greeting": "no"}
    agreement(evaluations(tmp_path / "two", given), tmp_path / "after")
    assert line(tmp_path / "before", "greeting") == line(tmp_path / "after", "greeting")


def test_three_evaluators_have_fleiss_kappa_and_a_gap_leaves_alpha(tmp_path: Path) -> None:
    given = several(("Grace", "Peter", "Asha"))
    agreement(evaluations(tmp_path / "one", given), tmp_path / "whole")
    assert line(tmp_path / "whole", "greeting")["kappa_kind"] == "fleiss"
    assert float(line(tmp_path / "whole", "greeting")["kappa"]) == pytest.approx(1)
    del given["K03", "Asha"]
    agreement(evaluations(tmp_path / "two", given), tmp_path / "gap")
    assert line(tmp_path / "gap", "greeting")["kappa"] == ""
    assert "alpha does not" in line(tmp_path / "gap", "greeting")["why_no_kappa"]
    assert float(line(tmp_path / "gap", "greeting")["alpha"]) == 1


def test_an_evaluator_is_strict_by_so_many_points(tmp_path: Path) -> None:
    """The form has 5 points; one step less of a scale that weighs 2 costs 2 x 1/4 = 0.5 of them, 10 of 100."""
    given = {(f"K{n:02}", who): GOOD for n in range(12) for who in ("Grace", "Peter")}
    for n in range(12):
        given[f"K{n:02}", "Peter"] = {**GOOD, "solution": "3"}
    agreement(evaluations(tmp_path / "data", given), tmp_path / "out", "--master", "grace")
    peter, *by_question = rows(tmp_path / "out" / "evaluators.csv")
    assert (peter["evaluator"], peter["scope"], peter["leaning"], peter["within"]) == (
        "Peter",
        "total",
        "strict",
        "false",
    )
    assert float(peter["mean_difference"]) == -10
    assert float(peter["mean_absolute_difference"]) == 10
    assert (by_question[0]["question"], float(by_question[0]["mean_difference"])) == ("solution", -25)


def test_without_a_master_the_mean_of_the_others_is_taken_and_said(tmp_path: Path) -> None:
    given = several(("Grace", "Peter", "Asha"))
    for n in range(12):
        given[f"K{n:02}", "Asha"] = {**half(n), "threat": "no"}
    agreement(evaluations(tmp_path / "data", given), tmp_path / "out")
    totals = {row["evaluator"]: row for row in rows(tmp_path / "out" / "evaluators.csv") if row["scope"] == "total"}
    assert {row["compared_with"] for row in totals.values()} == {"mean of the others"}
    assert totals["Asha"]["leaning"] == "strict"
    assert totals["Grace"]["leaning"] == "lenient"
    assert "mean of the others" in (tmp_path / "out" / "agreement.html").read_text(encoding="utf-8")


def test_a_call_that_somebody_left_half_open_is_not_compared_in_points(tmp_path: Path) -> None:
    given = several()
    given["K00", "Peter"] = {"greeting": "no"}
    agreement(evaluations(tmp_path / "data", given), tmp_path / "out", "--master", "Grace")
    peter = rows(tmp_path / "out" / "evaluators.csv")[0]
    assert (peter["calls"], peter["calls_not_compared"], float(peter["mean_difference"])) == ("11", "1", 0)


def test_only_calibrations_count_unless_every_call_is_wanted(tmp_path: Path) -> None:
    data = evaluations(tmp_path / "data", several(), state="submitted")
    done = agreement(data, tmp_path / "none")
    assert "No call was evaluated for calibration by two people" in done.output
    assert agreement(data, tmp_path / "out", "--every-call").exit_code == 0
    assert rows(tmp_path / "out" / "agreement.csv")[0]["calls"] == "12"


def test_only_evaluations_of_the_period_count(tmp_path: Path) -> None:
    data = evaluations(tmp_path / "data", several())
    assert "No call was evaluated" in agreement(data, tmp_path / "out", "--period", "2026-09").output


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"greeting": "perhaps"}, 'answered "perhaps" to greeting'),
        ({"solution": "5"}, 'answered "5" to solution'),
        ({"threat": "n/a"}, 'answered "n/a" to threat'),
        ({"never asked": "yes"}, "answered a question never asked"),
    ],
)
def test_an_answer_that_is_not_on_the_form_is_set_aside_and_said(tmp_path: Path, answers: Answers, said: str) -> None:
    given = several()
    given["K00", "Peter"] = {**GOOD, **answers}
    done = agreement(evaluations(tmp_path / "data", given), tmp_path / "out")
    assert done.exit_code == 3
    assert said in done.output
    assert said in (tmp_path / "out" / "problems.csv").read_text(encoding="utf-8").replace('""', '"')


def test_ways_to_write_the_same_answer_are_the_same(tmp_path: Path) -> None:
    given = several()
    for n in range(12):
        answers = half(n)
        given[f"K{n:02}", "peter"] = {
            **answers, "greeting": "Y" if answers["greeting"] == "yes" else "0", "promise": answers["promise"].upper(),
            "solution": f"{answers['solution']}.0",
        }  # fmt: skip
        del given[f"K{n:02}", "Peter"]
    agreement(evaluations(tmp_path / "data", given), tmp_path / "out")
    assert rows(tmp_path / "out" / "disagreements.csv") == []


def test_the_later_of_two_evaluations_by_one_person_counts(tmp_path: Path) -> None:
    given = several()
    data = evaluations(tmp_path / "data", given)
    with (data / "evaluations.csv").open("a", encoding="utf-8") as file:
        file.write("LATER,K00,A1,Peter,2026-10-21,short,1,greeting,yes,calibration,\n")
    done = agreement(data, tmp_path / "out")
    assert "Peter evaluated call K00 twice" in done.output
    assert [row["question"] for row in rows(tmp_path / "out" / "disagreements.csv")] == ["greeting"]


def test_nobody_evaluates_an_own_call_under_the_own_name_either(tmp_path: Path) -> None:
    given = several()
    given["K00", "amina o."] = MIDDLE
    data = evaluations(tmp_path / "data", given)
    (data / "agents.csv").write_text("agent_id,name,role\nA1,Amina  O.,collections_officer\n", encoding="utf-8")
    done = agreement(data, tmp_path / "out")
    assert "amina o. evaluated an own call" in done.output, done.output
    assert rows(tmp_path / "out" / "disagreements.csv") == []


def test_what_was_evaluated_later_is_not_known(tmp_path: Path) -> None:
    data = evaluations(tmp_path / "data", several())
    with (data / "evaluations.csv").open("a", encoding="utf-8") as file:
        file.write("LATER,K00,A1,Zawadi,2026-10-21,short,1,greeting,yes,calibration,\n")
    agreement(data, tmp_path / "out", "--as-of", "2026-10-20")
    assert rows(tmp_path / "out" / "disagreements.csv") == []
    agreement(data, tmp_path / "later", "--as-of", "2026-10-21")
    assert [row["question"] for row in rows(tmp_path / "later" / "disagreements.csv")] == ["greeting"]
    assert "as of 21 October 2026" in (tmp_path / "later" / "agreement.html").read_text(encoding="utf-8")


def test_nobody_evaluates_an_own_call(tmp_path: Path) -> None:
    given = several()
    given["K00", "A1"] = MIDDLE
    done = agreement(evaluations(tmp_path / "data", given), tmp_path / "out")
    assert "A1 evaluated an own call" in done.output
    assert rows(tmp_path / "out" / "agreement.csv")[0]["evaluators"] == "2"


def test_a_form_that_nobody_knows_is_compared_word_by_word(tmp_path: Path) -> None:
    data = evaluations(tmp_path / "data", several(), form="old form")
    assert agreement(data, tmp_path / "out").exit_code == 0
    assert rows(tmp_path / "out" / "agreement.csv")[0]["title"] == "old form"


def test_versions_of_a_form_are_kept_apart(tmp_path: Path) -> None:
    data = evaluations(tmp_path / "data", several())
    evaluations(
        tmp_path / "more", {(f"N{call}", who): said for (call, who), said in several().items()}, form_version="2"
    )
    (tmp_path / "more" / "evaluations.csv").rename(data / "second.csv")
    agreement(data, tmp_path / "out")
    wholes = [row["form_version"] for row in rows(tmp_path / "out" / "agreement.csv") if row["scope"] == "all"]
    assert wholes == ["1", "2"]
    assert "version 2" in (tmp_path / "out" / "agreement.html").read_text(encoding="utf-8")


def test_texts_from_files_are_harmless_everywhere(tmp_path: Path) -> None:
    people = ("=cmd|x Njeri", "<script>alert(1)</script>")
    given = several(people)
    given["K00", people[1]] = {**GOOD, "greeting": "no" if half(0)["greeting"] == "yes" else "yes"}
    done = agreement(evaluations(tmp_path / "data", given, comment="-1 point"), tmp_path / "out")
    assert done.exit_code == 0
    assert "<script>" not in (tmp_path / "out" / "agreement.html").read_text(encoding="utf-8")
    for row in rows(tmp_path / "out" / "disagreements.csv") + rows(tmp_path / "out" / "evaluators.csv"):
        assert not any((cell or "").startswith(("=", "+", "-1 ", "@")) for cell in row.values())
    book = openpyxl.load_workbook(tmp_path / "out" / "agreement.xlsx")
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_same_evaluations_give_the_same_files(tmp_path: Path) -> None:
    given = several(("Grace", "Peter", "Asha"))
    changed(given, "Peter", 3, solution="1")
    data = evaluations(tmp_path / "data", given)
    for out in ("one", "two"):
        agreement(data, tmp_path / out)
    files = sorted(path.name for path in (tmp_path / "one").iterdir() if path.name != ".lock")
    assert "agreement.xlsx" in files
    assert [
        name for name in files if (tmp_path / "one" / name).read_bytes() != (tmp_path / "two" / name).read_bytes()
    ] == []


def test_json_is_for_machines(tmp_path: Path) -> None:
    done = agreement(evaluations(tmp_path / "data", several()), tmp_path / "out", "--json")
    assert json.loads(done.stdout)["agreement"][0]["verdict"] == "evaluators agree"


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    data = evaluations(tmp_path / "data", several())
    assert "Zawadi evaluated none of these calls" in agreement(data, tmp_path / "a", "--master", "Zawadi").output
    assert not (tmp_path / "a").exists()
    assert agreement(data, tmp_path / "b", "--period", "never").exit_code == 1
    assert toolkit("qc", "agreement", "--out", tmp_path / "c").exit_code == 2
    assert toolkit("qc", "agreement", data, "--out", tmp_path / "c").exit_code == 2
    assert agreement(data, tmp_path / "c", "--agreed", data).exit_code == 2


# What was agreed on


def talked(tmp_path: Path, answers: dict[str, str]) -> tuple[Path, Path]:
    """Data with two disagreements, and the report with the agreed answers filled in."""
    given = several()
    given["K00", "Peter"] = {**half(0), "greeting": "yes", "solution": "4"}
    data = evaluations(tmp_path / "data", given)
    agreement(data, tmp_path / "out")
    path = tmp_path / "out" / "disagreements.csv"
    text = path.read_text(encoding="utf-8").splitlines()
    place = text[0].split(",").index("agreed_answer")
    filled = [text[0]]
    for written in text[1:]:
        cells = written.split(",")
        cells[place] = answers.get(cells[text[0].split(",").index("question")], "")
        filled.append(",".join(cells))
    path.write_text("\n".join(filled) + "\n", encoding="utf-8")
    return data, path


SETTLED = ("--by", "Grace", "--at", "2026-10-22 15:00")


def test_agreed_answers_are_recorded_and_become_the_master(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "Y", "solution": "3"})
    done = agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    assert done.exit_code == 0, done.output
    agreed = {row["question"]: row for row in rows(tmp_path / "out" / "agreed.csv")}
    assert {question: row["answer"] for question, row in agreed.items()} == {
        **half(0),
        "greeting": "yes",
        "solution": "3",
    }
    assert (agreed["greeting"]["agreed_by"], agreed["greeting"]["agreed_at"]) == ("Grace", "2026-10-22T15:00")
    assert agreed["greeting"]["comment"] == "Grace: no; Peter: yes"
    agreement(data, tmp_path / "out", "--master", "agreed")
    totals = {row["evaluator"]: row for row in rows(tmp_path / "out" / "evaluators.csv") if row["scope"] == "total"}
    assert (totals["Grace"]["calls"], float(totals["Grace"]["mean_difference"])) == ("1", -30)
    assert {row["agreed_answer"] for row in rows(path)} == {"yes", "3"}


def test_agreed_csv_can_be_put_among_the_exports(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "yes", "solution": "3"})
    agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    (tmp_path / "out" / "agreed.csv").rename(data / "agreed.csv")
    assert agreement(data, tmp_path / "again", "--master", "agreed").exit_code == 0
    assert rows(tmp_path / "again" / "agreement.csv")[0]["evaluators"] == "2"


def test_what_was_agreed_is_never_overwritten(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "yes", "solution": "3"})
    agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    before = (tmp_path / "out" / "agreed.csv").read_text(encoding="utf-8")
    agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    assert (tmp_path / "out" / "agreed.csv").read_text(encoding="utf-8") == before
    path.write_text(path.read_text(encoding="utf-8").replace(",3,", ",4,", 1), encoding="utf-8")
    agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    after = (tmp_path / "out" / "agreed.csv").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert [row["answer"] for row in rows(tmp_path / "out" / "agreed.csv") if row["question"] == "solution"] == [
        "3",
        "4",
    ]


def test_answers_typed_and_not_recorded_are_not_lost(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "yes"})
    before = path.read_bytes()
    done = agreement(data, tmp_path / "out")
    assert done.exit_code == 1
    assert "1 agreed answers were filled in here" in done.output
    assert path.read_bytes() == before


def test_an_answer_changed_after_it_was_recorded_is_not_lost_either(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "yes"})
    agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    assert agreement(data, tmp_path / "out").exit_code == 0, "nothing was typed since"
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace("Greeted the customer,yes,", "Greeted the customer,Yes,"), encoding="utf-8")
    assert agreement(data, tmp_path / "out").exit_code == 0, "the same answer, spelled otherwise"
    path.write_text(written.replace("Greeted the customer,yes,", "Greeted the customer,no,"), encoding="utf-8")
    done = agreement(data, tmp_path / "out")
    assert done.exit_code == 1
    assert "1 agreed answers were filled in here" in done.output


def test_a_list_that_excel_saved_with_semicolons_is_read_and_not_lost(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "yes"})
    found = rows(path)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(found)
    before = path.read_bytes()
    assert agreement(data, tmp_path / "out").exit_code == 1
    assert path.read_bytes() == before
    done = agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    assert done.exit_code == 0, done.output
    assert [row["answer"] for row in rows(tmp_path / "out" / "agreed.csv")] == ["yes"]


def test_an_earlier_day_does_not_forget_what_is_on_record(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "yes"})
    agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    done = agreement(data, tmp_path / "out", "--as-of", "2026-10-20")
    assert done.exit_code == 0, done.output


def test_where_nobody_evaluated_the_same_call_no_period_is_made_up(tmp_path: Path) -> None:
    given: dict[tuple[str, str], Answers] = {("K1", "Grace"): GOOD, ("K2", "Peter"): GOOD}
    evaluations(tmp_path / "data", given)
    done = agreement(tmp_path / "data", tmp_path / "out")
    assert "No call was evaluated for calibration by two people." in done.output
    done = agreement(tmp_path / "data", tmp_path / "out", "--every-call", "--period", "2026-10")
    assert "No call was evaluated by two people in the period 2026-10. Look at another period" in done.output


def test_a_writer_killed_before_the_record_grew_leaves_what_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, path = talked(tmp_path, {"greeting": "yes"})
    before = path.read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("toolkit.quality_reports.agreement.calibration.append_agreed", killed)
        agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    assert path.read_bytes() == before
    assert agreement(data, tmp_path / "out").exit_code == 1, "it still has to be recorded"
    assert agreement(data, tmp_path / "out", "--agreed", path, *SETTLED).exit_code == 0
    assert [row["answer"] for row in rows(tmp_path / "out" / "agreed.csv")] == ["yes"]


def test_an_agreed_answer_that_is_not_on_the_form_is_refused(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "perhaps"})
    done = agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    assert done.exit_code == 1
    assert 'column agreed_answer: "perhaps" is not an answer to greeting' in done.output
    assert not (tmp_path / "out" / "agreed.csv").exists()


def test_only_what_is_settled_is_recorded(tmp_path: Path) -> None:
    data, path = talked(tmp_path, {"greeting": "yes"})
    agreement(data, tmp_path / "out", "--agreed", path, *SETTLED)
    assert [row["question"] for row in rows(tmp_path / "out" / "agreed.csv")] == ["greeting"]
