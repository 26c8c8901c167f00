"""A second reading of a file with amounts, short and plain, that shares nothing with the readers.

It is no better than they are: it only says which rows it sees, and what their amounts can mean. What the readers take
has to be among that.
"""

import csv
import datetime as dt
import io
import re
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import unescape
from html.parser import HTMLParser
from typing import Any

Cells = list[list[Any]]
MOST_CELLS = 200_000
CURRENCY = r"(?:kes|kshs?|shs?)"


@dataclass(frozen=True)
class NaiveRow:
    """A row below the header: its number in the file, its cells, and where the amount and the ids are."""

    number: int
    cells: Sequence[Any]
    places: dict[str, int]
    wide: bool
    """It has another number of fields than the header."""

    def cell(self, column: str) -> Any:
        place = self.places.get(column)
        return self.cells[place] if place is not None and place < len(self.cells) else None

    @property
    def amounts(self) -> set[int]:
        return meanings(self.cell("amount"))

    @property
    def texts(self) -> list[str]:
        return [str(cell).strip() for cell in self.cells if cell is not None and str(cell).strip()]


def meanings(cell: Any) -> set[int]:
    """What an amount can mean, in cents: nothing, one sum, or several where that is open."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, (dt.date, dt.time, dt.timedelta)):
        return set()
    if isinstance(cell, (int, float, Decimal)):
        return _cents(repr(cell) if isinstance(cell, float) else str(cell))
    text = unicodedata.normalize("NFKC", str(cell)).strip(" \t\r\n\ufeff").removeprefix("'").casefold()
    text = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in text)
    text, sign = text.translate({0x2212: "-", 0x2013: "-"}).strip(), ""
    text = re.sub(r"\s*/[=-]$", "", text)
    for _ in range(2):
        text = re.sub(rf"^{CURRENCY}\.?\s*|\s*{CURRENCY}\.?$", "", text).strip()
        for pattern in (r"-(.*[^-])", r"(.*[^-])-", r"\((.*)\)"):
            if not sign and (found := re.fullmatch(pattern, text)):
                sign, text = "-", found[1].strip()
    text = text.removeprefix("+").strip()
    return {amount for number in _numbers(text) for amount in _cents(sign + number)}


def _numbers(text: str) -> set[str]:
    """Digits with their separators as plain numbers: several where a point may be one of thousands."""
    grouped = re.sub(r"(?<=\d)[ ',](?=\d)", ",", text)
    if re.fullmatch(r"\d{1,3}\.\d{3}", text) and text.strip("0."):
        return {text, text.replace(".", "")} if not text.startswith("0.") else {text}
    if re.fullmatch(r"\d+\.?\d*|\.\d+", text):
        return {text}
    if re.fullmatch(r"(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})(?:\.\d+)?", grouped):
        return {grouped.replace(",", "")}
    if re.fullmatch(r"\d{1,3}(?:[. ']\d{3})+,\d+", text):
        return {re.sub(r"[. ']", "", text).replace(",", ".")}
    return set()


def _cents(text: str) -> set[int]:
    try:
        number = Decimal(text) * 100
        if not number.is_finite() or abs(number) > 10**17:
            return set()
        whole = int(number.to_integral_value())
    except (InvalidOperation, ValueError, OverflowError):
        return set()
    return {whole} if abs(number - whole) <= Decimal("0.000001") else set()


# Which rows there are


def naive_rows(content: bytes, name: str) -> list[NaiveRow] | None:
    """The rows below the header; None where this reading finds no table."""
    try:
        sheets = _cells(content, name)
    except Exception:  # whatever it is that the file does not agree with
        return None
    found = [rows for rows in map(_below_the_header, sheets) if rows is not None]
    return found[0] if len(found) == 1 else None


def _below_the_header(cells: Cells) -> list[NaiveRow] | None:
    for number, row in enumerate(cells[:30]):
        heads = [_folded(cell) for cell in row]
        if "amount" in heads and len([head for head in heads if head]) > 3:
            places = {head: place for place, head in enumerate(heads) if head and heads.count(head) == 1}
            if "amount" not in places:
                return None
            width = len(row)
            return [
                NaiveRow(number + 2 + below, cells_of, places, bool(cells_of) and len(cells_of) != width)
                for below, cells_of in enumerate(cells[number + 1 :])
            ]
    return None


def _folded(cell: Any) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", str(cell or "")).casefold())


def _cells(content: bytes, name: str) -> list[Cells]:
    ending = name.rpartition(".")[2]
    if ending == "xls":
        return [_old(content)] if content.startswith(b"\xd0\xcf") else _tables_of_page(content)
    return {"xlsx": _workbook, "parquet": _parquet}.get(ending, _delimited)(content)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16").lstrip("\ufeff")
    while content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _delimited(content: bytes) -> list[Cells]:
    text = _decoded(content)
    csv.field_size_limit(10**9)
    tables = [list(csv.reader(io.StringIO(text, newline=""), delimiter=sign)) for sign in ",;\t|"]
    return [table for table in tables if _below_the_header(table) is not None][:1]


def _workbook(content: bytes) -> list[Cells]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception:
        return _written_cells(content)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if any(sheet.max_row * sheet.max_column > MOST_CELLS for sheet in sheets):
        return []
    rows = ([list(row) for row in sheet.iter_rows(min_row=1, min_col=1, values_only=True)] for sheet in sheets)
    return [[[_unescaped(cell) for cell in row] for row in cells] for cells in rows]


def _unescaped(cell: Any) -> Any:
    """``_x0041_`` is how Excel writes signs that XML has no place for."""
    if not isinstance(cell, str):
        return cell
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), cell)


def second_of_workbook(content: bytes) -> list[NaiveRow] | None:
    """Yet another reading, of the cells as they are written in the XML, whatever is around them."""
    try:
        sheets = _written_cells(content)
    except Exception:
        return None
    return _below_the_header(sheets[0])


def _written_cells(content: bytes) -> list[Cells]:
    """The cells of the first sheet, where nothing but the order of the tags is right."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        [sheet] = [name for name in names if "worksheets/sheet" in name and name.endswith(".xml")]
        xml = _without_remarks(archive.read(sheet))
        shared = _without_remarks(archive.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else ""
    texts = ["".join(re.findall(r"<t[^>]*>([^<]*)", one)) for one in re.findall(r"<si>(.*?)</si>", shared, re.DOTALL)]
    cells: dict[tuple[int, int], Any] = {}
    number = column = 0
    for kind, tag, inside in re.findall(r"<(row|c)((?:[\s/][^>]*)?)>(?:((?:(?!<c[\s>]).)*?)</c>)?", xml, re.DOTALL):
        place = re.search(r"\br\s*=\s*[\"']([A-Z]*)(\d+)", tag)
        if kind == "row":
            number, column = int(place[2]) if place else number + 1, 0
            continue
        column += 1
        if place:  # a cell without one stands behind the cell before it
            number, column = int(place[2]), 0
            for letter in place[1]:
                column = column * 26 + ord(letter) - 64
        if tag.endswith("/"):
            continue
        value = "".join(re.findall(r"<(?:v|t)(?:\s[^>]*)?>([^<]*)", inside))
        cells[number, column] = texts[int(value)] if re.search(r"\bt\s*=\s*[\"']s[\"']", tag) else unescape(value)
    bottom, right = max(row for row, _ in cells), max(column for _, column in cells)
    return [[[cells.get((row, column)) for column in range(1, right + 1)] for row in range(1, bottom + 1)]]


def _without_remarks(xml: bytes) -> str:
    text = xml.decode("utf-16" if xml[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    return re.sub(r"<!--.*?-->|<\?.*?\?>", "", text, flags=re.DOTALL)


def _parquet(content: bytes) -> list[Cells]:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(content))
    return [[table.column_names, *map(list, zip(*(column.to_pylist() for column in table.columns), strict=True))]]


class _Page(HTMLParser):
    """The cells of a page's tables, without regard to merged ones."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Cells] = []
        self.inside = self.row = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        if tag == "tr" and self.tables:
            self.tables[-1].append([])
            self.row = True
        if tag in ("td", "th") and self.tables:
            if not self.row:
                self.handle_starttag("tr", [])
            self.tables[-1][-1].append("")
        self.inside = tag in ("td", "th") or (self.inside and tag not in ("tr", "table"))
        if tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self.inside = False
        if tag in ("tr", "table"):
            self.row = False

    def handle_data(self, data: str) -> None:
        if self.inside and self.tables and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += re.sub(r"[ \t\r\n\f]+", " ", data)


def _tables_of_page(content: bytes) -> list[Cells]:
    page = _Page()
    page.feed(_decoded(content))
    page.close()
    return page.tables


def _old(content: bytes) -> Cells:
    """The records of the first sheet, one after the other as they lie in the file."""
    cells: dict[tuple[int, int], Any] = {}
    texts: list[str] = []
    place, begun, kind = 512, 0, 0
    while begun < 2 or kind != 0x0A:
        kind, length = struct.unpack_from("<HH", content, place)
        data = content[place + 4 : place + 4 + length]
        place += 4 + length
        begun += kind == 0x0809
        if kind == 0xFC:
            texts = _shared_texts(data)
        if kind in OLD_CELLS:
            row, column = struct.unpack_from("<HH", data)
            cells[row, column] = OLD_CELLS[kind](data, texts)
        if kind == 0xBD:
            row, column = struct.unpack_from("<HH", data)
            for number in range((length - 6) // 6):
                cells[row, column + number] = _short(struct.unpack_from("<I", data, 6 + 6 * number)[0])
    bottom, right = (max((at[side] for at in cells), default=0) + 1 for side in (0, 1))
    return [[cells.get((row, column)) for column in range(right)] for row in range(bottom)]


def _short(packed: int) -> float:
    number = packed >> 2
    if packed & 2:
        value = float(number - (1 << 30) if number >> 29 else number)
    else:
        value = struct.unpack("<d", struct.pack("<Q", number << 34))[0]
    return value / 100 if packed & 1 else value


OLD_CELLS: dict[int, Callable[[bytes, list[str]], Any]] = {
    0x0203: lambda data, _: struct.unpack_from("<d", data, 6)[0],
    0x027E: lambda data, _: _short(struct.unpack_from("<I", data, 6)[0]),
    0x00FD: lambda data, texts: texts[struct.unpack_from("<I", data, 6)[0]],
}


def _shared_texts(data: bytes) -> list[str]:
    texts, place = [], 8
    for _ in range(struct.unpack_from("<I", data, 4)[0]):
        letters, flags = struct.unpack_from("<HB", data, place)
        width = 2 if flags & 1 else 1
        runs = struct.unpack_from("<H", data, place + 3)[0] if flags & 8 else 0
        extra = struct.unpack_from("<I", data, place + 3 + (2 if flags & 8 else 0))[0] if flags & 4 else 0
        place += 3 + (2 if flags & 8 else 0) + (4 if flags & 4 else 0)
        texts.append(data[place : place + letters * width].decode("utf-16-le" if width == 2 else "latin-1"))
        place += letters * width + 4 * runs + extra
    return texts
