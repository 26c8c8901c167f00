"""`toolkit check`: reads everything, says what was taken for what, and writes down every problem."""

import csv
import json
import os
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import NOT_DONE, ROWS_SET_ASIDE, show_problems, stops_with_a_sentence
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.profiles import Profile
    from toolkit.reading import Reading, SourceFile

PROBLEM_COLUMNS = ("file", "sheet", "row", "column", "value", "code", "level", "message", "what_to_do")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
DAY = click.DateTime(["%Y-%m-%d"])
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--profile", "profile_name", required=True, metavar="NAME", help="A shipped set-up, or your own.")
@click.option("--table", metavar="TABLE", help="The table that DATA is, where the headers do not say so.")
@click.option("--as-of", type=DAY, metavar="DATE", help="What lies after this day is in the future.")
@click.option("--period", metavar="PERIOD", help="2026-10: the days that statements for a database ask for.")
@click.option("--out", type=FOLDER, default="check", show_default=True, help="For problems.csv and check.json.")
@click.option("--json", "as_json", is_flag=True, help="Print check.json instead of the summary.")
@click.option("--quiet", is_flag=True, help="Print nothing; the exit code and the files say it all.")
@stops_with_a_sentence
def check(
    data: tuple[Path, ...],
    profile_name: str,
    table: str | None,
    as_of: datetime | None,
    period: str | None,
    out: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read DATA (a folder, a workbook or single files) and report every problem in it.

    Where the set-up names a database, its tables are read too; DATA "database:" means these alone.

    Writes problems.csv (every problem with its place) and check.json into the folder given with --out.
    Exit code 0: all is well; 1: a file could not be taken; 3: taken, but some rows were set aside.

    \b
    Example:  toolkit check exports/2026-10 --profile paygo-solar --as-of 2026-10-31
    Example:  toolkit check --table payments "Report (14).xlsx" --profile agency
    Example:  toolkit check database: --profile my-branch --period 2026-10
    """
    from toolkit.profiles import load_profile
    from toolkit.tables import TABLES

    if table is not None and table not in TABLES:
        raise click.BadParameter(f"{table} is not a table; tables are: {', '.join(TABLES)}", param_hint="--table")
    profile = load_profile(profile_name)
    reading = _read(data, profile, as_of.date() if as_of else None, table, _days(period))
    summary = summary_of(reading, profile)
    write_report(reading, summary, out)
    if as_json:
        click.echo(json.dumps(summary, indent=2, ensure_ascii=False))
    elif not quiet:
        _print_summary(reading, profile, out)
    raise click.exceptions.Exit(exit_code(reading))


def _days(period: str | None) -> tuple[date, date] | None:
    from toolkit.periods import parse

    try:
        found = parse(period) if period is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--period") from error
    return (found.first, found.last) if found else None


def _read(
    data: tuple[Path, ...],
    profile: "Profile",
    as_of: date | None,
    table: str | None,
    days: tuple[date, date] | None,
) -> "Reading":
    from toolkit.readers.sources import data_files
    from toolkit.reading import read_files

    paths = [path for place in data for path in data_files(place, profile)]
    return read_files(paths, profile, as_of=as_of, table=table, days=days)


def exit_code(reading: "Reading") -> int:
    """0 if every row was taken, 1 if a file was refused, 3 if only rows were set aside."""
    if any(file.verdict == "reject-file" for file in reading.files):
        return NOT_DONE
    return ROWS_SET_ASIDE if any(file.rejected for file in reading.files) else 0


def summary_of(reading: "Reading", profile: "Profile") -> dict[str, Any]:
    """What check.json says: per table its files with their verdicts, accepted rows and sums of money."""
    from toolkit.money import plain
    from toolkit.tables import TABLES

    tables: dict[str, Any] = {}
    for name in TABLES:
        files = [file for file in reading.files if file.table == name]
        if not files:
            continue
        rows = reading.tables.get(name)
        present = rows.columns if rows is not None else []
        money = [column.name for column in TABLES[name].of_type("money") if column.name in present]
        tables[name] = {
            "files": [_file_summary(file) for file in files],
            "accepted": sum(file.accepted for file in files),
            "sums": {column: plain(int(rows[column].sum()), profile.digits) for column in money if rows is not None},
        }
    other = [_file_summary(file) for file in reading.files if not file.table]
    return {"tables": tables} | ({"not_recognised": other} if other else {})


def _file_summary(file: "SourceFile") -> dict[str, Any]:
    shown = {"file": file.file, "sheet": file.sheet, "sha256": file.sha256, "verdict": file.verdict, "code": file.code}
    counts = {"accepted": file.accepted, "rejected": file.rejected, "ignored": file.ignored}
    return shown | counts | {"columns": dict(file.columns), "unused": list(file.unused)}


def write_report(reading: "Reading", summary: dict[str, Any], out: Path) -> None:
    """problems.csv and check.json in `out`, each complete before it takes its name."""
    out.mkdir(parents=True, exist_ok=True)
    write_problems(reading.problems, out / "problems.csv")
    aside = out / "check.json.new"
    aside.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(aside, out / "check.json")


def write_problems(problems: Iterable[Problem], path: Path) -> None:
    """The problems as CSV. Text that a spreadsheet would take for a formula gets a leading apostrophe."""
    aside = path.with_name(path.name + ".new")
    with aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(PROBLEM_COLUMNS)
        for found in problems:
            writer.writerow([_safe(getattr(found, column)) for column in PROBLEM_COLUMNS])
    os.replace(aside, path)


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _print_summary(reading: "Reading", profile: "Profile", out: Path) -> None:
    click.echo(_row("table", "file", "rows", "accepted", "rejected", "ignored"))
    for file in reading.files:
        name = f"{file.file}[{file.sheet}]" if file.sheet else file.file
        note = f"  {file.verdict}: {file.code}" if file.verdict == "reject-file" else ""
        counts = (f"{count:,}" for count in (file.rows, file.accepted, file.rejected, file.ignored))
        click.echo(_row(file.table or "?", name, *counts) + note)
    for line in _sums(reading, profile):
        click.echo(line)
    shown = [found for found in reading.problems if found.level != "info"]
    if shown:
        click.echo("")
        show_problems(shown)
    click.echo(f"\n{_counted(reading)}  {out / 'problems.csv'}")


def _row(table: str, file: str, *counts: str) -> str:
    return f"{table:<13}{file:<36}" + "".join(f"{count:>12}" for count in counts)


def _sums(reading: "Reading", profile: "Profile") -> Iterable[str]:
    from toolkit.money import worded

    rows = reading.tables.get("payments")
    if rows is None:
        return
    yield f"\nPayments accepted: {profile.currency} {worded(int(rows['amount'].sum()), profile.digits)}"
    if "payments" in reading.rejected_sums:
        rejected = worded(reading.rejected_sums["payments"], profile.digits)
        unreadable = reading.unreadable.get("payments", 0)
        more = f", and {unreadable:,} rows whose amount cannot be read" if unreadable else ""
        yield f"Payments rejected: {profile.currency} {rejected}{more}"


def _counted(reading: "Reading") -> str:
    counts = {level: sum(found.level == level for found in reading.problems) for level in ("error", "warning", "info")}
    if not counts["error"] and not counts["warning"]:
        return "No problems found. All remarks:"
    return f"{counts['error']:,} errors, {counts['warning']:,} warnings. All of them:"
