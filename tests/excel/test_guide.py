"""The supervisor's guide, docs/how-to/use-the-workbook.md, followed step by step on the stand-in for Excel."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standin import opened
from test_buttons import PERIOD, PROFILE, by_command, rows_of, setting, status
from test_functions_in_cells import MISSING, asked

from toolkit.excel.build import build_workbook
from toolkit.excel.buttons import press
from toolkit.excel.layout import layout
from toolkit.forms import shipped_forms

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "use-the-workbook.md").read_text(encoding="utf-8")
LINKS = {"open", "go there"}
on_calc = pytest.mark.parametrize("backend", [pytest.param("calc", marks=pytest.mark.e2e)], indirect=True)
"""The guide reads links and checks, which only a spreadsheet program works out."""


def steps() -> list[str]:
    """The numbered steps, each in one line."""
    found = re.findall(r"^\d+\. (.*(?:\n   .*)*)", GUIDE, re.MULTILINE)
    return [" ".join(step.split()) for step in found]


def sheets_in(text: str) -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", text)


def captions_in(text: str) -> list[str]:
    """What the guide says to press or to click on."""
    return re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text)


def button(caption: str, sheet: str) -> str:
    """What the button of this caption on this sheet starts."""
    on = next(one for one in layout().sheet if one.name == sheet)
    macro = next(one.macro for one in on.button if one.caption == caption)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", macro).lower()


def formulas() -> dict[str, list[str]]:
    """The guide's formulas: function name, and its arguments as they are written."""
    found = re.findall(r"^\| `=(\w+)\((.*)\)` \|", GUIDE, re.MULTILINE)
    return {name: [argument.strip() for argument in arguments.split(",")] for name, arguments in found}


@pytest.fixture
def book(backend: str, exports: Path, tmp_path: Path) -> Iterator[Any]:
    with opened(build_workbook(PROFILE, tmp_path / "collections.xlsm"), backend) as found:
        yield found


def followed(book: Any, step: str, sheet: str) -> str:
    """Presses what the step says, on the sheet it says; the status line after that."""
    for caption in captions_in(step):
        if caption not in LINKS:
            press(button(caption, sheet))
    return status(book)


@on_calc
def test_every_step_of_the_guide_comes_true(book: Any, exports: Path, tmp_path: Path) -> None:
    opening, settings, plan, prepare, problems, data, commissions, why, files = steps()
    names = [sheet.name for sheet in layout().sheet]
    assert {name for step in steps() for name in sheets_in(step)} <= set(names)

    assert sheets_in(opening) == ["Start"]
    assert status(book).startswith("◆ Nothing calculated yet")

    assert sheets_in(settings) == ["Settings"]
    labels = {setting.label.casefold() for sheet in layout().sheet for setting in sheet.setting}
    for label in ("folder of the exports", "period", "plan", "pasted tables", "calculate with"):
        assert label in labels
        assert label in " ".join([settings, plan]).casefold()
    for name, value in (("data_folder", exports), ("period", PERIOD), ("out_folder", tmp_path / "out")):
        setting(book, name, str(value))

    assert followed(book, plan, *sheets_in(plan)) == "✓ The plan is in order"
    from_sheet = re.search(r"choose \"(.+?)\" in Settings", plan)
    assert from_sheet
    setting(book, "plan_from", from_sheet[1])

    assert followed(book, prepare, *sheets_in(prepare)).startswith((f"✓ {PERIOD}:", f"◆ {PERIOD}:"))

    heads, *listed = rows_of(book, *sheets_in(problems)[:1], "problems")
    assert {row[heads.index("Look")][0] for row in listed} <= {"✗", "◆"}
    assert all(row[heads.index("What to do")] for row in listed)

    heads, *read = rows_of(book, *sheets_in(data), "data")
    assert {"payments", "accounts", "agents"} <= {row[0] for row in read}

    heads, *people = rows_of(book, "Commissions", "commissions")
    expected = {row["agent_id"]: row["payable"] for row in by_command(exports, tmp_path / "by-command")}
    assert {row[0]: f"{row[heads.index('To be paid')]:.2f}" for row in people} == expected
    assert sheets_in(commissions) == ["Commissions", "Checks"]
    book.app.calculate()
    assert book.sheets["Checks"].range("check_calculated").options(ndim=2).value[0][0] == sum(
        map(float, expected.values())
    )

    sheet = book.sheets["Commissions"]
    sheet.activate()
    chosen = sheet.range("commission_agents")[2, 0]
    chosen.select()
    assert "*Explain selected agent*" in why
    press(button("Explain selected agent", "Commissions"))
    told = rows_of(book, *sheets_in(why), "statement")
    paid = next(row[1] for row in told if row[0] and row[0].strip() == "= to be paid")
    assert f"{paid:.2f}" == expected[chosen.value]

    assert "✓ Files made in" in followed(book, files, *sheets_in(files))
    made = {path.name for path in (tmp_path / "out" / PERIOD).iterdir()}
    promised = set(re.findall(r"`(\w+\.xlsx)`", files))
    assert promised == {"commissions.xlsx", "finance.xlsx"}
    assert promised <= made
    assert {path.stem for path in (tmp_path / "out" / PERIOD / "statements").glob("*.xlsx")} >= {
        agent for agent, amount in expected.items() if float(amount)
    }


