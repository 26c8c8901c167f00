"""Disputes in a list, how often evaluators are overturned, and the next step of a dispute, if the rules allow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from toolkit.evaluations import Disputed
from toolkit.evaluations.disputes import Refused, Rulebook, Step, evaluated_of, followed

LISTED: Mapping[str, Any] = {
    **dict.fromkeys(("status", "dispute_id", "evaluation_id", "question", "agent_id", "evaluator"), pl.String),
    **dict.fromkeys(("raised_at", "due_at"), pl.Datetime("us")),
    **dict.fromkeys(("raised_by", "reason", "first_answer", "answer"), pl.String),
    "decided_at": pl.Datetime("us"),
    **dict.fromkeys(("decided_by", "why"), pl.String),
}
OPEN = ("overdue", "due", "open")
ORDER = (*OPEN, "overturned", "upheld", "withdrawn")


def listed(disputes: Sequence[Disputed], at: datetime) -> pl.DataFrame:
    """One row a disputed question with the columns of `LISTED`: what is overdue first, what is decided last.

    at: the moment they are looked at, in local time; due is what has to be decided within a day of it.
    """
    rows = [{"status": one.status(at), **{name: getattr(one, name) for name in LISTED if name != "status"}}
            for one in disputes]  # fmt: skip
    table = pl.DataFrame(rows, schema=dict(LISTED), orient="row")
    order = pl.col("status").cast(pl.Enum(ORDER))
    return table.sort(order, "due_at", "evaluation_id", "question")


def next_id(disputes: Sequence[Disputed], evaluation_id: str, by: str) -> str:
    """The number of the dispute that a question raised now belongs to: the one that is open by the same person, else a
    new one."""
    mine = [one for one in disputes if one.evaluation_id == evaluation_id]
    running = [one.dispute_id for one in mine if not one.outcome and one.raised_by.casefold() == by.casefold()]
    used = {one.dispute_id for one in mine}
    return running[-1] if running else f"D-{evaluation_id}-{len(used) + 1}"


@dataclass(frozen=True)
class Asked:
    """A step that somebody wants to take; `decide` is "" to raise, else upheld, overturned or withdrawn."""

    evaluation_id: str
    question: str
    by: str
    reason: str
    at: datetime
    decide: str = ""
    answer: str = ""


def next_step(
    asked: Asked, steps: Sequence[Step], evaluations: pl.DataFrame, rules: Rulebook
) -> tuple[Step, Refused | None]:
    """The step as a row for the table of disputes, and why it cannot be taken, if so.

    steps: those that have been taken, in order of time. A step is judged as if it had been in the table already.
    """
    evaluated = evaluated_of(evaluations, [asked.evaluation_id])
    mine = [step for step in steps if step.evaluation_id == asked.evaluation_id]
    disputes, _ = followed(mine, evaluated, rules)
    question = asked.question.strip().lower()
    of_question = [one.dispute_id for one in disputes if one.asked == question]
    number = of_question[-1] if asked.decide and of_question else next_id(disputes, asked.evaluation_id, asked.by)
    step = Step(number, asked.evaluation_id, question, asked.decide or "raised", asked.by, asked.answer, asked.reason,
                asked.at)  # fmt: skip
    _, refused = followed([*mine, step], evaluated, rules)
    return step, next((one for one in refused if one.step is step), None)


def end_of(day: date) -> datetime:
    """The last moment of a day."""
    return datetime.combine(day, datetime.max.time())
