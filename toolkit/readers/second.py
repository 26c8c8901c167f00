"""Sheets that feed more than one table: which others a recognised sheet holds rows of."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from toolkit.problems import Problem, problem
from toolkit.profiles import Profile
from toolkit.readers.draft import Draft
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match, headers_of, match_of, missing_of
from toolkit.readers.shape import Second, Shape
from toolkit.shapes import Also, fields_of
from toolkit.tables import TABLES, Table

Known = tuple[RawSheet, Match]


def each_table(
    known: Iterable[Known], profile: Profile, only: Collection[str] | None, held: Collection[str] = ()
) -> tuple[list[Known], list[Problem]]:
    """Every table of these sheets that is wanted, and remarks about those that a sheet could have fed and does not.

    `only` names the tables wanted; `held` those that come from elsewhere, whose sheets are left alone.
    """
    found: list[Known] = []
    remarks: list[Problem] = []
    for sheet, match in known:
        wanted = [] if match.table.name in held else profile.fed_by(match.table.name)
        others = [_second(sheet, match, TABLES[name], profile) for name in wanted if only is None or name in only]
        fed = [other for other in others if not _lacks_where(other)]
        found += [(sheet, _with_use(match, fed))] if only is None or match.table.name in only else []
        found += [(sheet, other) for other in fed]
        remarks += _about_lacking(sheet, [other for other in others if _lacks_where(other)])
    return found, remarks


def _second(sheet: RawSheet, first: Match, table: Table, profile: Profile) -> Match:
    """The sheet as the other table: by the profile's columns, by its headers, then by columns of the same name."""
    also = profile.also[table.name]
    row = sheet.names if sheet.names is not None else sheet.cells.row(first.header)
    own = match_of(table, headers_of(row), (first.header, first.first), profile)
    own = replace(own, counted_from=first.counted_from)
    shape = own.shape or Shape()
    sources = _sources(also, first, table, {*own.places, *shape.spelled})
    # a column of the first table that is one column of the sheet is read from there
    same = {column: source for column, source in sources.items() if source in first.places}
    made = {column: source for column, source in sources.items() if column not in same}
    shape = replace(shape, second=Second(first, made, also.where))
    places = {column: place for column, place in own.places.items() if column not in sources}
    spelled = {column: own.spelled[column] for column in places} | shape.spelled
    places |= {column: first.places[source] for column, source in same.items()}
    spelled |= {column: first.spelled[source] for column, source in same.items()}
    missing = missing_of(table, spelled, profile)
    return replace(own, places=places, spelled=spelled, missing=missing, unknown=(), shape=shape)


def _sources(also: Also, first: Match, table: Table, found: Collection[str]) -> dict[str, str]:
    """Our columns that come from the first table's, where the sheet has all that they are made of."""
    there = {*first.places, *(first.shape.joined if first.shape else ())}
    same = {column.name: column.name for column in table.columns if column.name not in found}
    sources = same | also.columns
    return {column: source for column, source in sources.items() if there.issuperset(fields_of(source))}


def _lacks_where(other: Match) -> bool:
    where = other.shape.second.where if other.shape and other.shape.second else None
    return where is not None and where not in other.spelled


def _about_lacking(sheet: RawSheet, lacking: Iterable[Match]) -> Iterator[Problem]:
    for other in lacking:
        where = other.shape.second.where if other.shape and other.shape.second else None
        yield problem(
            "ALSO_COLUMN_MISSING", file=sheet.file, sheet=sheet.sheet, row=other.header + 1,
            value=where, table=other.table.name,
        )  # fmt: skip


def taken_twice(drafts: Mapping[str, Sequence[Draft]]) -> Iterator[Problem]:
    """Tables that come from sheets of their own and from another table's as well: the same things twice?"""
    for name, parts in drafts.items():
        own = [part for part in parts if not part.fed_by]
        for part in parts if own else []:
            if part.fed_by:
                report = partial(problem, "ALSO_AND_OWN", file=part.sheet.file, sheet=part.sheet.sheet)
                yield report(value=part.fed_by, table=name, other=own[0].sheet.place)


def _with_use(match: Match, others: Iterable[Match]) -> Match:
    """The first table's match without the headers that another table uses among those that nothing uses."""
    used = {header for other in others for header in other.spelled.values()}
    used |= {question.header for other in others if other.shape for question in other.shape.questions}
    return replace(match, unknown=tuple(name for name in match.unknown if " ".join(name.split()) not in used))
