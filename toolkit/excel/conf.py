"""The sheet xlwings.conf: which Python the buttons start, what the workbook was built with, what drop-downs offer."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from xlsxwriter.utility import quote_sheetname, xl_range_abs

from toolkit.excel.layout import CONF_SHEET
from toolkit.excel.vba import xlwings_version
from toolkit.look import Book
from toolkit.shipped import version

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HOME_WIN = r"%LOCALAPPDATA%\CollectionsToolkit"
HOME_MAC = "$HOME/Library/CollectionsToolkit"
"""Where the toolkit is installed for one user (docs/how-to/install-for-excel.md); buttons start the Python in it."""

LISTS_LEFT = 3

BUILT_WITH, BUILT_XLWINGS = "TOOLKIT_VERSION", "XLWINGS_VERSION"


def conf_rows() -> list[tuple[str, str]]:
    """Keys and values; the last ones are read by `toolkit workbook check` and `toolkit doctor`."""
    return [
        ("INTERPRETER_WIN", rf"{HOME_WIN}\Scripts\pythonw.exe"),
        ("INTERPRETER_MAC", f"{HOME_MAC}/bin/python"),
        ("ADD_WORKBOOK_TO_PYTHONPATH", "False"),
        ("USE UDF SERVER", "False"),
        ("SHOW CONSOLE", "False"),
        ("UDF MODULES", "toolkit.excel.functions"),
        (BUILT_WITH, version()),
        (BUILT_XLWINGS, xlwings_version()),
    ]


def write_conf(book: Book, sheet: "Worksheet") -> None:
    """xlwings reads keys from column A and values from column B of this sheet."""
    for row, (key, value) in enumerate(conf_rows()):
        sheet.write_string(row, 0, key, book.style())
        sheet.write_string(row, 1, value, book.style())
    sheet.set_column_pixels(0, 0, 240)
    sheet.set_column_pixels(1, 1, 520)


def write_lists(book: Book, sheet: "Worksheet", lists: Mapping[str, Sequence[str]]) -> None:
    """The entries of drop-downs, a column each, with a name for `list_source`: Excel takes no more than 255 letters
    of them in the cell itself."""
    for column, (name, entries) in enumerate(lists.items(), LISTS_LEFT):
        sheet.write_string(0, column, name, book.style(bold=True))
        for row, entry in enumerate(entries, 1):
            sheet.write_string(row, column, entry, book.style())
        sheet.set_column_pixels(column, column, 110)
        area = xl_range_abs(1, column, max(len(entries), 1), column)
        book.name(_list_name(name), f"{quote_sheetname(CONF_SHEET)}!{area}")


def list_source(name: str) -> str:
    """The formula of a drop-down whose entries `write_lists` wrote."""
    return f"={_list_name(name)}"


def _list_name(name: str) -> str:
    return f"list_{name}"
