"""Totals that look like rows: they have a day, and a word or the number of rows where the others have their ids.

Which rows lack something is known by then. These lack nothing, so they would be taken as they are and double the sum.
Only what is unmistakable becomes a total; what is only likely is refused with a sentence, and a row whose ids are like
those of the others is a row, whatever its amount.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from toolkit.money import worded
from toolkit.readers.answers import words
from toolkit.readers.pairs import PairFinding
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.rows import Rows, Total
from toolkit.readers.shape import label_of_total
from toolkit.readers.shaped import at_places, of_wrong_width
from toolkit.readers.totals import Above, sums_above
from toolkit.readers.typed import Form, read_column
from toolkit.tables import Column as Definition

FEWEST = 2
"""Rows that a sum without a name must have above it: two payments of one amount are nothing strange."""
BEGINNING = 1000
"""Rows that mostly show what the ids of a file look like, before all of them are looked at."""


@dataclass(frozen=True)
class _Suspect:
    """A row that may be a total: its position; the column that has a total's name (None: none has), or the columns
    whose id is not like those of other rows; its amount, and what stands above it."""

    place: int
    named: str | None
    odd: tuple[str, ...]
    amount: int | None
    above: Above

    @property
    def adds_up(self) -> bool:
        """Whether it says the sum of all rows above it, or of those since the last total."""
        return not self.above.unreadable and self.above.rows > 0 and self.amount in (self.above.all, self.above.part)

    @property
    def counts(self) -> tuple[str, str]:
        """How many rows that is, as text."""
        return str(self.above.rows), str(self.above.rows_of_part)


def without_disguised(found: Rows, sheet: RawSheet, match: Match, form: Form) -> tuple[Rows, list[PairFinding]]:
    """The rows without those that are unmistakably totals, and a finding for each that only may be one."""
    amount, ids = _amount(match), _ids(found, match)
    if amount is None or not ids or amount.name not in found.cells.columns or sheet.judged or _is_made(found, match):
        return found, []
    named = _named(found, ids, of_wrong_width(found, sheet, match))
    odd = _odd_at_the_end(found, ids, set(named))
    if not named and not odd:
        return found, []
    suspects = list(_suspects(found, named, odd, amount, match, form))
    verdicts = {of.place: _verdict(of, found, ids, match, amount, form.profile.digits) for of in suspects}
    totals = [place for place, verdict in verdicts.items() if verdict is True]
    kept = pl.Series([True]).new_from_index(0, found.row.len()).scatter(totals, False)
    findings = [_finding(kept, place, *verdict) for place, verdict in verdicts.items() if isinstance(verdict, tuple)]
    return _with_totals(found, kept, [(of.place, of.named) for of in suspects if of.place in totals]), findings


def _amount(match: Match) -> Definition | None:
    """The amount of a table whose rows have an id each and an amount each."""
    if len(match.table.key) != 1 or match.table.column(match.table.key[0]).type != "id":
        return None
    return next((column for column in match.table.of_type("money") if column.required), None)


def _ids(found: Rows, match: Match) -> list[str]:
    """The id of the row and those that must be beside it."""
    return [of.name for of in match.table.of_type("id") if of.required and of.name in found.cells.columns]


def _is_made(found: Rows, match: Match) -> bool:
    """Whether the rows are made of others, of which some have been left out as totals already."""
    return found.long or (match.shape is not None and match.shape.second is not None) or not found.row.len()


# --- which rows are looked at ----------------------------------------------------------------------


@cache
def _begins() -> str:
    """What a total's name begins with, and then a blank, a colon or nothing: TOTAL-0001 may be an id."""
    names = sorted((re.escape(name).replace(r"\ ", "[ -]") for name in words()["total"]), key=len, reverse=True)
    return rf"(?i)^(?:{'|'.join(names)})(?:[\s:]|$)"


