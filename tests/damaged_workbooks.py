"""Workbooks part by part, so that each part can be damaged: what Excel writes, in the smallest form."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{sheets}<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"""
STYLES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><strike/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="9" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>"""
DATE, MONEY, PERCENT, STRUCK = 1, 2, 3, 4
"""Styles of cells: a date, two decimals, a percentage, struck through."""
WORKBOOK = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr{properties}/><sheets>{sheets}</sheets></workbook>"""
OF_WORKBOOK = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{sheets}<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"""
SHEET = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData>{merged}</worksheet>"""
WHEN = (2026, 1, 1, 0, 0, 0)
NUMBERS, DAYS = ("amount", "talk_seconds", "latitude", "longitude"), ("paid_at", "started_on", "activated_on")
EPOCHS = {"1900": datetime(1899, 12, 30), "1904": datetime(1904, 1, 1)}  # noqa: DTZ001  # Excel's days have no zone

Parts = dict[str, bytes]


def workbook(rows: Sequence[Sequence[Any]], rules: Mapping[str, Any]) -> bytes:
    """The rows as a workbook: amounts as numbers, days as Excel counts them, all else as text; then damaged."""
    how = rules.get("workbook", {})
    epoch = "1904" if how.get("date1904") else "1900"
    typed = [
        list(rows[0]),
        *([_typed(cell, rows[0][place], epoch, how) for place, cell in enumerate(row)] for row in rows[1:]),
    ]
    first = how.get("before", [])
    if how.get("only_header"):
        typed = typed[:1]
    sheets = [
        Sheet(how.get("sheet", "Payments"), [*first, *typed], left=how.get("left", 0), merged=how.get("merged", ()))
    ]
    others = [Sheet(**{"rows": typed, **other}) for other in how.get("sheets", [])]
    sheets = others + sheets if how.get("others_first") else sheets + others
    return zipped(_patched(parts_of(sheets, date1904=epoch == "1904"), rules), rules)


class Sheet:
    """A sheet: its name, its rows of cells, whether it is hidden."""

    def __init__(
        self, name: str, rows: Sequence[Sequence[Any]], *, state: str = "", left: int = 0, merged: Sequence[str] = ()
    ) -> None:
        self.name, self.rows, self.state, self.left, self.merged = name, rows, state, left, merged

    def xml(self) -> bytes:
        rows = "".join(self._row(number, row) for number, row in enumerate(self.rows, 1))
        cells = "".join(f'<mergeCell ref="{area}"/>' for area in self.merged)
        merged = f'<mergeCells count="{len(self.merged)}">{cells}</mergeCells>' if self.merged else ""
        last = f"{letters(self.left + max(map(len, self.rows), default=1))}{max(len(self.rows), 1)}"
        return SHEET.format(dimension=f"A1:{last}", rows=rows, merged=merged).encode()

    def _row(self, number: int, row: Sequence[Any]) -> str:
        cells = (cell_xml(f"{letters(self.left + place)}{number}", cell) for place, cell in enumerate(row, 1))
        return f'<row r="{number}">{"".join(cells)}</row>'


def _typed(cell: Any, column: str, epoch: str, how: Mapping[str, Any]) -> Any:
    if not isinstance(cell, str) or not cell or how.get("as_text"):
        return cell
    if column in NUMBERS and cell.replace(".", "", 1).replace("-", "", 1).isdigit():
        return {"v": cell, "s": MONEY}
    if column in DAYS and cell.count("/") == 2 and len(cell) == 10:
        days = (datetime.strptime(cell, "%d/%m/%Y") - EPOCHS[epoch]).days  # noqa: DTZ007
        return {"v": str(days), "s": 0 if how.get("serials") else DATE}
    return cell


