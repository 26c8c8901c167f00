"""Call quality forms: what is asked of a call, what each answer is worth, and how the answers become one score.

A form is a dated TOML file; its versions are files of their own. Weights are whole numbers. What a newcomer may stumble
on: a question's weight is its share of its section (or of all points), a section's weight its share of the score.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from math import lcm
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator

from toolkit.plans import Day

Weight = Annotated[int, Strict(), Field(ge=0, le=1000)]
Points = Annotated[int, Strict(), Field(ge=-1000, le=1000)]
Text = Annotated[str, Field(min_length=1)]
RollUp = Literal["total_points", "weighted_sections"]
NotApplicable = Literal["leave_out", "zero", "fail", "not_allowed"]
"""What an answer N/A does, or none at all: it leaves both sums, counts as zero, fails the call, or is a mistake."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Model):
    """One question. `code` is what stands in the column question of evaluations.

    weight: its share; 0 for what is only noted. lowest, highest: ends of a scale, which gives
    (answer - lowest) / (highest - lowest). answers: of a question with several, the points of each, out of the most.
    critical: counted in the compliance score as well. auto_fail: the answers that make the whole call 0.
    comment_below: a comment has to say why the answer gives less than this percentage.
    """

    code: Text
    text: Text
    type: Literal["yes_no", "scale", "multi", "text"] = "yes_no"
    weight: Weight = 1
    lowest: Points = 0
    highest: Points = 1
    answers: Mapping[str, Weight] = Field(default_factory=dict)
    not_applicable: NotApplicable = "leave_out"
    critical: bool = False
    auto_fail: tuple[str, ...] = ()
    comment_below: Annotated[int, Field(ge=0, le=100)] = 0
    help: str = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> "Question":
        if self.type == "scale" and self.lowest >= self.highest:
            raise ValueError(f"question {self.code}: the highest answer of a scale has to be above the lowest")
        if self.type == "multi" and not any(self.answers.values()):
            raise ValueError(f"question {self.code}: one of its answers at least has to give points")
        unknown = sorted(answer for answer in self.auto_fail if answer.casefold() not in self.points)
        if unknown:
            raise ValueError(f"question {self.code}: {', '.join(unknown)} is not one of its answers")
        return self

    @property
    def points(self) -> Mapping[str, int]:
        """What each answer gives, out of `most`; answers in small letters. Of a text nothing is asked."""
        if self.type == "yes_no":
            return {"yes": 1, "no": 0}
        if self.type == "scale":
            return {str(answer): answer - self.lowest for answer in range(self.lowest, self.highest + 1)}
        return {answer.casefold(): points for answer, points in self.answers.items()}

    @property
    def most(self) -> int:
        """The points of the best answer."""
        return max(self.points.values(), default=1)


class Section(_Model):
    """Questions that belong together, with their share of the score where sections are weighted."""

    code: Text
    title: Text
    weight: Weight = 1
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]


class Form(_Model):
    """One version of a form, in use from `start` on.

    roll_up: total_points adds up all questions' weights, weighted_sections the sections' shares; the same answers
    give 65 or 70 %, so it is printed on the form.
    """

    code: Text
    version: Text
    title: Text
    start: Day
    roll_up: RollUp
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _codes_differ(self) -> "Form":
        for kind, codes in (("question", self.questions), ("section", [section.code for section in self.sections])):
            names = [name.casefold() for name in codes]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind} {', '.join(twice)} stands in form {self.code} twice")
        return self

    @property
    def questions(self) -> list[str]:
        """The codes of its questions, in order."""
        return [question.code for section in self.sections for question in section.questions]

    def question(self, code: str) -> Question | None:
        """The question of this code, capitals aside."""
        every = (question for section in self.sections for question in section.questions)
        return next((question for question in every if question.code.casefold() == code.strip().casefold()), None)

    @property
    def weighted(self) -> bool:
        """Whether its sections are weighted, or all points are added up."""
        return self.roll_up == "weighted_sections"

    @property
    def unit(self) -> int:
        """In how many parts a point is counted, so that every answer gives a whole number of them."""
        return lcm(*(question.most for section in self.sections for question in section.questions))


@dataclass(frozen=True)
class Forms:
    """Forms by code and version."""

    known: tuple[Form, ...] = ()

    def __iter__(self) -> Iterator[Form]:
        return iter(self.known)

    def get(self, code: str, version: str) -> Form | None:
        """The form of this code and version; None if it is not known."""
        return next((form for form in self.known if (form.code, form.version) == (code, version)), None)

    def in_force(self, code: str, day: date) -> Form | None:
        """The version of a form that holds on a day: the last one to have started."""
        begun = [form for form in self.known if form.code == code and form.start <= day]
        return max(begun, key=lambda form: form.start, default=None)


def read_form(text: str) -> Form:
    """The form in a TOML text. `ValueError` with everything that is wrong with it."""
    return Form.model_validate(tomllib.loads(text))


@cache
def shipped_forms() -> Forms:
    """The forms that come with the toolkit."""
    folder = files("toolkit").joinpath("data", "forms")
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return Forms(tuple(read_form(file.read_text(encoding="utf-8")) for file in found))


@cache
def answer_words() -> Mapping[str, str]:
    """What people write for yes, no and n/a, in small letters, and which of the three it is."""
    source = files("toolkit").joinpath("data", "form_answers.toml").read_text(encoding="utf-8")
    return {word: meaning for meaning, words in tomllib.loads(source).items() for word in words}
