"""The sheet xlwings.conf: which Python the buttons start, and what the workbook was built with."""

from typing import TYPE_CHECKING

from toolkit.excel.vba import xlwings_version
from toolkit.look import Book
from toolkit.shipped import version

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HOME_WIN = r"%LOCALAPPDATA%\CollectionsToolkit"
HOME_MAC = "$HOME/Library/CollectionsToolkit"
"""Where the toolkit is installed for one user (docs/how-to/install-for-excel.md); buttons start the Python in it."""

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
