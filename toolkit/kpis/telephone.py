"""The exchange's own report held against the log of calls."""

import narwhals as nw

from toolkit.kpis.calls import outbound
from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import Facts, Rule


def phone_log_difference(data: Data) -> Facts:
    """Calls by which the exchange's report and the log differ, either way, of calls that the exchange has.

    Day by day and agent by agent, so that too many here do not make up for too few there; on days that the report has.
    """
    report = data.table("telephone", "agent_id", "day", "dialled").filter(nw.col("day") <= data.as_of)
    exchange = eager(report.group_by("agent_id", "day").agg(nw.col("dialled").sum()))
    logged = eager(outbound(data).group_by("agent_id", "day").agg(logged=nw.len()))
    both = exchange.join(logged, on=["agent_id", "day"], how="left")
    dialled, known = nw.col("dialled").cast(nw.Int64), nw.col("logged").fill_null(0).cast(nw.Int64)
    return Facts(both.with_columns(numerator=(dialled - known).abs(), denominator=dialled))


TELEPHONE: dict[str, Rule] = {"phone_log_difference": phone_log_difference}
