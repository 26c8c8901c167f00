"""Lines in the order of lines.csv, with their ids; and the mark of those that a gate holds whole."""

from collections.abc import Mapping

import polars as pl

from toolkit.earlier import LINE_SCHEMA
from toolkit.steps.components import Payable
from toolkit.steps.month import Month

KIND_ORDER = ("earn", "cap_carry", "override", "adjust", "clawback", "holdback", "release", "guarantee", "withholding")


def held_marked(earned: pl.DataFrame, lines: Mapping[tuple[str, str], Payable]) -> pl.DataFrame:
    """Marks the lines that a gate holds whole: they are not held back a second time."""
    if not any(line.held_by for line in lines.values()):
        return earned.with_columns(_held_by_gate=pl.lit(False))
    held = [(agent, code, True) for (agent, code), line in lines.items() if line.held_by and line.amount > 0]
    schema = {"agent_id": pl.String, "component": pl.String, "_held_by_gate": pl.Boolean}
    marks = pl.DataFrame(held, schema=schema, orient="row")
    return earned.join(marks, on=["agent_id", "component"], how="left").with_columns(
        pl.col("_held_by_gate").fill_null(False)
    )


def numbered(month: Month, lines: pl.DataFrame) -> pl.DataFrame:
    """All lines in the order of lines.csv with their ids; `_of`, the number of a line, becomes its id."""
    order = {
        "_agent": pl.col("agent_id").cast(pl.Enum(sorted(lines["agent_id"].unique().to_list()))),
        "_kind": pl.col("kind").cast(pl.Enum(KIND_ORDER)),
        "_component": pl.col("component").cast(pl.Enum(sorted(lines["component"].unique().to_list()))),
    }
    # one number for all three, and the order of time: lines without a row of their own keep their place
    ranked = lines.with_columns(value.to_physical().cast(pl.Int64).alias(name) for name, value in order.items())
    ranked = ranked.with_columns(_group=(pl.col("_agent") * 100 + pl.col("_kind")) * 1000 + pl.col("_component"))
    in_order = ranked.sort("_group", "_seq", "_rank", "_band", nulls_last=True, maintain_order=True)
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(7)
    named = in_order.with_columns(line_id=pl.lit(f"{month.plan.id}/{month.period.label}/") + number)
    if named["_of"].null_count() < len(named):
        ids = named.filter(pl.col("_n").is_not_null()).sort("_n")["line_id"]
        own = ids.gather(named["_of"].fill_null(0))
        named = named.with_columns(
            reverses_line=pl.when(pl.col("_of").is_not_null()).then(own).otherwise("reverses_line")
        )
    return named.select(list(LINE_SCHEMA))
