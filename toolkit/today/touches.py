"""When an account was last called, visited or written to."""

from collections.abc import Mapping, Sequence

import polars as pl

from toolkit.pace import local
from toolkit.today.lists import Tables

TOUCHES: Mapping[str, str] = {"calls": "started_at", "visits": "visited_at", "messages": "sent_at"}


def touches(tables: Tables, kinds: Sequence[str] = tuple(TOUCHES)) -> pl.DataFrame:
    """account_id and day of each call out, visit and message."""
    parts = [pl.DataFrame(schema={"account_id": pl.String, "day": pl.Date})]
    for name in kinds:
        rows, column = tables.get(name), TOUCHES[name]
        if rows is None or not {"account_id", column} <= set(rows.columns):
            continue
        if "direction" in rows.columns:
            rows = rows.filter(pl.col("direction").is_null() | (pl.col("direction") == "out"))
        touched = rows.filter(pl.col("account_id").is_not_null() & pl.col(column).is_not_null())
        parts.append(touched.select("account_id", local(pl.col(column)).dt.date().alias("day")))
    return pl.concat(parts, how="vertical")
