"""agreement.html: one self-contained page; the questions that cause the trouble first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.look.browser import THEME, Heading, Theme
from toolkit.pages import html_page
from toolkit.problems import said
from toolkit.quality.agreement import Line
from toolkit.quality.distance import Distance, furthest_questions
from toolkit.quality.report import Disagreement, FormReport, Report
from toolkit.quality_reports.agreement.book import subtitle
from toolkit.quality_reports.agreement.files import About, comments
from toolkit.quality_reports.agreement.words import (
    DASH,
    LIGHTS,
    SIGNS,
    between,
    compared_with,
    figure,
    kind_words,
    leaning_words,
    legend,
    look_words,
    points,
    range_words,
    share,
    verdict_words,
    within_words,
)

SHOWN = 200
"""Disagreements on the page; disagreements.csv has all."""


@dataclass(frozen=True)
class Row:
    """One line in words."""

    title: str
    section: str
    verdict: str
    sign: str
    light: str
    differing: str
    same: str
    usual: str
    alpha: str
    between: str
    kappa: str
    kind: str
    look: str


@dataclass(frozen=True)
class Person:
    """One evaluator in words."""

    name: str
    calls: int
    left: str
    mean: str
    absolute: str
    within: str
    light: str
    leaning: str
    most: str


@dataclass(frozen=True)
class Talk:
    """One question of a call to talk about."""

    question: str
    call: str
    answers: str
    comments: str
    agreed: str


@dataclass(frozen=True)
class FormPart:
    """What the page has of one version of a form."""

    title: str
    figures: Sequence[tuple[str, str, str, str]]
    trouble: Sequence[Row]
    people: Sequence[Person]
    disagreements: Sequence[Talk]
    more: str
    sections: Sequence[Row]
    rest: Sequence[Row]


@dataclass(frozen=True)
class AgreementPage:
    """Everything on the page."""

    head: Heading
    forms: Sequence[FormPart]
    nothing: str
    compared: str
    legend: Sequence[str]
    look: Theme = THEME
    landscape: bool = True


def write_agreement_page(found: Report, about: About, out: Path) -> None:
    """Write the page to `out`."""
    only = f"{found.forms[0].title} · " if len(found.forms) == 1 else ""
    footer = said("AGREEMENT_FOOTER", profile=about.profile or DASH, version=about.version)
    head = Heading(said("AGREEMENT_TITLE"), only + subtitle(about), "", footer)
    forms = [_form(form) for form in found.forms]
    page = AgreementPage(head, forms, said("AGREEMENT_NOTHING"), compared_with(found.master), legend())
    out.write_text(html_page("agreement/agreement.html.j2", page), encoding="utf-8", newline="\n")


def _form(form: FormReport) -> FormPart:
    trouble = [_row(line) for line in form.questions if line.differing]
    talk = [_talk(one) for one in _worst_first(form)]
    return FormPart(
        title=form.title,
        figures=_figures(form),
        trouble=trouble,
        people=[_person(one, form) for one in form.distances if not one.question],
        disagreements=talk[:SHOWN],
        more=said("AGREEMENT_MORE", more=len(talk) - SHOWN) if len(talk) > SHOWN else "",
        sections=[_row(line) for line in [*form.sections, form.whole]],
        rest=[_row(line) for line in form.questions if not line.differing],
    )


def _worst_first(form: FormReport) -> list[Disagreement]:
    order = {line.code: at for at, line in enumerate(form.questions)}
    return sorted(form.disagreements, key=lambda one: order[one.asked.code])


def _figures(form: FormReport) -> list[tuple[str, str, str, str]]:
    whole = form.whole
    wrong = sum(1 for line in form.questions if line.verdict == "disagree")
    light = {"agree": "above", "disagree": "below"}.get(whole.verdict, "")
    calls = said("AGREEMENT_CALLS", calls=whole.calls, evaluators=whole.evaluators)
    return [
        (said("AGREEMENT_IN_ALL"), f"{SIGNS[whole.verdict]} {verdict_words(whole)}", "", f"answer {light}"),
        (said("AGREEMENT_ALPHA"), figure(whole.alpha), between(whole.interval), ""),
        (said("AGREEMENT_SAME"), share(whole.per_cent), "", ""),
        (said("AGREEMENT_HEARD"), str(whole.calls), calls, ""),
        (said("AGREEMENT_TROUBLE"), str(wrong), "", "below" if wrong else ""),
    ]


def _row(line: Line) -> Row:
    kappa = line.kappa
    usual = "" if line.prevalence is None else said("AGREEMENT_MOSTLY", share=share(line.prevalence), answer=line.usual)
    return Row(
        title=line.title if line.scope != "all" else said("AGREEMENT_WHOLE_FORM"),
        section=line.section if line.scope == "question" else "",
        verdict=verdict_words(line),
        sign=SIGNS[line.verdict],
        light=LIGHTS[line.verdict],
        differing=said("CARD_PARTS", numerator=line.differing, base=line.calls),
        same=share(line.per_cent),
        usual=usual,
        alpha=figure(line.alpha),
        between=range_words(line.interval),
        kappa=figure(kappa.value),
        kind=" ".join(part for part in (kind_words(line), range_words(kappa.interval)) if part),
        look=look_words(line),
    )


def _person(one: Distance, form: FormReport) -> Person:
    most = [
        f"{far.title or far.question}: {points(far.mean)}" for far in furthest_questions(form.distances, one.evaluator)
    ]
    light = "none" if one.within is None else "good" if one.within else "bad"
    left = said("AGREEMENT_LEFT_OUT", calls=one.not_compared) if one.not_compared else ""
    absolute = DASH if one.mean_absolute is None else points(one.mean_absolute).lstrip("+")
    return Person(
        one.evaluator, one.calls, left, points(one.mean), absolute, within_words(one), light, leaning_words(one),
        "; ".join(most),
    )  # fmt: skip


def _talk(one: Disagreement) -> Talk:
    answers = "; ".join(f"{who}: {said_.answer}" for who, said_ in sorted(one.answers.items()))
    return Talk(one.asked.text or one.asked.code, one.call_id, answers, comments(one), one.agreed or DASH)
