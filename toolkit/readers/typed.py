"""A sheet's rows as typed columns, every cell that cannot be taken remarked with its code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from toolkit.profiles import Profile
from toolkit.readers.amounts import AmountForm, read_amounts
from toolkit.readers.answers import Column, is_error, words
from toolkit.readers.moments import MomentForm, at_home, read_dates, read_times
from toolkit.readers.words import (
    read_codes,
    read_currencies,
    read_decimals,
    read_flags,
    read_ids,
    read_texts,
    read_whole_numbers,
)
from toolkit.tables import Column as Definition
from toolkit.tables import Table

MEMORY_DAYS = 3 * 366
"""Something that happened longer ago than this is more likely a wrong date than news."""

IN_MEMORY: Mapping[str, type[pl.DataType]] = {"money": pl.Int64, "int": pl.Int64, "flag": pl.Boolean, "date": pl.Date}


def dtype_of(definition: Definition, timezone: str) -> pl.DataType | type[pl.DataType]:
    """What a column of this type is in memory."""
    return pl.Datetime("us", timezone) if definition.type == "time" else IN_MEMORY.get(definition.type, pl.String)


@dataclass(frozen=True, slots=True)
class Form:
    """How a profile's exports write things, and the as-of day if one was given."""

    profile: Profile
    as_of: date | None
    date1904: bool = False
    """Whether numbers that stand for days count from 1904, as in workbooks of old Macs."""

    @property
    def moments(self) -> MomentForm:
        return MomentForm(self.profile.date_order, self.profile.timezone, self.as_of, self.date1904)

    @property
    def amounts(self) -> AmountForm:
        return AmountForm(self.profile.currency, self.profile.decimal)


def read_column(cells: pl.Series, table: Table, definition: Definition, form: Form) -> Column:
    """One column's text as values, by its type, its empty cells filled and its rules looked at."""
    column = _read(cells, f"{table.name}.{definition.name}", definition, form)
    column = _filled(column, f"{table.name}.{definition.name}", definition, form)
    return _ruled(column, table, definition, form)


def _read(cells: pl.Series, name: str, definition: Definition, form: Form) -> Column:
    if cells.dtype != pl.String:
        return read_typed(cells, name, definition, form)
    profile = form.profile
    match definition.type:
        case "id":
            return read_ids(cells)
        case "money":
            return read_amounts(cells, form.amounts)
        case "date":
            ends = definition.not_before and definition.limit == "none"
            return read_dates(without_open_ends(cells) if ends else cells, form.moments)
        case "time":
            return read_times(cells, form.moments)
        case "int":
            return read_whole_numbers(cells, seconds=definition.name.endswith("seconds"))
        case "decimal":
            return read_decimals(cells, profile.decimal)
        case "flag":
            return read_flags(cells, profile.codes.get(name))
        case "currency":
            return read_currencies(cells, profile.currency)
        case "phone":
            from toolkit.readers.phones import read_phones  # the numbering plans of the world take long to load

            return read_phones(cells, profile.country)
        case "code":
            return read_codes(cells, definition.codes, profile.codes.get(name, {}))
        case "text":
            column = read_texts(cells, strict=definition.strict)
            spellings = profile.codes.get(name)
            return replace(column, values=read_codes(column.values, (), spellings).values) if spellings else column


def without_open_ends(cells: pl.Series) -> pl.Series:
    """The days on which something ends; those that stand for "until further notice" are empty."""
    return cells.set(cells.is_in(words()["open_ends"]), None)


def read_typed(cells: pl.Series, name: str, definition: Definition, form: Form) -> Column:
    """A column that is no text in its file: dates are taken as they are, the rest goes by its exact digits."""
    if definition.type == "date" and cells.dtype == pl.Date:
        return Column(cells)
    if definition.type == "time" and isinstance(cells.dtype, pl.Datetime):
        return Column(_as_local(cells, form.profile.timezone))
    plain = form.profile.model_copy(update={"decimal": ".", "date_order": "iso"})
    column = _read(_digits_of(cells), name, definition, replace(form, profile=plain))
    if column.codes is None:
        return column
    # the digits of a number group nothing, so three of them behind the point are decimals
    return replace(column, codes=column.codes.replace("AMOUNT_AMBIGUOUS", "TOO_MANY_DECIMALS"))


def _as_local(cells: pl.Series, zone: str) -> pl.Series:
    micro = cells.dt.cast_time_unit("us")
    has_zone = isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is not None
    return micro.dt.convert_time_zone(zone) if has_zone else at_home(micro, zone)


