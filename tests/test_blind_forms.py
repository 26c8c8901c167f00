"""toolkit qc form and qc agreement --collect: blind forms made, filled in, read back, and everything odd said."""

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from calibrations import FORM, GOOD, MIDDLE, fill, form_file, rows, toolkit
from office import parts

from toolkit.form_books.description import FIELDS
from toolkit.forms import read_form

PEOPLE = ("Grace Njeri", "Peter Otieno")
CALLS = "call_id,agent_id,note\nK1,A1,rec-1.wav\nK2,A2,rec-2.wav\n"
SHORT = read_form(FORM)


def made(folder: Path, people: str = ",".join(PEOPLE), calls: str = CALLS) -> Path:
    (folder / "calls.csv").write_text(calls, encoding="utf-8")
    words = ("--calls", folder / "calls.csv", "--evaluators", people, "--out", folder / "made")
    done = toolkit("qc", "form", form_file(folder), *words)
    assert done.exit_code == 0, done.output
    return folder / "made"


def filled(folder: Path) -> Path:
    """Both have filled in both calls; they differ in the second."""
    out = made(folder)
    fill(out / "forms" / "Grace Njeri.xlsx", [GOOD, GOOD], SHORT)
    fill(out / "forms" / "Peter Otieno.xlsx", [GOOD, {**MIDDLE, "remarks": "Hard to hear"}], SHORT)
    return out


def collect(folder: Path, *folders: Path, form: Path | None = None) -> tuple[int, str]:
    collected = [word for one in folders for word in ("--collect", one)]
    done = toolkit("qc", "agreement", *collected, "--form", form or folder / "short.toml", "--out", folder / "out")
    return done.exit_code, done.output


def edit(path: Path, sheet: str, **cells: object) -> None:
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        book[sheet][place] = value
    book.save(path)


def test_the_form_alone_is_one_workbook(tmp_path: Path) -> None:
    done = toolkit("qc", "form", "collections", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "out").glob("*.*")) == [".lock", "form.json", "form.xlsx"]


def test_a_workbook_names_no_other_evaluator(tmp_path: Path) -> None:
    out = made(tmp_path)
    for who, other in (PEOPLE, PEOPLE[::-1]):
        everything = "".join(parts(out / "forms" / f"{who}.xlsx").values())
        assert who in everything
        assert other not in everything
        assert other.split()[0] not in everything


