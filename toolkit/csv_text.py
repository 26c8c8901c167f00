"""Text in CSV files that a spreadsheet will open: what could be a formula gets a leading apostrophe."""

import polars as pl

_DANGEROUS = r"^(['’]*[=+\-@\t\r])"


_STARTS = ("=", "+", "-", "@", "\t", "\r", "'", "’")


def guarded(text: pl.Expr) -> pl.Expr:
    """Text that starts like a formula with an apostrophe before it; numbers are never passed through here."""
    return text.str.replace(_DANGEROUS, r"'${1}")


def as_cells(texts: pl.Series) -> pl.Series:
    """A column of text as CSV cells: formulas made harmless, an empty text an empty cell."""
    suspect = texts.str.head(1).is_in(_STARTS)
    frame = texts.to_frame("text")
    if suspect.any():
        frame = frame.select(guarded(pl.col("text")))
    if (texts == "").any():
        frame = frame.select(pl.when(pl.col("text") != "").then("text"))
    return frame["text"].alias(texts.name)


def unguarded(text: pl.Expr) -> pl.Expr:
    """The text as it was before `guarded`."""
    return text.str.replace(r"^'(['’]*[=+\-@\t\r])", r"${1}")


