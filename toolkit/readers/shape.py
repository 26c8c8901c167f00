"""Which columns of a sheet become rows, times, or a second table: told by its headers and the profile."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit.profiles import Profile
from toolkit.readers.answers import words
from toolkit.shapes import Wide, fields_of

if TYPE_CHECKING:
    from toolkit.readers.recognise import Match

Header = tuple[int, str, str]
"""The number of a column in the sheet, its header, and the header folded."""


@lru_cache(maxsize=4096)
def folded(header: str) -> str:
    """A header without capitals, spaces, underscores and punctuation: "Agent_ID " is agentid."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", header).casefold() if letter.isalnum())


def one_line(header: str) -> str:
    """A header as it is named in sentences: without line breaks and double spaces."""
    return " ".join(header.split())


@dataclass(frozen=True)
class Joint:
    """The day and the time of day that make one time: where they are in the sheet, and their headers."""

    day: int
    clock: int
    headers: tuple[str, str]


@dataclass(frozen=True)
class Question:
    """A column whose cells become rows: where it is, its header, and what is written for the header."""

    place: int
    header: str
    meaning: str


@dataclass(frozen=True)
class Second:
    """How a table is made of the rows of the table that the sheet was recognised as.

    `sources` maps our column to a joined one of the first table, or to a template of several; `where` must be filled.
    """

    first: "Match"
    sources: Mapping[str, str]
    where: str | None


@dataclass(frozen=True)
class Shape:
    """What has to be done to a sheet before its rows are rows of the table. `absent` are listed headers not there."""

    joined: Mapping[str, Joint] = field(default_factory=dict)
    wide: Wide | None = None
    questions: tuple[Question, ...] = ()
    absent: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    second: Second | None = None

    @property
    def headers(self) -> dict[int, str]:
        """The headers of the sheet's columns that it uses, by their numbers."""
        joints = list(self.joined.values())
        clocks = {joint.day: joint.headers[0] for joint in joints} | {of.clock: of.headers[1] for of in joints}
        return clocks | {question.place: question.header for question in self.questions}

    @property
    def spelled(self) -> dict[str, str]:
        """Our columns that it fills, and the headers that they come from."""
        names = {column: " + ".join(joint.headers) for column, joint in self.joined.items()}
        if self.wide is not None:
            headers = ", ".join(question.header for question in self.questions)
            names |= {self.wide.header_into: headers, self.wide.cell_into: headers}
        if self.second is not None:
            names |= {column: self._origin(source) for column, source in self.second.sources.items()}
        return names

    def _origin(self, source: str) -> str:
        spelled = self.second.first.spelled if self.second is not None else {}
        return " + ".join(dict.fromkeys(spelled[name] for name in fields_of(source)))


def shape_of(table: str, headers: Sequence[Header], known: Mapping[str, str], profile: Profile) -> Shape | None:
    """What the profile says has to be done to a sheet with these headers; None: nothing. `known` are the spellings."""
    if table not in profile.wide and not any(name.startswith(f"{table}.") for name in profile.joined):
        return None
    joined, twice = _joined(table, headers, known, profile)
    used = {place for joint in joined.values() for place in (joint.day, joint.clock)}
    wide = profile.wide.get(table)
    questions = _questions(wide, [header for header in headers if header[0] not in used], known) if wide else ()
    if wide is None or not questions:
        return Shape(joined, twice=twice) if joined else None
    there = {folded(question.header) for question in questions}
    absent = tuple(name for name in wide.columns if "*" not in name and folded(name) not in there)
    return Shape(joined, wide, questions, absent, twice)


def _joined(
    table: str, headers: Sequence[Header], known: Mapping[str, str], profile: Profile
) -> tuple[dict[str, Joint], tuple[str, ...]]:
    """The times made of two columns that are both there, and those of which one is there twice.

    A sheet that has the whole time in a column of its own keeps that.
    """
    joined, twice = {}, []
    for name, (day, clock) in profile.joined.items():
        column = name.removeprefix(f"{table}.")
        days, clocks = _headed(headers, day), _headed(headers, clock)
        parts = [place for place, _, _ in [*days, *clocks]]
        whole = any(known.get(key) == column for place, _, key in headers if place not in parts)
        if column == name or not days or not clocks or whole:
            continue
        joined[column] = Joint(days[0][0], clocks[0][0], (one_line(days[0][1]), one_line(clocks[0][1])))
        if len(parts) > 2:
            twice.append(column)
    return joined, tuple(twice)


def _headed(headers: Sequence[Header], name: str) -> list[Header]:
    return [header for header in headers if header[2] == folded(name)]


def _questions(wide: Wide, headers: Sequence[Header], known: Mapping[str, str]) -> tuple[Question, ...]:
    """The columns that become rows; none for a sheet that has the table's own two columns already."""
    if {wide.header_into, wide.cell_into} & {known.get(key) for _, _, key in headers}:
        return ()
    listed = {folded(name) for name in wide.columns if "*" not in name}
    patterns = [_pattern(name) for name in wide.columns if "*" in name]
    codes = {folded(header): code for header, code in wide.codes.items()}
    return tuple(
        Question(place, one_line(text), codes.get(key, one_line(text)))
        for place, text, key in headers
        if key in listed or (key not in known and _fits(text, patterns) and (key in codes or not _adds_up(text, wide)))
    )


def label_of_total(text: str, *, begins: bool) -> bool:
    """Whether this names a total or an average: "Total", "Grand total:"; with `begins` also "Total costs 2026"."""
    return _labelled(text, (*words()["total"], *words()["average"]), begins=begins)


def is_average(text: str) -> bool:
    """Whether what this names is an average, which adds nothing up."""
    return _labelled(text, words()["average"], begins=True)


def _labelled(text: str, labels: Collection[str], *, begins: bool) -> bool:
    plain = " ".join(text.casefold().replace("-", " ").split()).rstrip(" :")
    return any(plain == label or (begins and plain.startswith((f"{label} ", f"{label}:"))) for label in labels)


def _adds_up(header: str, wide: Wide) -> bool:
    """Whether a column repeats the others. A measure may be called "Average call time", a period never is."""
    return label_of_total(one_line(header), begins=wide.header_into == "period")


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in one_line(name).casefold().split("*")))


def _fits(text: str, patterns: Collection[re.Pattern[str]]) -> bool:
    return any(pattern.fullmatch(one_line(text).casefold()) for pattern in patterns)


def meanings_twice(shape: Shape) -> Iterator[Question]:
    """Questions that mean the same as an earlier one of the sheet."""
    seen: set[str] = set()
    for question in shape.questions:
        if question.meaning in seen:
            yield question
        seen.add(question.meaning)
