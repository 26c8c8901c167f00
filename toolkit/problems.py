"""What is wrong with the input, said so that a person can mend it.

A `Problem` is a row beside the result: where (file, sheet, row and column as Excel shows them), what
was seen, what was expected and what to do. Functions collect problems and return them all at once;
`ToolkitError` carries the ones that make going on impossible. The sentences live in
`toolkit/texts/en/*.toml`, one per code, so that other languages can follow.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Level = Literal["error", "warning", "info"]

DATABASE = "database"
"""What stands in the place of a file's name where rows come from a database; the table in that of the sheet."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `row` is the row number that Excel shows, 1 for the first line of a file.

    `level` is error (the row or file was not taken), warning (taken, but somebody should look) or
    info (what was done and need not worry anyone).
    """

    code: str
    message: str
    what_to_do: str = ""
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    level: Level = "error"

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
    """The problem of this code, its sentence filled in with what was seen.

    A code without a sentence is a mistake in the toolkit and raises `KeyError`.
    """
    text = texts()[code]
    seen = str(value)
    known = {"file": file, "sheet": sheet, "row": row, "column": column, "value": seen, **fields}
    return Problem(
        code=code,
        message=text["message"].format_map(known),
        what_to_do=text["what_to_do"].format_map(known),
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        value=seen,
        level=text["level"],  # type: ignore[arg-type]  # a test holds the file to the three levels
    )
