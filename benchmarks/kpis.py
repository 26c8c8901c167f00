"""KPIs of millions of calls and payments, by agent and month, beside DuckDB's own SQL and a plain pandas script.

python benchmarks/kpis.py [--calls 10000000] [--runs 7] [--pandas] [--capped]

All answer the same questions over the same Parquet files: calls, contacts, right-party contacts, minutes talked and
cash collected, once of one month and once of a quarter by its months. Totals have to be the same. The hand-written SQL
is the shortest that gives them: of one month it does not even group by the month, and it knows nothing of teams, bases
and definitions. Each way is run in a process of its own, in turns, imports and a first run not counted; of its runs the
least counts, since other people's work on the machine only ever adds to it.
"""

import argparse
import importlib
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
from measuring import MEBIBYTE, cost_of, verdict

AGENTS = 1000
KPIS = ("calls", "contacts", "right_party_rate", "talk_minutes", "collected")
CAP = 1024 * MEBIBYTE
OF_DUCKDB = CAP // 2


@dataclass(frozen=True)
class Job:
    """A period, and by which columns the hand-written SQL groups."""

    period: str
    first: date
    days: int
    key: str

    @property
    def after(self) -> date:
        return self.first + timedelta(days=self.days)


JOBS = {
    "month": Job("2026-02", date(2026, 2, 1), 28, "agent_id"),
    "quarter": Job("2026-Q1", date(2026, 1, 1), 90, "agent_id, month({at})"),
}


def made(folder: Path, calls: int, job: Job) -> None:
    """Calls and payments, the same at every run: so many of each, but for the last hours all in the period."""
    who = f"'A' || (i * 7919 % {AGENTS}) as agent_id, 'L' || (i * 104729 % {max(1, calls // 20)}) as account_id"
    when = f"timestamp '{job.first} 08:00:00' + to_seconds((i * 49979 % ({job.days} * 86400))::int)"
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


def by_toolkit(folder: Path, job: Job) -> int:
    from toolkit.definitions import Definitions
    from toolkit.kpis import kpi_values
    from toolkit.kpis.data import Data
    from toolkit.periods import parse
    from toolkit.plans import Credit

    tables = {name: duckdb.read_parquet(str(folder / f"{name}.parquet")) for name in ("calls", "payments", "agents")}
    rules = Definitions(redial_minutes=0)
    data = Data.of(tables, job.after, definitions=rules, credit=Credit(rules=("named",)))
    run = kpi_values(data, parse(job.period), "month", KPIS, ("agent",))
    if run.problems:
        raise SystemExit(str(run.problems))
    return round(run.values.select("numerator").sum().item())


def by_sql(folder: Path, job: Job) -> int:
    calls, payments = (f"'{folder / name}'" for name in ("calls.parquet", "payments.parquet"))
    inside = f">= timestamp '{job.first}' and {{at}} < timestamp '{job.after}'"
    rows = duckdb.sql(f"""
        select {job.key.format(at="started_at")}, sum(talk_seconds), count(*), count(*) filter (connected),
               count(*) filter (connected and right_party)
        from {calls} where direction = 'out' and started_at {inside.format(at="started_at")} group by all""").fetchall()
    paid = duckdb.sql(f"""
        select {job.key.format(at="paid_at")}, sum(amount) from {payments}
        where kind in ('instalment', 'payoff') and paid_at {inside.format(at="paid_at")} group by all""").fetchall()
    return round(sum(sum(row[-3:]) + row[-4] / 60 for row in rows) + sum(row[-1] for row in paid) / 100)


def by_pandas(folder: Path, job: Job) -> int:
    import pandas as pd

    calls = pd.read_parquet(folder / "calls.parquet")
    first, after = pd.Timestamp(job.first), pd.Timestamp(job.after)
    calls = calls[(calls.direction == "out") & calls.started_at.between(first, after, inclusive="left")]
    calls["month"] = calls.started_at.dt.month
    calls["rpc"] = calls.connected & calls.right_party
    grouped = calls.groupby(["agent_id", "month"]).agg(
        calls=("call_id", "count"), contacts=("connected", "sum"), rpc=("rpc", "sum"), talk=("talk_seconds", "sum")
    )
    payments = pd.read_parquet(folder / "payments.parquet")
    inside = payments.paid_at.between(first, after, inclusive="left")
    payments = payments[payments.kind.isin(["instalment", "payoff"]) & inside]
    payments["month"] = payments.paid_at.dt.month
    paid = payments.groupby(["agent_id", "month"]).amount.sum()
    return round(
        grouped.calls.sum() + grouped.contacts.sum() + grouped.rpc.sum() + grouped.talk.sum() / 60 + paid.sum() / 100
    )


