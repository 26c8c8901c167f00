"""Data files to tables and problems: the gate through which everything comes.

A set of data is a folder, one workbook with a sheet per table, or single files. A table is recognised by
its headers, whatever its file is called. Every source row ends as accepted, rejected with all reasons, or
ignored by a stated rule, and the three add up to the rows of the file.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import polars as pl

from toolkit.problems import DATABASE, Problem, problem
from toolkit.profiles import Profile
from toolkit.readers.as_found import SheetAsFound, as_found, lists_problems
from toolkit.readers.draft import SOURCE, Draft, draft
from toolkit.readers.gathered import Finding, Gathered, gather, with_findings
from toolkit.readers.outcomes import ACCEPTED, FILE_REJECTED, ROWS_REJECTED, SourceFile, refused_file, source_files
from toolkit.readers.raw import FileRejected, RawSheet, Source
from toolkit.readers.recognise import Match, header_problems, looks_like_ours, named_table, recognise
from toolkit.readers.references import (
    inactive_agents,
    overlapping_owners,
    reversals,
    strangers,
    team_leaders,
    unknown_references,
    unowned_days,
)
from toolkit.readers.repeated import look_alikes, repeated_rows
from toolkit.readers.reverted import with_reversals
from toolkit.readers.second import each_table, taken_twice
from toolkit.readers.sources import TEXT, data_files, sheets_of
from toolkit.readers.typed import Form
from toolkit.tables import TABLES

__all__ = [
    "ACCEPTED",
    "FILE_REJECTED",
    "ROWS_REJECTED",
    "Reading",
    "SheetAsFound",
    "SourceFile",
    "read_files",
    "read_tables",
]

REFERRED_FIRST = ("agents", "accounts", "calls")
"""Tables that others refer to: their rows have to be judged before the rows that name them."""


@dataclass(frozen=True)
class Reading:
    """The tables that were read, what was taken for what, and everything that was found wrong.

    `accepted_sums` adds up, per table, the amounts that were taken, in minor units, `rejected_sums` the readable
    amounts of rejected rows; `unreadable` counts the rejected rows whose amount could not be read. `not_taken` has
    the rows of tables with an amount that were rejected or ignored: source_file, source_row, amount (minor units,
    null where it cannot be read), rejected. `sheets` has the cells as found of files with a problem, where asked for.
    """

    tables: dict[str, pl.DataFrame]
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    accepted_sums: dict[str, int]
    rejected_sums: dict[str, int]
    unreadable: dict[str, int]
    not_taken: dict[str, pl.DataFrame] = field(default_factory=dict)
    sheets: tuple[SheetAsFound, ...] = ()


OnFile = Callable[[Path], None]
"""Told of each file when it is done with: for whoever shows how far the reading has come."""


def read_tables(
    data: Path,
    profile: Profile,
    *,
    as_of: date | None = None,
    only: Collection[str] | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
    paid_before: Collection[str] | None = (),
    days: tuple[date, date] | None = None,
    on_file: OnFile | None = None,
) -> Reading:
    """The tables of a folder, a workbook or a single file, and of the profile's database if it has one.

    `data` may be ``database:`` for the database alone. `as_of` is the day after which nothing can have happened
    yet; without it no date is in the future. `only` names the tables wanted; others are left alone. `pasted` are
    tables that come from elsewhere: the files of the same tables are left alone then. `paid_before` are payments of
    earlier runs, which a reversal may take back; None: whoever calls looks after reversals. `days` are the first and
    the last day of the period, which a statement for the database may ask for. `ToolkitError` where there is nothing
    to read.
    """
    if pasted and only is not None:
        only = set(only) - set(pasted)
    paths = data_files(data, profile)
    return read_files(
        paths,
        profile,
        as_of=as_of,
        only=only,
        pasted=pasted,
        paid_before=paid_before,
        days=days,
        on_file=on_file,
    )


def read_files(
    paths: Sequence[Path],
    profile: Profile,
    *,
    as_of: date | None = None,
    only: Collection[str] | None = None,
    table: str | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
    paid_before: Collection[str] | None = (),
    days: tuple[date, date] | None = None,
    on_file: OnFile | None = None,
    keep_sheets: bool = False,
) -> Reading:
    """The tables of these files, of pasted sheets by table, and of the profile's database.

    `table` is what the user says the files all are; the database is left alone then. `keep_sheets`: the reading has
    the cells as found of every file with a problem.
    """
    form = Form(profile, as_of)
    drafts: dict[str, list[Draft]] = {}
    sheets: list[SheetAsFound] = []
    problems: list[Problem] = []
    refused: list[SourceFile] = []
    copies: dict[str, Source] = {}
    wanted = [path for path in paths if only is None or table is not None or not _is_another(path, profile, only)]
    sources = list(_without_copies(wanted, refused, problems, copies))
    for path in set(paths) - {source.path for source in sources}:
        _tell(on_file, path)
    with ThreadPoolExecutor(FILES_AT_ONCE) as executor:
        alone = len(paths) == 1
        held = tuple(pasted or ())
        read = executor.map(lambda source: list(_drafts_of(source, form, only, table, held, alone=alone)), sources)
        handed = [_drafts_of_pasted(sheet, name, form, only) for name, sheet in (pasted or {}).items()]
        handed += [_from_database(form, only, held, days)] if table is None else []
        done = (_and_tell(parts, source, on_file) for parts, source in zip(read, sources, strict=True))
        for found in chain(chain.from_iterable(handed), chain.from_iterable(done)):
            if isinstance(found, Draft):
                drafts.setdefault(found.table.name, []).append(found)
            elif isinstance(found, SheetAsFound):
                sheets += [found] if keep_sheets else []
            else:
                file, reasons = found
                refused += [file] if file else []
                problems += reasons
    everything = {name: gather(parts) for name, parts in drafts.items()}
    problems += [of for parts in drafts.values() for part in parts for of in part.problems]
    if "payments" in everything:
        everything["payments"], remarks = with_reversals(everything["payments"], form)
        problems += remarks
    gathered, crossed = _held_against_each_other(everything, paid_before)
    problems += crossed
    if profile.reshapes:  # a cell that is part of several rows is still one problem
        problems = list(dict.fromkeys([*problems, *taken_twice(drafts)]))
    files = [*refused, *source_files(drafts, gathered, problems)]
    files += list(_copied(files, copies))
    wrong = {one.file for one in problems if one.level != "info"}
    reading = _reading(gathered, drafts, files, problems)
    return replace(reading, sheets=tuple(sheet for sheet in sheets if sheet.file in wrong))


def _tell(on_file: OnFile | None, path: Path) -> None:
    if on_file is not None:
        on_file(path)


def _and_tell(parts: Iterable["Part"], source: Source, on_file: OnFile | None) -> Iterator["Part"]:
    yield from parts
    _tell(on_file, source.path)


Refused = tuple[SourceFile | None, list[Problem]]
Part = Draft | Refused | SheetAsFound


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """What each file is called: its name, or its whole path where another of the files has the same name."""
    alike = Counter(path.name for path in dict.fromkeys(paths))
    return {path: path.name if alike[path.name] == 1 else path.as_posix() for path in paths}


def _without_copies(
    paths: Sequence[Path], refused: list[SourceFile], problems: list[Problem], copies: dict[str, Source]
) -> Iterator[Source]:
    """Each file's content once. `copies` gets the others, `refused` what cannot be opened."""
    seen: dict[int, list[Source]] = {}
    names = _names(paths)
    with ThreadPoolExecutor(1) as executor:
        for path in paths:
            try:
                source = Source.of(path, executor, names[path])
            except OSError as error:
                problems.append(problem("FILE_UNREADABLE", file=names[path], reason=error.strerror or str(error)))
                refused.append(refused_file(names[path], "", "", "", "FILE_UNREADABLE"))
                continue
            earlier = seen.setdefault(len(source.content), [])
            first = next((other for other in earlier if other.sha256 == source.sha256), None)
            if first is not None and source.content:
                copies[source.name] = first
                problems.append(problem("SAME_FILE", file=source.name, other=first.name))
                continue
            earlier.append(source)
            yield source


