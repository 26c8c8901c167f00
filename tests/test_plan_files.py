"""Plans from files: TOML and workbooks, each problem with its place, versions together."""

import hashlib
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from plan_examples import PAGE, example_text
from pydantic import BaseModel

from toolkit.kpi_codes import kpi_codes
from toolkit.plan_checks.mistakes import keys_of, table_model
from toolkit.plan_files import check_files, load_plans, read_plan
from toolkit.plans import Plan
from toolkit.problems import Problem, ToolkitError

SMALL = """
id = "SMALL"
version = 1
currency = "KES"
from = 2026-01-01
period = "month"
rate_date = "payment"
rounding = "half_up"
payout_unit = "1"

[[component]]
code = "CASH"
kind = "percent"
measure = "collected"
per = "period"
rate = "2%"
"""


def written(folder: Path, text: str, name: str = "plan.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(path: Path) -> list[Problem]:
    plan, problems = read_plan(path)
    assert plan is None
    return problems


def only(problems: list[Problem]) -> Problem:
    assert [problem.code for problem in problems] == [problems[0].code], problems
    return problems[0]


# -- TOML ------------------------------------------------------------------------------------------------


def test_the_example_of_the_reference_page_is_read_as_it_says(tmp_path: Path) -> None:
    plan, problems = read_plan(written(tmp_path, example_text()), credit_given=False)
    assert problems == []
    assert plan is not None
    cash = plan.components[0]
    assert (plan.id, plan.version, plan.start) == ("FIELD-XX", 3, date(2026, 1, 1))
    assert [(band.start, band.rate) for band in cash.bands] == [
        (Fraction(0), 10_000), (Fraction(4, 5), 20_000), (Fraction(1), 25_000),
    ]  # fmt: skip
    assert cash.split == {"credited": 600_000, "previous_owner": 400_000}
    assert (cash.cap, cash.holdback and cash.holdback.release_after_days) == (Decimal(30_000), 60)
    assert plan.components[1].matrix and plan.components[1].matrix.amounts[1] == (Decimal(250), Decimal(450))
    assert plan.gate("QUALITY").at_least == Fraction(93, 100)
    assert plan.multiplier("CALLQ").bands[2].factor == Fraction(11, 10)
    assert plan.guarantees[0].recover_at_most == 500_000
    assert plan.withholdings[0].threshold == Decimal(24_000)


def test_a_problem_says_where_it_is_and_what_to_write(tmp_path: Path) -> None:
    text = example_text().replace('rate = "2%" }', "rate = 0.05 }").replace('currency  = "KES"', 'currency = "KSH"')
    told = {problem.code: problem for problem in problems_of(written(tmp_path, text, "FIELD-KE.toml"))}
    assert told["PLAN_RATE_WANTED"].place == "FIELD-KE.toml, component CASH, bands 2: rate"
    assert "0.05" in told["PLAN_RATE_WANTED"].message
    assert 'rate = "5%"' in told["PLAN_RATE_WANTED"].what_to_do
    assert told["PLAN_CURRENCY_UNKNOWN"].place == "FIELD-KE.toml, currency"


def test_problems_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SMALL.replace('"half_up"', '"up"').replace('rate = "2%"', 'rate = 2\ncolour = 1\ncap = "5"')
    places = [problem.place.removeprefix("plan.toml, ") for problem in problems_of(written(tmp_path, text))]
    assert places == [
        "rounding", "component CASH: rate", "component CASH: colour", "component CASH: cap_excess",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "code", "line", "remedy"),
    [
        ('rate = "2%"', "rate = 2%", "PLAN_BARE_VALUE", "line 16", 'rate = "2%"'),
        ('id = "SMALL"', "id = SMALL", "PLAN_BARE_VALUE", "line 2", 'id = "SMALL"'),
        ('id = "SMALL"', "id = \u201cSMALL\u201d", "PLAN_CURLY_QUOTES", "line 2", 'id = "SMALL"'),
        ("version = 1", "version = 1\nversion = 2", "PLAN_KEY_TWICE", "line 4", "Keep one"),
        ('code = "CASH"', 'code = "CASH', "PLAN_NOT_TOML", "line 12", "quotes"),
        ("[[component]]", "[[component]", "PLAN_NOT_TOML", "line 11", "[ ]"),
        ('measure = "collected"', "gates = [", "PLAN_NOT_TOML", "line 15", "closed"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, code: str, line: str, remedy: str
) -> None:
    problem = only(problems_of(written(tmp_path, SMALL.replace(before, after))))
    assert problem.code == code
    assert f"{line}," in problem.message or f"{line} " in problem.message
    assert remedy in problem.what_to_do


def test_single_brackets_are_understood_and_told(tmp_path: Path) -> None:
    problem = only(problems_of(written(tmp_path, SMALL.replace("[[component]]", "[component]"))))
    assert (problem.code, problem.place) == ("PLAN_DOUBLE_BRACKETS", "plan.toml, component")


def test_what_is_no_plan_file_is_said_so(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes('title = "Caf\xe9"'.encode("latin-1"))
    large = written(tmp_path, "#" * 5_000_001, "large.toml")
    (tmp_path / "empty").mkdir()
    expected = {
        latin: "PLAN_NOT_UTF8",
        large: "PLAN_FILE_LARGE",
        tmp_path / "none.toml": "PLAN_FILE_MISSING",
        written(tmp_path, "x", "plan.txt"): "PLAN_FILE_KIND",
        tmp_path / "empty": "PLAN_FOLDER_EMPTY",
    }
    for path, code in expected.items():
        with pytest.raises(ToolkitError) as raised:
            load_plans([path])
        assert [problem.code for problem in raised.value.problems] == [code]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    plain = load_plans([written(tmp_path, SMALL)])
    other = tmp_path / "windows.toml"
    other.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load_plans([other]) == plain
    assert plain.hashes == {1: hashlib.sha256(SMALL.encode()).hexdigest()}


def test_another_figure_gives_another_hash(tmp_path: Path) -> None:
    one = load_plans([written(tmp_path, SMALL)]).hashes
    other = load_plans([written(tmp_path, SMALL.replace("2%", "3%"))]).hashes
    assert one != other


def tables_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {table for hint in keys_of(model).values() if (table := table_model(hint))}
    return {model}.union(*(tables_of(table) for table in inner))


def test_the_reference_page_explains_every_key_and_lists_every_kpi() -> None:
    page = PAGE.read_text(encoding="utf-8")
    keys = {key for table in tables_of(Plan) for key in keys_of(table)}
    assert sorted(key for key in keys if not re.search(rf"\b{key}\b", page)) == []
    listed = re.findall(r"^\| `(\w+)` \| (.+) \| (\w+) \| (higher|lower) \|$", page, re.MULTILINE)
    assert listed == [(kpi.code, kpi.title, kpi.unit, kpi.direction) for kpi in kpi_codes().values()]


def test_kpis_have_units_that_are_known_and_codes_that_can_be_typed() -> None:
    for kpi in kpi_codes().values():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", kpi.code)
        assert kpi.unit in {"percent", "count", "money", "minutes", "days", "points"}
        assert kpi.direction in {"higher", "lower"}
        assert kpi.title and kpi.source


# -- versions --------------------------------------------------------------------------------------------


def next_version(version: int, start: str, **changes: str) -> str:
    text = SMALL.replace("version = 1", f"version = {version}").replace("2026-01-01", start)
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_a_folder_gives_all_versions_in_the_order_of_their_days(tmp_path: Path) -> None:
    written(tmp_path, next_version(2, "2026-06-01"), "a.toml")
    written(tmp_path, SMALL, "b.toml")
    written(tmp_path, "no plan", "notes.txt")
    plans = load_plans([tmp_path])
    assert [plan.version for plan in plans.versions] == [1, 2]
    assert sorted(plans.hashes) == [1, 2]
    assert plans.in_force(date(2026, 5, 31)) == plans.numbered(1)
    assert plans.in_force(date(2026, 6, 1)) == plans.numbered(2)


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL)
    assert len(load_plans([path, tmp_path, path]).versions) == 1


def test_versions_that_overlap_are_refused_with_both_files(tmp_path: Path) -> None:
    written(tmp_path, SMALL, "one.toml")
    written(tmp_path, next_version(2, "2026-01-01"), "two.toml")
    with pytest.raises(ToolkitError) as raised:
        load_plans([tmp_path])
    problem = only(list(raised.value.problems))
    assert (problem.code, problem.place) == ("PLAN_FROM_TWICE", "two.toml, from")
    assert "one.toml" in problem.message


def test_every_file_is_checked_even_if_the_first_is_wrong(tmp_path: Path) -> None:
    written(tmp_path, SMALL.replace('"2%"', "2"), "one.toml")
    written(tmp_path, next_version(2, "2026-06-01").replace('"half_up"', '"up"'), "two.toml")
    with pytest.raises(ToolkitError) as raised:
        load_plans([tmp_path])
    assert [problem.file.split(",")[0] for problem in raised.value.problems] == ["one.toml", "two.toml"]


def test_two_plans_in_a_folder_can_be_checked_but_not_calculated_together(tmp_path: Path) -> None:
    written(tmp_path, SMALL, "one.toml")
    written(tmp_path, SMALL.replace("SMALL", "OTHER"), "two.toml")
    files, lost = check_files([tmp_path])
    assert (lost, [file.problems for file in files]) == ([], [(), ()])
    with pytest.raises(ToolkitError) as raised:
        load_plans([tmp_path])
    assert [problem.code for problem in raised.value.problems] == ["PLAN_SEVERAL_IDS"]


# -- workbooks -------------------------------------------------------------------------------------------

SHEETS: dict[str, list[list[Any]]] = {
    "plan": [
        ["Key", "Value"], ["id", "BOOK"], ["version", 1], ["currency", "KES"], ["from", date(2026, 1, 1)],
        ["period", "month"], ["rate_date", "payment"], ["arrears_on", "day_before"], ["rounding", "half_up"],
        ["payout_unit", 1],
    ],
    "credit": [["key", "value"], ["rules", "named, owner"], ["owner_roles", "field_agent"]],
    "component": [
        ["code", "kind", "measure", "per", "band_by", "band_mode", "band_edge", "where.role",
         "where.days_past_due.from", "cap", "cap_excess", "gates", "holdback.share",
         "holdback.release_after_days", "gl_account"],
        ["CASH", "percent", "collected", "period", "amount", "slice", "from", "field_agent, collector", 31, 30000,
         "lose", "Q", "20%", 60, 6150],
        ["BACK", "matrix", "accounts_reactivated", "period"],
    ],
    "bands": [
        ["component", "multiplier", "from", "to", "rate", "factor"],
        ["CASH", None, 0, 1000, "1%", None], ["CASH", None, 1000, 5000, "2%", None],
        ["CASH", None, 5000, None, "3%", None],
        [None, "M", "0%", "90%", None, "0.8"], [None, "M", "90%", None, None, 1.1],
    ],
    "matrix": [
        ["component", "row", "column", "amount"],
        ["BACK", 0, 1, 200], ["BACK", 0, 3, 350], ["BACK", 31, 1, 250], ["BACK", 31, 3, 450],
    ],
    "gate": [["code", "kpi", "at_least", "otherwise", "at_least_n"], ["Q", "qc_score", "93%", "reduce to 50%", 8]],
    "multiplier": [["code", "kpi"], ["M", "qc_score"]],
    "Remarks": [["anything"], ["goes"]],
}  # fmt: skip


def workbook(folder: Path, percent: tuple[str, ...] = (), **changes: list[list[Any]]) -> Path:
    """The workbook above with some sheets replaced; `percent` names cells (sheet!B2) shown as percentages."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in (SHEETS | changes).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for place in percent:
        name, _, cell = place.partition("!")
        book[name][cell].number_format = "0.00%"
    book["component"]["A3"].value = "BACK"
    headers = [cell.value for cell in book["component"][1]]
    if "matrix.rows_by" not in headers:
        for shift, (header, value) in enumerate((("matrix.rows_by", "days_past_due"), ("matrix.columns_by", "count"),
                                                 ("multiplier", None))):  # fmt: skip
            book["component"].cell(1, len(headers) + 1 + shift, header)
            book["component"].cell(3, len(headers) + 1 + shift, value)
        book["component"].cell(2, len(headers) + 3, "M")
    path = folder / "plan.xlsx"
    book.save(path)
    return path


def bands(*rows: list[Any]) -> list[list[Any]]:
    others = [[None, "M", "0%", None, None, "0.8"]]
    return [SHEETS["bands"][0], *([["CASH", None, *row, None] for row in rows]), *others]


def test_a_workbook_says_the_same_as_a_text_file(tmp_path: Path) -> None:
    plan, problems = read_plan(workbook(tmp_path))
    assert problems == []
    assert plan is not None
    cash, back = plan.components
    assert (plan.id, plan.version, plan.start, plan.payout_unit) == ("BOOK", 1, date(2026, 1, 1), Decimal(1))
    assert plan.credit and plan.credit.rules == ("named", "owner")
    assert cash.where.role == ("field_agent", "collector")
    assert cash.where.days_past_due and cash.where.days_past_due.start == 31
    assert [(band.start, band.rate) for band in cash.bands] == [(0, 10_000), (1000, 20_000), (5000, 30_000)]
    assert (cash.cap, cash.gates, cash.multiplier, cash.gl_account) == (Decimal(30_000), ("Q",), "M", "6150")
    assert cash.holdback and (cash.holdback.share, cash.holdback.release_after_days) == (200_000, 60)
    assert back.matrix and back.matrix.rows == (0, 31) and back.matrix.columns == (1, 3)
    assert back.matrix.amounts == ((Decimal(200), Decimal(350)), (Decimal(250), Decimal(450)))
    assert plan.gates[0].at_least_n == 8
    assert [(band.start, band.factor) for band in plan.multipliers[0].bands] == [
        (0, Fraction(4, 5)), (Fraction(9, 10), Fraction(11, 10)),
    ]  # fmt: skip


def test_the_same_workbook_saved_again_has_the_same_hash(tmp_path: Path) -> None:
    one = load_plans([workbook(tmp_path)]).hashes
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    book["plan"]["D1"].font = openpyxl.styles.Font(bold=True)
    book.save(tmp_path / "plan.xlsx")
    assert load_plans([tmp_path / "plan.xlsx"]).hashes == one


def test_a_cell_shown_as_a_percentage_is_a_rate(tmp_path: Path) -> None:
    rows = bands([0, None, 0.029], [1000, None, 0.07])
    path = workbook(tmp_path, ("bands!E2", "bands!E3"), bands=rows)
    plan, problems = read_plan(path)
    assert problems == []
    assert plan is not None
    assert [band.rate for band in plan.components[0].bands] == [29_000, 70_000]


def test_a_number_is_no_rate_and_is_told_with_its_cell(tmp_path: Path) -> None:
    problem = only(problems_of(workbook(tmp_path, bands=bands([0, None, 0.05], [1000, None, "2%"]))))
    assert (problem.code, problem.sheet, problem.row, problem.column) == ("PLAN_RATE_WANTED", "bands", 2, "rate")
    assert problem.place == "plan.xlsx, sheet bands, row 2, column rate"
    assert '"5%"' in problem.what_to_do


@pytest.mark.parametrize(
    ("rows", "code", "row", "starts"),
    [
        ([[0, 100, "1%"], [150, None, "2%"]], "PLAN_ENDS_GAP", 2, ("0", "150")),
        ([[0, 100, "1%"], [90, None, "2%"]], "PLAN_ENDS_OVERLAP", 2, ("0", "90")),
        ([[0, 100, "1%"], [101, 200, "2%"], [201, None, "3%"]], "PLAN_ENDS_N_PLUS_1", 2, ("0", "101", "201")),
        ([[0, 499.99, "1%"], [500, None, "2%"]], "PLAN_ENDS_N_PLUS_1", 2, ("0", "500")),
        ([[0, 100, "1%"], [100, 50, "2%"], [200, None, "3%"]], "PLAN_ENDS_REVERSED", 3, ("0", "100", "200")),
        ([[0, 100, "1%"], [100, 200, "2%"]], "PLAN_ENDS_LAST", 3, ("0", "100")),
    ],
)
def test_ends_that_do_not_fit_are_refused_and_the_same_bands_offered(
    tmp_path: Path, rows: list[list[Any]], code: str, row: int, starts: tuple[str, ...]
) -> None:
    told = [problem for problem in problems_of(workbook(tmp_path, bands=bands(*rows))) if problem.code == code]
    assert (told[0].sheet, told[0].row, told[0].column) == ("bands", row, "to")
    assert all(f'from = "{start}"' in told[0].what_to_do for start in starts)
    assert 'rate = "1%"' in told[0].what_to_do


def test_ends_that_meet_need_somebody_to_say_whose_the_edge_is(tmp_path: Path) -> None:
    component = [[*row[:6], None, *row[7:]] if row[0] == "CASH" else row for row in SHEETS["component"]]
    codes = [problem.code for problem in problems_of(workbook(tmp_path, component=component))]
    assert codes.count("PLAN_ENDS_SHARED") == 2
    assert "PLAN_BAND_KEY_MISSING" in codes


def test_a_missing_key_is_told_with_its_row(tmp_path: Path) -> None:
    component = [[*row[:3], None, *row[4:]] if row[0] == "CASH" else row for row in SHEETS["component"]]
    problem = only(problems_of(workbook(tmp_path, component=component)))
    assert (problem.code, problem.sheet, problem.row, problem.column) == ("PLAN_KEY_MISSING", "component", 2, "per")


def test_a_formula_in_a_sheet_is_refused(tmp_path: Path) -> None:
    codes = [told.code for told in problems_of(workbook(tmp_path, bands=bands([0, None, "=1%+1%"], [9, None, "2%"])))]
    assert "PLAN_NO_FORMULAS" in codes


def test_bands_of_nobody_are_told(tmp_path: Path) -> None:
    rows = [*SHEETS["bands"], ["CAHS", None, 9000, None, "4%", None]]
    problem = only(problems_of(workbook(tmp_path, bands=rows)))
    assert (problem.code, problem.row) == ("PLAN_SHEET_OWNER", 7)
    assert '"CASH"' in problem.what_to_do


def test_a_sheet_whose_name_is_nearly_right_is_told(tmp_path: Path) -> None:
    problem = only(problems_of(workbook(tmp_path, guarantees=[["role"], ["a"]])))
    assert problem.code == "PLAN_SHEET_UNKNOWN"
    assert '"guarantee"' in problem.what_to_do


def test_a_sheet_of_keys_needs_its_headers(tmp_path: Path) -> None:
    codes = {problem.code for problem in problems_of(workbook(tmp_path, credit=[["rules"], ["named"]]))}
    assert "PLAN_SHEET_PAIRS" in codes


def test_what_is_no_workbook_or_no_plan_is_said_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    assert only(problems_of(broken)).code == "PLAN_WORKBOOK_UNREADABLE"
    book = openpyxl.Workbook()
    book.save(tmp_path / "data.xlsx")
    assert only(problems_of(tmp_path / "data.xlsx")).code == "PLAN_SHEET_MISSING"


def test_a_plan_read_is_never_changed(tmp_path: Path) -> None:
    plan = load_plans([written(tmp_path, SMALL)]).versions[0]
    assert isinstance(plan, Plan)
    with pytest.raises(ValueError, match="frozen"):
        plan.version = 2  # type: ignore[misc]