def _named(found: Rows, ids: Sequence[str], displaced: pl.Series) -> dict[int, str]:
    """The rows with a total's name among their ids, and the column; none where most rows have one."""
    texts = [of for of in (*ids[1:], "agent_id", ids[0]) if found.cells.schema.get(of) == pl.String]
    begun = found.cells.select(pl.col(texts).str.contains(_begins()).fill_null(False) & ~displaced)
    named: dict[int, str] = {}
    for column in texts:
        places = begun[column].arg_true()
        if places.len() <= max(1, found.row.len() // 2):
            cells = zip(places.to_list(), found.cells[column].gather(places), strict=True)
            # an account may be called "Total Energies"; an id of the row itself is never called so
            named |= {place: column for place, text in cells if column == ids[0] or _is_name(text)}
    return named


def _is_name(text: str) -> bool:
    return label_of_total(text, begins=False)


def _odd_at_the_end(found: Rows, ids: Sequence[str], named: Collection[int]) -> tuple[str, ...]:
    """The columns of the last row whose id is not like those above it, where the row is not named a total already."""
    place = found.row.len() - 1
    if place in named or not place:
        return ()
    rows = pl.Series([True]).new_from_index(0, place + 1).scatter([*named], False)
    cells = found.cells.select(ids).filter(rows) if named else found.cells.select(ids)
    return tuple(column for column in ids if _is_odd(_text(cells[column][-1]), cells[column].head(-1)))


def _suspects(
    found: Rows, named: Mapping[int, str], odd: tuple[str, ...], amount: Definition, match: Match, form: Form
) -> Iterator[_Suspect]:
    """Each of these rows with what is above it; no total is part of another's sum."""
    values = read_column(found.cells[amount.name], match.table, amount, form).values
    rows = pl.DataFrame({"row": found.row, "amount": values})
    last = [found.row.len() - 1] if odd else []
    places = {int(found.row[place]): place for place in [*named, *last]}
    at = sorted({*places, *(row for row, _, _ in found.totals)})
    sums = sums_above(rows.filter(~rows["row"].is_in(list(places))), at)
    for row, above in zip(at, sums, strict=True):
        if row in places:
            place = places[row]
            yield _Suspect(place, named.get(place), () if place in named else odd, values[place], above)


# --- what they are ---------------------------------------------------------------------------------

Doubt = tuple[Definition, str, dict[str, object]]
"""The column that shows it, the code, and what its sentence needs."""


def _verdict(
    of: _Suspect, found: Rows, ids: Sequence[str], match: Match, amount: Definition, digits: int
) -> bool | Doubt:
    """True: it is a total; False: it is a row; or why it may be either."""
    cells = {column: _text(found.cells[column][of.place]) for column in ids}
    if of.named is not None:
        if of.adds_up or (of.named == ids[0] and _is_name(cells[of.named])):
            return True
        return match.table.column(of.named), "TOTAL_BY_NAME", {"summed": worded(of.above.all, digits)}
    counting = [column for column in of.odd if cells[column] in of.counts]
    alone = len(of.odd) == len(ids)
    if of.adds_up and counting and alone and of.above.rows >= FEWEST:
        return True
    if not all(cells.values()):
        return False  # refused for what it lacks
    if counting and (of.adds_up or alone):
        return match.table.column(counting[0]), "TOTAL_BY_COUNT", {}
    if of.adds_up and alone and of.above.rows >= FEWEST:
        return amount, "TOTAL_BY_SUM", {}
    return False


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _is_odd(text: str, above: pl.Series) -> bool:
    """Whether an id is made of other kinds of signs than all ids above it (AG, 12, P-12), or is a shorter number."""
    if not text:
        return True
    for some in (above.head(BEGINNING), above):
        texts = some.drop_nulls().cast(pl.String)
        alike = texts.filter(pl.select(_kinds(pl.lit(texts)) == _kinds(pl.lit(text))).to_series())
        if alike.len() and not (text.isdecimal() and len(text) < int(alike.str.len_chars().min())):  # type: ignore[arg-type]  # of numbers
            return False
    return True


def _kinds(texts: pl.Expr) -> pl.Expr:
    """Which kinds of signs a text has: letters, digits, others."""
    kinds = (r"\p{L}", r"\p{N}", r"[^\p{L}\p{N}]")
    return pl.sum_horizontal(texts.str.contains(kind) * 2**bit for bit, kind in enumerate(kinds))


# --- what is made of them --------------------------------------------------------------------------


def _finding(kept: pl.Series, place: int, column: Definition, code: str, fields: dict[str, object]) -> PairFinding:
    """About one row, among those that are kept."""
    mask = pl.Series([False]).new_from_index(0, kept.len()).scatter([place], True)
    return column, mask.filter(kept), code, fields


def _with_totals(found: Rows, kept: pl.Series, places: Sequence[tuple[int, str | None]]) -> Rows:
    """The rows that are kept, and the others as totals beside those that are known."""
    if not places:
        return found
    totals: list[Total] = list(found.totals)
    for place, named in places:
        cells = {name: _text(cell) or None for name, cell in found.cells.row(place, named=True).items()}
        label = next(text for text in (cells[named] if named else None, *cells.values()) if text)
        totals.append((int(found.row[place]), label, cells))
    totals.sort(key=lambda total: total[0])
    ignored = {**found.ignored, "total": sorted({*found.ignored.get("total", []), *found.row.filter(~kept)})}
    return replace(at_places(found, kept.arg_true()), totals=tuple(totals), ignored=ignored)
