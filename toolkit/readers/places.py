"""Positions of visits: within the country, and not the 0, 0 that a phone sends when it does not know."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache

import polars as pl

from toolkit.readers.pairs import PairFinding
from toolkit.shipped import shipped
from toolkit.tables import Table

NEAR = 1.0
"""Degrees outside of a country's borders that may still be an imprecise position."""


@cache
def _countries() -> Mapping[str, tuple[float, float, float, float]]:
    """South, west, north, east by country."""
    return tomllib.loads((shipped("data") / "countries.toml").read_text(encoding="utf-8"))


def place_findings(rows: pl.DataFrame, table: Table, country: str) -> Iterator[PairFinding]:
    """Rows whose latitude and longitude lie nowhere near the country."""
    if not {"latitude", "longitude"} <= set(rows.columns):
        return
    north, east = (rows[name].cast(pl.Float64, strict=False) for name in ("latitude", "longitude"))
    outside = (north == 0) & (east == 0)
    if country in _countries():
        least_north, least_east, most_north, most_east = _countries()[country]
        within = north.is_between(least_north - NEAR, most_north + NEAR) & east.is_between(
            least_east - NEAR, most_east + NEAR
        )
        outside = outside | ~within
    on_earth = north.is_between(-90, 90) & east.is_between(-180, 180)
    yield (
        table.column("latitude"),
        outside & on_earth,
        "GEO_OUT_OF_COUNTRY",
        {"country": country, "earlier": "longitude"},
    )
