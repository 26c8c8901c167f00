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
PLAN = HERE / "plan.toml"
PROFILE = "paygo-solar"
PERIOD = "2026-10"
TOOLKIT = [sys.executable, str(HERE.parent / "cli.py")]
DONE_OR_ROWS_SET_ASIDE = (0, 3)
STATEMENTS = 200


def sample(folder: Path, agents: int, payments: int) -> Path:
    """One month of invented data, an account for every two payments; those there from an earlier run are taken."""
    if not folder.exists():
        size = ["--agents", str(agents), "--accounts", str(payments // 2), "--payments", str(payments)]
        month = ["--months", "1", "--until", PERIOD, "--seed", "1"]
        cost_of([*TOOLKIT, "sample", "--profile", PROFILE, *size, *month, "--out", str(folder), "--quiet"])
    return folder


def payments_in(data: Path) -> int:
    return int(pl.scan_csv(data / "payments.csv", infer_schema=False).select(pl.len()).collect().item())


def calculate(data: Path, out: Path, *options: str) -> list[str]:
    fixed = ["--profile", PROFILE, "--plan", str(PLAN), "--period", PERIOD, "--out", str(out)]
    return [*TOOLKIT, "commissions", "calculate", str(data), *fixed, "--quiet", *options]


def by_hand(data: Path, out: Path) -> list[str]:
    return [sys.executable, str(HERE / "by_hand_polars.py"), str(data), *PERIOD.split("-"), str(out)]


def compare_totals(run: Path, hand: Path) -> None:
    """Both pay every agent the same; a fast wrong answer is worth nothing."""
    ours = pl.read_csv(run / "sheet.csv", schema_overrides={"CASH": pl.Decimal(20, 2), "COUNT": pl.Decimal(20, 2)})
    cents = ours.select(agent="agent_id", CASH=pl.col("CASH") * 100, COUNT=pl.col("COUNT") * 100)
    expected = pl.read_csv(hand, schema_overrides={"agent": pl.String})
    both = cents.cast({"CASH": pl.Int64, "COUNT": pl.Int64}).join(expected, on="agent", how="full", suffix="_by_hand")
    both = both.fill_null(0)
    differ = both.filter((pl.col("CASH") != pl.col("CASH_by_hand")) | (pl.col("COUNT") != pl.col("COUNT_by_hand")))
    if len(differ):
        raise SystemExit(f"{len(differ)} agents are paid differently, such as\n{differ.head()}")
    cash, count = (both[column].sum() / 100 for column in ("CASH", "COUNT"))
    print(f"the same for each of {len(both):,} agents: {cash:,.2f} and {count:,.2f}")


def beside_a_script(data: Path, work: Path, runs: int) -> dict[str, Cost]:
    run, hand = work / "run", work / "by_hand.csv"
    commands: dict[str, Sequence[str]] = {
        "toolkit": calculate(data, run, "--no-workbook", "--no-statements"),
        "by hand": by_hand(data, hand),
    }
    costs = side_by_side(commands, runs, DONE_OR_ROWS_SET_ASIDE)
    print(f"\n{payments_in(data):,} payments, median of {runs} runs in turn")
    for name, cost in costs.items():
        print(f"{name:10} {cost}")
    compare_totals(run, hand)
    return costs


def statements(work: Path, runs: int) -> None:
    """What the workbook and 200 statements add, for each statement."""
    data = sample(work / "statements-data", STATEMENTS, STATEMENTS * 50)
    costs = side_by_side(
        {
            "without": calculate(data, work / "without", "--no-workbook", "--no-statements"),
            "with": calculate(data, work / "with"),
        },
        runs,
        DONE_OR_ROWS_SET_ASIDE,
    )
    made = len(list((work / "with" / "statements").iterdir()))
    more = (costs["with"].wall - costs["without"].wall) * 1000 / made
    print(f"\nworkbook and {made} statements\nwithout    {costs['without']}\nwith       {costs['with']}")
    print(verdict("workbook and statements, each statement", more, 15, "ms"))


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
        large = beside_a_script(data, work, asked.runs)
        tenth = beside_a_script(tenth_of_data, work, asked.runs)
        print()
        print(verdict("times the script by hand", large["toolkit"].wall / large["by hand"].wall, 6))
        print(verdict("memory at most", large["toolkit"].peak, 1500, "MiB"))
        print(verdict("time for ten times the payments", large["toolkit"].wall / tenth["toolkit"].wall, 12))
        statements(work, asked.runs)


if __name__ == "__main__":
    main()
