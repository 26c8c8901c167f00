"""The rows of the sheet Agreement: the questions that cause the trouble first, then sections and evaluators."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from toolkit.problems import said
from toolkit.quality.agreement import Line
from toolkit.quality.distance import Distance
from toolkit.quality.report import FormReport, Report
from toolkit.quality_reports.agreement.words import (
    compared_with,
    leaning_words,
    look_words,
    range_words,
    signed,
    within_words,
)

Row = Sequence[object]
PEOPLE = ("", "", "Leans", "", "Calls", "", "", "", "", "How far")
WHOLE = "The whole form"
PLACES = 6


def agreement_rows(found: Report) -> list[Row]:
    """Form by form: in all, questions, sections, evaluators."""
    return [row for form in found.forms for row in _form_rows(form, found.master)]


def _form_rows(form: FormReport, master: str) -> Iterator[Row]:
    yield [form.title]
    yield _line_row(form.whole, WHOLE)
    yield from _list("Questions", [_line_row(line, line.title) for line in form.questions])
    yield from _list("Sections", [_line_row(line, line.title) for line in form.sections])
    people = [_person_row(one) for one in form.distances if not one.question]
    yield []
    yield [f"Evaluators, {compared_with(master)}", *PEOPLE[1:]]
    yield from people
    yield []


def _list(head: str, rows: Sequence[Row]) -> Iterator[Row]:
    if rows:
        yield []
        yield [head]
        yield from rows


def _line_row(line: Line, title: str) -> Row:
    return (
        signed(line), title, line.section if line.scope == "question" else "", line.differing, line.calls,
        _number(line.per_cent), _number(line.alpha), _range(line), _number(line.kappa.value),
        look_words(line),
    )  # fmt: skip


def _person_row(one: Distance) -> Row:
    words = "; ".join(part for part in (_far(one), _left(one)) if part)
    return within_words(one), one.evaluator, leaning_words(one), None, one.calls, None, None, "", None, words


def _far(one: Distance) -> str:
    if one.mean is None:
        return ""
    points, most = abs(float(one.mean)), float(one.mean_absolute or 0)
    return said("AGREEMENT_FAR", points=f"{points:.1f}", way="lower" if one.mean < 0 else "higher", most=f"{most:.1f}")


def _left(one: Distance) -> str:
    return said("AGREEMENT_LEFT", count=one.not_compared) if one.not_compared else ""


def _range(line: Line) -> str:
    """With a word before it, since a text that begins with a minus could be a formula."""
    return said("AGREEMENT_RANGE", words=range_words(line.interval)) if line.interval else ""


def _number(value: Fraction | float | None) -> float | None:
    return None if value is None else round(float(value), PLACES)
