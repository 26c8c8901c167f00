"""Evaluations of which some rows cannot be taken: half an evaluation would be another score."""

from collections.abc import Iterator

import polars as pl

from toolkit.readers.gathered import Finding, Gathered, places_of, spot


def half_evaluations(gathered: Gathered) -> Iterator[Finding]:
    """The rows of an evaluation of which another row is rejected."""
    if gathered.table.name != "evaluations" or not gathered.rejected.any():
        return
    if "evaluation_id" not in gathered.rows.columns:
        return
    refused = gathered.rows.filter(gathered.rejected).select("evaluation_id", "source_file", "source_row")
    first = refused.drop_nulls("evaluation_id").unique("evaluation_id", keep="first", maintain_order=True)
    where = {name: spot(source, row) for name, source, row in first.iter_rows()}
    halves = places_of(gathered.rows["evaluation_id"].is_in(first["evaluation_id"].implode()) & gathered.good)
    names = gathered.rows["evaluation_id"].gather(pl.Series(halves, dtype=pl.UInt32)).to_list()
    yield Finding(halves, "QC_SCORE_HALF", "evaluation_id", [where[name] for name in names])
