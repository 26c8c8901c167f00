"""What is wrong with the input, said so that a person can mend it.

A `Problem` is a row beside the result: where (file, sheet, row and column as Excel shows them), what
was seen, what was expected and what to do. Functions collect problems and return them all at once;
`ToolkitError` carries the ones that make going on impossible. The sentences live in
`toolkit/texts/en/*.toml`, one per code, so that other languages can follow.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from string import Formatter
from sys import intern
from typing import Literal

Level = Literal["error", "warning", "info"]

DATABASE = "database"
"""What stands in the place of a file's name where rows come from a database; the table in that of the sheet."""
PLACE = ("file", "sheet", "row", "column", "value")
"""What every sentence may mention of the place and of what was found there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `row` is the row number that Excel shows, 1 for the first line of a file.

    `told` has what fills in the rest of its sentences, in the order of `_needed`: the sentences themselves are
    made when somebody reads them, since a bad export has hundreds of thousands of findings.
    """

    code: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    told: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """error (the row or file was not taken), warning (taken, but somebody should look) or info (what was
        done and need not worry anyone)."""
        return texts()[self.code]["level"]  # type: ignore[return-value]  # a test holds the file to the three levels

    @property
    def message(self) -> str:
        """What was seen and what was expected."""
        return texts()[self.code]["message"].format_map(self._fields)

    @property
    def what_to_do(self) -> str:
        """How to mend it; "" where there is nothing to do."""
        return texts()[self.code]["what_to_do"].format_map(self._fields)

    @property
    def _fields(self) -> Mapping[str, object]:
        place: dict[str, object] = {name: getattr(self, name) for name in PLACE}
        return place | dict(zip(_needed(self.code), self.told, strict=True))

    @property
    def place(self) -> str:
        """Where it is, in words: ``payments.csv, sheet May, row 17, column Amount``."""
        parts = [self.file]
        if self.file == DATABASE and self.sheet:
            parts = [f"{self.file}[{self.sheet}]"]
        elif self.sheet:
            parts.append(f"sheet {self.sheet}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        sentence = f"{self.place}: {self.message}" if self.place else self.message
        return f"{sentence} {self.what_to_do}".rstrip()


class ToolkitError(Exception):
    """Something could not be done; `problems` says everything that is in the way, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@cache
def texts(language: str = "en") -> dict[str, dict[str, str]]:
    """The sentences by code: `level`, `message` and `what_to_do`, with {fields} to be filled in."""
    sentences: dict[str, dict[str, str]] = {}
    for source in files("toolkit").joinpath("texts", language).iterdir():
        sentences |= tomllib.loads(source.read_text(encoding="utf-8"))
    return sentences


def said(code: str, **fields: object) -> str:
    """The sentence of this code with its {fields} filled in. An unknown code raises `KeyError`."""
    return texts()[code]["message"].format_map(fields)


def problem(
    code: str,
    *,
    file: str = "",
    sheet: str = "",
    row: int | None = None,
    column: str = "",
    value: object = "",
    **fields: object,
) -> Problem:
    """The problem of this code, with what was seen.

    A code without a sentence, or a sentence without one of its fields, is a mistake in the toolkit and raises
    `KeyError`.
    """
    return Problem(intern(code), intern(file), intern(sheet), row, intern(column), str(value), told(code, **fields))


def told(code: str, **fields: object) -> tuple[str, ...]:
    """What fills in the sentences of this code beside the place and the value, as `Problem.told` has it."""
    return _once(tuple(str(fields[name]) for name in _needed(code)))


@cache
def _needed(code: str) -> tuple[str, ...]:
    """The fields of a code's sentences beside the place and the value."""
    text = texts()[code]
    parts = chain(Formatter().parse(text["message"]), Formatter().parse(text["what_to_do"]))
    return tuple(dict.fromkeys(name for _, name, _, _ in parts if name and name not in PLACE))


@lru_cache(maxsize=4096)
def _once(words: tuple[str, ...]) -> tuple[str, ...]:
    """The same tuple for the same words: most problems of one kind say the same."""
    return words
