"""From a form to a score: made as a workbook, filled in, recalculated, collected, scored. The same score everywhere."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from calibrations import toolkit
from office import converted, needs_office, values
from scored_calls import AGENTS, CALLS, GOOD, Branch, evaluation

from toolkit.form_books import described
from toolkit.form_books.description import FIELDS
from toolkit.form_files import content_hash, read_form_file
from toolkit.forms import Form

SPREADSHEET = "xlsx:Calc MS Excel 2007 XML"
ANSWERS: Sequence[Mapping[str, str | int]] = (
    GOOD,
    {**GOOD, "greeting": "no", "identity": 4, "promise": "part"},
    {**GOOD, "greeting": "N/A", "promise": "little"},
    {**GOOD, "honest": "no"},
)
CALLED = (("K1", "A1"), ("K2", "A1"), ("K3", "A2"), ("K4", "A2"))


def house(branch: Branch) -> Form:
    [file] = read_form_file(branch.folder / "setup" / "forms" / "house.toml")
    assert file.form
    return file.form


def made(branch: Branch) -> Path:
    done = toolkit("qc", "form", "house", "--profile", branch.folder / "setup", "--out", branch.folder / "form")
    assert done.exit_code == 0, done.output
    return branch.folder / "form" / "form.xlsx"


def fill(empty: Path, out: Path, form: Form, call: tuple[str, str], answers: Mapping[str, str | int]) -> Path:
    book = openpyxl.load_workbook(empty)
    sheet = book["Form"]
    head = {"call_id": call[0], "agent": call[1], "evaluator": "Quinn", "evaluated_on": date(2026, 10, 20)}
    for name, value in head.items():
        sheet[FIELDS[name]] = value
    for asked in described(form).asked:
        sheet[asked.answer] = answers.get(asked.question.code)
    book.save(out)
    return out


def collected(branch: Branch, filled: Path, wanted: int = 0) -> str:
    out = branch.folder / "collected"
    done = toolkit("qc", "form", "--collect", filled, "--profile", branch.folder / "setup", "--out", out)
    assert done.exit_code == wanted, done.output
    if (out / "evaluations.csv").exists():
        (branch.data / "evaluations.csv").write_bytes((out / "evaluations.csv").read_bytes())
    return done.output


@pytest.mark.e2e
@needs_office
def test_a_form_made_filled_recalculated_and_collected_scores_as_qc_score_does(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"))
    form, empty = house(branch), made(branch)
    (tmp_path / "filled").mkdir()
    books = [
        fill(empty, tmp_path / "filled" / f"{call[0]}.xlsx", form, call, answers)
        for call, answers in zip(CALLED, ANSWERS, strict=True)
    ]
    places = described(form).results
    live = {}
    for book, call in zip(converted(books, tmp_path, SPREADSHEET), CALLED, strict=True):
        cells = values(book)["Form"]
        live[call[0]] = {name: cells[places[name]] for name in ("score", "score_before", "compliance")}
    assert "4 evaluations" in collected(branch, tmp_path / "converted")
    branch.score()
    shown = {row["call_id"]: row for row in branch.table("calls")}
    assert set(shown) == set(live)
    for call, wanted in live.items():
        row = shown[call]
        got = {name: round(float(row[name]) * 10_000) for name in wanted}
        assert got == wanted, call
        assert (row["standing"], row["evaluator"]) == ("counts", "Quinn")
    assert shown["K4"]["score"] == "0.0000"


def test_a_filled_form_is_read_as_a_submitted_evaluation(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"))
    fill(made(branch), tmp_path / "form" / "form.xlsx", house(branch), CALLED[0], GOOD)
    collected(branch, tmp_path / "form")
    branch.score()
    row = branch.row("calls")
    assert (row["call_id"], row["agent_id"], row["score"], row["standing"]) == ("K1", "A1", "100.0000", "counts")


def test_the_empty_form_beside_filled_ones_is_passed_over(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"))
    empty = made(branch)
    fill(empty, tmp_path / "form" / "K1.xlsx", house(branch), CALLED[0], GOOD)
    assert "1 evaluations" in collected(branch, tmp_path / "form")


def test_two_forms_of_one_call_by_one_person_are_two_and_set_aside(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"))
    empty = made(branch)
    for name in ("one", "two"):
        fill(empty, tmp_path / "form" / f"{name}.xlsx", house(branch), CALLED[0], {**GOOD, "promise": "part"})
    collected(branch, tmp_path / "form")
    branch.score(wanted=3)
    assert {row["standing"] for row in branch.table("calls")} == {"set_aside"}


def test_a_form_edited_since_is_set_aside(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"))
    fill(made(branch), tmp_path / "form" / "K1.xlsx", house(branch), CALLED[0], GOOD)
    branch.with_form((tmp_path / "setup" / "forms" / "house.toml").read_text().replace("weight = 40", "weight = 40 "))
    assert "1 evaluations" in collected(branch, tmp_path / "form")
    text = (tmp_path / "setup" / "forms" / "house.toml").read_text()
    branch.with_form(text.replace("full = 2, part = 1", "full = 3, part = 1"))
    assert "was changed after these sheets were made" in collected(branch, tmp_path / "form", wanted=3)


def test_the_mark_on_the_sheet_is_the_beginning_of_the_hash_in_scores_json(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"))
    form, empty = house(branch), made(branch)
    branch.score()
    whole = next(one["sha256"] for one in branch.record["forms"] if one["code"] == "house")
    assert whole == content_hash(form)
    assert openpyxl.load_workbook(empty)["Form"]["K1"].value == whole[:16]


def test_the_forms_of_the_set_up_are_known_to_agreement_too(tmp_path: Path) -> None:
    rows = "".join(
        evaluation(f"E{call}{by}", call, by=by, state="calibration", answers={"greeting": said})
        for call, agent in (("K1", "A1"), ("K2", "A1"))
        for by, said in (("Quinn", "yes"), ("Lee", "no"))
    )
    branch = Branch.of(tmp_path, rows, agents=AGENTS, calls=CALLS)
    said = branch.run("agreement", "--period", "2026-10").output
    assert "House form" in said
    assert "Greeted the customer: differ on 2 of 2 calls" in said


def test_a_form_of_the_set_up_with_a_mistake_is_said_with_its_place(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", state="calibration"))
    text = (tmp_path / "setup" / "forms" / "house.toml").read_text().replace("weight = 60", "weight = 50")
    branch.with_form(text)
    said = branch.run("agreement", wanted=1).output
    assert "house.toml" in said and "do not add up to 100" in said
