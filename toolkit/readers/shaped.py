"""Rows of a sheet brought into the shape of their table before they are typed: times joined, questions turned
into rows, the rows of a second table picked out. Sheets that are tables as they stand pass through untouched.
"""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from toolkit.readers.answers import Column, words
from toolkit.readers.clocks import read_clocks
from toolkit.readers.moments import read_dates
from toolkit.readers.origins import Origin, Remarks, with_marks
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.rows import STRIPPED, Rows, rows_of, stripped
from toolkit.readers.shape import Joint, Question, Second, Shape, label_of_total
from toolkit.readers.typed import Form, read_column, read_typed
from toolkit.shapes import Wide, fields_of, pieces_of
from toolkit.tables import Column as Definition

DAY = Definition("day", "date", "The day of a joined time")


def shaped(sheet: RawSheet, match: Match, form: Form) -> Rows:
    """The rows of the match's table; `origins` say where a cell stands that was moved on the way."""
    shape = match.shape
    if shape is None:
        return rows_of(sheet, match)
    found = _second(sheet, match, shape.second, form) if shape.second else rows_of(sheet, match)
    found = _joined(found, sheet, match, shape, form)
    if shape.second and shape.second.where in found.cells.columns:
        found = _without(found, _unfilled(found.cells[shape.second.where]), "unfilled")
    return _long(found, sheet, match, shape, shape.wide) if shape.wide is not None else found


def cells_under(found: Rows, sheet: RawSheet, match: Match, place: int) -> pl.Series:
    """A column of the sheet at the rows that were found, empty cells null."""
    below = sheet.cells[str(place)].slice(match.first)
    kept = below if found.row.len() == below.len() else below.gather(found.row - match.first_row)
    return stripped(kept, STRIPPED, plain=sheet.plain)


def of_wrong_width(found: Rows, sheet: RawSheet, match: Match) -> pl.Series:
    """Rows whose cells may stand under the wrong headers: nothing is said of those, and no row is left out for them."""
    if found.fields is None or sheet.fields is None:
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, found.row.len())
    return (found.fields != int(sheet.fields[match.header])) | (found.fields < 0)


def at_places(found: Rows, places: pl.Series) -> Rows:
    """These of the rows, in this order; a row may come more than once."""
    fields = found.fields.gather(places) if found.fields is not None else None
    origins = {column: origin.at(places) for column, origin in found.origins.items()}
    return replace(found, cells=found.cells[places], row=found.row.gather(places), fields=fields, origins=origins)


def _without(found: Rows, left_out: pl.Series, rule: str) -> Rows:
    """The rows that are not left out by this rule."""
    if not left_out.any():
        return found
    ignored = {**found.ignored, rule: found.row.filter(left_out).to_list()}
    return replace(at_places(found, (~left_out).arg_true()), ignored=ignored)


def _same(text: str, found: Rows) -> pl.Series:
    return pl.Series([text], dtype=pl.String).new_from_index(0, found.row.len())


def _as_text(cells: pl.Series) -> pl.Series:
    return cells if cells.dtype == pl.String else cells.cast(pl.String)


def _codes(column: Column) -> pl.Series:
    if column.codes is not None:
        return column.codes
    return pl.Series([None], dtype=pl.String).new_from_index(0, column.values.len())


# A day and a time of day become one time


def _joined(found: Rows, sheet: RawSheet, match: Match, shape: Shape, form: Form) -> Rows:
    for column, joint in shape.joined.items():
        times, origin = _times(found, sheet, match, joint, form)
        cells = found.cells.with_columns(times.alias(column))
        found = replace(found, cells=cells, origins={**found.origins, column: origin})
    return found


