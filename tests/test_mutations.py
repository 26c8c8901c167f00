"""Some hundreds of the mutants of tests/mutations.py, and whether its law notices what it should."""

from collections import Counter
from pathlib import Path

import pytest
from catalogue import BASE
from mutants import Mutant, mutant, sound_file
from mutations import FAILED, REFUSED, SAME, SEEN_TWICE, SET_ASIDE, judged, verdicts
from naive_rows import meanings
from reading_cases import AS_OF, PROFILE

from toolkit.reading import read_tables

FORMS = {
    "csv": "csv",
    "utf16": "csv",
    "xlsx": "xlsx",
    "shared": "xlsx",
    "xls": "xls",
    "html": "xls",
    "parquet": "parquet",
}


@pytest.mark.parametrize("seed", [1, 2])
def test_no_mutant_crashes_hangs_or_changes_a_sum_in_silence(seed: int) -> None:
    found = list(verdicts(seed, range(80)))
    assert [verdict for verdict in found if verdict.outcome == FAILED] == []
    outcomes = Counter(verdict.outcome for verdict in found)
    assert min(outcomes[outcome] for outcome in (REFUSED, SET_ASIDE, SEEN_TWICE, SAME)) > 0


def test_a_mutant_is_the_same_at_every_run() -> None:
    assert [mutant(3, number) for number in range(40)] == [mutant(3, number) for number in range(40)]


def law(folder: Path, given: bytes, shown: bytes, name: str = "payments.csv") -> tuple[str, list[str]]:
    """What the law says where the toolkit reads one file and the second reading another."""
    (folder / name).write_bytes(given)
    reading = read_tables(folder, PROFILE, as_of=AS_OF)
    return judged(reading, Mutant(0, 0, "csv", name, shown, "bytes: none"))


@pytest.mark.parametrize("form", FORMS)
def test_the_sound_file_is_taken_as_it_is(tmp_path: Path, form: str) -> None:
    content = sound_file("payments", form)
    assert law(tmp_path, content, content, f"payments.{FORMS[form]}") == (SAME, [])


SOUND_CSV = (BASE / "payments.csv").read_bytes()
FIFTH = b"PAY-0005,16/03/2026,ACC-2,AG-03,500.00,KES,R5,\n"
SIXTH = b"PAY-0006,16/03/2026,ACC-2,AG-03,7.00,KES,R6,\n"


@pytest.mark.parametrize(
    ("before", "after", "noticed"),
    [
        (b"1200.00", b"1200.01", "row 2: 120000 was taken where '1200.01' stands"),
        (b"PAY-0003", b"PAY-0009", "row 4: 'PAY-0003' was taken as payment_id where 'PAY-0009' stands"),
        (b"AG-03", b"AG-01", "row 6: 'AG-03' was taken as agent_id where 'AG-01' stands"),
        (b"R5,\n", b"R5,\n" + SIXTH, "row 7 with the amount '7.00' was left out without a word"),
        (FIFTH, b"", "row 6 was taken, and the second reading has no such row"),
    ],
)  # fmt: skip
def test_the_law_notices_a_reading_that_is_wrong(tmp_path: Path, before: bytes, after: bytes, noticed: str) -> None:
    shown = SOUND_CSV.replace(before, after)
    assert shown != SOUND_CSV
    assert law(tmp_path, SOUND_CSV, shown)[1] == [noticed]


def test_a_total_may_count_rows_that_were_set_aside(tmp_path: Path) -> None:
    """The fifth row is in another currency; what Excel summed below it is the sum of all five rows."""
    content = SOUND_CSV.replace(b"KES,R5", b"USD,R5") + b",Total:,,,17650.49,,,\n"
    assert law(tmp_path, content, content) == (SET_ASIDE, [])


def test_the_law_notices_a_sum_that_nobody_can_explain(tmp_path: Path) -> None:
    outcome, why = law(tmp_path, SOUND_CSV.replace(b"1200.00", b"1.00"), b"no table")
    assert (outcome, len(why)) == (SAME, 1)


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        ("1,200.00", {120000}), ("KES 1,200/=", {120000}), ("(5.00)", {-500}), ("1.234", {123400}), ("12,50", set()),
        ("1.234,50", {123450}), ("1e3", set()), (1199.9999999999998, {120000}), ("1200.005", set()), (True, set()),
    ],
)  # fmt: skip
def test_what_an_amount_can_mean(cell: object, cents: set[int]) -> None:
    assert meanings(cell) == cents
