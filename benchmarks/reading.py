"""Reading a million rows with defects in them, beside what one would write without the toolkit.

python benchmarks/reading.py [--rows 1000000] [--workbook] [--bad]

The first measure holds the readers against pydantic, row by row; --workbook a workbook of ten columns against openpyxl
in its read-only mode; --bad says what a file costs in which every row is wrong, as the command is run.
"""

import argparse
import csv
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import xlsxwriter
from measuring import verdict
from pydantic import BaseModel, Field, ValidationError, field_validator

from toolkit.profiles import Limits, Profile
from toolkit.reading import Reading, read_tables

PROFILE = Profile(
    name="bench",
    country="KE",
    currency="KES",
    timezone="Africa/Nairobi",
    date_order="dmy",
    limits=Limits(workbook_mb=200, unfolded_mb=2000),
)
HEADER = [
    "payment_id",
    "paid_at",
    "account_id",
    "amount",
    "currency",
    "kind",
    "channel",
    "reference",
    "credits",
    "posted_by",
]
DEFECTS = (
    ("amount", "12OO.00"),
    ("amount", ""),
    ("amount", "1200.005"),
    ("paid_at", "31/02/2026"),
    ("payment_id", "2.54E+11"),
)
EVERY = 997
"""One row in so many has a defect."""
BAD_ROWS = 200_000


class PaymentRow(BaseModel):
    """What the same rules look like as a model that is asked row by row."""

    payment_id: str = Field(
        min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9 ._/:#&-]*$|^[0-9]+$"
    )
    paid_at: datetime
    account_id: str = Field(min_length=1, max_length=100)
    amount: Decimal = Field(decimal_places=2)
    currency: str = Field(pattern="^KES$")
    kind: str = Field(pattern="^(instalment|deposit|prepayment|fee|penalty|payoff)$")
    channel: str
    reference: str
    credits: Decimal
    posted_by: str

    @field_validator("paid_at", mode="before")
    @classmethod
    def _day_first(cls, text: str) -> datetime:
        return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007  # the rules of the file are local times

    @field_validator("amount")
    @classmethod
    def _not_zero(cls, amount: Decimal) -> Decimal:
        if amount <= 0:
            raise ValueError("not a payment")
        return amount


def rows(count: int) -> Iterator[list[str]]:
    """Payments, the same at every run, with a defect in one of `EVERY`."""
    chance = random.Random(7)  # noqa: S311  # invented data, the same every time
    for number in range(count):
        day, hour, minute = 1 + number % 28, number % 24, number % 60
        row = [
            f"PAY-{number:08d}", f"{day:02d}/10/2026 {hour:02d}:{minute:02d}", f"ACC-{chance.randrange(50_000):06d}",
            f"{chance.randrange(100, 2_000_000) / 100:.2f}", "KES", "instalment", "mobile_money", f"R{number}", "7",
            "clerk",
        ]  # fmt: skip
        if number % EVERY == EVERY - 1:
            column, text = DEFECTS[number // EVERY % len(DEFECTS)]
            row[HEADER.index(column)] = text
        yield row


def planted(count: int) -> set[int]:
    """The rows of the file, as Excel counts them, that have a defect."""
    return {number + 2 for number in range(EVERY - 1, count, EVERY)}


def by_pydantic(path: Path) -> set[int]:
    bad = set()
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                PaymentRow.model_validate(row)
            except ValidationError:
                bad.add(number)
    return bad


def by_toolkit(path: Path) -> Reading:
    return read_tables(path, PROFILE)


def rejected(reading: Reading) -> set[int]:
    return {found.row for found in reading.problems if found.level == "error" and found.row is not None}


def text_file(folder: Path, count: int) -> None:
    path = folder / "payments.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows(count))
    by_toolkit(path)  # imports, and the file in memory for both
    ours, reading = seconds(by_toolkit, path)
    theirs, found = seconds(by_pydantic, path)
    same(rejected(reading), planted(count))
    same(found, planted(count))
    print(
        f"{count:,} rows of CSV, {len(found):,} of them wrong: toolkit {ours:.2f} s, pydantic row by row {theirs:.2f} s"
    )
    print(verdict("times faster than pydantic", theirs / ours, 15, "x", at_least=True))


def workbook(folder: Path, count: int) -> None:
    path = folder / "payments.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Payments")
    money = book.add_format({"num_format": "0.00"})
    sheet.write_row(0, 0, HEADER)
    for number, row in enumerate(rows(count), 1):
        for column, text in enumerate(row):
            if column == 3 and text[:1].isdigit() and text.replace(".", "").isdigit():
                sheet.write_number(number, column, float(text), money)
            elif column == 8:
                sheet.write_number(number, column, 7)
            else:
                sheet.write_string(number, column, text)
    book.close()
    print(f"the workbook has {path.stat().st_size / 2**20:.0f} MB")
    ours, reading = seconds(by_toolkit, path)
    theirs, cells = seconds(by_openpyxl, path)
    same(cells, count + 1)
    same(rejected(reading), planted(count))
    print(f"{count:,} rows of a workbook: toolkit {ours:.2f} s with all checks, openpyxl {theirs:.2f} s for the cells")
    print(verdict("times faster than openpyxl", theirs / ours, 10, "x", at_least=True))


def by_openpyxl(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))


def bad_file(folder: Path) -> None:
    path = folder / "payments.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for number, row in enumerate(rows(BAD_ROWS)):
            row[3] = ("12OO.00", "", "1200.005", "abc")[number % 4]
            writer.writerow(row)
    command = [
        sys.executable,
        "-m",
        "cli",
        "check",
        str(path),
        "--profile",
        "paygo-solar",
        "--out",
        str(folder / "out"),
    ]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    printed, _ = process.communicate()
    taken = time.perf_counter() - started
    peak = _peak_of_children()
    listed = (folder / "out" / "problems.csv").read_text(encoding="utf-8").count("\n") - 1
    same(listed >= BAD_ROWS, True)
    print(f"{BAD_ROWS:,} bad rows: {len(printed.splitlines())} lines printed, {listed:,} in problems.csv")
    print(verdict("a file in which every row is wrong", taken, 10, "s"))
    print(verdict("memory", peak, 300, "MB"))


def _peak_of_children() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def same(seen: object, wanted: object) -> None:
    """Stops where what was found is not what was planted."""
    if seen != wanted:
        raise SystemExit(f"found {str(seen)[:200]} and not {str(wanted)[:200]}")


def seconds(work: object, *arguments: object) -> tuple[float, object]:
    started = time.perf_counter()
    answer = work(*arguments)  # type: ignore[operator]  # whatever is to be timed
    return time.perf_counter() - started, answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workbook", action="store_true")
    parser.add_argument("--bad", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.workbook:
            workbook(folder, asked.rows)
        elif asked.bad:
            bad_file(folder)
        else:
            text_file(folder, asked.rows)


if __name__ == "__main__":
    main()
