"""Which rows of a sheet are rows of its table, and which are ignored by a stated rule.

Ignored are blank rows, the header repeated on a later page, rows that add up the rows above them, and
lines of text below the table. Rows that add up are used: what they say must be the sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from toolkit.readers.answers import words
from toolkit.readers.origins import Origin
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.shape import folded

BLANKS = " \u00a0\u202f\u2007\ufeff\u3000"
STRIPPED = BLANKS + "\t"

Total = tuple[int, str, dict[str, str | None]]
"""A row that adds up others: its number, its label, its cells by column."""


@dataclass(frozen=True)
class Rows:
    """A table's rows as text, with what was left out.

    `cells` has our column names; `row` is the row as Excel shows it, for `cells` and everywhere else.
    `ignored` has the rows by rule (blank, header, total, count, footer); `totals` are (row, label, cells by column) of
    rows that add up. `origins` say where the cells of a column stand in the sheet that are not all under its header.
    `long`: a row of the sheet may be several of these.
    """

    cells: pl.DataFrame
    row: pl.Series
    fields: pl.Series | None
    ignored: dict[str, list[int]]
    totals: tuple[Total, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    long: bool = False

    @property
    def count(self) -> int:
        """How many rows of the sheet they are."""
        return (self.row.n_unique() if self.long else self.cells.height) + sum(
            len(rows) for rows in self.ignored.values()
        )


def rows_of(sheet: RawSheet, match: Match) -> Rows:
    """The rows below the header, by our column names, stripped; empty cells are null."""
    below, fields = sheet.cells.slice(match.first), sheet.fields
    row = pl.int_range(match.first_row, match.first_row + below.height, dtype=pl.Int64, eager=True)
    fields = fields.slice(match.first) if fields is not None else None
    cells = {column: below[str(place)] for column, place in match.places.items()}
    strict = {definition.name for definition in match.table.columns if definition.strict}
    to_strip = _with_blanks(cells) if sheet.plain else cells
    ours = pl.DataFrame(
        {
            column: stripped(found, BLANKS if column in strict else STRIPPED, plain=False)
            if column in to_strip
            else found
            for column, found in cells.items()
        }
    )
    if sheet.judged or not _may_have_ignored(ours, match):
        return Rows(ours, row, fields, {}, ())
    return _without_ignored(ours, below, row, fields, match)


def _with_blanks(cells: Mapping[str, pl.Series]) -> set[str]:
    """The columns of plain text in which a cell begins or ends with a blank; all are looked at at once."""
    texts = pl.DataFrame([found.alias(column) for column, found in cells.items() if found.dtype == pl.String])
    blank = pl.all().str.starts_with(" ") | pl.all().str.ends_with(" ")
    return {column for column, found in texts.select(blank.any()).to_dicts()[0].items() if found} if cells else set()


def stripped(cells: pl.Series, blanks: str, *, plain: bool) -> pl.Series:
    """Cells without blanks at either end; empty is null. In plain text it is quicker to see that there are none."""
    if cells.dtype != pl.String or (plain and not (cells.str.starts_with(" ") | cells.str.ends_with(" ")).any()):
        return cells
    bare = cells.str.strip_chars(blanks)
    return bare.set(bare == "", None)


def _may_have_ignored(ours: pl.DataFrame, match: Match) -> bool:
    """No row can be ignored where every required cell is filled and no first cell repeats its header."""
    required = [name for name in match.table.required if name in ours.columns]
    first = min(match.places, key=lambda name: match.places[name])
    repeated = ours[first].dtype == pl.String and (ours[first] == match.spelled[first]).any()
    return bool(repeated) or any(ours[name].null_count() for name in required)


def _without_ignored(
    ours: pl.DataFrame, below: pl.DataFrame, row: pl.Series, fields: pl.Series | None, match: Match
) -> Rows:
    suspects = _suspects(ours, match)
    kinds, totals = _kinds(suspects, ours, below, row, match)
    kept = pl.Series([True]).new_from_index(0, ours.height)
    if kinds:
        kept = kept.scatter(list(kinds), False)
    ignored: dict[str, list[int]] = {}
    for position, kind in kinds.items():
        ignored.setdefault(kind, []).append(int(row[position]))
    fields = fields.filter(kept) if fields is not None else None
    return Rows(ours.filter(kept), row.filter(kept), fields, ignored, totals)


def _suspects(ours: pl.DataFrame, match: Match) -> list[int]:
    """Positions of rows that lack a required cell or begin with the header's first word."""
    required = [pl.col(name).is_null() for name in match.table.required if name in ours.columns]
    first = min(match.places, key=lambda name: match.places[name])
    repeated = pl.col(first) == match.spelled[first] if ours[first].dtype == pl.String else pl.lit(False)
    mask = ours.select(pl.any_horizontal(*required, repeated.fill_null(False))).to_series()
    return mask.arg_true().to_list()


