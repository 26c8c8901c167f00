"""The costs of a period as they were kept, or by the rate card where none were, and what became of every row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.rates import costs_by_rate
from toolkit.money import worded
from toolkit.periods import Period
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.recovery.work import months_of
from toolkit.recovery_rules import RecoveryRules

COMMISSION = "commission"
COUNTED, OTHER_PERIOD, LEFT_OUT = "counted", "other period", "commission left out"
SET_ASIDE: Mapping[str, str] = {
    "no period": "COST_NO_PERIOD",
    "no channel": "COST_NO_CHANNEL",
    "no amount": "COST_NO_AMOUNT",
    "negative": "COST_CREDIT_NOTE",
    "other currency": "COST_OTHER_CURRENCY",
}
"""Why a row is set aside, and the code of the sentence that says so."""
LISTED = 100
COLUMNS: Mapping[str, Any] = {
    **dict.fromkeys(("period", "channel", "item", "currency", "agent_id", "team"), pl.String),
    "amount": pl.Int64,
}
SPENT = ("month", "channel", "agent_id", "team", "amount")


@dataclass(frozen=True)
class Ledger:
    """The costs of a period: month, channel, agent_id, team ("" where none is named) and amount in minor units.

    source: `costs` or `rate_card`. fates: rows and sum of what became of the rows, by word; they add up to `read`.
    """

    spent: pl.DataFrame
    source: str
    fates: Mapping[str, tuple[int, int]]
    problems: tuple[Problem, ...]

    @property
    def read(self) -> tuple[int, int]:
        """How many rows there were, and what they add up to."""
        return sum(rows for rows, _ in self.fates.values()), sum(amount for _, amount in self.fates.values())

    @property
    def set_aside(self) -> int:
        """Rows that could not be counted."""
        return sum(rows for word, (rows, _) in self.fates.items() if word in SET_ASIDE)


def ledger_of(data: Data, rules: RecoveryRules, period: Period, currency: str = "") -> Ledger:
    """The costs of a period. currency: the only one that counts, "" for whatever there is.

    `ToolkitError` where there are neither costs nor anything that a rate card prices, and where a period that is not
    made of whole months is asked of costs kept by month.
    """
    if data.has("costs", "period", "channel", "amount"):
        return _kept(data, rules, period, currency)
    if data.has("rate_card", "channel", "unit", "cost", "from"):
        return _by_rate(data, rules, period)
    raise ToolkitError([problem("RECOVERY_NO_COSTS")])


# --- kept by month -----------------------------------------------------------------------------------------


def _kept(data: Data, rules: RecoveryRules, period: Period, currency: str) -> Ledger:
    months = months_of(period)
    if (months[0].first, months[-1].last) != (period.first, period.last):
        raise ToolkitError([problem("RECOVERY_NOT_MONTHS", value=period.label)])
    optional = {
        **dict.fromkeys(("item", "currency", "agent_id", "team", "source_file"), nw.String),
        "source_row": nw.Int64,
    }
    rows = _plain(eager(data.table("costs", "period", "channel", "amount", **optional)).to_polars())
    judged = rows.with_columns(fate=_fate(rules, data, [month.label for month in months], currency))
    counted = judged.filter(pl.col("fate") == COUNTED).rename({"period": "month"})
    problems = [*_set_aside(judged, data.digits), *_gaps(counted, months, period)]
    return Ledger(_summed(counted), "costs", _fates(judged), tuple(problems))


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with where they stood (or numbered from 1), words without spaces around them, channels in small
    letters."""
    names = [*(name for name, kind in COLUMNS.items() if kind == pl.String), "source_file"]
    texts = [pl.col(name).cast(pl.String).str.strip_chars().fill_null("") for name in names]
    plain = rows.select(*texts, pl.col("amount", "source_row").cast(pl.Int64)).with_row_index("_row", offset=1)
    return plain.with_columns(
        pl.col("channel").str.to_lowercase(),
        pl.col("currency").str.to_uppercase(),
        file=pl.when(pl.col("source_file") != "").then("source_file").otherwise(pl.lit("costs")),
        row=pl.coalesce("source_row", "_row").cast(pl.Int64),
    )


