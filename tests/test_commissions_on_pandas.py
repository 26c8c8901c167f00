"""A whole calculation on pandas gives the lines that it gives on Polars."""

from pathlib import Path

import pandas as pd
import polars as pl

from toolkit.commissions import calculate
from toolkit.periods import parse
from toolkit.plan_files import load_plans
from toolkit.profiles import load_profile
from toolkit.reading import read_tables
from toolkit.samples import make_sample


def test_pandas_and_polars_give_the_same_lines(tmp_path: Path) -> None:
    profile = load_profile("paygo-solar")
    make_sample(profile, tmp_path / "data", agents=6, accounts=60, months=2, seed=3)
    tables = read_tables(tmp_path / "data", profile).tables
    ids = [path for path in profile.plan_paths() if path.name.startswith("field-ke")]
    plans = load_plans(ids, credit_given=True)
    period = parse("2026-10")
    on_polars = calculate(tables, plans, period, credit=profile.credit)
    on_pandas = calculate(
        {name: as_pandas(table) for name, table in tables.items()}, plans, period, credit=profile.credit
    )
    assert len(on_polars.lines) > 50
    assert on_pandas.lines.equals(on_polars.lines)
    assert on_pandas.sheet.equals(on_polars.sheet)
    assert on_pandas.control == on_polars.control


def as_pandas(table: pl.DataFrame) -> pd.DataFrame:
    return table.to_pandas(use_pyarrow_extension_array=True)
