"""Do evaluators agree: from exports or filled forms to a folder of results, and what they agree on afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

import polars as pl

from toolkit.csv_text import table_cells
from toolkit.evaluations.people import People
from toolkit.form_books.blind import EMPTY
from toolkit.form_books.collecting import SUBMITTED, Collected, collected
from toolkit.form_files import FORM_FILES, read_form_file, read_forms
from toolkit.forms import Form, Forms
from toolkit.look import day_words, period_words
from toolkit.periods import Period, parse
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem, ToolkitError, problem, said
from toolkit.profiles import Profile, load_profile
from toolkit.quality.agreed import append_agreed, as_evaluations, new_agreed, read_agreed, recorded_answers
from toolkit.quality.given_answers import AGREED, Given, given_answers
from toolkit.quality.report import Report, report
from toolkit.quality_reports.agreement.files import (
    AGREED_FILE,
    AGREEMENT,
    BOOK,
    COLLECTED,
    PAGE,
    About,
    write_agreement,
)
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet
from toolkit.reading import FILE_REJECTED, Reading, read_tables
from toolkit.scorecard_reports.files import Writer
from toolkit.shipped import version
from toolkit.teams import Teams
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

__all__ = [
    "AGREEMENT", "EMPTY", "Calibration", "Filled", "Settled", "calibrated", "filled_forms", "form_named", "known_forms",
]  # fmt: skip


@dataclass(frozen=True)
class Settled:
    """A disagreements.csv with the agreed answers filled in, by whom and when it was settled."""

    path: Path
    by: str
    at: datetime


@dataclass(frozen=True)
class Calibration:
    """What was found, and what it was made from. agreed: the rows that are new in agreed.csv. reading: of
    the exports, where they were read."""

    found: Report
    about: About
    problems: tuple[Problem, ...]
    rows_set_aside: bool
    collected: Collected | None
    agreed: pl.DataFrame
    reading: Reading | None = None

    def write(self, out: Path, *, workbook: bool = True, page: bool = True) -> None:
        """Writes the folder whole or not at all; what was agreed on is in agreed.csv before it is in place."""
        more: dict[str, Writer] = {}
        if self.collected is not None:
            rows = self.collected.rows
            more[COLLECTED] = lambda path: table_cells(rows).write_csv(path)
        if workbook:
            more[BOOK] = self._write_book
        if page:
            more[PAGE] = self._write_page
        recorded = recorded_answers(as_evaluations([read_agreed(out / AGREED_FILE), self.agreed]))
        settle = partial(append_agreed, out / AGREED_FILE, self.agreed)
        write_agreement(out, self.found, self.about, self.problems, more, recorded, settle)

    def _write_book(self, path: Path) -> None:
        from toolkit.quality_reports.agreement.book import write_agreement_book

        write_agreement_book(self.found, self.about, path)

    def _write_page(self, path: Path) -> None:
        from toolkit.quality_reports.agreement.page import write_agreement_page

        write_agreement_page(self.found, self.about, path)


def calibrated(
    data: Path | None,
    profile: str | Profile | None,
    period_label: str,
    out: Path,
    *,
    master: str = "",
    every_call: bool = False,
    folders: Sequence[Path] = (),
    form_files: Sequence[Path] = (),
    settled: Settled | None = None,
    as_of: date | None = None,
    on_file: OnFile | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
) -> Calibration:
    """The agreement of a period's evaluations.

    data: exports with evaluations; folders: filled forms, read instead of or beside them. period_label: "" for all
    there is; the day of the evaluation counts. as_of: what was evaluated or agreed on later is not known.
    master: whom to compare evaluators with, "agreed" for what they agreed on (agreed.csv in `out` is read as well).
    settled: agreed answers to record. pasted: tables in place of the files of the same tables. `ToolkitError` where
    there is nothing to read, or where the master evaluated nothing.
    """
    setup = load_profile(profile) if isinstance(profile, str) else profile
    period = _period(period_label)
    forms, about_forms = _forms(form_files, setup)
    reading = _read(data, setup, on_file, pasted) if data is not None and setup is not None else None
    came = collected(folders, forms) if folders else None
    before = read_agreed(out / AGREED_FILE)
    sources = _sources(reading, came)
    asked = _Asked(forms, every_call, period, as_of, _people(reading))
    first = _given(sources, before, asked)
    new, remarks = (
        new_agreed(settled.path, first, before, settled.by, settled.at)
        if settled
        else (before.clear().cast({"evaluated_on": pl.String}), [])
    )
    whole = first
    if new.height:
        dated = new.with_columns(pl.col("evaluated_on").str.to_date())
        whole = _given(sources, as_evaluations([before, dated]), asked)
    _refuse_stranger(master, whole)
    problems = [
        *(reading.problems if reading else ()),
        *about_forms,
        *(came.problems if came else ()),
        *whole.problems,
        *remarks,
    ]
    if not whole.groups:
        problems.append(_nothing(period_label, every_call=every_call))
    files = reading.files if reading else ()
    title = (setup.title or setup.name) if setup else ""
    about = About(
        title, " · ".join(_when(period, as_of)), setup.name if setup else "", version(), every_call,
        [file.counts for file in files],
    )  # fmt: skip
    aside = any(file.rejected for file in files) or whole.left_out > 0 or bool(came and came.set_aside)
    return Calibration(report(whole, master), about, tuple(problems), aside, came, new, reading)


def _nothing(period: str, *, every_call: bool) -> Problem:
    """That there is nothing to compare; --every-call is no way out where every call was taken."""
    code = "AGREEMENT_NO_CALLS_ANY" if every_call else "AGREEMENT_NO_CALLS"
    return problem(code, value=period, when=f" in the period {period}" if period else "")


def _when(period: Period | None, as_of: date | None) -> Iterator[str]:
    """The period, and the day that it was looked at, where it was not the end of the data."""
    if period:
        yield period_words(period)
    if as_of:
        yield said("AGREEMENT_AS_OF", day=day_words(as_of))


def _sources(reading: Reading | None, came: Collected | None) -> list[pl.DataFrame]:
    rows = [reading.tables["evaluations"]] if reading else []
    return [*rows, *([came.rows] if came else [])]


@dataclass(frozen=True)
class _Asked:
    """Which evaluations are compared, and how they are read."""

    forms: Forms
    every_call: bool
    period: Period | None
    as_of: date | None
    people: People


def _people(reading: Reading | None) -> People:
    """Who is who, by the agents of the data: an evaluator may be written by name where an agent has a number."""
    if reading is None or "agents" not in reading.tables:
        return People()
    return People(Teams(reading.tables["agents"].iter_rows(named=True)))


def _given(sources: Sequence[pl.DataFrame], agreed: pl.DataFrame, asked: _Asked) -> Given:
    """What was agreed on counts whenever it was in the period: the talk comes after the evaluations."""
    rows = as_evaluations([*sources, agreed.with_columns(evaluator=pl.lit(AGREED))])
    if asked.as_of:
        rows = rows.filter(pl.col("evaluated_on") <= asked.as_of)
    is_agreed = pl.col("evaluator").str.strip_chars().str.to_lowercase() == AGREED
    people, settled = rows.filter(~is_agreed), rows.filter(is_agreed).with_columns(evaluator=pl.lit(AGREED))
    if asked.period:
        people = people.filter(pl.col("evaluated_on").is_between(asked.period.first, asked.period.last))
    wanted = as_evaluations([people, settled.filter(pl.col("call_id").is_in(people["call_id"].drop_nulls().implode()))])
    return given_answers(wanted, asked.forms, every_call=asked.every_call, people=asked.people)


def _refuse_stranger(master: str, given: Given) -> None:
    """A master who evaluated nothing would leave the comparison empty without a word."""
    if not master or not given.groups:
        return
    people = {who for group in given.groups for answers in group.given.values() for who in answers}
    if master.casefold() not in {who.casefold() for who in people}:
        raise ToolkitError([problem("AGREEMENT_MASTER", value=master, known=", ".join(sorted(people)))])


def _read(data: Path, setup: Profile, on_file: OnFile | None, pasted: Mapping[str, RawSheet] | None) -> Reading:
    reading = read_tables(data, setup, only={"evaluations", "agents"}, on_file=on_file, pasted=pasted)
    refused = [file.file for file in reading.files if file.verdict == FILE_REJECTED and file.table]
    if refused:
        found = [one for one in reading.problems if one.file in refused and one.level == "error"]
        raise ToolkitError([*found, problem("FILES_REFUSED", value=", ".join(refused))])
    if "evaluations" not in reading.tables:
        raise ToolkitError([problem("AGREEMENT_NO_EVALUATIONS", value=str(data))])
    return reading


def _period(label: str) -> Period | None:
    try:
        return parse(label) if label else None
    except ValueError as error:
        raise ToolkitError([problem("PERIOD_LABEL", value=label, reason=error)]) from error


def known_forms(files: Sequence[Path] = (), profile: Profile | None = None) -> Forms:
    """The set-up's forms, those in these files (TOML or sheets), and those that come with the toolkit.

    `ToolkitError` with all that is wrong with them.
    """
    return _forms(files, profile)[0]


def _forms(files: Sequence[Path], profile: Profile | None) -> tuple[Forms, list[Problem]]:
    """The forms, and what was noticed about them; a file that the set-up names too is read once."""
    own = profile.form_paths() if profile else []
    paths = {path.resolve(): path for path in (*own, *files)}
    forms, remarks = read_forms(paths.values(), profile)
    if wrong := [found for found in remarks if found.level == "error"]:
        raise ToolkitError(wrong)
    return forms, remarks


def form_named(name: str, profile: Profile | None = None) -> Form:
    """A form by its file, its code (the latest version) or its code and version ("collections 1")."""
    if Path(name).suffix.lower() in FORM_FILES:
        found = read_form_file(Path(name), profile)
        if wrong := [one for file in found for one in file.problems if one.level == "error"]:
            raise ToolkitError(wrong)
        return max((file.form for file in found if file.form), key=lambda form: form.start)
    known = known_forms((), profile)
    code, _, wanted = name.partition(" ")
    forms = [form for form in known if form.code == code and wanted in ("", form.version)]
    if not forms:
        names = ", ".join(f"{form.code} {form.version}" for form in known)
        raise ToolkitError([problem("FORM_NAMED", value=name, known=names)])
    return max(forms, key=lambda form: form.start)


# --- filled forms as evaluations ------------------------------------------------------------------------


@dataclass(frozen=True)
class Filled:
    """Filled forms as rows of the table evaluations: blind ones as calibrations, others as submitted."""

    found: Collected

    @property
    def count(self) -> int:
        """How many evaluations there are."""
        return self.found.rows["evaluation_id"].n_unique()

    def write(self, out: Path) -> None:
        """Writes the folder: evaluations.csv, to be put among the exports, problems.csv and collected.json."""
        with whole_folder(out, FILLED) as aside:
            table_cells(self.found.rows).write_csv(aside / COLLECTED)
            write_problems(self.found.problems, aside / PROBLEMS)
            counts = {"evaluations": self.count, "rows": self.found.rows.height, "set_aside": self.found.set_aside}
            write_json({"toolkit": version(), **counts, "files": hashes_in(aside)}, aside / FILLED.record)


PROBLEMS = "problems.csv"
FILLED = FolderKind("collected.json", (COLLECTED, PROBLEMS))


def filled_forms(folders: Sequence[Path], files: Sequence[Path] = (), profile: Profile | None = None) -> Filled:
    """What stands in the filled forms of these folders. files: further forms that they may have been made from."""
    return Filled(collected(folders, known_forms(files, profile), SUBMITTED))
