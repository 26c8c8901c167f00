"""Files, databases and pasted cells to drafts: which sheet is which table, and why one is not read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

import polars as pl

from toolkit.problems import DATABASE, Problem, problem
from toolkit.profiles import Profile
from toolkit.readers.as_found import SheetAsFound, as_found, lists_problems
from toolkit.readers.asked import Asked
from toolkit.readers.draft import Draft, draft
from toolkit.readers.outcomes import ACCEPTED, SourceFile, refused_file
from toolkit.readers.raw import FileRejected, RawSheet, Source
from toolkit.readers.recognise import Match, header_problems, looks_like_ours, named_table, recognise
from toolkit.readers.second import each_table
from toolkit.readers.set_aside import retried
from toolkit.readers.sources import TEXT, sheets_of
from toolkit.readers.typed import Form

Refused = tuple[SourceFile | None, list[Problem]]
Part = Draft | Refused | SheetAsFound

FILES_AT_ONCE = 2
"""While one file is taken apart in Python, the cells of another are read outside of it."""


@dataclass
class Parts:
    """What files were read as: the drafts of each table, and what became of all that is none."""

    drafts: dict[str, list[Draft]] = field(default_factory=dict)
    sheets: list[SheetAsFound] = field(default_factory=list)
    refused: list[SourceFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    copies: dict[str, Source] = field(default_factory=dict)
    waiting: dict[str, pl.DataFrame] = field(default_factory=dict)
    """Rows of an earlier time that are not tried again, by table."""

    def take(self, part: Part) -> None:
        """One more draft, sheet or reason."""
        if isinstance(part, Draft):
            self.drafts.setdefault(part.table.name, []).append(part)
        elif isinstance(part, SheetAsFound):
            self.sheets.append(part)
        else:
            file, reasons = part
            self.refused += [file] if file else []
            self.problems += reasons

    def copied(self, files: Sequence[SourceFile]) -> Iterator[SourceFile]:
        """What became of files with the content of another one: all their rows are ignored."""
        for name, first in self.copies.items():
            for file in files:
                if file.file == first.name:
                    copy = replace(file, file=name, verdict=ACCEPTED, code="SAME_FILE")
                    yield replace(copy, accepted=0, rejected=0, ignored=file.rows)


def parts_of(paths: Sequence[Path], form: Form, asked: Asked) -> Parts:
    """Everything that the files, the pasted tables and the profile's database hold of the tables wanted."""
    parts = Parts()
    wanted = [path for path in paths if _may_be_wanted(path, form.profile, asked)]
    with ThreadPoolExecutor(FILES_AT_ONCE) as executor:
        sources = list(_without_copies(wanted, parts, executor))
        for path in set(paths) - {source.path for source in sources}:
            asked.tell(path)
        alone = len(paths) == 1
        read = executor.map(lambda source: list(_of_file(source, form, asked, alone=alone)), sources)
        handed = [_of_pasted(sheet, name, form, asked) for name, sheet in (asked.pasted or {}).items()]
        handed += [_of_database(form, asked)] if asked.table is None else []
        for part in chain.from_iterable(handed):
            parts.take(part)
        for found, source in zip(read, sources, strict=True):
            for part in found:
                parts.take(part)
            asked.tell(source.path)
        for path in asked.retried:
            if asked.wants(path.stem):
                again = retried(path, form, executor, parts.drafts.get(path.stem, ()))
                parts.take(again.draft)
                parts.waiting[path.stem] = again.waiting
    return parts


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """What each file is called: its name, or its whole path where another of the files has the same name."""
    alike = Counter(path.name for path in dict.fromkeys(paths))
    return {path: path.name if alike[path.name] == 1 else path.as_posix() for path in paths}


def _without_copies(paths: Sequence[Path], parts: Parts, executor: Executor) -> Iterator[Source]:
    """Each file's content once. `parts` gets the others, and what cannot be opened."""
    seen: dict[int, list[Source]] = {}
    names = _names(paths)
    for path in paths:
        try:
            source = Source.of(path, executor, names[path])
        except OSError as error:
            reason = problem("FILE_UNREADABLE", file=names[path], reason=error.strerror or str(error))
            parts.take((refused_file(names[path], "", "", "", reason.code), [reason]))
            continue
        earlier = seen.setdefault(len(source.content), [])
        first = next((other for other in earlier if other.sha256 == source.sha256), None)
        if first is not None and source.content:
            parts.copies[source.name] = first
            parts.problems.append(problem("SAME_FILE", file=source.name, other=first.name))
            continue
        earlier.append(source)
        yield source


