"""QC_SCORE and KAPPA: what they answer is what the library scores and agrees on, in the shape of their cells."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standin import opened
from test_form_books import POLICIES, SHIPPED, Pattern, as_scored, is_complete, patterns_of, small
from test_functions_in_cells import MISSING, asked, typed

from toolkit.excel.ask_quality import _asked, kappa, qc_score
from toolkit.excel.build import build_workbook
from toolkit.forms import Form, Forms
from toolkit.own_profile import copy_profile
from toolkit.problems import ToolkitError
from toolkit.quality.kappa import cohen

GOOD = {"yes_no": "yes", "scale": 3.0, "multi": "all three", "text": "calm"}


def in_order(form: Form, answers: Pattern, *, texts: bool = True) -> list[Any]:
    asked_for = [question for section in form.sections for question in section.questions]
    given_answers = [answers.get(one.code, "") for one in asked_for if texts or one.type != "text"]
    return [None if answer == "" else answer for answer in given_answers]


def good(form: Form = SHIPPED) -> dict[str, Any]:
    return {question.code: GOOD[question.type] for section in form.sections for question in section.questions}


def test_a_filled_form_scores_what_its_sections_and_weights_make_of_it() -> None:
    # opening 15, compliance 30, negotiation (1 + 1.5 + 2) / 5 of 30, empathy 3/4 of 15, wrap-up 10
    pairs = [[code, answer] for code, answer in good().items()]
    assert qc_score(pairs, "collections") == [[0.9325]]
    assert qc_score([["Question", "Answer"], *pairs], "collections", "1") == [[0.9325]]
    assert qc_score([in_order(SHIPPED, good())], "collections 1") == [[0.9325]]
    assert qc_score([[answer] for answer in in_order(SHIPPED, good(), texts=False)], "Collections") == [[0.9325]]


def test_many_calls_are_one_table_with_a_row_each() -> None:
    second = good() | {"greeting": "no"}
    failed = good() | {"no_threats": "no"}
    rows = [in_order(SHIPPED, one) for one in (good(), second, failed, {})]
    assert qc_score(rows, "collections") == [[0.9325], [0.8825], [0.0], [None]]
    heads = [*reversed(SHIPPED.questions)]
    turned = [[one[code] for code in heads] for one in (good(), second)]
    assert qc_score([heads, *turned], "collections") == [[0.9325], [0.8825]]


def test_a_call_without_a_score_says_why() -> None:
    def scored(**other: Any) -> object:
        return qc_score([in_order(SHIPPED, good() | other)], "collections")[0][0]

    assert scored(greeting=None) == "1 question open"
    assert scored(greeting=None, reason=" ", remarks=None) == "2 questions open"
    assert scored(greeting="perhaps") == "1 answer not on the form"
    assert scored(solution=9.0, no_threats="N/A") == "2 answers not on the form"
    assert qc_score([["greeting", "yes"]], "collections") == [["15 questions open"]]
    nothing = small("total_points", "leave_out")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("toolkit.excel.ask_quality._known_forms", lambda: Forms((nothing,)))
        assert qc_score([["n/a", "N/A", None, "N/A"]], "small") == [["nothing applies"]]


@pytest.mark.parametrize(
    ("answers", "form", "sentence"),
    [
        ([["yes"]], "no such form", "there is no form “no such form”; there are collections 1"),
        ([["yes"]], "collections 7", "there is no form “collections 7”"),
        ([["yes", "no", "yes"]], "collections", "a row for each call"),
        ([["greeting", "yes"], ["nope", "yes"]], "collections", "form collections has no question “nope”"),
        ([["greeting", "yes"], ["Greeting", "no"]], "collections", "question “greeting” is there twice"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(answers: list[list[Any]], form: str, sentence: str) -> None:
    with pytest.raises(ToolkitError, match=sentence):
        qc_score(answers, form)


def test_a_form_of_ones_own_is_named_by_its_file_and_read_again_when_it_changed(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = (Path(__file__).parents[2] / "toolkit" / "data" / "forms" / "collections.toml").read_text(encoding="utf-8")
    own.write_text(text, encoding="utf-8")
    row = [in_order(SHIPPED, good())]
    assert qc_score(row, str(own)) == [[0.9325]]
    own.write_text(text.replace('roll_up = "weighted_sections"', 'roll_up = "total_points"'), encoding="utf-8")
    os.utime(own, ns=(0, 10**18))
    # of 19 points: solution 1.5 of 2, listening and respect 0.75 of 1 each
    assert qc_score(row, str(own)) == [[0.947368]]
    own.write_text("code = ", encoding="utf-8")
    os.utime(own, ns=(0, 2 * 10**18))
    with pytest.raises(ToolkitError, match=r"the form in own\.toml cannot be used"):
        qc_score(row, str(own))


FORMS = [SHIPPED, *(small(roll, policy) for roll in ("total_points", "weighted_sections") for policy in POLICIES)]


@settings(deadline=None, max_examples=10)
@given(data=st.data(), form=st.sampled_from(FORMS))
def test_the_function_gives_to_the_last_digit_what_the_library_gives(data: st.DataObject, form: Form) -> None:
    patterns = data.draw(st.lists(patterns_of(form), min_size=25, max_size=25))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("toolkit.excel.ask_quality._known_forms", lambda: Forms((form,)))
        _asked.cache_clear()
        rows = qc_score([in_order(form, pattern) for pattern in patterns], form.code)
        _asked.cache_clear()
    for pattern, wanted, (found,) in zip(patterns, as_scored(form, patterns), rows, strict=True):
        if not is_complete(form, pattern):
            assert found is None or str(found).endswith("open")
        elif wanted["score"] is None:
            assert isinstance(found, str), pattern
        else:
            assert found == wanted["score"] / 1_000_000, pattern


# --- kappa ---------------------------------------------------------------------------------------------


def column(answers: Sequence[Any]) -> list[list[Any]]:
    return [[answer] for answer in answers]


def test_kappa_is_cohens() -> None:
    # of 50: both yes 20, both no 15; by chance (0.5 x 0.6 + 0.5 x 0.4) = 0.5: kappa (0.7 - 0.5) / 0.5 = 0.4
    ones = ["yes"] * 25 + ["no"] * 25
    others = ["yes"] * 20 + ["no"] * 5 + ["Yes"] * 10 + ["no "] * 15
    found = kappa(column(ones), column(others))
    assert isinstance(found, float)
    assert math.isclose(found, 0.4, abs_tol=1e-12)
    assert kappa([ones], [others]) == found


def test_kappa_of_scales_counts_near_answers_in_part() -> None:
    ones, others = [0.0, 1, 2, 4, 4, 3, 2, 1, 0, 4, 2], [1.0, 1, 2, 4, 4, 2, 2, 1, 0, 4, 4]
    pairs = [(int(one), int(other)) for one, other in zip(ones, others, strict=True)]
    for weights in ("linear", "Quadratic"):
        expected = cohen(pairs, range(5), weights.casefold()).value  # type: ignore[arg-type]  # one of them
        assert kappa(column(ones), column(others), weights) == expected


def test_where_there_is_no_kappa_words_say_why() -> None:
    assert kappa(column(["yes"] * 9), column(["no"] * 9)) == "too few: 9 of 10 calls"
    half = column(["yes", None] * 12)
    assert kappa(half, column(["yes"] * 24)) == "all answers are the same"
    assert kappa(column(["yes"] * 8 + ["", " "] * 4), column(["no"] * 16)) == "too few: 8 of 10 calls"
    for ones, others, weights, sentence in (
        (["yes"] * 3, ["no"] * 4, "", "as many answers of the one as of the other"),
        (["yes"] * 11 + ["#N/A"], ["no"] * 12, "", "#N/A stands in one of the cells"),
        (["yes"] * 12, ["no"] * 12, "cubic", "“cubic” is neither none nor linear nor quadratic"),
        (["yes"] * 12, ["no"] * 12, "linear", "“yes” is not a whole number"),
    ):
        with pytest.raises(ToolkitError, match=sentence):
            kappa(column(ones), column(others), weights)


def test_a_ticked_cell_is_no_number_whatever_was_seen_before() -> None:
    """TRUE and 1 are equal to Python; on a scale one is an answer and the other is none."""
    scale = [
        code for section in SHIPPED.sections for one in section.questions if (code := one.code) and one.type == "scale"
    ]
    _asked.cache_clear()
    one, ticked = good() | {scale[0]: 1.0}, good() | {scale[0]: True}
    rows = [in_order(SHIPPED, answers) for answers in (ticked, one, ticked)]
    wrong, number, again = (row[0] for row in qc_score(rows, "collections"))
    assert wrong == again == "1 answer not on the form"
    assert isinstance(number, float)
    assert kappa(column([True] * 6 + [1.0] * 6), column([1.0] * 12)) == pytest.approx(0)


# --- in cells --------------------------------------------------------------------------------------------


def test_in_cells_they_answer_and_say_what_is_wrong(tmp_path: Path) -> None:
    with opened(build_workbook("paygo-solar", tmp_path / "c.xlsm"), "memory") as book:
        area = typed(book, [[code, answer] for code, answer in good().items()])
        assert asked(book, "QC_SCORE", area, "collections", MISSING, None) == [[0.9325]]
        assert asked(book, "QC_SCORE", area, "collections", 1.0, None) == [[0.9325]]
        assert asked(book, "QC_SCORE", area, "nope", MISSING, None)[0][0].startswith("#TOOLKIT there is no form “nope”")
        yes = column(["yes", "no"] * 6)
        sheet = book.sheets.add("Two")
        sheet.range("A1:A12").raw_value = yes
        sheet.range("B1:B12").raw_value = yes
        one, other = sheet.range("A1:A12").api, sheet.range("B1:B12").api
        assert asked(book, "KAPPA", one, other, MISSING) == [[1.0]]
        assert asked(book, "KAPPA", one, other, "cubic")[0][0].startswith("#TOOLKIT “cubic” is neither")


def own_set_up(folder: Path) -> Path:
    """A set-up of one's own with another version of the shipped form, in which points are added up, and a new form."""
    copy_profile("own-house", "paygo-solar", folder)
    shipped = (Path(__file__).parents[2] / "toolkit" / "data" / "forms" / "collections.toml").read_text(
        encoding="utf-8"
    )
    second = shipped.replace('version = "1"', 'version = "2"').replace("2024-01-01", "2026-06-01")
    second = second.replace("weighted_sections", "total_points")
    (folder / "forms").mkdir(exist_ok=True)
    (folder / "forms" / "second.toml").write_text(second, encoding="utf-8")
    house = second.replace('code = "collections"', 'code = "house"', 1)
    (folder / "forms" / "house.toml").write_text(house, encoding="utf-8")
    named = folder / "profile.toml"
    text = named.read_text(encoding="utf-8")
    assert "forms =" not in text
    named.write_text('forms = ["second.toml", "house.toml"]\n' + text, encoding="utf-8")
    return folder


def test_a_form_of_the_workbooks_own_set_up_is_found_by_its_name(tmp_path: Path) -> None:
    setup = own_set_up(tmp_path / "own")
    with opened(build_workbook(str(setup), tmp_path / "c.xlsm"), "memory") as book:
        area = typed(book, [[code, answer] for code, answer in good().items()])
        assert asked(book, "QC_SCORE", area, "house", MISSING, None) == [[0.947368]]
        assert asked(book, "QC_SCORE", area, "collections", MISSING, None) == [[0.947368]], "the set-up's own version"
        assert asked(book, "QC_SCORE", area, "collections", "1", None) == [[0.9325]]
        house = setup / "forms" / "house.toml"
        house.write_text(
            house.read_text(encoding="utf-8").replace("total_points", "weighted_sections"), encoding="utf-8"
        )
        os.utime(house, ns=(0, 4 * 10**18))
        assert asked(book, "QC_SCORE", area, "house", MISSING, None) == [[0.9325]], "read again"
        book.sheets["Settings"].name = "Other"
        assert asked(book, "QC_SCORE", area, "collections", MISSING, None) == [[0.9325]], (
            "without settings, the shipped one"
        )
