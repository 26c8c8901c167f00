"""A sheet of nothing but text, as long as files are: its rows are made as the workbook is closed, some at a time."""

from collections.abc import Iterator, Sequence

import polars as pl
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

LONGEST_TEXT = 32_000
AT_ONCE = 5_000

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_HIDDEN = [*range(9), *range(11, 32), 0xFFFE, 0xFFFF]
"""Characters that XML cannot hold; Excel spells them out."""
_SPELLED = _ESCAPED | {chr(code): f"_x{code:04X}_" for code in _HIDDEN}


class TextSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter carries no types
    """A worksheet whose cells are texts, each in one of a few looks; XlsxWriter does everything else.

    A million cells one by one would take ten seconds and more memory than their file.
    """

    _texts: pl.DataFrame | None = None

    def fill(self, texts: pl.DataFrame, looks_of: pl.DataFrame, looks: Sequence[Format], left: int = 0) -> None:
        """All cells of the sheet from its first row and from column `left` on, counted from 0.

        `looks_of` has the shape of `texts` and says which of the `looks` each cell has; an empty cell with the first
        of them is not there at all.
        """
        self._texts, self._looks_of, self._looks, self._left = texts, looks_of, looks, left
        if texts.height and texts.width:
            self._check_dimensions(0, left)
            self._check_dimensions(texts.height - 1, left + texts.width - 1)

    def _write_sheet_data(self) -> None:
        if self._texts is None:
            super()._write_sheet_data()
            return
        self.fh.write("<sheetData>")
        for part in self._rows(self._texts):
            self.fh.write(part)
        self.fh.write("</sheetData>")

    def _rows(self, texts: pl.DataFrame) -> Iterator[str]:
        styles = [str(look._get_xf_index()) for look in self._looks]
        for start in range(0, texts.height, AT_ONCE):
            part = texts.slice(start, AT_ONCE)
            looks_of = self._looks_of.slice(start, AT_ONCE)
            numbers = pl.int_range(start + 1, start + 1 + part.height, eager=True).cast(pl.String).alias("number")
            cells = [
                _cells(xl_col_to_name(self._left + place), text, numbers, look, styles)
                for place, (text, look) in enumerate(zip(part, looks_of, strict=True))
            ]
            rows = pl.DataFrame([numbers, *cells]).select(
                pl.concat_str(
                    pl.lit('<row r="'), "number", pl.lit('">'), *(one.name for one in cells), pl.lit("</row>")
                )
            )
            yield "".join(rows.to_series().to_list())


def _cells(letter: str, texts: pl.Series, numbers: pl.Series, looks_of: pl.Series, styles: Sequence[str]) -> pl.Series:
    """A column's cells in the words of the file format; an empty one in the first look is nothing."""
    frame = pl.DataFrame({"text": _spelled(texts), "number": numbers, "look": looks_of})
    style = pl.col("look").replace_strict(dict(enumerate(styles)), return_dtype=pl.String)
    start = pl.concat_str(pl.lit(f'<c r="{letter}'), "number", pl.lit('" s="'), style)
    filled = pl.concat_str(
        start, pl.lit('" t="inlineStr"><is><t xml:space="preserve">'), "text", pl.lit("</t></is></c>")
    )
    empty = pl.when(pl.col("look") == 0).then(pl.lit("")).otherwise(pl.concat_str(start, pl.lit('"/>')))
    return frame.select(pl.coalesce(filled, empty)).to_series().alias(letter)


def _spelled(texts: pl.Series) -> pl.Series:
    """The texts as XML can hold them; an empty text is no text."""
    bare = texts.set(texts == "", None).str.slice(0, LONGEST_TEXT)
    if not bare.str.contains(r"[&<>\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_").any():
        return bare
    frame = bare.alias("text").to_frame()
    marked = pl.col("text").str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_${1}")
    return frame.select(marked.str.replace_many(_SPELLED)).to_series()
