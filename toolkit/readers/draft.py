"""One sheet as rows of its table: typed, each with what is wrong with it, before it is held against the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.amounts import read_amounts
from toolkit.readers.answers import Column, is_error
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.rows import Rows, rows_of
from toolkit.readers.typed import MEMORY_DAYS, Form, default_of, dtype_of, read_column, rejected
from toolkit.tables import Column as Definition
from toolkit.tables import Table

SOURCE = ("source_file", "source_row")


@dataclass(frozen=True)
class Draft:
    """A sheet's rows, all of them, and which of them are rejected.

    `rows` has our columns plus `source_file` and `source_row`; `ignored` counts what was left out by rule.
    `file_code` is set where the whole file is refused; then every row is rejected.
    """

    sheet: RawSheet
    table: Table
    rows: pl.DataFrame
    rejected: pl.Series
    spelled: Mapping[str, str]
    problems: tuple[Problem, ...]
    first: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    file_code: str = ""


def draft(sheet: RawSheet, match: Match, form: Form) -> Draft:
    """The sheet read as the table it was recognised as."""
    found = rows_of(sheet, match)
    columns = {
        name: read_column(found.cells[name], match.table, match.table.column(name), form) for name in found.cells.columns
    }
    columns = _by_field_count(columns, found, sheet)
    problems = [*sheet.warnings, *_ignored_problems(found, sheet)]
    for name, column in columns.items():
        problems += _cell_problems(column, found, sheet, match, match.table.column(name), form)
    problems += _field_count_problems(found, sheet)
    bad = _any([rejected(column) for column in columns.values()] + [_wrong_count(found, sheet)], found.row.len())
    rows = _frame(columns, found, sheet, match.table, form)
    pairs = list(_pair_findings(rows, match.table))
    for definition, mask, code, fields in pairs:
        problems += _row_problems(rows, mask & ~bad, definition, code, sheet, match, fields)
        bad = bad | mask if is_error(code) else bad
    result = Draft(sheet, match.table, rows, bad, match.spelled, tuple(problems), match.first, found.ignored)
    return _refused_as_a_whole(result, found, match, form)


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
            series.append(columns[definition.name].values.alias(definition.name))
            continue
        text = default_of(f"{table.name}.{definition.name}", definition, form.profile)
        if text is not None:
            value = read_column(pl.Series([text]), table, definition, form).values
            series.append(value.new_from_index(0, height).alias(definition.name))
    source = pl.Series("source_file", [sheet.source], dtype=pl.String).new_from_index(0, height)
    typed = [cells.cast(dtype_of(table.column(cells.name), form.profile.timezone)) for cells in series]
    return pl.DataFrame([*typed, source, found.row.alias("source_row")])


# What is wrong with single cells


def _wrong_count(found: Rows, sheet: RawSheet) -> pl.Series | None:
    """Rows with more or fewer fields than the header has; their cells may stand under the wrong headers."""
    if found.fields is None or sheet.fields is None:
        return None
    return found.fields != _header_width(found, sheet)


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
        row, count = int(found.row[place]), int(found.fields[place])
        yield problem("FIELD_COUNT", file=sheet.file, sheet=sheet.sheet, row=row, value=count, expected=expected)


def _cell_problems(
    column: Column, found: Rows, sheet: RawSheet, match: Match, definition: Definition, form: Form
) -> Iterator[Problem]:
    if column.codes is None:
        return
    places = column.codes.is_not_null().arg_true()
    cells, spelled = found.cells[definition.name], match.spelled[definition.name]
    always = _always(match.table, definition, form)
    chosen = (found.row.gather(places), column.codes.gather(places), cells.gather(places).cast(pl.String))
    for row, code, text in zip(*(part.to_list() for part in chosen), strict=True):
        fields = {**always, **column.fields.get((text, code), {})}
        shown = text if text is not None else ""
        yield problem(code, file=sheet.file, sheet=sheet.sheet, row=row, column=spelled, value=shown, **fields)


def _always(table: Table, definition: Definition, form: Form) -> dict[str, object]:
    """What the sentences may mention: how things are expected to be written."""
    profile = form.profile
    orders = {"dmy": "day/month/year", "mdy": "month/day/year", "iso": "year-month-day"}
    return {
        "table": table.name,
        "name": definition.name,
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


def _pair_findings(rows: pl.DataFrame, table: Table) -> Iterator[tuple[Definition, pl.Series, str, dict[str, object]]]:
    """Columns that contradict each other, where; with what the sentence needs."""
    for definition in table.columns:
        earlier = definition.not_before
        if earlier and definition.name in rows.columns and earlier in rows.columns:
            days = _day_pair(rows, earlier, definition)
            yield definition, days[1] < days[0], "DATE_ORDER_PAIR", {"earlier": earlier}
            if definition.limit == "near":
                yield definition, days[1] > days[0].dt.offset_by(f"{MEMORY_DAYS}d"), "DATE_RANGE", {"as_of": ""}
        if definition.sign == "reversal" and definition.name in rows.columns:
            yield from _reversal_signs(rows, definition)
    if table.name == "evaluations" and {"evaluator", "agent_id"} <= set(rows.columns):
        yield table.column("evaluator"), rows["evaluator"] == rows["agent_id"], "SELF_EVALUATION", {}


def _day_pair(rows: pl.DataFrame, earlier: str, definition: Definition) -> tuple[pl.Series, pl.Series]:
    """Both columns, as days where one of them is a day."""
    first, second = rows[earlier], rows[definition.name]
    if first.dtype == second.dtype:
        return first, second
    return tuple(cells if cells.dtype == pl.Date else cells.dt.date() for cells in (first, second))  # type: ignore[return-value]


def _reversal_signs(rows: pl.DataFrame, definition: Definition) -> Iterator[tuple[Definition, pl.Series, str, dict[str, object]]]:
    amounts = rows[definition.name]
    negative = amounts < 0
    if "reverses" not in rows.columns:
        yield definition, negative, "NEGATIVE_WITHOUT_REVERSAL", {}
        return
    names_payment = rows["reverses"].is_not_null()
    yield definition, negative & ~names_payment, "NEGATIVE_WITHOUT_REVERSAL", {}
    yield definition, (amounts > 0) & names_payment, "REVERSAL_NOT_NEGATIVE", {}


def _row_problems(
    rows: pl.DataFrame,
    mask: pl.Series,
    definition: Definition,
    code: str,
    sheet: RawSheet,
    match: Match,
    fields: dict[str, object],
) -> Iterator[Problem]:
    mask = mask.fill_null(False)
    if not mask.any():
        return
    spelled = match.spelled.get(definition.name, definition.name)
    for row, value, other in rows.filter(mask).select("source_row", definition.name, _other(fields, rows)).iter_rows():
        shown = {**fields, "other": other, "earlier": match.spelled.get(str(fields.get("earlier")), "")}
        yield problem(code, file=sheet.file, sheet=sheet.sheet, row=row, column=spelled, value=value, **shown)


def _other(fields: Mapping[str, object], rows: pl.DataFrame) -> pl.Expr:
    earlier = fields.get("earlier")
    return pl.col(str(earlier)).cast(pl.String).alias("_other") if earlier in rows.columns else pl.lit("").alias("_other")


# What is wrong with the file as a whole


def _ignored_problems(found: Rows, sheet: RawSheet) -> Iterator[Problem]:
    for rule, count in found.ignored.items():
        yield problem(f"IGNORED_{rule.upper()}", file=sheet.file, sheet=sheet.sheet, value=count)


def _refused_as_a_whole(result: Draft, found: Rows, match: Match, form: Form) -> Draft:
    """The draft with every row rejected, where something condemns the file."""
    if any(found_problem.code == "DATE_ORDER" for found_problem in result.problems):
        return _refuse(result, "DATE_ORDER", ())
    if result.table.name == "payments" and not result.rows.height and not found.count:
        return _refuse(result, "NO_DATA", (problem("NO_DATA", file=result.sheet.file, sheet=result.sheet.sheet),))
    totals = list(_total_problems(result, found, match, form))
    wrong = [of for of in totals if of.level == "error"]
    if wrong:
        return _refuse(result, "CONTROL_TOTAL", tuple(totals))
    return replace(result, problems=(*result.problems, *totals))


def _refuse(result: Draft, code: str, problems: tuple[Problem, ...]) -> Draft:
    everything = pl.Series([True]).new_from_index(0, result.rows.height)
    return replace(result, rejected=everything, problems=(*result.problems, *problems), file_code=code)


def _total_problems(result: Draft, found: Rows, match: Match, form: Form) -> Iterator[Problem]:
    """A row that adds up says the sum of all rows above it, or of those since the last such row."""
    amounts = [definition for definition in match.table.of_type("money") if definition.name in result.rows.columns]
    for definition in amounts:
        since = 0
        for row, label, cells in found.totals:
            text = cells.get(definition.name)
            if text is None:
                continue
            said = read_amounts(pl.Series([str(text)]), form.amounts).values[0]
            above = result.rows.filter(result.rows["source_row"] < row)
            part = above.filter(above["source_row"] > since)
            since = row
            sums = [rows[definition.name].sum() for rows in (above, part)]
            yield from _total_problem(definition, row, str(text), said, sums, above, result, form, label)


def _total_problem(
    definition: Definition,
    row: int,
    text: str,
    said: int | None,
    sums: list[int],
    above: pl.DataFrame,
    result: Draft,
    form: Form,
    label: str,
) -> Iterator[Problem]:
    from toolkit.money import worded

    digits = form.profile.digits
    where = {
        "file": result.sheet.file,
        "sheet": result.sheet.sheet,
        "row": row,
        "column": result.spelled[definition.name],
        "value": text,
        "label": label,
    }
    if said in sums:
        yield problem("CONTROL_TOTAL_AGREES", **where)
    elif said is None or above[definition.name].null_count():
        yield problem("CONTROL_TOTAL_UNCHECKED", **where)
    else:
        yield problem("CONTROL_TOTAL", **where, summed=worded(sums[0], digits), difference=worded(said - sums[0], digits))


