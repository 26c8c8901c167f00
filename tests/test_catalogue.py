"""Every case of the catalogue of bad input gets exactly its verdict, rows, code and accepted sum."""

import tomllib
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from catalogue import ACCEPTED, FILE, Case, cases, read_case

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[f"{case.code or 'accepted'}: {case.about[:60]}" for case in CASES])
def test_a_damaged_file_gets_its_verdict(tmp_path: Path, case: Case) -> None:
    reading = read_case(case, tmp_path)
    about = [file for file in reading.files if file.file == case.file]
    said = [(found.code, found.row, found.level, str(found)) for found in reading.problems if found.file == case.file]
    verdict = max((file.verdict for file in about), key=[ACCEPTED, "reject-rows", FILE].index, default="")
    assert verdict == case.verdict, said
    errors = {(code, row) for code, row, level, _ in said if level == "error"}
    rows = sorted({row for _, row in errors if row is not None}) if verdict != FILE else []
    assert rows == case.rows, said
    assert {code for code, _ in errors} == case.codes, said
    assert sorted({code for code, _, level, _ in said if level == "warning"}) == sorted(case.rules.get("warns", [])), (
        said
    )
    if verdict != FILE or not case.file.startswith("payments"):
        taken = Decimal(reading.accepted_sums.get("payments", 0)) / 100
        assert taken == Decimal(case.sum), said
    assert all(file.rows == file.accepted + file.rejected + file.ignored for file in reading.files)


SAID_ELSEWHERE = {
    "DATA_EMPTY": "a folder without data files: tests/test_reading.py",
    "DATA_NOT_FOUND": "no such folder: tests/test_reading.py",
    "FILE_UNREADABLE": "a file that may not be opened: the operating system decides",
    "TAKEN_NOW": "rows of an earlier run: tests/test_set_aside.py",
    "STILL_WAITING": "rows of an earlier run: tests/test_set_aside.py",
    "FORMAT_UNKNOWN": "a single file of another kind: tests/test_check.py",
    "TABLE_MISSING": "a table that a plan needs: tests of the commands",
    "TOO_LARGE": "a workbook of many MB: tests/test_limits.py",
}


def test_every_code_of_reading_has_its_case() -> None:
    shown = {code for case in CASES for code in [*case.codes, *case.rules.get("warns", [])]}
    texts = tomllib.loads((files("toolkit") / "texts" / "en" / "reading.toml").read_text(encoding="utf-8"))
    wanted = {code for code, text in texts.items() if text["level"] != "info"}
    assert wanted - shown - set(SAID_ELSEWHERE) == set()
    assert len(CASES) >= 300
