"""`toolkit check`: reads everything, says what was taken for what, and writes down every problem."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.commands.common import NOT_DONE, ROWS_SET_ASIDE, progress, stops_with_a_sentence
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.problem_report import Copies
    from toolkit.problem_summary import ProblemKind
    from toolkit.profiles import Profile
    from toolkit.readers.asked import Wishes
    from toolkit.reading import Reading

DAY = click.DateTime(["%Y-%m-%d"])
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--profile", "profile_name", required=True, metavar="NAME", help="A shipped set-up, or your own.")
@click.option("--table", metavar="TABLE", help="The table that DATA is, where the headers do not say so.")
@click.option("--as-of", type=DAY, metavar="DATE", help="What lies after this day is in the future.")
@click.option("--period", metavar="PERIOD", help="2026-10: the days that statements for a database ask for.")
@click.option(
    "--previous",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder of an earlier run: its payments may be taken back, the rows set aside by the latest are tried again.",
)
@click.option("--out", type=FOLDER, default="check", show_default=True, help="For the report and the marked copies.")
@click.option("--no-marked", is_flag=True, help="Leave the marked copies of the files out.")
@click.option("--json", "as_json", is_flag=True, help="Print check.json instead of the summary.")
@click.option("--quiet", is_flag=True, help="Print nothing; the exit code and the files say it all.")
@stops_with_a_sentence
def check(
    data: tuple[Path, ...],
    profile_name: str,
    table: str | None,
    as_of: datetime | None,
    period: str | None,
    previous: tuple[Path, ...],
    out: Path,
    no_marked: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read DATA (a folder, a workbook or single files) and report every problem in it.

    Where the set-up names a database, its tables are read too; DATA "database:" means these alone.

    Writes into the folder given with --out: problems.csv (every problem with its place), check.json, and in marked/
    a copy of each file that has something to mend, its bad cells coloured and explained.
    Exit code 0: all is well; 1: a file could not be taken; 3: taken, but some rows were set aside.

    \b
    Example:  toolkit check exports/2026-10 --profile paygo-solar --as-of 2026-10-31
    Example:  toolkit check --table payments "Report (14).xlsx" --profile agency
    Example:  toolkit check database: --profile my-branch --period 2026-10
    """
    from toolkit.problem_report import as_json as in_json
    from toolkit.problem_report import write_check
    from toolkit.problem_summary import problem_kinds
    from toolkit.profiles import load_profile
    from toolkit.tables import TABLES

    if table is not None and table not in TABLES:
        raise click.BadParameter(f"{table} is not a table; tables are: {', '.join(TABLES)}", param_hint="--table")
    profile, day = load_profile(profile_name), as_of.date() if as_of else None
    asked: Wishes = {"as_of": day, "table": table, "days": _days(period), "keep_sheets": not no_marked}
    reading = _read(data, profile, {**asked, **_earlier(previous)}, shown=not (quiet or as_json))
    kinds = problem_kinds(reading)
    record = write_check(reading, profile, kinds, out, {} if no_marked else _copies(reading, profile, day))
    if as_json:
        click.echo(harmless_json(in_json(record)))
    elif not quiet:
        _print_summary(reading, profile, kinds, out, record.get("marked", {}).values())
    raise click.exceptions.Exit(exit_code(reading))


def _days(period: str | None) -> tuple[date, date] | None:
    from toolkit.periods import parse

    try:
        found = parse(period) if period is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--period") from error
    return (found.first, found.last) if found else None


def _earlier(previous: Sequence[Path]) -> "Wishes":
    """What earlier runs know: their payments, and the rows that the last of them has set aside."""
    if not previous:
        return {}
    from toolkit.readers.set_aside import set_aside_files
    from toolkit.stored_runs import latest, read_run

    paid = {payment for folder in previous for payment in read_run(folder).credit["payment_id"]}
    return {"paid_before": paid, "retried": set_aside_files(latest(previous))}


def _read(data: Sequence[Path], profile: "Profile", asked: "Wishes", *, shown: bool) -> "Reading":
    from toolkit.readers.sources import data_files
    from toolkit.reading import read_files

    paths = [path for place in data for path in data_files(place, profile)]
    with progress("Reading", paths, shown=shown) as on_file:
        wishes: Wishes = {**asked, "on_file": on_file}
        return read_files(paths, profile, **wishes)


def _copies(reading: "Reading", profile: "Profile", as_of: date | None) -> "Copies":
    from toolkit.marked import marked_copies  # what makes workbooks is loaded only where there is one to make

    return marked_copies(reading, profile, as_of)


def exit_code(reading: "Reading") -> int:
    """0 if every row was taken, 1 if a file was refused, 3 if only rows were set aside."""
    if any(file.verdict == "reject-file" for file in reading.files):
        return NOT_DONE
    return ROWS_SET_ASIDE if any(file.rejected for file in reading.files) else 0


def _print_summary(
    reading: "Reading", profile: "Profile", kinds: "Sequence[ProblemKind]", out: Path, marked: Iterable[str]
) -> None:
    from toolkit.problem_report import in_short, kind_lines

    click.echo(_row("table", "file", "rows", "accepted", "rejected", "ignored"))
    for file in reading.files:
        name = f"{file.file}[{file.sheet}]" if file.sheet else file.file
        note = f"  {file.verdict}: {file.code}" if file.verdict == "reject-file" else ""
        counts = (f"{count:,}" for count in (file.rows, file.accepted, file.rejected, file.ignored))
        click.echo(_row(file.table or "?", harmless(name), *counts) + note)
    for line in _sums(reading, profile):
        click.echo(line)
    click.echo("")
    for line in kind_lines(kinds, profile, "problems.csv"):
        click.echo(line)
    click.echo(f"{_counted(kinds)}  {out / 'problems.csv'}")
    names = [Path(name).name for name in marked]
    if names:
        click.echo(f"Copies with the bad cells marked, for whoever mends the files:  {out / 'marked'}")
        click.echo(f"    {harmless(in_short(names, 10))}")


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


def _counted(kinds: "Sequence[ProblemKind]") -> str:
    counts = {level: sum(kind.count for kind in kinds if kind.level == level) for level in ("error", "warning")}
    if not counts["error"] and not counts["warning"]:
        return "No problems found. All remarks:"
    return f"{counts['error']:,} errors, {counts['warning']:,} warnings. All of them:"
