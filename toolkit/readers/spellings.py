"""Names of teams, branches, regions and roles: "north" and "North " are one team, and are called what most rows say."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from toolkit.problems import Problem
from toolkit.readers.gathered import Finding, Gathered, places_of, with_findings
from toolkit.tables import TABLES

GROUPS = tuple(column.name for column in TABLES["agents"].columns if column.group)
Meant = Mapping[str, str]
"""A spelling and the one that it is taken for."""


def with_one_spelling(gathered: Gathered, judged: Mapping[str, Gathered]) -> tuple[Gathered, list[Problem]]:
    """The agents with one spelling a team, the targets with that of the agents; whatever is changed is told."""
    problems: list[Problem] = []
    there = [name for name in GROUPS if name in gathered.rows.columns]
    if gathered.table.name == "agents":
        for name in there:
            gathered, told = _spelt(gathered, name, gathered.good, _usual(gathered.rows[name]))
            problems += told
    if gathered.table.name == "targets" and "agents" in judged and "scope" in gathered.rows.columns:
        agents = judged["agents"].rows
        for kind in (name for name in GROUPS if name in agents.columns):
            mine = gathered.good & (gathered.rows["scope_kind"] == kind).fill_null(False)
            meant = _known(agents[kind], gathered.rows["scope"].filter(mine))
            gathered, told = _spelt(gathered, "scope", mine, meant)
            problems += told
    return gathered, problems


def _plain(names: pl.Series) -> list[str]:
    """Names without capitals, and with one space for several."""
    return [" ".join(name.casefold().split()) for name in names]


def _usual(column: pl.Series) -> Meant:
    """Of spellings of one name the most frequent is meant, of equals the first."""
    counted = column.drop_nulls().to_frame("name").group_by("name", maintain_order=True).len()
    names = counted.sort("len", descending=True, maintain_order=True)["name"]
    return _other_than(dict(reversed([*zip(_plain(names), names, strict=True)])), names)


def _known(theirs: pl.Series, named: pl.Series) -> Meant:
    """What the agents have in the place of a name that is nobody's as it stands."""
    names = theirs.drop_nulls().unique(maintain_order=True)
    return _other_than(dict(zip(_plain(names), names, strict=True)), named.drop_nulls().unique(maintain_order=True))


def _other_than(by_plain: Meant, names: pl.Series) -> Meant:
    return {name: by_plain[of] for name, of in zip(names, _plain(names), strict=True) if by_plain.get(of, name) != name}


def _spelt(gathered: Gathered, column: str, mine: pl.Series, meant: Meant) -> tuple[Gathered, list[Problem]]:
    names = gathered.rows[column]
    places = places_of(mine & names.is_in(list(meant)))
    if not places:
        return gathered, []
    each = [meant[name] for name in names.gather(places)]
    _, told = with_findings(gathered, [Finding(places, "NAME_SPELT_OTHERWISE", column, each)])
    return replace(gathered, rows=gathered.rows.with_columns(names.scatter(places, each))), told
