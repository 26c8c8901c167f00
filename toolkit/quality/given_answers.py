"""Which answers several evaluators gave for the same calls, read by their forms; what cannot be compared is said."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from toolkit.evaluations.people import People
from toolkit.forms import Form, Forms, Question, answer_words
from toolkit.problems import Problem, problem

AGREED = "agreed"
"""The evaluator of answers that all agreed on afterwards: one to be compared with, never one who is compared."""
CALIBRATION = "calibration"
NOT_APPLICABLE = "n/a"
OPTIONAL = ("call_id", "state", "comment")
NEVER = ("draft", "void")
KIND = {"yes": "yes", "no": "no", NOT_APPLICABLE: "N/A"}
NA = "N/A"


@dataclass(frozen=True)
class Answer:
    """One answer, as the form spells it."""

    evaluation_id: str
    call_id: str
    agent_id: str
    evaluator: str
    day: date
    question: str
    answer: str
    comment: str


@dataclass(frozen=True)
class Asked:
    """A question that several answered. choices: the answers that the form offers, in its order; numbers of a scale."""

    code: str
    text: str
    section: str
    kind: str
    choices: tuple[str, ...]

    @property
    def is_scale(self) -> bool:
        """Whether its answers are numbers, some nearer to each other than others."""
        return self.kind == "scale"


@dataclass(frozen=True)
class Group:
    """The calls that were evaluated by one version of a form. `form` is None where nobody knows it."""

    code: str
    version: str
    form: Form | None
    asked: tuple[Asked, ...]
    given: Mapping[tuple[str, str], Mapping[str, Answer]]
    """By question and call, the answers by evaluator."""

    @cached_property
    def calls(self) -> tuple[str, ...]:
        """The calls, in order."""
        return tuple(sorted({call for _, call in self.given}))

    @cached_property
    def evaluators(self) -> tuple[str, ...]:
        """Everybody who evaluated one of them; what was agreed on is nobody."""
        return tuple(sorted({who for answers in self.given.values() for who in answers} - {AGREED}))

    def of(self, question: str, call: str) -> Mapping[str, Answer]:
        """The answers of people to a question of a call, by evaluator."""
        return {who: said for who, said in self.given.get((question, call), {}).items() if who != AGREED}


@dataclass(frozen=True)
class Given:
    """Everything that can be compared, by form and version, and what could not."""

    groups: tuple[Group, ...]
    problems: tuple[Problem, ...]
    left_out: int


def given_answers(
    evaluations: pl.DataFrame,
    forms: Forms,
    *,
    every_call: bool = False,
    days: tuple[date, date] | None = None,
    people: People | None = None,
) -> Given:
    """The answers of the evaluations for calibration. every_call: of every call that two or more evaluated, whatever
    the evaluations' state, but for drafts and what is void. days: first and last day of the evaluations wanted.
    people: who is who, so that an own call is noticed where the evaluator is written by name.
    """
    rows, unnamed = _wanted(evaluations, every_call, days)
    reader = _Reader(forms, people or People())
    by_form: dict[tuple[str, str], dict[tuple[str, str], dict[str, Answer]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows.iter_rows(named=True):
        said = reader.read(row)
        if said is not None:
            by_form[row["form"], row["form_version"]][said.question, said.call_id][said.evaluator] = said
    groups = [_group(key, forms.get(*key), _of_several(given)) for key, given in sorted(by_form.items())]
    problems = [*([problem("AGREEMENT_NO_CALL", value=unnamed)] if unnamed else []), *reader.problems]
    return Given(tuple(group for group in groups if group.given), tuple(problems), reader.left_out)


def _wanted(evaluations: pl.DataFrame, every_call: bool, days: tuple[date, date] | None) -> tuple[pl.DataFrame, int]:
    """The rows, oldest first so that the latest answer counts, and how many evaluations name no call."""
    absent = [pl.lit(None, pl.String).alias(name) for name in OPTIONAL if name not in evaluations.columns]
    rows = evaluations.with_columns(*absent).with_columns(pl.col("evaluator").str.strip_chars())
    state = pl.col("state").fill_null("submitted")
    rows = rows.filter(~state.is_in(NEVER) if every_call else state == CALIBRATION)
    if days:
        rows = rows.filter(pl.col("evaluated_on").is_between(*days))
    named = rows.filter(pl.col("call_id").is_not_null())
    unnamed = rows.height - named.height and rows.filter(pl.col("call_id").is_null())["evaluation_id"].n_unique()
    several = named.group_by("call_id").agg(pl.col("evaluator").str.to_lowercase().n_unique().alias("_who"))
    several = several.filter(pl.col("_who") > 1)
    order = ["evaluated_on", "evaluation_id"]
    return named.join(several, on="call_id", how="semi").sort(order, maintain_order=True), int(unnamed)


class _Reader:
    """Reads row after row, and remembers what it could not take."""

    def __init__(self, forms: Forms, people: People) -> None:
        self.forms, self.people, self.problems, self.left_out = forms, people, [], 0
        self.names: dict[str, str] = {}
        self.last: dict[tuple[str, str], str] = {}
        self.known: dict[tuple[str, str], dict[str, Question]] = {}

    problems: list[Problem]

    def read(self, row: Mapping[str, Any]) -> Answer | None:
        """The row's answer; None where it cannot be compared."""
        who = self.names.setdefault(row["evaluator"].casefold(), row["evaluator"])
        call = row["call_id"]
        place: dict[str, Any] = {"call": call, "evaluator": who}
        if self.people.same(who, str(row["agent_id"])):
            self._cannot("AGREEMENT_OWN_CALL", who, **place)
            return None
        self._notice_second(row, who)
        form = self.forms.get(row["form"], row["form_version"])
        code, answer = row["question"].strip(), (row["answer"] or "").strip()
        if form is not None:
            question = self._questions(form).get(code.casefold())
            if question is None:
                self._cannot("AGREEMENT_QUESTION_UNKNOWN", code, **place)
                return None
            read = canonical(question, answer)
            if read is None:
                self._cannot("AGREEMENT_ANSWER_UNKNOWN", answer, question=question.code, **place)
                return None
            code, answer = question.code, read
        ids = (str(row["evaluation_id"]), call, str(row["agent_id"]))
        return Answer(*ids, who, row["evaluated_on"], code, answer, row["comment"] or "")

    def _cannot(self, code: str, value: str, **place: Any) -> None:
        found = problem(code, value=value, **place)
        if found not in self.problems:
            self.problems.append(found)
        self.left_out += 1

    def _notice_second(self, row: Mapping[str, Any], who: str) -> None:
        """The same call evaluated twice by one person: the later answers count, and that is said once."""
        before = self.last.setdefault((row["call_id"], who), row["evaluation_id"])
        if before != row["evaluation_id"] and who != AGREED:
            found = problem(
                "AGREEMENT_TWICE", value=who, call=row["call_id"], before=before, after=row["evaluation_id"]
            )
            self.problems.append(found)
        self.last[row["call_id"], who] = row["evaluation_id"]

    def _questions(self, form: Form) -> dict[str, Question]:
        key = (form.code, form.version)
        if key not in self.known:
            self.known[key] = {of.code.casefold(): of for section in form.sections for of in section.questions}
        return self.known[key]


