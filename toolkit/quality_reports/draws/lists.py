"""The small files that a draw is given: who listens, and how many calls at most; which calls broke a rule.

They are read like exports are: saved by Excel with semicolons, a byte order mark, in the encoding of Windows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from toolkit.csv_text import unguarded
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.readers.delimited import read_delimited
from toolkit.readers.raw import FileRejected, Source

EVALUATOR, MOST = "evaluator", "calls"
KNOWN = (EVALUATOR, MOST, "call_id", "rule", "exempt")
IS_A_FILE = re.compile(r"\.(csv|txt|xlsx?|tsv)$", re.IGNORECASE)


@dataclass(frozen=True)
class Listeners:
    """Who listens, and how many calls at most where that is said, by name in small letters."""

    names: Sequence[str] = ()
    most: Mapping[str, int] = field(default_factory=dict)


def listeners(given: Sequence[str]) -> Listeners:
    """Names as they are; a file's column evaluator with the column calls beside it, else its first, else a name a line.

    `ToolkitError` for a file that is not there or cannot be read, and for a number of calls that is none.
    """
    names: list[str] = []
    most: dict[str, int] = {}
    for one in given:
        path = Path(one)
        if path.is_file():
            found = _in_file(path)
            names += found.names
            most |= found.most
        elif IS_A_FILE.search(one):
            raise ToolkitError([problem("DRAW_LIST_MISSING", value=one)])
        else:
            names.append(one)
    return Listeners(names, most)


def _in_file(path: Path) -> Listeners:
    rows = small_table(path)
    column = EVALUATOR if EVALUATOR in rows.columns else rows.columns[0]
    alone = [column] if column != EVALUATOR and rows.width == 1 else []
    names = [*alone, *rows[column].drop_nulls().to_list()]
    if MOST not in rows.columns or column != EVALUATOR:
        return Listeners(names)
    limits = dict(rows.select(EVALUATOR, MOST).drop_nulls().iter_rows())
    wrong = [_no_number(path, name, most) for name, most in limits.items() if not re.fullmatch(r"\d{1,6}", most)]
    if wrong:
        raise ToolkitError(wrong)
    return Listeners(names, {name.casefold(): int(most) for name, most in limits.items()})


def _no_number(path: Path, name: str, most: str) -> Problem:
    return problem("DRAW_CAPACITY", file=path.name, value=most, who=name)


def breaches_in(path: Path | None) -> pl.DataFrame | None:
    """call_id and rule of breaches.csv, without those that a consent permits; None where no file is given."""
    if path is None:
        return None
    rows = small_table(path)
    if "call_id" not in rows.columns:
        raise ToolkitError([problem("DRAW_BREACHES_UNKNOWN", file=path.name, value=", ".join(rows.columns))])
    rule = pl.col("rule") if "rule" in rows.columns else pl.lit(None, pl.String)
    if "exempt" in rows.columns:  # what a consent permits is listed there too
        rows = rows.filter(pl.col("exempt").is_null())
    return rows.select("call_id", rule=rule)


def small_table(path: Path) -> pl.DataFrame:
    """A text file with a row of headers: texts without blanks around them, null where there is nothing.

    `ToolkitError` where it cannot be read.
    """
    try:
        cells = read_delimited(Source.beginning(path, path.read_bytes())).cells
    except OSError as error:
        raise ToolkitError([problem("DRAW_LIST_UNREADABLE", file=path.name, reason=str(error))]) from error
    except FileRejected as rejected:
        raise ToolkitError([rejected.problem]) from rejected
    texts = cells.select(unguarded(pl.col(name).cast(pl.String)).str.strip_chars() for name in cells.columns)
    texts = texts.slice(1) if (texts.row(0)[0] or "").lower().startswith("sep=") else texts
    heads = [head or f"column {place}" for place, head in enumerate(texts.row(0), 1)]
    known_as = {head: head.lower() if head.lower() in KNOWN else head for head in heads}
    named = [known_as[head] if heads.count(head) == 1 else f"{head} {place}" for place, head in enumerate(heads, 1)]
    known = texts.slice(1).rename(dict(zip(texts.columns, named, strict=True)))
    return known.with_columns(pl.when(pl.col(name) != "").then(name).alias(name) for name in known.columns)