def _of_file(source: Source, form: Form, asked: Asked, *, alone: bool) -> Iterator[Part]:
    """What the sheets of a file are read as, or why they are not."""
    table = asked.table
    try:
        sheets, remarks = sheets_of(source, form.profile)
    except FileRejected as refusal:
        guess = table or named_table(source.name) or ""
        if not guess or asked.wants(guess):
            yield refused_file(source.name, "", guess, source.sha256, refusal.problem.code), [refusal.problem]
        return
    yield None, remarks
    lists = filter(lists_problems, sheets)
    yield None, [problem("MARKED_LIST", file=sheet.file, sheet=sheet.sheet) for sheet in lists]
    sheets = [sheet for sheet in sheets if not lists_problems(sheet)]
    matches = [(sheet, recognise(sheet, form.profile, table)) for sheet in sheets]
    yield from (as_found(sheet, match) for sheet, match in matches)
    known = [(sheet, match) for sheet, match in matches if match is not None]
    if not sheets:
        guess = table or named_table(source.name) or ""
        reason = problem("HEADER_NOT_FOUND", file=source.name)
        yield refused_file(source.name, "", guess, source.sha256, reason.code), [reason]
    others = [sheet for sheet, match in matches if match is None and (sheet.cells.height or not known)]
    yield from _unrecognised(others, form.profile, table, alone=alone and not known)
    wanted, lacking = each_table(known, form.profile, asked.of_files, asked.held)
    yield None, lacking
    for sheet, match, reasons in _with_reasons(wanted):
        yield _draft_or_reasons(sheet, match, reasons, form)


def _draft_or_reasons(sheet: RawSheet, match: Match, reasons: Sequence[Problem], form: Form) -> Draft | Refused:
    if not reasons:
        return draft(sheet, match, form)
    rows = sheet.cells.height - match.first
    refused = refused_file(sheet.file, sheet.sheet, match.table.name, sheet.source.sha256, reasons[0].code, rows)
    return refused, [*sheet.warnings, *reasons]


def _of_pasted(sheet: RawSheet, table: str, form: Form, asked: Asked) -> Iterator[Part]:
    """Cells that were handed over as a table, through the same gate as a file."""
    match = recognise(sheet, form.profile, table)
    if match is None:
        refused = refused_file(sheet.file, sheet.sheet, table, sheet.source.sha256, "HEADER_NOT_FOUND")
        yield refused, [problem("HEADER_NOT_FOUND", file=sheet.file, sheet=sheet.sheet)]
        return
    only = None if asked.only is None else {table, *asked.only}
    wanted, lacking = each_table([(sheet, match)], form.profile, only)
    yield None, lacking
    for _, of in wanted:
        yield _draft_or_reasons(sheet, of, header_problems(of, sheet), form)


def _of_database(form: Form, asked: Asked) -> Iterator[Part]:
    """What the profile's database has of the tables wanted."""
    if form.profile.database is None:
        return
    from toolkit.readers.database import Days, read_database

    tables = form.profile.database.tables
    wanted = [name for name in tables if name not in asked.held and asked.wants(name)]
    first, last = asked.days or (None, None)
    for found in read_database(form.profile, wanted, Days(first, last, form.as_of)):
        if isinstance(found, RawSheet):
            yield from _of_pasted(found, found.sheet, form, asked)
        else:
            refused = refused_file(DATABASE, found.sheet, found.sheet, "", found.code)
            yield refused if found.level == "error" else None, [found]


GLANCE = 64_000
"""Bytes of a text file that are enough to see which table it is."""


def _may_be_wanted(path: Path, profile: Profile, asked: Asked) -> bool:
    """False where the beginning of a long text file shows that it is a table that is not wanted."""
    if asked.only is None or asked.table is not None or path.suffix.lower() not in TEXT:
        return True
    try:
        with path.open("rb") as stream:
            beginning = stream.read(GLANCE)
        if len(beginning) < GLANCE:
            return True
        sheets, _ = sheets_of(Source.beginning(path, beginning[: beginning.rfind(b"\n") + 1]), profile)
    except (OSError, FileRejected):
        return True
    matches = [recognise(sheet, profile, None) for sheet in sheets]
    names = [(match.table.name, *profile.fed_by(match.table.name)) for match in matches if match]
    return len(names) < len(matches) or not matches or any(map(asked.wants, chain(*names)))


def _unrecognised(sheets: Sequence[RawSheet], profile: Profile, table: str | None, *, alone: bool) -> Iterator[Refused]:
    """Sheets that are no table: refused if they should be one, else left alone with a remark.

    `alone`: nothing else in the file was recognised, and there is no other file.
    """
    for sheet in sheets:
        should_be = table or named_table(sheet.file, sheet.sheet) or ""
        if should_be or alone or looks_like_ours(sheet, profile):
            hashed, rows = sheet.source.sha256, sheet.cells.height
            refused = refused_file(sheet.file, sheet.sheet, should_be, hashed, "HEADER_NOT_FOUND", rows)
            yield refused, [problem("HEADER_NOT_FOUND", file=sheet.file, sheet=sheet.sheet)]
        else:
            yield None, [problem("NOT_A_TABLE", file=sheet.file, sheet=sheet.sheet)]


def _with_reasons(
    wanted: Sequence[tuple[RawSheet, Match]],
) -> Iterator[tuple[RawSheet, Match, list[Problem]]]:
    """Each recognised sheet with what keeps it from being read."""
    by_table = Counter(match.table.name for _, match in wanted)
    for sheet, match in wanted:
        reasons = header_problems(match, sheet)
        if by_table[match.table.name] > 1:
            names = ", ".join(other.sheet for other, of in wanted if of.table is match.table)
            report = partial(problem, file=sheet.file, sheet=sheet.sheet, table=match.table.name)
            reasons = [report("SHEET_AMBIGUOUS", value=names), *reasons]
        yield sheet, match, reasons
