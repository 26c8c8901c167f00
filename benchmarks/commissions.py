"""A month's commissions beside a script written by hand: seconds, memory, and how both grow.

python benchmarks/commissions.py [--payments 1000000] [--agents 10000] [--runs 3] [--keep DIR]
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from measuring import Cost, cost_of, side_by_side, verdict

HERE = Path(__file__).resolve().parent
JOBS = ("days_past_due", "two_components")
"""Plans beside this file, plan_JOB.toml, each with its script by hand."""
PROFILE = "paygo-solar"
PERIOD = "2026-10"
TOOLKIT = [sys.executable, str(HERE.parent / "cli.py")]
DONE_OR_ROWS_SET_ASIDE = (0, 3)
AGENTS_WITH_STATEMENTS = 320
"""Of so many, field agents and others, about 200 have something to be paid."""


def sample(folder: Path, agents: int, payments: int) -> Path:
    """One month of invented data, an account for every two payments; those there from an earlier run are taken."""
    if not folder.exists():
        size = ["--agents", str(agents), "--accounts", str(payments // 2), "--payments", str(payments)]
        month = ["--months", "1", "--until", PERIOD, "--seed", "1"]
        cost_of([*TOOLKIT, "sample", "--profile", PROFILE, *size, *month, "--out", str(folder), "--quiet"])
    return folder


def payments_in(data: Path) -> int:
    return int(pl.scan_csv(data / "payments.csv", infer_schema=False).select(pl.len()).collect().item())


def calculate(job: str, data: Path, out: Path, *options: str) -> list[str]:
    plan = str(HERE / f"plan_{job}.toml")
    fixed = ["--profile", PROFILE, "--plan", plan, "--period", PERIOD, "--out", str(out)]
    return [*TOOLKIT, "commissions", "calculate", str(data), *fixed, "--quiet", *options]


def by_hand(job: str, data: Path, out: Path) -> list[str]:
    return [sys.executable, str(HERE / "by_hand_polars.py"), job, str(data), *PERIOD.split("-"), str(out)]


def compare_totals(run: Path, hand: Path) -> None:
    """Both pay every agent the same; a fast wrong answer is worth nothing."""
    expected = pl.read_csv(hand, schema_overrides={"agent": pl.String})
    columns = [name for name in expected.columns if name != "agent"]
    ours = pl.read_csv(run / "sheet.csv", schema_overrides=dict.fromkeys(columns, pl.Decimal(20, 2)))
    cents = ours.select(pl.col("agent_id").alias("agent"), *((pl.col(name) * 100).cast(pl.Int64) for name in columns))
    both = cents.join(expected, on="agent", how="full", suffix="_by_hand").fill_null(0)
    differ = both.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_by_hand") for name in columns))
    if len(differ):
        raise SystemExit(f"{len(differ)} agents are paid differently, such as\n{differ.head()}")
    sums = " and ".join(f"{both[name].sum() / 100:,.2f}" for name in columns)
    print(f"the same for each of {len(both):,} agents: {sums}")


def beside_a_script(job: str, data: Path, work: Path, runs: int) -> dict[str, Cost]:
    run, hand = work / "run", work / "by_hand.csv"
    commands: dict[str, Sequence[str]] = {
        "toolkit": calculate(job, data, run, "--no-workbook", "--no-statements"),
        "by hand": by_hand(job, data, hand),
    }
    costs = side_by_side(commands, runs, DONE_OR_ROWS_SET_ASIDE)
    print(f"\n{job}: {payments_in(data):,} payments, median of {runs} runs in turn")
    for name, cost in costs.items():
        print(f"{name:10} {cost}")
    compare_totals(run, hand)
    return costs


def statements(work: Path, runs: int) -> None:
    """What 200 statements add for each, and what the manager's and Finance's workbooks add."""
    data = sample(work / "statements-data", AGENTS_WITH_STATEMENTS, AGENTS_WITH_STATEMENTS * 50)
    costs = side_by_side(
        {
            "neither": calculate(JOBS[-1], data, work / "neither", "--no-workbook", "--no-statements"),
            "statements": calculate(JOBS[-1], data, work / "statements", "--no-workbook"),
            "workbooks": calculate(JOBS[-1], data, work / "workbooks", "--no-statements"),
        },
        runs,
        DONE_OR_ROWS_SET_ASIDE,
    )
    made = len(list((work / "statements" / "statements").iterdir()))
    lines = pl.scan_csv(work / "neither" / "lines.csv", infer_schema=False).select(pl.len()).collect().item()
    print(f"\n{made} statements of {lines / made:.0f} lines each on average")
    for name, cost in costs.items():
        print(f"{name:10} {cost}")
    each = (costs["statements"].wall - costs["neither"].wall) * 1000 / made
    print(verdict("each statement", each, 15, "ms"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=1_000_000)
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder for the data, to use them again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        work = asked.keep or Path(passing)
        data = sample(work / f"{asked.payments}-payments", asked.agents, asked.payments)
        tenth_of_data = sample(work / f"{asked.payments // 10}-payments", asked.agents // 10, asked.payments // 10)
        for job in JOBS:
            large = beside_a_script(job, data, work, asked.runs)
            tenth = beside_a_script(job, tenth_of_data, work, asked.runs)
            print(verdict("times the script by hand", large["toolkit"].wall / large["by hand"].wall, 6))
            print(verdict("memory at most", large["toolkit"].peak, 1500, "MiB"))
            print(verdict("time for ten times the payments", large["toolkit"].wall / tenth["toolkit"].wall, 12))
        statements(work, asked.runs)


if __name__ == "__main__":
    main()
