"""The rows of a query as columns, a chunk at a time: exact numbers stay exact, moments keep their zone."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from toolkit.readers.raw import numbered

KINDS: Mapping[type, str] = {str: "text", bool: "flag", int: "whole", float: "float", Decimal: "exact", date: "day"}
BINARY = (bytes, bytearray, memoryview)

DTYPES: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "flag": pl.Boolean,
    "whole": pl.Int64,
    "float": pl.Float64,
    "day": pl.Date,
    "clock": pl.Datetime("us"),
    "moment": pl.Datetime("us", "UTC"),
}
"""What is kept as what it is; texts and exact numbers are texts until the last row is there."""

LARGEST_WHOLE = 2**63 - 1
MOST_DIGITS = 38
"""More digits than this are kept as text."""


class BinaryFoundError(Exception):
    """A column holds bytes; `column` is its number."""

    def __init__(self, column: int) -> None:
        self.column = column
        super().__init__(f"column {column} holds bytes")


class Fetched:
    """The columns of a result that grow with every chunk of rows."""

    def __init__(self, width: int, decimal: str) -> None:
        """decimal: the sign that numbers have in texts."""
        self._decimal = decimal
        self._parts: list[list[tuple[str, pl.Series]]] = [[] for _ in range(width)]

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Takes the next rows. `BinaryFoundError` where one holds bytes."""
        for number, values in enumerate(zip(*rows, strict=True)):
            self._parts[number].append(_part(values, number, self._decimal))

    def frame(self) -> pl.DataFrame:
        """All rows, with the columns "0", "1", ..."""
        columns = [_whole_column(parts, self._decimal) for parts in self._parts]
        return pl.DataFrame(dict(zip(numbered(len(columns)), columns, strict=True)))


def _part(values: Sequence[Any], number: int, decimal: str) -> tuple[str, pl.Series]:
    """A chunk of a column, and what it holds."""
    types = set(map(type, values)) - {type(None)}
    kinds = {kind for of in types for kind in _kinds(of, values)}
    if "bytes" in kinds:
        raise BinaryFoundError(number)
    kind = _common(kinds)
    if kind == "whole" and any(value is not None and abs(value) > LARGEST_WHOLE for value in values):
        kind = "exact"
    if kind == "exact":
        return kind, pl.Series([None if value is None else _digits(value) for value in values], dtype=pl.String)
    if kind in DTYPES:
        return kind, pl.Series(_in_utc(values) if kind == "moment" else values, dtype=DTYPES[kind])
    texts = values if types <= {str} else [_text(value, decimal) for value in values]
    return kind, pl.Series(texts, dtype=pl.String)


def _kinds(of: type, values: Sequence[Any]) -> set[str]:
    """What the values of this type are."""
    if issubclass(of, datetime):
        return {"clock" if value.tzinfo is None else "moment" for value in values if isinstance(value, datetime)}
    if issubclass(of, Decimal):
        finite = all(value.is_finite() for value in values if isinstance(value, Decimal))
        return {"exact" if finite else "text"}
    return {"bytes" if issubclass(of, BINARY) else KINDS.get(of, "text")}


def _common(kinds: set[str]) -> str:
    """What holds both: "" for nothing at all, text for what does not go together."""
    if len(kinds) < 2:
        return next(iter(kinds), "")
    return "exact" if kinds == {"whole", "exact"} else "text"


def _in_utc(values: Sequence[datetime | None]) -> list[datetime | None]:
    return [None if value is None else value.astimezone(UTC) for value in values]


def _digits(number: Decimal | int) -> str:
    """All digits of a number: 1200.50, never 1.2E+3."""
    return format(number, "f") if isinstance(number, Decimal) else str(number)


def _text(value: Any, decimal: str) -> str | None:
    """A value as an export would write it."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | Decimal() | float():
            return (str(value) if isinstance(value, float) else _digits(value)).replace(".", decimal)
        case date():  # a datetime too
            return value.isoformat()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _whole_column(parts: Sequence[tuple[str, pl.Series]], decimal: str) -> pl.Series:
    kind = _common({kind for kind, _ in parts if kind})
    if kind in DTYPES:
        return _joined([values if of else values.cast(DTYPES[kind]) for of, values in parts])
    if kind == "exact":
        return _exact(_joined([values.cast(pl.String) for _, values in parts]), decimal)
    return _joined([_as_text(of, values, decimal) for of, values in parts])


def _joined(parts: Sequence[pl.Series]) -> pl.Series:
    return pl.concat(parts) if parts else pl.Series([], dtype=pl.String)


def _as_text(kind: str, values: pl.Series, decimal: str) -> pl.Series:
    if kind == "exact":
        return values.str.replace(".", decimal, literal=True)
    if values.dtype == pl.String:
        return values
    return pl.Series([_text(value, decimal) for value in values.to_list()], dtype=pl.String)


def _exact(digits: pl.Series, decimal: str) -> pl.Series:
    """Exact decimals with as many digits behind the point as any of them has."""
    scale, before = _longest(digits, r"\.(\d*)$"), _longest(digits, r"^-?(\d*)")
    if scale + before > MOST_DIGITS:
        return _as_text("exact", digits, decimal)
    return digits.cast(pl.Decimal(MOST_DIGITS, scale))


def _longest(digits: pl.Series, pattern: str) -> int:
    return max(digits.str.extract(pattern).str.len_bytes().drop_nulls().to_list(), default=0)
