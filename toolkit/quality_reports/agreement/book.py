"""agreement.xlsx: which questions cause the trouble, who is strict or lenient, and the calls to talk about."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from toolkit.look import LEFT, Book, Column, Figure, Page, sheet_names
from toolkit.look.cells import lines_needed
from toolkit.look.theme import INPUT
from toolkit.problems import said
from toolkit.quality.agreement import Line
from toolkit.quality.distance import Distance
from toolkit.quality.report import FormReport, Report
from toolkit.quality_reports.agreement.files import TO_FILL_IN, About, comments
from toolkit.quality_reports.agreement.words import (
    between,
    compared_with,
    kind_words,
    leaning_words,
    legend,
    look_words,
    range_words,
    signed,
    within_words,
)

MADE_ON = date(2026, 1, 1)
"""The day that the file says it was made: always the same, so that the same report has the same bytes."""
FIGURES, TOP = 3, 6
TEXT_PIXELS = 900


def write_agreement_book(found: Report, about: About, out: Path) -> None:
    """Write the workbook to `out`; the same report gives the same bytes."""
    book = Book(out, title=said("AGREEMENT_TITLE"), subject=subtitle(about), created=MADE_ON, currency="", digits=0)
    names = sheet_names([form.title for form in found.forms])
    several = len(found.forms) > 1
    pages = []
    for form in found.forms:
        page = Page(book, names[form.title] if several else said("AGREEMENT_SHEET"), landscape=True)
        _form(page, form, about)
        pages.append(page)
    if not found.forms:
        page = Page(book, said("AGREEMENT_SHEET"), landscape=True)
        page.heading(said("AGREEMENT_TITLE"), subtitle(about))
        page.prose(FIGURES, said("AGREEMENT_NOTHING"))
        pages.append(page)
    pages += [_evaluators(book, found, about), _disagreements(book, found, about), _reading(book, about)]
    for page in pages:
        page.finish(f"{said('AGREEMENT_TITLE')} · {subtitle(about)} · {about.version}", "")
    book.close()


def subtitle(about: About) -> str:
    """Who, what and when."""
    which = said("AGREEMENT_EVERY_CALL" if about.every_call else "AGREEMENT_CALIBRATIONS")
    return " · ".join(part for part in (about.title, about.period, which) if part)


def _form(page: Page, form: FormReport, about: About) -> None:
    page.heading(said("AGREEMENT_TITLE"), f"{form.title} · {subtitle(about)}")
    whole = form.whole
    trouble = sum(1 for line in form.questions if line.verdict == "disagree")
    calls = said("AGREEMENT_CALLS", calls=whole.calls, evaluators=whole.evaluators)
    page.figures(
        FIGURES,
        [
            Figure(said("AGREEMENT_IN_ALL"), signed(whole), "status", LEFT, accent=True),
            Figure(said("AGREEMENT_ALPHA"), _number(whole.alpha), "exact", LEFT + 2),
            Figure(said("AGREEMENT_SAME"), _number(whole.per_cent), "share", LEFT + 4),
            Figure(said("AGREEMENT_HEARD"), calls, "text", LEFT + 7),
            Figure(said("AGREEMENT_TROUBLE"), trouble, "count", LEFT + 9),
        ],
        LEFT + 10,
    )
    page.prose(FIGURES + 2, between(whole.interval), column=LEFT + 2)
    row = TOP + 1
    page.prose(row - 1, said("AGREEMENT_QUESTIONS"), bold=True, font_size=12)
    row = page.table(row, _columns(form.questions, said("AGREEMENT_QUESTION"))).last + 2
    page.prose(row, said("AGREEMENT_SECTIONS"), bold=True, font_size=12)
    page.table(row + 1, _columns([*form.sections, whole], said("AGREEMENT_SECTION")))
    page.heads_stay(TOP + 1, LEFT + 1)


def _columns(lines: Sequence[Line], head: str) -> list[Column]:
    notes = [look_words(line) for line in lines]
    return [
        Column("title", head, [line.title for line in lines], widest=40),
        Column("verdict", said("AGREEMENT_VERDICT"), [signed(line) for line in lines], "status", style={"indent": 1}),
        Column("differing", said("AGREEMENT_DIFFERING"), [line.differing for line in lines], "count"),
        Column("calls", said("AGREEMENT_OF_CALLS"), [line.calls for line in lines], "count"),
        Column("same", said("AGREEMENT_SAME"), [_number(line.per_cent) for line in lines], "share"),
        Column("alpha", said("AGREEMENT_ALPHA"), [_number(line.alpha) for line in lines], "exact"),
        Column("sure", said("AGREEMENT_SURE"), [range_words(line.interval) for line in lines], "note"),
        Column("kappa", said("AGREEMENT_KAPPA"), [_number(line.kappa.value) for line in lines], "exact"),
        Column("kind", said("AGREEMENT_KIND"), [kind_words(line) for line in lines], "note"),
        Column("usual", said("AGREEMENT_USUAL"), [_usual(line) for line in lines], "note", widest=20),
        Column("note", said("AGREEMENT_LOOK"), notes, "note", widest=44),
    ]


def _usual(line: Line) -> str:
    return "" if line.prevalence is None else f"{line.usual}: {int(line.prevalence * 100)} %"


def _number(value: Fraction | float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(float(value), 6)))


def _evaluators(book: Book, found: Report, about: About) -> Page:
    page = Page(book, said("AGREEMENT_EVALUATORS"), landscape=True)
    page.heading(said("AGREEMENT_EVALUATORS"), f"{compared_with(found.master)} · {subtitle(about)}")
    every = [(form, one) for form in found.forms for one in form.distances]
    totals = [(form, one) for form, one in every if not one.question]
    row = TOP - 2
    row = page.table(row, _people(totals)).last + 2
    page.prose(row, said("AGREEMENT_BY_QUESTION"), bold=True, font_size=12)
    page.table(row + 1, _people([(form, one) for form, one in every if one.question]))
    page.heads_stay(TOP - 2)
    return page


def _people(found: Sequence[tuple[FormReport, Distance]]) -> list[Column]:
    ones = [one for _, one in found]
    return [
        Column("who", said("AGREEMENT_EVALUATOR"), [one.evaluator for one in ones], widest=30),
        Column("form", said("AGREEMENT_FORM"), [form.title for form, _ in found], "note", widest=30),
        Column(
            "question",
            said("AGREEMENT_QUESTION"),
            [one.title or one.question or said("AGREEMENT_TOTAL") for one in ones],
            widest=50,
        ),
        Column("calls", said("AGREEMENT_COMPARED"), [one.calls for one in ones], "count"),
        Column("mean", said("AGREEMENT_MEAN"), [_number(one.mean) for one in ones], "exact"),
        Column("absolute", said("AGREEMENT_ABSOLUTE"), [_number(one.mean_absolute) for one in ones], "exact"),
        Column("within", said("AGREEMENT_NEAR"), [within_words(one) for one in ones], "status"),
        Column("leaning", said("AGREEMENT_LEANING"), [leaning_words(one) for one in ones]),
        Column("left", said("AGREEMENT_NOT_COMPARED"), [one.not_compared for one in ones], "count"),
    ]


def _asked(one: Distance) -> str:
    return one.title or one.question or said("AGREEMENT_TOTAL")


def _disagreements(book: Book, found: Report, about: About) -> Page:
    page = Page(book, said("AGREEMENT_DISAGREEMENTS"), landscape=True)
    page.heading(said("AGREEMENT_DISAGREEMENTS"), f"{said('AGREEMENT_TO_FILL_IN')} · {subtitle(about)}")
    every = [one for form in found.forms for one in form.disagreements]
    people = sorted({who for one in every for who in one.answers})
    answers = [
        Column(f"of_{at}", who, [one.answers[who].answer if who in one.answers else None for one in every], widest=18)
        for at, who in enumerate(people)
    ]
    page.table(
        TOP - 2,
        [
            Column("call", said("SHEET_CALL_ID"), [one.call_id for one in every], widest=24),
            Column(
                "question", said("AGREEMENT_QUESTION"), [one.asked.text or one.asked.code for one in every], widest=44
            ),
            *answers,
            Column("agreed", TO_FILL_IN, [one.agreed for one in every], widest=18, style={"bg_color": INPUT}),
            Column("comments", said("AGREEMENT_COMMENTS"), [comments(one) for one in every], "note", widest=50),
        ],
    )
    page.heads_stay(TOP - 2, LEFT + 2)
    return page


def _reading(book: Book, about: About) -> Page:
    page = Page(book, said("AGREEMENT_HOW"), landscape=True)
    page.heading(said("AGREEMENT_HOW"), subtitle(about))
    page.grow(LEFT, TEXT_PIXELS)
    for row, text in enumerate(legend(), TOP - 3):
        page.put(row, LEFT, text, fits=False, text_wrap=True, valign="top")
        page.height(row, 14 * lines_needed(text, TEXT_PIXELS) + 6)
    return page
