"""What a draw leaves behind: the calls to listen to, the line behind them, what was left out, how sure it all is.

A draw is made once. Its folder takes replacements at the end of one file and never loses a line of it; another draw
needs another folder.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from toolkit.csv_text import table_cells, unguarded
from toolkit.periods import Period, parse
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.qc import MILLION
from toolkit.quality.draws import Draw
from toolkit.quality.margins import Margin
from toolkit.quality.replacing import REPLACED, Replacement, replaced_rows
from toolkit.whole_folder import LOCK, FolderKind, hashes_in, sha256, whole_folder, write_json

RECORD, SAMPLE, RESERVE, EXCLUDED, MARGINS = "sample.json", "sample.csv", "reserve.csv", "excluded.csv", "margins.csv"
PROBLEMS, BOOK, REPLACEMENTS = "problems.csv", "sample.xlsx", "replacements.csv"
PROGRESS, EVALUATORS = "progress.csv", "evaluators.csv"
FOLDER = FolderKind(RECORD, (SAMPLE, RESERVE, EXCLUDED, MARGINS, PROBLEMS, BOOK, PROGRESS, EVALUATORS))
"""Replacements are no part of it: nothing that writes the folder takes them away."""
TEXTS = {"place", "stratum_calls", "stratum_drawn", "talk_seconds", "probability", "weight"}
"""Columns of sample.csv and reserve.csv that are no texts."""


def write_draw(
    draw: Draw, out: Path, record: Mapping[str, Any], problems: Sequence[Problem], book: Callable[[Path], None] | None
) -> None:
    """Writes the folder, whole or not at all. `ToolkitError` where it holds another draw, or the same with
    replacements that would then not fit."""
    refuse_other(draw, out)
    with whole_folder(out, FOLDER) as aside:
        table_cells(draw.drawn).write_csv(aside / SAMPLE)
        table_cells(draw.reserve).write_csv(aside / RESERVE)
        table_cells(draw.excluded).write_csv(aside / EXCLUDED)
        table_cells(margin_table(draw.margins)).write_csv(aside / MARGINS)
        write_problems(problems, aside / PROBLEMS)
        if book is not None:
            book(aside / BOOK)
        write_json({**record, **_about(draw), "files": hashes_in(aside)}, aside / RECORD)


def _about(draw: Draw) -> dict[str, Any]:
    return {
        "seed": draw.seed,
        "plan": json.loads(draw.plan.model_dump_json()),
        "evaluators": list(draw.evaluators),
        "counts": draw.counts,
        "excluded": dict(sorted(draw.reasons.items())),
        "calls": fingerprint(draw.drawn),
    }


def fingerprint(drawn: pl.DataFrame) -> str:
    """Which calls were drawn, in one word: the same for the same calls, whatever else is said of them."""
    import hashlib

    words = "\n".join(sorted(drawn["call_id"].to_list()))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def refuse_other(draw: Draw, out: Path) -> None:
    """Whoever does not like a draw must not be able to draw again in its place, nor to hand its calls to others:
    `ToolkitError` where there is one."""
    if not (out / RECORD).is_file():
        return
    try:
        before = json.loads((out / RECORD).read_text(encoding="utf-8"))
        same = before.get("calls") == fingerprint(draw.drawn)
        told = {"seed": before.get("seed"), "period": before.get("period")}
    except (OSError, ValueError, AttributeError) as error:
        raise ToolkitError([problem("DRAW_UNREADABLE", file=RECORD, reason=str(error))]) from error
    if not same:
        raise ToolkitError([problem("DRAW_EXISTS", value=out.name, **told)])
    if changed := _in_other_hands(draw.drawn, out):
        raise ToolkitError([problem("DRAW_OTHER_EVALUATORS", value=out.name, count=changed)])


def _in_other_hands(drawn: pl.DataFrame, out: Path) -> int:
    """How many calls of the draw in the folder would get another evaluator; those that had none may get one."""
    try:
        before = read_back(out / SAMPLE).filter(pl.col("evaluator") != "").select("call_id", _before="evaluator")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ToolkitError([problem("DRAW_UNREADABLE", file=SAMPLE, reason=str(error))]) from error
    both = drawn.join(before, on="call_id", how="inner")
    return both.filter(pl.col("evaluator").str.to_lowercase() != pl.col("_before").str.to_lowercase()).height


def margin_table(margins: Sequence[Margin]) -> pl.DataFrame:
    """One row a scope; margins, scores and their bounds in points of a hundred."""
    rows = [_margin(one) for one in margins]
    return pl.DataFrame(rows, schema=MARGIN_SCHEMA, orient="row")


MARGIN_SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(("scope_kind", "scope", "name"), pl.String),
    **dict.fromkeys(("calls", "drawn"), pl.Int64),
    **dict.fromkeys(("effective", "margin_points", "wanted_points"), pl.Float64),
    **dict.fromkeys(("calls_needed", "evaluated"), pl.Int64),
    **dict.fromkeys(("score", "score_low", "score_high"), pl.Float64),
    "in_words": pl.String,
}


def _margin(one: Margin) -> tuple[Any, ...]:
    def points(share: float | None) -> float | None:
        return None if share is None else share * 100

    bounds = (points(one.seen), points(one.low), points(one.high))
    return (
        one.scope_kind, one.scope, one.name, one.calls, one.drawn, one.effective, points(one.points),
        points(one.wanted), one.needed, one.heard, *bounds, one.words,
    )  # fmt: skip


# --- what is there ---------------------------------------------------------------------------------------


def kept_draw(out: Path) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """The drawn calls, the reserve and the record of a folder. `ToolkitError` where it is none, or was changed."""
    try:
        record = json.loads((out / RECORD).read_text(encoding="utf-8"))
        hashes = dict(record["files"])
        changed = [name for name in (SAMPLE, RESERVE) if hashes[name] != sha256(out / name)]
        if changed:
            raise ToolkitError([problem("DRAW_CHANGED", file=name) for name in changed])
        return read_back(out / SAMPLE), read_back(out / RESERVE), record
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise ToolkitError([problem("DRAW_UNREADABLE", file=out.name, reason=str(error))]) from error


def read_back(path: Path) -> pl.DataFrame:
    """A CSV file of ours with its texts as they were before they were made harmless."""
    rows = pl.read_csv(path, infer_schema=False)
    texts = [unguarded(pl.col(name)).fill_null("").alias(name) for name in rows.columns if name not in TEXTS]
    numbers = [pl.col(name).cast(pl.Float64) for name in rows.columns if name in TEXTS]
    return rows.with_columns(*texts, *numbers)


@dataclass(frozen=True)
class Choice:
    """How the calls of a draw's period were chosen.

    calls: call_id, chosen (random, risk; by_hand: it was not drawn), and weight: how many calls of its stratum a call
    that was drawn by chance stands for, in millionths; null for the others.
    """

    period: Period
    calls: pl.DataFrame


def chosen_in(out: Path) -> Choice:
    """What a draw says of its calls. `ToolkitError` where the folder holds no draw, or one that was changed.

    A call that took the place of another was drawn by chance; the one that it replaced is heard no more.
    """
    drawn, reserve, record = kept_draw(out)
    made = replacements_in(out)
    stands = (pl.col("stratum_calls") * MILLION / pl.col("stratum_drawn")).floor().cast(pl.Int64)
    at_random = pl.col("weight").is_not_null()
    told = drawn.select(
        "call_id", "agent_id", "stratum",
        chosen=pl.when(at_random).then(pl.lit("random")).otherwise(pl.lit("risk")),
        weight=pl.when(at_random).then(stands),
    )  # fmt: skip
    strata = told.filter(chosen="random").select("agent_id", "stratum", "chosen", "weight").unique()
    instead = made.filter(pl.col("call_id") != "").select("call_id", "agent_id", "stratum")
    asked = pl.concat([told, instead.join(strata, on=["agent_id", "stratum"]).select(told.columns)])
    heard = asked.filter(~pl.col("call_id").is_in(made["replaced"].implode())).select("call_id", "chosen", "weight")
    every = pl.concat([frame.select("call_id") for frame in (drawn, reserve, read_back(out / EXCLUDED))]).unique()
    calls = every.join(heard, on="call_id", how="left").with_columns(pl.col("chosen").fill_null("by_hand"))
    return Choice(parse(str(record["period"])), calls)


def replacements_in(out: Path) -> pl.DataFrame:
    """The replacements that were made, in order; none where nobody made one."""
    path = out / REPLACEMENTS
    if not path.is_file():
        return pl.DataFrame(schema=dict.fromkeys(REPLACED, pl.String))
    try:
        return read_back(path).select(REPLACED)
    except pl.exceptions.PolarsError as error:
        raise ToolkitError([problem("DRAW_UNREADABLE", file=REPLACEMENTS, reason=str(error))]) from error


@contextmanager
def alone_with(out: Path) -> Iterator[None]:
    """One at a time: two people who replace a call each get another one."""
    try:
        with FileLock(out / LOCK, timeout=5):
            yield
    except Timeout as busy:
        raise ToolkitError([problem("OUT_BUSY", value=out.name, out=out)]) from busy


def append_replacement(out: Path, made: Replacement) -> None:
    """Adds a line to replacements.csv; those before it stay byte by byte. Complete before it takes the name."""
    path = out / REPLACEMENTS
    before = path.read_bytes() if path.is_file() else b""
    line = table_cells(replaced_rows([made])).write_csv(include_header=not before).encode("utf-8")
    aside = path.with_name(path.name + ".new")
    with aside.open("wb") as file:
        file.write(before + line)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def write_tables(out: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Tables beside the draw, each complete before it takes its name."""
    for name, table in tables.items():
        aside = out / f"{name}.new"
        table_cells(table).write_csv(aside)
        os.replace(aside, out / name)
