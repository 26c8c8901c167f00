"""Whether the values below a header can be those of a column, and in which words."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from toolkit.problems import said
from toolkit.proposals.spellings import codes_known, known_words
from toolkit.proposals.values import MOSTLY, Looks
from toolkit.readers.shape import folded
from toolkit.tables import Column, Table

Verdict = Literal["speaks for it", "fits", "says nothing", "speaks against it"]
ENOUGH = 8
"""Values that are needed before their being all different, or few, says anything."""


@dataclass(frozen=True)
class Fit:
    """`speaks for it`: such values are hardly anything else; `fits`: they can be it; `why` is a part of a sentence."""

    verdict: Verdict
    why: str

    @property
    def against(self) -> bool:
        return self.verdict == "speaks against it"

    @property
    def speaks_for(self) -> bool:
        return self.verdict == "speaks for it"


@lru_cache(maxsize=32_768)
def fit(looks: Looks, table: Table, column: Column) -> Fit:
    """What the values say about being this column."""
    if not looks.count:
        return Fit("says nothing", said("VALUES_NONE"))
    match column.type:
        case "date" | "time":
            return _dates(looks)
        case "money" | "decimal" | "int":
            return _numbers(looks, column)
        case "id":
            return _ids(looks, table, column)
        case "phone" | "flag" | "currency":
            return _share(looks, column.type, "speaks for it" if column.type != "flag" else "fits")
        case "code":
            return _codes(looks, f"{table.name}.{column.name}")
        case "text":
            return _texts(looks, table, column)


def _share(looks: Looks, kind: str, verdict: Verdict) -> Fit:
    why = said(f"VALUES_{kind.upper()}", number=looks.number(kind), count=looks.count)
    return Fit(verdict if looks.mostly(kind) else "speaks against it", why)


def _dates(looks: Looks) -> Fit:
    if looks.mostly("date"):
        why = said("VALUES_DATE", number=looks.number("date"), count=looks.count)
        above = looks.orders.day_first + looks.orders.month_first
        return Fit("speaks for it", f"{why}; {said('VALUES_DAY_ABOVE', number=above)}" if above else why)
    if looks.mostly("serial"):
        return Fit("fits", said("VALUES_SERIAL", number=looks.number("serial"), count=looks.count))
    return Fit("speaks against it", said("VALUES_DATE", number=looks.number("date"), count=looks.count))


def _numbers(looks: Looks, column: Column) -> Fit:
    kind = "whole" if column.type == "int" and not column.name.endswith("seconds") else "number"
    number = looks.number(kind)
    why = said(f"VALUES_{kind.upper()}", number=number, count=looks.count)
    if looks.mostly("date") or not looks.mostly(kind):
        return Fit("speaks against it", why)
    fractions = looks.number("number") > looks.number("whole")
    telling = column.type == "money" and (fractions or not looks.nearly_unique) and not looks.mostly("phone")
    return Fit("speaks for it" if telling else "fits", why)


def _ids(looks: Looks, table: Table, column: Column) -> Fit:
    why = said("VALUES_ID", number=looks.number("id"), count=looks.count, distinct=looks.distinct)
    if not looks.mostly("id"):
        return Fit("speaks against it", why)
    if looks.count_the_rows:
        return Fit("speaks against it", said("VALUES_COUNT"))
    if table.key == (column.name,):
        unique = looks.nearly_unique
        return Fit("speaks for it" if unique else "speaks against it", why) if looks.count > 1 else Fit("fits", why)
    if column.refers == "agents" and looks.count >= ENOUGH:
        return Fit("speaks for it" if looks.repeats else "fits", why)
    return Fit("fits", why)


def _codes(looks: Looks, name: str) -> Fit:
    known = codes_known(name)
    number = sum(times for text, times in looks.counts.items() if folded(text) in known)
    if number >= MOSTLY * looks.count:
        return Fit("speaks for it", said("VALUES_CODE", number=number, count=looks.count))
    if looks.mostly("date") or looks.mostly("phone") or (looks.mostly("number") and looks.nearly_unique):
        return Fit("speaks against it", said("VALUES_MANY", distinct=looks.distinct, count=looks.count))
    few = looks.repeats or looks.count < ENOUGH
    why = said("VALUES_FEW" if few else "VALUES_MANY", distinct=looks.distinct, count=looks.count)
    return Fit("says nothing" if few else "speaks against it", why)


def _texts(looks: Looks, table: Table, column: Column) -> Fit:
    few = f"{table.name}.{column.name}" in known_words()["few"]
    why = said("VALUES_FEW" if looks.repeats else "VALUES_MANY", distinct=looks.distinct, count=looks.count)
    if column.strict:
        names = said("VALUES_NAME", number=looks.number("name"), count=looks.count)
        # the same few names over many rows are those of branches or creditors, not of the rows' own people
        own = looks.mostly("name") and not (looks.repeats and looks.count >= 2 * ENOUGH)
        return Fit("fits", names) if own else Fit("speaks against it", why if looks.mostly("name") else names)
    if column.name == "email":
        return _share(looks, "email", "speaks for it")
    if column.name == "phones":
        return Fit("speaks against it" if looks.mostly("date", "currency", "email", "name") else "says nothing", why)
    if looks.mostly("date") and not looks.mostly("number"):
        dates = said("VALUES_DATE", number=looks.number("date"), count=looks.count)
        return Fit("speaks against it", dates)
    if few and looks.count >= ENOUGH:
        if looks.repeats:
            return Fit("fits", why)
        return Fit("speaks against it" if looks.nearly_unique and looks.count >= 2 * ENOUGH else "says nothing", why)
    return Fit("says nothing", why)
