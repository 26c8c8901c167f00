"""A CSV file that only grows: rows are put behind what is there, and that stays byte by byte."""

import csv
import io
from collections.abc import Mapping, Sequence


def with_rows(before: bytes, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """What was there, untouched, and the rows behind it, in the columns and with the sign between them that it has.

    A column that it has not is missed only where a row has something to put there. `ValueError` says in words why
    nothing can be put behind it.
    """
    try:
        text = before.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    known, sign = heads_of(text) if text.strip() else (list(columns), ",")
    missing = [column for column in columns if column not in known and any(row.get(column) for row in rows)]
    if missing:
        raise ValueError(f"it has no column {', '.join(missing)}")
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=sign, lineterminator="\n")
    if not text.strip():
        writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in known] for row in rows)
    gap = b"" if not before or before.endswith((b"\n", b"\r")) else b"\n"
    return (before if text.strip() else b"") + gap + lines.getvalue().encode("utf-8")


def heads_of(text: str) -> tuple[list[str], str]:
    """The heads of the columns, and the sign between them."""
    head = text.splitlines()[0]
    sign = max((",", ";", "\t"), key=head.count)
    return [cell.strip() for cell in next(csv.reader([head], delimiter=sign))], sign


def rows_in(text: str) -> list[dict[str, str]]:
    """The rows by their heads; none in an empty file."""
    if not text.strip():
        return []
    heads, sign = heads_of(text)
    return [dict(zip(heads, row, strict=False)) for row in list(csv.reader(io.StringIO(text), delimiter=sign))[1:]]
