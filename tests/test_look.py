"""The look: names that are safe everywhere, text that stays text, colours that can be read, widths that fit."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import parts

from toolkit.look import (
    Book,
    Column,
    Figure,
    Formula,
    Page,
    file_names,
    masked_account,
    masked_phone,
    references,
    theme,
)
from toolkit.look import sheet_names as sheets_named
from toolkit.look.theme import number_format

WINDOWS_REFUSES = re.compile(r'[<>:"/\\|?*\x00-\x1f]|[ .]$|^$')
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def book(out: Path, currency: str = "KES", digits: int = 2) -> Book:
    return Book(out, title="Test", subject="Test", created=date(2026, 10, 31), currency=currency, digits=digits)


def made(out: Path, columns: list[Column], digits: int = 2, total: str = "") -> Path:
    opened = book(out, digits=digits)
    page = Page(opened, "Sheet")
    page.table(4, columns, total=total)
    page.finish("left", "right")
    opened.close()
    return out


def test_names_of_files_are_most_often_the_ids_themselves() -> None:
    assert file_names(["A017", "TL-1", "Müller 3"]) == {"A017": "A017", "TL-1": "TL-1", "Müller 3": "Müller 3"}


@pytest.mark.parametrize(
    "agent_id", ["CON", "nul", "com1", "a/b", "a\\b", "a:b", "x.", " x", "", "a" * 200, "../../x", "aux.y"]
)
def test_an_id_that_windows_refuses_gets_a_name_that_it_takes(agent_id: str) -> None:
    name = file_names([agent_id])[agent_id]
    assert not WINDOWS_REFUSES.search(name)
    assert name.split(".")[0].lower() not in DEVICES
    assert len(name) <= 80
    assert Path(name).name == name


def test_ids_that_differ_only_in_capitals_get_different_files_whatever_the_order() -> None:
    names = file_names(["a17", "A17", "B1"])
    assert names["a17"].lower() != names["A17"].lower()
    assert names == file_names(["B1", "A17", "a17"])
    assert names["B1"] == "B1"


@given(st.lists(st.text(max_size=60), max_size=30))
def test_no_two_ids_ever_share_a_name(ids: list[str]) -> None:
    for made_names, longest in ((file_names(ids), 80), (sheets_named(ids), 31), (references(ids), 35)):
        assert len({name.casefold() for name in made_names.values()}) == len(set(ids))
        assert all(0 < len(name) <= longest for name in made_names.values() if name)


@given(st.lists(st.text(max_size=60), max_size=10))
def test_references_hold_only_what_a_payment_portal_takes(ids: list[str]) -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9/.\-]*", name) for name in references(ids).values())


@given(st.text(max_size=60))
def test_sheets_are_named_as_excel_allows(text: str) -> None:
    name = sheets_named([text])[text]
    assert not re.search(r"[\[\]:*?/\\]", name)
    assert not name.startswith("'") and not name.endswith("'")


def test_a_number_is_masked_so_that_its_owner_knows_it_and_nobody_can_use_it() -> None:
    assert masked_phone("254712345678") == "2547•• ••• 678"
    assert masked_phone("+254712345678") == "2547•• ••• 678"
    assert masked_account("0012345678901") == "•••• 901"
    assert masked_account("1234") == "•••• 34"
    assert masked_account("12") == "••••"
    assert masked_phone("") == masked_account("") == ""


@given(st.text(alphabet="0123456789", min_size=4, max_size=20))
def test_at_most_seven_digits_of_a_number_are_shown(number: str) -> None:
    shown = sum(character.isdigit() for character in masked_phone(number))
    assert shown <= 7 and shown < len(number)


def test_formats_have_the_digits_of_the_currency_and_a_dash_for_nothing() -> None:
    assert number_format("money", 2) == '#,##0.00;-#,##0.00;"–"'
    assert number_format("money", 0) == '#,##0;-#,##0;"–"'


HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1+2",
    "@SUM(A1)",
    "<r><t>rich</t></r>",
    "{=1}",
    "\t=1",
    "0017",
    "1e5",
]


def test_text_from_data_never_becomes_a_formula_or_a_number(tmp_path: Path) -> None:
    out = made(tmp_path / "a.xlsx", [Column("text", "Text", HOSTILE)])
    cells = [row[1] for row in openpyxl.load_workbook(out)["Sheet"].iter_rows(min_row=6, max_row=5 + len(HOSTILE))]
    assert [str(cell.value).strip() for cell in cells] == [text.strip() for text in HOSTILE]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "<f>" not in parts(out)["xl/worksheets/sheet1.xml"]


def test_text_that_excel_would_take_for_a_formula_after_an_edit_is_marked_as_text(tmp_path: Path) -> None:
    out = made(tmp_path / "a.xlsx", [Column("text", "Text", ["=1+1", "plain"])])
    sheet = openpyxl.load_workbook(out)["Sheet"]
    assert sheet["B6"].quotePrefix
    assert not sheet["B7"].quotePrefix


def test_an_ampersand_in_a_plan_id_stays_one_in_the_footer(tmp_path: Path) -> None:
    opened = book(tmp_path / "a.xlsx")
    page = Page(opened, "Sheet")
    page.finish("Run A&B", "All checks agree ✓")
    opened.close()
    assert "Run A&amp;&amp;B" in parts(tmp_path / "a.xlsx")["xl/worksheets/sheet1.xml"]


def test_money_is_stored_to_the_last_minor_unit(tmp_path: Path) -> None:
    amounts = [1, -1, 123456789012345, 0]
    out = made(tmp_path / "a.xlsx", [Column("amount", "Amount", amounts, "money", total=True)], total="Total")
    xml = parts(out)["xl/worksheets/sheet1.xml"]
    assert re.findall(r'<c r="B[6-9]"[^>]*><v>([^<]*)</v>', xml) == ["0.01", "-0.01", "1234567890123.45", "0.00"]
    assert "<f>SUM(B6:B9)</f><v>1234567890123.45</v>" in xml


def test_a_table_without_rows_says_so_and_its_names_still_hold(tmp_path: Path) -> None:
    out = made(
        tmp_path / "a.xlsx",
        [Column("a", "A", [], name="of_a"), Column("b", "B", [], "money", total=True)],
        total="Total",
    )
    sheet = openpyxl.load_workbook(out)["Sheet"]
    assert sheet["B6"].value == "Nothing this time"
    assert sheet["C7"].value == "=SUM(C6:C6)"


def test_the_same_book_has_the_same_bytes(tmp_path: Path) -> None:
    columns = [Column("a", "A", ["x", "y"]), Column("b", "B", [Decimal("1.5"), None], "number")]
    first, second = made(tmp_path / "a.xlsx", columns), made(tmp_path / "b.xlsx", columns)
    assert first.read_bytes() == second.read_bytes()


def test_nothing_is_written_before_the_book_is_closed(tmp_path: Path) -> None:
    Page(book(tmp_path / "a.xlsx"), "Sheet")
    assert not (tmp_path / "a.xlsx").exists()


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        *((ink, paper) for ink in (theme.INK, theme.MUTED, theme.ACCENT) for paper in ("#FFFFFF", theme.BAND)),
        (theme.INK, theme.INPUT),
        (theme.BAD[0], "#FFFFFF"),
        (theme.BAD[0], theme.BAND),
        theme.GOOD,
        theme.WATCH,
        theme.BAD,
    ],
)
def test_every_ink_can_be_read_on_its_paper(ink: str, paper: str) -> None:
    """Contrast of at least 4.5 : 1 (WCAG 2.1, level AA)."""
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_wider_value_makes_a_wider_column(tmp_path: Path) -> None:
    widths = []
    for number, amount in enumerate((1, 10**9, 10**14)):
        out = made(tmp_path / f"{number}.xlsx", [Column("b", "B", [amount, -amount], "money")])
        widths.append(openpyxl.load_workbook(out)["Sheet"].column_dimensions["B"].width)
    assert all(narrow < wide for narrow, wide in pairwise(widths))


def test_a_long_text_wraps_and_its_row_grows(tmp_path: Path) -> None:
    out = made(tmp_path / "a.xlsx", [Column("a", "A", ["short", "several words " * 20], widest=30)])
    sheet = openpyxl.load_workbook(out)["Sheet"]
    assert sheet["B7"].alignment.wrap_text and not sheet["B6"].alignment.wrap_text
    assert sheet.row_dimensions[7].height >= 100


def test_a_large_figure_takes_the_cells_it_needs(tmp_path: Path) -> None:
    opened = book(tmp_path / "a.xlsx")
    page = Page(opened, "Sheet")
    page.figures(3, [Figure("To be paid", Formula("=1+0", 10**12), "money", 1, True, "KES")], 6)
    page.finish("", "")
    opened.close()
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Sheet"]
    assert [str(cells) for cells in sheet.merged_cells.ranges] == ["B5:E5"]
    assert sheet["B5"].number_format.startswith('"KES "')
