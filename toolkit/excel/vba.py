"""The VBA project of the workbook: xlwings' own modules of the installed version, and ours.

pyOpenVBA writes it as Excel does. The same modules give the same bytes.
"""

import tempfile
from collections.abc import Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from toolkit.problems import ToolkitError, problem

CODE_PAGE = "cp1252"
XLWINGS_MODULE, DICTIONARY = "xlwings", "Dictionary"


def xlwings_version() -> str:
    """The version of xlwings that is installed, whose modules the workbook gets."""
    return metadata.version("xlwings")


def xlwings_sources() -> dict[str, str]:
    """The two modules that RunPython and functions need, as the installed xlwings ships them."""
    spec = find_spec("xlwings")
    assert spec is not None and spec.origin is not None  # noqa: S101  # it is a dependency
    folder = Path(spec.origin).parent
    return {
        XLWINGS_MODULE: _read(folder / "xlwings.bas"),
        DICTIONARY: _read(folder / "addin" / "Dictionary.cls"),
    }


def _read(path: Path) -> str:
    return path.read_bytes().decode(CODE_PAGE)


def vba_project(sheets: int, modules: Mapping[str, str]) -> bytes:
    """vbaProject.bin with ThisWorkbook, Sheet1 to Sheet<sheets>, xlwings' modules and `modules` by their names.

    Raises `ToolkitError` for a source with a letter that VBA's code page (Windows-1252) does not have.
    """
    from pyopenvba import ExcelFile
    from pyopenvba.vba import VBAModuleKind
    from xlsxwriter import Workbook

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.xlsm"
        book = Workbook(str(path), {"in_memory": True})
        for _ in range(sheets):
            book.add_worksheet()
        book.close()
        file = ExcelFile(path)
        project = file.add_vba_project()
        for name, source in {**xlwings_sources(), **modules}.items():
            kind = VBAModuleKind.other if name == DICTIONARY else VBAModuleKind.standard
            project.add_module(name, _with_windows_lines(name, source), kind=kind)
        file.save(path)
        return bytes(ExcelFile(path).vba_project_bytes())


def _with_windows_lines(name: str, source: str) -> str:
    try:
        source.encode(CODE_PAGE)
    except UnicodeEncodeError as error:
        letter = source[error.start]
        line = source.count("\n", 0, error.start) + 1
        raise ToolkitError([problem("VBA_LETTER", value=letter, module=name, line=line)]) from error
    return source.replace("\r\n", "\n").replace("\n", "\r\n")


def vba_modules(path: Path) -> dict[str, str]:
    """The modules of a macro workbook by name; `ToolkitError` where it has no VBA project that can be read."""
    from pyopenvba import ExcelFile, PyOpenVBAError

    try:
        file = ExcelFile(path)
        return {name: file.get_module(name) for name in file.module_names()}
    except (PyOpenVBAError, OSError, ValueError, KeyError) as error:
        raise ToolkitError([problem("WORKBOOK_WITHOUT_MACROS", file=path.name)]) from error
