"""KPIs of a few rows, given as the CSV text that people have."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
from reading_cases import PROFILE

from toolkit.definitions import Definitions
from toolkit.kpis import KpiRun, kpi_values
from toolkit.kpis.cut import SCOPE_KINDS
from toolkit.kpis.data import Data
from toolkit.kpis.passes import Grain
from toolkit.periods import parse
from toolkit.reading import read_tables

TEAM = """agent_id,name,role,team,branch,started_on,left_on
A1,Asha,call_agent,North,Nakuru,2026-01-01,
A2,Baraka,call_agent,North,Nakuru,2026-01-01,
A3,Chep,call_agent,South,Kisumu,2026-01-01,
"""
ACCOUNTS = """account_id,customer_id,product,activated_on,currency
L1,C1,lamp,2026-01-01,KES
L2,C2,lamp,2026-01-01,KES
L3,C3,lamp,2026-01-01,KES
L4,C1,radio,2026-01-01,KES
"""
AS_OF = date(2026, 3, 31)


def data_of(as_of: date = AS_OF, definitions: dict[str, Any] | None = None, **tables: str) -> Data:
    """The tables as the readers read them: no row may be wrong. Agents and accounts are there unless given."""
    given = {"agents": TEAM, "accounts": ACCOUNTS, **tables}
    with TemporaryDirectory() as name:
        for table, text in given.items():
            (Path(name) / f"{table}.csv").write_text(text, encoding="utf-8")
        reading = read_tables(Path(name), PROFILE, as_of=as_of)
    errors = [str(found) for found in reading.problems if found.level == "error"]
    assert not errors, errors
    return Data.of(
        reading.tables, as_of, definitions=Definitions(**(definitions or {})), credit=PROFILE.credit or Data.credit
    )


def values(data: Data, kpi: str, period: str = "2026-03", grain: Grain = "month") -> KpiRun:
    """The KPI of every scope."""
    return kpi_values(data, parse(period), grain, [kpi], SCOPE_KINDS)


def of(data: Data, kpi: str, scope: str = "A1", period: str = "2026-03", grain: Grain = "month") -> Any:
    """(numerator, denominator) of one scope, whatever its kind; "" is everybody. None where there is no row."""
    run = values(data, kpi, period, grain)
    assert not run.problems, run.problems
    found = run.values.filter(pl.col("scope") == scope).select("numerator", "denominator").rows()
    assert len(found) <= 1, "one period only"
    return found[0] if found else None


def note(data: Data, kpi: str, scope: str = "A1", period: str = "2026-03") -> Any:
    """(value, base_note, waiting) of one scope."""
    run = values(data, kpi, period)
    return run.values.filter(pl.col("scope") == scope).select("value", "base_note", "waiting").row(0)


def on_every_engine(data: Data) -> list[Data]:
    """The same data on Polars, pandas and DuckDB."""
    local = {
        name: frame.to_native().with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))
        for name, frame in data.tables.items()
    }
    settings = {name: getattr(data, name) for name in ("definitions", "credit", "country", "call_rules", "timezone")}
    on_pandas = {name: frame.to_pandas(use_pyarrow_extension_array=True) for name, frame in local.items()}
    on_duckdb = {name: duckdb.from_arrow(frame.to_arrow()) for name, frame in local.items()}
    return [data, *(Data.of(tables, data.as_of, **settings) for tables in (on_pandas, on_duckdb))]


def same_on_every_engine(data: Data, kpi: str, period: str = "2026-03", grain: Grain = "month") -> None:
    """pandas and DuckDB have to give what Polars gives."""
    wanted, *others = [values(one, kpi, period, grain) for one in on_every_engine(data)]
    for run in others:
        assert run.values.equals(wanted.values), (kpi, run.values, wanted.values)


def said_beside(data: Data, kpi: str, scope: str = "A1", period: str = "2026-03") -> Any:
    """What stands beside the figure of one scope: what was left out of it or filled in."""
    run = values(data, kpi, period)
    return run.values.filter(pl.col("scope") == scope)["beside"].item()


def desk_profile(kpi: str) -> str:
    """profile.toml of a desk whose call agents are scored by one KPI."""
    return f"""
name = "desk"
country = "KE"
currency = "KES"
timezone = "Africa/Nairobi"

[[scorecards]]
title = "Call desk"
roles = ["call_agent"]
kpis = [{{ kpi = "{kpi}", weight = 100, target = 0.5 }}]
"""
