"""All rows of a table, from however many files, and what is found when rows are held against each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.answers import is_error
from toolkit.readers.draft import SOURCE, Draft
from toolkit.tables import Table


@dataclass(frozen=True)
class Gathered:
    """The rows of one table; which are rejected, and which ignored because they were there before.

    `of_row` tells which of them are one row of a sheet: none of these is taken where one is rejected. None: each is.
    `spelled` has each sheet's headers by our column names, `origins` its file and sheet, both by `source_file`.
    """

    table: Table
    rows: pl.DataFrame
    rejected: pl.Series
    ignored: pl.Series
    spelled: Mapping[str, Mapping[str, str]]
    origins: Mapping[str, tuple[str, str]]
    of_row: pl.Series | None = None

    @property
    def good(self) -> pl.Series:
        return ~(self.rejected | self.ignored)

    @property
    def accepted(self) -> pl.DataFrame:
        return self.rows if not (self.rejected.any() or self.ignored.any()) else self.rows.filter(self.good)


@dataclass(frozen=True)
class Finding:
    """The same thing found in several rows: their places, the column shown, and what the sentence needs.

    `each` has one value a row for the sentence's {other}; `ignore` rows are left out rather than rejected.
    """

    places: Sequence[int]
    code: str
    column: str
    each: Sequence[object] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    ignore: bool = False


def gather(drafts: Sequence[Draft]) -> Gathered:
    """The drafts of one table put together, in order."""
    rows = pl.concat([draft.rows for draft in drafts], how="diagonal") if len(drafts) > 1 else drafts[0].rows
    table = drafts[0].table
    order = [column.name for column in table.columns if column.name in rows.columns]
    rejected = pl.concat([draft.rejected for draft in drafts]) if len(drafts) > 1 else drafts[0].rejected
    spelled = {draft.sheet.place: draft.spelled for draft in drafts}
    origins = {draft.sheet.place: (draft.sheet.file, draft.sheet.sheet) for draft in drafts}
    nothing = pl.Series([False]).new_from_index(0, rows.height)
    in_order = rows if rows.columns == [*order, *SOURCE] else rows.select(*order, *SOURCE)
    of_row = _of_row(drafts) if any(draft.long for draft in drafts) else None
    return Gathered(table, in_order, _whole_rows(rejected, of_row), nothing, spelled, origins, of_row)


def _of_row(drafts: Sequence[Draft]) -> pl.Series:
    """A number for each row of each sheet."""
    return pl.concat([draft.rows["source_row"] + number * 2**32 for number, draft in enumerate(drafts)])


def _whole_rows(rejected: pl.Series, of_row: pl.Series | None) -> pl.Series:
    """What is rejected, and all else that stands on the same rows of the sheets."""
    if of_row is None or not rejected.any():
        return rejected
    return of_row.is_in(of_row.filter(rejected).unique().implode())


def with_findings(gathered: Gathered, findings: Iterable[Finding]) -> tuple[Gathered, list[Problem]]:
    """The rows with the findings' places rejected or ignored, and a problem for each of them."""
    problems: list[Problem] = []
    rejected, ignored = gathered.rejected, gathered.ignored
    for finding in findings:
        if not finding.places:
            continue
        problems += _problems(gathered, finding)
        if finding.ignore:
            ignored = ignored.scatter(list(finding.places), True)
        elif is_error(finding.code):
            rejected = rejected.scatter(list(finding.places), True)
    return replace(gathered, rejected=_whole_rows(rejected, gathered.of_row), ignored=ignored), problems


def _problems(gathered: Gathered, finding: Finding) -> Iterable[Problem]:
    shown = gathered.rows[list(finding.places)].select(*SOURCE, pl.col(finding.column).alias("_value"))
    each = finding.each or [""] * len(finding.places)
    for (source, row, value), other in zip(shown.iter_rows(), each, strict=True):
        file, sheet = gathered.origins[source]
        spelled = gathered.spelled[source].get(finding.column, finding.column)
        fields = {"table": gathered.table.name, **finding.fields, "other": other}
        text = "" if value is None else value
        yield problem(finding.code, file=file, sheet=sheet, row=row, column=spelled, value=text, **fields)


def places_of(mask: pl.Series) -> list[int]:
    """Positions where the mask holds."""
    return mask.fill_null(False).arg_true().to_list()


def spot(source: str, row: int) -> str:
    """Another row, as a sentence names it: ``payments.csv row 17``."""
    return f"{source} row {row}"
