"""The form of the workbook filled in in a live spreadsheet: its score is that of the library while one fills it in."""

import random
from pathlib import Path

import pytest
from standin import opened, soffice
from test_form_books import SCORES, SHIPPED, Pattern, as_scored

from toolkit.excel.build import build_workbook
from toolkit.excel.form_sheet import SHEET
from toolkit.form_books import described
from toolkit.form_books.answers import offered

pytestmark = [pytest.mark.e2e]
PATTERNS = 12


def patterns() -> list[Pattern]:
    """Complete forms of all kinds: good ones, failed ones, and one to which hardly anything applies."""
    chance = random.Random(7)  # noqa: S311  # answers, not secrets
    asked = [question for section in SHIPPED.sections for question in section.questions if question.type != "text"]
    some = [{of.code: chance.choice(offered(of)) for of in asked} for _ in range(PATTERNS - 2)]
    best = {of.code: "yes" if of.type == "yes_no" else 4 if of.type == "scale" else "all three" for of in asked}
    nothing = {of.code: "N/A" if "N/A" in offered(of) else "yes" for of in asked}
    return [*some, best, nothing]


def test_the_live_score_is_the_library_s_on_every_pattern(tmp_path: Path) -> None:
    if soffice.missing():
        pytest.skip(soffice.missing())
    made = described(SHIPPED)
    with opened(build_workbook("phone-credit", tmp_path / "c.xlsm"), "calc") as book:
        sheet = book.sheets[SHEET]
        for pattern, wanted in zip(patterns(), as_scored(SHIPPED, patterns()), strict=True):
            for of in made.asked:
                if of.question.code in pattern:
                    sheet[of.answer].value = pattern[of.question.code]
            book.app.calculate()
            found = {name: sheet[made.results[name]].value for name in SCORES}
            assert {name: None if value in ("", None) else value for name, value in found.items()} == {
                name: wanted[name] for name in SCORES
            }
            shown = sheet["B4"].value
            assert shown == (pytest.approx(wanted["score"] // 100 / 10_000) if wanted["score"] is not None else "–")
        sheet[made.asked[0].answer].value = None
        book.app.calculate()
        assert (sheet["B4"].value, sheet["E4"].value) == ("–", "◆ 1 question open")
