"""What is wrong with a quality form, all of it at once, before it becomes a `Form`."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from toolkit.forms import Form, Question, Section, answer_words
from toolkit.problems import texts

Place = tuple[str | int, ...]
"""The way to a value: ("sections", 0, "questions", 2, "weight")."""
WHOLES = (100, 1000)
"""What the weights of sections add up to: per cent, or tenths of a per cent."""
ONLY_OF = {"lowest": "scale", "highest": "scale", "answers": "multi"}


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong: where, the code of its sentence, what was seen, and what the sentence needs."""

    place: Place
    code: str
    value: object = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def grave(self) -> bool:
        """Whether the form cannot be used."""
        return texts()[self.code]["level"] == "error"


@cache
def sheet_words() -> Mapping[str, Mapping[str, Any]]:
    """What cells of a form may be called, and what is expected of each key (`toolkit/data/form_sheet.toml`)."""
    return tomllib.loads(files("toolkit").joinpath("data", "form_sheet.toml").read_text(encoding="utf-8"))


def checked(document: Mapping[str, Any]) -> tuple[Form | None, list[Mistake]]:
    """The form that a document says, and everything that is wrong or odd about it; None where something is wrong."""
    mistakes = [*_of_sections(document), *_of_weights(document)]
    try:
        form = Form.model_validate(document)
    except ValidationError as error:
        mistakes = [*_of_values(error), *mistakes]
        form = None
        if not any(mistake.grave for mistake in mistakes):  # a rule of the model that is not among those here
            mistakes.append(Mistake((), "QC_FORM_VALUE", "", {"key": "", "expected": str(error.errors()[0]["msg"])}))
    wrong = any(mistake.grave for mistake in mistakes)
    return (None if wrong else form), list({(one.place, one.code): one for one in mistakes}.values())


def _of_values(error: ValidationError) -> Iterator[Mistake]:
    """What pydantic found, in the words of the key."""
    every = error.errors(include_url=False)
    places = [tuple(found["loc"]) for found in every]
    for found, place in zip(every, places, strict=True):
        kind = found["type"]
        if any(other != place and other[: len(place)] == place for other in places):
            continue  # a list is wrong because of what is in it
        names = [part for part in place if isinstance(part, str)]
        key = next((name for name in reversed(names) if name in sheet_words()["expected"]), names[-1] if names else "")
        expected = sheet_words()["expected"].get(key, "")
        if kind == "value_error" and (not place or isinstance(place[-1], int)):
            continue  # a rule of the whole form or question: said by the checks here
        if kind == "missing":
            yield Mistake(place, "QC_FORM_KEY_MISSING", "", {"key": key, "expected": expected})
        elif kind == "extra_forbidden":
            yield Mistake(place, "QC_FORM_KEY_UNKNOWN", names[-1], {"better": _meant(names[-1], place)})
        else:
            yield Mistake(place, "QC_FORM_VALUE", found.get("input", ""), {"key": key, "expected": expected})


def _meant(key: str, place: Place) -> str:
    known = (Form, Section, Question)[min(2, sum(isinstance(part, int) for part in place))].model_fields
    near = get_close_matches(key, known, n=1)
    return near[0] if near else ", ".join(known)


def _listed(of: Any, key: str) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """The tables of a list, as far as they are tables."""
    found = of.get(key) if isinstance(of, Mapping) else None
    items = found if isinstance(found, list | tuple) else ()
    return [(number, item) for number, item in enumerate(items) if isinstance(item, Mapping)]


