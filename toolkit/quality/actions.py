"""The table of actions as coaching needs it, and which actions are not finished."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.quality.heard import HeardCalls

KINDS = ("coaching", "training")
FOLLOWED = (*KINDS, "review")
"""Kinds of actions that are listed as open."""
ACTION_COLUMNS: Mapping[str, Any] = {
    **dict.fromkeys(("agent_id", "owner", "kind", "note", "behaviour", "about"), nw.String),
    **dict.fromkeys(("due_at", "done_at"), nw.Datetime),
    "recheck_on": nw.Date,
    "recheck_calls": nw.Int64,
}


def actions_of(data: Data) -> pl.DataFrame:
    """The actions, with about in small letters and "" for none; no rows where the data have none."""
    if not data.has("actions", "action_id", "raised_at"):
        kinds = {"action_id": pl.String, "raised_at": pl.Datetime} | {
            name: _POLARS[kind] for name, kind in ACTION_COLUMNS.items()
        }
        return pl.DataFrame(schema=kinds)
    rows = eager(data.table("actions", "action_id", "raised_at", **ACTION_COLUMNS)).to_polars()
    return rows.with_columns(pl.col("about").fill_null("").str.strip_chars().str.to_lowercase())


_POLARS: Mapping[Any, Any] = {nw.String: pl.String, nw.Datetime: pl.Datetime, nw.Date: pl.Date, nw.Int64: pl.Int64}


@dataclass(frozen=True)
class OpenAction:
    """An action that is not finished. state: open, overdue, no due day, or re-check due (done, but its calls are not
    listened to again yet). days_late: since it was due; rechecked: calls evaluated since it was done."""

    action_id: str
    agent_id: str
    owner: str
    kind: str
    about: str
    behaviour: str
    raised_on: date
    due_on: date | None
    done_on: date | None
    recheck_on: date | None
    recheck_calls: int | None
    rechecked: int
    state: str
    days_late: int
    note: str


def open_actions(data: Data, heard: HeardCalls | None) -> list[OpenAction]:
    """Coaching, training and reviews that are not done, and coaching whose re-check is due; what is latest first."""
    rows = actions_of(data).filter(pl.col("kind").is_in(FOLLOWED)).iter_rows(named=True)
    found = [one for row in rows if (one := _open(row, data, heard))]
    return sorted(found, key=lambda one: (-one.days_late, one.due_on or date.max, one.action_id))


def _open(row: Mapping[str, Any], data: Data, heard: HeardCalls | None) -> OpenAction | None:
    due, done = _day(row["due_at"]), _day(row["done_at"])
    rechecked = _rechecked(row, done, heard)
    if done is None:
        late = (data.as_of - due).days if due else 0
        state = "no due day" if due is None else "overdue" if late > 0 else "open"
    else:
        recheck, wanted = row["recheck_on"], row["recheck_calls"]
        if recheck is None or recheck > data.as_of or rechecked >= (wanted or 1):
            return None
        late, state = (data.as_of - recheck).days, "re-check due"
    words = {name: row[name] or "" for name in ("agent_id", "owner", "kind", "about", "behaviour", "note")}
    return OpenAction(
        action_id=row["action_id"],
        raised_on=row["raised_at"].date(),
        due_on=due,
        done_on=done,
        recheck_on=row["recheck_on"],
        recheck_calls=row["recheck_calls"],
        rechecked=rechecked,
        state=state,
        days_late=max(late, 0),
        **words,
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _rechecked(row: Mapping[str, Any], done: date | None, heard: HeardCalls | None) -> int:
    if done is None or heard is None:
        return 0
    mine = heard.shares(row["about"]).filter((pl.col("agent_id") == row["agent_id"]) & (pl.col("day") > done))
    return mine.height
