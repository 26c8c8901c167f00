"""Cells written otherwise than Excel does: read as openpyxl reads them, or refused, wherever the sheet is cut."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutants import sound_file
from mutated_zips import members_of, packed
from reading_cases import AS_OF, PROFILE

from toolkit.readers import sheet_tags
from toolkit.readers.sheet_tags import SheetFault, Tags, tags_of
from toolkit.reading import read_tables

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Change = Callable[[bytes], bytes]


def with_sheet(change: Change, form: str = "xlsx") -> bytes:
    members = dict(members_of(sound_file("payments", form)))
    name = "xl/worksheets/sheet1.xml"
    changed = change(members[name])
    assert changed != members[name]
    return packed(list((members | {name: changed}).items()))


def other(pattern: bytes, text: bytes) -> Change:
    return lambda xml: re.sub(pattern, text, xml, flags=re.DOTALL)


def under_prefix(prefix: str, names: bytes) -> Change:
    """The elements of these names with a prefix, which stands for the language of sheets."""
    sign = prefix.encode()

    def change(xml: bytes) -> bytes:
        named = re.sub(rb"<(/?)(%b)(?=[ />])" % names, rb"<\1" + sign + rb":\2", xml)
        return re.sub(rb"<([^ ?!]*worksheet) ", rb'<\1 xmlns:%b="%b" ' % (sign, MAIN), named, count=1)

    return change


OTHERWISE: dict[str, Change] = {
    "every element under a prefix": under_prefix("x", rb"[A-Za-z]+"),
    "rows under a prefix": under_prefix("x", rb"row"),
    "cells under a prefix with points": under_prefix("x.y-z_1", rb"c"),
    "values under a prefix": under_prefix("x", rb"v|is|t"),
    "everything under a prefix that is no ASCII": under_prefix("é", rb"[A-Za-z]+"),
    "cells under a prefix of 31 signs": under_prefix("x" * 31, rb"c"),
    "rows and cells under a prefix of 60 signs": under_prefix("x" * 60, rb"row|c"),
    "all quotation marks single": lambda xml: xml.replace(b'"', b"'"),
    "types in single quotation marks": other(rb' t="(\w+)"', rb" t='\1'"),
    "blanks around the places' signs": other(rb' r="', b' r = "'),
    "line breaks before the places": other(rb' r="', b'\nr="'),
    "blanks at the ends of tags": other(rb"</(c|row|v|sheetData)>", rb"</\1 >"),
    "cells without places": other(rb'<c r="[A-Z]+\d+"', b"<c"),
    "rows without places": other(rb'<row r="\d+"', b"<row"),
    "no places at all": other(rb'<(row|c) r="\w+"', rb"<\1"),
    "places in small letters": lambda xml: re.sub(rb'<c r="([A-Z]+)', lambda found: found[0].lower(), xml),
    "places behind the styles": other(rb'<c (r="\w+")((?: [st]="\w+")+)', rb"<c\2 \1"),
    "noughts before the numbers of rows": other(rb'<row r="(\d)"', rb'<row r="0\1"'),
    "a place of another language beside the sheet's": lambda xml: xml.replace(
        b'<c r="E3"', b'<c x:r="F3" r="E3"'
    ).replace(b"<worksheet ", b'<worksheet xmlns:x="urn:x" '),
    "a text that looks like tags": other(rb">R2<", b""">&lt;c r='E2'&gt; xmlns="urn:y" = ' &lt;/sheetData&gt;<"""),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
@pytest.mark.parametrize("way", OTHERWISE)
def test_cells_written_otherwise_are_read_as_openpyxl_reads_them(tmp_path: Path, way: str) -> None:
    content = with_sheet(OTHERWISE[way])
    (tmp_path / "payments.xlsx").write_bytes(content)
    taken = read_tables(tmp_path, PROFILE, as_of=AS_OF).tables["payments"]
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
    seen = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [(row["payment_id"], row["amount"], row["reference"]) for row in taken.rows(named=True)] == [
        (row["payment_id"], round(float(str(row["amount"])) * 100), row["reference"]) for row in seen
    ]
    assert taken["amount"].sum() == 1_765_049


