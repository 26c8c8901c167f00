"""Quality forms as TOML files and as sheets: the same form, and every mistake of one told at once with its place."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from scored_calls import HOUSE, Branch, evaluation

from toolkit.form_files import changes, content_hash, content_of, read_form_file, read_forms
from toolkit.forms import read_form, shipped_forms

SHEET = """Form,house
Version,1
Title,House form
Start,2026-01-01
Roll-up,weighted sections

Section,Section weight,Code,Question,Type,Weight,Lowest,Highest,Answers,N/A,Critical,Auto-fail,Comment below,Help
Opening,40,greeting,Greeted the customer,yes/no,,,,,,,,,
,,identity,Asked who it is,scale,,1,5,,not allowed,,,50 %,
Close,60,promise,Got a promise,multi,,,,full = 2; part = 1; little = 0,,,,,
,,honest,Told no lies,yes/no,,,,,,yes,no,,
"""


def problems_in(tmp_path: Path, text: str, name: str = "form.toml") -> list[str]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return [str(found) for file in read_form_file(path) for found in file.problems]


def as_workbook(path: Path, text: str) -> Path:
    """The sheet in Excel: numbers as numbers, a real date, a percentage, and a section merged over its rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row, line in enumerate(text.splitlines(), start=1):
        for column, cell in enumerate(line.split(","), start=1):
            value: object = int(cell) if cell.isdigit() and row > 5 else cell or None
            sheet.cell(row, column, date(2026, 1, 1) if cell == "2026-01-01" else value)  # type: ignore[arg-type]
    sheet["B8"] = 0.4
    sheet["B8"].number_format = "0%"
    sheet.merge_cells("A8:A9")
    book.save(path)
    return path


def test_a_sheet_and_a_toml_file_say_the_same_form(tmp_path: Path) -> None:
    (tmp_path / "form.csv").write_text(SHEET, encoding="utf-8")
    as_workbook(tmp_path / "form.xlsx", SHEET)
    wanted = read_form(HOUSE)
    for name in ("form.csv", "form.xlsx"):
        [file] = read_form_file(tmp_path / name)
        assert [str(found) for found in file.problems] == []
        assert file.form is not None
        assert content_hash(file.form) == content_hash(wanted), name


def test_a_form_in_the_profiles_folder_is_used_whatever_kind_of_file_it_is(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", answers={"promise": "part"}), forms='"form.csv"')
    branch.with_form(SHEET, "form.csv")
    branch.score()
    assert branch.row("calls")["score"] == "85.0000"


def test_the_shipped_form_has_nothing_wrong_with_it(tmp_path: Path) -> None:
    source = Path(__file__).parent.parent / "toolkit" / "data" / "forms" / "collections.toml"
    [file] = read_form_file(source)
    assert file.problems == ()


def changed(old: str, new: str) -> str:
    assert old in HOUSE
    return HOUSE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (changed("weight = 40", "weight = 50"), "sections: The weights of the sections do not add up to 100: 50 + 60"),
        (changed('"identity"', '"GREETING"'), 'question GREETING, code: The question "GREETING" stands in the form'),
        (changed('"close"', '"Opening"'), 'section Opening, code: The section "Opening" stands in the form twice'),
        (changed('["no"]', '["never"]'), '"never" cannot fail the call: it is not one of the answers of the question'),
        (changed('["no"]', '["yes"]'), "it is the best answer of the question"),
        (changed("lowest = 1, highest = 5", "lowest = 5, highest = 5"), "The scale goes from 5 to 5"),
        (changed('type = "multi", ', ""), "A question of type yes_no has answers"),
        (changed("full = 2, part = 1", "full = 0, part = 0"), "None of the answers gives points"),
        (changed("full = 2,", "full = 2, none = 1,"), '"none" is an answer with points, but it is also'),
        (changed("full = 2,", "full = 2, FULL = 1,"), 'The answer "full" stands among the answers twice'),
        (changed("start = 2026-01-01", 'start = "soon"'), '"soon" does not do for start; expected is a day'),
        (changed('version = "1"', "version = 1"), '"1" does not do for version; expected is text'),
        (changed('title = "House form"\n', ""), "title is missing; expected is some words"),
        (changed("roll_up", "rollup"), '"rollup" means nothing here. Did you mean roll_up?'),
        (changed("weighted_sections", "mean"), '"mean" does not do for roll_up'),
        (changed('text = "Greeted the customer"', 'text = "?", type = "text", weight = 3'), "a text earns no points"),
        (changed('text = "Greeted the customer"', 'text = "?", weight = 1.5'), "a whole number from 0 to 1000"),
        ('code = "x', "The form cannot be read as TOML"),
        ("", "code is missing"),
    ],
)  # fmt: skip
def test_a_mistake_of_a_form_is_a_sentence_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    found = problems_in(tmp_path, text)
    assert any(said in sentence for sentence in found), found
    assert all(sentence.startswith("form.toml") for sentence in found)


