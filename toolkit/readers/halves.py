"""Evaluations of which some rows were not taken: half an evaluation would be another score."""

import polars as pl

from toolkit.readers.gathered import Gathered

HALF = "half"
"""A column of the evaluations taken, there only where some are half: whether rows of the evaluation are missing."""


def with_halves(gathered: Gathered) -> pl.DataFrame:
    """The accepted rows; of evaluations, with what is half marked so."""
    rows = gathered.accepted
    if gathered.table.name != "evaluations" or not gathered.rejected.any() or "evaluation_id" not in rows.columns:
        return rows
    refused = gathered.rows["evaluation_id"].filter(gathered.rejected).drop_nulls().unique()
    half = rows["evaluation_id"].is_in(refused.implode())
    return rows.with_columns(half.alias(HALF)) if half.any() else rows
