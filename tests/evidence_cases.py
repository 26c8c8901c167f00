"""What actions bring, in CSV rows and on every engine."""

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
from kpi_cases import data_of

from toolkit.kpis.data import Data, eager
from toolkit.periods import parse
from toolkit.recovery.brought import Done, work_done
from toolkit.recovery.followed import followed
from toolkit.recovery_rules import RecoveryRules

CALLS = "call_id,agent_id,account_id,started_at,direction\n"
PAID = "payment_id,account_id,agent_id,paid_at,amount,currency,kind,reverses\n"
NOTHING = PAID + "M9,L3,A3,2026-01-02 10:00,1,KES,instalment,\n"
BALANCES = "account_id,as_of,balance,days_past_due\n"
MARCH = parse("2026-03")
LATER = date(2026, 4, 30)


def calls(*at: str, account: str = "L1", agent: str = "A1") -> str:
    """Outgoing calls at these moments."""
    return "".join(f"K{account}{place},{agent},{account},2026-{when},out\n" for place, when in enumerate(at))


def payments(*rows: str) -> str:
    """``L1 03-05 10:00 200`` each."""
    cells = [row.split() for row in rows]
    return NOTHING + "".join(
        f"P{place},{account},A1,2026-{day} {clock},{amount},KES,instalment,\n"
        for place, (account, day, clock, amount) in enumerate(cells)
    )


def rows_of(data: Data, **rules: Any) -> list[dict[str, Any]]:
    """The actions of March with what followed them, in order."""
    found = eager(followed(data, RecoveryRules(**rules), MARCH)).to_polars()
    return found.sort("account_id", "number").to_dicts()


def done_of(data: Data, costs: dict[str, int] | None = None, **rules: Any) -> Done:
    """March, added up."""
    table = None
    if costs is not None:
        table = pl.DataFrame(list(costs.items()), schema={"activity": pl.String, "amount": pl.Int64}, orient="row")
    return work_done(data, RecoveryRules(**rules), MARCH, table)


def on_every_engine(data: Data, made: Callable[[Data], list[pl.DataFrame]]) -> None:
    """pandas and DuckDB have to give what Polars gives."""
    wanted = made(data)
    local = {
        name: frame.to_native().with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))
        for name, frame in data.tables.items()
    }
    on_pandas = {name: frame.to_pandas(use_pyarrow_extension_array=True) for name, frame in local.items()}
    on_duckdb = {name: duckdb.from_arrow(frame.to_arrow()) for name, frame in local.items()}
    for tables in (on_pandas, on_duckdb):
        found = made(Data.of(tables, data.as_of, definitions=data.definitions, credit=data.credit))
        for one, other in zip(wanted, found, strict=True):
            assert one.equals(other), (one, other)


def frame(table: pl.DataFrame) -> Any:
    """For the pure functions."""
    return nw.from_native(table, eager_only=True)


__all__ = ["data_of"]
