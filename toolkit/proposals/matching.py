"""Which table a sheet is, and which of its headers are which of its columns: with how sure that is, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from toolkit.problems import said
from toolkit.proposals.fitting import Fit, fit
from toolkit.proposals.found import FoundColumn, FoundSheet
from toolkit.proposals.naming import Naming, coverage, naming
from toolkit.proposals.spellings import plain_words
from toolkit.proposals.values import Looks
from toolkit.proposals.words import shown
from toolkit.readers.recognise import named_table
from toolkit.readers.shape import folded
from toolkit.tables import TABLES, Column, Table

Degree = Literal["sure", "likely", "unsure", "none"]
DEGREES: tuple[Degree, ...] = ("sure", "likely", "unsure", "none")

WORTH: Mapping[Degree, float] = {"sure": 3.0, "likely": 2.0, "unsure": 0.4, "none": 0.0}
"""What a column of each degree adds to a table, when it is asked which table a sheet is."""
REQUIRED_FOUND, REQUIRED_MISSING, NAMED = 1.0, -1.0, 4.0
CLEARLY, HARDLY_CLEARLY = 0.8, 0.93
"""A table whose rival has more than this share of its worth is not clear: nothing in it can be sure, or even likely."""
A_MARGIN = 5
"""Points by which a header must be nearer to its column than to any other to be likely."""
BY_NAME = 25
"""Fewer points come from the values alone."""
VERY_LIKE = 0.86
KNOWS_THE_SHEET = 0.5
FOUND_THERE, FOUND_AT_LEAST = 0.95, 3

Keys = Mapping[str, frozenset[str]]
"""The values of the key columns of tables that others refer to: agents, accounts, calls."""


@dataclass(frozen=True)
class Choice:
    """One column that a header may be, with the points by which choices are compared."""

    column: str
    points: float
    degree: Degree
    why: str


@dataclass(frozen=True)
class Proposal:
    """What one header is proposed to be. `column` is "" where nothing was found; `others` may be it too."""

    header: str
    column: str
    degree: Degree
    why: str
    samples: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetProposal:
    """A sheet taken for a table, with a proposal for each header. `table` is "" where it is like none of them.

    `missing` are required columns for which no header was taken as sure or likely.
    """

    sheet: FoundSheet
    table: str
    columns: tuple[Proposal, ...]
    missing: tuple[str, ...] = ()

    def taken(self) -> Iterator[Proposal]:
        """The sure and likely ones."""
        return (one for one in self.columns if one.degree in ("sure", "likely"))


def proposals_of(sheets: Sequence[FoundSheet], only: str | None = None) -> list[SheetProposal]:
    """A proposal for each sheet. What refers to other tables is looked at again once those are known."""
    looks = {id(column): Looks(column.values) for sheet in sheets for column in sheet.columns}
    first = [_of_sheet(sheet, looks, {}, only) for sheet in sheets]
    keys = _keys(first)
    return [_of_sheet(sheet, looks, keys, only) for sheet in sheets] if keys else first


def _keys(proposals: Sequence[SheetProposal]) -> Keys:
    """The values of the columns taken for the keys of tables that others refer to."""
    found: dict[str, set[str]] = {}
    for proposal in proposals:
        if proposal.table not in ("agents", "accounts", "calls"):
            continue
        key = TABLES[proposal.table].key[0]
        headers = {one.header for one in proposal.taken() if one.column == key}
        values = {text for column in proposal.sheet.columns if column.header in headers for text in column.values}
        found.setdefault(proposal.table, set()).update(values)
    return {table: frozenset(values) for table, values in found.items() if values}


def _of_sheet(sheet: FoundSheet, looks: Mapping[int, Looks], keys: Keys, only: str | None) -> SheetProposal:
    tables = [TABLES[only]] if only else list(TABLES.values())
    named = only or named_table(sheet.file, sheet.sheet)
    ranked = sorted(
        (_Ranking.of(sheet, table, looks, keys, named == table.name) for table in tables),
        key=lambda ranking: -ranking.worth,
    )
    best = ranked[0]
    if not best.is_a_table(forced=bool(only)):
        nothing = tuple(_nothing(column, looks[id(column)]) for column in sheet.columns)
        return SheetProposal(sheet, "", nothing)
    rival = ranked[1].worth if len(ranked) > 1 and not only and named != best.table.name else 0.0
    if rival <= CLEARLY * best.worth:
        return SheetProposal(sheet, best.table.name, best.columns, best.missing)
    lower: Mapping[Degree, Degree] = {"sure": "likely"}
    if rival > HARDLY_CLEARLY * best.worth:
        lower = {"sure": "unsure", "likely": "unsure"}
    columns = tuple(_lowered(one, lower.get(one.degree, one.degree)) for one in best.columns)
    return SheetProposal(sheet, best.table.name, columns, tuple(_missing(best.table, columns)))


def _nothing(column: FoundColumn, looks: Looks) -> Proposal:
    return Proposal(column.header, "", "none", said("WHY_NO_TABLE"), looks.samples)


def _lowered(proposal: Proposal, degree: Degree) -> Proposal:
    if degree == proposal.degree:
        return proposal
    return replace(proposal, degree=degree, why=f"{proposal.why}; {said('WHY_TABLE_UNCLEAR')}")


def _missing(table: Table, columns: Iterable[Proposal]) -> Iterator[str]:
    """Required columns that nothing was taken for. A currency can come from the profile."""
    taken = {one.column for one in columns if one.degree in ("sure", "likely")}
    return (name for name in table.required if name not in taken and table.column(name).type != "currency")


@dataclass(frozen=True)
class _Ranking:
    """A sheet as one of the tables."""

    table: Table
    columns: tuple[Proposal, ...]
    missing: tuple[str, ...]
    worth: float
    named: bool

    @classmethod
    def of(cls, sheet: FoundSheet, table: Table, looks: Mapping[int, Looks], keys: Keys, named: bool) -> "_Ranking":
        columns = tuple(_assigned(sheet, table, looks, keys))
        worth = sum(WORTH[one.degree] for one in columns)
        found = {one.column for one in columns if one.degree != "none"}
        needed = [name for name in table.required if table.column(name).type != "currency"]
        worth += sum(REQUIRED_FOUND if name in found else REQUIRED_MISSING for name in needed)
        return cls(table, columns, tuple(_missing(table, columns)), worth + (NAMED if named else 0.0), named)

    def is_a_table(self, *, forced: bool) -> bool:
        """Whether enough of the table is there: two columns, or fewer where the user or the file's name says so."""
        taken = sum(one.degree in ("sure", "likely") for one in self.columns)
        found = sum(one.degree != "none" for one in self.columns)
        needed = len(self.missing) < len(self.table.required)
        return forced or (self.named and found >= 1) or (taken >= 2 and needed) or (found >= 3 and self.worth > 0)


