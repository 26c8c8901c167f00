"""How near a header is to the known spellings of a column."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz

from toolkit.proposals.spellings import OWN_NAMES, plain_words, spellings_of, who_knows, without_id
from toolkit.readers.shape import folded
from toolkit.tables import TABLES

Kind = Literal["own", "known", "several", "same", "like", "none"]
LIKE = 0.74
"""Below this likeness of two headers (1 is equal) nothing is made of it."""


@dataclass(frozen=True)
class Naming:
    """What a header's own words say about being a column.

    own: the toolkit's name for it; known: spelt so by `sources` and by nobody otherwise; several: spelt so by
    `sources`, and other columns of the table too by others; same: other words of the same meaning; like: similar.
    `likeness` is 1 for all but `like`.
    """

    kind: Kind
    likeness: float = 1.0
    sources: tuple[str, ...] = ()


@lru_cache(maxsize=65_536)
def naming(header: str, table: str, column: str) -> Naming:
    """How the header is related to the column."""
    known = who_knows(table).get(folded(header), {})
    if OWN_NAMES in known.get(column, ()):
        return Naming("own")
    if column in known and not any(OWN_NAMES in names for names in known.values()):
        return Naming("several" if len(known) > 1 else "known", sources=known[column])
    if known:
        return Naming("none", 0.0)
    definition = TABLES[table].column(column)
    words = without_id(plain_words(header), definition)
    spelt = spellings_of(table, column)
    if words in spelt:
        return Naming("same")
    likeness = max((_likeness(words, other) for other in spelt), default=0.0)
    if likeness < LIKE and any(_within(words, other) for other in spelt):
        return Naming("like", LIKE)
    return Naming("like", likeness) if likeness >= LIKE else Naming("none", 0.0)


def _likeness(words: tuple[str, ...], others: tuple[str, ...]) -> float:
    return fuzz.ratio(" ".join(words), " ".join(others)) / 100


def _within(words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether all telling words of one are among those of the other: "Unit Serial No" and "Serial No"."""
    fewer, more = sorted((set(words) - SAY_LITTLE, set(others) - SAY_LITTLE), key=len)
    return bool(fewer) and fewer < more


SAY_LITTLE = frozenset({"id", "date", "name", "amount", "type"})


def coverage(headers: Iterable[str], table: str) -> Mapping[str, int]:
    """How many of the headers each source knows in this table."""
    counts: Counter[str] = Counter()
    for header in headers:
        names = {name for columns in who_knows(table).get(folded(header), {}).values() for name in columns}
        counts.update(names)
    return counts
