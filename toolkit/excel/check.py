"""Is a workbook intact, and was it built by the toolkit and the xlwings that are installed here?"""

from pathlib import Path
from zipfile import BadZipFile

from toolkit.excel.conf import BUILT_WITH, BUILT_XLWINGS
from toolkit.excel.layout import CONF_SHEET, layout, own_modules
from toolkit.excel.vba import vba_modules, xlwings_sources, xlwings_version
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.shipped import version


def check_workbook(path: Path) -> list[Problem]:
    """Everything that is wrong with the workbook; [] where it is as it was built.

    Raises `ToolkitError` for a file that is no workbook with macros.
    """
    sheets, conf = _sheets_and_conf(path)
    problems = [
        problem("WORKBOOK_SHEET_GONE", file=path.name, sheet=sheet.name)
        for sheet in layout().sheet
        if sheet.name not in sheets
    ]
    built = conf.get(BUILT_WITH, "")
    if built != version():
        problems.append(problem("WORKBOOK_OTHER_TOOLKIT", file=path.name, built=built or "?", here=version()))
    with_xlwings = conf.get(BUILT_XLWINGS, "")
    if with_xlwings != xlwings_version():
        built = with_xlwings or "?"
        problems.append(problem("WORKBOOK_OTHER_XLWINGS", file=path.name, built=built, here=xlwings_version()))
    return [*problems, *_module_problems(path)]


def _sheets_and_conf(path: Path) -> tuple[list[str], dict[str, str]]:
    import openpyxl

    if not path.is_file():
        raise ToolkitError([problem("DATA_NOT_FOUND", value=str(path))])
    try:
        book = openpyxl.load_workbook(path, read_only=True, keep_vba=True)
    except (BadZipFile, OSError, KeyError, ValueError) as error:
        raise ToolkitError([problem("WORKBOOK_WITHOUT_MACROS", file=path.name)]) from error
    conf = {}
    if CONF_SHEET in book.sheetnames:
        rows = book[CONF_SHEET].iter_rows(max_col=2, values_only=True)
        conf = {str(key): str(value) for key, value in rows if key}
    return book.sheetnames, conf


def _module_problems(path: Path) -> list[Problem]:
    """Macro modules that are not as they were built: changed, or not there."""
    found = vba_modules(path)
    problems = []
    for name, source in {**xlwings_sources(), **own_modules()}.items():
        if name not in found:
            problems.append(problem("WORKBOOK_MODULE_CHANGED", file=path.name, module=name, how="missing"))
        elif _body(found[name]) != _body(source):
            problems.append(problem("WORKBOOK_MODULE_CHANGED", file=path.name, module=name, how="changed"))
    return problems


def _body(source: str) -> list[str]:
    """The lines that people write: without the attributes, which a class has more of in a workbook than in a file."""
    lines = [line.rstrip() for line in source.replace("\r\n", "\n").split("\n")]
    start = next((place for place, line in enumerate(lines) if line.startswith(("Option ", "'", "#Const"))), 0)
    body = [line for line in lines[start:] if not line.startswith("Attribute ")]
    while body and not body[-1]:
        body.pop()
    return body
