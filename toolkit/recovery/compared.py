"""Comparisons of a period's own figures: accounts below a line and from it on, days before a day and from it on.

What is compared is what accounts paid in the period (or, by days, what came in that day), and whether they paid at all
(how many paid that day). Each is compared within a bandwidth and within half of it, since another bandwidth gives
another figure. How, and what it can and cannot claim, is in `toolkit.recovery.comparison`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, beside, eager
from toolkit.kpis.ledger import standing
from toolkit.periods import Period
from toolkit.problems import said
from toolkit.recovery.buckets import day_number, number_of
from toolkit.recovery.comparison import Comparison, compare
from toolkit.recovery.self_cure import opening_day
from toolkit.recovery_rules import RecoveryRules

Running = Literal["balance", "days", "date"]
COMPARED_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("asked", "kind", "running", "outcome", "line"), pl.String),
    "bandwidth": pl.Float64,
    **dict.fromkeys(("below", "above"), pl.Int64),
    **dict.fromkeys(("effect", "low", "high", "naive"), pl.Float64),
    "crowded": pl.Int64,
    **dict.fromkeys(("in_words", "claims"), pl.String),
}
OUTCOMES = ("collected", "paid")
SAYS = 2
"""Sentences of a comparison that say what came out; the others say what it can and cannot claim."""
PLACES = 4
DAYS = 60
"""Within how many days of a day is compared, where nobody says."""


@dataclass(frozen=True)
class Line:
    """A line to compare across. running: the balance at the period's opening (in the currency's own unit), the days
    past due then, or the day (its ordinal). bandwidth: in the same unit; None: half of the line, or sixty days."""

    asked: str
    running: Running
    at: float
    bandwidth: float | None = None

    @property
    def near(self) -> float:
        """The bandwidth that holds."""
        return self.bandwidth or (DAYS if self.running == "date" else self.at / 2)


def compared(data: Data, rules: RecoveryRules, period: Period, lines: Sequence[Line]) -> pl.DataFrame:
    """Two rows for each line and outcome: within its bandwidth, and within half of it.

    below and above: cases on both sides; effect with its interval, and naive, the plain difference of the averages: in
    money of the currency's own unit (collected), or in shares of accounts, by days in accounts a day (paid). Null where
    there are too few. crowded: 1 where more cases than chance explains lie just on one side. in_words: what it says;
    claims: what it can claim, and what it cannot. `MissingError` without payments, or without balances unless by days.
    """
    rows: list[tuple[Any, ...]] = []
    for line in lines:
        cases = _days(data, line) if line.running == "date" else _accounts(data, period, line)
        for outcome in OUTCOMES:
            places = data.digits if outcome == "collected" else PLACES
            rows += [_row(line, outcome, found, places) for found in _within(cases, line, outcome, rules)]
    return pl.DataFrame(rows, schema=COMPARED_SCHEMA, orient="row")


def called(running: str, outcome: str) -> str:
    """What is compared, in words."""
    return said(f"COMPARED_{'DAY' if running == 'date' else 'ACCOUNT'}_{outcome.upper()}")


def _within(cases: pl.DataFrame, line: Line, outcome: str, rules: RecoveryRules) -> Iterator[Comparison]:
    kind: Literal["threshold", "before_after"] = "before_after" if line.running == "date" else "threshold"
    x, y = cases["running"].to_list(), cases[outcome].to_list()
    for bandwidth in (line.near, line.near / 2):
        yield compare(x, y, line.at, bandwidth, kind, level=float(rules.confidence), label=_label(line))


def _label(line: Line) -> str:
    return date.fromordinal(int(line.at)).isoformat() if line.running == "date" else f"{line.at:,.15g}"


def _row(line: Line, outcome: str, found: Comparison, places: int) -> tuple[Any, ...]:
    figures = (found.effect, found.low, found.high, found.naive)
    numbers = [None if value is None else round(value, places) for value in figures]
    words, claims = " ".join(found.sentences[:SAYS]), " ".join(found.sentences[SAYS:])
    counts = (found.below, found.above)
    return (
        line.asked, found.kind, line.running, outcome, _label(line), found.bandwidth, *counts, *numbers,
        int(found.crowded), words, claims,
    )  # fmt: skip


# --- cases -------------------------------------------------------------------------------------------------


def _accounts(data: Data, period: Period, line: Line) -> pl.DataFrame:
    """Of each account that owed something as the period began: running, and what it paid in the period."""
    rows = data.table("balances", "account_id", "as_of", "balance", "days_past_due")
    on = opening_day(data, period) or date(1, 1, 1)
    owing = rows.filter((nw.col("as_of") == on) & (nw.col("balance") > 0))
    known = owing.select("account_id", running="balance" if line.running == "balance" else "days_past_due")
    paid = standing(data, kinds=True).with_columns(day=day_number(nw.col("day")))
    inside = paid.filter((nw.col("day") >= number_of(period.first)) & (nw.col("day") <= number_of(period.last)))
    came = inside.group_by("account_id").agg(collected=nw.col("amount").sum())
    both = known.unique(subset=["account_id"]).join(beside(known, came), on="account_id", how="left")
    found = eager(both.select("running", "collected")).to_polars()
    unit = 10**data.digits
    scale = unit if line.running == "balance" else 1
    return found.select(
        pl.col("running").cast(pl.Float64) / scale,
        collected=pl.col("collected").fill_null(0).cast(pl.Float64) / unit,
        paid=pl.col("collected").is_not_null().cast(pl.Float64),
    )


def _days(data: Data, line: Line) -> pl.DataFrame:
    """Of every day on both sides that the data have: running (its ordinal), what came in and how many paid."""
    sums = standing(data, kinds=True).group_by("day").agg(
        collected=nw.col("amount").sum(), paid=nw.col("account_id").n_unique()
    )  # fmt: skip
    found = {day: (amount, payers) for day, amount, payers in eager(sums).to_polars().iter_rows() if day}
    if not found:
        return pl.DataFrame(schema=dict.fromkeys(("running", *OUTCOMES), pl.Float64))
    first = max(min(found), date.fromordinal(int(line.at)) - timedelta(days=int(line.near)))
    last = min(data.as_of, date.fromordinal(int(line.at)) + timedelta(days=int(line.near)))
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    rows = [(float(day.toordinal()), *found.get(day, (0, 0))) for day in days]
    table = pl.DataFrame(rows, schema=["running", *OUTCOMES], orient="row")
    return table.select(
        pl.col("running").cast(pl.Float64),
        pl.col("collected").cast(pl.Float64) / 10**data.digits,
        pl.col("paid").cast(pl.Float64),
    )
