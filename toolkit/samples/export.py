"""The invented data written as an export of the set-up's system: its header names, dates, codes and amounts."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from toolkit.problems import ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.samples.accounts import days_series
from toolkit.samples.chance import Numbers
from toolkit.tables import TABLES, Column

PLANTED = "planted.csv"
UNFINISHED = ".unfinished"
DATE_FORMS = {"dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y", "iso": "%Y-%m-%d"}
ADDED_SHOWN = 5


class Exports:
    """One CSV per table in `folder`, grown piece by piece; they get their names when all are complete."""

    def __init__(self, profile: Profile, folder: Path) -> None:
        self.profile = profile
        self.folder = folder
        self.rows: dict[str, int] = {}
        self.sums: dict[str, int] = {}
        self._aside = folder / UNFINISHED
        self._files: dict[str, BinaryIO] = {}
        self._spellings = {name: _spelt(codes) for name, codes in profile.codes.items()}
        self._times = _times()
        _refuse_others_files(folder)
        self._aside.mkdir(parents=True, exist_ok=True)

    def add(self, table: str, columns: Mapping[str, Any]) -> None:
        """Rows of a table. Money in minor units, dates as day numbers or dates, times as (day numbers, seconds)."""
        order = self._order(table, columns)
        cells = [self._as_text(table, TABLES[table].column(name), columns[name]) for name in order]
        text = pl.DataFrame(dict(zip((self.profile.spelling(table, name) for name in order), cells, strict=True)))
        is_new = table not in self._files
        if is_new:
            self._files[table] = (self._aside / f"{table}.csv").open("wb")
        text.write_csv(self._files[table], include_header=is_new)
        self.rows[table] = self.rows.get(table, 0) + text.height
        if "amount" in columns and text.height:
            self.sums[table] = self.sums.get(table, 0) + int(pl.Series(columns["amount"]).sum())

    def add_headers(self, *tables: str) -> None:
        """Headers alone for those of the tables that have no row: an empty table is not a missing one."""
        for table in tables:
            if table and table not in self._files:
                names = list(self.profile.headers.get(table, {})) or list(TABLES[table].required)
                self.add(table, {name: pl.Series([], dtype=pl.String) for name in names})

    def finish(self) -> list[Path]:
        """Closes the files and gives them their places; files of an earlier sample there are replaced."""
        self.close()
        for old in _earlier_files(self.folder):
            old.unlink()
        made = [path.replace(self.folder / path.name) for path in sorted(self._aside.glob("*.csv"))]
        self._aside.rmdir()
        return made

    def discard(self) -> None:
        """Leaves nothing half-written behind."""
        self.close()
        shutil.rmtree(self._aside, ignore_errors=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def close(self) -> None:
        """No more rows."""
        for file in self._files.values():
            file.close()

    def path(self, table: str) -> Path:
        """Where the table is while it is being made."""
        return self._aside / f"{table}.csv"

    def _order(self, table: str, columns: Mapping[str, Any]) -> list[str]:
        """The columns as the set-up lists them, then the others."""
        listed = [*self.profile.headers.get(table, {}), *(column.name for column in TABLES[table].columns)]
        return [name for name in dict.fromkeys(listed) if name in columns]

    def _as_text(self, table: str, column: Column, values: Any) -> pl.Series:
        if isinstance(values, pl.Series) and not len(values):
            return values.cast(pl.String)
        if column.type == "time":
            return self._time(*values)
        if column.type == "date":
            return self._date(values)
        if column.type == "money":
            return money_text(pl.Series(values), self.profile.digits, self.profile.decimal)
        if column.type == "flag":
            flags = values if isinstance(values, pl.Series) else pl.Series(np.asarray(values).astype(bool))
            return pl.select(pl.when(flags).then(pl.lit("Yes")).when(~flags).then(pl.lit("No"))).to_series()
        series = values if isinstance(values, pl.Series) else pl.Series(list(values), strict=False)
        spelt = self._spellings.get(f"{table}.{column.name}")
        text = series.cast(pl.String)
        return text.replace(spelt) if spelt else text

    def _date(self, values: Any) -> pl.Series:
        days = values if isinstance(values, pl.Series) else days_series(np.asarray(values))
        return days.cast(pl.Date).dt.strftime(DATE_FORMS[self.profile.date_order])

    def _time(self, days: Numbers, seconds: Numbers) -> pl.Series:
        different, which = np.unique(days, return_inverse=True)
        return self._date(different).gather(which) + " " + self._times.gather(seconds)


def money_text(minor: pl.Series, digits: int, decimal: str = ".") -> pl.Series:
    """Minor units as plain text: 125050 with two digits is 1250.50."""
    if not digits:
        return minor.cast(pl.String)
    sign = pl.when(minor < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = (minor.abs() // 10**digits).cast(pl.String)
    rest = (minor.abs() % 10**digits).cast(pl.String).str.zfill(digits)
    return pl.select(sign + pl.lit(whole) + pl.lit(decimal) + pl.lit(rest)).to_series()


def _spelt(codes: Mapping[str, str]) -> dict[str, str]:
    """Our code to what the system writes, the first spelling if there are several."""
    return {code: spelling for spelling, code in reversed(list(codes.items()))}


def _times() -> pl.Series:
    """The text of every second of a day."""
    seconds = pl.Series(np.arange(86_400))
    parts = [(seconds // 3600), (seconds // 60 % 60), (seconds % 60)]
    hours, minutes, rest = (part.cast(pl.String).str.zfill(2) for part in parts)
    return hours + ":" + minutes + ":" + rest


def _earlier_files(folder: Path) -> list[Path]:
    """What an earlier sample left in the folder."""
    ours = {*(f"{table}.csv" for table in TABLES), PLANTED}
    return [path for path in sorted(folder.glob("*.csv")) if path.name in ours]


def _refuse_others_files(folder: Path) -> None:
    """A folder with other things in it is left alone: invented rows must not get among real ones."""
    if folder.exists() and not folder.is_dir():
        raise ToolkitError([problem("SAMPLE_FOLDER_NOT_EMPTY", file=str(folder), names=folder.name)])
    if not folder.is_dir():
        return
    ours = {path.name for path in _earlier_files(folder)} | {UNFINISHED}
    others = sorted(path.name for path in folder.iterdir() if path.name not in ours)
    real = bool(ours - {UNFINISHED}) and not (folder / "kpi_values.csv").exists()
    if others or real:
        names = ", ".join((others or sorted(ours))[:ADDED_SHOWN])
        raise ToolkitError([problem("SAMPLE_FOLDER_NOT_EMPTY", file=str(folder), names=names)])
