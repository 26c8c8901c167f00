"""A stand-in for Excel under the real Windows engine of xlwings, for where there is no Excel.

    with opened(path, "memory") as book:      # or "calc": a live LibreOffice
        macros.calculate()                    # finds the book with xw.Book.caller()
        assert book.sheets["Result"]["B4"].value == 1200
        assert application(book).calls <= 60

Two back ends stand under one object model: `memory` over openpyxl, fast and without calculation, and `calc` over a live
LibreOffice, which calculates. Both open a copy of the workbook in a fresh folder: `book.fullname` says where.
"""

import contextlib
import importlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import pywin32
from .application import Application
from .com import bare
from .pywin32 import alerts, com_error
from .workbook import Workbook

__all__ = ["BACKENDS", "Application", "alerts", "application", "com_error", "install", "opened"]

BACKENDS = {"memory": ("memory", "MemoryHost", 1), "calc": ("calc", "CalcHost", 2)}
_running: dict[str, Application] = {}
install = pywin32.install


@contextlib.contextmanager
def opened(path: Path | str, backend: str) -> Iterator[Any]:
    """The workbook as an xlwings Book, which is also what xw.Book.caller() gives. Books opened within are beside it.

    Excel is left as a macro finds it: the book is active, no calls are counted yet.
    """
    xlwings = install()
    with tempfile.TemporaryDirectory(prefix="standin-") as folder:
        excel = _start(backend)
        workbook = excel.Workbooks.Open(shutil.copy(path, folder))
        before = getattr(xlwings.Book, "_mock_caller", None)
        book = xlwings.Book(impl=xlwings._xlwindows.Book(xl=xlwings._xlwindows.COMRetryObjectWrapper(workbook)))
        book.set_mock_caller()
        excel.calls = 0
        try:
            yield book
        finally:
            _forget(xlwings, before)
            _close(backend, excel, workbook)


def application(book: Any) -> Application:
    """The stand-in's Application behind an xlwings Book, to count its calls."""
    return bare(book.impl.xl)._application


def _start(backend: str) -> Application:
    """The back end's application: the one that has a workbook open already, or a new one."""
    if backend not in _running:
        module, host, hwnd = BACKENDS[backend]
        holder = importlib.import_module(f".{module}", __name__)
        _running[backend] = Application(getattr(holder, host)(), hwnd)
    _announce()
    return _running[backend]


def _announce() -> None:
    """Lets xlwings find what runs, the latest first, where it would look for Excel's windows."""
    engine = install()._xlwindows
    windows = {excel.Hwnd: engine.COMRetryObjectWrapper(excel) for excel in reversed(list(_running.values()))}
    engine.get_excel_hwnds = lambda: iter(windows)
    engine.get_xl_app_from_hwnd = windows.__getitem__


def _forget(xlwings: Any, before: Any) -> None:
    xlwings._xlwindows.BOOK_CALLER = None  # a function that was asked has left its book there
    if before is None:
        del xlwings.Book._mock_caller
    else:
        xlwings.Book._mock_caller = before


def _close(backend: str, excel: Application, workbook: Workbook) -> None:
    if workbook in excel._books:
        workbook.Close(SaveChanges=False)
    if not excel._books:
        del _running[backend]
    _announce()