def cell_xml(place: str, cell: Any) -> str:
    """A text, a number, or a table with v (value), f (formula), t (type) and s (style)."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    if isinstance(cell, (int, float)):
        return f'<c r="{place}"><v>{cell!r}</v></c>'
    if "is" in cell:
        style = f' s="{cell["s"]}"' if "s" in cell else ""
        return f'<c r="{place}"{style} t="inlineStr"><is><t>{escape(cell["is"])}</t></is></c>'
    style = f' s="{cell["s"]}"' if "s" in cell else ""
    kind = f' t="{cell["t"]}"' if "t" in cell else ""
    formula = f"<f>{escape(cell['f'])}</f>" if "f" in cell else ""
    value = f"<v>{escape(str(cell['v']))}</v>" if "v" in cell else ""
    return f'<c r="{place}"{style}{kind}>{formula}{value}</c>'


def letters(number: int) -> str:
    """A for 1, AA for 27."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def parts_of(sheets: Sequence[Sheet], *, date1904: bool = False) -> Parts:
    """The parts of a workbook with these sheets, in the order that Excel has them."""
    numbered = list(enumerate(sheets, 1))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    types = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}"/>' for n, _ in numbered)
    named = "".join(
        f'<sheet name="{escape(sheet.name)}" sheetId="{n}"{f" state={chr(34)}{sheet.state}{chr(34)}" if sheet.state else ""} r:id="rId{n}"/>'
        for n, sheet in numbered
    )
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{relation}" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered
    )
    properties = ' date1904="1"' if date1904 else ""
    return {
        "[Content_Types].xml": CONTENT_TYPES.format(sheets=types).encode(),
        "_rels/.rels": RELATIONS.encode(),
        "xl/workbook.xml": WORKBOOK.format(properties=properties, sheets=named).encode(),
        "xl/_rels/workbook.xml.rels": OF_WORKBOOK.format(sheets=related).encode(),
        "xl/styles.xml": STYLES.encode(),
        **{f"xl/worksheets/sheet{n}.xml": sheet.xml() for n, sheet in numbered},
    }


def _patched(parts: Parts, rules: Mapping[str, Any]) -> Parts:
    for part, before, after in rules.get("parts", []):
        assert before.encode() in parts[part], f"{before} is not in {part}: {parts[part][:3000]!r}"
        parts[part] = parts[part].replace(before.encode(), after.encode())
    for part in rules.get("without_parts", []):
        del parts[part]
    for part, elsewhere in rules.get("moved", []):
        parts[elsewhere] = parts.pop(part)
    for part, content in rules.get("more_parts", []):
        parts[part] = content.encode()
    return parts


def zipped(parts: Parts, rules: Mapping[str, Any]) -> bytes:
    """The parts as a zip, always the same; `make` in the rules names one of `MADE` to damage it further."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), content, zipfile.ZIP_DEFLATED)
    content = stream.getvalue()
    return MADE[rules["make"]](content, parts) if "make" in rules else content


def _repacked(parts: Mapping[str, bytes], more: Sequence[tuple[str, bytes]] = ()) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*parts.items(), *more]:
            archive.writestr(zipfile.ZipInfo(name, WHEN), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _inflated(_: bytes, parts: Parts) -> bytes:
    return _repacked({**parts, "xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"] + b" " * (100 * 2**20)})


def _many_members(_: bytes, parts: Parts) -> bytes:
    return _repacked(parts, [(f"xl/media/image{number}.txt", b"") for number in range(5000)])


def _two_sheets_of_one_name(_: bytes, parts: Parts) -> bytes:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = parts["xl/worksheets/sheet1.xml"].replace(b"15000.00", b"25000.00")
        return _repacked(parts, [("xl/worksheets/sheet1.xml", other)])


def _slipping_names(_: bytes, parts: Parts) -> bytes:
    return _repacked(parts, [("../../evil.txt", b"x"), ("/abs.txt", b"x")])


def _flipped(content: bytes, _: Parts) -> bytes:
    """Bits of the sheet's compressed data the other way round; its checksum stays as it was."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = archive.getinfo("xl/worksheets/sheet1.xml")
    start = member.header_offset + 30 + len(member.filename) + 40
    return content[:start] + bytes(byte ^ 0xFF for byte in content[start : start + 8]) + content[start + 8 :]