def _assigned(sheet: FoundSheet, table: Table, looks: Mapping[int, Looks], keys: Keys) -> Iterator[Proposal]:
    """Each header with the best column that no other header fits better."""
    covered = coverage([column.header for column in sheet.columns], table.name)
    choices = {
        column.header: _choices(column, looks[id(column)], table, keys, covered, len(sheet.columns))
        for column in sheet.columns
    }
    best = sorted(
        ((choice, header) for header, found in choices.items() for choice in found),
        key=lambda pair: -pair[0].points,
    )
    headers: dict[str, Choice] = {}
    taken: dict[str, str] = {}
    for choice, header in best:
        if header not in headers and choice.column not in taken:
            headers[header], taken[choice.column] = choice, header
    for column in sheet.columns:
        yield _proposal(column, looks[id(column)], headers.get(column.header), choices, taken)


def _proposal(
    column: FoundColumn,
    looks: Looks,
    choice: Choice | None,
    choices: Mapping[str, Sequence[Choice]],
    taken: Mapping[str, str],
) -> Proposal:
    """The choice as a proposal: likely only where the header is clearly nearer to this column than to others."""
    mine = choices[column.header]
    if choice is None:
        mine = [one for one in mine if one.points >= BY_NAME]
        why = said("WHY_NOTHING")
        if mine:
            why = said("WHY_TAKEN", other=shown(taken[mine[0].column]), column=mine[0].column)
        return Proposal(column.header, "", "none", why, looks.samples, tuple(one.column for one in mine[:3]))
    rivals = [one.points for one in mine if one.column != choice.column]
    rivals += [
        other.points
        for header, found in choices.items()
        for other in found
        if header != column.header and other.column == choice.column
    ]
    degree, why = choice.degree, choice.why
    if degree == "likely" and rivals and max(rivals) > choice.points - A_MARGIN:
        degree, why = "unsure", f"{why}; {said('WHY_RIVAL')}"
    others = tuple(one.column for one in mine if one.column != choice.column)[:3]
    return Proposal(column.header, choice.column, degree, why, looks.samples, others)


