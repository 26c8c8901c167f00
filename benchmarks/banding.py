"""Commission on payments banded by days past due: the toolkit's row-level arithmetic beside a Decimal loop.

python benchmarks/banding.py [--payments 10000000]
"""

import argparse
import time
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import narwhals as nw
import numpy as np
import polars as pl
from measuring import verdict

from toolkit.money import PPM, rounded
from toolkit.rows import band_reached, chosen, floor_div

STARTS = [0, 31, 61, 91]
RATES = [10_000, 25_000, 37_500, 50_000]  # parts per million
LOOPED = 500_000
ASKED_THE_ORACLE = 50_000


def invented(payments: int) -> pl.DataFrame:
    """Amounts in minor units, a few of them reversals, and days past due. The same at every run."""
    random = np.random.default_rng(2026)
    return pl.DataFrame(
        {"amount": random.integers(-50_000, 5_000_000, payments), "days_past_due": random.integers(0, 200, payments)}
    )


def by_toolkit(payments: pl.DataFrame) -> pl.Series:
    """Minor units of commission for each payment, half up (away from zero).

    In steps, each a column: an expression that uses another one twice has it computed twice.
    """
    banded = nw.from_native(payments.lazy()).with_columns(band=band_reached(nw.col("days_past_due"), STARTS))
    earned = banded.with_columns(exact=nw.col("amount") * chosen(nw.col("band"), RATES))
    doubled = earned.with_columns(size=nw.col("exact").abs() * 2 + PPM)
    halved = doubled.with_columns(size=floor_div(nw.col("size"), nw.lit(2 * PPM)))
    signed = nw.when(nw.col("exact") < 0).then(-nw.col("size")).otherwise(nw.col("size"))
    return halved.select(commission=signed).collect("polars").to_native()["commission"]


def band_of(days: int) -> int:
    return max(index for index, start in enumerate(STARTS) if days >= start)


def by_decimal_loop(amounts: Sequence[int], days_past_due: Sequence[int]) -> list[int]:
    """What one would write without the toolkit."""
    cent = Decimal("0.01")
    rates = [Decimal(rate) / PPM for rate in RATES]
    paid = []
    for amount, days in zip(amounts, days_past_due, strict=True):
        commission = (Decimal(amount) / 100 * rates[band_of(days)]).quantize(cent, ROUND_HALF_UP)
        paid.append(int(commission * 100))
    return paid


def by_fractions(amounts: Sequence[int], days_past_due: Sequence[int]) -> list[int]:
    """The oracle: exact fractions, rounded once."""
    return [
        rounded(Fraction(amount * RATES[band_of(days)], PPM), "half_up")
        for amount, days in zip(amounts, days_past_due, strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=10_000_000)
    payments = invented(parser.parse_args().payments)
    by_toolkit(payments.head(1000))  # imports and thread pools are not the job

    started = time.process_time()
    commission = by_toolkit(payments)
    toolkit_seconds = time.process_time() - started

    few = payments.head(LOOPED)
    amounts, days = few["amount"].to_list(), few["days_past_due"].to_list()
    started = time.process_time()
    looped = by_decimal_loop(amounts, days)
    loop_seconds = (time.process_time() - started) * len(payments) / len(few)

    some = slice(0, ASKED_THE_ORACLE)
    assert looped == commission.head(LOOPED).to_list(), "toolkit and loop differ"  # noqa: S101
    assert by_fractions(amounts[some], days[some]) == looped[some], "the oracle says otherwise"  # noqa: S101

    print(f"{len(payments):,} payments banded by days past due, every cent compared on {len(few):,} of them")
    print(f"toolkit       {toolkit_seconds:8.2f} s CPU")
    print(f"Decimal loop  {loop_seconds:8.2f} s CPU (from {len(few):,} payments)")
    print(verdict("times a Decimal loop", loop_seconds / toolkit_seconds, 40, at_least=True))


if __name__ == "__main__":
    main()
