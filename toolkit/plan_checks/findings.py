"""What is wrong with a plan and where in it, before a file name is known.

A `Finding` carries the path through the plan's tables (`("component", 0, "bands", 1, "rate")`); people
are shown it in words: ``component CASH, bands 2: rate``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from toolkit.kpi_codes import kpi_codes
from toolkit.problems import Problem, problem

Place = tuple[str | int, ...]

NOTHING: Any = object()
"""No value that could stand in for the wrong one."""
REMOVE: Any = object()
"""The rest can be checked without the key."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong: its code in texts/en/plans.toml, where, what was seen, and the fields of its sentence.

    `instead` is a value with which the rest of the plan can still be checked: `REMOVE` for a key to be left out,
    `NOTHING` if there is none.
    """

    path: Place
    code: str
    value: object = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    instead: Any = NOTHING


def found(path: Place, code: str, value: object = "", **fields: object) -> Finding:
    """A finding, its fields written as keywords."""
    return Finding(path, code, value, fields)


def in_words(path: Place, document: Mapping[str, Any]) -> str:
    """``component CASH, bands 2: rate``: items of a list by their code if they have one, else counted from 1."""
    parts: list[str] = []
    here: Any = document
    for step in path:
        here = _inside(here, step)
        if isinstance(step, int):
            parts[-1] += f" {_name(here, step)}"
        else:
            parts.append(step)
    if len(parts) > 1 and isinstance(path[-1], str):
        return ", ".join(parts[:-1]) + f": {parts[-1]}"
    return ", ".join(parts)


def reading_order(path: Place, document: Mapping[str, Any]) -> tuple[int, ...]:
    """A key to sort by: the order in which the document gives its keys, missing ones at the end of their table."""
    order: list[int] = []
    here: Any = document
    for step in path:
        keys = list(here) if isinstance(here, Mapping) else []
        order.append(step if isinstance(step, int) else keys.index(step) if step in keys else len(keys))
        here = _inside(here, step)
    return tuple(order)


def _inside(here: Any, step: str | int) -> Any:
    try:
        return here[step]
    except (KeyError, IndexError, TypeError):
        return None


def _name(item: Any, index: int) -> str:
    code = item.get("code") if isinstance(item, Mapping) else None
    return code if isinstance(code, str) and code.strip() else str(index + 1)


def as_problem(finding: Finding, document: Mapping[str, Any]) -> Problem:
    """The finding in words. The place is in `file`, where the name of the plan's file goes before it."""
    told = problem(finding.code, value=finding.value, **finding.fields)
    return replace(told, file=in_words(finding.path, document))


def meant(seen: object, known: Iterable[str]) -> str:
    """The known word that `seen` is most like, "" if none is near."""
    by_small = {word.casefold(): word for word in known}
    near = get_close_matches(str(seen).casefold().strip(), list(by_small), n=1, cutoff=0.6)
    return by_small[near[0]] if near else ""


def did_you_mean(seen: object, known: Iterable[str]) -> str:
    """``Did you mean "rate"? ``, the beginning of a remedy; "" if nothing is near."""
    word = meant(seen, known)
    return problem("PLAN_DID_YOU_MEAN", value=word).message if word else ""


def listed(words: Iterable[str]) -> str:
    """``a, b or c``."""
    *most, last = list(words)
    return f"{', '.join(most)} or {last}" if most else last


def unknown_kpi(code: str, place: Place, others: Sequence[str] = ()) -> Iterator[Finding]:
    """A KPI code (or one of `others`) that nobody knows."""
    known = [*others, *kpi_codes()]
    if code not in known:
        yield found(place, "PLAN_KPI_UNKNOWN", code, hint=did_you_mean(code, known))
