"""Do evaluators agree: from exports or filled forms to a folder of results, and what they agree on afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from toolkit.agreement_files import (
    AGREED_FILE,
    AGREEMENT,
    BOOK,
    COLLECTED,
    PAGE,
    About,
    as_csv,
    write_agreement,
)
from toolkit.form_books.blind import EMPTY
from toolkit.form_books.collecting import Collected, collected
from toolkit.form_files import forms_of
from toolkit.forms import Form, Forms, forms_in, shipped_forms
from toolkit.look import period_words
from toolkit.periods import Period, parse
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, load_profile
from toolkit.quality.agreed import append_agreed, as_evaluations, new_agreed, read_agreed
from toolkit.quality.given_answers import AGREED, Given, given_answers
from toolkit.quality.report import Report, report
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet
from toolkit.reading import FILE_REJECTED, Reading, read_tables
from toolkit.score_files import Writer
from toolkit.shipped import version

__all__ = ["AGREEMENT", "EMPTY", "Calibration", "Settled", "calibrated", "form_named", "known_forms"]


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
        """Writes the folder whole or not at all, then what was agreed on at the end of agreed.csv."""
        more: dict[str, Writer] = {}
        if self.collected is not None:
            rows = self.collected.rows
            more[COLLECTED] = lambda path: as_csv(rows).write_csv(path)
        if workbook:
            more[BOOK] = self._write_book
        if page:
            more[PAGE] = self._write_page
        write_agreement(out, self.found, self.about, self.problems, more)
        append_agreed(out / AGREED_FILE, self.agreed)

    def _write_book(self, path: Path) -> None:
        from toolkit.agreement_book import write_agreement_book

        write_agreement_book(self.found, self.about, path)

    def _write_page(self, path: Path) -> None:
        from toolkit.agreement_page import write_agreement_page

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
    on_file: OnFile | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
) -> Calibration:
    """The agreement of a period's evaluations.

    data: exports with evaluations; folders: filled forms, read instead of or beside them. period_label: "" for all
    there is; the day of the evaluation counts. master: whom to compare evaluators with, "agreed" for what they agreed
    on (agreed.csv in `out` is read as well). settled: agreed answers to record. form_files: forms; absent: those of the
    set-up. pasted: tables in place of the files of the same tables. `ToolkitError` where there is nothing
    to read, or where the master evaluated nothing.
    """
    setup = load_profile(profile) if isinstance(profile, str) else profile
    period = _period(period_label)
    forms = known_forms(form_files) if form_files or setup is None else forms_of(setup)
    reading = _read(data, setup, on_file, pasted) if data is not None and setup is not None else None
    came = collected(folders, forms) if folders else None
    before = read_agreed(out / AGREED_FILE)
    sources = _sources(reading, came)
    first = _given(sources, before, forms, every_call, period)
    new, remarks = (
        new_agreed(settled.path, first, before, settled.by, settled.at)
        if settled
        else (before.clear().cast({"evaluated_on": pl.String}), [])
    )
    whole = first
    if new.height:
        dated = new.with_columns(pl.col("evaluated_on").str.to_date())
        whole = _given(sources, as_evaluations([before, dated]), forms, every_call, period)
    _refuse_stranger(master, whole)
    problems = [*(reading.problems if reading else ()), *(came.problems if came else ()), *whole.problems, *remarks]
    if not whole.groups:
        problems.append(problem("AGREEMENT_NO_CALLS", value=period_label or "-"))
    files = reading.files if reading else ()
    title = (setup.title or setup.name) if setup else ""
    about = About(
        title, period_words(period) if period else "", setup.name if setup else "", version(), every_call,
        [file.counts for file in files],
    )  # fmt: skip
    aside = any(file.rejected for file in files) or whole.left_out > 0 or bool(came and came.set_aside)
    return Calibration(report(whole, master), about, tuple(problems), aside, came, new, reading)


def _sources(reading: Reading | None, came: Collected | None) -> list[pl.DataFrame]:
    rows = [reading.tables["evaluations"]] if reading else []
    return [*rows, *([came.rows] if came else [])]


def _given(
    sources: Sequence[pl.DataFrame], agreed: pl.DataFrame, forms: Forms, every_call: bool, period: Period | None
) -> Given:
    """What was agreed on counts whenever it was: the talk comes after the evaluations."""
    days = (period.first, period.last) if period else None
    rows = as_evaluations(sources)
    known = rows.filter(pl.col("evaluator").str.strip_chars().str.to_lowercase() == AGREED)
    people = rows.filter(pl.col("evaluator").str.strip_chars().str.to_lowercase() != AGREED)
    if days:
        people = people.filter(pl.col("evaluated_on").is_between(*days))
    settled = as_evaluations([known, agreed]).with_columns(evaluator=pl.lit(AGREED))
    wanted = as_evaluations([people, settled.filter(pl.col("call_id").is_in(people["call_id"].drop_nulls().implode()))])
    return given_answers(wanted, forms, every_call=every_call)


def _refuse_stranger(master: str, given: Given) -> None:
    """A master who evaluated nothing would leave the comparison empty without a word."""
    if not master or not given.groups:
        return
    people = {who for group in given.groups for answers in group.given.values() for who in answers}
    if master.casefold() not in {who.casefold() for who in people}:
        raise ToolkitError([problem("AGREEMENT_MASTER", value=master, known=", ".join(sorted(people)))])


def _read(data: Path, setup: Profile, on_file: OnFile | None, pasted: Mapping[str, RawSheet] | None) -> Reading:
    reading = read_tables(data, setup, only={"evaluations"}, on_file=on_file, pasted=pasted)
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


def known_forms(files: Sequence[Path] = ()) -> Forms:
    """The forms that come with the toolkit and those in these files. `ToolkitError` where a file holds none."""
    try:
        own = forms_in(files)
    except (OSError, ValueError) as error:
        name = ", ".join(path.name for path in files)
        raise ToolkitError([problem("FORM_UNREADABLE", file=name, reason=str(error))]) from error
    taken = {(form.code, form.version) for form in own}
    return Forms((*own, *(form for form in shipped_forms() if (form.code, form.version) not in taken)))


def form_named(name: str) -> Form:
    """A form by its file, its code (the latest version) or its code and version ("collections 1")."""
    if Path(name).is_file():
        return known_forms([Path(name)]).known[0]
    code, _, wanted = name.partition(" ")
    forms = [form for form in shipped_forms() if form.code == code and wanted in ("", form.version)]
    if not forms:
        known = ", ".join(f"{form.code} {form.version}" for form in shipped_forms())
        raise ToolkitError([problem("FORM_NAMED", value=name, known=known)])
    return max(forms, key=lambda form: form.start)