def _fate(rules: RecoveryRules, data: Data, months: list[str], currency: str) -> pl.Expr:
    """What becomes of a row; the first reason that there is."""
    other = (pl.col("currency") != "") & (pl.col("currency") != currency) if currency else pl.lit(False)
    negative = pl.col("amount") < 0 if data.definitions.credit_notes == "set_aside" else pl.lit(False)
    left_out = (pl.col("channel") == COMMISSION) & (rules.commission == "left_out")
    return (
        pl.when(~pl.col("period").str.contains(r"^\d{4}-(0[1-9]|1[0-2])$")).then(pl.lit("no period"))
        .when(pl.col("channel") == "").then(pl.lit("no channel"))
        .when(pl.col("amount").is_null()).then(pl.lit("no amount"))
        .when(other).then(pl.lit("other currency"))
        .when(negative).then(pl.lit("negative"))
        .when(~pl.col("period").is_in(months)).then(pl.lit(OTHER_PERIOD))
        .when(left_out).then(pl.lit(LEFT_OUT))
        .otherwise(pl.lit(COUNTED))
    )  # fmt: skip


def _set_aside(judged: pl.DataFrame, digits: int) -> list[Problem]:
    rows = judged.filter(pl.col("fate").is_in(list(SET_ASIDE)))
    found = [_said(row, digits) for row in rows.head(LISTED).iter_rows(named=True)]
    if rows.height > LISTED:
        found.append(problem("COST_MORE_SET_ASIDE", value=rows.height - LISTED))
    return found


def _said(row: Mapping[str, Any], digits: int) -> Problem:
    amount = "" if row["amount"] is None else worded(row["amount"], digits)
    told = {"channel": row["channel"], "period": row["period"], "amount": amount, "item": row["item"] or "–"}
    value = {"no period": row["period"], "other currency": row["currency"]}.get(row["fate"], amount)
    return problem(SET_ASIDE[row["fate"]], file=row["file"], row=row["row"], value=value, **told)


def _gaps(counted: pl.DataFrame, months: list[Period], period: Period) -> list[Problem]:
    """Months for which nothing was spent: more likely forgotten than free."""
    having = set(counted["month"])
    missing = [month.label for month in months if month.label not in having]
    if len(missing) == len(months):
        return [problem("COST_NONE_IN_PERIOD", value=period.label)]
    return [problem("COST_NONE_IN_MONTHS", value=", ".join(missing), period=period.label)] if missing else []


def _fates(judged: pl.DataFrame) -> dict[str, tuple[int, int]]:
    sums = judged.group_by("fate").agg(pl.len(), pl.col("amount").fill_null(0).sum()).sort("fate")
    return {word: (int(rows), int(amount)) for word, rows, amount in sums.iter_rows()}


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(SPENT[:-1]).agg(pl.col("amount").sum()).sort(SPENT[:-1])


# --- by the rate card --------------------------------------------------------------------------------------


def _by_rate(data: Data, rules: RecoveryRules, period: Period) -> Ledger:
    """The rate of the day times what was done on it; `MissingError` where nothing that could be counted is there."""
    rows = (
        eager(costs_by_rate(data))
        .to_polars()
        .filter(pl.col("day").is_between(period.first, min(period.last, data.as_of)))
    )
    charged = rows.select(
        pl.col("day").dt.strftime("%Y-%m").alias("month"),
        pl.col("channel").cast(pl.String).str.strip_chars().str.to_lowercase(),
        pl.col("agent_id").cast(pl.String).fill_null(""),
        pl.lit("").alias("team"),
        pl.col("amount").cast(pl.Int64),
    )
    out = charged.filter((pl.col("channel") == COMMISSION) & (rules.commission == "left_out"))
    counted = charged.filter((pl.col("channel") != COMMISSION) | (rules.commission == "included"))
    fates = {
        word: (part.height, int(part["amount"].sum()))
        for word, part in ((COUNTED, counted), (LEFT_OUT, out))
        if part.height
    }
    said = [problem("COST_BY_RATE_CARD", value=period.label)]
    if not counted.height:
        said.append(problem("COST_NONE_IN_PERIOD", value=period.label))
    return Ledger(_summed(counted), "rate_card", fates, tuple(said))
