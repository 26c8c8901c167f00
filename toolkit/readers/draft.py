"""One sheet as rows of its table: typed, each with what is wrong with it, before it is held against the others."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from sys import intern
from typing import Any

import polars as pl

from toolkit.problems import Problem, problem, told
from toolkit.readers.answers import Column
from toolkit.readers.decimals import with_decimal_sign
from toolkit.readers.disguised import without_disguised
from toolkit.readers.pairs import PairFinding, pair_findings
from toolkit.readers.places import place_findings
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match, header_row
from toolkit.readers.remarks import remark_problems, shown_as_shares, with_marks
from toolkit.readers.rows import Rows
from toolkit.readers.scales import scale_findings
from toolkit.readers.shaped import shaped
from toolkit.readers.statuses import unread_statuses
from toolkit.readers.strange import strange_problems, strange_rows, without_remarks
from toolkit.readers.trailing import without_trailing
from toolkit.readers.typed import Form, default_of, dtype_of, read_column, rejected
from toolkit.readers.whole_files import Whole, verdict_on
from toolkit.tables import Column as Definition
from toolkit.tables import Table

SOURCE = ("source_file", "source_row")
MANY = ("blank", "unanswered", "unfilled")
"""Rules by which thousands of rows may be left out: one remark for all."""


@dataclass(frozen=True)
class Draft:
    """A sheet's rows, all of them, and which of them are rejected.

    `rows` has our columns plus `source_file` and `source_row`; `cells` the same rows as found, with
    the columns beside ours that say of some that they do not count. `ignored` counts what
    was left out by rule. `file_code` is set where the whole file is refused; then every row is rejected. `long`: a
    row of the sheet may be several of these, which are taken or rejected together. `fed_by` is the table whose sheet
    it is, if another.
    """

    sheet: RawSheet
    table: Table
    rows: pl.DataFrame
    cells: pl.DataFrame
    rejected: pl.Series
    spelled: Mapping[str, str]
    problems: tuple[Problem, ...]
    first: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    file_code: str = ""
    unused: tuple[str, ...] = ()
    long: bool = False
    fed_by: str = ""


def draft(sheet: RawSheet, match: Match, form: Form) -> Draft:
    """The sheet read as the table it was recognised as."""
    form, sheet = replace(form, date1904=sheet.date1904), without_trailing(sheet, match)
    sheet = with_decimal_sign(sheet, match, form.profile.decimal) if sheet.numbers else sheet
    found, likely = without_disguised(shaped(sheet, match, form), sheet, match, form)
    columns = with_marks(_by_field_count(_columns(found, match, form), found, sheet), found, sheet, match)
    problems = [*sheet.warnings, *_unused_problems(match, sheet), *_ignored_problems(found, sheet, match)]
    strange = strange_rows(columns, match.table, _wrong_count(found, sheet))
    if strange.any():
        columns = without_remarks(columns, strange)
        problems += strange_problems(found, strange, sheet, match)
    for name, column in columns.items():
        problems += _cell_problems(column, found, sheet, match, match.table.column(name), form)
    problems += _field_count_problems(found, sheet)
    bad = _any([*map(rejected, columns.values()), _wrong_count(found, sheet), strange], found.row.len())
    rows = _frame(columns, found, sheet, match.table, form)
    amounts = rows["amount"] if "amount" in rows.columns and match.table.column("amount").type == "money" else None
    problems += remark_problems(found, sheet, match, amounts, form.profile.digits)
    statuses = unread_statuses(found, rows, sheet, match, form.profile)
    bad, problems = bad | statuses.rows, [*problems, *statuses.problems]
    beside = (likely, pair_findings(rows, match.table), place_findings(rows, match.table, form.profile.country))
    for finding in chain(*beside, scale_findings(found.cells, match.table, shown_as_shares(found, sheet, match))):
        problems += _row_problems(rows, found, finding, sheet, match)
        bad = bad | finding[1].fill_null(False)
    verdict = verdict_on(Whole(rows, problems, found, sheet, match, form))
    return Draft(
        sheet=sheet,
        table=match.table,
        rows=rows,
        cells=_with_statuses(found.cells, statuses.columns),
        rejected=pl.Series([True]).new_from_index(0, rows.height) if verdict.code else bad,
        spelled=match.spelled,
        problems=verdict.problems,
        first=match.first,
        ignored={rule: len(numbers) for rule, numbers in found.ignored.items()},
        file_code=verdict.code,
        unused=match.unknown,
        long=found.long,
        fed_by=match.shape.second.first.table.name if match.shape and match.shape.second else "",
    )


def _columns(found: Rows, match: Match, form: Form) -> dict[str, Column]:
    """Every column read, several at a time where there are several cores: the work is done outside Python."""

    def read(name: str) -> Column:
        column = read_column(found.cells[name], match.table, match.table.column(name), form)
        return found.origins[name].remarked(column) if name in found.origins else column

    with ThreadPoolExecutor(os.cpu_count()) as executor:
        return dict(zip(found.cells.columns, executor.map(read, found.cells.columns), strict=True))


def _with_statuses(cells: pl.DataFrame, columns: Mapping[str, pl.Series]) -> pl.DataFrame:
    """The cells with these columns under their own headers, where these are none of ours."""
    return cells.with_columns(of.alias(header) for header, of in columns.items() if header not in cells.columns)


def _any(masks: list[pl.Series | None], height: int) -> pl.Series:
    bad = pl.Series([False]).new_from_index(0, height)
    for mask in masks:
        if mask is not None:
            bad = bad | mask.fill_null(False)
    return bad


def _frame(columns: Mapping[str, Column], found: Rows, sheet: RawSheet, table: Table, form: Form) -> pl.DataFrame:
    """The typed rows in the table's column order, absent columns filled in where the profile says with what."""
    height = found.row.len()
    series = []
    for definition in table.columns:
        if definition.name in columns:
            series.append(_trusted(columns[definition.name], definition))
            continue
        text = default_of(f"{table.name}.{definition.name}", definition, form.profile)
        if text is not None:
            value = read_column(pl.Series([text]), table, definition, form).values
            series.append(value.new_from_index(0, height).alias(definition.name))
    source = pl.Series("source_file", [sheet.place], dtype=pl.String).new_from_index(0, height)
    typed = [cells.cast(dtype_of(table.column(cells.name), form.profile.timezone)) for cells in series]
    return pl.DataFrame([*typed, source, found.row.alias("source_row")])


