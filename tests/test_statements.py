"""A statement: the agent's own figures, all of them, and nobody else's."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import made_runs
import openpyxl
import polars as pl
import pytest
from made_runs import PROVENANCE, Made, in_shillings, october
from office import converted, formulas, named, needs_office, parts, rows_under, values

from toolkit.statements import of_agent, write_statement, write_statements


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("october")
    write_statements(october(), out, PROVENANCE)
    return out


def table(book: Path) -> list[dict[str, Any]]:
    return [
        row
        for row in rows_under(book, "Statement", "What it is for")
        if not row["What it is for"].startswith("To be paid")
    ]


def test_every_agent_of_the_sheet_has_a_statement_named_after_the_id(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {f"{agent}.xlsx" for agent in october().sheet["agent_id"]}


def test_brians_statement_reads_as_it_should(folder: Path) -> None:
    rows = table(folder / "A017.xlsx")
    shown = [(row["What it is for"], row["Base"], row["Rate"], row["Factor"], row["Amount, KES"]) for row in rows]
    assert shown == [
        ("Cash collected", 1056000.00, 0.01, 1.1, 11616.00),
        ("Cash collected", 228500.00, 0.02, 1.1, 5027.00),
        ("Arrears over 90 days", 96400.00, 0.15, 1.1, 15906.00),
        ("Bikes brought in, papers complete", 2, 1500, 1, 3000.00),
        ("Taken back: Cash collected", -12000.00, 0.02, 1, -240.00),
        ("Held back: Arrears over 90 days", 15906.00, 0.2, None, -3181.20),
        ("Withholding tax", 32127.80, 0.05, None, -1606.39),
        ("Carried from before", None, None, None, 0.59),
    ]
    why = [row["Why"] for row in rows]
    assert why[0] == "1 % up to 80 % of 1,320,000; 14 payments"
    assert why[3] == "KMFA 221X brought in; KMEX 904P brought in"
    assert why[5] == "20% held back until 29 Dec 2026"
    assert why[7] == "what September 2026 left"


def test_the_large_figures_are_the_ones_he_came_for(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "A017.xlsx", data_only=True)["Statement"]
    labels = {cell.value: cell.column_letter for cell in sheet[5] if cell.value}
    assert list(labels) == ["Collected", "Target met", "Earned before tax", "To be paid"]
    assert [sheet[f"{letter}6"].value for letter in labels.values()] == [1380900.00, 0.973, 32127.80, 30522.00]
    assert sheet[f"{labels['To be paid']}6"].number_format.startswith('"KES "')


def test_the_total_says_where_the_money_goes_and_hides_the_number(folder: Path) -> None:
    shown = list(values(folder / "A017.xlsx")["Statement"].values())
    assert "To be paid to 2547•• ••• 678 (M-PESA)" in shown
    text = "".join(parts(folder / "A017.xlsx").values())
    assert "254712345678" not in text and "712345" not in text
    text = "".join(parts(folder / "A018.xlsx").values())
    assert "0012345678901" not in text and "•••• 901" in text


def test_there_is_nobody_elses_data_in_it(folder: Path) -> None:
    run = october()
    for agent_id in run.sheet["agent_id"]:
        text = "".join(parts(folder / f"{agent_id}.xlsx").values())
        others = run.lines.filter(pl.col("agent_id") != agent_id)
        secret = set(others["payment_id"]) | set(run.sheet.filter(pl.col("agent_id") != agent_id)["name"])
        secret |= set(run.credit.filter(pl.col("agent_id") != agent_id)["payment_id"]) | {"L000871"}
        assert [word for word in secret if word and f">{word}<" in text] == [], agent_id


def test_every_payment_of_his_stands_on_the_second_page(folder: Path) -> None:
    rows = rows_under(folder / "A017.xlsx", "Payments", "Row")
    assert len(rows) == 47  # 14 + 4 + 23 payments, 2 bikes, taken back, held, tax, carried in
    assert [row["Payment"] for row in rows[:2]] == ["TXN-88001", "TXN-88002"]
    assert sum(row["Amount, KES"] for row in rows) == pytest.approx(30522.00, abs=1e-6)


def test_what_is_held_until_the_same_day_is_one_line(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    run.agent("A1", "Asha")
    run.earn_over_payments("A1", "ARREARS", "10000.00", "0.15", "1", 3, "15 %")
    for number, (amount, day) in enumerate((("-100.00", 1), ("-100.00", 1), ("-80.00", 2))):
        run.line("A1", "holdback", "ARREARS", amount, due_on=date(2026, 12, day), payment_id=f"TXN-8800{number + 1}",
                 reason=f"20% held back until 2026-12-0{day}")  # fmt: skip
    path = write_statements(run.run(), tmp_path, PROVENANCE)["A1"]
    held = [row for row in rows_under(path, "Payments", "Row") if row["Amount, KES"] < 0]
    assert [(row["Payment"], row["Amount, KES"], row["Why"]) for row in held] == [
        (None, -200.0, "20% held back until 2026-12-01"),
        ("TXN-88003", -80.0, "20% held back until 2026-12-02"),
    ]
    row = next(row for row in table(path) if row["What it is for"] == "Held back: Arrears over 90 days")
    assert (row["Amount, KES"], row["Why"]) == (-280.0, "20% held back until 1 Dec to 2 Dec 2026; 3 payments")
    assert named(path, "master_check").startswith("✓")


def test_a_gate_that_took_something_says_what_it_took(folder: Path) -> None:
    shown = [str(value) for value in values(folder / "A019.xlsx")["Statement"].values()]
    assert (
        "◆ Cash collected: would have earned 1,234.00; 1,234.00 of it not paid, because of "
        "QUALITY: call quality 91 %, under 93 %: nothing."
    ) in shown


def test_one_more_thousand_is_told(folder: Path) -> None:
    assert "Cash collected: 1,000 more collected pays 22.00." in values(folder / "A017.xlsx")["Statement"].values()


def test_a_debt_is_carried_and_nothing_is_paid(folder: Path) -> None:
    rows = {row["What it is for"]: row for row in table(folder / "A020.xlsx")}
    assert rows["Taken back: Cash collected"]["Amount, KES"] == -1250.55
    assert rows["Carried to the next period"]["Amount, KES"] == 1250.55
    assert rows["Carried to the next period"]["Why"] == "owed; taken from what November 2026 earns"
    sheet = openpyxl.load_workbook(folder / "A020.xlsx", data_only=True)["Statement"]
    assert sheet["G6"].value == 0


def test_amounts_add_up_by_formulas(folder: Path) -> None:
    found = formulas(folder / "A017.xlsx")["Statement"]
    assert found["F9"] == "=SUMIFS(line_amount,line_row,$A9)"
    assert found["F17"] == "=SUM(F9:F16)"
    assert named(folder / "A017.xlsx", "master_check") == "✓ Adds up to the commission sheet"


def test_a_line_that_is_missing_shows(tmp_path: Path) -> None:
    share = of_agent(october(), "A017")
    write_statement(replace(share, lines=share.lines[1:]), tmp_path / "a.xlsx", PROVENANCE)
    assert named(tmp_path / "a.xlsx", "master_check").startswith("✗ Does not add up")
    footer = openpyxl.load_workbook(tmp_path / "a.xlsx")["Statement"].oddFooter.right.text
    assert footer.endswith("A check differs ✗")


def test_ids_that_are_no_file_names_get_one(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    for agent_id in ("CON", "a/b", "a1", "A1"):
        run.agent(agent_id, agent_id)
        run.line(agent_id, "adjust", "", "1000.00", reason="by hand")
    files = write_statements(run.run(), tmp_path / "statements", PROVENANCE)
    assert set(files) == {"CON", "a/b", "a1", "A1"}
    assert len({path.name.lower() for path in files.values()}) == 4
    assert {path.parent for path in files.values()} == {tmp_path / "statements"}
    assert all(values(path)["Statement"]["B2"].startswith(agent_id) for agent_id, path in files.items())


def test_each_adjustment_keeps_its_reason(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    run.agent("A1", "Asha")
    for amount, reason in (("10.00", "Fuel"), ("-3.00", "Lost book"), ("10.00", "=1+1")):
        run.line("A1", "adjust", "", amount, reason=reason)
    path = write_statements(run.run(), tmp_path, PROVENANCE)["A1"]
    rows = table(path)
    assert [(row["Amount, KES"], row["Why"]) for row in rows[:3]] == [
        (10.0, "Fuel"),
        (-3.0, "Lost book"),
        (10.0, "=1+1"),
    ]


def test_an_agent_without_a_single_line_gets_a_statement_too(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    run.agent("A1", "Asha")
    path = write_statements(run.run(), tmp_path, PROVENANCE)["A1"]
    assert named(path, "master_check").startswith("✓")


def test_a_statement_before_the_end_of_the_period_is_provisional(tmp_path: Path) -> None:
    path = write_statements(replace(october(), as_of=date(2026, 10, 21)), tmp_path, PROVENANCE)["A017"]
    assert values(path)["Statement"]["B2"].endswith("provisional: data to 21 October 2026")


def test_an_unknown_agent_is_refused() -> None:
    with pytest.raises(KeyError):
        of_agent(october(), "nobody")


def test_the_same_share_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_statement(of_agent(october(), "A017"), tmp_path / "a.xlsx", PROVENANCE)
    assert (tmp_path / "a.xlsx").read_bytes() == (folder / "A017.xlsx").read_bytes()


@pytest.mark.e2e
@needs_office
def test_libreoffice_works_out_every_statement_to_the_stored_values(folder: Path, tmp_path: Path) -> None:
    shillings = write_statements(in_shillings(), tmp_path / "ugx", PROVENANCE)
    books = [*sorted(folder.glob("*.xlsx")), *shillings.values()]
    for book, anew in zip(books, converted(books, tmp_path, "xlsx:Calc MS Excel 2007 XML"), strict=True):
        before, after = values(book), values(anew)
        for sheet, cells in formulas(book).items():
            for cell, formula in cells.items():
                stored, found = before[sheet][cell], after[sheet][cell]
                assert stored == pytest.approx(found, abs=1e-6), f"{book.name} {sheet}!{cell} {formula}"
