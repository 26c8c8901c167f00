"""What actions bring and cost: calls, messages and visits that a payment followed, and what a touch costs.

Some customers would have paid anyway. The tables have no group that was left alone, so nothing of that is taken off:
these figures compare channels and people, and prove no effect.
"""

from collections.abc import Callable

import narwhals as nw

from toolkit.kpis.calls import outbound
from toolkit.kpis.costs import spent
from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.kpis.ledger import days_later, standing
from toolkit.rows import Frame

KEY = ["agent_id", "account_id", "day"]
CHANNELS = ("call", "sms", "visit")


def _calls(data: Data) -> Frame:
    spoken = outbound(data, "account_id", "right_party").filter(nw.col("right_party"))
    return spoken.select("agent_id", "account_id", at=nw.col("started_at"))


def _messages(data: Data) -> Frame:
    return data.table("messages", "account_id", "sent_at", agent_id=nw.String).select(
        "agent_id", "account_id", at=nw.col("sent_at")
    )


def _visits(data: Data) -> Frame:
    made = data.table("visits", "agent_id", "account_id", "visited_at").filter(~nw.col("visited_at").is_null())
    return made.select("agent_id", "account_id", at=nw.col("visited_at"))


def _paid_after(touches: Callable[[Data], Frame]) -> Rule:
    """The KPI for one channel."""

    def rate(data: Data) -> Facts:
        dated = touches(data).filter(~nw.col("account_id").is_null()).with_columns(day=nw.col("at").dt.date())
        once = dated.filter(nw.col("day") <= data.as_of).group_by(KEY).agg(nw.col("at").min())
        asked = eager(once)
        last = days_later(nw.col("day"), data.definitions.paid_after_days)
        paid = eager(standing(data, kinds=True)).select("account_id", "paid_at", _paid_on=nw.col("day"))
        pairs = asked.join(paid, on="account_id", how="inner")
        soon = (nw.col("paid_at") > nw.col("at")) & (nw.col("_paid_on") <= last)
        answered = pairs.filter(soon).select(KEY).with_columns(agent_id=nw.col("agent_id").fill_null("")).unique()
        named = asked.with_columns(over=yes(last <= data.as_of), _who=nw.col("agent_id").fill_null(""))
        judged = named.join(
            answered.rename({"agent_id": "_who"}).with_columns(paid=nw.lit(1, nw.Int64)),
            on=["_who", "account_id", "day"],
            how="left",
        )
        return Facts(
            judged.with_columns(
                day=last,
                numerator=nw.col("paid").fill_null(0) * nw.col("over"),
                denominator=nw.col("over"),
                waiting=1 - nw.col("over"),
            ).select("agent_id", "day", "numerator", "denominator", "waiting")
        )

    rate.__doc__ = """Customers who paid within `paid_after_days` of a touch (once a customer and day), of those
    touched; on the last of these days."""
    return rate


def cost_per_touch(data: Data) -> Facts:
    """What calls, messages and visits cost, for each that was made."""
    costs = spent(data).filter(nw.col("channel").is_in(list(CHANNELS)))
    parts = [costs.select("agent_id", "day", numerator=nw.col("amount"), denominator=nw.lit(0, nw.Int64))]
    for table, at in (("calls", "started_at"), ("messages", "sent_at"), ("visits", "visited_at")):
        if data.has(table, at):
            parts.append(_touches(data, table, at))
    if len(parts) == 1:
        raise MissingError(("calls.started_at",))
    return Facts(nw.concat([eager(part) for part in parts], how="vertical"), parts=10**data.digits)


def _touches(data: Data, table: str, at: str) -> Frame:
    if table == "calls":
        rows = outbound(data).select("agent_id", "day")
    else:
        made = data.table(table, at, agent_id=nw.String).filter(~nw.col(at).is_null())
        rows = made.select("agent_id", day=nw.col(at).dt.date())
    counted = rows.filter(nw.col("day") <= data.as_of).group_by("agent_id", "day").agg(denominator=nw.len())
    return counted.select(
        "agent_id", "day", numerator=nw.lit(0, nw.Int64), denominator=nw.col("denominator").cast(nw.Int64)
    )


YIELDS: dict[str, Rule] = {
    "paid_after_call": _paid_after(_calls),
    "paid_after_message": _paid_after(_messages),
    "paid_after_visit": _paid_after(_visits),
    "cost_per_touch": cost_per_touch,
}