def _kinds(
    suspects: Sequence[int], ours: pl.DataFrame, below: pl.DataFrame, row: pl.Series, match: Match
) -> tuple[dict[int, str], tuple[Total, ...]]:
    """The rule by which each suspect is ignored, if one applies, and the rows that add up."""
    kinds: dict[int, str] = {}
    totals: list[Total] = []
    whole, named = below[suspects], ours[suspects]
    at_the_end = _ends(suspects, below.height)
    for position, everything, cells in zip(suspects, whole.iter_rows(), named.iter_rows(named=True), strict=True):
        texts = [str(cell).strip(STRIPPED) for cell in everything if cell is not None and str(cell).strip(STRIPPED)]
        kind = _kind(texts, cells, match, last=position in at_the_end)
        if kind:
            kinds[position] = kind
        if kind == "total":
            totals.append((int(row[position]), _label(texts[0], cells, match), cells))
    return kinds, tuple(totals)


def _ends(suspects: Sequence[int], height: int) -> set[int]:
    """The suspects that stand together at the end of the sheet."""
    ends, place = set(), height - 1
    for position in reversed(suspects):
        if position != place:
            break
        ends.add(position)
        place -= 1
    return ends


def _kind(texts: list[str], cells: dict[str, str | None], match: Match, *, last: bool) -> str:
    if not texts:
        return "blank"
    if _repeats_header(cells, match):
        return "header"
    label = _label(texts[0], cells, match)
    if label:
        return "count" if _words(label) & set(words()["total_of_rows"]) else "total"
    one_line = len(texts) == 1 and len(match.places) > 2
    return "footer" if last and one_line and any(word in texts[0].casefold() for word in words()["footer"]) else ""


def _repeats_header(cells: dict[str, str | None], match: Match) -> bool:
    filled = {column: cell for column, cell in cells.items() if cell is not None}
    same = (folded(str(cell)) == folded(match.spelled[column]) for column, cell in filled.items())
    return len(filled) > 1 and all(same)


def _label(first: str, cells: dict[str, str | None], match: Match) -> str:
    """The text that says that a row adds up others: "TOTAL", "Sub total AG-01:", "AG-01 Total"; "" if it is a row.

    It stands in the `first` filled cell or in a column of ours, and the row has no key beside it: a customer may be
    called "Total Energies".
    """
    key = {name: cells[name] for name in match.table.key if name in cells}
    for text in [first, *(str(cell) for cell in cells.values() if cell is not None)]:
        begins = _begins_a_total(text)
        if not begins and not _ends_a_total(text):
            continue
        beside = [cell for cell in key.values() if cell != text]
        is_row = bool(key) and len(beside) == len(key) and (all(beside) or _lacks_only(key, cells, match))
        if not is_row and (begins or _undated(cells, match)):
            return text
    return ""


def _lacks_only(key: Mapping[str, str | None], cells: Mapping[str, str | None], match: Match) -> bool:
    """Whether everything that a row must have is there, but its key."""
    return all(cells.get(name) is not None for name in match.table.required if name not in key)


def _undated(cells: Mapping[str, str | None], match: Match) -> bool:
    dates = (of.name for of in match.table.of_type("date", "time") if of.required)
    return all(cells.get(name) is None for name in dates)


def _words(text: str) -> set[str]:
    return set(_plain(text).replace(":", " ").split())


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").split())


def _begins_a_total(text: str) -> bool:
    plain = _plain(text)
    return any(plain == word or plain.startswith((f"{word} ", f"{word}:")) for word in words()["total"])


def _ends_a_total(text: str) -> bool:
    """As Excel labels the subtotals that it makes."""
    return _plain(text).rstrip(":").endswith(tuple(f" {word}" for word in words()["total"]))
