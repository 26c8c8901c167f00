"""KPIs of calls that customers make: how many are answered, and how many of those settle the matter."""

import narwhals as nw

from toolkit.kpis.data import Data
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.rows import Frame


def inbound(data: Data, *columns: str) -> Frame:
    """Calls of customers, with `day` and `hour`."""
    data.need("calls", "agent_id", "started_at", "direction", *columns)
    return data.shared("inbound calls", lambda: _received(data))


def _received(data: Data) -> Frame:
    calls = data.table("calls", "agent_id", "started_at", "direction", connected=nw.Boolean, resolved=nw.Boolean)
    return calls.filter(nw.col("direction") == "in").with_columns(
        day=nw.col("started_at").dt.date(), hour=nw.col("started_at").dt.hour().cast(nw.Int64)
    )


def inbound_calls(data: Data) -> Facts:
    """Calls that customers made, answered or not."""
    return Facts(inbound(data), counts=nw.lit(1, nw.Int64))


def answer_rate(data: Data) -> Facts:
    """Calls answered, of those that customers made."""
    return Facts(inbound(data, "connected"), counts=yes(nw.col("connected")), of=nw.lit(1, nw.Int64))


def resolution_rate(data: Data) -> Facts:
    """Calls that settled the matter, of those answered."""
    answered = nw.col("connected")
    return Facts(inbound(data, "connected", "resolved"), counts=yes(answered & nw.col("resolved")), of=yes(answered))


INBOUND: dict[str, Rule] = {
    "inbound_calls": inbound_calls,
    "answer_rate": answer_rate,
    "resolution_rate": resolution_rate,
}