def _copied(files: Sequence[SourceFile], copies: Mapping[str, Source]) -> Iterator[SourceFile]:
    """What became of files with the content of another one: all their rows are ignored."""
    for name, first in copies.items():
        for file in files:
            if file.file == first.name:
                copy = replace(file, file=name, verdict=ACCEPTED, code="SAME_FILE")
                yield replace(copy, accepted=0, rejected=0, ignored=file.rows)


def _drafts_of(
    source: Source,
    form: Form,
    only: Collection[str] | None,
    table: str | None,
    held: Collection[str],
    *,
    alone: bool,
) -> Iterator[Part]:
    """What the sheets of a file are read as, or why they are not. `held` are the tables that come from elsewhere."""
    try:
        sheets, remarks = sheets_of(source, form.profile)
    except FileRejected as refusal:
        guess = table or named_table(source.name) or ""
        if only is None or not guess or guess in only:
            yield refused_file(source.name, "", guess, source.sha256, refusal.problem.code), [refusal.problem]
        return
    yield None, remarks
    lists = filter(lists_problems, sheets)
    yield None, [problem("MARKED_LIST", file=sheet.file, sheet=sheet.sheet) for sheet in lists]
    sheets = [sheet for sheet in sheets if not lists_problems(sheet)]
    matches = [(sheet, recognise(sheet, form.profile, table)) for sheet in sheets]
    yield from (as_found(sheet, match) for sheet, match in matches)
    known = [(sheet, match) for sheet, match in matches if match is not None]
    if not sheets:
        guess = table or named_table(source.name) or ""
        reason = problem("HEADER_NOT_FOUND", file=source.name)
        yield refused_file(source.name, "", guess, source.sha256, reason.code), [reason]
    others = [sheet for sheet, match in matches if match is None and (sheet.cells.height or not known)]
    yield from _unrecognised(others, form.profile, table, alone=alone and not known)
    wanted, lacking = each_table(known, form.profile, only, held)
    yield None, lacking
    for sheet, match, reasons in _with_reasons(wanted):
        yield _draft_or_reasons(sheet, match, reasons, form)


