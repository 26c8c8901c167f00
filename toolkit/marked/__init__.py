"""Marked copies: each file with problems as it was found, its bad cells coloured and explained, for whoever made it."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from pathlib import Path

from toolkit.look import Book, file_names, sheet_names
from toolkit.marked.marks import MarkedSheet, marked_sheet
from toolkit.marked.mend import write_mend
from toolkit.marked.sheet import write_sheet
from toolkit.problems import DATABASE, Problem, said
from toolkit.profiles import Profile
from toolkit.readers.as_found import MEND
from toolkit.reading import Reading

MADE_ON = date(2026, 1, 1)
"""The day that a copy says it was made where nobody has said what day it is: the same data give the same bytes."""


def marked_copies(
    reading: Reading, profile: Profile, as_of: date | None = None
) -> dict[str, tuple[str, Callable[[Path], None]]]:
    """By source file, the name of its marked copy and what writes it, for files with an error or a warning on a row.

    The reading must have kept its sheets (`keep_sheets`). Nothing is written before the writers are called.
    """
    by_file: dict[str, list[Problem]] = {}
    for one in reading.problems:
        if one.level != "info":
            by_file.setdefault(one.file, []).append(one)
    wanted = [file for file, problems in by_file.items() if any(map(_can_be_mended, problems))]
    names = _copy_names(wanted)
    return {
        file: (names[file], partial(_write, file, by_file[file], reading, profile, as_of or MADE_ON)) for file in wanted
    }


def _can_be_mended(one: Problem) -> bool:
    return one.file not in ("", DATABASE) and (one.level == "error" or one.row is not None)


def _copy_names(files: Iterable[str]) -> dict[str, str]:
    """``payments.csv.xlsx``, and ``book.xlsx`` for what is a workbook already."""
    files = list(files)
    bare = {file: re.sub(r"\.xlsx$", "", file, flags=re.IGNORECASE) for file in files}
    if len(set(bare.values())) < len(files):
        bare = {file: file for file in files}
    safe = file_names(bare.values())
    return {file: f"{safe[name]}.xlsx" for file, name in bare.items()}


def _write(file: str, problems: list[Problem], reading: Reading, profile: Profile, created: date, out: Path) -> None:
    book = Book(
        out,
        title=said("MARKED_TITLE", file=file),
        subject=said("MARKED_SUBJECT"),
        created=created,
        currency=profile.currency,
        digits=profile.digits,
        aside=out.parent,
    )
    sheets = _sheets(file, problems, reading)
    write_mend(book, _free_name(sheets), file, problems, sheets, reading)
    for sheet in sheets:
        write_sheet(book, sheet)
    book.close()


def _free_name(sheets: Iterable[MarkedSheet]) -> str:
    """The name of the first sheet, longer where the source has a sheet that is called so."""
    name, taken = MEND, {sheet.name.casefold() for sheet in sheets}
    while name.casefold() in taken:
        name += "+"
    return name


def _sheets(file: str, problems: list[Problem], reading: Reading) -> list[MarkedSheet]:
    found = [sheet for sheet in reading.sheets if sheet.file == file]
    names = sheet_names(sheet.sheet or Path(file).stem for sheet in found)
    by_sheet: dict[str, list[Problem]] = {}
    for one in problems:
        by_sheet.setdefault(one.sheet, []).append(one)
    return [marked_sheet(of, names[of.sheet or Path(file).stem], by_sheet.get(of.sheet, [])) for of in found]
