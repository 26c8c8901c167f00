"""What evaluators agreed on after talking about it: rows of evaluations by "agreed", appended and never replaced."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import as_cells, unguarded
from toolkit.forms import Form, Question
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.quality.given_answers import AGREED, CALIBRATION, Given, Group, canonical

COLUMNS = (
    "evaluation_id", "call_id", "agent_id", "evaluator", "evaluated_on", "form", "form_version", "question", "answer",
    "state", "comment", "agreed_by", "agreed_at",
)  # fmt: skip
NEEDED = ("call_id", "form", "form_version", "question", "agreed_answer")
Key = tuple[str, str, str, str]
"""Form, version, question and call."""


def read_agreed(path: Path) -> pl.DataFrame:
    """The rows of an earlier agreed.csv, as the table evaluations has them; none where there is no such file."""
    schema: dict[str, Any] = dict.fromkeys(COLUMNS, pl.String)
    if not path.is_file():
        rows = pl.DataFrame(schema=schema)
    else:
        rows = _as_text(path)
        if set(COLUMNS) - set(rows.columns):
            raise ToolkitError([problem("AGREED_UNREADABLE", file=path.name, needed=", ".join(COLUMNS))])
    return rows.select(COLUMNS).with_columns(pl.col("evaluated_on").str.to_date(strict=False))


def _as_text(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, infer_schema=False, encoding="utf8-lossy", separator=_separator(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).split("\n")[0]
        raise ToolkitError([problem("AGREED_UNREADABLE", file=path.name, needed=reason)]) from error
    return frame.rename({name: name.strip() for name in frame.columns}).with_columns(
        unguarded(pl.all().str.strip_chars())
    )


def _separator(path: Path) -> str:
    """What stands between the heads: Excel saves with semicolons (or tabs) where the comma is a decimal sign."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        heads = file.readline()
    return max(",;\t", key=heads.count)


def typed_answers(path: Path) -> dict[Key, str]:
    """The agreed answers in a disagreements.csv, as they were typed. `ToolkitError` where it cannot be read."""
    frame = _as_text(path)
    if missing := [name for name in NEEDED if name not in frame.columns]:
        raise ToolkitError([problem("AGREED_UNREADABLE", file=path.name, needed=", ".join(missing))])
    rows = frame.select(NEEDED).filter(pl.col("agreed_answer").fill_null("") != "").fill_null("")
    return {(form, version, question, call): answer for call, form, version, question, answer in rows.iter_rows()}


def recorded_answers(rows: pl.DataFrame) -> dict[Key, str]:
    """The last agreed answer to each question, of rows of agreed.csv."""
    return {(row["form"], row["form_version"], row["question"], row["call_id"]): row["answer"]
            for row in rows.iter_rows(named=True)}  # fmt: skip


def spelled(form: Form | None, code: str, answer: str) -> str:
    """An agreed answer as the form spells it, for comparing; as it is where the form has none like it."""
    return (_read(form, code, answer) or answer).casefold()


