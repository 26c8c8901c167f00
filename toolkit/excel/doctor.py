"""Is this machine ready for the workbook with buttons? Each thing that matters, and what to do about it."""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from toolkit.excel.conf import HOME_MAC, HOME_WIN
from toolkit.excel.desk import log_path
from toolkit.excel.vba import xlwings_version
from toolkit.problems import said
from toolkit.shipped import version

OLDEST = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what was seen, whether it is in order, and what to do if it is not."""

    what: str
    seen: str
    ok: bool
    to_do: str = ""


def findings() -> Iterator[Finding]:
    """Everything, in the order in which one would mend it."""
    yield Finding("toolkit", version(), ok=True)
    running = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", running, sys.version_info >= OLDEST, said("DOCTOR_PYTHON"))
    yield _xlwings()
    yield _excel()
    yield _home()
    yield _writable("folder for logs", log_path().parent)
    yield _writable("folder for temporary files", Path(tempfile.gettempdir()))


def _xlwings() -> Finding:
    return Finding("xlwings", xlwings_version(), ok=True)


def _excel() -> Finding:
    """Whether there is an Excel to drive; the command line works without."""
    if platform.system() == "Windows":
        there = find_spec("win32com") is not None
        dll = Path(sys.prefix) / f"xlwings64-{xlwings_version()}.dll"
        seen = "ready" if there and dll.is_file() else "buttons only" if there else "not ready"
        return Finding("Excel", seen, there, said("DOCTOR_PYWIN32"))
    if platform.system() == "Darwin":
        there = find_spec("appscript") is not None
        return Finding("Excel", "buttons only: functions need Windows", there, said("DOCTOR_APPSCRIPT"))
    return Finding("Excel", "none on this system", ok=True, to_do=said("DOCTOR_NO_EXCEL"))


def _home() -> Finding:
    """Buttons start the Python of one fixed folder for each user."""
    if platform.system() not in ("Windows", "Darwin"):
        return Finding("home of the buttons", "only on Windows and Mac", ok=True)
    home = Path(os.path.expandvars(HOME_WIN if platform.system() == "Windows" else HOME_MAC))
    python = home / ("Scripts/pythonw.exe" if platform.system() == "Windows" else "bin/python")
    return Finding("home of the buttons", str(python), python.is_file(), said("DOCTOR_HOME", home=home))


def _writable(what: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(what, f"{folder}: {error.strerror}", ok=False, to_do=said("DOCTOR_WRITE", folder=folder))
    return Finding(what, str(folder), ok=True)
