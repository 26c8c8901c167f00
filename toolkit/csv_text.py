"""Cells of CSV files that a spreadsheet will open: harmless text, and exact numbers as plain decimals."""

import polars as pl

_DANGEROUS = r"^('*[=+\-@\t\r])"


def guarded(text: pl.Expr) -> pl.Expr:
    """Text that starts like a formula with an apostrophe before it; numbers are never passed through here."""
    return text.str.replace(_DANGEROUS, r"'${1}")


def as_cells(texts: pl.Series) -> pl.Series:
    """A column of text or `Categorical` words as CSV cells: formulas made harmless, an empty text an empty cell."""
    looked_at = texts if texts.dtype == pl.String else texts.unique().cast(pl.String)
    if looked_at.str.contains(_DANGEROUS).any():
        texts = texts.cast(pl.String).to_frame("text").select(guarded(pl.col("text")))["text"].alias(texts.name)
    return without_blanks(texts)


def without_blanks(texts: pl.Series) -> pl.Series:
    """An empty text as nothing, so that a CSV cell is empty and not a pair of quotes."""
    if not (texts == "").any():
        return texts
    return texts.to_frame("text").select(pl.when(pl.col("text") != "").then("text"))["text"].alias(texts.name)


def unguarded(text: pl.Expr) -> pl.Expr:
    """The text as it was before `guarded`."""
    return text.str.replace(r"^'('*[=+\-@\t\r])", r"${1}")


def as_decimal(value: pl.Expr, digits: int) -> pl.Expr:
    """Whole minor units as exact decimals of the major unit, with the currency's digits behind the point."""
    return value.cast(pl.Decimal(38, digits)) / int(10**digits)


def plain_text(value: pl.Expr, digits: int, keep: int) -> pl.Expr:
    """Whole numbers of 10^-digits as plain decimals with at least `keep` digits behind the point."""
    text = as_decimal(value, digits).cast(pl.String)
    if keep == digits:
        return text
    end = text.str.len_bytes().cast(pl.Int64) - (digits - keep)
    shown = text.str.slice(0, end) + text.str.slice(end).str.strip_chars_end("0")
    return shown.str.strip_chars_end(".") if keep == 0 else shown


def table_cells(table: pl.DataFrame, digits: int = 6) -> pl.DataFrame:
    """A table as CSV cells: texts harmless, times as the clock on the wall shows them, `digits` behind a point."""
    return pl.DataFrame([_cells(column, digits) for column in table])


def _cells(column: pl.Series, digits: int) -> pl.Series:
    if column.dtype == pl.String:
        return as_cells(column)
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S").alias(column.name)
    return column.round(digits) if column.dtype == pl.Float64 else column
