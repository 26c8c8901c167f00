"""Text in CSV files that a spreadsheet will open: what could be a formula gets a leading apostrophe."""

import polars as pl

_DANGEROUS = r"^(['’]*[=+\-@\t\r])"


def guarded(text: pl.Expr) -> pl.Expr:
    """Text that starts like a formula with an apostrophe before it; numbers are never passed through here."""
    return text.str.replace(_DANGEROUS, r"'${1}")


def unguarded(text: pl.Expr) -> pl.Expr:
    """The text as it was before `guarded`."""
    return text.str.replace(r"^'(['’]*[=+\-@\t\r])", r"${1}")


