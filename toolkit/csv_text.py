"""Cells of CSV files that a spreadsheet will open: harmless text, and exact numbers as plain decimals."""

import polars as pl

_DANGEROUS = r"^('*[=+\-@\t\r])"
_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")


def guarded(text: pl.Expr) -> pl.Expr:
    """Text that starts like a formula with an apostrophe before it; numbers are never passed through here."""
    return text.str.replace(_DANGEROUS, r"'${1}")


def as_cells(texts: pl.Series) -> pl.Series:
    """A column of text as CSV cells: formulas made harmless, an empty text an empty cell."""
    if texts.str.head(1).is_in(_STARTS).any():
        texts = texts.to_frame("text").select(guarded(pl.col("text")))["text"].alias(texts.name)
    return without_blanks(texts)


def without_blanks(texts: pl.Series) -> pl.Series:
    """An empty text as nothing, so that a CSV cell is empty and not a pair of quotes."""
    if not (texts == "").any():
        return texts
    return texts.to_frame("text").select(pl.when(pl.col("text") != "").then("text"))["text"].alias(texts.name)


def unguarded(text: pl.Expr) -> pl.Expr:
    """The text as it was before `guarded`."""
    return text.str.replace(r"^'('*[=+\-@\t\r])", r"${1}")


def plain_text(value: pl.Expr, digits: int, keep: int) -> pl.Expr:
    """Whole numbers of 10^-digits as plain decimals with at least `keep` digits behind the point."""
    one = int(10**digits)
    magnitude: pl.Expr = value.abs()
    sign: pl.Expr = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = (magnitude // one).cast(pl.String)
    if digits == 0:
        return sign + whole
    rest = (magnitude % one).cast(pl.String).str.zfill(digits)
    if keep == digits:
        return sign + whole + pl.lit(".") + rest
    head, tail = rest.str.slice(0, keep), rest.str.slice(keep).str.strip_chars_end("0")
    shown = head + tail
    dotted = pl.when(shown.str.len_bytes() > 0).then(pl.lit(".") + shown).otherwise(pl.lit(""))
    return sign + whole + dotted
