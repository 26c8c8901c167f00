"""The log of incidents beside trends: what was down on the days of a signal. It explains nothing by itself, and takes
no signal away."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import narwhals as nw

from toolkit.kpis.data import Data, eager
from toolkit.periods import days_between
from toolkit.problems import said
from toolkit.teams import Teams

PLACES = ("team", "branch", "region")
MOST = 3
"""Incidents that are named; of more it is said how many there are."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One row of the log. area: "" everywhere; ended_at: None while it goes on."""

    kind: str
    tool: str
    area: str
    started_at: datetime
    ended_at: datetime | None

    def last_day(self, as_of: date) -> date:
        """The last day that it touches; one that ends at midnight does not touch the day that begins then."""
        if self.ended_at is None:
            return max(as_of, self.started_at.date())
        return max(self.ended_at - timedelta(microseconds=1), self.started_at).date()


def incidents_in(data: Data) -> tuple[Incident, ...]:
    """All incidents, the first first; none where there is no log."""
    if not data.has("incidents", "kind", "started_at"):
        return ()
    optional = {"tool": nw.String, "area": nw.String, "ended_at": nw.Datetime}
    rows = eager(data.table("incidents", "kind", "started_at", **optional)).to_polars()
    known = rows.select("kind", "tool", "area", "started_at", "ended_at").unique().iter_rows()
    found = [Incident(kind, tool or "", area or "", began, ended) for kind, tool, area, began, ended in known]
    return tuple(sorted(found, key=lambda one: (one.started_at, one.kind, one.tool, one.area)))


def incidents_of(
    incidents: Iterable[Incident], kind: str, scope: str, days: Collection[date], teams: Teams, as_of: date
) -> list[Incident]:
    """Those of any of the days that concern a scope: everywhere, or in a team, branch or region of its people."""
    return [
        one
        for one in incidents
        if (touched := [day for day in days if one.started_at.date() <= day <= one.last_day(as_of)])
        and _concerns(one, kind, scope, touched, teams)
    ]


def _concerns(one: Incident, kind: str, scope: str, days: Sequence[date], teams: Teams) -> bool:
    if not one.area or kind == "all":
        return True
    name = "agent_id" if kind == "agent" else kind
    posts = (post for day in days for post in teams.active(day) if getattr(post, name) == scope)
    return any(one.area in (getattr(post, place) for place in PLACES) for post in posts)


def in_words(incidents: Sequence[Incident]) -> str:
    """``Xdesk was down 2 h 10 on 12 Oct``, one after the other, the longest first where there are many."""
    named = incidents
    if len(incidents) > MOST:
        named = sorted(incidents, key=lambda one: -_minutes(one) if one.ended_at else float("-inf"))[:MOST]
    words = [_words(one) for one in incidents if one in named]
    more = [said("INCIDENTS_MORE", count=len(incidents) - MOST)] if len(incidents) > MOST else []
    return "; ".join([*words, *more])


def _words(one: Incident) -> str:
    what = said(f"INCIDENT_{one.kind.upper()}" if one.tool else f"INCIDENT_{one.kind.upper()}_UNNAMED", tool=one.tool)
    ended, began = one.ended_at, one.started_at
    if ended is None:
        text = said("INCIDENT_GOES_ON", what=what, since=_at(began))
    elif one.last_day(began.date()) == began.date():
        text = said("INCIDENT_ON_DAY", what=what, length=_length(_minutes(one)), day=_day(began))
    else:
        text = said("INCIDENT_DAYS", what=what, since=_at(began), until=_at(ended), length=_length(_minutes(one)))
    return said("INCIDENT_IN", what=text, area=one.area) if one.area else text


def _minutes(one: Incident) -> int:
    return 0 if one.ended_at is None else round((one.ended_at - one.started_at).total_seconds() / 60)


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return said("LENGTH_MINUTES", minutes=rest)
    return said("LENGTH_BOTH", hours=hours, minutes=f"{rest:02}") if rest else said("LENGTH_HOURS", hours=hours)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}"


def _at(at: datetime) -> str:
    return f"{_day(at)}, {at:%H:%M}"


def days_of(signals: Iterable[tuple[date, date]], length: int) -> list[date]:
    """All days of signals given by their first and last day, or the first days of weeks of this length."""
    return sorted({day for since, until in signals for day in days_between(since, until + timedelta(length - 1))})
