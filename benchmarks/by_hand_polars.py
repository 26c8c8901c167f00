"""The scripts that benchmarks/commissions.py measures the toolkit against: the same files, the same totals, no checks.

What a careful analyst would write for the two plans here and the set-up paygo-solar, and nothing that the totals do
not need: no bad rows, no reversals of earlier months, no lines, no statement, no explanation.

python benchmarks/by_hand_polars.py days_past_due|two_components DATA YEAR MONTH OUT.csv
"""

import sys
from pathlib import Path

import polars as pl

SLICES = [(0, 10_000), (5_000_000, 20_000), (20_000_000, 25_000)]  # from so many cents: parts per million
RATES = [(0, 10_000), (31, 25_000), (61, 37_500), (91, 50_000)]  # from so many days past due: parts per million
PER_PAYMENT = 500
START_OF_TIME, END_OF_TIME = pl.date(1, 1, 1), pl.date(9999, 12, 31)


def day(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, 10).str.to_date("%d/%m/%Y")


def rounded(exact: pl.Expr) -> pl.Expr:
    """Millionths of a cent to the cent, half up."""
    return (exact * 2 + 1_000_000) // 2_000_000


def table(data: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(data / f"{name}.csv", infer_schema=False)


def payments_of(data: Path, year: int, month: int) -> pl.DataFrame:
    amount = pl.col("Amount Paid (KES)").str.replace_all(",", "").cast(pl.Decimal(20, 2)) * 100
    rows = table(data, "payments").select(
        "Receipt No", "Account No", "Reversal Of", day=day("Txn Date"), cents=amount.cast(pl.Int64)
    )
    of_month = rows.filter((pl.col("day").dt.year() == year) & (pl.col("day").dt.month() == month))
    taken_back = of_month.drop_nulls("Reversal Of").group_by("Reversal Of").agg(back=pl.col("cents").sum())
    return (
        of_month.filter(pl.col("Reversal Of").is_null())
        .join(taken_back, left_on="Receipt No", right_on="Reversal Of", how="left")
        .with_columns(cents=pl.col("cents") + pl.col("back").fill_null(0))
    )


def with_owner(payments: pl.DataFrame, data: Path) -> pl.DataFrame:
    posts = table(data, "agents").filter(pl.col("Role") == "Field Agent")
    posts = posts.select(agent="Agent Code", post_from=day("Row From"), post_to=day("Row To"))
    owners = table(data, "assignments").select(
        "Account No", agent="Assigned Agent", first=day("Assigned On"), last=day("Assignment Ended")
    )
    return payments.join(owners.join(posts, on="agent"), on="Account No").filter(
        (pl.col("first") <= pl.col("day"))
        & (pl.col("last").fill_null(END_OF_TIME) >= pl.col("day"))
        & (pl.col("post_from").fill_null(START_OF_TIME) <= pl.col("day"))
        & (pl.col("post_to").fill_null(END_OF_TIME) >= pl.col("day"))
    )


def days_past_due(data: Path, year: int, month: int) -> pl.DataFrame:
    balances = table(data, "balances").select(
        "Account No", as_of=day("Snapshot Date"), late=pl.col("Days In Arrears").cast(pl.Int64)
    )
    before = pl.col("day").dt.offset_by("-1d")
    payments = payments_of(data, year, month).with_columns(before=before).sort("before")
    aged = payments.join_asof(
        balances.sort("as_of"), left_on="before", right_on="as_of", by="Account No", check_sortedness=False
    )
    rate = pl.lit(0)
    for start, ppm in RATES:
        rate = pl.when(pl.col("late") >= start).then(ppm).otherwise(rate)
    earned = with_owner(aged, data).group_by("agent").agg(exact=(pl.col("cents") * rate).sum())
    return earned.select("agent", CASH=rounded(pl.col("exact"))).sort("agent")


def two_components(data: Path, year: int, month: int) -> pl.DataFrame:
    owned = with_owner(payments_of(data, year, month), data)
    earned = owned.group_by("agent").agg(cents=pl.col("cents").sum(), payments=(pl.col("cents") > 0).sum())
    ends = [*(start for start, _ in SLICES[1:]), 2**62]
    slices = [
        (pl.min_horizontal("cents", end) - start).clip(0) * ppm for (start, ppm), end in zip(SLICES, ends, strict=True)
    ]
    return earned.select(
        "agent", CASH=rounded(pl.sum_horizontal(slices)), COUNT=pl.col("payments").cast(pl.Int64) * PER_PAYMENT
    ).sort("agent")


if __name__ == "__main__":
    job, folder, of_year, of_month_number, target = sys.argv[1:]
    totals = {"days_past_due": days_past_due, "two_components": two_components}[job]
    totals(Path(folder), int(of_year), int(of_month_number)).write_csv(target)
