"""KPI values that somebody has entered: of an agent and a period they come before what is computed."""

from collections.abc import Iterable

import narwhals as nw
import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.data import Data, eager

GIVEN = "given"
TITLES = {code: f"entered: {about.title}" for code, about in kpi_codes().items()}
PARTS = {"numerator": nw.String, "denominator": nw.String, "value": nw.String}


def with_given(values: pl.DataFrame, data: Data, codes: Iterable[str], whole: Iterable[str] = ()) -> pl.DataFrame:
    """The values with those of the kpi_values table in their place, marked as given; of no other periods than theirs.

    whole: the label of the period as a whole, where the values are of it: nothing may have been computed at all.
    A row gives both parts or the value. Sums of teams stay what was computed: a given value may have no parts.
    """
    if not data.has("kpi_values", "kpi", "agent_id", "period"):
        return values
    rows = eager(data.table("kpi_values", "kpi", "agent_id", "period", **PARTS)).to_polars()
    labels = {*values["period"].unique(), *whole}
    mine = rows.filter(pl.col("kpi").is_in(list(codes)) & pl.col("period").is_in(list(labels)))
    if mine.is_empty():
        return values
    given = _as_values(mine, values.schema)
    key = ["scope_kind", "scope", "kpi", "period"]
    return pl.concat([given, values.join(given, on=key, how="anti")], how="vertical")


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
    )  # fmt: skip
    return shown.cast(dict(schema))  # type: ignore[arg-type]  # of the same columns