def new_agreed(
    path: Path, given: Given, before: pl.DataFrame, by: str, at: datetime
) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows to append for a disagreements.csv in which agreed answers were filled in, and what was wrong with it.

    Of a call on whose questions all now agree, the answers that nobody differed in come along, so that "agreed" is a
    whole evaluation. What was recorded before is left out; another answer to the same question is a row of its own.
    `ToolkitError` with all mistakes, and nothing to append, where an answer is not on the form or nobody was asked.
    """
    rows, problems = _filled(path, given)
    if any(found.level == "error" for found in problems):
        raise ToolkitError(problems)
    known = recorded_answers(before)
    fresh = {key: answer for key, answer in rows.items() if known.get(key) != answer}
    groups = {(group.code, group.version): group for group in given.groups}
    whole = {**known, **fresh}
    for group in groups.values():
        fresh |= {key: answer for key, answer in _unanimous(group, whole) if key not in known}
    made = [_row(key, answer, groups[key[:2]], before, by, at) for key, answer in sorted(fresh.items())]
    schema: dict[str, Any] = dict.fromkeys(COLUMNS, pl.String)
    return pl.DataFrame(made, schema=schema, orient="row"), problems


def _filled(path: Path, given: Given) -> tuple[dict[Key, str], list[Problem]]:
    """The agreed answers of the file, and what is wrong with them."""
    frame = _as_text(path)
    if missing := [name for name in NEEDED if name not in frame.columns]:
        raise ToolkitError([problem("AGREED_UNREADABLE", file=path.name, needed=", ".join(missing))])
    groups = {(group.code, group.version): group for group in given.groups}
    found: dict[Key, str] = {}
    problems: list[Problem] = []
    empty = 0
    for number, row in enumerate(frame.iter_rows(named=True), 2):
        place: dict[str, Any] = {"file": path.name, "row": number, "column": "agreed_answer"}
        key = tuple(row[name] or "" for name in ("form", "form_version", "question", "call_id"))
        answer, group = row["agreed_answer"] or "", groups.get((key[0], key[1]))
        if not answer:
            empty += 1
        elif group is None or (key[2], key[3]) not in group.given:
            problems.append(problem("AGREED_OF_NOTHING", **place, value=f"{key[2]}, {key[3]}"))
        elif (read := _read(group.form, key[2], answer)) is None:
            problems.append(problem("AGREED_ANSWER", **place, value=answer, question=key[2]))
        else:
            found[key[0], key[1], key[2], key[3]] = read
    if empty:
        problems.append(problem("AGREED_OPEN", file=path.name, value=empty))
    return found, problems


def _read(form: Form | None, code: str, answer: str) -> str | None:
    if form is None:
        return answer
    questions: list[Question] = [of for section in form.sections for of in section.questions]
    question = next((of for of in questions if of.code == code), None)
    return canonical(question, answer) if question else None


def _unanimous(group: Group, agreed: Mapping[Key, str]) -> Iterator[tuple[Key, str]]:
    """The answers that all gave, of calls on whose other questions there is an agreed answer now."""
    by_call: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for asked in group.asked:
        for call in group.calls:
            if answers := group.of(asked.code, call):
                by_call[call][asked.code] = {said.answer for said in answers.values()}
    for call, asked_of_it in by_call.items():
        differing = [code for code, answers in asked_of_it.items() if len(answers) > 1]
        keys = [(group.code, group.version, code, call) for code in differing]
        if differing and all(key in agreed for key in keys):
            for code, given in asked_of_it.items():
                if len(given) == 1 and (group.code, group.version, code, call) not in agreed:
                    yield (group.code, group.version, code, call), next(iter(given))


def _row(key: Key, answer: str, group: Group, before: pl.DataFrame, by: str, at: datetime) -> dict[str, str]:
    """A row; an answer that changes an earlier one has an evaluation's number of its own, so that both stay."""
    form, version, question, call = key
    earlier = before.filter(
        (pl.col("form") == form) & (pl.col("form_version") == version)
        & (pl.col("question") == question) & (pl.col("call_id") == call)
    ).height  # fmt: skip
    people = group.of(question, call)
    differed = len({said.answer for said in people.values()}) > 1
    answers = "; ".join(f"{who}: {said.answer}" for who, said in sorted(people.items()))
    agent = next((said.agent_id for said in people.values()), "")
    return {
        "evaluation_id": f"AGREED-{form}-{version}-{call}" + (f"-{earlier + 1}" if earlier else ""), "call_id": call,
        "agent_id": agent, "evaluator": AGREED, "evaluated_on": at.date().isoformat(), "form": form,
        "form_version": version, "question": question, "answer": answer, "state": CALIBRATION,
        "comment": answers if differed else "all gave this answer", "agreed_by": by,
        "agreed_at": at.isoformat(timespec="minutes"),
    }  # fmt: skip


def append_agreed(path: Path, rows: pl.DataFrame) -> None:
    """Adds the rows at the end of the file; what stands in it stays as it is, and it is complete at any time."""
    if not rows.height:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    text = pl.DataFrame([as_cells(column) for column in rows]).write_csv(include_header=not path.is_file())
    earlier = path.read_bytes() if path.is_file() else b""
    if earlier and not earlier.endswith(b"\n"):
        earlier += b"\n"
    aside = path.with_name(path.name + ".new")
    aside.write_bytes(earlier + text.encode("utf-8"))
    os.replace(aside, path)


def as_evaluations(rows: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows of several sources as one table of evaluations."""
    return pl.concat([frame for frame in rows if frame.height] or list(rows[:1]), how="diagonal_relaxed")
