"""The pursue list as people read it: money in the currency's units, chances as fractions, and a sentence why.

Sentences are made column by column from one template a reason (`toolkit/texts/en/recovery_pursuit.toml`), so that
millions of them cost little.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from string import Formatter

import polars as pl

from toolkit.csv_text import as_decimal, table_cells
from toolkit.kpis.facts import MILLION
from toolkit.problems import said, texts
from toolkit.recovery.pursuit import LEFT_ALONE, UNKNOWN, WAIT, WRITE_OFF, Pursuit, pursue_summary
from toolkit.recovery.weighing import millionths

PURSUE, CHANCES, SUMMARY = "pursue.csv", "chances.csv", "pursue_summary.csv"
MONEY = ("balance", "spent", "recoverable", "cost", "expected_net", "net_low", "net_likely", "net_high")
SHARES = ("chance", "chance_low", "chance_high", "break_even", "chance_shrunk", "decides", "share", "by_asset",
          "baseline", "above_baseline")  # fmt: skip
TITLES: Mapping[str, str] = {
    WRITE_OFF: "PURSUE_NEXT_WRITE_OFF",
    LEFT_ALONE: "PURSUE_NEXT_LEFT_ALONE",
    WAIT: "PURSUE_NEXT_WAIT",
    UNKNOWN: "PURSUE_NEXT_UNKNOWN",
}
WHY: Mapping[str, str] = {
    "pursue": "PURSUE_WHY_PURSUE",
    "left_alone": "PURSUE_WHY_LEFT_ALONE",
    "wait": "PURSUE_WHY_WAIT",
    "needs_tries": "PURSUE_WHY_NEEDS_TRIES",
    "cap": "PURSUE_WHY_CAP",
    "unknown": "PURSUE_WHY_UNKNOWN",
    "stopped": "PURSUE_WHY_STOPPED",
    "never": "PURSUE_WHY_NEVER",
    "none_pays": "PURSUE_WHY_NONE_PAYS",
}
"""The sentence of each reason."""


def pursue_files(pursuit: Pursuit) -> dict[str, Callable[[Path], None]]:
    """By name of the file what writes it at a path: pursue.csv slice by slice, so that millions of rows need little
    memory; chances.csv; pursue_summary.csv. Texts that a spreadsheet would take for a formula are made harmless."""
    small = {CHANCES: chances_table(pursuit), SUMMARY: summary_table(pursuit)}
    written = {name: partial(_write_whole, table) for name, table in small.items()}
    return {PURSUE: partial(_write_slices, pursuit), **written}


def _write_whole(table: pl.DataFrame, path: Path) -> None:
    table_cells(table).write_csv(path)


def pursue_frames(pursuit: Pursuit) -> dict[str, pl.DataFrame]:
    """The three tables by the names of their files."""
    return {PURSUE: pursue_table(pursuit), CHANCES: chances_table(pursuit), SUMMARY: summary_table(pursuit)}


def _write_slices(pursuit: Pursuit, path: Path) -> None:
    with path.open("wb") as file:
        for number, table in enumerate(_slices(pursuit)):
            table_cells(table).write_csv(file, include_header=not number)


def pursue_table(pursuit: Pursuit) -> pl.DataFrame:
    """One row an account, as `Pursuit.rows` has it, with `title` (of the next action) and `why`; money as exact
    decimals, chances as decimal fractions."""
    return pl.concat(_slices(pursuit), how="vertical")


def _slices(pursuit: Pursuit) -> Iterator[pl.DataFrame]:
    for rows in pursuit.slices():
        why = rows.select(_why(pursuit)).to_series()
        told = _in_units(rows, pursuit.digits).with_columns(_title(pursuit), _spared(pursuit), why.alias("why"))
        first = ("account_id", "product", "bucket", "days_past_due", "balance", "spent", "failed", "next", "title")
        told = told.with_columns(pl.col("next", "reason", "stop_at").cast(pl.String))
        yield told.select(*first, *[name for name in told.columns if name not in first])


def chances_table(pursuit: Pursuit) -> pl.DataFrame:
    """One row a rung and bucket, as `Chances.table` has it; shares as decimal fractions."""
    return _in_units(pursuit.chances.table.drop("place", "bucket_number"), pursuit.digits)


def summary_table(pursuit: Pursuit) -> pl.DataFrame:
    """`pursue_summary` with the title of each next action; money as exact decimals."""
    summed = _in_units(pursue_summary(pursuit), pursuit.digits).with_columns(_title(pursuit))
    ordered = summed.with_columns(pl.col("next").cast(pl.String))
    return ordered.select("next", "title", *[name for name in ordered.columns if name not in ("next", "title")])


def _in_units(table: pl.DataFrame, digits: int) -> pl.DataFrame:
    money = [as_decimal(pl.col(name), digits).alias(name) for name in MONEY if name in table.columns]
    shares = [as_decimal(pl.col(name), 6).alias(name) for name in SHARES if name in table.columns]
    return table.with_columns(*money, *shares)


def _title(pursuit: Pursuit) -> pl.Expr:
    titles = {name: said(code) for name, code in TITLES.items()}
    titles |= {rung.code: rung.title or rung.code for rung in pursuit.rules.rungs}
    return pl.col("next").cast(pl.String).replace_strict(titles, return_dtype=pl.String).alias("title")


def _veto(pursuit: Pursuit) -> pl.Expr:
    whys = {number: veto.why for number, veto in enumerate(pursuit.rules.vetoes)}
    if not whys:
        return pl.lit("")
    return pl.col("veto").replace_strict(whys, default="", return_dtype=pl.String)


def _spared(pursuit: Pursuit) -> pl.Expr:
    """In place of the number of the veto, why it is there."""
    return _veto(pursuit).alias("veto")


# --- sentences ---------------------------------------------------------------------------------------------


def _why(pursuit: Pursuit) -> pl.Expr:
    """The sentence of each row's reason, with the row's figures."""
    fields = _fields(pursuit)
    sentence = pl.lit("")
    for reason, code in WHY.items():
        made = _filled(texts()[code]["message"], fields)
        sentence = pl.when(pl.col("reason") == reason).then(made).otherwise(sentence)
    return sentence.alias("why")


def _filled(template: str, fields: Mapping[str, pl.Expr]) -> pl.Expr:
    parts: list[pl.Expr] = []
    for text, field, _, _ in Formatter().parse(template):
        if text:
            parts.append(pl.lit(text))
        if field:
            parts.append(fields[field])
    return pl.concat_str(parts, ignore_nulls=True)


def _fields(pursuit: Pursuit) -> Mapping[str, pl.Expr]:
    """What the sentences may mention, as text."""
    digits, share = pursuit.digits, millionths(pursuit.rules.most_share)
    return {
        "title": _title(pursuit),
        "chance": _per_cent("chance"),
        "break_even": _per_cent("break_even", up=True),
        "recoverable": _money(pl.col("recoverable"), digits),
        "net": _money(pl.col("expected_net"), digits),
        "cost": _money(pl.col("cost"), digits),
        "spent": _money(pl.col("spent"), digits),
        "balance": _money(pl.col("balance"), digits),
        "most": _money(pl.col("balance") * share // MILLION, digits),
        "failed": pl.col("failed").cast(pl.String),
        "days": pl.col("days_past_due").cast(pl.String),
        "review_on": pl.col("review_on").cast(pl.String),
        "veto": _veto(pursuit),
    }


def _money(minor: pl.Expr, digits: int) -> pl.Expr:
    return as_decimal(minor, digits).cast(pl.String)


def _per_cent(name: str, *, up: bool = False) -> pl.Expr:
    """In hundredths of a per cent, a lower bound rounded down and a break-even up: rounding never makes a step pay."""
    hundredths = (pl.col(name) + (99 if up else 0)) // 100
    return pl.concat_str(as_decimal(hundredths, 2).cast(pl.String), pl.lit(" %"))