def _trusted(column: Column, definition: Definition) -> pl.Series:
    """The values without those in doubt, so that nothing is concluded from them; amounts are still added up."""
    doubtful = rejected(column) if definition.type != "money" else None
    values = column.values if doubtful is None else column.values.set(doubtful, None)
    return values.alias(definition.name)


# What is wrong with single cells


def _wrong_count(found: Rows, sheet: RawSheet) -> pl.Series | None:
    """Rows with more or fewer fields than the header has; their cells may stand under the wrong headers."""
    if found.fields is None or sheet.fields is None:
        return None
    return (found.fields != _header_width(found, sheet)) | (found.fields < 0)


def _header_width(found: Rows, sheet: RawSheet) -> int:
    header = sheet.cells.height - found.count - 1
    return int(sheet.fields[header]) if sheet.fields is not None else sheet.cells.width


def _by_field_count(columns: dict[str, Column], found: Rows, sheet: RawSheet) -> dict[str, Column]:
    """Nothing is read, or said, of cells whose row has the wrong number of fields."""
    wrong = _wrong_count(found, sheet)
    if wrong is None or not wrong.any():
        return columns
    return {
        name: replace(
            column,
            values=column.values.set(wrong, None),
            codes=column.codes.set(wrong, None) if column.codes is not None else None,
        )
        for name, column in columns.items()
    }


def _field_count_problems(found: Rows, sheet: RawSheet) -> Iterator[Problem]:
    wrong = _wrong_count(found, sheet)
    if wrong is None or found.fields is None:
        return
    expected = _header_width(found, sheet)
    for place in wrong.arg_true():
        row, count = int(found.row[place]), abs(int(found.fields[place]))
        yield problem("FIELD_COUNT", file=sheet.file, sheet=sheet.sheet, row=row, value=count, expected=abs(expected))


