"""LibreOffice for the tests: recalculate a workbook from nothing, and read what it then shows."""

import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

INSTALL = "needs LibreOffice: sudo apt-get install -y libreoffice-calc fonts-crosextra-carlito"
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason=INSTALL)
"""For tests that are also marked e2e: under CI=true a skip of those is a failure (see conftest.py)."""


def recalculated(book: Path, folder: Path) -> Path:
    """A copy of the workbook in which every formula was worked out anew, whatever value was stored."""
    return converted([book], folder, "xlsx:Calc MS Excel 2007 XML")[0]


def converted(books: list[Path], folder: Path, form: str) -> list[Path]:
    """The books in another form, into `folder`, by one start of LibreOffice that recalculates on loading."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    into = folder / "converted"
    command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
    command += ["--convert-to", form, "--outdir", str(into), *map(str, books)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)  # noqa: S603
    return [into / book.with_suffix("." + form.split(":")[0]).name for book in books]


def values(book: Path) -> dict[str, dict[str, Any]]:
    """Every cell's stored value by sheet and cell (B7)."""
    opened = openpyxl.load_workbook(book, data_only=True)
    return {sheet.title: {cell.coordinate: cell.value for row in sheet for cell in row} for sheet in opened}


def formulas(book: Path) -> dict[str, dict[str, str]]:
    """Every formula by sheet and cell."""
    opened = openpyxl.load_workbook(book)
    return {
        sheet.title: {cell.coordinate: cell.value for row in sheet for cell in row if cell.data_type == "f"}
        for sheet in opened
    }


def stale(book: Path, folder: Path) -> list[str]:
    """The formulas whose stored value is not what LibreOffice makes of them, in words; none if all are true."""
    stored, anew = values(book), values(recalculated(book, folder))
    found = []
    for sheet, cells in formulas(book).items():
        for cell, formula in cells.items():
            before, after = stored[sheet][cell], anew[sheet].get(cell)
            if not _same(before, after):
                found.append(f"{sheet}!{cell} {formula}: stored {before!r}, recalculated {after!r}")
    return found


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, (int, float)) and isinstance(after, (int, float)):
        return abs(before - after) <= 1e-6
    return (before or "") == (after or "")


def parts(book: Path) -> dict[str, str]:
    """Every part of the file as text: what somebody who unzips it can read."""
    with zipfile.ZipFile(book) as opened:
        return {name: opened.read(name).decode("utf-8", "replace") for name in opened.namelist()}


def named(book: Path, name: str) -> Any:
    """The stored value of the cell with this name."""
    opened = openpyxl.load_workbook(book, data_only=True)
    sheet, cell = next(iter(opened.defined_names[name].destinations))
    return opened[sheet][cell.replace("$", "")].value


def rows_under(book: Path, sheet: str, head: str) -> list[dict[str, Any]]:
    """The rows of the table whose first head, in column B under the title, is this one, without its total row."""
    opened = openpyxl.load_workbook(book, data_only=True)[sheet]
    top = next(row[0].row for row in opened.iter_rows(min_row=4, min_col=2, max_col=2) if row[0].value == head)
    heads: list[str] = []
    for cell in opened[top][1:]:
        if cell.value is None:
            break
        heads.append(str(cell.value))
    found = []
    for row in opened.iter_rows(min_row=top + 1, min_col=2):
        if row[0].value in (None, "Total"):
            break
        found.append({key: cell.value for key, cell in zip(heads, row, strict=False)})
    return found