def _questions(document: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for number, section in _listed(document, "sections"):
        for at, question in _listed(section, "questions"):
            yield ("sections", number, "questions", at), question


def _of_sections(document: Mapping[str, Any]) -> Iterator[Mistake]:
    sections = [(("sections", number), of) for number, of in _listed(document, "sections")]
    yield from _twice(sections, "QC_FORM_SECTION_TWICE")
    yield from _twice(list(_questions(document)), "QC_FORM_QUESTION_TWICE")
    for place, question in _questions(document):
        yield from _of_question(place, question)
    ends = {(of.get("lowest", 0), of.get("highest", 1)) for _, of in _questions(document) if of.get("type") == "scale"}
    if len(ends) > 1:
        shown = ", ".join(f"{low} to {high}" for low, high in sorted(ends, key=str))
        yield Mistake(("sections",), "QC_FORM_SCALES_DIFFER", shown)


def _twice(tables: Sequence[tuple[Place, Mapping[str, Any]]], code: str) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for place, of in tables:
        name = str(of.get("code", "")).strip()
        if name and name.casefold() in first:
            yield Mistake((*place, "code"), code, name, {"other": first[name.casefold()]})
        elif name:
            first[name.casefold()] = name


def _of_question(place: Place, question: Mapping[str, Any]) -> Iterator[Mistake]:
    kind = question.get("type", "yes_no")
    for key, needed in ONLY_OF.items():
        if key in question and kind != needed:
            yield Mistake((*place, key), "QC_FORM_MIXED_SCALES", question[key], {"key": key, "type": kind})
    low, high = question.get("lowest", 0), question.get("highest", 1)
    if kind == "scale" and isinstance(low, int) and isinstance(high, int) and low >= high:
        yield Mistake((*place, "highest"), "QC_FORM_SCALE_ENDS", high, {"lowest": low})
    if kind == "text" and question.get("weight"):
        yield Mistake((*place, "weight"), "QC_FORM_TEXT_WEIGHT", question["weight"])
    if kind == "multi":
        yield from _of_answers(place, question.get("answers"))
    yield from _of_auto_fail(place, question)


def _of_answers(place: Place, answers: Any) -> Iterator[Mistake]:
    given = answers if isinstance(answers, Mapping) else {}
    if not any(isinstance(points, int) and points > 0 for points in given.values()):
        shown = ", ".join(map(str, given)) or "nothing"
        yield Mistake((*place, "answers"), "QC_FORM_NO_POINTS", shown)
    names = [str(name).strip().casefold() for name in given]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Mistake((*place, "answers"), "QC_FORM_ANSWER_TWICE", name)
    for name in names:
        if answer_words().get(name) == "n/a":
            yield Mistake((*place, "answers"), "QC_FORM_ANSWER_NA", name)


def _of_auto_fail(place: Place, question: Mapping[str, Any]) -> Iterator[Mistake]:
    """Automatic fails on answers that the question does not have, or on its best one."""
    asked = question.get("auto_fail", ())
    if not isinstance(asked, list | tuple):
        return
    points = _points(question)
    if points is None:
        return
    for answer in asked:
        name = str(answer).strip().casefold()
        if name not in points:
            known = ", ".join(points) or "none, it is a text"
            yield Mistake((*place, "auto_fail"), "QC_FORM_AUTO_FAIL", answer, {"known": known})
        elif points[name] == max(points.values()):
            yield Mistake((*place, "auto_fail"), "QC_FORM_AUTO_FAIL_BEST", answer)


def _points(question: Mapping[str, Any]) -> Mapping[str, int] | None:
    """What each answer gives; None where that cannot be said."""
    kind, answers = question.get("type", "yes_no"), question.get("answers", {})
    low, high = question.get("lowest", 0), question.get("highest", 1)
    if kind == "scale":
        whole = isinstance(low, int) and isinstance(high, int) and low < high and high - low <= 1000
        return {str(answer): answer for answer in range(low, high + 1)} if whole else None
    if kind == "multi":
        sound = isinstance(answers, Mapping) and all(isinstance(points, int) for points in answers.values())
        return {str(name).strip().casefold(): points for name, points in answers.items()} if sound and answers else None
    return {"yes": 1, "no": 0} if kind == "yes_no" else {} if kind == "text" else None


def _of_weights(document: Mapping[str, Any]) -> Iterator[Mistake]:
    sections = _listed(document, "sections")
    weights = [section.get("weight", 1) for _, section in sections]
    if not sections or not all(isinstance(weight, int) for weight in weights):
        return
    weighted = document.get("roll_up") == "weighted_sections"
    if weighted and sum(weights) not in WHOLES:
        sums = " + ".join(map(str, weights))
        yield Mistake(("sections",), "QC_FORM_WEIGHTS", sum(weights), {"sum": f"{sums} = {sum(weights)}"})
    silent = [
        number
        for number, section in sections
        if not any(_counts(question) for _, question in _listed(section, "questions"))
    ]
    for number in silent if weighted else silent if len(silent) == len(sections) else ():
        if weights[number] or not weighted:
            name = str(dict(sections)[number].get("code", number + 1))
            yield Mistake(("sections", number), "QC_FORM_NO_WEIGHT", name)


def _counts(question: Mapping[str, Any]) -> bool:
    return question.get("type") != "text" and question.get("weight", 1) != 0