@pytest.mark.parametrize("empty", [b"", b"<sheetData/>", b"<sheetData></sheetData>"])
def test_a_sheet_without_cells_is_no_table(tmp_path: Path, empty: bytes) -> None:
    (tmp_path / "payments.xlsx").write_bytes(with_sheet(other(rb"<sheetData>.*</sheetData>", empty)))
    reading = read_tables(tmp_path, PROFILE, as_of=AS_OF)
    assert [(file.verdict, file.rows) for file in reading.files] == [("reject-file", 0)]
    assert {found.level for found in reading.problems} == {"error"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_sheet_in_another_encoding_is_refused_in_words(tmp_path: Path, encoding: str) -> None:
    declared = encoding[:6].upper()
    change: Change = lambda xml: xml.decode().replace("UTF-8", declared).encode(encoding)  # noqa: E731
    (tmp_path / "payments.xlsx").write_bytes(with_sheet(change))
    reading = read_tables(tmp_path, PROFILE, as_of=AS_OF)
    assert ["an encoding that Excel never writes" in str(found) for found in reading.problems] == [True]


# Where the sheet is cut for looking at it

CELLS = st.lists(st.sampled_from(["", "<v>7</v>", "<f>A1</f><v>7</v>", "<is><t>&lt;row</t></is>", "<v/>"]), max_size=4)
ROWS = st.lists(st.tuples(st.sampled_from([1, 1, 1, 2, 900]), CELLS), max_size=8)
FAULTS = st.sampled_from(["", "", "", '<c r="A1"><v>1</v></c>', "<c><v>1</v></c>", "<!-- x -->", "<x:c/>"])


def sheet_of(rows: list[tuple[int, list[str]]], more: str) -> bytes:
    """The XML of a sheet; each row so many below the one before, the last with something more in it."""
    written, number = [], 0
    for step, cells in rows:
        number += step
        inside = "".join(f'<c r="{"ABCD"[place]}{number}">{cell}</c>' for place, cell in enumerate(cells))
        written.append(f'<row r="{number}">{inside}</row>')
    data = "".join(written)
    return f'<worksheet><sheetData>{data[:-6]}{more}{data[-6:]}</sheetData><rowBreaks count="1"/></worksheet>'.encode()


def looked_at(xml: bytes, stretch: int) -> tuple[bool, list[int], int, int] | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet_tags, "STRETCH", stretch)
        try:
            tags: Tags = tags_of(xml)
        except SheetFault as fault:
            return str(fault)
    return (True, tags.rows.tolist(), tags.formulas, tags.widest) if tags.usual else (False, [], 0, -1)


@given(ROWS, FAULTS, st.integers(1, 400))
def test_it_does_not_matter_where_the_sheet_is_cut(rows: list[tuple[int, list[str]]], more: str, stretch: int) -> None:
    xml = sheet_of(rows, more if rows else "")
    assert looked_at(xml, stretch) == looked_at(xml, 4 << 20)


def test_a_sheet_cut_at_every_row_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_tags, "STRETCH", 1)
    (tmp_path / "payments.xlsx").write_bytes(sound_file("payments", "shared"))
    assert read_tables(tmp_path, PROFILE, as_of=AS_OF).accepted_sums == {"payments": 1_765_049}


def test_two_cells_at_one_place_are_found_wherever_the_sheet_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_tags, "STRETCH", 1)
    twice = other(rb'(<c r="E6".*?</c>)', rb"\1\1")
    (tmp_path / "payments.xlsx").write_bytes(with_sheet(twice))
    reading = read_tables(tmp_path, PROFILE, as_of=AS_OF)
    assert [found.code for found in reading.problems] == ["XLSX_CORRUPT"]