def _draft_or_reasons(sheet: RawSheet, match: Match, reasons: Sequence[Problem], form: Form) -> Draft | Refused:
    if not reasons:
        return draft(sheet, match, form)
    rows = sheet.cells.height - match.first
    refused = refused_file(sheet.file, sheet.sheet, match.table.name, sheet.source.sha256, reasons[0].code, rows)
    return refused, [*sheet.warnings, *reasons]


def _drafts_of_pasted(
    sheet: RawSheet, table: str, form: Form, only: Collection[str] | None
) -> Iterator[Draft | Refused]:
    """Cells that were handed over as a table, through the same gate as a file."""
    match = recognise(sheet, form.profile, table)
    if match is None:
        refused = refused_file(sheet.file, sheet.sheet, table, sheet.source.sha256, "HEADER_NOT_FOUND")
        yield refused, [problem("HEADER_NOT_FOUND", file=sheet.file, sheet=sheet.sheet)]
        return
    wanted, lacking = each_table([(sheet, match)], form.profile, None if only is None else {table, *only})
    yield None, lacking
    for _, of in wanted:
        yield _draft_or_reasons(sheet, of, header_problems(of, sheet), form)


def _from_database(
    form: Form, only: Collection[str] | None, pasted: Collection[str], days: tuple[date, date] | None
) -> Iterator[Draft | Refused]:
    """What the profile's database has of the tables wanted."""
    if form.profile.database is None:
        return
    from toolkit.readers.database import Days, read_database

    wanted = [name for name in form.profile.database.tables if name not in pasted and (only is None or name in only)]
    first, last = days or (None, None)
    for found in read_database(form.profile, wanted, Days(first, last, form.as_of)):
        if isinstance(found, RawSheet):
            yield from _drafts_of_pasted(found, found.sheet, form, only)
        else:
            refused = refused_file(DATABASE, found.sheet, found.sheet, "", found.code)
            yield refused if found.level == "error" else None, [found]


FILES_AT_ONCE = 2
"""While one file is taken apart in Python, the cells of another are read outside of it."""

GLANCE = 64_000
"""Bytes of a text file that are enough to see which table it is."""


def _is_another(path: Path, profile: Profile, only: Collection[str]) -> bool:
    """Whether the beginning of a long text file shows that it is a table that is not wanted."""
    if path.suffix.lower() not in TEXT:
        return False
    try:
        with path.open("rb") as stream:
            beginning = stream.read(GLANCE)
        if len(beginning) < GLANCE:
            return False
        sheets, _ = sheets_of(Source.beginning(path, beginning[: beginning.rfind(b"\n") + 1]), profile)
    except (OSError, FileRejected):
        return False
    matches = [recognise(sheet, profile, None) for sheet in sheets]
    names = [{match.table.name, *profile.fed_by(match.table.name)} if match else set(only) for match in matches]
    return bool(matches) and all(of.isdisjoint(only) for of in names)


