"""What each answer of a form is worth, as a table of a sheet that the form's formulas look up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd

import polars as pl

from toolkit.form_files import content_hash
from toolkit.forms import Form, Forms, Question, answer_words
from toolkit.qc import answers_scored

ANSWERS = "Answers"
"""The sheet that has the table; hidden, since nobody fills it in."""
HEADS = (
    "question", "number", "answer", "earned", "possible", "critical earned", "critical possible", "fails",
    "not on the form",
)  # fmt: skip
NOT_APPLICABLE = "n/a"
POINTS = ("earned", "possible", "critical_earned", "critical_possible")
SHOWN = {"yes": "yes", "no": "no", NOT_APPLICABLE: "N/A"}
FIRST = 2
"""The first row of answers as Excel counts; the heads stand above."""


@dataclass(frozen=True)
class Block:
    """The answers of one question: rows `first` to `last` as Excel counts; those to choose from come first."""

    first: int
    last: int
    offered: tuple[str | int, ...]

    def column(self, name: str) -> str:
        """The cells of a column of `HEADS`, as formulas write them."""
        letter = "ABCDEFGHI"[HEADS.index(name)]
        return f"{ANSWERS}!${letter}${self.first}:${letter}${self.last}"

    @property
    def choices(self) -> str:
        """The cells of the answers to choose from."""
        return f"{ANSWERS}!$C${self.first}:$C${self.first + len(self.offered) - 1}"


@dataclass(frozen=True)
class AnswerTable:
    """The table's rows under `HEADS`, and where each question's answers are, by its code."""

    rows: tuple[tuple[str | int, ...], ...]
    blocks: Mapping[str, Block]


def fingerprint(form: Form) -> str:
    """What tells this form from an edited one: the first sixteen digits of its content's hash."""
    return content_hash(form)[:16]


def offered(question: Question) -> tuple[str | int, ...]:
    """The answers to choose from, as people read them; of a text there are none."""
    if question.type == "text":
        return ()
    if question.type == "scale":
        known: Sequence[str | int] = range(question.lowest, question.highest + 1)
    else:
        known = [SHOWN["yes"], SHOWN["no"]] if question.type == "yes_no" else list(question.answers)
    may_not_apply = question.not_applicable != "not_allowed" and NOT_APPLICABLE not in question.points
    return (*known, *((SHOWN[NOT_APPLICABLE],) if may_not_apply else ()))


def answer_table(form: Form) -> AnswerTable:
    """Every answer that the form takes, as `toolkit.qc` reads them: those to choose from, then other spellings."""
    worth = _worth(form)
    # parts of a point as small as can be, so that Excel counts them exactly
    unit = gcd(*(value for name in POINTS for value in worth[name])) or 1
    known = {(row["question"].casefold(), row["answer"]): row for row in worth.iter_rows(named=True)}
    rows: list[tuple[str | int, ...]] = []
    blocks: dict[str, Block] = {}
    for section in form.sections:
        for question in section.questions:
            first, shown = FIRST + len(rows), offered(question)
            name = question.code.casefold()
            others = [said for asked, said in known if asked == name and said not in {_key(answer) for answer in shown}]
            for number, answer in enumerate([*shown, *others], 1):
                worth_of_it = known[name, _key(answer)]
                points = (worth_of_it[column] // unit for column in POINTS)
                flags = (int(worth_of_it[column]) for column in ("auto_fail", "unread"))
                rows.append((question.code, number, answer, *points, *flags))
            blocks[question.code] = Block(first, FIRST + len(rows) - 1, shown)
    return AnswerTable(tuple(rows), blocks)


def _key(answer: str | int) -> str:
    return str(answer).casefold()


def _worth(form: Form) -> pl.DataFrame:
    """What the library makes of every answer that the form takes, each as an evaluation of its own."""
    words = list(answer_words())
    rows = [
        {"question": question.code, "answer": answer}
        for section in form.sections
        for question in section.questions
        for answer in dict.fromkeys([*map(_key, offered(question)), *words])
    ]
    head = {"agent_id": "", "evaluator": "", "evaluated_on": form.start, "form": form.code}
    asked = [{"evaluation_id": f"{at:06}", **head, "form_version": form.version, **row} for at, row in enumerate(rows)]
    scored = answers_scored(pl.DataFrame(asked), Forms((form,))).filter(pl.col("answer").is_not_null())
    # N/A where it is not allowed stays, as a mistake; other words that the form does not know are no answers of it
    is_na = pl.col("answer").is_in([word for word, meaning in answer_words().items() if meaning == NOT_APPLICABLE])
    text = pl.col("question").is_in([of.code for part in form.sections for of in part.questions if of.type == "text"])
    return scored.filter(pl.when(text).then(is_na).otherwise(~pl.col("unread") | is_na)).sort("evaluation_id")
