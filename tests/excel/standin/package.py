"""What openpyxl leaves out of a workbook's file: the names of the shapes and buttons on each sheet."""

import posixpath
import re
import zipfile
from pathlib import Path

_TARGET = re.compile(r'<Relationship\b(?=[^>]*\bType="[^"]*/(drawing|vmlDrawing)")[^>]*\bTarget="([^"]+)"')
_SHAPE = re.compile(r'<(?:xdr:)?cNvPr\b[^>]*\bname="([^"]*)"')
_BUTTON = re.compile(r'<v:shape\b(?:(?!</v:shape>).)*ObjectType="Button"', re.DOTALL)


def shape_names(path: Path) -> list[list[str]]:
    """For each sheet, in the order of the file's sheets: its drawings, then its buttons (Button 1, Button 2 ...)."""
    with zipfile.ZipFile(path) as file:
        parts = set(file.namelist())
        sheets = _sheet_parts(file)
        return [_of_sheet(file, parts, sheet) for sheet in sheets]


def _sheet_parts(file: zipfile.ZipFile) -> list[str]:
    workbook = file.read("xl/workbook.xml").decode("utf-8")
    relations = file.read("xl/_rels/workbook.xml.rels").decode("utf-8")
    targets = {}
    for relation in re.findall(r"<Relationship\b[^>]*>", relations):
        found = [re.search(rf'\b{key}="([^"]*)"', relation) for key in ("Id", "Target")]
        if all(found):
            targets[found[0][1]] = posixpath.normpath(posixpath.join("/xl", found[1][1])).lstrip("/")
    return [targets[key] for key in re.findall(r'<sheet\b[^>]*\br:id="([^"]+)"', workbook) if key in targets]


def _of_sheet(file: zipfile.ZipFile, parts: set[str], sheet: str) -> list[str]:
    folder, name = posixpath.split(sheet)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in parts:
        return []
    names: list[str] = []
    buttons = 0
    for kind, target in sorted(_TARGET.findall(file.read(relations).decode("utf-8"))):
        part = posixpath.normpath(posixpath.join(f"/{folder}", target)).lstrip("/")
        text = file.read(part).decode("utf-8", "replace") if part in parts else ""
        if kind == "drawing":
            names += _SHAPE.findall(text)
        else:
            buttons += len(_BUTTON.findall(text))
    return names + [f"Button {number}" for number in range(1, buttons + 1)]