def _digits_of(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.Datetime):
        zoned = cells if cells.dtype.time_zone is None else cells.dt.convert_time_zone("UTC")
        return zoned.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f" + ("Z" if cells.dtype.time_zone else ""))
    text = cells.cast(pl.String)
    return text.str.replace(r"\.?0+$", "") if isinstance(cells.dtype, pl.Decimal) and cells.dtype.scale else text


def _filled(column: Column, name: str, definition: Definition, form: Form) -> Column:
    """Empty cells get what the profile says stands for them."""
    text = default_of(name, definition, form.profile)
    if text is None or not column.values.null_count():
        return column
    empty = column.values.is_null()
    if column.codes is not None:
        empty = empty & column.codes.is_null()
    value = _read(pl.Series([text]), name, definition, form).values
    return replace(column, values=column.values.zip_with(~empty, value.new_from_index(0, column.values.len())))


def default_of(name: str, definition: Definition, profile: Profile) -> str | None:
    """What an empty cell of this column means, as the profile would write it; None: nothing."""
    if name == "payments.kind" and profile.payment_kind_when_empty:
        return profile.payment_kind_when_empty
    if name in profile.defaults:
        return profile.defaults[name]
    return profile.currency if definition.type == "currency" else None


def missing_code(table: Table, definition: Definition, profile: Profile) -> str:
    """The code of an empty cell of this column; "" where it may be empty."""
    names_agent = table.name == "payments" and definition.name == "agent_id" and profile.payments_name_agent
    if not definition.required and not names_agent:
        return ""
    if definition.refers == "agents":
        return "AGENT_MISSING"
    if definition.strict:
        return "NAME_MISSING"
    by_type = {"id": "MISSING_ID", "money": "MISSING_AMOUNT", "date": "DATE_MISSING", "time": "DATE_MISSING"}
    return by_type.get(definition.type, "MISSING_VALUE")


def _ruled(column: Column, table: Table, definition: Definition, form: Form) -> Column:
    missing = missing_code(table, definition, form.profile)
    if missing and column.values.null_count():
        nothing = column.values.is_null()
        column = remarked(column, nothing & column.codes.is_null() if column.codes is not None else nothing, missing)
    for mask, code in _rules(column.values, definition, form):
        column = remarked(column, mask, code)
    return column


def remarked(column: Column, mask: pl.Series, code: str) -> Column:
    """The column with `code` at the places of `mask`; an error takes the place of an earlier remark."""
    if not mask.any():
        return column
    codes = column.codes
    if codes is None:
        codes = pl.Series([None], dtype=pl.String).new_from_index(0, mask.len())
    return replace(column, codes=codes.set(mask.fill_null(False), code))


def _rules(values: pl.Series, definition: Definition, form: Form) -> Iterator[tuple[pl.Series, str]]:
    if definition.type == "money":
        if definition.sign in ("positive", "reversal"):
            yield values == 0, "AMOUNT_ZERO"
        if definition.sign in ("positive", "not_negative"):
            yield values < 0, "NEGATIVE_WITHOUT_REVERSAL"
        if definition.sign == "credit_note" and form.profile.definitions.credit_notes == "set_aside":
            yield values < 0, "COST_NEGATIVE"
    if definition.type in ("int", "decimal") and (definition.least is not None or definition.most is not None):
        numbers = values if definition.type == "int" else values.cast(pl.Float64, strict=False)
        if definition.least is not None:
            yield numbers < definition.least, "RANGE"
        if definition.most is not None:
            yield numbers > definition.most, "RANGE"
    if definition.limit == "event" and form.as_of:
        yield from _around(values, definition, form.as_of, form)


def _around(values: pl.Series, definition: Definition, as_of: date, form: Form) -> Iterator[tuple[pl.Series, str]]:
    """Nothing happens after the as-of day, and little is reported years later."""
    earliest, tomorrow = as_of - timedelta(days=MEMORY_DAYS), as_of + timedelta(days=1)
    if definition.type == "time":
        yield values < form.moments.start_of(earliest), "DATE_RANGE"
        yield values >= form.moments.start_of(tomorrow), "DATE_FUTURE"
    else:
        yield values < earliest, "DATE_RANGE"
        yield values >= tomorrow, "DATE_FUTURE"


def rejected(column: Column) -> pl.Series | None:
    """Which rows this column rejects; None: none."""
    if column.codes is None:
        return None
    places = column.codes.is_not_null().arg_true()  # nearly always few
    codes = column.codes.gather(places)
    errors = [code for code in codes.unique().to_list() if is_error(code)]
    none = pl.Series([False]).new_from_index(0, column.codes.len())
    return none.scatter(places, codes.is_in(errors)) if errors else None
