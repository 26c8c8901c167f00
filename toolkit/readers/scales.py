"""Shares written in two ways in one column: 93% beside 0.815, of which nobody knows whether it is 81.5 % or 0.815 %."""

from collections.abc import Iterator, Mapping

import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.readers.pairs import PairFinding
from toolkit.tables import Table

LARGEST_SHARE = 5
"""A KPI of more than 500 % is more likely one whose percent sign was left out."""


def scale_findings(cells: pl.DataFrame, table: Table, shown: Mapping[str, pl.Series]) -> Iterator[PairFinding]:
    """Cells without a percent sign in a column where others have one; each KPI is looked at by itself.

    cells: the rows as text, by our column names. shown: by column, the number cells that Excel shows as percentages.
    """
    within = cells["kpi"].str.to_lowercase() if "kpi" in cells.columns and cells["kpi"].dtype == pl.String else None
    for definition in table.of_type("decimal"):
        if definition.name not in cells.columns or cells[definition.name].dtype != pl.String:
            continue
        if within is not None and definition.name in ("value", "target"):
            yield definition, _too_large(cells[definition.name], within), "SHARE_TOO_LARGE", {}
        share = cells[definition.name].str.ends_with("%")
        if not share.any():
            continue
        mixed = share.any() if within is None else _groups_with(share, within)
        plain = ~share & (cells[definition.name].str.strip_chars("0.,- ") != "")
        if definition.name in shown:
            plain = plain & ~shown[definition.name]
        yield definition, plain & mixed, "SCALE_AMBIGUOUS", {}


def _too_large(cells: pl.Series, kpis: pl.Series) -> pl.Series:
    """Values of KPIs that are shares, without a percent sign and so large that one must be meant."""
    shares = [code for code, about in kpi_codes().items() if about.is_share]
    return kpis.is_in(shares) & (cells.cast(pl.Float64, strict=False) > LARGEST_SHARE)


def _groups_with(share: pl.Series, within: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"share": share.fill_null(False), "within": within})
    return frame.select(pl.col("share").any().over("within")).to_series()
