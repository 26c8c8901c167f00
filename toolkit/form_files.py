"""Quality forms from files: TOML, or a sheet (xlsx or CSV) with a row a question. All mistakes are told at once."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.form_checks import Mistake, Place, checked
from toolkit.form_rows import Where, documents_in
from toolkit.forms import Form, Forms, shipped_forms
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, default_profile
from toolkit.readers.raw import FileRejected, Source
from toolkit.readers.sources import sheets_of

SHEETS = (".xlsx", ".xlsm", ".csv")
FORM_FILES = (".toml", *SHEETS)
LARGEST = 2_000_000
"""Bytes; a form is a page or two."""


@dataclass(frozen=True)
class FormFile:
    """A form as it stands in a file: the form (None where something is wrong), and what was noticed."""

    path: Path
    sheet: str
    form: Form | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Document:
    """What a file or sheet says, with the place of each value where it is a sheet."""

    content: Mapping[str, Any]
    sheet: str = ""
    cells: Mapping[Place, Where] = field(default_factory=dict)
    mistakes: Sequence[Mistake] = ()


def forms_of(profile: Profile) -> Forms:
    """The set-up's own forms and those that come with the toolkit. `ToolkitError` with all that is wrong with them."""
    forms, problems = read_forms(profile.form_paths(), profile)
    wrong = [found for found in problems if found.level == "error"]
    if wrong:
        raise ToolkitError(wrong)
    return forms


def read_forms(paths: Iterable[Path], profile: Profile | None = None) -> tuple[Forms, list[Problem]]:
    """The forms in these files beside the shipped ones, and everything that was noticed about them."""
    files = [form for path in paths for form in read_form_file(path, profile)]
    problems = [found for file in files for found in file.problems]
    problems += _between(files)
    return Forms((*(file.form for file in files if file.form), *shipped_forms().known)), problems


def read_form_file(path: Path, profile: Profile | None = None) -> list[FormFile]:
    """The forms in one file: one in a TOML or CSV file, one a sheet in a workbook."""
    try:
        documents = list(_documents(path, profile or default_profile("KES", "Africa/Nairobi", "KE")))
    except ToolkitError as error:
        return [FormFile(path, "", None, error.problems)]
    return [_form_file(path, document) for document in documents]


def _form_file(path: Path, document: _Document) -> FormFile:
    form, mistakes = checked(document.content)
    every = [*document.mistakes, *mistakes]
    problems = tuple(_placed(mistake, path.name, document) for mistake in every)
    wrong = any(mistake.grave for mistake in every)
    return FormFile(path, document.sheet, None if wrong else form, problems)


def _placed(mistake: Mistake, file: str, document: _Document) -> Problem:
    where = _cell(mistake.place, document.cells)
    if document.cells:
        row, column = where or (None, "")
        return problem(
            mistake.code, file=file, sheet=document.sheet, row=row, column=column, value=mistake.value, **mistake.fields
        )
    way = in_words(mistake.place, document.content)
    return problem(mistake.code, file=file, column=way, value=mistake.value, **mistake.fields)


def _cell(place: Place, cells: Mapping[Place, Where]) -> Where | None:
    """The cell of a value, or of what it belongs to."""
    while place and place not in cells:
        place = place[:-1]
    return cells.get(place)


def in_words(place: Place, document: Mapping[str, Any]) -> str:
    """The way to a value of a TOML form: ``section opening, question greeting, weight``."""
    words, here = [], document
    for step, key in enumerate(place):
        try:
            here = here[key]  # type: ignore[index]  # a list by number, a table by name
        except (KeyError, IndexError, TypeError):
            here = {}
        if isinstance(key, int):
            named = str(here.get("code", "")) if isinstance(here, Mapping) else ""
            words.append(f"{'section' if step == 1 else 'question'} {named or key + 1}")
        elif key not in ("sections", "questions") or step == len(place) - 1:
            words.append(key)
    return ", ".join(words)


