"""recovery.xlsx: what LibreOffice makes of its formulas is what was calculated, sums add up, a what-if is a range."""

import subprocess
import zipfile
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from office import converted, formulas, named, needs_office, recalculated, rows_under, stale
from office import values as cells
from recovery_cases import COSTS, PAID, calls
from recovery_frames import LADDER, all_frames, attempts, pursue
from test_recovery_command import PROFILE, folder_of, run

from toolkit.recovery.factors import classes, together, with_factors
from toolkit.recovery.what_if import STEPS_SCHEMA
from toolkit.recovery_reports.book import write_recovery_book
from toolkit.recovery_reports.pages import write_recovery_page
from toolkit.recovery_reports.recovering import recovered

LEDGER = COSTS + "2026-03,call,Telephone,30,KES,,\n2026-03,overhead,Rent,20.01,KES,,\n2026-03,salary,,70,KES,A1,\n"
TALK = calls("A1 L1 30 yes yes", "A2 L2 60 yes no", "A3 L3 60 yes yes")
BALANCES = "account_id,as_of,balance,days_past_due\nL1,2026-02-28,100,3\nL2,2026-02-28,6,3\nL3,2026-02-28,400,40\n"


def made(
    folder: Path, frames: dict[str, pl.DataFrame] | None = None, profile: str = PROFILE + LADDER, **tables: str
) -> Path:
    """The workbook of a month, with these further tables."""
    data, own = folder_of(
        folder, profile, **{"costs": LEDGER, "payments": PAID, "calls": TALK, "balances": BALANCES, **tables}
    )
    shown = replace(recovered(data, str(own), "2026-03").shown, tables=frames or {}, steps=None, pursuit=None)
    (folder / "out").mkdir()
    write_recovery_book(shown, folder / "out" / "recovery.xlsx")
    write_recovery_page(shown, folder / "out" / "recovery.html")
    return folder / "out" / "recovery.xlsx"


