"""A ladder and a few accounts past due, as CSV rows, for the tests of what is worth pursuing."""

from datetime import date
from fractions import Fraction
from typing import Any

import duckdb
import polars as pl
from kpi_cases import data_of

from toolkit.kpis.data import Data
from toolkit.recovery.pursuit import Pursuit, pursue_list
from toolkit.recovery_rules import RecoveryRules, Rung

AS_OF = date(2026, 3, 31)
PAID = "payment_id,account_id,paid_at,amount,currency,kind,reverses\n"
CALLS = "call_id,agent_id,account_id,started_at,direction,talk_seconds\n"
OWED = "account_id,as_of,balance,days_past_due\n"
NOBODYS = PAID + "M0,L9,2026-01-02 10:00,1,KES,instalment,\n"
"""Payments of somebody else: the table may not be empty."""
CALL = Rung(code="call", title="Call", channel="call", cost="2")
SMS = Rung(code="sms", title="SMS", channel="sms", cost="0.50")


def accounts(*ids: str, more: str = "", values: str = "") -> str:
    rows = [f"{one},C{one},lamp,2025-01-01,KES{values}" for one in (*ids, "L9")]
    return "\n".join([f"account_id,customer_id,product,activated_on,currency{more}", *rows]) + "\n"


def owed(*ids: str, balance: str = "100", days: int = 40, as_of: str = "2026-02-01") -> str:
    return "".join(f"{one},{as_of},{balance},{days}\n" for one in ids)


def calls(*ids: str, at: str = "2026-03-02 10:00", agent: str = "A1") -> str:
    return "".join(f"K{one}{at},{agent},{one},{at},out,60\n" for one in ids)


def paid(*ids: str, at: str = "2026-03-05 10:00", amount: str = "50") -> str:
    return "".join(f"M{one}{at},{one},{at},{amount},KES,instalment,\n" for one in ids)


def named(count: int) -> tuple[str, ...]:
    return tuple(f"L{100 + number}" for number in range(count))


def ladder(*rungs: Rung, **rules: Any) -> RecoveryRules:
    return RecoveryRules(rungs=rungs or (CALL,), **rules)


def worked(called: int = 10, successes: int = 5, *, balance: str = "100", amount: str = "50", **tables: str) -> Data:
    """So many accounts 40 days late that were called once, some of which paid; L1 is as late and was left alone."""
    ids = named(called)
    given = {
        "accounts": accounts(*ids, "L1"),
        "balances": OWED + owed(*ids, "L1", balance=balance),
        "calls": CALLS + calls(*ids),
        "payments": NOBODYS + paid(*ids[:successes], amount=amount),
    }
    return data_of(AS_OF, **{**given, **tables})


def pursued(data: Data, rules: RecoveryRules | None = None, **more: Any) -> Pursuit:
    return pursue_list(data, rules or ladder(), data.as_of, **more)


def row(pursuit: Pursuit, account: str = "L1") -> dict[str, Any]:
    [found] = pursuit.rows.filter(pl.col("account_id") == account).iter_rows(named=True)
    return found


def cell(pursuit: Pursuit, rung: str = "call", bucket: str = "30-59") -> dict[str, Any]:
    table = pursuit.chances.table
    [found] = table.filter((pl.col("rung") == rung) & (pl.col("bucket") == bucket)).iter_rows(named=True)
    return found


def on_every_engine(data: Data) -> dict[str, Data]:
    """The same tables on pandas and DuckDB."""
    local = {
        name: frame.to_native().with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))
        for name, frame in data.tables.items()
    }
    frames: dict[str, dict[str, Any]] = {
        "pandas": {name: frame.to_pandas(use_pyarrow_extension_array=True) for name, frame in local.items()},
        "duckdb": {name: duckdb.from_arrow(frame.to_arrow()) for name, frame in local.items()},
    }
    settings = {"definitions": data.definitions, "credit": data.credit, "digits": data.digits}
    return {engine: Data.of(tables, data.as_of, **settings) for engine, tables in frames.items()}


def same_everywhere(data: Data, rules: RecoveryRules, **more: Any) -> Pursuit:
    """pandas and DuckDB have to give what Polars gives."""
    wanted = pursue_list(data, rules, data.as_of, **more)
    for engine, other in on_every_engine(data).items():
        found = pursue_list(other, rules, data.as_of, **more)
        assert found.rows.equals(wanted.rows), (engine, found.rows, wanted.rows)
        assert found.chances.table.equals(wanted.chances.table), (engine, found.chances.table, wanted.chances.table)
        assert [str(one) for one in found.problems] == [str(one) for one in wanted.problems], engine
    return wanted


def million(value: Fraction | str) -> int:
    return int(Fraction(value) * 1_000_000)
