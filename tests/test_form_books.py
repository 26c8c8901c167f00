"""The sheet of a form: its formulas score every pattern of answers as the library does, and it is safe to fill in."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from office import converted, needs_office, parts, stale, values

from toolkit.form_books import FormSheet, described, fingerprint
from toolkit.form_books.answers import offered
from toolkit.form_books.drawing import draw, draw_answers, open_book, write_form
from toolkit.forms import Form, Forms, read_form, shipped_forms
from toolkit.qc import evaluation_scores

SHIPPED = shipped_forms().known[0]
SMALL = """
code = "small"
version = "1"
title = "A small form"
start = 2026-01-01
roll_up = "{roll_up}"

[[sections]]
code = "one"
title = "One"
weight = 40
questions = [
    {{ code = "q1", text = "?", weight = 2, critical = true, auto_fail = ["no"], not_applicable = "{policy}" }},
    {{ code = "q2", text = "?", type = "scale", lowest = -1, highest = 2, weight = 1, comment_below = 50 }},
]
[[sections]]
code = "two"
title = "Two"
weight = {weight}
[[sections.questions]]
code = "q4"
text = "?"
type = "text"
weight = 0
[[sections.questions]]
code = "q3"
text = "?"
type = "multi"
answers = {{ "All of it" = 7, some = 3, none = 0 }}
weight = 3
critical = true
not_applicable = "{policy}"
"""
SCORES = ("score", "score_before", "compliance")
POLICIES = ("leave_out", "zero", "fail", "not_allowed")
Pattern = Mapping[str, str | int]


def small(roll_up: str, policy: str, weight: int = 60) -> Form:
    return read_form(SMALL.format(roll_up=roll_up, policy=policy, weight=weight))


def as_scored(form: Form, patterns: Sequence[Pattern]) -> list[dict[str, Any]]:
    """What the library makes of the patterns."""
    head = {"agent_id": "A1", "evaluator": "Quinn", "evaluated_on": date(2026, 3, 20), "form": form.code}
    rows = [
        head | {"form_version": form.version, "evaluation_id": f"{n:04}", "question": code, "answer": str(answer)}
        for n, pattern in enumerate(patterns)
        for code, answer in pattern.items()
        if answer != ""
    ]
    scores = evaluation_scores(pl.DataFrame(rows), Forms((form,)))
    found = {row["evaluation_id"]: row for row in scores.iter_rows(named=True)}
    return [found.get(f"{n:04}", {}) for n in range(len(patterns))]


def filled_book(form: Form, patterns: Sequence[Pattern], out: Path) -> FormSheet:
    """A workbook with a filled form for each pattern."""
    book, sheet = open_book(out, form, form.title), described(form)
    for number, pattern in enumerate(patterns):
        places = {of.answer: pattern[of.question.code] for of in sheet.asked if pattern.get(of.question.code, "") != ""}
        draw(book, f"S{number}", sheet, filled=places)
    draw_answers(book, sheet.answers)
    book.close()
    return sheet


def is_complete(form: Form, pattern: Pattern) -> bool:
    asked = [question for section in form.sections for question in section.questions if question.type != "text"]
    return all(str(pattern.get(question.code, "")).strip() != "" for question in asked)


def compare(form: Form, patterns: Sequence[Pattern], sheet: FormSheet, cells: dict[str, dict[str, Any]]) -> int:
    """The sheets hold what the library says; gives how many had a score."""
    scored = 0
    for number, (pattern, wanted) in enumerate(zip(patterns, as_scored(form, patterns), strict=True)):
        got = {name: cells[f"S{number}"][place] for name, place in sheet.results.items()}
        shown = {name: got[name] if got[name] not in ("", None) else None for name in SCORES}
        if not is_complete(form, pattern):
            assert shown == dict.fromkeys(SCORES), pattern
            assert got["open"] > 0
            assert "open" in cells[f"S{number}"]["E4"]
            continue
        assert shown == {name: wanted[name] for name in shown}, pattern
        assert (got["wrong"] > 0) == (wanted["unread"] > 0), pattern
        scored += shown.get("score") is not None
    return scored


@needs_office
@pytest.mark.e2e
@pytest.mark.slow
def test_small_forms_score_every_pattern_as_the_library_does(tmp_path: Path) -> None:
    """Both roll-ups, every policy for N/A, sections and whole calls to which nothing applies, what fails the call,
    answers that are not on the form, other spellings, and open questions."""
    first: list[str | int] = ["yes", "no", "N/A"]
    second: list[str | int] = [-1, 1, 2, "N/A"]
    third: list[str | int] = ["All of it", "some", "none", "N/A"]
    odd: list[tuple[str | int, ...]] = [
        ("Y", 2, "SOME"), ("", 2, "some"), ("perhaps", 2, "some"), ("no", "*", "some"), ("yes", "3", "none"),
        ("yes", "", " "), ("pass", "2", " all of it "), ("-", "n/a", "not applicable"), ("perhaps", "N/A", "N/A"),
    ]  # fmt: skip
    everything = [{"q1": a, "q2": b, "q3": c} for a, b, c in [*product(first, second, third), *odd]]
    forms = [small(roll_up, policy) for roll_up in ("total_points", "weighted_sections") for policy in POLICIES]
    forms.append(small("weighted_sections", "leave_out", weight=0))
    books = [tmp_path / f"form{number}.xlsx" for number in range(len(forms))]
    sheets = [filled_book(form, everything, book) for form, book in zip(forms, books, strict=True)]
    for form, sheet, book in zip(forms, sheets, converted(books, tmp_path, "xlsx:Calc MS Excel 2007 XML"), strict=True):
        assert compare(form, everything, sheet, values(book)) > 20


def patterns_of(form: Form) -> st.SearchStrategy[Pattern]:
    """Answers to every question, now and then one that is open or not on the form, or that all are N/A."""
    choices = {}
    for section in form.sections:
        for question in section.questions:
            known = [*offered(question)] if question.type != "text" else ["", "Spoke of a neighbour", "n/a"]
            choices[question.code] = st.sampled_from([*known * 8, "", "never"] if question.type != "text" else known)
    lazy = st.sampled_from(["N/A", "yes"]).map(lambda said: {code: said for code in form.questions})
    return st.one_of(st.fixed_dictionaries(choices), st.fixed_dictionaries(choices), lazy)


@needs_office
@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.parametrize("roll_up", ["weighted_sections", "total_points"])
@settings(
    max_examples=1, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True
)
@given(patterns=st.lists(patterns_of(SHIPPED), min_size=60, max_size=60))
def test_the_shipped_form_scores_as_the_library_does(
    roll_up: str, patterns: list[Pattern], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, form = tmp_path_factory.mktemp("shipped"), SHIPPED.model_copy(update={"roll_up": roll_up})
    sheet = filled_book(form, patterns, folder / "filled.xlsx")
    cells = values(converted([folder / "filled.xlsx"], folder, "xlsx:Calc MS Excel 2007 XML")[0])
    compare(form, patterns, sheet, cells)


# The empty form


def empty(tmp_path: Path) -> tuple[Path, FormSheet]:
    return tmp_path / "form.xlsx", write_form(SHIPPED, tmp_path / "form.xlsx")


@needs_office
@pytest.mark.e2e
def test_an_empty_form_shows_before_anything_is_calculated_what_it_would_show_then(tmp_path: Path) -> None:
    book, _ = empty(tmp_path)
    assert stale(book, tmp_path) == []
    assert values(book)["Form"]["E4"] == "◆ 16 questions open"


def test_it_says_which_form_it_is_and_how_that_is_scored(tmp_path: Path) -> None:
    book, _ = empty(tmp_path)
    about = values(book)["Form"]["B2"]
    assert "Form collections, version 1" in about
    assert "sections by weight" in about
    assert fingerprint(SHIPPED) in about


def test_only_answers_comments_and_the_head_can_be_typed_into(tmp_path: Path) -> None:
    book, sheet = empty(tmp_path)
    page = openpyxl.load_workbook(book)["Form"]
    assert page.protection.sheet
    assert not page.protection.password
    unlocked = {cell.coordinate for row in page.iter_rows() for cell in row if not cell.protection.locked}
    inputs = {of.answer for of in sheet.asked} | {of.comment for of in sheet.asked if of.comment}
    assert unlocked == inputs | set(sheet.fields.values())


def test_every_question_offers_its_answers_and_na_where_that_is_allowed(tmp_path: Path) -> None:
    book, sheet = empty(tmp_path)
    opened = openpyxl.load_workbook(book)
    rules = opened["Form"].data_validations.dataValidation
    lists = {str(rule.sqref): rule.formula1 for rule in rules if rule.type == "list"}
    for of in sheet.asked:
        if of.question.type != "text":
            cells = opened["Answers"][lists[of.answer].partition("!")[2].replace("$", "")]
            assert tuple(cell[0].value for cell in cells) == offered(of.question)
    assert offered(SHIPPED.sections[1].questions[1]) == ("yes", "no")
    assert offered(SHIPPED.sections[2].questions[1]) == (0, 1, 2, 3, 4, "N/A")


def test_formulas_are_those_of_excel_2016(tmp_path: Path) -> None:
    book, _ = empty(tmp_path)
    sheets = [text for name, text in parts(book).items() if name.startswith("xl/worksheets/")]
    assert not [text for text in sheets if "_xlfn" in text or "_xlws" in text or 't="array"' in text]
    assert any("<f>" in text for text in sheets)


@needs_office
@pytest.mark.e2e
def test_comments_are_asked_for_where_an_answer_gives_little(tmp_path: Path) -> None:
    book = open_book(tmp_path / "filled.xlsx", SHIPPED, "t")
    sheet = described(SHIPPED)
    best = {
        of.answer: offered(of.question)[-2 if of.question.type == "scale" else 0] for of in sheet.asked if of.comment
    }
    best |= {of.answer: "yes" for of in sheet.asked if of.question.type == "yes_no"}
    solution = next(of for of in sheet.asked if of.question.code == "solution")
    threat = next(of for of in sheet.asked if of.question.code == "no_threats")
    draw(book, "best", sheet, filled=best)
    draw(book, "low", sheet, filled={**best, solution.answer: 1})
    draw(book, "said", sheet, filled={**best, solution.answer: 1, solution.comment: "Asked for the whole sum"})
    draw(book, "failed", sheet, filled={**best, threat.answer: "no"})
    draw_answers(book, sheet.answers)
    book.close()
    cells = values(converted([tmp_path / "filled.xlsx"], tmp_path, "xlsx:Calc MS Excel 2007 XML")[0])
    assert (cells["best"]["E4"], cells["best"]["B4"]) == ("✓ complete", 1)
    assert cells["low"]["E4"] == "◆ 1 comment missing"
    assert "say why" in cells["low"][f"E{solution.row}"]
    assert cells["said"]["E4"] == "✓ complete"
    assert (cells["failed"]["B4"], cells["failed"]["C4"]) == (0, pytest.approx(0.95))
    assert cells["failed"]["E4"].startswith("✗ failed")


def test_hostile_words_of_a_form_stay_words(tmp_path: Path) -> None:
    text = SMALL.format(roll_up="total_points", policy="leave_out", weight=1)
    form = read_form(
        text.replace('text = "?"', 'text = "=1+1"', 1).replace('"All of it"', '"=cmd|x"').replace('"One"', '"+2"')
    )
    sheet = write_form(form, tmp_path / "form.xlsx")
    opened = openpyxl.load_workbook(tmp_path / "form.xlsx")
    ours = {cell.place for cell in sheet.cells if cell.formula}
    assert {cell.coordinate for row in opened["Form"].iter_rows() for cell in row if cell.data_type == "f"} == ours
    assert not [cell for row in opened["Answers"].iter_rows() for cell in row if cell.data_type == "f"]


def test_a_form_is_printed_on_one_page(tmp_path: Path) -> None:
    write_form(SHIPPED, tmp_path / "form.xlsx")
    page = openpyxl.load_workbook(tmp_path / "form.xlsx")["Form"]
    assert page.page_setup.fitToHeight in (None, 1), "0 is as many pages as it takes"
    assert page.sheet_properties.pageSetUpPr.fitToPage
