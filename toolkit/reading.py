"""Data files to tables and problems: the gate through which everything comes.

A set of data is a folder, one workbook with a sheet per table, or single files. A table is recognised by
its headers, whatever its file is called. Every source row ends as accepted, rejected with all reasons, or
ignored by a stated rule, and the three add up to the rows of the file.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.profiles import Profile
from toolkit.readers.draft import Draft, draft
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
)
from toolkit.readers.repeated import look_alikes, repeated_rows
from toolkit.readers.reverted import with_reversals
from toolkit.readers.sources import TEXT, data_files, sheets_of
from toolkit.readers.typed import Form
from toolkit.tables import TABLES

__all__ = ["ACCEPTED", "FILE_REJECTED", "ROWS_REJECTED", "Reading", "SourceFile", "read_files", "read_tables"]

REFERRED_FIRST = ("agents", "accounts", "calls")
"""Tables that others refer to: their rows have to be judged before the rows that name them."""


@dataclass(frozen=True)
class Reading:
    """The tables that were read, what was taken for what, and everything that was found wrong.

    `accepted_sums` adds up, per table, the amounts that were taken, in minor units, `rejected_sums` the readable
    amounts of rejected rows; `unreadable` counts the rejected rows whose amount could not be read.
    """

    tables: dict[str, pl.DataFrame]
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    accepted_sums: dict[str, int]
    rejected_sums: dict[str, int]
    unreadable: dict[str, int]


def read_tables(
    data: Path,
    profile: Profile,
    *,
    as_of: date | None = None,
    only: Collection[str] | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
) -> Reading:
    """The tables of a folder, a workbook or a single file.

    `as_of` is the day after which nothing can have happened yet; without it no date is in the future.
    `only` names the tables wanted; others are left alone. `pasted` are tables that come from elsewhere: the
    files of the same tables are left alone then. `ToolkitError` where there is nothing to read.
    """
    if pasted and only is not None:
        only = set(only) - set(pasted)
    return read_files(data_files(data), profile, as_of=as_of, only=only, pasted=pasted)


def read_files(
    paths: Sequence[Path],
    profile: Profile,
    *,
    as_of: date | None = None,
    only: Collection[str] | None = None,
    table: str | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
) -> Reading:
    """The tables of these files, and of pasted sheets by table; `table` is what the user says the files all are."""
    form = Form(profile, as_of)
    drafts: dict[str, list[Draft]] = {}
    problems: list[Problem] = []
    refused: list[SourceFile] = []
    copies: dict[str, Source] = {}
    wanted = [path for path in paths if only is None or table is not None or not _is_another(path, profile, only)]
    sources = list(_without_copies(wanted, refused, problems, copies))
    with ThreadPoolExecutor(FILES_AT_ONCE) as executor:
        alone = len(paths) == 1
        read = executor.map(lambda source: list(_drafts_of(source, form, only, table, alone=alone)), sources)
        held = [_draft_of_pasted(sheet, name, form) for name, sheet in (pasted or {}).items()]
        for found in chain(held, chain.from_iterable(read)):
            if isinstance(found, Draft):
                drafts.setdefault(found.table.name, []).append(found)
            else:
                file, reasons = found
                refused += [file] if file else []
                problems += reasons
    everything = {name: gather(parts) for name, parts in drafts.items()}
    problems += [of for parts in drafts.values() for part in parts for of in part.problems]
    if "payments" in everything:
        everything["payments"], remarks = with_reversals(everything["payments"], form)
        problems += remarks
    gathered, crossed = _held_against_each_other(everything)
    problems += crossed
    files = [*refused, *source_files(drafts, gathered, problems)]
    files += list(_copied(files, copies))
    return _reading(gathered, drafts, files, problems)


Refused = tuple[SourceFile | None, list[Problem]]


def _without_copies(
    paths: Iterable[Path], refused: list[SourceFile], problems: list[Problem], copies: dict[str, Source]
) -> Iterator[Source]:
    """Each file's content once. `copies` gets the others, `refused` what cannot be opened."""
    seen: dict[int, list[Source]] = {}
    with ThreadPoolExecutor(1) as executor:
        for path in paths:
            try:
                source = Source.of(path, executor)
            except OSError as error:
                problems.append(problem("FILE_UNREADABLE", file=path.name, reason=error.strerror or str(error)))
                refused.append(refused_file(path.name, "", "", "", "FILE_UNREADABLE"))
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
    source: Source, form: Form, only: Collection[str] | None, table: str | None, *, alone: bool
) -> Iterator[Draft | Refused]:
    """What the sheets of a file are read as, or why they are not."""
    try:
        sheets, remarks = sheets_of(source, form.profile)
    except FileRejected as refusal:
        guess = table or named_table(source.name) or ""
        if only is None or not guess or guess in only:
            yield refused_file(source.name, "", guess, source.sha256, refusal.problem.code), [refusal.problem]
        return
    yield None, remarks
    matches = [(sheet, recognise(sheet, form.profile, table)) for sheet in sheets]
    known = [(sheet, match) for sheet, match in matches if match is not None]
    if not sheets:
        guess = table or named_table(source.name) or ""
        reason = problem("HEADER_NOT_FOUND", file=source.name)
        yield refused_file(source.name, "", guess, source.sha256, reason.code), [reason]
    others = [sheet for sheet, match in matches if match is None and (sheet.cells.height or not known)]
    yield from _unrecognised(others, form.profile, table, alone=alone and not known)
    wanted = [(sheet, match) for sheet, match in known if only is None or match.table.name in only]
    for sheet, match, reasons in _with_reasons(wanted):
        yield _draft_or_reasons(sheet, match, reasons, form)


