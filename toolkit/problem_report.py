"""What a check leaves behind: check.json and problems.csv, the marked copies beside them, and the summary in words."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.money import plain, worded
from toolkit.problem_csv import write_problems
from toolkit.problem_summary import ProblemKind
from toolkit.problems import Level, Problem, ToolkitError, problem, said
from toolkit.profiles import Profile
from toolkit.reading import Reading, SourceFile
from toolkit.tables import TABLES
from toolkit.terminal import harmless

RECORD, PROBLEMS = "check.json", "problems.csv"
MARKED = "marked"
UNFINISHED = ".check-writing"
KINDS_SHOWN = 25
SIGNS: Mapping[Level, str] = {"error": "✗", "warning": "!", "info": "·"}

Copies = Mapping[str, tuple[str, Callable[[Path], None]]]
"""By the name of a source file: the name of its marked copy, and what writes it."""


def check_record(
    reading: Reading, profile: Profile, kinds: Sequence[ProblemKind], copies: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """What check.json says: per table its files with their verdicts, accepted rows and sums of money; the problems
    by code; the marked copies by source file."""
    record: dict[str, Any] = {"tables": _tables(reading, profile)}
    other = [_file_record(file) for file in reading.files if not file.table]
    if other:
        record["not_recognised"] = other
    record["problems"] = {kind.code: _kind_record(kind, profile.digits) for kind in kinds}
    marked = {source: f"{MARKED}/{name}" for source, name in copies}
    return record | ({MARKED: marked} if marked else {})


def _tables(reading: Reading, profile: Profile) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for name in TABLES:
        files = [file for file in reading.files if file.table == name]
        if not files:
            continue
        rows = reading.tables.get(name)
        present = rows.columns if rows is not None else []
        money = [column.name for column in TABLES[name].of_type("money") if column.name in present]
        tables[name] = {
            "files": [_file_record(file) for file in files],
            "accepted": sum(file.accepted for file in files),
            "sums": {column: plain(int(rows[column].sum()), profile.digits) for column in money if rows is not None},
        }
    return tables


def _file_record(file: SourceFile) -> dict[str, Any]:
    shown = {"file": file.file, "sheet": file.sheet, "sha256": file.sha256, "verdict": file.verdict, "code": file.code}
    counts = {"accepted": file.accepted, "rejected": file.rejected, "ignored": file.ignored}
    return shown | counts | {"columns": dict(file.columns), "unused": list(file.unused)}


def _kind_record(kind: ProblemKind, digits: int) -> dict[str, Any]:
    """`amount` is what was not taken because of it, in all; `amounts` by table where more than one is concerned."""
    record: dict[str, Any] = {"level": kind.level, "count": kind.count, "rows": kind.rows, "files": list(kind.files)}
    if kind.amount is not None:
        record["amount"] = plain(kind.amount, digits)
    if len(kind.amounts) > 1:
        record["amounts"] = {table: plain(amount, digits) for table, amount in kind.amounts.items()}
    return record


# --- the files -----------------------------------------------------------------------------------


def write_check(
    reading: Reading,
    profile: Profile,
    kinds: Sequence[ProblemKind],
    out: Path,
    copies: Copies | None = None,
    on_copy: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Writes problems.csv, check.json and the marked copies into `out`; returns what check.json says.

    Everything is complete before any of it takes its name; marked copies of an earlier check go. `on_copy` is told
    of each source whose copy is made. `ToolkitError` where a file cannot be written.
    """
    copies = copies or {}
    record = check_record(reading, profile, kinds, [(source, name) for source, (name, _) in copies.items()])
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write_aside(reading, record, out, copies, on_copy)
    except OSError as error:
        raise ToolkitError([problem("REPORT_NOT_WRITTEN", reason=error.strerror or str(error))]) from error
    return record


def _write_aside(
    reading: Reading, record: dict[str, Any], out: Path, copies: Copies, on_copy: Callable[[str], None] | None
) -> None:
    aside = out / UNFINISHED
    shutil.rmtree(aside, ignore_errors=True)  # what a killed writer left behind
    (aside / MARKED).mkdir(parents=True)
    try:
        write_problems(reading.problems, aside / PROBLEMS)
        (aside / RECORD).write_text(as_json(record) + "\n", encoding="utf-8", newline="\n")
        for source, (name, write) in copies.items():
            write(aside / MARKED / name)
            if on_copy is not None:
                on_copy(source)
        _move_in(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def as_json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, indent=2, ensure_ascii=False)


def _move_in(aside: Path, out: Path) -> None:
    """Puts the finished files in place, and takes away the marked copies of an earlier check that are not made anew."""
    made = sorted((aside / MARKED).glob("*.xlsx"))
    if made:
        (out / MARKED).mkdir(exist_ok=True)
    for path in made:
        os.replace(path, out / MARKED / path.name)
    for name in set(_earlier_copies(out / RECORD)) - {path.name for path in made}:
        (out / MARKED / name).unlink(missing_ok=True)
    for name in (PROBLEMS, RECORD):
        os.replace(aside / name, out / name)
    if (out / MARKED).is_dir() and not any((out / MARKED).iterdir()):
        (out / MARKED).rmdir()


def _earlier_copies(record: Path) -> list[str]:
    """Names of files, never of other folders, whatever somebody may have written into check.json."""
    try:
        marked = json.loads(record.read_text(encoding="utf-8")).get(MARKED, {})
        return [Path(name).name for name in marked.values() if name.endswith(".xlsx")]
    except (OSError, ValueError, AttributeError):
        return []


# --- in words ------------------------------------------------------------------------------------


def kind_lines(kinds: Sequence[ProblemKind], profile: Profile, file: object) -> Iterator[str]:
    """Errors and warnings by code: how many, where, how much money, what to do, and the worst examples.

    `file` is where all of them are.
    """
    shown = [kind for kind in kinds if kind.level != "info"]
    for kind in shown[:KINDS_SHOWN]:
        at_stake = f": {_at_stake(kind, profile)}" if kind.amount else ""
        yield harmless(f"{SIGNS[kind.level]} {kind.count:,}  {kind.code}  {in_short(kind.files)}{at_stake}")
        if kind.what_to_do:
            yield f"    → {harmless(kind.what_to_do)}"
        yield from (f"    {example(one)}" for one in kind.worst)
        if kind.count > len(kind.worst):
            yield f"    {said('REPORT_MORE', count=f'{kind.count - len(kind.worst):,}', file=file)}"
        yield ""
    if len(shown) > KINDS_SHOWN:
        yield said("REPORT_MORE_KINDS", count=len(shown) - KINDS_SHOWN, file=file)


def in_short(names: Sequence[str], most: int = 5) -> str:
    """``a.csv, b.csv and 17 more``."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _at_stake(kind: ProblemKind, profile: Profile) -> str:
    """The money that was not taken, table by table: what was promised is not added to what was paid."""
    several = len(kind.amounts) > 1
    parts = [
        said("REPORT_AT_STAKE", currency=profile.currency, amount=worded(amount, profile.digits))
        + (f" ({table})" if several else "")
        for table, amount in kind.amounts.items()
        if amount
    ]
    return ", ".join(parts)


def example(one: Problem) -> str:
    """Where, what was seen and what is wrong with it; the value once, if the sentence has it already."""
    seen = f', "{one.value}"' if one.value and one.value not in one.message else ""
    return harmless(f"{one.place}{seen}: {one.message}")
