"""Cells that a spreadsheet opens without harm, and amounts as plain decimals, over whole columns."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.csv_text import as_cells, as_decimal, plain_text, unguarded

HARMFUL = ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "'=1+1"]
HARMLESS = ["Amina", "1%, from 50,000", "O'Brien", "a=b", "'tis"]


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
def test_formulas_get_an_apostrophe_and_other_texts_stay(dtype: type[pl.DataType]) -> None:
    cells = as_cells(pl.Series("note", HARMFUL + HARMLESS, dtype=dtype)).cast(pl.String).to_list()
    assert cells == [f"'{text}" for text in HARMFUL] + HARMLESS
    back = pl.DataFrame({"note": cells}).select(unguarded(pl.col("note")))["note"].to_list()
    assert back == HARMFUL + HARMLESS


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
def test_an_empty_text_is_an_empty_cell_and_no_pair_of_quotes(dtype: type[pl.DataType]) -> None:
    cells = as_cells(pl.Series("note", ["", "paid", ""], dtype=dtype)).to_frame()
    assert cells.write_csv(quote_style="necessary") == "note\n\npaid\n\n"


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1), st.sampled_from([0, 2, 3]))
def test_minor_units_become_the_decimals_that_python_makes_of_them(minor: list[int], digits: int) -> None:
    amounts = pl.DataFrame({"amount": minor})
    expected = [f"{Decimal(one).scaleb(-digits):f}" for one in minor]
    assert amounts.select(as_decimal(pl.col("amount"), digits)).write_csv(include_header=False).split() == expected
    assert amounts.select(plain_text(pl.col("amount"), digits, keep=digits))["amount"].to_list() == expected


@pytest.mark.parametrize(
    ("value", "digits", "keep", "text"),
    [
        (120_000, 6, 2, "0.12"),
        (123_456, 6, 2, "0.123456"),
        (-1_500_000, 6, 2, "-1.50"),
        (3_000_000, 6, 0, "3"),
        (600_000, 6, 0, "0.6"),
        (0, 6, 2, "0.00"),
        (0, 6, 0, "0"),
    ],
)
def test_digits_that_say_nothing_are_left_out(value: int, digits: int, keep: int, text: str) -> None:
    shown = pl.DataFrame({"value": [value]}).select(plain_text(pl.col("value"), digits, keep=keep))
    assert shown["value"].to_list() == [text]
