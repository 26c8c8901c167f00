"""What collecting cost by the rate card, where no costs are kept: the rate of the day, times what was done on it."""

import narwhals as nw

from toolkit.kpis.data import Data, eager
from toolkit.rows import Frame, floor_div

KEY = ("channel", "unit", "agent_id", "day")
MINUTE_SECONDS = 60


def costs_by_rate(data: Data) -> Frame:
    """agent_id, day, channel and amount. Calls made and their minutes, messages, visits, recoveries and legal cases
    opened (filings) are counted; kilometres the tables do not know. A day's minutes are charged to the second, in whole
    minor units."""
    rates = eager(data.table("rate_card", "channel", "unit", "cost", "from"))
    counts = _counts(data)
    pairs = counts.join(rates, on=["channel", "unit"], how="inner").filter(nw.col("from") <= nw.col("day"))
    latest = pairs.group_by(*KEY).agg(nw.col("from").max().alias("_latest"))
    # somebody unknown is a person of the key too
    keyed, dated = (frame.with_columns(_who=nw.col("agent_id").fill_null("")) for frame in (pairs, latest))
    in_force = keyed.join(dated.drop("agent_id"), on=["channel", "unit", "_who", "day"], how="inner")
    charged = in_force.filter(nw.col("from") == nw.col("_latest"))
    seconds = nw.when(nw.col("unit") == "minute").then(nw.lit(MINUTE_SECONDS, nw.Int64)).otherwise(nw.lit(1, nw.Int64))
    amount = floor_div(nw.col("cost") * nw.col("_count"), nw.col("_per")).cast(nw.Int64)
    return charged.with_columns(_per=seconds).select("agent_id", "day", "channel", amount=amount)


def _counts(data: Data) -> Frame:
    """How much of each unit each agent had on each day, as far as the tables are there."""
    found = []
    if data.has("calls"):
        calls = data.table("calls", "agent_id", "started_at", direction=nw.String, talk_seconds=nw.Int64)
        made = calls.filter(nw.col("direction").is_null() | (nw.col("direction") == "out"))
        found.append(_of(made, "started_at", "call", "call", nw.lit(1, nw.Int64)))
        found.append(_of(made, "started_at", "call", "minute", nw.col("talk_seconds").fill_null(0).cast(nw.Int64)))
    if data.has("messages"):
        sent = data.table("messages", "sent_at", agent_id=nw.String, channel=nw.String)
        found.append(_of(sent, "sent_at", "", "message", nw.lit(1, nw.Int64)))
    for table, at, name in (("visits", "visited_at", "visit"), ("recoveries", "recovered_on", "recovery")):
        if data.has(table, at):
            done = data.table(table, "agent_id", at)
            found.append(_of(done, at, name, name, nw.lit(1, nw.Int64)))
    if data.has("cases", "opened_on", "kind"):
        filed = data.table("cases", "opened_on", "kind", agent_id=nw.String).filter(nw.col("kind") == "legal")
        found.append(_of(filed, "opened_on", "legal", "filing", nw.lit(1, nw.Int64)))
    return nw.concat(found, how="vertical") if found else _of_nobody(data)


def _of_nobody(data: Data) -> Frame:
    """`MissingError`: rates alone cost nothing."""
    return data.table("calls", "agent_id", "started_at")


def _of(rows: Frame, at: str, channel: str, unit: str, count: nw.Expr) -> Frame:
    """The counts of one unit; an empty channel is that of each row."""
    named = nw.lit(channel) if channel else nw.col("channel")
    day = nw.col(at) if rows.collect_schema()[at] == nw.Date else nw.col(at).dt.date()
    dated = rows.with_columns(channel=named, unit=nw.lit(unit), day=day, _count=count)
    summed = eager(dated.filter(~nw.col("day").is_null()).group_by(*KEY).agg(nw.col("_count").sum()))
    return summed.with_columns(nw.col("_count").cast(nw.Int64)).select(*KEY, "_count")