def _choices(
    column: FoundColumn, looks: Looks, table: Table, keys: Keys, covered: Mapping[str, int], width: int
) -> list[Choice]:
    """The columns of the table that this one may be, the best first."""
    if not folded(column.header):
        return []  # signs alone: no reader could tell it from another header of signs
    found = [_choice(column.header, looks, table, definition, keys, covered, width) for definition in table.columns]
    return sorted((one for one in found if one is not None), key=lambda one: -one.points)


def _choice(
    header: str,
    looks: Looks,
    table: Table,
    column: Column,
    keys: Keys,
    covered: Mapping[str, int],
    width: int,
) -> Choice | None:
    named, fits = naming(header, table.name, column.name), fit(looks, table, column)
    there = _found_there(looks, column, keys)
    points = _points(named, fits, there, required=column.required)
    if points <= 0:
        return None
    if named.kind == "several" and named.sources:
        points += 10 * max(covered.get(source, 0) for source in named.sources) / width
    degree = _degree(header, named, fits, there, covered, width)
    return Choice(column.name, points, degree, _why(named, fits, there, column, covered))


def _found_there(looks: Looks, column: Column, keys: Keys) -> float:
    """The share of the values that are keys of the table that the column refers to."""
    known = keys.get(column.refers, frozenset())
    if not known or looks.distinct < FOUND_AT_LEAST:
        return 0.0
    return sum(times for text, times in looks.counts.items() if text in known) / looks.count


POINTS: Mapping[str, float] = {"own": 100.0, "known": 90.0, "several": 75.0, "same": 72.0, "like": 62.0, "none": 0.0}


def _points(named: Naming, fits: Fit, there: float, *, required: bool) -> float:
    points = POINTS[named.kind] * named.likeness
    if there >= FOUND_THERE:
        points = max(points, 40.0) + 15
    elif named.kind == "none":
        return 12.0 + (4 if required else 0) if fits.speaks_for else 0.0
    if fits.against:
        return points if named.kind == "own" else 0.0 if named.kind == "like" else points - 45
    return points + (6 if fits.speaks_for else 0)


def _degree(header: str, named: Naming, fits: Fit, there: float, covered: Mapping[str, int], width: int) -> Degree:
    if named.kind == "own":
        return "likely" if fits.against else "sure"
    if fits.against:
        return "unsure"
    if named.kind == "known":
        return "sure" if _telling(header, named, covered, width) else "likely"
    if named.kind == "several":
        return "likely"
    if there >= FOUND_THERE:
        return "likely"
    if named.kind == "same":
        return "likely"
    if named.kind == "like" and named.likeness >= VERY_LIKE:
        return "likely" if fits.speaks_for else "unsure"
    return "unsure"


def _telling(header: str, named: Naming, covered: Mapping[str, int], width: int) -> bool:
    """A single word such as "Client" is sure only where its source knows most headers of the sheet."""
    knows = max(covered.get(source, 0) for source in named.sources) / width
    return knows >= KNOWS_THE_SHEET or (len(header.split()) > 1 and len(plain_words(header)) > 1)


def _why(named: Naming, fits: Fit, there: float, column: Column, covered: Mapping[str, int]) -> str:
    """The reasons as one sentence; of several sources, the one that knows the sheet best is named."""
    source = max(named.sources, key=lambda name: covered.get(name, 0), default="")
    parts = [said(f"NAMED_{named.kind.upper()}", source=source)] if named.kind != "none" else []
    if there >= FOUND_THERE:
        parts.append(said("VALUES_THERE", share=f"{there:.0%}", table=column.refers))
    elif fits.verdict != "says nothing" or not parts:
        parts.append(fits.why)
    return ", but ".join(parts) if fits.against and len(parts) > 1 else "; ".join(parts)
