"""The look of everything in Excel: calm, printable, one glance. Workbooks are made of `Book`, `Page` and `Column`."""

from toolkit.look.book import Book
from toolkit.look.cells import Cell, Column, Formula
from toolkit.look.checks import Check, Verdict, show_verdict, status, write_checks
from toolkit.look.names import file_names, masked_account, masked_phone, references, sheet_names
from toolkit.look.page import Figure, Page, Table
from toolkit.look.paper import LEFT
from toolkit.look.text_sheet import TextSheet
from toolkit.look.theme import Kind
from toolkit.look.words import day_words, period_words
from toolkit.problems import said

__all__ = [
    "LEFT",
    "Book",
    "Cell",
    "Check",
    "Column",
    "Figure",
    "Formula",
    "Kind",
    "Page",
    "Table",
    "TextSheet",
    "Verdict",
    "day_words",
    "file_names",
    "masked_account",
    "masked_phone",
    "period_words",
    "references",
    "said",
    "sheet_names",
    "show_verdict",
    "status",
    "write_checks",
]