@on_calc
def test_the_formulas_of_the_guide_answer(book: Any, exports: Path, tmp_path: Path) -> None:
    for name, value in (("data_folder", exports), ("period", PERIOD), ("out_folder", tmp_path / "out")):
        setting(book, name, str(value))
    press("prepare_month")
    with (exports / "payments.csv").open(encoding="utf-8", newline="") as file:
        payments = list(csv.reader(file))
    areas = {
        "COMMISSION": {"B2:B40": [[1000.0]] * 39, "C2:C40": [[0.85]] * 39},
        "BAND_RATE": {},
        "COMMISSION_SHEET": {"A1:F500": payments},
        "WHY": {},
        "KPI": {"B2:B40": [[3.0]] * 39, "C2:C40": [[4.0]] * 38 + [[0.0]]},
        "SCORE": {"D2:D40": [[0.6]] * 39},
        "QC_SCORE": {"A2:B18": [[code, "yes"] for code in shipped_forms().known[0].questions]},
        "COST_OF_RECOVERY": {"B2:B40": [[3.0]] * 39, "C2:C40": [[4.0]] * 38 + [[0.0]]},
        "BREAK_EVEN": {"B2:B40": [[90.0]] * 38 + [[901.0]]},
        "WORTH_PURSUING": {"B2:B40": [[0.06]] * 37 + [[0.05]] + [[None]]},
        "KAPPA": {"B2:B40": [["yes"], ["no"], ["yes"]] * 13, "C2:C40": [["yes"], ["no"], ["yes"]] * 13},
    }
    person = book.sheets["Commissions"].range("commission_agents")[0, 0].value
    assert list(formulas()) == list(areas)
    for function, arguments in formulas().items():
        given = [_argument(book, written.replace("AG-010", person), areas[function]) for written in arguments]
        caller = {"COMMISSION_SHEET": [None], "WHY": [None], "QC_SCORE": [MISSING, None]}.get(function, [])
        answer = asked(book, function, *given, *caller)
        assert "#TOOLKIT" not in str(answer[0][0]), function
        if function == "COMMISSION":
            # slices of attainment, 3 % to 80 % and 4.5 % above: (0.8 x 3 % + 0.05 x 4.5 %) / 0.85 of 1,000
            assert answer == [[30.88]] * 39
        if function == "KPI":
            assert answer == [[0.75]] * 38 + [["no base"]]
        if function == "COST_OF_RECOVERY":
            assert answer == [[0.75]] * 38 + [["no base"]]
        if function == "BREAK_EVEN":
            assert answer == [[0.1]] * 38 + [["never"]]
        if function == "WORTH_PURSUING":
            assert answer == [["pursue"]] * 37 + [["not worth it"], ["too few"]]
        if function == "SCORE":
            assert answer == [[0.75]] * 39
        if function == "QC_SCORE":
            assert answer == [["4 answers not on the form"]]
        if function == "KAPPA":
            assert answer == [[1.0]]
        if function == "BAND_RATE":
            assert answer == [[0.045]]


def _argument(book: Any, written: str, areas: dict[str, list[list[Any]]]) -> Any:
    if written in areas:
        name = f"Area{len(book.sheets)}"
        sheet = book.sheets.add(name)
        rows = areas[written]
        area = sheet.range((1, 1), (len(rows), len(rows[0])))
        area.raw_value = rows
        return area.api
    if written.endswith("%"):
        return float(written.rstrip("%")) / 100
    return float(written) if written.isdecimal() else written.strip('"')


@pytest.mark.parametrize("part", ["Every day", "Call quality", "Cost of recovery"])
def test_what_is_pressed_is_on_the_sheet_that_the_guide_says(part: str) -> None:
    own = GUIDE.partition(f"## {part}")[2].partition("\n## ")[0]
    pressed = re.findall(
        r"^- \*([^*]+)\* [^*]*(?:\*\*QC form\*\*[^*]*)?(?:fills|yellow cells of)\s+\*\*([\w ]+)\*\*", own, re.MULTILINE
    )
    assert len(pressed) == 3
    for caption, sheet in pressed:
        assert button(caption, "Start") == button(caption, sheet)
    names = {name for sheet in layout().sheet for block in sheet.block for name in (c.name for c in block.columns)}
    assert set(re.findall(r"score_\w+", GUIDE)) <= names


def test_what_is_pressed_in_the_guide_is_there() -> None:
    captions = {one.caption for sheet in layout().sheet for one in sheet.button}
    pressed = {caption for step in steps() for caption in captions_in(step)} - LINKS
    assert pressed <= captions
    assert len(steps()) == len(re.findall(r"^\d+\. ", GUIDE, re.MULTILINE)) > 0
