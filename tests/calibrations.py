"""Calibrations for the tests: evaluations as rows of a CSV, and blind forms filled in as people do."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result

import cli
from toolkit.form_books import described
from toolkit.form_books.description import FIELDS
from toolkit.forms import Form, shipped_forms

FORM = """
code = "short"
version = "1"
title = "A short form"
start = 2026-01-01
roll_up = "total_points"

[[sections]]
code = "one"
title = "Manners"
questions = [
    { code = "greeting", text = "Greeted the customer" },
    { code = "threat", text = "Used no threat", auto_fail = ["no"], not_applicable = "not_allowed" },
]
[[sections]]
code = "two"
title = "Substance"
questions = [
    { code = "solution", text = "Offered a solution", type = "scale", lowest = 0, highest = 4, weight = 2 },
    { code = "promise", text = "Got a promise", type = "multi", answers = { "all of it" = 2, part = 1, nothing = 0 } },
    { code = "remarks", text = "What else", type = "text", weight = 0 },
]
"""
HEADS = (
    "evaluation_id", "call_id", "agent_id", "evaluator", "evaluated_on", "form", "form_version", "question", "answer",
    "state", "comment",
)  # fmt: skip
GOOD = {"greeting": "yes", "threat": "yes", "solution": "4", "promise": "all of it"}
MIDDLE = {"greeting": "no", "threat": "yes", "solution": "2", "promise": "part"}
Answers = Mapping[str, str]


def toolkit(*words: str | Path) -> Result:
    """The command, with what it printed."""
    return CliRunner().invoke(cli.main, [str(word) for word in words])


def form_file(folder: Path) -> Path:
    path = folder / "short.toml"
    path.write_text(FORM, encoding="utf-8")
    return path


def evaluations(folder: Path, given: Mapping[tuple[str, str], Answers], **more: str) -> Path:
    """A folder with evaluations.csv: answers by call and evaluator; `more` is the same in every row."""
    folder.mkdir(exist_ok=True, parents=True)
    with (folder / "evaluations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADS)
        writer.writeheader()
        for (call, who), answers in given.items():
            number = list(given).index((call, who))
            head = {
                "evaluation_id": f"{call}-{number}", "call_id": call, "agent_id": "A1", "evaluator": who,
                "evaluated_on": "2026-10-20", "form": "short", "form_version": "1", "state": "calibration",
            }  # fmt: skip
            for question, answer in answers.items():
                writer.writerow({**head, **more, "question": question, "answer": answer})
    return folder


def half(number: int) -> Answers:
    """Half of the calls are good."""
    return GOOD if number % 2 else MIDDLE


def several(people: Sequence[str] = ("Grace", "Peter"), calls: int = 12) -> dict[tuple[str, str], Answers]:
    """So many calls on which all these people agree."""
    return {(f"K{n:02}", who): half(n) for n in range(calls) for who in people}


def agreement(data: Path, out: Path, *words: str | Path) -> Result:
    form = form_file(out.parent)
    return toolkit("qc", "agreement", data, "--profile", "phone-credit", "--form", form, "--out", out, *words)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def line(out: Path, question: str) -> dict[str, str]:
    """The row of a question in agreement.csv."""
    return next(row for row in rows(out / "agreement.csv") if row["question"] == question)


def shipped() -> Form:
    return shipped_forms().known[0]


def fill(
    path: Path, answers: Sequence[Mapping[str, str | int]], form: Form, day: date | None = date(2026, 10, 20)
) -> None:
    """Types the answers of one call after the other into a blind workbook."""
    book = openpyxl.load_workbook(path)
    sheets = [sheet for sheet in book.worksheets if sheet.title not in ("Start", "Answers")]
    for sheet, given in zip(sheets, answers, strict=True):
        sheet[FIELDS["evaluated_on"]] = day
        for asked in described(form).asked:
            if asked.question.code in given:
                sheet[asked.answer] = given[asked.question.code]
    book.save(path)
