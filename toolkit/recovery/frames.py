"""Tables of results: their columns in order and of the types that are promised."""

from collections.abc import Mapping
from typing import Any

import polars as pl


def shaped(table: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    """The columns of `schema`, in its order and types."""
    return table.select([pl.col(name).cast(dtype) for name, dtype in schema.items()])
