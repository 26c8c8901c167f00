"""Data files to tables and problems: the gate through which everything comes.

A set of data is a folder, one workbook with a sheet per table, or single files. A table is recognised by
its headers, whatever its file is called. Every source row ends as accepted, rejected with all reasons, or
ignored by a stated rule, and the three add up to the rows of the file.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Unpack

import polars as pl

from toolkit.problems import Problem
from toolkit.profiles import Profile
from toolkit.readers.as_found import SheetAsFound
from toolkit.readers.asked import Asked, OnFile, Wishes
from toolkit.readers.draft import SOURCE, Draft
from toolkit.readers.gathered import Finding, Gathered, gather, with_findings
from toolkit.readers.halves import with_halves
from toolkit.readers.outcomes import ACCEPTED, FILE_REJECTED, ROWS_REJECTED, SourceFile, source_files
from toolkit.readers.parts import parts_of
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
from toolkit.readers.second import taken_twice
from toolkit.readers.set_aside import FOLDER, about_retried, rows_set_aside
from toolkit.readers.sources import data_files
from toolkit.readers.spellings import with_one_spelling
from toolkit.readers.typed import Form
from toolkit.tables import TABLES

__all__ = [
    "ACCEPTED",
    "FILE_REJECTED",
    "ROWS_REJECTED",
    "OnFile",
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
    null where it cannot be read), rejected. `sheets` has the cells as found of files with a problem, and `set_aside`
    the rejected rows by table (`toolkit.readers.set_aside`), where asked for.
    """

    tables: dict[str, pl.DataFrame]
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    accepted_sums: dict[str, int]
    rejected_sums: dict[str, int]
    unreadable: dict[str, int]
    not_taken: dict[str, pl.DataFrame] = field(default_factory=dict)
    sheets: tuple[SheetAsFound, ...] = ()
    set_aside: dict[str, pl.DataFrame] = field(default_factory=dict)


def read_tables(data: Path, profile: Profile, **wishes: Unpack[Wishes]) -> Reading:
    """The tables of a folder, a workbook or a single file, and of the profile's database if it has one.

    `data` may be ``database:`` for the database alone. The keywords are those of `toolkit.readers.asked.Wishes`:
    as_of, only, pasted and others. `ToolkitError` where there is nothing to read.
    """
    return read_files(data_files(data, profile), profile, **wishes)


def read_files(paths: Sequence[Path], profile: Profile, **wishes: Unpack[Wishes]) -> Reading:
    """The tables of these files, of pasted sheets by table, and of the profile's database; see `read_tables`."""
    asked = Asked(**wishes)
    form = Form(profile, asked.as_of)
    parts = parts_of(paths, form, asked)
    problems = [*parts.problems, *(of for drafts in parts.drafts.values() for one in drafts for of in one.problems)]
    everything = {name: gather(drafts) for name, drafts in parts.drafts.items()}
    if "payments" in everything:
        everything["payments"], remarks = with_reversals(everything["payments"], form)
        problems += remarks
    gathered, crossed = _held_against_each_other(everything, asked.paid_before)
    problems += crossed
    if profile.reshapes:  # a cell that is part of several rows is still one problem
        problems = list(dict.fromkeys([*problems, *taken_twice(parts.drafts)]))
    files = [*parts.refused, *source_files(parts.drafts, gathered, problems)]
    files += list(parts.copied(files))
    if asked.retried:
        taken = {file.file: file.accepted for file in files if file.file.startswith(f"{FOLDER}/")}
        problems += about_retried(taken, parts.waiting)
    reading = _reading(gathered, parts.drafts, files, problems)
    if asked.keep_set_aside:
        reading = replace(reading, set_aside=_waiting(rows_set_aside(parts.drafts, gathered, problems), parts.waiting))
    if not asked.keep_sheets:
        return reading
    wrong = {one.file for one in problems if one.level != "info"}
    return replace(reading, sheets=tuple(sheet for sheet in parts.sheets if sheet.file in wrong))


def _waiting(rejected: Mapping[str, pl.DataFrame], before: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """What is set aside now and what has been, by table."""
    both = {name: [rows[name] for rows in (before, rejected) if name in rows] for name in [*before, *rejected]}
    joined = {name: pl.concat(rows, how="diagonal") for name, rows in both.items()}
    return {name: rows for name, rows in joined.items() if rows.height}


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
        spelt, found = with_one_spelling(tables[name], judged)
        problems += found
        rows, unknown = strangers(spelt, judged)
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
    tables = {name: with_halves(gathered[name]) for name in TABLES if name in taken}
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
