"""The workbooks that came back: which files they are, and the forms in them as they stand in their cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from toolkit.form_books.blind import FORMS
from toolkit.form_books.description import MARK, MARKS
from toolkit.problems import Problem, problem
from toolkit.profiles import Limits
from toolkit.readers.gate import checked_workbook
from toolkit.readers.raw import FileRejected

READ = (".xlsx", ".xlsm")
OTHERS = (".ods", ".fods", ".xls", ".xlsb", ".numbers", ".pdf")
"""In what else a form may have been saved: it is not read, and that is said."""


@dataclass(frozen=True)
class Sheet:
    """One form as it came back."""

    file: str
    name: str
    cells: Mapping[str, Any]

    def text(self, place: str) -> str:
        """The cell as text; whole numbers without a point."""
        value = self.cells.get(place)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()

    @property
    def marks(self) -> dict[str, str]:
        """What the sheet says that it was made from."""
        return {name: self.text(place) for name, place in MARKS.items()}


def workbooks_in(folder: Path) -> list[Path]:
    """The filled workbooks of a folder, those in its forms/ too, without Excel's locks."""
    return [folder] if folder.is_file() else _files_in(folder, READ)


def saved_otherwise(folder: Path) -> list[Problem]:
    """Files of a folder that may be filled forms too, but are saved in a way that is not read."""
    return (
        [] if folder.is_file() else [problem("COLLECT_NOT_READ", file=path.name) for path in _files_in(folder, OTHERS)]
    )


def _files_in(folder: Path, kinds: Sequence[str]) -> list[Path]:
    places = [place for place in (folder, folder / FORMS) if place.is_dir()]
    found = [path for place in places for path in sorted(place.iterdir()) if path.suffix.lower() in kinds]
    return [path for path in found if path.is_file() and not path.name.startswith(("~$", "."))]


def forms_in(path: Path) -> tuple[list[Sheet], Problem | None]:
    """The forms of one workbook; without any, what is wrong with it."""
    import openpyxl

    try:
        content = path.read_bytes()
        checked_workbook(content, path.name, Limits())
        book = openpyxl.load_workbook(BytesIO(content), data_only=True, read_only=False)
    except FileRejected as rejected:
        return [], rejected.problem
    except Exception as error:  # a parser's own errors for a damaged file are of every kind
        return [], problem("XLSX_CORRUPT", file=path.name, reason=str(error).split("\n")[0])
    sheets = [
        Sheet(path.name, page.title, {cell.coordinate: cell.value for row in page.iter_rows() for cell in row})
        for page in book.worksheets
    ]
    forms = [sheet for sheet in sheets if sheet.marks["mark"] == MARK]
    return forms, None if forms else problem("COLLECT_NO_FORM", file=path.name)