def _times(found: Rows, sheet: RawSheet, match: Match, joint: Joint, form: Form) -> tuple[pl.Series, Origin]:
    """The times as text that reads one way only, and what is wrong with the cells they are made of."""
    days, clocks = (cells_under(found, sheet, match, place) for place in (joint.day, joint.clock))
    read_days = read_dates(days, form.moments) if days.dtype == pl.String else read_typed(days, "", DAY, form)
    days, clocks = _as_text(days), _as_text(clocks)
    read_hours = read_clocks(clocks)
    day, hour = (column.values.is_not_null() for column in (read_days, read_hours))
    times = read_days.values.dt.to_string("%Y-%m-%d") + " " + read_hours.values
    remarks = []
    for header, place, cells, column, missing, code in (
        (joint.headers[0], joint.day, days, read_days, hour & ~day, "DATE_MISSING"),
        (joint.headers[1], joint.clock, clocks, read_hours, day & ~hour, "CLOCK_MISSING"),
    ):
        codes = _codes(column)
        codes = codes.set(missing & codes.is_null(), code)
        remarks.append(with_marks(Remarks(_same(header, found), cells, codes, column.fields), sheet, found.row, place))
    return times, Origin(_same(joint.headers[0], found), days + " " + clocks, tuple(remarks))


# A second table of the same rows


def _second(sheet: RawSheet, match: Match, second: Second, form: Form) -> Rows:
    """The rows of the first table with this one's columns."""
    first = shaped(sheet, replace(second.first, shape=_joints_only(second.first.shape)), form)
    cells = {column: cells_under(first, sheet, match, place) for column, place in match.places.items()}
    origins = {}
    for column, source in second.sources.items():
        cells[column] = _made(source, first.cells).alias(column)
        origins[column] = first.origins.get(source) or _made_from(source, cells[column], first, sheet, second, form)
    totals = tuple((row, label, _total(sheet, match, row)) for row, label, _ in first.totals)
    return replace(first, cells=pl.DataFrame(cells), origins=origins, totals=totals)


def _joints_only(shape: Shape | None) -> Shape | None:
    """The first table's shape without its questions: its rows as they stand in the sheet."""
    return Shape(shape.joined) if shape is not None and shape.joined else None


def _total(sheet: RawSheet, match: Match, row: int) -> dict[str, str | None]:
    """What a row that adds up says of this table's columns."""
    place = row - match.first_row + match.first
    cells = {column: sheet.cells[str(number)][place] for column, number in match.places.items()}
    return {column: None if cell is None else str(cell).strip(STRIPPED) or None for column, cell in cells.items()}


def _made(source: str, cells: pl.DataFrame) -> pl.Series:
    """A column of the first table, or a template with its cells; empty where one of them is."""
    if fields_of(source) == (source,):
        return cells[source]
    pieces: list[pl.Expr] = []
    for words_before, name in pieces_of(source):
        pieces += [pl.lit(words_before)] if words_before else []
        pieces += [pl.col(name).cast(pl.String)] if name is not None else []
    return cells.select(pl.concat_str(pieces)).to_series()


def _made_from(source: str, made: pl.Series, first: Rows, sheet: RawSheet, second: Second, form: Form) -> Origin:
    """Where a made-up column comes from. What is wrong with its parts is wrong with it: P-2.5E+11 is no id either."""
    remarks: list[Remarks] = []
    for name in fields_of(source):
        if name in first.origins:
            remarks += first.origins[name].remarks
            continue
        table, definition = second.first.table, second.first.table.column(name)
        column = read_column(first.cells[name], table, definition, form)
        part = Remarks(
            _same(second.first.spelled[name], first), _as_text(first.cells[name]), _codes(column), column.fields
        )
        remarks.append(with_marks(part, sheet, first.row, second.first.places[name], key=definition.type == "id"))
    header = " + ".join(dict.fromkeys(second.first.spelled[name] for name in fields_of(source)))
    return Origin(_same(header, first), made, tuple(remarks))


def _unfilled(cells: pl.Series) -> pl.Series:
    if cells.dtype != pl.String:
        return cells.is_null()
    return cells.is_null() | cells.str.to_lowercase().is_in(words()["nil"]).fill_null(False)


# A column per question becomes a row per question


