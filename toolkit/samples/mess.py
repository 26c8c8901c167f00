"""Plants defects in the sample, as real exports have them, and lists every one in planted.csv.

Every planted row is an additional one, so what is good stays good and the reader's report can be held
against the list. Only the first thousands of rows of a table are touched; the rest is copied as it is.
"""

import csv
import io
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from toolkit.money import plain
from toolkit.profiles import Profile
from toolkit.samples.chance import Rng, streams
from toolkit.samples.export import DATE_FORMS, PLANTED, Exports
from toolkit.shipped import shipped
from toolkit.tables import TABLES

HEAD = 5_000
"""Rows of a table among which defects are planted."""
ROWS_PER_DEFECT = 20_000
"""Each defect is planted once for so many rows of its table, at least once and at most `MOST` times."""
MOST = 20
BLANK_ROWS = 2
FOOTER = "End of report"


@dataclass(frozen=True)
class Defect:
    """One kind of defect; see toolkit/data/sample_mess.toml."""

    table: str
    column: str
    code: str
    how: str = "value"
    value: str = ""
    amount: str = ""
    changes: str = ""


@dataclass(frozen=True)
class Planted:
    """A defect and where it is: the row as Excel shows it, the column's header in the file."""

    file: str
    row: int
    column: str
    value: str
    code: str


Row = list[str]


def defects() -> list[Defect]:
    content = tomllib.loads((shipped("data") / "sample_mess.toml").read_text(encoding="utf-8"))
    return [Defect(**entry) for entry in content["defect"]]


def plant(profile: Profile, exports: Exports, seed: int, year: int) -> int:
    """Plants every defect that the sample's tables can have; gives their number."""
    rng = streams(seed)["mess"]
    planted: list[Planted] = []
    for table in exports.rows:
        mine = [defect for defect in defects() if defect.table == table]
        if mine:
            planted += _plant_in(profile, exports, table, mine, rng, year)
    _write_list(exports, planted)
    return len(planted)


def _plant_in(profile: Profile, exports: Exports, table: str, mine: list[Defect], rng: Rng, year: int) -> list[Planted]:
    path = exports.path(table)
    aside = path.with_suffix(".messy")
    planted: list[Planted] = []
    with path.open(encoding="utf-8", newline="") as source, aside.open("w", encoding="utf-8", newline="") as target:
        header = next(csv.reader([source.readline()]))
        head = list(csv.reader([line for _, line in zip(range(HEAD), source, strict=False)]))
        places = {name: header.index(profile.spelling(table, name)) for name in _columns(profile, table, header)}
        times = min(MOST, max(1, exports.rows[table] // ROWS_PER_DEFECT))
        bad = [(d, n) for d in mine if d.column in places for n in range(times)]
        rows = _with_bad_rows(profile, table, head, bad, places, rng, year)
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(header)
        for number, (row, defect) in enumerate(rows, start=2):
            writer.writerow(row)
            if defect:
                place = places[defect.column]
                planted.append(Planted(f"{table}.csv", number, header[place], row[place], defect.code))
        shutil.copyfileobj(source, target)
        if table == "payments":
            last = 1 + exports.rows[table] + sum(2 if defect.how == "same_id" else 1 for defect, _ in bad)
            planted += _end(profile, exports, header, places, last, target)
    aside.replace(path)
    return planted


def _columns(profile: Profile, table: str, header: list[str]) -> list[str]:
    return [column.name for column in TABLES[table].columns if profile.spelling(table, column.name) in header]


def _with_bad_rows(
    profile: Profile,
    table: str,
    head: list[Row],
    bad: list[tuple[Defect, int]],
    places: dict[str, int],
    rng: Rng,
    year: int,
) -> Iterator[tuple[Row, Defect | None]]:
    """The head's rows with each bad row somewhere behind the good one that it was made from."""
    after: dict[int, list[tuple[Row, Defect]]] = {}
    looks_alike: dict[int, Defect] = {}
    good = [n for n, row in enumerate(head) if not row[places.get("reverses", 0)] or "reverses" not in places]
    for number, (defect, _) in enumerate(bad, start=1):
        model = good[int(rng.integers(len(good)))]
        rows = [_bad_row(profile, table, head[model], defect, places, number, year)]
        if defect.how == "same_id":
            rows.append(_contradicting(rows[0], defect, places))
        if defect.how == "same_content":
            looks_alike[model] = defect
        after.setdefault(int(rng.integers(model, len(head))), []).extend((row, defect) for row in rows)
    for place, row in enumerate(head):
        yield row, looks_alike.get(place)
        yield from after.get(place, ())


def _bad_row(
    profile: Profile, table: str, model: Row, defect: Defect, places: dict[str, int], number: int, year: int
) -> Row:
    row = list(model)
    if defect.how == "same_row":
        return row
    row[places[TABLES[table].key[0]]] = f"BAD-{number:04d}"
    if "reference" in places and defect.how != "same_content":
        row[places["reference"]] = f"BADREF{number:06d}"
    if defect.how == "value":
        bad_date = DATE_FORMS[profile.date_order].replace("%d", "31").replace("%m", "02").replace("%Y", str(year))
        early = f"{date(2020, 1, 1):{DATE_FORMS[profile.date_order]}}"
        row[places[defect.column]] = defect.value.replace("{bad_date}", bad_date).replace("{early}", early)
    if defect.how == "empty":
        row[places[defect.column]] = ""
    if defect.amount:
        row[places["amount"]] = defect.amount
    return row


def _contradicting(row: Row, defect: Defect, places: dict[str, int]) -> Row:
    """The same id again, saying something else."""
    other = list(row)
    other[places[defect.changes]] = defect.value
    return other


def _end(
    profile: Profile, exports: Exports, header: list[str], places: dict[str, int], last: int, target: io.TextIOBase
) -> list[Planted]:
    """Blank rows, a total and a line of text below the table, as printed reports have them."""
    writer = csv.writer(target, lineterminator="\n")
    for _ in range(BLANK_ROWS):
        writer.writerow([""] * len(header))
    total = [""] * len(header)
    total[0] = "TOTAL"
    total[places["amount"]] = plain(exports.sums["payments"], profile.digits)
    writer.writerow(total)
    writer.writerow([f"{FOOTER}: {exports.rows['payments']} records", *[""] * (len(header) - 1)])
    file, amount = "payments.csv", header[places["amount"]]
    blank = [Planted(file, last + n, "", "", "IGNORED_BLANK") for n in range(1, BLANK_ROWS + 1)]
    return [
        *blank,
        Planted(file, last + BLANK_ROWS + 1, amount, total[places["amount"]], "CONTROL_TOTAL_UNCHECKED"),
        Planted(file, last + BLANK_ROWS + 2, "", f"{FOOTER}: {exports.rows['payments']} records", "IGNORED_FOOTER"),
    ]


def _write_list(exports: Exports, planted: list[Planted]) -> None:
    with exports.path(Path(PLANTED).stem).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "row", "column", "value", "code"])
        for one in planted:
            writer.writerow([one.file, one.row, one.column, one.value, one.code])