def _draft_or_reasons(sheet: RawSheet, match: Match, reasons: Sequence[Problem], form: Form) -> Draft | Refused:
    if not reasons:
        return draft(sheet, match, form)
    rows = sheet.cells.height - match.first
    refused = refused_file(sheet.file, sheet.sheet, match.table.name, sheet.source.sha256, reasons[0].code, rows)
    return refused, [*sheet.warnings, *reasons]


def _draft_of_pasted(sheet: RawSheet, table: str, form: Form) -> Draft | Refused:
    """Cells that were handed over as a table, through the same gate as a file."""
    match = recognise(sheet, form.profile, table)
    if match is None:
        refused = refused_file(sheet.file, sheet.sheet, table, sheet.source.sha256, "HEADER_NOT_FOUND")
        return refused, [problem("HEADER_NOT_FOUND", file=sheet.file, sheet=sheet.sheet)]
    return _draft_or_reasons(sheet, match, header_problems(match, sheet), form)


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
    return bool(matches) and all(match is not None and match.table.name not in only for match in matches)


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

CHECKS: tuple[Check, ...] = (
    lambda rows, _: repeated_rows(rows),
    lambda rows, _: team_leaders(rows),
    inactive_agents,
    overlapping_owners,
    lambda rows, _: reversals(rows),
    lambda rows, _: look_alikes(rows),
)


def _held_against_each_other(tables: Mapping[str, Gathered]) -> tuple[dict[str, Gathered], list[Problem]]:
    """Rows against rows of the same table and of others, the tables that others refer to first."""
    judged: dict[str, Gathered] = {}
    problems: list[Problem] = []
    first = [name for name in REFERRED_FIRST if name in tables]
    for name in [*first, *(name for name in tables if name not in first)]:
        rows, unknown = strangers(tables[name], judged)
        rows, found = with_findings(rows, unknown_references(rows, judged, unknown))
        problems += found
        for check in CHECKS:
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
    sums, unreadable = {}, {}
    for name, rows in gathered.items():
        amount = next((column.name for column in rows.table.of_type("money") if column.name in rows.rows.columns), None)
        if amount and rows.rejected.any():
            amounts = rows.rows[amount].filter(rows.rejected)
            sums[name], unreadable[name] = int(amounts.sum()), amounts.null_count()
    taken_sums = {name: int(rows["amount"].sum()) for name, rows in tables.items() if "amount" in rows.columns}
    return Reading(tables, tuple(files), tuple(problems), taken_sums, sums, unreadable)