def _long(found: Rows, sheet: RawSheet, match: Match, shape: Shape, wide: Wide) -> Rows:
    """A row for every answer, each with the row number of its source; rows without any are left out."""
    found = replace(_without_totals(found, sheet, match, shape), long=True)
    answers = [_answers(found, sheet, match, question) for question in shape.questions]
    empty = pl.DataFrame([_empty(of).alias(str(number)) for number, of in enumerate(answers)])
    silent = empty.select(pl.all_horizontal(pl.all())).to_series() & ~of_wrong_width(found, sheet, match)
    found = _without(found, silent, "unanswered")
    rows, questions = _row_by_row(found.row.len(), len(answers))
    # the answers to one question after another are put in order row by row
    moved = _one_after_the_other([of.at((~silent).arg_true()) for of in answers]).at(questions * found.row.len() + rows)
    if wide.when_empty is None:
        kept = (~_empty(moved) | of_wrong_width(found, sheet, match).gather(rows)).arg_true()
        rows, questions, moved = rows.gather(kept), questions.gather(kept), moved.at(kept)
    meanings = pl.Series([question.meaning for question in shape.questions]).gather(questions)
    filled = moved.cells if wide.when_empty is None else moved.cells.fill_null(wide.when_empty)
    found = at_places(found, rows)
    cells = found.cells.with_columns(meanings.alias(wide.header_into), filled.alias(wide.cell_into))
    origins = {
        wide.header_into: Origin(moved.headers, moved.headers),
        wide.cell_into: Origin(moved.headers, moved.cells, (moved,)),
    }
    return replace(found, cells=cells, origins={**found.origins, **origins})


def _without_totals(found: Rows, sheet: RawSheet, match: Match, shape: Shape) -> Rows:
    """The rows without those that add up others, also where every required cell of these is filled. What they say
    is kept by the meaning of each question."""
    labels = _first_filled(found, sheet, match)
    adds_up = _are_totals(labels, found) & ~of_wrong_width(found, sheet, match)
    said = {row: label for row, label, _ in found.totals}
    said |= dict(zip(found.row.filter(adds_up), labels.filter(adds_up), strict=True))
    places = {question.meaning: question.place for question in shape.questions}
    by_question = replace(match, places=places)
    totals = tuple((row, said[row], _total(sheet, by_question, row)) for row in sorted(said))
    earlier = found.ignored.get("total", [])
    found = _without(found, adds_up, "total")
    ignored = {**found.ignored, "total": sorted({*earlier, *found.ignored.get("total", [])})}
    return replace(found, totals=totals, ignored=ignored if totals else found.ignored)


def _first_filled(found: Rows, sheet: RawSheet, match: Match) -> pl.Series:
    """The text that each row begins with."""
    cells = [_as_text(cells_under(found, sheet, match, place)).alias(str(place)) for place in range(sheet.cells.width)]
    return pl.DataFrame(cells).select(pl.coalesce(pl.all())).to_series()


def _are_totals(labels: pl.Series, found: Rows) -> pl.Series:
    """Rows that begin with the name of a total. Where another cell beside the figures is filled the name has to be
    the whole text: "Total visits" of an agent is a figure of his own."""
    distinct = labels.drop_nulls().unique()
    whole = [text for text in distinct if label_of_total(text, begins=False)]
    begun = [text for text in distinct if label_of_total(text, begins=True)]
    alone = found.cells.select(pl.sum_horizontal(pl.all().is_not_null()) < 2).to_series()
    return (labels.is_in(whole) | (labels.is_in(begun) & alone)).fill_null(False)


def _row_by_row(rows: int, questions: int) -> tuple[pl.Series, pl.Series]:
    """The numbers of row and question of each cell, the cells of a row one after the other."""
    cell = pl.int_range(rows * questions, dtype=pl.Int64, eager=True)
    return cell // questions, cell % questions


def _answers(found: Rows, sheet: RawSheet, match: Match, question: Question) -> Remarks:
    """The cells under a question as text; in files that keep numbers as numbers, 4.0 is the answer 4."""
    cells = cells_under(found, sheet, match, question.place)
    text = _as_text(cells).str.replace(r"\.0$", "") if cells.dtype.is_float() else _as_text(cells)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, text.len())
    return with_marks(Remarks(_same(question.header, found), text, nothing), sheet, found.row, question.place)


def _empty(answers: Remarks) -> pl.Series:
    """Cells that are empty, and not only because their formula has not been worked out."""
    return answers.cells.is_null() & answers.codes.is_null()


def _one_after_the_other(parts: Sequence[Remarks]) -> Remarks:
    headers, cells, codes = (
        pl.concat([getattr(part, name) for part in parts]) for name in ("headers", "cells", "codes")
    )
    return Remarks(headers, cells, codes, {key: said for part in parts for key, said in part.fields.items()})
