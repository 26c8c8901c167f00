"""Disputes of single questions: who may raise and decide them until when, and what they make of the answers.

The table of disputes only grows. Its steps are followed in order of time; a step that the rules forbid is set aside and
changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from toolkit.csv_text import unguarded
from toolkit.definitions import Definitions
from toolkit.evaluations.mistakes import answers_in_words
from toolkit.evaluations.people import People
from toolkit.forms import Forms
from toolkit.periods import ONE_DAY
from toolkit.qc_answers import COUNTED, PROVISIONAL, accepted_answers, answers_scored, tidied

STEPS = ("raised", "upheld", "overturned", "withdrawn")
TEXTS = ("dispute_id", "evaluation_id", "question", "step", "by", "answer", "reason")


@dataclass(frozen=True)
class Disputed:
    """One question of one evaluation that somebody disputed, as it stands. Times are local, without their zone.

    outcome: "" while it is open, else upheld, overturned or withdrawn; answer: what it is from then on, if overturned.
    due_at: until when it should be decided. first_answer: what the evaluator had given.
    """

    dispute_id: str
    evaluation_id: str
    question: str
    agent_id: str
    evaluator: str
    first_answer: str
    raised_at: datetime
    raised_by: str
    reason: str
    due_at: datetime
    outcome: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    answer: str = ""
    why: str = ""

    @property
    def asked(self) -> str:
        """The question as questions are compared."""
        return self.question.strip().lower()

    def status(self, at: datetime) -> str:
        """decided, or open, due (within the day) or overdue."""
        if self.outcome:
            return self.outcome
        return "overdue" if self.due_at < at else "due" if self.due_at < at + ONE_DAY else "open"


@dataclass(frozen=True)
class Step:
    """One row of the table of disputes; `line` is its row there."""

    dispute_id: str
    evaluation_id: str
    question: str
    step: str
    by: str
    answer: str
    reason: str
    at: datetime
    line: int = -1

    @property
    def asked(self) -> str:
        return self.question.strip().lower()


@dataclass(frozen=True)
class Refused:
    """A step that is not followed, and why: the code of the sentence and what it needs."""

    step: Step
    code: str
    other: str = ""


@dataclass(frozen=True)
class Evaluated:
    """What the rules need to know of an evaluation: its answers by question, and when it was handed in."""

    evaluation_id: str
    agent_id: str
    evaluator: str
    form: str
    form_version: str
    state: str
    evaluated_on: date
    submitted: datetime
    answers: Mapping[str, str | None]


@dataclass(frozen=True)
class Rulebook:
    """By what disputes are judged: who is who, which answers there are, and the hours allowed."""

    forms: Forms
    people: People = field(default_factory=People)
    definitions: Definitions = field(default_factory=Definitions)

    def refusal(self, step: Step, of: Evaluated | None, before: Disputed | None) -> tuple[str, str] | None:
        """Why this step cannot be taken, as a code and what its sentence needs; None: it can.

        before: the last dispute of the same question, if there was one.
        """
        if of is None:
            return "QC_DISPUTE_UNKNOWN", ""
        if of.state not in (*COUNTED, *PROVISIONAL):
            return "QC_DISPUTE_NO_SCORE", of.state
        if step.asked not in of.answers:
            return "QC_DISPUTE_QUESTION", ", ".join(of.answers)
        if not step.reason.strip() and step.step != "withdrawn":
            return "QC_DISPUTE_NO_REASON", step.step
        return self._raising(step, of, before) if step.step == "raised" else self._ending(step, of, before)

    def _raising(self, step: Step, of: Evaluated, before: Disputed | None) -> tuple[str, str] | None:
        until = of.submitted + timedelta(hours=self.definitions.dispute_window_hours)
        if before is not None and before.outcome != "withdrawn":
            return "QC_DISPUTE_AGAIN", before.dispute_id
        if step.at < datetime.combine(of.evaluated_on, time()):
            return "QC_DISPUTE_EARLY", of.evaluated_on.isoformat()
        return ("QC_DISPUTE_LATE", f"{until:%Y-%m-%d %H:%M}") if step.at > until else None

    def _ending(self, step: Step, of: Evaluated, before: Disputed | None) -> tuple[str, str] | None:
        if before is None or before.dispute_id != step.dispute_id:
            return "QC_DISPUTE_NOT_RAISED", ""
        if before.outcome:
            return "QC_DISPUTE_DECIDED", before.outcome
        if step.at < before.raised_at:
            return "QC_DISPUTE_ORDER", f"{before.raised_at:%Y-%m-%d %H:%M}"
        if step.step == "withdrawn":
            mine = any(self.people.same(step.by, name) for name in (before.raised_by, of.agent_id))
            return None if mine else ("QC_DISPUTE_WITHDRAWN_BY", before.raised_by)
        for name, role in ((of.evaluator, "evaluator"), (of.agent_id, "agent"), (before.raised_by, "raiser")):
            if self.people.same(step.by, name):
                return f"QC_DISPUTE_BY_{role.upper()}", name
        return self._answer(step, of) if step.step == "overturned" else None

    def _answer(self, step: Step, of: Evaluated) -> tuple[str, str] | None:
        """Whether an overturned question has got another answer, and one that can be read."""
        form, answer = self.forms.get(of.form, of.form_version), tidied(step.answer)
        question = form.question(step.asked) if form else None
        expected = answers_in_words(question) if question else "yes, no, n/a, or points of a most such as 4/5"
        if not answer:
            return "QC_DISPUTE_NO_ANSWER", expected
        if answer == tidied(of.answers[step.asked] or ""):
            return "QC_DISPUTE_SAME_ANSWER", expected
        known = accepted_answers(question) if question else ()
        good = answer in known or (question is not None and not known) if question else self._read_alone(step, of)
        return None if good else ("QC_DISPUTE_ANSWER", expected)

    def _read_alone(self, step: Step, of: Evaluated) -> bool:
        """Whether an answer can be read where the form is not known."""
        names = ("evaluation_id", "agent_id", "evaluator", "evaluated_on", "form", "form_version")
        row = {name: getattr(of, name) for name in names} | {"question": step.question, "answer": step.answer}
        return not answers_scored(pl.DataFrame([row]), self.forms)["unread"].any()


def steps_in(disputes: pl.DataFrame, until: datetime) -> list[Step]:
    """The steps that had been taken by then, in order of time; at the same time, of the table."""
    absent = [pl.lit(None, pl.String).alias(name) for name in TEXTS if name not in disputes.columns]
    local = pl.col("at").dt.replace_time_zone(None) if disputes.schema["at"] != pl.Date else pl.col("at")
    rows = disputes.with_columns(*absent).with_row_index("line").with_columns(local.cast(pl.Datetime("us")))
    rows = rows.filter(pl.col("at") <= until).sort("at", "line")
    texts = [unguarded(pl.col(name).fill_null("")).alias(name) for name in TEXTS]
    return [Step(**row) for row in rows.select(*texts, "at", pl.col("line").cast(pl.Int64)).iter_rows(named=True)]


def followed(
    steps: Iterable[Step], evaluated: Mapping[str, Evaluated], rules: Rulebook
) -> tuple[list[Disputed], list[Refused]]:
    """What has become of every question that was disputed, and the steps that are not followed."""
    last: dict[tuple[str, str], Disputed] = {}
    earlier: list[Disputed] = []
    refused: list[Refused] = []
    for step in steps:
        key = (step.evaluation_id, step.asked)
        of, before = evaluated.get(step.evaluation_id), last.get(key)
        why = rules.refusal(step, of, before)
        if why is not None or of is None:
            refused.append(Refused(step, *(why or ("QC_DISPUTE_UNKNOWN", ""))))
        elif step.step == "raised":
            earlier += [before] if before else []
            last[key] = _raised(step, of, rules)
        elif before is not None:
            last[key] = replace(
                before, outcome=step.step, decided_at=step.at, decided_by=step.by, answer=step.answer, why=step.reason
            )
    return sorted([*earlier, *last.values()], key=lambda one: (one.raised_at, one.evaluation_id, one.asked)), refused


def _raised(step: Step, of: Evaluated, rules: Rulebook) -> Disputed:
    due = step.at + timedelta(hours=rules.definitions.dispute_decided_within_hours)
    return Disputed(
        step.dispute_id,
        step.evaluation_id,
        step.asked,
        of.agent_id,
        of.evaluator,
        of.answers[step.asked] or "",
        step.at,
        step.by,
        step.reason,
        due,
    )


def evaluated_of(evaluations: pl.DataFrame, ids: Iterable[str]) -> dict[str, Evaluated]:
    """The evaluations of these ids, as the rules look at them."""
    absent = {name: kind for name, kind in _OPTIONAL.items() if name not in evaluations.columns}
    mine = evaluations.filter(pl.col("evaluation_id").is_in(list(set(ids)))).with_columns(
        pl.lit(None, kind).alias(name) for name, kind in absent.items()
    )
    return dict(_each(mine))


_OPTIONAL: dict[str, Any] = {"state": pl.String, "submitted_at": pl.Datetime("us")}


def _each(mine: pl.DataFrame) -> Iterator[tuple[str, Evaluated]]:
    handed_in = pl.col("submitted_at").dt.replace_time_zone(None)
    for (name,), rows in mine.with_columns(handed_in).group_by(["evaluation_id"], maintain_order=True):
        first = rows.row(0, named=True)
        submitted: Any = rows["submitted_at"].max()
        of_day = datetime.combine(first["evaluated_on"] + ONE_DAY, time())
        asked = rows["question"].str.strip_chars().str.to_lowercase()
        yield (
            str(name),
            Evaluated(
                evaluation_id=str(name),
                **{key: first[key] for key in ("agent_id", "evaluator", "form", "form_version", "evaluated_on")},
                state=first["state"] or COUNTED[0],
                submitted=submitted or of_day,
                answers=dict(zip(asked, rows["answer"], strict=True)),
            ),
        )
