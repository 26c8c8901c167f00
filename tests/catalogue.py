"""The catalogue of bad input: cases as data (`tests/errors/*.toml`), and the files that they describe.

Every case damages one of the sound files in `tests/errors/base` and says what the readers answer: the verdict, the
rows set aside, the code, and the sum of the payments that are taken. A case is a table of TOML:

about     what was done to the file, for the reader of the documentation
file      which file is damaged; payments.csv unless it says otherwise. ``payments.xlsx`` is the same as a workbook
cells     [row, column, value]: as Excel counts rows; a number is a number in a workbook, a table of TOML a cell in full
header    [column, text]: another header; append, insert: whole lines; replace: [text, other text]
encoding  of the text file; content: the whole file, as text; bytes: the same in hexadecimal
parts     [part, text, other text]: what is replaced in the XML of a workbook; make: a function of `damaged_workbooks`
moved     [part, where it goes]
base      {file: content}: further files, or other ones in place of the sound ones; profile: keys of the profile
make_cells, make_chain, make_header: what is too long to be written down
rows, rows_from, sum, code, codes, verdict, warns   what is expected
"""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import damaged_workbooks
from reading_cases import AS_OF, PROFILE

from toolkit.profiles import Profile
from toolkit.reading import Reading, read_tables

ERRORS = Path(__file__).parent / "errors"
BASE = ERRORS / "base"
ALWAYS = ("agents.csv", "accounts.csv", "payments.csv")
SOUND = "17650.49"
ACCEPTED, ROWS, FILE = "accept-normalised", "reject-rows", "reject-file"


@dataclass(frozen=True)
class Case:
    """One damaged file and what is expected of it."""

    code: str
    about: str
    rules: Mapping[str, Any]

    @property
    def file(self) -> str:
        return str(self.rules.get("file", "payments.csv"))

    @property
    def verdict(self) -> str:
        return str(self.rules["verdict"])

    @property
    def rows(self) -> list[int]:
        first, last = self.rules.get("rows_from", (1, 0))
        return [*self.rules.get("rows", []), *range(first, last + 1)]

    @property
    def codes(self) -> set[str]:
        return set(self.rules.get("codes", [self.code] if self.code else []))

    @property
    def sum(self) -> str:
        return str(self.rules.get("sum", SOUND))


def cases() -> list[Case]:
    """Every case, by code and then in the order of its file; those of accepted.toml have the code ""."""
    return [case for path in sorted(ERRORS.glob("*.toml")) for case in _cases_of(path)]


def _cases_of(path: Path) -> Iterator[Case]:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    accepted = path.stem.startswith("accepted")
    common = {"verdict": ACCEPTED if accepted else ROWS} | {key: content[key] for key in content if key != "case"}
    for rules in content["case"]:
        whole = common | rules
        yield Case("" if accepted else str(whole.get("code", path.stem)), str(rules["about"]), whole)


def read_case(case: Case, folder: Path) -> Reading:
    """The case's files written to `folder`, and read."""
    write_case(case, folder)
    profile = PROFILE.model_copy(update=case.rules.get("profile", {}))
    return read_tables(folder, Profile.model_validate(profile.model_dump()), as_of=AS_OF)


def write_case(case: Case, folder: Path) -> Path:
    """The damaged file beside sound ones; gives its path."""
    damaged = case.file
    names = {*ALWAYS, *case.rules.get("with", [])} - {damaged}
    if Path(damaged).stem == "payments":
        names -= {"payments.csv"}
    for name in names:
        (folder / name).write_bytes((BASE / name).read_bytes())
    for name, content in case.rules.get("base", {}).items():
        (folder / name).write_text(content, encoding="utf-8")
    path = folder / damaged
    path.write_bytes(_damaged(case))
    return path


def _damaged(case: Case) -> bytes:
    rules = case.rules
    if "bytes" in rules:
        return bytes.fromhex(rules["bytes"])
    if "content" in rules:
        return str(rules["content"]).encode(rules.get("encoding", "utf-8"))
    table = _table(case)
    if case.file.endswith((".xlsx", ".xlsm", ".xls")) or "workbook" in rules:
        return damaged_workbooks.workbook(table, rules)
    text = _text(table, rules)
    for before, after in rules.get("replace", []):
        assert before in text, f"{case.about}: {before} is not in the file"
        text = text.replace(before, after)
    content = text.encode(rules.get("encoding", "utf-8"))
    for before, after in rules.get("hex", []):
        assert bytes.fromhex(before) in content, case.about
        content = content.replace(bytes.fromhex(before), bytes.fromhex(after))
    return bytes.fromhex(rules.get("before", "")) + content + bytes.fromhex(rules.get("after", ""))


def _table(case: Case) -> list[list[Any]]:
    """The sound rows with the case's cells, headers and lines."""
    name = f"{Path(case.file).stem}.csv"
    rows: list[list[Any]] = list(csv.reader((BASE / name).read_text(encoding="utf-8").splitlines()))
    places = {column: place for place, column in enumerate(rows[0])}
    for row, column, value in case.rules.get("cells", []):
        rows[row - 1][places[column]] = value
    for row, column, text, times in case.rules.get("make_cells", []):
        rows[row - 1][places[column]] = (text * times)[:times] if len(text) == 1 else text * times
    for number in range(case.rules.get("make_chain", 0)):
        rows.append([f"L-{number}", f"Leader {number}", "team_leader", f"L-{number - 1}" if number else "", "", "", ""])
    for number in range(case.rules.get("make_header", 0)):
        rows[0].append(f"column {number}")
    for column, header in case.rules.get("header", []):
        rows[0][places[column]] = header
    for column in case.rules.get("without", []):
        place = rows[0].index(column)
        rows = [row[:place] + row[place + 1 :] for row in rows]
    for column, values in case.rules.get("column", []):
        for row, value in zip(rows, [column, *values], strict=True):
            row.append(value)
    return rows


def _text(rows: list[list[Any]], rules: Mapping[str, Any]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=rules.get("delimiter", ","), lineterminator="\n").writerows(rows)
    lines = stream.getvalue().splitlines(keepends=True) if "insert" in rules else [stream.getvalue()]
    for row, line in rules.get("insert", []):
        lines.insert(row - 1, f"{line}\n")
    text = "".join([*lines, *(f"{line}\n" for line in rules.get("append", []))])
    return text.replace("\n", rules["line_end"]) if "line_end" in rules else text
