"""The rows of the sheet Data: file by file, how many rows were taken."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.excel.cells import as_cell
from toolkit.problems import said
from toolkit.reading import FILE_REJECTED, ROWS_REJECTED

if TYPE_CHECKING:
    from toolkit.reading import Reading

TO_DO = {ROWS_REJECTED: "FILE_ROWS_SET_ASIDE", FILE_REJECTED: "FILE_REFUSED"}


def files_read(reading: "Reading", digits: int) -> list[Sequence[object]]:
    """One row a file; the sum of a table's amounts stands in the row of its first file."""
    sums = dict(reading.accepted_sums)
    rows: list[Sequence[object]] = []
    for file in reading.files:
        amount = as_cell(sums.pop(file.table, None), digits) if file.accepted else None
        counts = (file.rows, file.accepted, file.rejected, file.ignored)
        told = said(TO_DO[file.verdict]) if file.verdict in TO_DO else None
        rows.append([file.table or "–", f"{file.file} {file.sheet}".strip(), *counts, amount, told])
    return rows
