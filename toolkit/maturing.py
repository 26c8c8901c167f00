"""How the cohorts of a period have come along by their age: for everybody, teams and people, from the facts of KPIs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import narwhals as nw
import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES
from toolkit.kpis.cut import EVERYBODY, SCOPE_KINDS, ScopeKind
from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import Facts
from toolkit.kpis.passes import Cohort
from toolkit.periods import Period, containing
from toolkit.teams import with_post
from toolkit.trends.maturity import Age, Member, as_far_as_lived, curve, kept

Groups = Mapping[tuple[str, str], Sequence[Member]]
"""The members of a cohort in a scope."""


@dataclass(frozen=True)
class Course:
    """A cohort by its age. window: the days after which it is judged; ages: from day 0, as far as all have lived."""

    scope_kind: str
    scope: str
    kpi: str
    cohort: str
    window: int
    ages: tuple[Age, ...]
    matured: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """Scope and KPI, as trends have them."""
        return self.scope_kind, self.scope, self.kpi

    @property
    def last(self) -> Age:
        """As far as the cohort has come."""
        return self.ages[-1]


def courses_of(
    data: Data, period: Period, codes: Iterable[str], scopes: Sequence[ScopeKind] = SCOPE_KINDS
) -> tuple[Course, ...]:
    """The cohorts that are judged in the period, or are not old enough yet, of those KPIs that can be followed by age.

    A cohort counts as a whole, also where the period has only some of the days on which its members are judged. It has
    matured when the last of its members is old enough and no more can come. KPIs whose tables are missing have none.
    """
    found: list[Course] = []
    for code in dict.fromkeys(codes):
        facts = _facts(data, code)
        if facts is not None and facts.window is not None:
            found += _of_kpi(data, period, code, facts, facts.window, scopes)
    return tuple(found)


def _facts(data: Data, code: str) -> Facts | None:
    try:
        return data.shared(f"facts of {code}", partial(RULES[code], data)) if code in RULES else None
    except MissingError:
        return None


def _of_kpi(
    data: Data, period: Period, code: str, facts: Facts, window: int, scopes: Sequence[ScopeKind]
) -> Iterator[Course]:
    length = kpi_codes()[code].cohort
    rows = _in_period(_rows(data, facts), period, length, data.as_of)
    for kind in scopes:
        for (scope, cohort), members in sorted(_members(rows, kind, facts.once).items()):
            ages = as_far_as_lived(curve(members, data.as_of, window))
            is_over = containing(members[0].started_on, length).last <= data.as_of
            shown = tuple(map(kept, ages)) if facts.spoils else ages
            yield Course(kind, scope, code, cohort, window, shown, is_over and ages[-1].day == window)


def _rows(data: Data, facts: Facts) -> pl.DataFrame:
    """The cases of cohorts that have begun, with the posts that their agents had on the day of the judgement."""
    names = facts.rows.collect_schema().names()
    wanted = dict.fromkeys(["agent_id", "day", "cohort", "came_after", *facts.once])
    known = facts.rows.filter(nw.col("followed")) if "followed" in names else facts.rows
    rows = eager(known.filter(nw.col("cohort") <= data.as_of).select(*wanted))
    posts = with_post(rows, data.teams, agent="agent_id", day="day", columns=["team", "branch", "role"])
    is_known = pl.col("role").is_not_null()
    return posts.to_polars().with_columns(agent=pl.when(is_known).then("agent_id"), all=pl.lit(EVERYBODY))


def _in_period(rows: pl.DataFrame, period: Period, length: Cohort, as_of: date) -> pl.DataFrame:
    """Whole cohorts of which anybody is judged in the period or later."""
    begun = rows["cohort"].unique()
    labels = [containing(day, length).label for day in begun]
    named = rows.join(pl.DataFrame({"cohort": begun, "label": pl.Series(labels, dtype=pl.String)}), on="cohort")
    begins = min(period.first, as_of)
    return named.filter((pl.col("day") >= begins).any().over("label"))


def _members(rows: pl.DataFrame, kind: ScopeKind, once: Sequence[str]) -> Groups:
    """The cases of each scope and cohort; what two people share counts once in what they belong to."""
    mine = rows.filter(pl.col(kind).is_not_null() & ((pl.col(kind) != "") | (kind == "all")))
    if once:
        mine = mine.group_by(kind, "label", "cohort", "day", *once).agg(pl.col("came_after").min())
    grouped = mine.group_by(kind, "label", "cohort", "came_after").len().sort(kind, "label", "cohort", "came_after")
    found: dict[tuple[str, str], list[Member]] = {}
    for scope, label, started_on, after, count in grouped.iter_rows():
        came_on = None if after is None else started_on + timedelta(after)
        found.setdefault((scope, label), []).append(Member(label, started_on, came_on, count))
    return found
