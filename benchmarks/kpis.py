"""KPIs of millions of calls and payments, by agent and month, beside DuckDB's own SQL and a plain pandas script.

python benchmarks/kpis.py [--calls 10000000] [--pandas]

All three answer the same questions over the same Parquet files: calls, contacts, right-party contacts, minutes talked
and cash collected. Totals have to be the same; what is compared is the time of whole processes, one after the other.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
from measuring import verdict

AGENTS, DAYS = 1000, 28
KPIS = ("calls", "contacts", "right_party_rate", "talk_minutes", "collected")


def made(folder: Path, calls: int) -> None:
    """Calls and payments, the same at every run: so many of each, in February 2026."""
    who = f"'A' || (i * 7919 % {AGENTS}) as agent_id, 'L' || (i * 104729 % {max(1, calls // 20)}) as account_id"
    when = f"timestamp '2026-02-01 08:00:00' + to_seconds((i * 49979 % ({DAYS} * 86400))::int)"
    columns = {
        "calls": f"'K' || i as call_id, {who}, {when} as started_at, (i * 31 % 300)::bigint as talk_seconds, "
        "'out' as direction, i % 3 > 0 as connected, i % 3 = 1 as right_party",
        "payments": f"'P' || i as payment_id, {who}, {when} as paid_at, (i * 37 % 500000 + 100)::bigint as amount, "
        "'KES' as currency, 'instalment' as kind",
        "agents": "'A' || i as agent_id, 'Agent ' || i as name, 'call_agent' as role, 'T' || (i % 50) as team",
    }
    for table, made_of in columns.items():
        rows = AGENTS if table == "agents" else calls
        duckdb.sql(f"copy (select {made_of} from range({rows}) r(i)) to '{folder / table}.parquet' (format parquet)")


def by_toolkit(folder: Path) -> int:
    from toolkit.definitions import Definitions
    from toolkit.kpis import kpi_values
    from toolkit.kpis.data import Data
    from toolkit.periods import parse
    from toolkit.plans import Credit

    tables = {name: duckdb.read_parquet(str(folder / f"{name}.parquet")) for name in ("calls", "payments", "agents")}
    rules = Definitions(redial_minutes=0)
    data = Data.of(tables, date(2026, 2, 28), definitions=rules, credit=Credit(rules=("named",)))
    run = kpi_values(data, parse("2026-02"), "month", KPIS, ("agent",))
    if run.problems:
        raise SystemExit(str(run.problems))
    return round(run.values.select("numerator").sum().item())


def by_sql(folder: Path) -> int:
    calls, payments = (f"'{folder / name}'" for name in ("calls.parquet", "payments.parquet"))
    inside = "between timestamp '2026-02-01' and timestamp '2026-02-28 23:59:59.999999'"
    rows = duckdb.sql(f"""
        select agent_id, month(started_at) as m, count(*) as calls, count(*) filter (connected) as contacts,
               count(*) filter (connected and right_party) as rpc, sum(talk_seconds) as talk
        from {calls} where direction = 'out' and started_at {inside} group by all""").fetchall()
    paid = duckdb.sql(f"""
        select agent_id, month(paid_at) as m, sum(amount) as amount from {payments}
        where kind in ('instalment', 'payoff') and paid_at {inside} group by all""").fetchall()
    return round(sum(sum(row[2:5]) + row[5] / 60 for row in rows) + sum(row[2] for row in paid) / 100)


def by_pandas(folder: Path) -> int:
    import pandas as pd

    calls = pd.read_parquet(folder / "calls.parquet")
    first, after = pd.Timestamp("2026-02-01"), pd.Timestamp("2026-03-01")
    calls = calls[(calls.direction == "out") & calls.started_at.between(first, after, inclusive="left")]
    calls["month"] = calls.started_at.dt.strftime("%Y-%m")
    calls["rpc"] = calls.connected & calls.right_party
    grouped = calls.groupby(["agent_id", "month"]).agg(
        calls=("call_id", "count"), contacts=("connected", "sum"), rpc=("rpc", "sum"), talk=("talk_seconds", "sum")
    )
    payments = pd.read_parquet(folder / "payments.parquet")
    inside = payments.paid_at.between(first, after, inclusive="left")
    payments = payments[payments.kind.isin(["instalment", "payoff"]) & inside]
    payments["month"] = payments.paid_at.dt.strftime("%Y-%m")
    paid = payments.groupby(["agent_id", "month"]).amount.sum()
    return round(
        grouped.calls.sum() + grouped.contacts.sum() + grouped.rpc.sum() + grouped.talk.sum() / 60 + paid.sum() / 100
    )


WAYS = {"toolkit": by_toolkit, "sql": by_sql, "pandas": by_pandas}


def taken(way: str, folder: Path) -> tuple[float, int]:
    """Seconds of a process of its own, imports not counted, and what it found."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
    return float(printed[0]), int(printed[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--pandas", action="store_true")
    asked = parser.parse_args()
    if asked.way:
        if asked.way != "pandas":
            WAYS[asked.way](asked.folder)  # what is loaded once is not what is compared
        started = time.perf_counter()
        found = WAYS[asked.way](asked.folder)
        print(time.perf_counter() - started, found)
        return
    with tempfile.TemporaryDirectory() as name:
        made(Path(name), asked.calls)
        runs = {way: [taken(way, Path(name)) for _ in range(3)] for way in ("sql", "toolkit")}
        if asked.pandas:
            runs["pandas"] = [taken("pandas", Path(name))]
    totals = {found for times in runs.values() for _, found in times}
    if len(totals) > 1:
        raise SystemExit(f"the totals differ: {totals}")
    seconds = {way: sorted(time for time, _ in times)[len(times) // 2] for way, times in runs.items()}
    print(f"{asked.calls:,} calls and payments: " + ", ".join(f"{way} {time:.2f} s" for way, time in seconds.items()))
    print(verdict("times hand-written SQL", seconds["toolkit"] / seconds["sql"], 1.10, "x"))
    if asked.pandas:
        print(verdict("times faster than pandas", seconds["pandas"] / seconds["toolkit"], 4.5, "x", at_least=True))


if __name__ == "__main__":
    main()
