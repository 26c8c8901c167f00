"""The sheet of a form, cell by cell: words, inputs, and the formulas that score it as `toolkit.qc` does.

The formulas are those of Excel 2016 and LibreOffice. Points are whole parts, and scores millionths, cut off and never
rounded up: 92.9999 % is not 93 %. The columns from `HIDDEN` on calculate and are not shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from toolkit.form_books.answers import AnswerTable, Block, answer_table, fingerprint
from toolkit.forms import Form, Question, Section
from toolkit.look import Kind
from toolkit.problems import said

Look = Literal[
    "title", "about", "label", "label_answer", "figure", "answer", "state", "field", "field_label", "given", "input",
    "head", "section", "question", "comment", "mind", "weight", "points", "total", "hidden",
]  # fmt: skip
"""What a cell is; writers say how that looks. input, comment and field may be filled in, all others are locked."""

COLUMNS = "BCDEFG"
"""Question, answer, comment, what to mind, weight, points."""
WIDTHS = {"A": 16, "B": 410, "C": 150, "D": 290, "E": 185, "F": 62, "G": 70}
HIDDEN = ("H", "T")
HEAD = 8
"""The row of the heads of the table, as Excel counts; questions start below it."""
CALL, PEOPLE = 5, 6
FIGURES = 3
MARK = "toolkit form sheet 1"
MARKS = {"mark": "H1", "form": "I1", "version": "J1", "hash": "K1", "set": "L1", "call": "M1"}
"""Hidden cells that say what the sheet was made from."""
WORTH = dict(zip("JKLMN", ("earned", "possible", "critical earned", "critical possible", "fails"), strict=True))
SUMS = "JKLMNOPS"
"""earned, possible, critical earned, critical possible, fails, not on the form, open, comments missing."""


@dataclass(frozen=True)
class Cell:
    """One cell; with `formula`, `value` is what that gives while nothing is filled in."""

    place: str
    value: str | int | None
    look: Look
    formula: str = ""
    kind: Kind = "text"


@dataclass(frozen=True)
class Choice:
    """The drop-down of a cell, and what Excel says beside it."""

    place: str
    source: str
    prompt: str


@dataclass(frozen=True)
class Asked:
    """Where the answer and the comment of a question are typed; a text has its answer where others have the comment."""

    question: Question
    answer: str
    comment: str
    row: int


@dataclass(frozen=True)
class Head:
    """What stands at the head: given ones are locked, absent ones are for the evaluator to fill in."""

    call_id: str = ""
    agent: str = ""
    evaluator: str = ""
    set_id: str = ""


@dataclass(frozen=True)
class FormSheet:
    """The whole sheet. `fields`: the cells of call_id, agent, evaluator and evaluated_on; `results`: of score,
    score_before, compliance (millionths, "" for none), open, wrong and comments; `last`: the last row.
    """

    form: Form
    cells: tuple[Cell, ...]
    choices: tuple[Choice, ...]
    asked: tuple[Asked, ...]
    fields: Mapping[str, str]
    results: Mapping[str, str]
    last: int
    answers: AnswerTable


FIELDS = {"call_id": f"C{CALL}", "agent": f"E{CALL}", "evaluator": f"C{PEOPLE}", "evaluated_on": f"E{PEOPLE}"}


def described(form: Form, head: Head | None = None) -> FormSheet:
    """The sheet of this form."""
    head, table = head or Head(), answer_table(form)
    places = _places(form)
    total = places[-1][1] + len(form.sections[-1].questions) + 1
    cells = [*_top(form, total), *_fields(head), *_marks(form, head), *_heads()]
    asked: list[Asked] = []
    choices: list[Choice] = []
    for section, row in places:
        cells += _section(form, section, row)
        for offset, question in enumerate(section.questions, 1):
            of_it = _asked(question, row + offset)
            asked.append(of_it)
            cells += _question(of_it, table.blocks[question.code])
            choices += _choice(of_it, table.blocks[question.code])
    cells += _total(form, [row for _, row in places], total)
    results = {
        "score_before": f"Q{total}",
        "score": f"R{total}",
        "compliance": f"T{total}",
        "open": f"P{total}",
        "wrong": f"O{total}",
        "comments": f"S{total}",
    }
    return FormSheet(form, tuple(cells), tuple(choices), tuple(asked), FIELDS, results, total, table)


def _places(form: Form) -> list[tuple[Section, int]]:
    """The row of each section; its questions stand below it."""
    found, row = [], HEAD + 1
    for section in form.sections:
        found.append((section, row))
        row += len(section.questions) + 1
    return found


def about_form(form: Form) -> str:
    """Which form this is: code, version, how its answers become a score, and what tells it from an edited one."""
    roll_up = said("SHEET_WEIGHTED" if form.weighted else "SHEET_TOTAL_POINTS")
    return said("SHEET_ABOUT", form=form.code, version=form.version, roll_up=roll_up, hash=fingerprint(form))


def _top(form: Form, total: int) -> Iterator[Cell]:
    yield Cell("B1", form.title, "title")
    yield Cell("B2", about_form(form), "about")
    yield Cell(f"B{FIGURES}", said("SHEET_SCORE"), "label_answer")
    yield Cell(f"C{FIGURES}", said("SHEET_BEFORE"), "label")
    yield Cell(f"D{FIGURES}", said("SHEET_COMPLIANCE"), "label")
    yield Cell(f"E{FIGURES}", said("SHEET_STATE"), "label")
    yield Cell(f"F{FIGURES}", None, "label")
    yield Cell(f"G{FIGURES}", None, "label")
    row = FIGURES + 1
    for letter, result, look in (("B", "R", "answer"), ("C", "Q", "figure"), ("D", "T", "figure")):
        yield Cell(f"{letter}{row}", "–", look, _shown(f"${result}${total}"))  # type: ignore[arg-type]  # looks
    questions = sum(1 for section in form.sections for question in section.questions if question.type != "text")
    yield Cell(f"E{row}", _open_words(questions), "state", _state(total))


def _shown(cell: str) -> str:
    """A score of two digits behind the point, cut off."""
    return f'=IF({cell}="","–",TRUNC({cell}/100)/10000)'


def _open_words(number: int) -> str:
    if not number:
        return said("SHEET_NOTHING_APPLIED")
    return f"◆ {number} {'question' if number == 1 else 'questions'} open"


def _state(total: int) -> str:
    open_, wrong, fails, comments = (f"${letter}${total}" for letter in "PONS")
    several = f'"◆ "&{open_}&IF({open_}=1," question"," questions")&" open"'
    unknown = f'"✗ "&{wrong}&IF({wrong}=1," answer is"," answers are")&" not on the form"'
    missing = f'"◆ "&{comments}&IF({comments}=1," comment"," comments")&" missing"'
    none = f'IF($R${total}="","{said("SHEET_NOTHING_APPLIED")}","{said("SHEET_COMPLETE")}")'
    fine = f'IF({fails}>0,"{said("SHEET_FAILED")}",IF({comments}>0,{missing},{none}))'
    return f"=IF({open_}>0,{several},IF({wrong}>0,{unknown},{fine}))"


def _fields(head: Head) -> Iterator[Cell]:
    labels = {"call_id": "B", "agent": "D", "evaluator": "B", "evaluated_on": "D"}
    given = {"call_id": head.call_id, "agent": head.agent, "evaluator": head.evaluator, "evaluated_on": ""}
    for name, place in FIELDS.items():
        yield Cell(f"{labels[name]}{place[1:]}", said(f"SHEET_{name.upper()}"), "field_label")
        look: Look = "given" if given[name] else "field"
        yield Cell(place, given[name] or None, look, kind="date" if name == "evaluated_on" else "text")


def _marks(form: Form, head: Head) -> Iterator[Cell]:
    marks = {"mark": MARK, "form": form.code, "version": form.version, "hash": fingerprint(form)}
    for name, value in {**marks, "set": head.set_id, "call": head.call_id}.items():
        yield Cell(MARKS[name], value or None, "hidden")


def _heads() -> Iterator[Cell]:
    for letter, name in zip(COLUMNS, ("QUESTION", "ANSWER", "COMMENT", "MIND", "WEIGHT", "POINTS"), strict=True):
        yield Cell(f"{letter}{HEAD}", said(f"SHEET_{name}"), "head", kind="share" if letter in "FG" else "text")


def _section(form: Form, section: Section, row: int) -> Iterator[Cell]:
    first, last = row + 1, row + len(section.questions)
    yield Cell(f"B{row}", section.title, "section")
    for letter in "CDE":
        yield Cell(f"{letter}{row}", None, "section")
    weight: int | None = section.weight if form.weighted else None
    yield Cell(f"F{row}", weight, "section", kind="count")
    score = f'=IF(OR($P{row}>0,$O{row}>0,$K{row}=0),"–",TRUNC($J{row}*10000/$K{row})/10000)'
    yield Cell(f"G{row}", "–", "section", score, "share")
    for letter in SUMS:
        at_first = sum(question.type != "text" for question in section.questions) if letter == "P" else 0
        yield Cell(f"{letter}{row}", at_first, "hidden", f"=SUM({letter}{first}:{letter}{last})")
    yield Cell(f"Q{row}", 0, "hidden", f"=IF($K{row}=0,0,$J{row}/$K{row})")
    yield Cell(f"R{row}", 0, "hidden", f"=IF($K{row}=0,0,{section.weight})")


def _asked(question: Question, row: int) -> Asked:
    is_text = question.type == "text"
    return Asked(question, f"{'D' if is_text else 'C'}{row}", "" if is_text else f"D{row}", row)


def _question(asked: Asked, block: Block) -> Iterator[Cell]:
    question, row = asked.question, asked.row
    is_text = question.type == "text"
    yield Cell(f"B{row}", question.text, "question")
    yield Cell(f"C{row}", None, "given" if is_text else "input")
    yield Cell(f"D{row}", None, "comment")
    yield Cell(f"E{row}", hint(question), "mind", _mind(question, row))
    yield Cell(f"F{row}", question.weight, "weight", kind="count")
    points = f'=IF(OR($P{row}=1,$O{row}=1),"",IF($K{row}=0,"–",$J{row}/$K{row}))'
    yield Cell(f"G{row}", "–" if is_text else "", "points", points, "share")
    yield Cell(f"H{row}", question.code, "hidden")
    yield from _worth(asked, block)


def _worth(asked: Asked, block: Block) -> Iterator[Cell]:
    """Which of the known answers was given, counted from 1 (column I), and what that is worth."""
    question, row, typed = asked.question, asked.row, f'TRIM(${asked.answer}&"")'
    known = block.last >= block.first
    # compared one by one, because a search would take * and ? for anything
    found = f'=IF({typed}="",0,SUMPRODUCT((TRIM({block.column("answer")}&"")={typed})*{block.column("number")}))'
    yield Cell(f"I{row}", 0, "hidden", found if known else "")
    for letter, name in WORTH.items():
        of_answer = f"=IF($I{row}>0,INDEX({block.column(name)},$I{row}),0)"
        yield Cell(f"{letter}{row}", 0, "hidden", of_answer if known else "")
    if question.type == "text":
        yield Cell(f"O{row}", 0, "hidden")
        yield Cell(f"P{row}", 0, "hidden")
    else:
        wrong = f"=IF($P{row}=1,0,IF($I{row}=0,1,INDEX({block.column('not on the form')},$I{row})))"
        yield Cell(f"O{row}", 0, "hidden", wrong)
        yield Cell(f"P{row}", 1, "hidden", f'=IF({typed}="",1,0)')
    missing = f'=IF(AND($K{row}>0,$J{row}*100<$K{row}*{question.comment_below},TRIM($D{row}&"")=""),1,0)'
    yield Cell(f"S{row}", 0, "hidden", missing if question.comment_below and question.type != "text" else "")


def hint(question: Question) -> str:
    """What to mind before answering: critical, what fails the call, when to say why."""
    parts = [said("SHEET_CRITICAL")] if question.critical else []
    if question.auto_fail:
        parts.append(said("SHEET_FAILS", answers=", ".join(question.auto_fail)))
    if question.not_applicable in ("fail", "zero"):
        parts.append(said(f"SHEET_NA_{question.not_applicable.upper()}"))
    if question.comment_below and question.type != "text":
        parts.append(said("SHEET_COMMENT_BELOW", share=question.comment_below))
    return "; ".join(parts)


def _mind(question: Question, row: int) -> str:
    first, why = hint(question).replace('"', '""'), said("SHEET_SAY_WHY")
    if question.type == "text":
        return f'=IF($N{row}=1,"✗ {said("SHEET_FAILS_CALL")}","{first}")'
    fails = f'"✗ {said("SHEET_FAILS_CALL")}"&IF($S{row}=1,", {why}","")'
    return (
        f'=IF($P{row}=1,"{first}",IF($O{row}=1,"✗ {said("SHEET_UNKNOWN")}",'
        f'IF($N{row}=1,{fails},IF($S{row}=1,"◆ {why}",""))))'
    )


def _choice(asked: Asked, block: Block) -> Iterator[Choice]:
    if block.offered:
        yield Choice(asked.answer, f"={block.choices}", asked.question.help)


def _total(form: Form, rows: Sequence[int], total: int) -> Iterator[Cell]:
    yield Cell(f"B{total}", said("SHEET_SCORE"), "total")
    for letter in "CDEF":
        yield Cell(f"{letter}{total}", None, "total")
    yield Cell(f"G{total}", "–", "total", _shown(f"$R${total}"), "share")
    for letter in SUMS:
        at_first = sum(question.type != "text" for section in form.sections for question in section.questions)
        sums = "+".join(f"{letter}{row}" for row in rows)
        yield Cell(f"{letter}{total}", at_first if letter == "P" else 0, "hidden", f"={sums}")
    blank = f"$P{total}>0,$O{total}>0"
    before = f'=IF(OR({blank},$K{total}=0),"",INT($J{total}*1000000/$K{total}))'
    if form.weighted:
        weights = "+".join(f"$R{row}" for row in rows)
        shares = "+".join(f"$Q{row}*$R{row}" for row in rows)
        # rounded at the ninth digit, where a share that cannot be written down ends, then cut off at the sixth
        score = f"TRUNC(ROUND(({shares})/({weights})*1000000,3))"
        before = f'=IF(OR({blank},$K{total}=0),"",IF({weights}=0,"",{score}))'
    empty: str | int = ""
    yield Cell(f"Q{total}", empty, "hidden", before)
    yield Cell(f"R{total}", empty, "hidden", f'=IF($P{total}>0,"",IF($N{total}>0,0,$Q{total}))')
    compliance = f'=IF(OR({blank},$M{total}=0),"",INT($L{total}*1000000/$M{total}))'
    yield Cell(f"T{total}", empty, "hidden", compliance)