def canonical(question: Question, answer: str) -> str | None:
    """The answer as the form spells it; None where it is none of the form's."""
    said = answer.strip().casefold()
    if question.type == "text":
        return answer.strip()
    meaning = answer_words().get(said)
    if question.type == "yes_no" and meaning in ("yes", "no"):
        return meaning
    plain = said.partition(".")[0] if said.partition(".")[2].strip("0") == "" else said
    if question.type == "scale" and plain in question.points:
        return plain
    own = {choice.casefold(): choice for choice in question.answers} if question.type == "multi" else {}
    if said in own:
        return own[said]
    return NA if meaning == NOT_APPLICABLE and question.not_applicable != "not_allowed" else None


def _of_several(given: Mapping[tuple[str, str], dict[str, Answer]]) -> dict[tuple[str, str], dict[str, Answer]]:
    """The answers of calls that two or more evaluated by this form, the answers agreed on among them."""
    people: dict[str, set[str]] = defaultdict(set)
    for (_, call), answers in given.items():
        people[call] |= set(answers)
    return {key: answers for key, answers in given.items() if len(people[key[1]]) > 1}


def _group(key: tuple[str, str], form: Form | None, given: Mapping[tuple[str, str], dict[str, Answer]]) -> Group:
    asked = tuple(_asked_of(form)) if form else tuple(_found_in(given))
    return Group(*key, form, asked, given)


def _asked_of(form: Form) -> Iterator[Asked]:
    """The questions of a form that evaluators can differ in; what is written in a text they may word as they like."""
    for section in form.sections:
        for question in section.questions:
            if question.type != "text":
                yield Asked(question.code, question.text, section.title, question.type, choices_of(question))


def choices_of(question: Question) -> tuple[str, ...]:
    """The answers that the form offers, N/A last where it is one of them."""
    named: Sequence[str] = list(question.points) if question.type != "multi" else list(question.answers)
    may_not_apply = question.not_applicable != "not_allowed" and NOT_APPLICABLE not in question.points
    return (*named, *((NA,) if may_not_apply else ()))


def _found_in(given: Mapping[tuple[str, str], dict[str, Answer]]) -> Iterator[Asked]:
    """The questions of a form that nobody knows, with the answers that were given."""
    choices: dict[str, set[str]] = defaultdict(set)
    for (question, _), answers in given.items():
        choices[question] |= {said.answer for said in answers.values()}
    for question in sorted(choices):
        yield Asked(question, "", "", "", tuple(sorted(choices[question])))
