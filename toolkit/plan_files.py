"""Commission plans from files: TOML, or a workbook with the same tables as sheets.

`load_plans` gives all versions of one plan, or every problem at once. What is wrong is found by pure
functions (`plan_checks`); here it gets the place in the file.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.plan_checks import check_document, check_versions, lint
from toolkit.plan_checks.findings import REMOVE, Finding, Place, as_problem, found, reading_order
from toolkit.plan_checks.mistakes import LIST_TABLES, Document, as_far_as_it_goes, read_document
from toolkit.plans import Plan, PlanVersions
from toolkit.problems import Problem, ToolkitError, problem

if TYPE_CHECKING:
    from toolkit.plan_sheets import Sheets

WORKBOOKS = (".xlsx", ".xlsm")
PLAN_FILES = (".toml", *WORKBOOKS)
LARGEST_FILE = 5_000_000
"""Bytes; a plan is a page or two."""


@dataclass(frozen=True)
class Cell:
    """Where in a workbook a value stands, as Excel shows it."""

    sheet: str
    row: int
    column: str


@dataclass(frozen=True)
class Source:
    """What a file says before it is held against the plan's model.

    `cells` gives the place in the workbook of each path of the document; it is empty for TOML.
    """

    document: Document
    sha256: str
    findings: Sequence[Finding] = ()
    cells: Mapping[Place, Cell] = field(default_factory=dict)


def load_plans(paths: Sequence[Path], *, credit_given: bool = True, roles: Iterable[str] = ()) -> PlanVersions:
    """All versions of the one plan in these files and folders, the earliest first.

    credit_given: whether the profile has a `[credit]`, so that the plan needs none.
    roles: the organisation's roles, if they are known; others in a plan are then refused.
    Raises `ToolkitError` with every problem of every file.
    """
    versions, problems = read_plans(paths, credit_given=credit_given, roles=roles)
    wrong = [problem for problem in problems if problem.level == "error"]
    if wrong or versions is None:
        raise ToolkitError(wrong)
    return versions


def read_plans(
    paths: Sequence[Path], *, credit_given: bool = True, roles: Iterable[str] = ()
) -> tuple[PlanVersions | None, list[Problem]]:
    """As `load_plans`, but all that was noticed is given back, warnings too; no plan where one is wrong."""
    read, problems = read_files(paths, credit_given=credit_given, roles=roles)
    problems += [problem for file in read for problem in file.problems]
    in_order = _by_start(read)
    if not in_order:
        return None, problems
    versions = _versions(in_order)
    problems += check_versions(versions, [file.path.name for file in in_order])
    wrong = any(problem.level == "error" for problem in problems)
    return (None if wrong else versions), problems


def check_files(
    paths: Sequence[Path], *, credit_given: bool = True, roles: Iterable[str] = ()
) -> tuple[list["PlanFile"], list[Problem]]:
    """Every plan file that paths and folders name with what was noticed about it, several plans' files too.

    What is wrong between the versions of a plan is told with the later file. The second list is about
    paths that led to no file.
    """
    read, problems = read_files(paths, credit_given=credit_given, roles=roles)
    checked = []
    for file in read:
        alike = [other for other in _by_start(read) if file.plan and other.plan and other.plan.id == file.plan.id]
        between = check_versions(_versions(alike), [other.path.name for other in alike]) if alike else []
        own = tuple(told for told in between if told.file.startswith(f"{file.path.name}, "))
        checked.append(replace(file, problems=file.problems + own))
    return checked, problems


@dataclass(frozen=True)
class PlanFile:
    """One file that was read: its plan (None where something is wrong) and all that was noticed."""

    path: Path
    plan: Plan | None
    sha256: str
    problems: tuple[Problem, ...]


def read_files(
    paths: Sequence[Path], *, credit_given: bool = True, roles: Iterable[str] = ()
) -> tuple[list[PlanFile], list[Problem]]:
    """Every file that paths and folders name, each by itself; the second list is about the paths."""
    files, problems = plan_paths(paths)
    return [_read(path, credit_given=credit_given, roles=roles) for path in files], problems


def _by_start(files: Iterable[PlanFile]) -> list[PlanFile]:
    whole = [(file.plan.start, file.plan.version, file.path.name, file) for file in files if file.plan]
    return [entry[3] for entry in sorted(whole, key=lambda entry: entry[:3])]


def _versions(files: Sequence[PlanFile]) -> PlanVersions:
    plans = [(file.plan, file.sha256) for file in files if file.plan]
    return PlanVersions(
        versions=tuple(plan for plan, _ in plans), hashes={plan.version: sha256 for plan, sha256 in plans}
    )


def read_plan(path: Path, *, credit_given: bool = True, roles: Iterable[str] = ()) -> tuple[Plan | None, list[Problem]]:
    """The plan in one file, and everything that was noticed about it; no plan where something is wrong."""
    file = _read(Path(path), credit_given=credit_given, roles=roles)
    return file.plan, list(file.problems)


def plan_paths(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """The plan files that paths and folders name, each once, and what was not there."""
    files: list[Path] = []
    problems: list[Problem] = []
    for path in map(Path, paths):
        inside = _in_folder(path) if path.is_dir() else [path]
        if path.is_dir() and not inside:
            problems.append(problem("PLAN_FOLDER_EMPTY", file=str(path)))
        files += [file for file in inside if file.resolve() not in {known.resolve() for known in files}]
    return files, problems


def _in_folder(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if _is_plan_file(file))


def _is_plan_file(file: Path) -> bool:
    return file.is_file() and file.suffix.lower() in PLAN_FILES and not file.name.startswith((".", "~$"))


def _read(path: Path, *, credit_given: bool, roles: Iterable[str]) -> PlanFile:
    try:
        source = read_source(path)
    except ToolkitError as error:
        return PlanFile(path, None, "", error.problems)
    return _held_against_the_model(source, path, credit_given=credit_given, roles=roles)


def _held_against_the_model(source: Source, path: Path, *, credit_given: bool, roles: Iterable[str]) -> PlanFile:
    plan, findings = _everything_noticed(source, credit_given=credit_given, roles=roles)
    problems = tuple(_placed(finding, source, path.name) for finding in findings)
    wrong = any(problem.level == "error" for problem in problems)
    return PlanFile(path, None if wrong else plan, source.sha256, problems)


def _everything_noticed(
    source: Source, *, credit_given: bool, roles: Iterable[str]
) -> tuple[Plan | None, list[Finding]]:
    plan, mistakes = read_document(source.document)
    rest = plan or as_far_as_it_goes(source.document, mistakes)
    more = [*check_document(source.document)]
    if rest is not None:
        more += lint(rest, credit_given=credit_given, roles=tuple(roles))
    first = [*source.findings, *mistakes]
    findings = first + [finding for finding in more if not _follows_from(finding, first)]
    return plan, sorted(findings, key=lambda finding: reading_order(finding.path, source.document))


def _follows_from(finding: Finding, first: Sequence[Finding]) -> bool:
    """Whether a finding only repeats what another has said of the same place, or follows from it."""
    return any(_repeats(finding, other) for other in first)


def _repeats(finding: Finding, other: Finding) -> bool:
    if other.path[2:] == ("kind",):  # what a component of an unknown kind needs, nobody can say
        return finding.path[:2] == other.path[:2]
    of_its_table = finding.path == other.path[:-1] and other.instead is not REMOVE
    return finding.path[: len(other.path)] == other.path or of_its_table


def _placed(finding: Finding, source: Source, name: str) -> Problem:
    told = as_problem(finding, source.document)
    cell = _cell_of(finding.path, source.cells)
    if cell is not None:
        return replace(told, file=name, sheet=cell.sheet, row=cell.row, column=cell.column)
    return replace(told, file=f"{name}, {told.file}" if told.file else name)


def _cell_of(place: Place, cells: Mapping[Place, Cell]) -> Cell | None:
    """The cell of a value, or for a key that is not there the row it belongs into."""
    if place in cells:
        return cells[place]
    row = cells.get(place[:-1])
    return Cell(row.sheet, row.row, str(place[-1])) if row is not None and len(place) > 1 else None


def read_source(path: Path) -> Source:
    """What the file says. `ToolkitError` where it cannot be read at all."""
    if not path.is_file():
        raise ToolkitError([problem("PLAN_FILE_MISSING", file=str(path))])
    if path.suffix.lower() not in PLAN_FILES:
        raise ToolkitError([problem("PLAN_FILE_KIND", file=path.name, value=path.suffix)])
    if path.stat().st_size > LARGEST_FILE:
        raise ToolkitError([problem("PLAN_FILE_LARGE", file=path.name, value=path.stat().st_size)])
    read: Callable[[Path], Source] = _read_workbook if path.suffix.lower() in WORKBOOKS else _read_toml
    return read(path)


def plans_of(paths: Iterable[Path]) -> list[tuple[str, Path]]:
    """(the plan's id, its file) of plan files; one that cannot be read goes by its name, for its own check to say."""
    named = []
    for path in paths:
        try:
            named.append((str(read_source(path).document.get("id", path.stem)), path))
        except ToolkitError:
            named.append((path.stem, path))
    return named


def plan_of_sheets(sheets: "Sheets", name: str, *, credit_given: bool, roles: Iterable[str] = ()) -> PlanFile:
    """The plan that tables of a workbook say which is open; `name` is what they are called in sentences.

    Raises `ToolkitError` where there is no table `plan`.
    """
    from toolkit.plan_sheets import document_of

    source = _source_of(*document_of(sheets, name))
    return _held_against_the_model(source, Path(name), credit_given=credit_given, roles=roles)


def _read_workbook(path: Path) -> Source:
    from toolkit.plan_sheets import read_sheets

    return _source_of(*read_sheets(path))


def _source_of(document: Document, cells: Mapping[Place, tuple[str, int, str]], findings: Sequence[Finding]) -> Source:
    content = json.dumps(document, sort_keys=True, default=str, ensure_ascii=False)
    places = {place: Cell(*where) for place, where in cells.items()}
    return Source(document, _sha256(content), findings, places)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# -- TOML ------------------------------------------------------------------------------------------------


def _read_toml(path: Path) -> Source:
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ToolkitError([problem("PLAN_NOT_UTF8", file=path.name)]) from error
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ToolkitError([_syntax_problem(path.name, text, str(error))]) from error
    return Source(document, _sha256(text), [*_not_tables(document)])


def _not_tables(document: Document) -> Iterable[Finding]:
    """`[component]` where `[[component]]` is meant: a list of one, said as such."""
    for name in LIST_TABLES:
        if isinstance(document.get(name), Mapping):
            yield found((name,), "PLAN_DOUBLE_BRACKETS", name)
            document[name] = [document[name]]


def _syntax_problem(name: str, text: str, message: str) -> Problem:
    """What the TOML reader stumbled over, with the line as it stands in the file."""
    lines = text.split("\n")
    place = re.search(r"line (\d+), column (\d+)", message)
    line, column = (int(place[1]), int(place[2])) if place else _last_line(lines)
    seen = lines[line - 1].strip() if line <= len(lines) else ""
    code, better = _syntax_hint(seen, message)
    return problem(code, file=name, value=seen, line=line, column_number=column, better=better)


def _last_line(lines: list[str]) -> tuple[int, int]:
    last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)
    return last, len(lines[last - 1]) + 1


def _syntax_hint(seen: str, message: str) -> tuple[str, str]:
    """The sentence that fits the line, and the line put right where that is plain."""
    if re.search("[\u2018\u2019\u201c\u201d\u201e]", seen):
        return "PLAN_CURLY_QUOTES", re.sub("[\u2018\u2019\u201c\u201d\u201e]", '"', seen)
    if "overwrite" in message or "already" in message or "twice" in message:
        return "PLAN_KEY_TWICE", ""
    bare = re.fullmatch(r"([\w-]+)\s*=\s*([^\"'\[{#]+?)\s*(#.*)?", seen)
    if bare:
        return "PLAN_BARE_VALUE", f'{bare[1]} = "{bare[2]}"'
    inside = re.search(r"=\s*([0-9.]+\s*%)", seen)
    if inside:
        return "PLAN_BARE_VALUE", seen.replace(inside[1], f'"{inside[1]}"')
    return "PLAN_NOT_TOML", ""
