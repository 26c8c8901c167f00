"""What is worth pursuing, for every account of a portfolio, beside the KPI job over the same calls and payments.

python benchmarks/recovery.py [--calls 10000000] [--runs 3] [--capped]

The data are those of `kpis.py` with a promise for every tenth call and an account for every twentieth, all with a
balance and most of them past due. Compared are whole processes, in turns, in seconds of processor time over all cores:
the KPI job (calls, contacts, right-party contacts, minutes, cash, promises made, kept and the value kept, by agent and
month) and the pursue list with its sentences, written to files. Shown beside them: the five KPIs of `kpis.py`, which
never look at an account. The largest resident memory of each process is printed. --capped: DuckDB may take 350 MB, and
the pursue list alone is to stay under 1 GiB with everything.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import duckdb
import kpis
from measuring import verdict

AS_OF = date(2026, 2, 28)
JOB = kpis.JOBS["month"]
CAP, OF_DUCKDB = 1024, "350MB"
KPI_JOB = (*kpis.KPIS, "ptp_count", "ptp_conversion", "ptp_conversion_value")


def made(folder: Path, calls: int) -> None:
    kpis.made(folder, calls, JOB)
    accounts = max(1, calls // 20)
    made_at = "timestamp '2026-02-01 08:00:00' + to_seconds((i * 49979 % (24 * 86400))::int)"
    columns = {
        "promises": f"'R' || i as promise_id, 'A' || (i * 7919 % {kpis.AGENTS}) as agent_id, "
        f"'L' || (i * 104729 % {accounts}) as account_id, {made_at} as made_at, "
        f"({made_at})::date + (i % 4)::int as due_on, (i * 37 % 300000 + 100)::bigint as amount, 'KES' as currency",
        "balances": "'L' || i as account_id, date '2026-01-31' as as_of, "
        "(i * 7907 % 900000 + 1000)::bigint as balance, (i * 31 % 240)::bigint as days_past_due",
        "accounts": "'L' || i as account_id, 'C' || i as customer_id, 'P' || (i % 5) as product, "
        "date '2025-01-01' as activated_on, 'KES' as currency",
    }
    for table, of in columns.items():
        to = folder / f"{table}.parquet"
        number = max(1, calls // 10) if table == "promises" else accounts
        rows = duckdb.sql(f"select {of} from range({number}) r(i)")  # noqa: S608
        rows.write_parquet(str(to))


def _data(folder: Path, *names: str):
    from toolkit.definitions import Definitions
    from toolkit.kpis.data import Data
    from toolkit.plans import Credit

    tables = {name: duckdb.read_parquet(str(folder / f"{name}.parquet")) for name in names}
    return Data.of(tables, AS_OF, definitions=Definitions(redial_minutes=0), credit=Credit(rules=("named",)))


def by_kpis(folder: Path) -> int:
    return kpis.by_toolkit(folder, JOB)


def by_kpi_job(folder: Path) -> int:
    from toolkit.kpis import kpi_values
    from toolkit.periods import parse

    data = _data(folder, "calls", "payments", "promises", "agents")
    run = kpi_values(data, parse(JOB.period), "month", KPI_JOB, ("agent",))
    if run.problems:
        raise SystemExit(str(run.problems))
    return run.values.height


def by_pursuit(folder: Path) -> int:
    from toolkit.recovery.pursuit import pursue_list, pursue_summary
    from toolkit.recovery.pursuit_tables import pursue_files
    from toolkit.recovery_rules import RecoveryRules, Rung

    ladder = (
        Rung(code="sms", title="SMS", channel="sms", cost="1"),
        Rung(code="call", title="Call", channel="call", cost="10"),
        Rung(code="visit", title="Visit", channel="visit", cost="300", needs_tries=3),
        Rung(code="legal", title="Legal", channel="legal", cost="5000", after_days=90),
    )
    data = _data(folder, "calls", "payments", "agents", "balances", "accounts")
    pursuit = pursue_list(data, RecoveryRules(rungs=ladder), AS_OF)
    assert pursue_summary(pursuit)["accounts"].sum() == pursuit.accounts  # noqa: S101
    for name, write in pursue_files(pursuit).items():
        write(folder / name)
    return pursuit.accounts


WAYS = {"five kpis": by_kpis, "kpi job": by_kpi_job, "pursuit": by_pursuit}


def taken(way: str, folder: Path, *, capped: bool = False) -> tuple[float, int, int]:
    """Processor seconds of a process of its own, imports not counted, its largest memory in MiB, and what it found."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder), *["--capped"] * capped]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
    return float(printed[-3]), int(printed[-2]), int(printed[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--capped", action="store_true")
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.way:
        _one(asked.way, asked.folder, capped=asked.capped)
        return
    with tempfile.TemporaryDirectory() as name:
        made(Path(name), asked.calls)
        if asked.capped:
            under_a_cap(Path(name), asked.calls)
            return
        runs: dict[str, list[tuple[float, int, int]]] = {way: [] for way in WAYS}
        for _ in range(asked.runs):
            for way, each in runs.items():
                each.append(taken(way, Path(name)))
    seconds = {way: min(each)[0] for way, each in runs.items()}
    memory = {way: max(peak for _, peak, _ in each) for way, each in runs.items()}
    print(f"{asked.calls:,} calls and payments, {runs['pursuit'][0][2]:,} accounts past due")
    for way in WAYS:
        print(f"{way:14} {seconds[way]:8.2f} s CPU {memory[way]:8,} MiB at most")
    print(verdict("times the KPI job", seconds["pursuit"] / seconds["kpi job"], 1.2))
    print(f"         times the five KPIs: {seconds['pursuit'] / seconds['five kpis']:.1f} x")


def under_a_cap(folder: Path, calls: int) -> None:
    seconds, peak, accounts = taken("pursuit", folder, capped=True)
    print(f"{calls:,} calls and payments, {accounts:,} accounts past due, {OF_DUCKDB} for DuckDB: {seconds:.1f} s CPU")
    print(verdict("memory", peak, CAP, "MiB"))


def _one(way: str, folder: Path, *, capped: bool) -> None:
    from toolkit.kpis import kpi_values  # noqa: F401  # imports are not what is compared
    from toolkit.recovery import pursuit_tables  # noqa: F401

    if capped:
        duckdb.sql(f"set memory_limit = '{OF_DUCKDB}'; set temp_directory = '{folder / 'spilled'}'")
    started = time.process_time()
    found = WAYS[way](folder)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    print(time.process_time() - started, getrusage(RUSAGE_SELF).ru_maxrss // unit, found)


if __name__ == "__main__":
    main()
