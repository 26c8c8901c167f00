"""The list of calls to evaluate, from a CSV or a workbook: call, agent and a note, under whatever heads people use."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from toolkit.form_books.blind import Call
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, default_profile
from toolkit.readers.raw import FileRejected, Source
from toolkit.readers.sources import sheets_of


@cache
def _spellings() -> Mapping[str, Sequence[str]]:
    return tomllib.loads(files("toolkit").joinpath("data", "form_calls.toml").read_text(encoding="utf-8"))


def calls_in(path: Path, profile: Profile | None = None) -> list[Call]:
    """The calls in this file, each once, in its order. `ToolkitError` where it has no column of calls, or none."""
    if not path.is_file():
        raise ToolkitError([problem("FORM_CALLS_NONE", file=path.name)])
    setup = profile or default_profile("KES", "UTC", "KE")
    try:
        sheets, _ = sheets_of(Source.beginning(path, path.read_bytes()), setup)
    except FileRejected as rejected:
        raise ToolkitError([rejected.problem]) from rejected
    for sheet in sheets:
        rows = [[(cell or "").strip() for cell in row] for row in sheet.cells.iter_rows()]
        if rows and (places := _places(rows[0])).get("call_id") is not None:
            return _calls(rows[1:], places, path.name)
    raise ToolkitError([problem("FORM_CALLS_NONE", file=path.name)])


def _places(heads: Sequence[str]) -> dict[str, int]:
    low = [head.casefold().replace("_", " ").strip() for head in heads]
    return {
        name: next(low.index(word) for word in words if word in low)
        for name, words in _spellings().items()
        if any(word in low for word in words)
    }


def _calls(rows: Sequence[Sequence[str]], places: Mapping[str, int], file: str) -> list[Call]:
    found: dict[str, Call] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, 2):
        told = {name: row[place] for name, place in places.items()}
        if told["call_id"] and found.setdefault(told["call_id"], Call(**told)) != Call(**told):
            problems.append(problem("FORM_CALL_TWICE", file=file, row=number, value=told["call_id"]))
    if problems or not found:
        raise ToolkitError(problems or [problem("FORM_CALLS_NONE", file=file)])
    return list(found.values())