def capped(folder: Path, job: Job) -> int:
    """The toolkit's way where the system gives no more than the cap, of which DuckDB may have half."""
    resource.setrlimit(resource.RLIMIT_DATA, (CAP, CAP))
    duckdb.sql(f"set memory_limit = '{OF_DUCKDB // MEBIBYTE}MiB'")
    return by_toolkit(folder, job)


WAYS = {"toolkit": by_toolkit, "sql": by_sql, "pandas": by_pandas, "capped": capped}


@dataclass(frozen=True)
class Taken:
    """Seconds on the clock, seconds of processor time over all cores, and the total that was found."""

    wall: float
    cpu: float
    total: int


def timed(way: str, folder: Path, job: Job) -> Taken:
    # what is loaded once is not what is compared
    if way == "pandas":
        importlib.import_module("pandas")
    elif way != "capped":
        WAYS[way](folder, job)
    begun, started = _processor_time(), time.perf_counter()
    total = WAYS[way](folder, job)
    return Taken(time.perf_counter() - started, _processor_time() - begun, total)


def _processor_time() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def command(way: str, name: str, folder: Path) -> list[str]:
    return [sys.executable, __file__, "--way", way, "--job", name, "--folder", str(folder)]


def taken(way: str, name: str, folder: Path) -> Taken:
    """What one process took."""
    printed = subprocess.run(command(way, name, folder), capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
    return Taken(float(printed[0]), float(printed[1]), int(printed[2]))


def compared(name: str, folder: Path, asked: argparse.Namespace) -> None:
    runs: dict[str, list[Taken]] = {"sql": [], "toolkit": []}
    for _ in range(asked.runs):
        for way, each in runs.items():
            each.append(taken(way, name, folder))
    if asked.pandas:
        runs["pandas"] = [taken("pandas", name, folder)]
    totals = {one.total for each in runs.values() for one in each}
    if len(totals) > 1:
        raise SystemExit(f"the totals differ: {totals}")
    wall = {way: min(one.wall for one in each) for way, each in runs.items()}
    cpu = {way: min(one.cpu for one in each) for way, each in runs.items()}
    print(f"\na {name} of {asked.calls:,} calls and as many payments, by agent and month")
    print("\n".join(f"{way:10} {wall[way]:6.2f} s wall {cpu[way]:6.2f} s CPU" for way in runs))
    print(verdict("times hand-written SQL, processor time", cpu["toolkit"] / cpu["sql"], 1.10, "x"))
    print(f"         on the clock: {wall['toolkit'] / wall['sql']:.2f} x")
    if asked.pandas:
        print(verdict("times less processor time than pandas", cpu["pandas"] / cpu["toolkit"], 4.5, "x", at_least=True))
        print(f"         on the clock: {wall['pandas'] / wall['toolkit']:.1f} x")


def under_a_cap(name: str, folder: Path) -> None:
    cost = cost_of(command("capped", name, folder))
    print(f"\nof the system {CAP // MEBIBYTE} MiB for its data, DuckDB {OF_DUCKDB // MEBIBYTE} of them\n{cost}")
    print(verdict("memory", cost.peak, CAP / MEBIBYTE, "MiB"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--job", choices=JOBS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--pandas", action="store_true")
    parser.add_argument("--capped", action="store_true")
    asked = parser.parse_args()
    if asked.way:
        found = timed(asked.way, asked.folder, JOBS[asked.job])
        print(found.wall, found.cpu, found.total)
        return
    for name in [asked.job] if asked.job else JOBS:
        with tempfile.TemporaryDirectory() as folder:
            made(Path(folder), asked.calls, JOBS[name])
            compared(name, Path(folder), asked)
            if asked.capped:
                under_a_cap(name, Path(folder))


if __name__ == "__main__":
    main()
