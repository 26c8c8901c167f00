"""What became of each file: how many rows were taken, and the verdict with its commonest reason."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from toolkit.problems import Problem
from toolkit.readers.draft import Draft
from toolkit.readers.gathered import Gathered

ACCEPTED, ROWS_REJECTED, FILE_REJECTED = "accept-normalised", "reject-rows", "reject-file"


@dataclass(frozen=True)
class SourceFile:
    """What became of one file or sheet. `code` is the commonest reason behind the verdict, "" if all is well.

    `table` is "" for a file that is none of the toolkit's tables. `columns` maps the table's columns to the
    headers taken for them; `unused` are headers that mean nothing to the toolkit.
    """

    file: str
    sheet: str
    table: str
    sha256: str
    rows: int
    accepted: int
    rejected: int
    ignored: int
    verdict: str
    code: str
    columns: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, str | int]:
        """What a record of results says of the file: which it was, by name and hash, and what became of its rows."""
        names = ("file", "sheet", "table", "sha256", "rows", "accepted", "rejected", "ignored")
        return {name: getattr(self, name) for name in names}


def refused_file(file: str, sheet: str, table: str, sha256: str, code: str, rows: int = 0) -> SourceFile:
    """A file of which nothing was taken."""
    return SourceFile(file, sheet, table, sha256, rows, 0, rows, 0, FILE_REJECTED, code)


def source_files(
    drafts: Mapping[str, Sequence[Draft]], gathered: Mapping[str, Gathered], problems: Sequence[Problem]
) -> Iterator[SourceFile]:
    """What became of each sheet; that its rows add up is asserted."""
    codes: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    counted = Counter((found.file, found.sheet, found.level, found.code) for found in problems)
    for (file, sheet, level, code), count in counted.items():
        codes.setdefault((file, sheet), Counter())[level, code] = count
    for name, parts in drafts.items():
        start = 0
        for part in parts:
            height = part.rows.height
            whole = gathered[name]
            fates = (whole.rejected.slice(start, height), whole.ignored.slice(start, height))
            start += height
            yield _source_file(part, fates, codes.get((part.sheet.file, part.sheet.sheet), Counter()))


def _counts(part: Draft, rejected: pl.Series, repeated: pl.Series) -> tuple[int, int, int]:
    """(accepted, rejected, repeated) rows of the sheet. One that became several is accepted if any of them is new."""
    if part.long:
        fates = pl.DataFrame([part.rows["source_row"], rejected.alias("rejected"), repeated.alias("repeated")])
        of_rows = fates.group_by("source_row").agg(pl.col("rejected").any(), pl.col("repeated").all())
        rejected, repeated = of_rows["rejected"], of_rows["repeated"]
    refused, known = int(rejected.sum()), int((repeated & ~rejected).sum())
    return rejected.len() - refused - known, refused, known


def _source_file(part: Draft, fates: tuple[pl.Series, pl.Series], codes: Counter[tuple[str, str]]) -> SourceFile:
    accepted, rejected, repeated = _counts(part, *fates)
    left_out = sum(part.ignored.values())
    rows = accepted + rejected + repeated + left_out
    ignored = left_out + repeated
    below_header = part.sheet.cells.height - part.first
    if accepted + rejected + ignored != below_header:
        raise AssertionError(f"{part.sheet.place}: {accepted} + {rejected} + {ignored} rows are not {below_header}")
    verdict = FILE_REJECTED if part.file_code else ROWS_REJECTED if rejected else ACCEPTED
    level = "warning" if verdict == ACCEPTED else "error"
    commonest = [code for (of, code), _ in codes.most_common() if of == level]
    code = part.file_code or next(iter(commonest), "")
    return SourceFile(
        file=part.sheet.file,
        sheet=part.sheet.sheet,
        table=part.table.name,
        sha256=part.sheet.source.sha256,
        rows=rows,
        accepted=accepted,
        rejected=rejected,
        ignored=ignored,
        verdict=verdict,
        code=code,
        columns=part.spelled,
        unused=part.unused,
    )