def _shared_header(content: bytes, _: Parts) -> bytes:
    """The directory's last entry points at the member of the one before it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        *_, before, last = archive.infolist()
    place = content.rindex(b"PK\x01\x02")
    assert last.header_offset != before.header_offset
    return content[: place + 42] + struct.pack("<I", before.header_offset) + content[place + 46 :]


def _with_macros(_: bytes, parts: Parts) -> bytes:
    return _repacked(parts, [("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macros")])


def _of_csv_files(_: bytes, __: Parts) -> bytes:
    return _repacked({"payments.csv": b"a,b\n1,2\n", "agents.csv": b"a\n"})


def _of_word(_: bytes, parts: Parts) -> bytes:
    renamed = {name.replace("xl/", "word/"): content for name, content in parts.items() if "worksheets" not in name}
    return _repacked(renamed)


def _encrypted(_: bytes, __: Parts) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(1024)


def _encrypted_member(content: bytes, _: Parts) -> bytes:
    """The flag of a password on the first member."""
    place = content.index(b"PK\x01\x02")
    return content[:6] + b"\x01\x00" + content[8 : place + 8] + b"\x01\x00" + content[place + 10 :]


def _wide(_: bytes, parts: Parts) -> bytes:
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</row>", b'<c r="XFE1"><v>1</v></c></row>', 1)
    return _repacked({**parts, "xl/worksheets/sheet1.xml": sheet})


def _many_rows(_: bytes, parts: Parts) -> bytes:
    sheet = parts["xl/worksheets/sheet1.xml"].replace(
        b"</sheetData>", b'<row r="1048577"><c r="A1048577"><v>1</v></c></row></sheetData>'
    )
    return _repacked({**parts, "xl/worksheets/sheet1.xml": sheet})


def _without_places(_: bytes, parts: Parts) -> bytes:
    sheet = re.sub(rb'<(row|c) r="[A-Z]*\d+"', rb"<\1", parts["xl/worksheets/sheet1.xml"])
    return _repacked({**parts, "xl/worksheets/sheet1.xml": sheet})


def _absurd_rows(_: bytes, parts: Parts) -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>x</v></c></row>' for n in range(7, 207))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", rows.encode() + b"</sheetData>")
    return _repacked({**parts, "xl/worksheets/sheet1.xml": sheet})


def _formatted_to(_: bytes, parts: Parts) -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="2"/></row>' for n in range(7, 60_001))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", rows.encode() + b"</sheetData>")
    return _repacked({**parts, "xl/worksheets/sheet1.xml": sheet})


def _nested(_: bytes, parts: Parts) -> bytes:
    deep = b"<extLst>" + b"<x>" * 5000 + b"</x>" * 5000 + b"</extLst>"
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</worksheet>", deep + b"</worksheet>")
    return _repacked({**parts, "xl/worksheets/sheet1.xml": sheet})


def _utf16_dtd(_: bytes, parts: Parts) -> bytes:
    text = (
        parts["xl/worksheets/sheet1.xml"]
        .decode()
        .replace('encoding="UTF-8" standalone="yes"?>', 'encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "1200">]>')
    )
    return _repacked({**parts, "xl/worksheets/sheet1.xml": text.encode("utf-16")})


def _late_dtd(_: bytes, parts: Parts) -> bytes:
    """The document type behind a long remark, where a glance at the beginning would miss it."""
    sheet = parts["xl/worksheets/sheet1.xml"]
    head, body = sheet.split(b"\n", 1)
    return _repacked(
        {**parts, "xl/worksheets/sheet1.xml": head + b"<!--" + b"x" * (2 * 2**20) + b"--><!DOCTYPE x>" + body}
    )


def _junk_in_front(content: bytes, _: Parts) -> bytes:
    return b"MZ" + bytes(510) + content


def _junk_behind(content: bytes, _: Parts) -> bytes:
    return content + b"\x00" * 70_000 + b"junk" * 1024


def _cut(content: bytes, _: Parts) -> bytes:
    return content[: len(content) * 6 // 10]


def _stored_size_lies(content: bytes, _: Parts) -> bytes:
    """The directory says that the sheet unfolds to 10 bytes."""
    name = b"xl/worksheets/sheet1.xml"
    place = content.rindex(name) - 46
    return content[: place + 24] + struct.pack("<I", 10) + content[place + 28 :]


def _zlib_only(_: bytes, parts: Parts) -> bytes:
    return zlib.compress(parts["xl/worksheets/sheet1.xml"])


MADE: Mapping[str, Callable[[bytes, Parts], bytes]] = {
    function.__name__.lstrip("_"): function
    for function in (
        _inflated, _many_members, _two_sheets_of_one_name, _slipping_names, _flipped, _shared_header, _with_macros,
        _of_csv_files, _of_word, _encrypted, _encrypted_member, _wide, _many_rows, _without_places, _absurd_rows, _formatted_to, _nested,
        _utf16_dtd, _late_dtd, _junk_in_front, _junk_behind, _cut, _stored_size_lies, _zlib_only,
    )
}  # fmt: skip
