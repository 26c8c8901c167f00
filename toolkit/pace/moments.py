"""The moment up to which data are looked at: as people write it, and the tables as they stood then."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import polars as pl

from toolkit.problems import ToolkitError, problem

MOMENT = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?"
EVENTS: Mapping[str, str] = {
    "calls": "started_at",
    "leads": "loaded_at",
    "payments": "paid_at",
    "promises": "made_at",
    "visits": "visited_at",
    "messages": "sent_at",
}


def moment_of(text: str) -> datetime:
    """``2026-10-21 15:00`` as that moment, ``2026-10-21`` as the end of that day. `ToolkitError` for anything else."""
    written = text.strip()
    if not re.fullmatch(MOMENT, written):
        raise ToolkitError([problem("MOMENT", value=text)])
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise ToolkitError([problem("MOMENT", value=text)]) from error
    return found if ":" in written else found + timedelta(days=1)


def day_of(at: datetime) -> date:
    """The day that a moment belongs to; midnight ends a day."""
    return (at - timedelta(microseconds=1)).date()


def until(tables: Mapping[str, pl.DataFrame], at: datetime) -> dict[str, pl.DataFrame]:
    """The tables as they stood at a moment of local time: without the events that began at it or later."""
    return {name: _before(rows, EVENTS.get(name, ""), at) for name, rows in tables.items()}


def _before(rows: pl.DataFrame, column: str, at: datetime) -> pl.DataFrame:
    if column not in rows.columns:
        return rows
    return rows.filter(local(pl.col(column)).is_null() | (local(pl.col(column)) < at))


def local(moment: pl.Expr) -> pl.Expr:
    """The clock on the wall, without its zone."""
    return moment.dt.replace_time_zone(None)
