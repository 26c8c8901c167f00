"""`toolkit check`: what it prints and writes, and how it ends."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from toolkit.commands.check import check

PAYMENTS = "payment_id,account_id,paid_at,amount\nP1,A1,2026-10-02,100.00\nP2,A1,2026-10-03,250.50\n"


def run(folder: Path, *arguments: str, **files: str) -> Result:
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, text in files.items():
        (data / name.replace("_", ".")).write_text(text, encoding="utf-8")
    where = [] if any(argument.endswith(".csv") for argument in arguments) else [str(data)]
    return CliRunner().invoke(check, [*where, "--profile", "paygo-solar", "--out", str(folder / "out"), *arguments])


def problems(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "problems.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "out" / "check.json").read_text(encoding="utf-8"))
    return content


def test_clean_data_ends_with_0_and_shows_the_sum(tmp_path: Path) -> None:
    result = run(tmp_path, payments_csv=PAYMENTS)
    assert result.exit_code == 0
    assert "KES 350.50" in result.output
    tables = summary(tmp_path)["tables"]
    assert tables["payments"]["accepted"] == 2
    assert tables["payments"]["sums"] == {"amount": "350.50"}
    [file] = tables["payments"]["files"]
    assert (file["file"], file["verdict"], file["code"]) == ("payments.csv", "accept-normalised", "")
    assert (file["accepted"], file["rejected"], file["ignored"]) == (2, 0, 0)
    assert len(file["sha256"]) == 64


def test_rows_set_aside_end_with_3_and_each_has_its_place(tmp_path: Path) -> None:
    result = run(tmp_path, payments_csv=PAYMENTS + "P3,A1,2026-10-04,12OO\n")
    assert result.exit_code == 3
    [row] = problems(tmp_path)
    assert (row["file"], row["row"], row["column"], row["value"], row["code"]) == (
        "payments.csv", "4", "amount", "12OO", "NOT_A_NUMBER",
    )  # fmt: skip


def test_a_refused_file_ends_with_1_and_is_in_the_report(tmp_path: Path) -> None:
    assert run(tmp_path, payments_csv=PAYMENTS.replace("amount", "x")).exit_code == 1
    [row] = problems(tmp_path)
    assert (row["code"], row["column"]) == ("MISSING_COLUMN", "amount")


@pytest.mark.parametrize("arguments", [["--table", "paiments"], ["--as-of", "31/10/2026"]])
def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    assert run(tmp_path, *arguments, payments_csv=PAYMENTS).exit_code == 2


def test_nothing_to_read_ends_with_1_and_nothing_written(tmp_path: Path) -> None:
    assert run(tmp_path).exit_code == 1
    assert not (tmp_path / "out").exists()


def test_single_files_are_the_table_that_the_user_says(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(PAYMENTS)
    assert run(tmp_path, "--table", "payments", str(file)).exit_code == 0
    assert run(tmp_path, "--table", "calls", str(file)).exit_code == 1
    assert {row["code"] for row in problems(tmp_path)} == {"MISSING_COLUMN"}


def test_the_future_begins_after_the_as_of_day(tmp_path: Path) -> None:
    assert run(tmp_path, "--as-of", "2026-10-02", payments_csv=PAYMENTS).exit_code == 3
    assert [(row["row"], row["code"]) for row in problems(tmp_path)] == [("3", "DATE_FUTURE")]


def test_cells_that_could_be_formulas_get_an_apostrophe(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=PAYMENTS + "=HYPERLINK(1),A1,2026-10-04,5\n")
    [row] = problems(tmp_path)
    assert row["value"] == "'=HYPERLINK(1)"


def test_json_prints_the_summary_and_quiet_prints_nothing(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "--json", payments_csv=PAYMENTS).stdout) == summary(tmp_path)
    assert run(tmp_path, "--quiet").output == ""


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        run(tmp_path, payments_csv=PAYMENTS + "P3,A1,2026-10-04,12OO\n")
        written.append([(tmp_path / "out" / name).read_bytes() for name in ("problems.csv", "check.json")])
    assert written[0] == written[1]
