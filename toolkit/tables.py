"""The tables taken in, column by column: type, unit, rule, meaning.

The definitions are data (`toolkit/data/tables.toml`); this module gives them names and types. After
reading, every table has exactly these column names, whatever the source called them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

Type = Literal["id", "text", "code", "money", "date", "time", "flag", "int", "decimal", "currency", "phone"]
"""What a column holds. In memory: money is whole minor units (Int64), date a Date, time a Datetime in the
profile's time zone, flag a Boolean, int an Int64; everything else is text: ids as they are, decimals in
plain exact form (93% is "0.93"), phones as digits with the country code, codes from the column's list."""

Sign = Literal["any", "positive", "not_negative", "reversal", "credit_note"]
Limit = Literal["none", "event", "near"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table and the rules its values must keep.

    `refers` names the table in whose key a value must be found; `active_on` the column with the day on
    which that agent must be with the organisation; `not_before` a column of the same row that must not
    be later, `not_above` one that must not be smaller; `least` and `most` bound a number, both included.
    `sign` reversal: negative only where the row names the payment it takes back; credit_note: negative only where the
    profile takes credit notes off. `limit` event: when
    something happened, so neither in the future nor many years ago; near: within a few years of
    `not_before`. `strict` text is a name: no control characters. `group` text names what several agents belong to.
    """

    name: str
    type: Type
    meaning: str
    required: bool = False
    key: bool = False
    codes: tuple[str, ...] = ()
    refers: str = ""
    active_on: str = ""
    sign: Sign = "any"
    limit: Limit = "none"
    not_before: str = ""
    not_above: str = ""
    least: int | None = None
    most: int | None = None
    strict: bool = False
    group: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what a row stands for, its columns in their usual order, and the key that tells rows apart.

    A table without a key (costs) may hold the same row twice and mean it.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """The column of this name; `KeyError` if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    def of_type(self, *types: Type) -> tuple[Column, ...]:
        """The columns of these types, in order."""
        return tuple(column for column in self.columns if column.type in types)


def _column(name: str, rules: dict[str, Any], key: list[str]) -> Column:
    codes = tuple(rules.pop("codes", ()))
    return Column(name=name, key=name in key, codes=codes, **rules)


def _table(name: str, rules: dict[str, Any]) -> Table:
    columns = tuple(_column(column, dict(of), rules["key"]) for column, of in rules["columns"].items())
    return Table(name, rules["meaning"], columns, tuple(rules["key"]))


def _all_tables() -> Mapping[str, Table]:
    source = files("toolkit").joinpath("data", "tables.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: _table(name, rules) for name, rules in tomllib.loads(source).items()})


TABLES: Mapping[str, Table] = _all_tables()
"""Every table by name, in the order of the reference page."""
