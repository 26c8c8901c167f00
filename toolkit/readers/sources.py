"""The files of a set of data, and the sheets in each."""

from pathlib import Path

from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.readers.delimited import read_delimited
from toolkit.readers.raw import FileRejected, RawSheet, Source

TEXT = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb")
PARQUET = (".parquet", ".pq")
LOCK = "~$"


def data_files(data: Path) -> list[Path]:
    """The data files of a folder, by name, or the one file; `ToolkitError` where there is none."""
    if data.is_file():
        return [data]
    if not data.is_dir():
        raise ToolkitError([problem("DATA_NOT_FOUND", value=str(data))])
    known = (*TEXT, *WORKBOOKS, *PARQUET)
    shown = sorted(path for path in data.iterdir() if path.is_file() and not path.name.startswith("."))
    found = [path for path in shown if path.suffix.lower() in known]
    if not found:
        raise ToolkitError([problem("DATA_EMPTY", value=str(data))])
    return found


def sheets_of(source: Source, profile: Profile) -> tuple[list[RawSheet], list[Problem]]:
    """The sheets of a file, one for a text file, and remarks about it. `FileRejected` if it cannot be read."""
    suffix = source.path.suffix.lower()
    if source.path.name.startswith(LOCK):
        raise FileRejected(problem("LOCK_FILE", file=source.name))
    if suffix in TEXT:
        return [read_delimited(source)], []
    if suffix in WORKBOOKS:
        from toolkit.readers.workbooks import read_workbook

        return read_workbook(source, profile.decimal)
    if suffix in PARQUET:
        from toolkit.readers.workbooks import read_parquet

        return [read_parquet(source)], []
    raise FileRejected(problem("FORMAT_UNKNOWN", file=source.name))
