"""Things that have to be done by a time: what was due, what of it was done by then, what is still to come.

One shape for reports, meetings, complaints, proofs and all others. A fact belongs to the day on which it was due, so
that doing it late, or never, shows in the period in which it was owed.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from toolkit.kpis.data import Data
from toolkit.kpis.facts import Facts, yes
from toolkit.kpis.times import is_midnight
from toolkit.rows import Frame

AWAY = ("leave", "sick", "holiday")
"""Absences in which nothing is expected of anybody; unplanned absence excuses nothing."""


def in_time(data: Data, rows: Frame) -> Facts:
    """Done by its time, of all that was due by the last day that the data know of; what is due later waits.

    rows: agent_id, due_at and done_at (null: not done). What has no due_at is not due; a cancelled duty is one whose
    due_at was taken out. A due_at at midnight is a day, and lasts to its end.
    """
    owed = rows.filter(~nw.col("due_at").is_null()).with_columns(
        day=nw.col("due_at").dt.date(), _done_on=nw.col("done_at").dt.date()
    )
    is_due = nw.col("day") <= data.as_of
    on_its_day = is_midnight(nw.col("due_at")) & (nw.col("_done_on") <= nw.col("day"))
    done = (nw.col("done_at") <= nw.col("due_at")) | on_its_day
    return Facts(owed.with_columns(numerator=yes(is_due & done), denominator=yes(is_due), waiting=yes(~is_due)))


def actions(data: Data, kinds: Sequence[str], *columns: str, **optional: Any) -> Frame:
    """The actions of these kinds, whose each is: the agent it concerns, else its owner."""
    found = data.table("actions", "kind", *columns, agent_id=nw.String, owner=nw.String, **optional)
    return found.filter(nw.col("kind").is_in(list(kinds))).with_columns(agent_id=nw.coalesce("agent_id", "owner"))


def actions_in_time(data: Data, *kinds: str) -> Facts:
    """Actions of these kinds done by their time, of those due."""
    return in_time(data, actions(data, kinds, "due_at", "done_at"))


def unless_away(data: Data, facts: Facts) -> Facts:
    """The facts without what fell due on a day of approved absence, as far as there is a roster; what was done all the
    same counts."""
    if not data.has("roster", "absence"):
        return facts
    roster = data.table("roster", "agent_id", "work_on", "absence").filter(nw.col("absence").is_in(list(AWAY)))
    days = roster.select("agent_id", nw.col("work_on").alias("day")).unique().with_columns(_away=nw.lit(1, nw.Int64))
    known = facts.rows.join(days, on=["agent_id", "day"], how="left")
    return Facts(known.filter(nw.col("_away").is_null() | (nw.col("numerator") == 1)))