def test_all_mistakes_are_told_at_once_and_none_twice(tmp_path: Path) -> None:
    text = changed("weight = 40", "weight = 50").replace('["no"]', '["never"]').replace('"identity"', '"greeting"')
    found = problems_in(tmp_path, text)
    assert len(found) == len(set(found)) == 3


def test_a_mistake_in_a_sheet_names_the_cell_as_excel_shows_it(tmp_path: Path) -> None:
    text = SHEET.replace("full = 2", "full: 2").replace(",1,5,", ",5,5,").replace(",40,", ",4O,")
    found = problems_in(tmp_path, text, "form.csv")
    assert any(sentence.startswith("form.csv, row 8, column Section weight: ") for sentence in found), found
    assert any(sentence.startswith("form.csv, row 9, column Highest: The scale goes from 5 to 5") for sentence in found)
    assert any(sentence.startswith("form.csv, row 10, column Answers: ") for sentence in found)


def test_a_section_has_one_weight(tmp_path: Path) -> None:
    found = problems_in(tmp_path, SHEET.replace(",,identity", ",30,identity"), "form.csv")
    assert any("row 9, column Section weight: The section weighs 30 in this row and 40" in one for one in found), found


def test_a_sheet_that_is_no_form_says_so(tmp_path: Path) -> None:
    assert "No sheet of this file is a quality form" in problems_in(tmp_path, "a,b\n1,2\n", "form.csv")[0]


@pytest.mark.parametrize(
    ("forms", "said"),
    [
        ('"none.toml"', "it is not in its folder forms"),
        ('"house.docx"', "is no quality form"),
        ('"house.toml", "again.toml"', "Form house 1 is also in house.toml"),
        ('"house.toml", "late.toml"', "starts on 2026-01-01, and so does version 1"),
        ('"shipped.toml"', "is also in the toolkit"),
    ],
)
def test_forms_that_are_missing_or_cannot_be_told_apart_are_refused(tmp_path: Path, forms: str, said: str) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"), forms=forms)
    branch.with_form("", "house.docx")
    branch.with_form(HOUSE, "again.toml")
    branch.with_form(HOUSE.replace('version = "1"', 'version = "2"'), "late.toml")
    branch.with_form(HOUSE.replace('"house"', '"collections"'), "shipped.toml")
    assert said in branch.score(wanted=1).output


def test_the_version_in_force_is_the_last_one_that_has_started(tmp_path: Path) -> None:
    for version, start in (("1", "2026-01-01"), ("2", "2026-10-01")):
        text = HOUSE.replace('version = "1"', f'version = "{version}"').replace("2026-01-01", start)
        (tmp_path / f"{version}.toml").write_text(text, encoding="utf-8")
    forms, problems = read_forms([tmp_path / "1.toml", tmp_path / "2.toml"])
    assert not problems
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 9, 30), date(2026, 10, 1))
    held = [forms.in_force("house", day) for day in days]
    assert [form.version if form else None for form in held] == [None, "1", "1", "2"]


def test_what_changed_of_a_form_is_told_key_by_key() -> None:
    before = content_of(shipped_forms().known[0])
    other = HOUSE.replace('code = "greeting"', 'code = "hello"').replace("full = 2", "full = 3")
    grave, worded = changes(content_of(read_form(HOUSE)), content_of(read_form(other)))
    assert "section opening, question greeting is gone" in grave
    assert "section opening, question hello is new" in grave
    assert any(one.startswith("section close, question promise, answers: ") for one in grave)
    assert worded == []
    assert changes(before, before) == ([], [])