def _cell_problems(
    column: Column, found: Rows, sheet: RawSheet, match: Match, definition: Definition, form: Form
) -> Iterator[Problem]:
    if definition.name in found.origins:
        yield from _moved_problems(column, found, sheet, match, definition, form)
        return
    if column.codes is None:
        return
    places = column.codes.is_not_null().arg_true()
    cells, spelled = found.cells[definition.name], match.spelled[definition.name]
    always = _always(match.table, definition, form)
    chosen = (places, found.row.gather(places), column.codes.gather(places), cells.gather(places).cast(pl.String))
    # a whole column may be wrong in one way: what fills in the sentences is then worked out once
    known: dict[tuple[str, int], tuple[str, ...]] = {}
    for place, row, code, text in zip(*chosen, strict=True):
        own = column.fields_of(text, code, place)
        words = known.get((code, id(own)))
        if words is None:
            words = known[code, id(own)] = told(code, **{**always, **own})
        yield Problem(intern(code), sheet.file, sheet.sheet, row, spelled, text or "", words)


def _moved_problems(
    column: Column, found: Rows, sheet: RawSheet, match: Match, definition: Definition, form: Form
) -> Iterator[Problem]:
    """The same of cells that stand elsewhere in the sheet, by the headers and texts that they have there."""
    always = _always(match.table, definition, form)
    said = found.origins[definition.name].said(column, found.cells[definition.name])
    for place, code, header, shown, fields in said:
        row = int(found.row[place])
        yield problem(
            code, file=sheet.file, sheet=sheet.sheet, row=row, column=header, value=shown or "", **{**always, **fields}
        )


def _always(table: Table, definition: Definition, form: Form) -> dict[str, object]:
    """What the sentences may mention: how things are expected to be written."""
    profile = form.profile
    orders = {"dmy": "day/month/year", "mdy": "month/day/year", "iso": "year-month-day"}
    return {
        "table": table.name,
        "name": definition.name,
        "kind": "an amount" if definition.type == "money" else "a number",
        "currency": profile.currency,
        "country": profile.country,
        "decimal": profile.decimal,
        "digits": profile.digits,
        "order": orders[profile.date_order],
        "as_of": form.as_of,
        "least": definition.least if definition.least is not None else "any",
        "most": definition.most if definition.most is not None else "any",
        "known": ", ".join(definition.codes),
        "hint": "",
        "why": "",
    }


# What is wrong with cells of one row beside each other


def _row_problems(
    rows: pl.DataFrame, found: Rows, finding: PairFinding, sheet: RawSheet, match: Match
) -> Iterator[Problem]:
    definition, mask, code, fields = finding
    places = mask.fill_null(False).arg_true().to_list()
    shown = found.cells if definition.name in found.cells.columns else rows
    earlier = str(fields.get("earlier", ""))
    spelled = match.spelled.get(earlier, earlier)
    others = found.cells[earlier] if earlier in found.cells.columns else None
    column = match.spelled.get(definition.name, definition.name)
    said = {"least": "", "most": spelled, **fields, "earlier": spelled, "as_of": ""}
    report = partial(_problem, code, said, file=sheet.file, sheet=sheet.sheet, column=column)
    for place, row in zip(places, found.row.gather(places).to_list(), strict=True):
        other = others[place] if others is not None else ""
        yield report(row=row, value=shown[definition.name][place], other=other)


def _problem(code: str, fields: Mapping[str, Any], **place: Any) -> Problem:
    return problem(code, **place, **fields)


# What is said of the sheet itself


def _unused_problems(match: Match, sheet: RawSheet) -> Iterator[Problem]:
    if match.unknown:
        row = header_row(match, sheet)
        report = partial(problem, "COLUMNS_UNUSED", file=sheet.file, sheet=sheet.sheet, row=row)
        yield report(value=", ".join(match.unknown), table=match.table.name)
    if match.shape and match.shape.absent:
        report = partial(problem, "WIDE_COLUMN_MISSING", file=sheet.file, sheet=sheet.sheet, row=match.header + 1)
        yield report(value=", ".join(match.shape.absent), table=match.table.name)


def _ignored_problems(found: Rows, sheet: RawSheet, match: Match) -> Iterator[Problem]:
    for rule, rows in found.ignored.items():
        report = partial(problem, f"IGNORED_{rule.upper()}", file=sheet.file, sheet=sheet.sheet, table=match.table.name)
        yield from [report(row=rows[0], value=len(rows))] if rule in MANY else [report(row=row) for row in rows]
