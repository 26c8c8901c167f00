"""KPI values that somebody has entered: of an agent and a period they come before what is computed."""

from collections.abc import Iterable

import narwhals as nw
import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.data import Data, eager
from toolkit.periods import Period, parse

GIVEN = "given"
TITLES = {code: f"entered: {about.title}" for code, about in kpi_codes().items()}
PARTS = {"numerator": nw.String, "denominator": nw.String, "value": nw.String}


def with_given(
    values: pl.DataFrame, data: Data, codes: Iterable[str], period: Period, whole: Iterable[str] = ()
) -> pl.DataFrame:
    """The values with those of the kpi_values table in their place, marked as given; of no other periods than theirs.
    What was given for a whole month is not the figure of a part of it.

    whole: the label of the period as a whole, where the values are of it: nothing may have been computed at all.
    A row gives both parts or the value. Sums of teams stay what was computed: a given value may have no parts.
    """
    if not data.has("kpi_values", "kpi", "agent_id", "period"):
        return values
    rows = eager(data.table("kpi_values", "kpi", "agent_id", "period", **PARTS)).to_polars()
    labels = [label for label in {*values["period"].unique(), *whole} if _is_inside(label, period)]
    mine = rows.filter(pl.col("kpi").is_in(list(codes)) & pl.col("period").is_in(labels) & _is_sound())
    if mine.is_empty():
        return values
    given = _as_values(mine, values.schema)
    key = ["scope_kind", "scope", "kpi", "period"]
    return pl.concat([given, values.join(given, on=key, how="anti")], how="vertical")


def _is_inside(label: str, period: Period) -> bool:
    """Whether all of the period of this label lies in the other."""
    given = _period_of(label.split("T")[0], period.start_day)
    return given is not None and period.first <= given.first and given.last <= period.last


def _is_sound() -> pl.Expr:
    """A share of more than all is none, nor is a base below zero."""
    numerator, denominator, value = (pl.col(name).cast(pl.Float64) for name in PARTS)
    shares = [code for code, about in kpi_codes().items() if about.counts_cases]
    over = pl.col("kpi").is_in(shares) & ((numerator > denominator) | (value > 1)).fill_null(False)
    return ~over & ~(denominator < 0).fill_null(False)


def unsound(data: Data) -> pl.DataFrame:
    """Given rows that cannot be used: kpi, agent_id and period."""
    if not data.has("kpi_values", "kpi", "agent_id", "period"):
        return pl.DataFrame(schema={"kpi": pl.String, "agent_id": pl.String, "period": pl.String})
    rows = eager(data.table("kpi_values", "kpi", "agent_id", "period", **PARTS)).to_polars()
    labels = [label for label in rows["period"].unique() if _period_of(label) is None]
    wrong = ~_is_sound() | ~pl.col("kpi").is_in(list(kpi_codes())) | pl.col("period").is_in(labels)
    return rows.filter(wrong).select("kpi", "agent_id", "period")


def _period_of(label: str, start_day: int = 1) -> Period | None:
    """The period of a label; None where it is none."""
    try:
        return parse(label, start_day)
    except ValueError:
        return None


def _as_values(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    numerator, denominator, value = (pl.col(name).cast(pl.Float64) for name in PARTS)
    found = pl.when(value.is_not_null()).then(value).when(denominator != 0).then(numerator / denominator)
    no_base = found.is_null() & (denominator == 0)
    shown = rows.select(
        pl.lit("agent").alias("scope_kind"),
        pl.col("agent_id").alias("scope"),
        "kpi",
        "period",
        numerator.alias("numerator"),
        denominator.alias("denominator"),
        found.alias("value"),
        pl.when(no_base).then(pl.lit("no base")).otherwise(pl.lit(GIVEN)).alias("base_note"),
        pl.lit(0, pl.Int64).alias("waiting"),
        pl.col("kpi").replace_strict(TITLES, default="").alias("definition"),
        pl.lit("").alias("beside"),
    )  # fmt: skip
    return shown.cast(dict(schema))  # type: ignore[arg-type]  # of the same columns
