"""How large a workbook may be, as the profile says: a larger one is refused before anything is read of it."""

import random
from pathlib import Path

import pytest
import xlsxwriter
from reading_cases import PROFILE

from toolkit.profiles import Limits
from toolkit.reading import Reading, read_tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of more than 1 MB that unfolds to more than 3 MB."""
    folder = tmp_path_factory.mktemp("large")
    chance = random.Random(4)  # noqa: S311  # invented references, the same every time
    book = xlsxwriter.Workbook(folder / "payments.xlsx", {"constant_memory": True})
    sheet = book.add_worksheet("Payments")
    sheet.write_row(0, 0, ["payment_id", "paid_at", "account_id", "amount", "reference"])
    for row in range(1, 12_001):
        sheet.write_row(row, 0, [f"P{row}", "2026-03-02", f"A{row}", 100, f"{chance.getrandbits(900):x}"])
    book.close()
    return folder


def taken(folder: Path, **limits: int) -> Reading:
    return read_tables(folder, PROFILE.model_copy(update={"limits": Limits(**limits)}))


def test_a_workbook_within_the_limits_is_taken(folder: Path) -> None:
    assert taken(folder).accepted_sums["payments"] == 12_000 * 100_00


@pytest.mark.parametrize(
    ("limits", "code", "said"),
    [
        ({"workbook_mb": 1}, "TOO_LARGE", "larger than 1 MB"),
        ({"unfolded_mb": 3}, "ZIP_BOMB", "more than 3 MB"),
    ],
)
def test_a_larger_one_is_refused_and_the_setting_named(
    folder: Path, limits: dict[str, int], code: str, said: str
) -> None:
    reading = taken(folder, **limits)
    assert [found.code for found in reading.problems] == [code]
    assert said in str(reading.problems[0])
    assert next(iter(limits)) in str(reading.problems[0])
    assert "payments" not in reading.tables
