"""The files of a set of data, and the sheets in each."""

from pathlib import Path

from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.readers.delimited import read_delimited
from toolkit.readers.raw import FileRejected, RawSheet, Source

TEXT = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb")
OLD = ".xls"
PARQUET = (".parquet", ".pq")
LOCK = "~$"


ONLY_DATABASE = "database:"
"""In place of files: the tables of the profile's database and nothing else."""


def data_files(data: Path, profile: Profile) -> list[Path]:
    """The data files of a folder, by name, or the one file; `ToolkitError` where there is none."""
    if str(data) == ONLY_DATABASE:
        if profile.database is None:
            raise ToolkitError([problem("DATABASE_NOT_SET_UP", value=profile.name)])
        return []
    if data.is_file():
        return [data]
    if not data.is_dir():
        raise ToolkitError([problem("DATA_NOT_FOUND", value=str(data))])
    found = files_in(data)
    if not found:
        raise ToolkitError([problem("DATA_EMPTY", value=str(data))])
    return found


def files_in(data: Path) -> list[Path]:
    """The data files of a folder, by name, or the one file; none where there is no such place."""
    if not data.is_dir():
        return [data] if data.is_file() else []
    known = (*TEXT, *WORKBOOKS, *PARQUET)
    shown = sorted(path for path in data.iterdir() if path.is_file() and not path.name.startswith("."))
    return [path for path in shown if path.suffix.lower() in known]


def sheets_of(source: Source, profile: Profile) -> tuple[list[RawSheet], list[Problem]]:
    """The sheets of a file, one for a text file, and remarks about it. `FileRejected` if it cannot be read."""
    suffix = source.path.suffix.lower()
    if source.path.name.startswith(LOCK):
        raise FileRejected(problem("LOCK_FILE", file=source.name))
    if suffix in TEXT:
        return [read_delimited(source)], []
    if suffix == OLD and (read := _old_sheets(source, profile)) is not None:
        return read
    if suffix in WORKBOOKS:
        from toolkit.readers.workbooks import read_workbook

        return read_workbook(source, profile.decimal, profile.limits)
    if suffix in PARQUET:
        from toolkit.readers.workbooks import read_parquet

        return [read_parquet(source)], []
    raise FileRejected(problem("FORMAT_UNKNOWN", file=source.name))


def _old_sheets(source: Source, profile: Profile) -> tuple[list[RawSheet], list[Problem]] | None:
    """What programs of old name .xls: a workbook of Excel 97 to 2003, or a web page; None for anything else."""
    from toolkit.readers.old_workbooks import is_old_workbook, read_old_workbook
    from toolkit.readers.web_tables import is_web_page, read_web_table

    if is_old_workbook(source.content):
        return read_old_workbook(source, profile.decimal, profile.limits)
    return (read_web_table(source, profile.limits), []) if is_web_page(source.content) else None
