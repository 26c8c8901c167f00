"""Workbooks and Parquet files as raw sheets. Workbooks are read through the gate, visible sheets only."""

import io
import re
import zipfile
from typing import Any

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.gate import checked_zip
from toolkit.readers.raw import WIDEST, FileRejected, RawSheet, Source, numbered


def read_workbook(source: Source, decimal: str) -> tuple[list[RawSheet], list[Problem]]:
    """The visible sheets as text, row i being row i + 1 of the sheet, and remarks about the others."""
    import fastexcel

    file = source.name
    archive = checked_zip(source.content, file)
    try:
        reader = fastexcel.read_excel(source.content)
        loaded = [_loaded(reader, name) for name in reader.sheet_names]
        cells = {sheet.name: _text(reader, sheet, decimal) for sheet in loaded if sheet.visible == "visible"}
    except fastexcel.FastExcelError as error:
        raise FileRejected(problem("XLSX_CORRUPT", file=file, reason=str(error).split("\n")[0])) from error
    hidden = [problem("SHEET_HIDDEN", file=file, sheet=sheet.name) for sheet in loaded if sheet.visible != "visible"]
    errors, lefts = _error_cells(archive), _lefts(archive)
    sheets = []
    for name, frame in cells.items():
        if frame.width > WIDEST:
            raise FileRejected(problem("TOO_WIDE", file=file, sheet=name, value=frame.width, most=WIDEST))
        left = lefts.get(name, 0)
        sheets.append(RawSheet(source, name, _with_errors(frame, errors.get(name, []), left), left=left))
    return sheets, hidden


def _loaded(reader: Any, name: str) -> Any:
    return reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")


def _text(reader: Any, sheet: Any, decimal: str) -> pl.DataFrame:
    frame = sheet.to_polars() if sheet.width else pl.DataFrame()
    frame = frame.rename(dict(zip(frame.columns, numbered(frame.width), strict=True)))
    frame = frame.with_columns(pl.all().cast(pl.String))
    return frame if decimal == "." else _with_decimal_sign(frame, reader, sheet.name, decimal)


def _with_decimal_sign(frame: pl.DataFrame, reader: Any, name: str, decimal: str) -> pl.DataFrame:
    """Cells that are numbers written with the profile's decimal sign, like those typed as text."""
    numbers = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="float").to_polars()
    columns = []
    for text, number in zip(frame, numbers, strict=True):
        is_number = number.is_not_null() & text.str.contains(r"^-?\d+\.\d+$").fill_null(False)
        columns.append(text.str.replace(".", decimal, literal=True).zip_with(is_number, text))
    return pl.DataFrame(columns)


def _error_cells(archive: zipfile.ZipFile) -> dict[str, list[tuple[int, int, str]]]:
    """Cells that hold an error (#REF!), as (row, column, error) by sheet; the parser leaves them empty."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for name, part in _parts_of_sheets(archive).items():
        xml = archive.read(part)
        if b't="e"' in xml:
            cells = re.findall(rb'<c r="([A-Z]{1,3})(\d+)"[^>]*?t="e"[^>]*>.*?<v>([^<]*)</v>', xml)
            found[name] = [(int(row) - 1, _column_number(letters), error.decode()) for letters, row, error in cells]
    return found


def _parts_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Where each sheet's XML is, by sheet name."""
    workbook = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        known = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        targets[known.get("Id", "")] = known.get("Target", "")
    parts = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", workbook):
        known = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        target = targets.get(next((value for key, value in known.items() if key.endswith(":id")), ""), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in archive.namelist():
            parts[_unescaped(known.get("name", ""))] = path
    return parts


def _unescaped(text: str) -> str:
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


_FILLED = rb'\d+"[^>/]*>\s*(?:<f\b[^>]*(?:/>|>[^<]*</f>)\s*)?<(?:v|is)[ />]'


def _lefts(archive: zipfile.ZipFile) -> dict[str, int]:
    """How many columns of each sheet are empty before its first filled cell: the parser leaves them out."""
    lefts = {}
    for name, part in _parts_of_sheets(archive).items():
        xml = archive.read(part)
        if not re.search(rb'<c r="A' + _FILLED, xml):
            columns = {_column_number(letters) for letters in re.findall(rb'<c r="([A-Z]{1,3})' + _FILLED, xml)}
            lefts[name] = min(columns, default=0)
    return lefts


def _with_errors(frame: pl.DataFrame, errors: list[tuple[int, int, str]], left: int) -> pl.DataFrame:
    """The cells with the errors that Excel shows in them."""
    by_column: dict[int, dict[int, str]] = {}
    for row, place, error in errors:
        column = place - left
        if row < frame.height and 0 <= column < frame.width:
            by_column.setdefault(column, {})[row] = error
    for column, cells in by_column.items():
        patched = frame.to_series(column).scatter(list(cells), list(cells.values()))
        frame = frame.with_columns(patched)
    return frame


def read_parquet(source: Source) -> RawSheet:
    """A Parquet file with its columns as they are; row 1 stands for the column names, as in a CSV."""
    try:
        frame = pl.read_parquet(io.BytesIO(source.content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileRejected(problem("NOT_PARQUET", file=source.name, reason=str(error).split("\n")[0])) from error
    names = tuple(frame.columns)
    if len(names) > WIDEST:
        raise FileRejected(problem("TOO_WIDE", file=source.name, value=len(names), most=WIDEST))
    cells = frame.rename(dict(zip(names, numbered(len(names)), strict=True)))
    return RawSheet(source, "", cells, names=names)
