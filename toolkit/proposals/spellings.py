"""What is known of headers: the toolkit's own names, the shipped set-ups' and presets' spellings, and words alike."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from toolkit.money import currencies
from toolkit.presets import presets
from toolkit.profiles import load_profile, shipped_profiles
from toolkit.readers.shape import folded
from toolkit.shipped import shipped
from toolkit.tables import TABLES, Column

OWN_NAMES = "the toolkit"
"""The source of the names of the reference page."""


@cache
def known_words() -> Mapping[str, Any]:
    """The words of `toolkit/data/proposals.toml`."""
    return tomllib.loads((shipped("data") / "proposals.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Source:
    """Who writes exports like this: a shipped set-up, a preset, or the toolkit itself; headers by table and column."""

    name: str
    headers: Mapping[str, Mapping[str, tuple[str, ...]]]
    codes: Mapping[str, Mapping[str, str]]


@cache
def sources() -> tuple[Source, ...]:
    """Every source of spellings."""
    own = {table.name: {column.name: (column.name,) for column in table.columns} for table in TABLES.values()}
    setups = [load_profile(name) for name in shipped_profiles()]
    shipped_ones = [Source(profile.name, profile.headers, profile.codes) for profile in setups]
    ready = [Source(name, preset.headers, preset.codes) for name, preset in presets().items()]
    return (Source(OWN_NAMES, own, {}), *shipped_ones, *ready)


@cache
def who_knows(table: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """By folded header of a table: the columns that it stands for, and which sources say so."""
    found: dict[str, dict[str, list[str]]] = {}
    for source in sources():
        for column, spellings in source.headers.get(table, {}).items():
            for spelling in spellings:
                names = found.setdefault(folded(spelling), {}).setdefault(column, [])
                if source.name not in names:
                    names.append(source.name)
    return {key: {column: tuple(names) for column, names in columns.items()} for key, columns in found.items()}


@cache
def _all_known() -> frozenset[str]:
    return frozenset(key for table in TABLES for key in who_knows(table))


def is_known(header: str) -> bool:
    """Whether some source has this header in some table."""
    return folded(header) in _all_known()


@cache
def _same() -> Mapping[str, str]:
    return {word: group[0] for group in known_words()["same"] for word in group}


@lru_cache(maxsize=16_384)
def plain_words(header: str) -> tuple[str, ...]:
    """The words of a header in alphabetical order, each as the first of those that mean the same.

    "Txn Date (KES)", "date_of_payment" and "PaidAt" are split at signs and at capitals; currencies and filler are
    dropped where something else is left.
    """
    text = unicodedata.normalize("NFKC", header)
    text = (
        re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text).replace("#", " no ").replace("%", " rate ")
    )
    found = re.findall(r"[^\W_]+", text.replace("/C", "c").replace("/c", "c").replace("'", "").casefold())
    long: Mapping[str, str] = known_words()["long"]
    words = [word for part in found for word in long.get(part, part).split()]
    telling = [word for word in words if word not in known_words()["filler"] and word.upper() not in currencies()]
    return tuple(sorted({_same().get(word, word) for word in telling or words}))


def without_id(words: tuple[str, ...], column: Column) -> tuple[str, ...]:
    """For a column of ids the word for "number" adds nothing: "Officer" may be "Officer No" or "Officer Ref"."""
    if column.type != "id":
        return words
    return tuple(word for word in words if word not in ("id", "reference")) or words


@cache
def spellings_of(table: str, column: str) -> frozenset[tuple[str, ...]]:
    """Every known spelling of a column as plain words; a column that names a row of another table as there, too."""
    definition = TABLES[table].column(column)
    known = [*_spelt(table, column), *known_words()["also"].get(table, {}).get(column, ())]
    if definition.refers or definition.type in ("currency",):
        known += [name for other in TABLES.values() for name in _spelt_alike(other.name, definition)]
    return frozenset(without_id(plain_words(name), definition) for name in known)


def _spelt(table: str, column: str) -> Iterable[str]:
    return [name for source in sources() for name in source.headers.get(table, {}).get(column, ())]


def _spelt_alike(table: str, definition: Column) -> Iterable[str]:
    """Spellings of the column of this name in another table, where it is the same thing."""
    there = next((column for column in TABLES[table].columns if column.name == definition.name), None)
    if there is None or (there.refers != definition.refers and not (there.key and definition.refers == table)):
        return []
    return _spelt(table, definition.name)


@cache
def codes_known(name: str) -> Mapping[str, frozenset[str]]:
    """By folded word of the column "table.column": the codes that it may mean."""
    table, _, column = name.partition(".")
    found: dict[str, set[str]] = {}
    pairs = [(code, code) for code in TABLES[table].column(column).codes]
    for spelt in (*(source.codes for source in sources()), known_words()["codes"]):
        pairs += list(spelt.get(name, {}).items())
    for word, code in pairs:
        found.setdefault(folded(word), set()).add(code)
    return {word: frozenset(codes) for word, codes in found.items()}