def test_the_same_calibration_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made(tmp_path / name)
    for path in sorted((tmp_path / "one" / "made").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes(), path.name


def test_filled_forms_become_evaluations_and_a_report(tmp_path: Path) -> None:
    code, output = collect(tmp_path, filled(tmp_path))
    assert code == 0, output
    found = rows(tmp_path / "out" / "evaluations.csv")
    peter = {row["question"]: row for row in found if (row["evaluator"], row["call_id"]) == ("Peter Otieno", "K2")}
    assert {question: row["answer"] for question, row in peter.items()} == {**MIDDLE, "remarks": "Hard to hear"}
    assert {(row["state"], row["evaluated_on"], row["agent_id"]) for row in peter.values()} == {
        ("calibration", "2026-10-20", "A2")
    }
    assert len({row["evaluation_id"] for row in found}) == 4
    different = {row["question"] for row in rows(tmp_path / "out" / "disagreements.csv")}
    assert different == {"greeting", "solution", "promise"}


def test_collected_evaluations_can_be_read_as_exports(tmp_path: Path) -> None:
    collect(tmp_path, filled(tmp_path))
    (tmp_path / "data").mkdir()
    shutil.copy(tmp_path / "out" / "evaluations.csv", tmp_path / "data")
    done = toolkit(
        "qc", "agreement", tmp_path / "data", "--profile", "phone-credit", "--form", tmp_path / "short.toml",
        "--out", tmp_path / "again",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert rows(tmp_path / "again" / "agreement.csv") == rows(tmp_path / "out" / "agreement.csv")


def test_an_answer_that_is_not_on_the_form_is_said_with_its_cell(tmp_path: Path) -> None:
    out = filled(tmp_path)
    edit(out / "forms" / "Peter Otieno.xlsx", "1 K1", C10="perhaps")
    code, output = collect(tmp_path, out)
    assert code == 3
    assert 'Peter Otieno.xlsx, sheet 1 K1, row 10, column C: "perhaps" is not an answer to greeting' in output
    assert len(rows(tmp_path / "out" / "evaluations.csv")) == 4 * 4  # one less, and a remark


def test_a_form_edited_after_it_was_made_is_set_aside(tmp_path: Path) -> None:
    out = filled(tmp_path)
    (tmp_path / "new").mkdir()
    form = tmp_path / "new" / "short.toml"
    form.write_text(FORM.replace("Used no threat", "Used no threats at all"), encoding="utf-8")
    code, output = collect(tmp_path, out, form=form)
    assert code == 3
    assert "The form short 1 was changed after these sheets were made" in output
    assert rows(tmp_path / "out" / "evaluations.csv") == []


def test_a_form_that_is_not_known_is_said(tmp_path: Path) -> None:
    out = filled(tmp_path)
    done = toolkit("qc", "agreement", "--collect", out, "--out", tmp_path / "out")
    assert "The form short 1 is not known; known are collections 1" in done.output


def test_a_changed_name_is_set_aside_and_both_names_said(tmp_path: Path) -> None:
    out = filled(tmp_path)
    for sheet in ("1 K1", "2 K2"):
        edit(out / "forms" / "Peter Otieno.xlsx", sheet, **{FIELDS["evaluator"]: "Zawadi"})
    code, output = collect(tmp_path, out)
    assert code == 3
    assert 'These forms were made for Peter Otieno; the name in them is "Zawadi" now' in output
    assert {row["evaluator"] for row in rows(tmp_path / "out" / "evaluations.csv")} == {"Grace Njeri"}


def test_a_missing_call_is_said_and_the_others_count(tmp_path: Path) -> None:
    out = filled(tmp_path)
    book = openpyxl.load_workbook(out / "forms" / "Peter Otieno.xlsx")
    del book["2 K2"]
    book.save(out / "forms" / "Peter Otieno.xlsx")
    _, output = collect(tmp_path, out)
    assert "The calls K2 of Peter Otieno are missing" in output
    assert len({row["evaluation_id"] for row in rows(tmp_path / "out" / "evaluations.csv")}) == 3


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    out = filled(tmp_path)
    shutil.copy(out / "forms" / "Peter Otieno.xlsx", out / "forms" / "Peter Otieno (1).xlsx")
    code, output = collect(tmp_path, out)
    assert code == 0
    assert "it counts once" in output
    assert len(rows(tmp_path / "out" / "evaluations.csv")) == 4 * 4 + 1


def test_two_different_files_of_one_evaluator_count_both_not(tmp_path: Path) -> None:
    out = filled(tmp_path)
    shutil.copy(out / "forms" / "Peter Otieno.xlsx", out / "forms" / "Peter Otieno (1).xlsx")
    fill(out / "forms" / "Peter Otieno (1).xlsx", [MIDDLE, MIDDLE], SHORT)
    code, output = collect(tmp_path, out)
    assert code == 3
    assert "filled in differently: neither counts" in output
    assert {row["evaluator"] for row in rows(tmp_path / "out" / "evaluations.csv")} == {"Grace Njeri"}


def test_another_name_on_one_sheet_makes_no_further_evaluator(tmp_path: Path) -> None:
    out = filled(tmp_path)
    edit(out / "forms" / "Peter Otieno.xlsx", "1 K1", **{FIELDS["evaluator"]: "Zawadi"})
    code, output = collect(tmp_path, out)
    assert code == 3
    assert 'sheet 1 K1: These forms were made for Peter Otieno; the name in them is "Zawadi" now' in output
    found = {(row["evaluator"], row["call_id"]) for row in rows(tmp_path / "out" / "evaluations.csv")}
    assert found == {("Grace Njeri", "K1"), ("Grace Njeri", "K2"), ("Peter Otieno", "K2")}


@pytest.mark.parametrize("record", [True, False], ids=["beside form.json", "without it"])
def test_of_a_call_with_two_sheets_that_differ_neither_counts(tmp_path: Path, record: bool) -> None:
    out = filled(tmp_path)
    path = out / "forms" / "Peter Otieno.xlsx"
    book = openpyxl.load_workbook(path)
    copy = book.copy_worksheet(book["2 K2"])
    copy["C10"] = "yes"
    book.save(path)
    if not record:
        (out / "form.json").unlink()
    code, output = collect(tmp_path, out)
    assert code == 3
    assert "The call K2 has two sheets, this and 2 K2, filled in differently: neither counts" in output
    assert "missing" not in output
    peter = {row["call_id"] for row in rows(tmp_path / "out" / "evaluations.csv") if row["evaluator"] != "Grace Njeri"}
    assert peter == {"K1"}


def test_sheets_in_another_order_are_no_missing_calls(tmp_path: Path) -> None:
    out = filled(tmp_path)
    book = openpyxl.load_workbook(out / "forms" / "Peter Otieno.xlsx")
    book.move_sheet("1 K1", 1)
    book.save(out / "forms" / "Peter Otieno.xlsx")
    assert "missing" not in collect(tmp_path, out)[1]
    assert len(rows(tmp_path / "out" / "evaluations.csv")) == 4 * 4 + 1


def test_forms_of_another_calibration_are_set_aside(tmp_path: Path) -> None:
    out = filled(tmp_path)
    (tmp_path / "other").mkdir()
    other = made(tmp_path / "other", calls="call_id,agent_id,note\nK2,A2,\nK9,A2,\n")
    fill(other / "forms" / "Peter Otieno.xlsx", [MIDDLE, MIDDLE], SHORT)
    shutil.copy(other / "forms" / "Peter Otieno.xlsx", out / "forms" / "Peter, again.xlsx")
    code, output = collect(tmp_path, out)
    assert code == 3
    assert "These forms of Peter Otieno belong to another calibration (calls K2, K9); they are set aside" in output
    assert len(rows(tmp_path / "out" / "evaluations.csv")) == 4 * 4 + 1
    (out / "forms" / "Peter, again.xlsx").unlink()
    assert "another calibration" not in collect(tmp_path, out, other)[1]


def test_forms_saved_in_another_way_are_read_or_named(tmp_path: Path) -> None:
    out = filled(tmp_path)
    forms = out / "forms"
    (forms / "Grace Njeri.xlsx").rename(forms / "Grace Njeri.XLSX")
    (forms / "Peter Otieno.xlsx").rename(forms / "Peter Otieno.ods")
    output = collect(tmp_path, out)[1]
    assert "Peter Otieno.ods: This file is not read: only workbooks saved as .xlsx are" in output
    assert {row["evaluator"] for row in rows(tmp_path / "out" / "evaluations.csv")} == {"Grace Njeri"}


def test_a_file_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    out = filled(tmp_path)
    (out / "forms" / "Peter Otieno.xlsx").write_text("hello", encoding="utf-8")
    assert collect(tmp_path, out)[0] == 3


def test_files_of_the_same_name_are_evaluations_of_their_own(tmp_path: Path) -> None:
    """Two people fill in form.xlsx for the same call; both call themselves Quinn."""
    empty = made(tmp_path) / "form.xlsx"
    for name, answer in (("one", "yes"), ("two", "no")):
        (tmp_path / name).mkdir()
        shutil.copy(empty, tmp_path / name)
        fill(tmp_path / name / "form.xlsx", [GOOD | {"greeting": answer}], SHORT)
        head = {FIELDS["evaluator"]: "Quinn", FIELDS["call_id"]: "K1", FIELDS["agent"]: "A1"}
        edit(tmp_path / name / "form.xlsx", "Form", **head)
    assert collect(tmp_path, tmp_path / "one", tmp_path / "two")[0] in (0, 3)
    found = {row["evaluation_id"]: row["answer"] for row in rows(tmp_path / "out" / "evaluations.csv")[::4]}
    assert sorted(found.values()) == ["no", "yes"]


def test_who_has_sent_nothing_back_is_named(tmp_path: Path) -> None:
    out = filled(tmp_path)
    (out / "forms" / "Peter Otieno.xlsx").unlink()
    assert "Peter Otieno has sent nothing back yet" in collect(tmp_path, out)[1]


def test_open_questions_and_an_empty_head_are_said(tmp_path: Path) -> None:
    out = made(tmp_path)
    fill(out / "forms" / "Grace Njeri.xlsx", [{"greeting": "yes"}, GOOD], SHORT)
    fill(out / "forms" / "Peter Otieno.xlsx", [GOOD, {}], SHORT, day=None)
    code, output = collect(tmp_path, out)
    assert code == 3
    assert "3 questions have no answer" in output
    assert "column evaluated_on: Nothing that can be read is filled in at the head; call K1 is set aside" in output
    assert "The form of call K2 is empty" in output


def test_other_files_in_the_folder_are_left_alone_and_named(tmp_path: Path) -> None:
    out = filled(tmp_path)
    openpyxl.Workbook().save(out / "forms" / "holiday.xlsx")
    (out / "forms" / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (out / "forms" / "~$Grace Njeri.xlsx").write_bytes(b"lock")
    _, output = collect(tmp_path, out)
    assert "holiday.xlsx: No sheet of this workbook is a form" in output
    assert "broken.xlsx" in output
    assert "~$" not in output
    assert len(rows(tmp_path / "out" / "evaluations.csv")) == 4 * 4 + 1


def test_moved_rows_are_noticed(tmp_path: Path) -> None:
    out = filled(tmp_path)
    book = openpyxl.load_workbook(out / "forms" / "Peter Otieno.xlsx")
    book["1 K1"].delete_rows(11)
    book.save(out / "forms" / "Peter Otieno.xlsx")
    assert "rows were moved or deleted" in collect(tmp_path, out)[1]


def test_nothing_to_collect_is_an_error(tmp_path: Path) -> None:
    form_file(tmp_path)
    (tmp_path / "empty").mkdir()
    code, output = collect(tmp_path, tmp_path / "empty")
    assert code == 1
    assert "There is no filled form" in output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--evaluators", "Grace,Peter"], "need both the calls and the evaluators"),
        (["--calls", "calls.csv", "--evaluators", "Grace,grace"], "is named twice"),
        (["--calls", "calls.csv", "--evaluators", "Agreed,Grace"], 'Nobody can be called "Agreed"'),
        (["--calls", "none.csv", "--evaluators", "Grace,Peter"], "There are no calls in this file"),
        (["--calls", "twice.csv", "--evaluators", "Grace,Peter"], "The call K1 is listed twice"),
    ],
)
def test_calls_and_names_that_do_not_fit_are_said(
    tmp_path: Path, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    (tmp_path / "twice.csv").write_text("Call,Agent\nK1,A1\nK1,A2\n", encoding="utf-8")
    done = toolkit("qc", "form", "collections", *words, "--out", "out")
    assert done.exit_code == 1
    assert said in done.output
    assert not (tmp_path / "out").exists()


def test_a_form_that_is_none_is_said(tmp_path: Path) -> None:
    assert (
        "There is no form sales; there are collections 1"
        in toolkit("qc", "form", "sales", "--out", tmp_path / "o").output
    )
    (tmp_path / "bad.toml").write_text('code = "x"', encoding="utf-8")
    assert "bad.toml, column sections" in toolkit("qc", "form", tmp_path / "bad.toml", "--out", tmp_path / "o").output
    assert "gone.toml" in toolkit("qc", "form", tmp_path / "gone.toml", "--out", tmp_path / "o").output


def test_calls_come_from_workbooks_and_under_other_heads(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Recording URL", "Call ID", "Agent"])  # type: ignore[union-attr]
    book.active.append(["=HYPERLINK", "007", "A1"])  # type: ignore[union-attr]
    book.active["A2"].data_type = "s"  # type: ignore[index]
    book.save(tmp_path / "calls.xlsx")
    words = (
        "--calls",
        tmp_path / "calls.xlsx",
        "--evaluators",
        "Grace,=1+1 Peter",
        "--out",
        tmp_path / "out",
        "--json",
    )
    done = toolkit("qc", "form", "collections", *words)
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["calls"] == [{"call_id": "007", "agent_id": "A1", "note": "=HYPERLINK"}]
    opened = openpyxl.load_workbook(tmp_path / "out" / record["sets"][1]["file"])
    assert opened["1 007"][FIELDS["evaluator"]].data_type == "s"
