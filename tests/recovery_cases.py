"""The cost of recovery of a few rows, given as the CSV text that people have."""

from fractions import Fraction
from typing import Any

import duckdb
import polars as pl
from kpi_cases import data_of

from toolkit.kpis.data import Data
from toolkit.periods import parse
from toolkit.recovery.costs import Costs, recovery_costs
from toolkit.recovery.ratios import Ratio, recovery_ratios
from toolkit.recovery_rules import RecoveryRules

COSTS = "period,channel,item,amount,currency,agent_id,team\n"
CALLS = "call_id,agent_id,account_id,started_at,talk_seconds,direction,connected,right_party\n"
PAYMENTS = "payment_id,account_id,agent_id,paid_at,amount,currency,kind,reverses\n"
BALANCES = "account_id,as_of,balance,days_past_due\n"
VISITS = "visit_id,agent_id,account_id,visited_at\n"
MESSAGES = "message_id,account_id,agent_id,sent_at,channel\n"
PAID = PAYMENTS + "P1,L1,A1,2026-03-05 10:00,200,KES,instalment,\nP2,L3,A3,2026-03-06 10:00,100,KES,instalment,\n"
"""300 in March: 200 by A1, 100 by A3."""


def calls(*rows: str) -> str:
    """Outgoing calls of March: agent, account, seconds, reached, right party."""
    return CALLS + "".join(
        f"C{place},{agent},{account},2026-03-{place % 28 + 1:02} 09:00,{seconds},out,{reached},{right}\n"
        for place, (agent, account, seconds, reached, right) in enumerate(row.split() for row in rows)
    )


def costs_of(data: Data, period: str = "2026-03", **rules: Any) -> Costs:
    """The costs of a period by these rules."""
    return recovery_costs(data, RecoveryRules(**rules), parse(period), "KES")


def spent(costs: Costs, *by: str) -> dict[Any, int]:
    """Minor units by one or several columns of the cells."""
    rows = costs.cells.group_by(*by).agg(pl.col("amount").sum()).sort(*by).iter_rows()
    return {(row[0] if len(by) == 1 else row[:-1]): row[-1] for row in rows}


def codes(costs: Costs) -> list[str]:
    """What was said."""
    return [found.code for found in costs.problems]


def ratio(costs: Costs, measure: str, scope: str = "", kind: str = "all", **rules: Any) -> Ratio:
    """One figure of one scope."""
    found = recovery_ratios(costs, RecoveryRules(**rules))
    return next(one for one in found if (one.scope_kind, one.scope, one.measure) == (kind, scope, measure))


def value(costs: Costs, measure: str, scope: str = "", kind: str = "all") -> Fraction | None:
    """Its value in people's units."""
    one = ratio(costs, measure, scope, kind)
    return None if one.value is None else one.value / (1 if one.money else 100)


def on_other_engines(data: Data) -> list[Data]:
    """The same data on pandas and on DuckDB."""
    local = {
        name: frame.to_native().with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))
        for name, frame in data.tables.items()
    }
    settings = {"definitions": data.definitions, "credit": data.credit}
    on_pandas = {name: frame.to_pandas(use_pyarrow_extension_array=True) for name, frame in local.items()}
    on_duckdb = {name: duckdb.from_arrow(frame.to_arrow()) for name, frame in local.items()}
    return [Data.of(tables, data.as_of, **settings) for tables in (on_pandas, on_duckdb)]


__all__ = ["data_of"]