def _unrecognised(sheets: Sequence[RawSheet], profile: Profile, table: str | None, *, alone: bool) -> Iterator[Refused]:
    """Sheets that are no table: refused if they should be one, else left alone with a remark.

    `alone`: nothing else in the file was recognised, and there is no other file.
    """
    for sheet in sheets:
        should_be = table or named_table(sheet.file, sheet.sheet) or ""
        if should_be or alone or looks_like_ours(sheet, profile):
            hashed, rows = sheet.source.sha256, sheet.cells.height
            refused = refused_file(sheet.file, sheet.sheet, should_be, hashed, "HEADER_NOT_FOUND", rows)
            yield refused, [problem("HEADER_NOT_FOUND", file=sheet.file, sheet=sheet.sheet)]
        else:
            yield None, [problem("NOT_A_TABLE", file=sheet.file, sheet=sheet.sheet)]


def _with_reasons(
    wanted: Sequence[tuple[RawSheet, Match]],
) -> Iterator[tuple[RawSheet, Match, list[Problem]]]:
    """Each recognised sheet with what keeps it from being read."""
    by_table = Counter(match.table.name for _, match in wanted)
    for sheet, match in wanted:
        reasons = header_problems(match, sheet)
        if by_table[match.table.name] > 1:
            names = ", ".join(other.sheet for other, of in wanted if of.table is match.table)
            report = partial(problem, file=sheet.file, sheet=sheet.sheet, table=match.table.name)
            reasons = [report("SHEET_AMBIGUOUS", value=names), *reasons]
        yield sheet, match, reasons


Check = Callable[[Gathered, Mapping[str, Gathered]], Iterator[Finding]]
"""Rows of a table held against each other and against the tables that were judged before."""


def _checks(paid_before: Collection[str] | None) -> tuple[Check, ...]:
    """In the order in which they are made: a row that one of them rejects is not looked at by the next."""
    return (
        lambda rows, _: repeated_rows(rows),
        lambda rows, _: team_leaders(rows),
        inactive_agents,
        overlapping_owners,
        lambda rows, _: unowned_days(rows),
        lambda rows, _: reversals(rows, paid_before),
        lambda rows, _: look_alikes(rows),
    )


def _held_against_each_other(
    tables: Mapping[str, Gathered], paid_before: Collection[str] | None
) -> tuple[dict[str, Gathered], list[Problem]]:
    """Rows against rows of the same table and of others, the tables that others refer to first."""
    judged: dict[str, Gathered] = {}
    problems: list[Problem] = []
    first = [name for name in REFERRED_FIRST if name in tables]
    for name in [*first, *(name for name in tables if name not in first)]:
        rows, unknown = strangers(tables[name], judged)
        rows, found = with_findings(rows, unknown_references(rows, judged, unknown))
        problems += found
        for check in _checks(paid_before):
            rows, found = with_findings(rows, check(rows, judged))
            problems += found
        judged[name] = rows
    return judged, problems


def _reading(
    gathered: Mapping[str, Gathered],
    drafts: Mapping[str, Sequence[Draft]],
    files: Sequence[SourceFile],
    problems: Sequence[Problem],
) -> Reading:
    taken = {name for name, parts in drafts.items() if not all(part.file_code for part in parts)}
    tables = {name: gathered[name].accepted for name in TABLES if name in taken}
    sums, unreadable, not_taken = {}, {}, {}
    for name, rows in gathered.items():
        amount = next((column.name for column in rows.table.of_type("money") if column.name in rows.rows.columns), None)
        if amount and rows.rejected.any():
            amounts = rows.rows[amount].filter(rows.rejected)
            sums[name], unreadable[name] = int(amounts.sum()), amounts.null_count()
        if "amount" in rows.rows.columns:
            left = rows.rows.select(*SOURCE, "amount").with_columns(rows.rejected.alias("rejected"))
            not_taken[name] = left.filter(~rows.good)
    taken_sums = {name: int(rows["amount"].sum()) for name, rows in tables.items() if "amount" in rows.columns}
    return Reading(tables, tuple(files), tuple(problems), taken_sums, sums, unreadable, not_taken)
