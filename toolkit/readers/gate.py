"""What a workbook must be before any parser sees it: a zip of a sensible size, made the way Excel makes them."""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from toolkit.problems import Problem, problem
from toolkit.profiles import Limits
from toolkit.readers.raw import FileRejected

MB = 2**20
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 10 * MB
"""A small sheet of equal rows packs very well; only what unfolds to more than this is suspected."""
MOST_MEMBERS = 2000
CHUNK = 1 << 20
OVERLAP = 20
"""Bytes of a stretch that are looked at again with the next: a word may lie across the border."""

NEEDED = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")


class Workbook(NamedTuple):
    """A workbook whose parts may be read. `sheets` has the XML of its sheets by part, and of the texts that they share,
    unfolded once for all, where they are where Excel puts them; other programs may put them elsewhere."""

    archive: zipfile.ZipFile
    sheets: Mapping[str, bytes]

    def part(self, name: str) -> bytes:
        """The part of this name; `KeyError` if there is none."""
        return self.sheets[name] if name in self.sheets else self.archive.read(name)

    @property
    def shared_texts(self) -> list[bytes]:
        """The XML of the texts that cells share, if there are any."""
        return [xml for name, xml in self.sheets.items() if name.lower().endswith(SHARED_TEXTS)]


SHEETS = "xl/worksheets/"
SHARED_TEXTS = "sharedstrings.xml"
TORN = (b"</t><t>", b"</t><t ", b"<![CDATA[", b"<!--")
"""What Excel never writes into a shared text, and of which programs make different things."""


def checked_workbook(content: bytes, file: str, limits: Limits) -> Workbook:
    """The workbook, looked at from outside; `FileRejected` says what is the matter with it."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise FileRejected(
            problem("ENCRYPTED", file=file) if encrypted else _no_workbook(file, "an old workbook: name it .xls")
        )
    if not content.strip():
        raise FileRejected(problem("EMPTY_FILE", file=file))
    if not content.startswith(b"PK\x03\x04"):
        raise FileRejected(_no_workbook(file, _kind(content)))
    check_size(content, file, limits)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileRejected(problem("ZIP_CORRUPT", file=file, reason=str(error))) from error
    _check_ends(archive, content, file)
    _check_names(archive, file)
    return Workbook(archive, _checked_members(archive, file, limits))


def check_size(content: bytes, file: str, limits: Limits) -> None:
    """A file that is larger than allowed is refused."""
    if len(content) > limits.workbook_mb * MB:
        raise FileRejected(problem("TOO_LARGE", file=file, most=limits.workbook_mb))


def _check_ends(archive: zipfile.ZipFile, content: bytes, file: str) -> None:
    """Nothing stands before the first part or behind the end: programs would disagree about what the file is."""
    end = content.rfind(b"PK\x05\x06")
    members = archive.infolist()
    if end + 22 + len(archive.comment) != len(content) or (members and min(m.header_offset for m in members) != 0):
        raise FileRejected(problem("ZIP_CORRUPT", file=file, reason="there is something before or behind the workbook"))


def _no_workbook(file: str, seen: str) -> Problem:
    return problem("NOT_XLSX", file=file, seen=seen)


def _kind(content: bytes) -> str:
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table")):
        return "a web page: name it .xls if it holds one table"
    if start.startswith(b"<?xml"):
        return "XML Spreadsheet 2003" if b"schemas-microsoft-com:office:spreadsheet" in start else "an XML file"
    if start.startswith(b"mime-version"):
        return "a web archive (.mht)"
    is_text = b"\x00" not in start or start.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "a text file: name it .csv" if is_text else "something else"


def _as_parsers_see_it(name: str) -> str:
    """Some parsers find a part whatever its capitals and slashes are."""
    return "/".join(part for part in name.casefold().replace("\\", "/").split("/") if part not in ("", "."))


def _check_names(archive: zipfile.ZipFile, file: str) -> None:
    names = archive.namelist()
    if len(names) > MOST_MEMBERS:
        raise FileRejected(problem("ZIP_BOMB", file=file, value=f"{len(names)} parts"))
    alike = Counter(map(_as_parsers_see_it, names))
    for name in names:
        leads_out = name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")
        if leads_out or alike[_as_parsers_see_it(name)] > 1:
            raise FileRejected(problem("ZIP_NAMES", file=file, value=name))
    if "xl/workbook.xml" not in names and not any(name.startswith("xl/") for name in names):
        raise FileRejected(_no_workbook(file, "a zip file without a workbook in it"))
    for name in NEEDED:
        if name not in names:
            raise FileRejected(problem("XLSX_PART_MISSING", file=file, value=name))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRejected(problem("MACRO_WORKBOOK", file=file))


def _checked_members(archive: zipfile.ZipFile, file: str, limits: Limits) -> dict[str, bytes]:
    """Unfolds every part once, counting, so that nothing larger than allowed ever is in memory; gives the sheets."""
    total = 0
    sheets: dict[str, bytes] = {}
    packed = sum(member.compress_size for member in archive.infolist())
    tail, wide = b"", False
    for member in archive.infolist():
        kept: list[bytes] = []
        if member.flag_bits & 1:
            raise FileRejected(problem("ENCRYPTED", file=file))
        for number, chunk in enumerate(_ahead(_chunks(archive, member, file))):
            total += len(chunk)
            if member.filename.startswith(SHEETS) or member.filename.lower().endswith(SHARED_TEXTS):
                kept.append(chunk)
            if total > limits.unfolded_mb * MB or (total > RATIO_COUNTS_FROM and total > LARGEST_RATIO * packed):
                raise FileRejected(problem("ZIP_BOMB", file=file, value=f"more than {total // MB} MB"))
            if member.filename.endswith((".xml", ".rels")):
                wide = wide if number else b"\x00" in chunk[:8]
                chunk = chunk.replace(b"\x00", b"") if wide else chunk
                _check_xml(tail + chunk if number else chunk, member.filename, file)
                tail = chunk[-OVERLAP:]
        if kept:
            sheets[member.filename] = b"".join(kept)
    return sheets


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    try:
        with archive.open(member) as part:
            while chunk := part.read(CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
        raise FileRejected(problem("ZIP_CORRUPT", file=file, reason=str(error))) from error


def _ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks; the next is unfolded, which happens outside of Python, while one is looked at."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, chunks, b"")
        while chunk := coming.result():
            coming = beside.submit(next, chunks, b"")
            yield chunk


def _check_xml(text: bytes, name: str, file: str) -> None:
    """A stretch of a part: no document type, no entity, no instruction to take in something else."""
    place = text.find(b"<!")
    while place >= 0:
        if text[place + 2 : place + 9].upper().startswith((b"DOCTYPE", b"ENTITY")):
            raise FileRejected(problem("XML_DTD", file=file, value=name))
        place = text.find(b"<!", place + 2)
    if name.lower().endswith(SHARED_TEXTS) and any(sign in text for sign in TORN):
        raise FileRejected(problem("XLSX_CORRUPT", file=file, reason="a text that cells share is in pieces"))
    if b"XInclude" in text:
        raise FileRejected(problem("XML_UNEXPECTED", file=file, value=name))