def overview(values: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    """Direct and loaded of each line."""
    sheet = values["Overview"]
    rows = range(10, 30)
    return {str(sheet[f"B{row}"]): (sheet.get(f"C{row}"), sheet.get(f"D{row}")) for row in rows if sheet.get(f"B{row}")}


def test_sheets_of_what_there_is_not_are_left_out(tmp_path: Path) -> None:
    names = openpyxl.load_workbook(made(tmp_path)).sheetnames
    assert names == ["Overview", "Costs", "Channels", "Teams", "Agents", "Buckets", "Checks", "About"]


def test_every_further_table_has_its_sheet(tmp_path: Path) -> None:
    names = openpyxl.load_workbook(made(tmp_path, all_frames())).sheetnames
    assert names[6:11] == ["Worth pursuing", "What if", "Pursue list", "Activities", "Attempts"]
    assert names[11:-2] == ["Hours", "Rolls", "Curves", "Desks", "Steps"]


@pytest.mark.e2e
@needs_office
def test_libreoffice_works_out_every_formula_to_the_stored_value(tmp_path: Path) -> None:
    book = made(tmp_path, all_frames())
    assert len([text for sheet in formulas(book).values() for text in sheet]) > 150
    assert stale(book, tmp_path) == []
    assert named(book, "master_check").startswith("✓")


@pytest.mark.e2e
@needs_office
def test_the_recalculated_overview_is_what_python_calculated(tmp_path: Path) -> None:
    found = overview(cells(recalculated(made(tmp_path), tmp_path)))
    assert found["Cost"] == (100, 120.01)
    assert found["Collected"] == (None, 300)
    assert found["Net recovery"] == (200, 179.99)
    direct, loaded = found["Cost to collect"]
    assert (direct, loaded) == (pytest.approx(100 / 300), pytest.approx(120.01 / 300))
    assert found["Cost of a call"] == (10, pytest.approx(40, abs=0.01))


@pytest.mark.e2e
@needs_office
def test_a_cost_changed_by_hand_changes_every_figure_and_the_checks_say_so(tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(made(tmp_path))
    sheet = opened["Costs"]
    heads = {cell.value: cell.column for cell in sheet[7]}
    for row in range(8, 12):
        if sheet.cell(row, heads["salary"]).value == 70:
            sheet.cell(row, heads["salary"]).value = 1070
    opened.save(tmp_path / "changed.xlsx")
    anew = cells(recalculated(tmp_path / "changed.xlsx", tmp_path))
    assert overview(anew)["Cost"] == (1100, pytest.approx(1120.01))
    assert anew["Overview"]["B3"].startswith("✗")


@pytest.mark.e2e
@needs_office
@pytest.mark.parametrize(
    "factors",
    [
        {"sms": ("1", "1")},
        {"sms": ("1.3", "1"), "visit": ("0.5", "1.2")},
        {"visit": ("3", "1")},
        {"sms": ("0", "9"), "visit": ("1", "0")},
    ],
)
def test_what_if_in_the_workbook_is_what_python_says(factors: dict[str, tuple[str, str]], tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(made(tmp_path, all_frames()))
    sheet = opened["What if"]
    for row in range(11, 13):
        cost, chance = factors.get(str(sheet[f"C{row}"].value), ("1", "1"))
        sheet[f"D{row}"].value, sheet[f"E{row}"].value = float(cost), float(chance)
    opened.save(tmp_path / "asked.xlsx")
    rows = rows_under(recalculated(tmp_path / "asked.xlsx", tmp_path), "What if", "Step")
    exactly = {rung: (Fraction(cost), Fraction(chance)) for rung, (cost, chance) in factors.items()}
    expected = with_factors(classes(pursue()), exactly)
    assert [row["Code"] for row in rows if row["Code"]] == list(expected) == ["sms", "visit"]
    for row in rows[:2]:
        then = expected[row["Code"]]
        nets = [row["then, at least"], row["then, likely"], row["then, at most"]]
        assert nets == [pytest.approx(float(net), abs=1e-4) for net in then.net], row
        opened_row = [cell for cell in row.values() if cell == then.accounts]
        assert opened_row, row


@pytest.mark.e2e
@needs_office
@pytest.mark.parametrize(("pasted", "wrong"), [(None, 0), ("much", 1), (-3, 1), (99, 1)])
def test_an_empty_yellow_cell_is_one_and_what_is_no_factor_is_said(pasted: Any, wrong: int, tmp_path: Path) -> None:
    """Pasted cells escape the check of what is typed; a cost below nothing would be an income."""
    opened = openpyxl.load_workbook(made(tmp_path, all_frames()))
    opened["What if"]["D11"].value = pasted
    opened.save(tmp_path / "asked.xlsx")
    anew = recalculated(tmp_path / "asked.xlsx", tmp_path)
    row = rows_under(anew, "What if", "Step")[0]
    factor = {99: 10, -3: 0}.get(pasted, 1)
    then = with_factors(classes(pursue()), {"sms": (Fraction(factor), Fraction(1))})["sms"]
    assert row["then, likely"] == pytest.approx(float(then.net[1]), abs=1e-4)
    checks = {row["What is compared"]: row for row in rows_under(anew, "Checks", "No.")}
    assert checks["Yellow cells that are no factor"]["In this workbook"] == wrong
    assert str(cells(anew)["What if"]["B3"]).startswith("✗" if wrong else "✓")


def test_with_all_factors_one_the_what_if_is_the_list() -> None:
    now = together(with_factors(classes(pursue()), {}))
    assert (now.accounts, now.cost) == (4, 102)
    taken = pursue().filter(pl.col("cost").is_not_null())
    assert now.net[1] == Fraction(sum(taken["net_likely"].to_list(), Decimal(0)))


def test_doubled_costs_stop_what_pays_by_less_than_half() -> None:
    """L4: 105 x 0.5 = 52.5 against 50; L2: 6 x 0.2 = 1.2 against 1."""
    then = with_factors(classes(pursue()), {"sms": (Fraction(2), Fraction(1)), "visit": (Fraction(2), Fraction(1))})
    assert {rung: sums.accounts for rung, sums in then.items()} == {"sms": 1, "visit": 1}
    assert then["visit"].cost == 100


def test_cheaper_steps_bring_in_accounts_that_no_step_pays_for_today() -> None:
    """30 owed with a chance of 0.1: 3 against a visit of 50 and an SMS of 4; at half the cost the SMS pays."""
    rows = [("=cmd|x", "180+", "sms", "sms", 3000, 400, 0, 100_000, 200_000, 300_000)]
    rows += [("=cmd|x", "180+", "visit", "visit", 3000, 5000, 0, 100_000, 200_000, 300_000)]
    found = classes(pursue(), {"sms": "SMS", "visit": "Visit"}, pl.DataFrame(rows, schema=STEPS_SCHEMA, orient="row"))
    assert together(with_factors(found, {})) == together(with_factors(classes(pursue()), {}))
    half = {rung: (Fraction(1, 2), Fraction(1)) for rung in ("sms", "visit")}
    then = with_factors(found, half)
    assert then["sms"].accounts == 3
    assert then["sms"].net[1] == Fraction(with_factors(classes(pursue()), half)["sms"].net[1]) + 6 - 2


def test_nothing_comes_in_more_often_than_certainly() -> None:
    then = with_factors(classes(pursue()), {"visit": (Fraction(1), Fraction(10))})
    assert then["visit"].net[2] == pytest.approx(505 - 100, abs=0.01)


def test_a_factor_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not below nothing"):
        with_factors(classes(pursue()), {"sms": (Fraction(-1), Fraction(1))})


def test_sums_of_every_sheet_are_those_of_the_costs(tmp_path: Path) -> None:
    rows = rows_under(made(tmp_path, all_frames()), "Checks", "No.")
    assert {"Cost, sheet Teams", "Collected, sheet Buckets", "Accounts past due", "Flows of money"} <= {
        row["What is compared"] for row in rows
    }
    assert {row["Result"] for row in rows} == {"✓ agrees"}


def test_the_roll_matrix_foots(tmp_path: Path) -> None:
    rows = rows_under(made(tmp_path, all_frames()), "Rolls", "From, to")
    matrix = {row["From, to"]: row for row in rows}
    assert matrix["0-6"]["All"] == 7
    assert matrix["All"] == {"From, to": "All", "0-6": 6, "7-29": 4, "paid off": 1, "All": 11}


def test_nothing_collected_has_no_base_in_any_sheet(tmp_path: Path) -> None:
    old = PAID.replace("2026-03", "2026-02")
    book = made(tmp_path, payments=old)
    assert overview(cells(book))["Cost to collect"] == ("no base", "no base")
    teams = rows_under(book, "Teams", "Team")
    assert {row["Cost to collect"] for row in teams} == {"no base"}


@pytest.mark.e2e
@needs_office
def test_a_month_without_costs_is_still_a_book(tmp_path: Path) -> None:
    book = made(tmp_path, costs=COSTS + "2026-01,call,,5,KES,,\n")
    assert overview(cells(book))["Cost to collect"] == ("no costs", "no costs")
    assert stale(book, tmp_path) == []


def test_texts_of_the_data_are_texts(tmp_path: Path) -> None:
    book = made(tmp_path, all_frames(), costs=LEDGER + "2026-03,=cmd|y,,5,KES,,\n")
    assert not any("cmd" in text for sheet in formulas(book).values() for text in sheet.values())
    opened = openpyxl.load_workbook(book)["Pursue list"]
    account = next(cell for row in opened for cell in row if cell.value == "=cmd|x")
    assert account.data_type == "s"
    assert account.quotePrefix


def test_activities_with_too_few_actions_are_a_sheet_without_a_chart(tmp_path: Path) -> None:
    few = {"attempts.csv": attempts().with_columns(verdict=pl.lit("too_few"))}
    assert openpyxl.load_workbook(made(tmp_path, few))["Attempts"]["B7"].value == "1"


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first, second = made(tmp_path / "one", all_frames()), made(tmp_path / "two", all_frames())
    assert first.read_bytes() == second.read_bytes()


def test_charts_are_native(tmp_path: Path) -> None:
    with zipfile.ZipFile(made(tmp_path, all_frames())) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) >= 12
    assert any("errBars" in chart for chart in charts)
    assert any("Cost to collect: highest" in chart for chart in charts)


def test_the_list_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.recovery_reports.book.pursue.MOST", 2)
    book = made(tmp_path, all_frames())
    assert [row["Account"] for row in rows_under(book, "Pursue list", "Account")] == ["L3", "L1"]
    assert cells(book)["Pursue list"]["B5"] == "3 more accounts are in pursue.csv."


@pytest.mark.e2e
@needs_office
def test_nothing_is_cut_off_on_paper(tmp_path: Path) -> None:
    [pdf] = converted([made(tmp_path, all_frames())], tmp_path, "pdf")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True).stdout.decode()  # noqa: S603, S607
    assert not any(word in text for word in ("###", "#NAME", "#REF", "#VALUE", "#DIV/0", "#N/A"))


@pytest.mark.parametrize(("option", "left_out"), [("--no-workbook", "recovery.xlsx"), ("--no-pages", "recovery.html")])
def test_what_is_not_wanted_is_not_made(option: str, left_out: str, tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, costs=LEDGER, payments=PAID, calls=TALK)
    run(data, own, tmp_path / "out")
    assert (tmp_path / "out" / left_out).exists()
    assert run(data, own, tmp_path / "out", option).exit_code == 0
    assert not (tmp_path / "out" / left_out).exists()
    kept = {"recovery.xlsx", "recovery.html"} - {left_out}
    assert all((tmp_path / "out" / name).exists() for name in kept)