def _between(files: Sequence[FormFile]) -> Iterator[Problem]:
    """Versions that nobody could tell apart, among themselves and from the shipped ones."""
    named: dict[tuple[str, str], str] = {(form.code, form.version): "the toolkit" for form in shipped_forms()}
    started: dict[tuple[str, object], str] = {(form.code, form.start): form.version for form in shipped_forms()}
    for file in files:
        form = file.form
        if form is None:
            continue
        name = f"{form.code} {form.version}"
        if (form.code, form.version) in named:
            yield problem(
                "QC_FORM_VERSION_TWICE", file=file.path.name, value=name, other=named[form.code, form.version]
            )
        elif (form.code, form.start) in started:
            other = started[form.code, form.start]
            yield problem("QC_FORM_START_TWICE", file=file.path.name, value=form.start, form=name, other=other)
        named[form.code, form.version] = file.path.name
        started[form.code, form.start] = form.version


# --- files ----------------------------------------------------------------------------------------------


def _documents(path: Path, profile: Profile) -> Iterator[_Document]:
    if not path.is_file():
        raise ToolkitError([problem("QC_FORM_FILE_MISSING", file=path.name, folder=path.parent.name)])
    if path.suffix.lower() not in FORM_FILES:
        raise ToolkitError([problem("QC_FORM_FILE_KIND", file=path.name, value=path.suffix)])
    if path.stat().st_size > LARGEST:
        raise ToolkitError([problem("QC_FORM_FILE_LARGE", file=path.name, value=path.stat().st_size)])
    if path.suffix.lower() in SHEETS:
        yield from _of_sheets(path, profile)
    else:
        yield _Document(_of_toml(path))


def _of_toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise ToolkitError([problem("QC_FORM_UNREADABLE", file=path.name, reason="it is not UTF-8")]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ToolkitError([problem("QC_FORM_UNREADABLE", file=path.name, reason=str(error))]) from error


def _of_sheets(path: Path, profile: Profile) -> Iterator[_Document]:
    try:
        with ThreadPoolExecutor(1) as executor:
            sheets, _ = sheets_of(Source.of(path, executor), profile)
    except FileRejected as error:
        raise ToolkitError([error.problem]) from error
    found = [(sheet.sheet, *said) for sheet in sheets for said in documents_in(sheet)]
    if not found:
        raise ToolkitError([problem("QC_FORM_SHEET_NONE", file=path.name)])
    for name, content, cells, mistakes in found:
        yield _Document(content, name, cells, mistakes)


# --- what was used before -------------------------------------------------------------------------------


def content_of(form: Form) -> dict[str, Any]:
    """Everything that a form says, as it is compared with what it said before."""
    content: dict[str, Any] = json.loads(form.model_dump_json())
    return content


def content_hash(form: Form) -> str:
    """The hash of everything that a form says, however its file is written."""
    text = json.dumps(content_of(form), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


WORDS = ("title", "help", "start")
"""What a form may change without a score being another."""


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """What differs between two contents of a form: what makes other scores, and what only words it otherwise."""
    old, new = dict(_flat(before)), dict(_flat(now))
    grave: list[str] = []
    worded: list[str] = []
    for key in [*old, *(key for key in new if key not in old)]:
        if old.get(key) == new.get(key):
            continue
        told = f"{key}: {_shown(old.get(key))} before, {_shown(new.get(key))} now"
        (worded if key.split(", ")[-1] in WORDS else grave).append(told)
    gone, come = _questions(old) - _questions(new), _questions(new) - _questions(old)
    whole = [*(f"{name} is gone" for name in sorted(gone)), *(f"{name} is new" for name in sorted(come))]
    # a question that came or went is one change, not one for each of its keys
    kept = [[told for told in each if not any(told.startswith(f"{name},") for name in gone | come)]
            for each in (grave, worded)]  # fmt: skip
    return [*kept[0], *whole], kept[1]


def _questions(content: Mapping[str, Any]) -> set[str]:
    return {match[0] for key in content if (match := re.match(r"section [^,]+, question [^,]+(?=,)", key))}


def _flat(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        if key != "sections":
            yield key, value
    for section in content.get("sections", ()):
        name = f"section {section['code']}"
        yield from ((f"{name}, {key}", value) for key, value in section.items() if key not in ("code", "questions"))
        for question in section["questions"]:
            for key, value in question.items():
                if key != "code":
                    yield f"{name}, question {question['code']}, {key}", value


def _shown(value: Any) -> str:
    return "nothing" if value in (None, "", [], {}) else json.dumps(value, ensure_ascii=False)
