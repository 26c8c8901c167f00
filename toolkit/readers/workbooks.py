"""Workbooks and Parquet files as raw sheets. Workbooks are read through the gate, visible sheets only."""

import io
import re
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from posixpath import normpath
from typing import Any, NamedTuple

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.profiles import Limits
from toolkit.readers.cell_styles import Styles
from toolkit.readers.decimals import with_point, without
from toolkit.readers.gate import checked_workbook
from toolkit.readers.parquet_gate import check_parquet
from toolkit.readers.raw import WIDEST, FileRejected, Mark, RawSheet, Source, is_panic, numbered
from toolkit.readers.sheet_xml import Said, SheetXml, unescaped
from toolkit.readers.well_formed import XmlFault, check_shared_texts

STYLES = "xl/styles.xml"
SIGNIFICANT = 15
"""Digits that Excel keeps of a number."""
MANY_DIGITS = rf"^\d{{{SIGNIFICANT + 1},}}$"


def read_workbook(source: Source, decimal: str, limits: Limits) -> tuple[list[RawSheet], list[Problem]]:
    """The visible sheets as text, row i being row i + 1 of the sheet, and remarks about the others."""
    import fastexcel

    file = source.name
    checked = checked_workbook(source.content, file, limits)
    archive = checked.archive
    parts = _parts_of_sheets(archive, file)
    visible = [part for part in parts if part.visible]
    inside = {part.name: SheetXml(checked.part(part.path), file, part.name) for part in visible}
    styles = Styles.of(archive.read(STYLES)) if STYLES in archive.namelist() else Styles()
    try:
        with ThreadPoolExecutor(1) as beside:  # the parser works outside of Python, so both go on at once
            reading = beside.submit(_cells, source.content, list(inside))
            said = {name: xml.said(styles) for name, xml in inside.items()}
            for texts in checked.shared_texts:
                check_shared_texts(texts)
        cells = reading.result()
    except XmlFault as fault:
        raise FileRejected(problem("XLSX_CORRUPT", file=file, reason=str(fault))) from fault
    except fastexcel.FastExcelError as error:
        raise FileRejected(problem("XLSX_CORRUPT", file=file, reason=str(error).split("\n")[0])) from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise FileRejected(problem("XLSX_CORRUPT", file=file, reason="its parts do not hold together")) from error
    hidden = [problem("SHEET_HIDDEN", file=file, sheet=part.name) for part in parts if not part.visible]
    date1904 = _counts_from_1904(archive)
    sheets = [_sheet(source, inside[name], said[name], frame, date1904=date1904) for name, frame in cells.items()]
    if decimal != ".":
        sheets = [replace(sheet, numbers=_numbers(sheet, inside[sheet.sheet])) for sheet in sheets]
    return sheets, hidden


def _cells(content: bytes, names: Sequence[str]) -> dict[str, pl.DataFrame]:
    """The values of the sheets as texts, by the names of the sheets."""
    import fastexcel

    reader = fastexcel.read_excel(content)
    return {name: _text(_loaded(reader, name)) for name in names}


def _numbers(sheet: RawSheet, xml: SheetXml) -> dict[int, pl.Series]:
    """By column, the cells that are numbers with decimals, and not texts that look like some."""
    pointed = with_point(sheet.cells)
    texts = xml.text_cells({column + sheet.left for column in pointed}) if pointed else {}
    return {column: without(mask, texts.get(column + sheet.left, ())) for column, mask in pointed.items()}


def _sheet(source: Source, xml: SheetXml, said: Said, frame: pl.DataFrame, *, date1904: bool) -> RawSheet:
    """The cells with what the XML says about them."""
    left = said.left
    errors = [(row, column - left, error) for row, column, error in said.errors]
    marks = said.marks
    if any(column.str.contains(MANY_DIGITS).any() for column in frame if (column.str.len_bytes() > SIGNIFICANT).any()):
        marks = [*marks, *(Mark(row, column, "ID_PRECISION") for row, column in xml.long_numbers())]
    return RawSheet(
        source,
        xml.sheet,
        _with_errors(frame, errors),
        marks=tuple(replace(mark, column=mark.column - left) for mark in marks),
        merged=tuple(area._replace(left=area.left - left, right=area.right - left) for area in said.merged),
        hidden_rows=said.hidden_rows,
        hidden_columns=tuple(column - left for column in said.hidden_columns),
        date1904=date1904,
        left=left,
    )


def _loaded(reader: Any, name: str) -> Any:
    return reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")


def _text(sheet: Any) -> pl.DataFrame:
    frame = sheet.to_polars() if sheet.width else pl.DataFrame()
    frame = frame.rename(dict(zip(frame.columns, numbered(frame.width), strict=True)))
    return frame.with_columns(pl.all().cast(pl.String))


class Part(NamedTuple):
    """A sheet of the workbook: its name, where its XML is, and whether Excel shows it."""

    name: str
    path: str
    visible: bool


def _counts_from_1904(archive: zipfile.ZipFile) -> bool:
    """Whether day 0 is the first of January 1904, as on old Macs."""
    return (
        re.search(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=\"(?:1|true)\"", archive.read("xl/workbook.xml")) is not None
    )


def _parts_of_sheets(archive: zipfile.ZipFile, file: str) -> list[Part]:
    """The sheets in their order. A sheet without its part is no sheet that can be read."""
    workbook = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        known = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        targets[known.get("Id", "")] = (unescaped(known.get("Target", "")), known.get("Type", ""))
    parts = []
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", workbook):
        known = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        target, kind = targets.get(next((value for key, value in known.items() if key.endswith(":id")), ""), ("", ""))
        path = normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
        if path not in archive.namelist():
            raise FileRejected(problem("XLSX_PART_MISSING", file=file, value=path))
        if kind.endswith("/worksheet"):
            parts.append(Part(unescaped(known.get("name", "")), path, known.get("state", "visible") == "visible"))
    return parts


def _with_errors(frame: pl.DataFrame, errors: list[tuple[int, int, str]]) -> pl.DataFrame:
    """The cells with the errors that Excel shows in them."""
    by_column: dict[int, dict[int, str]] = {}
    for row, column, error in errors:
        if row < frame.height and 0 <= column < frame.width:
            by_column.setdefault(column, {})[row] = error
    for column, cells in by_column.items():
        patched = frame.to_series(column).scatter(list(cells), list(cells.values()))
        frame = frame.with_columns(patched)
    return frame


def read_parquet(source: Source) -> RawSheet:
    """A Parquet file with its columns as they are; row 1 stands for the column names, as in a CSV."""
    check_parquet(source.content, source.name)
    try:
        frame = pl.read_parquet(io.BytesIO(source.content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileRejected(problem("NOT_PARQUET", file=source.name, reason=str(error).split("\n")[0])) from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise FileRejected(problem("NOT_PARQUET", file=source.name, reason="it is damaged inside")) from error
    names = tuple(frame.columns)
    if len(names) > WIDEST:
        raise FileRejected(problem("TOO_WIDE", file=source.name, value=f"a row of {len(names)} columns", most=WIDEST))
    cells = frame.rename(dict(zip(names, numbered(len(names)), strict=True)))
    return RawSheet(source, "", cells, names=names)
