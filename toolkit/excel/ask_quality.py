"""What the functions QC_SCORE and KAPPA answer: scores of filled forms, and whether two evaluators agree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from toolkit.excel.ask import Table
from toolkit.excel.ask_scores import Answer
from toolkit.excel.cells import ERRORS, Cell, is_blank, text_of
from toolkit.form_books import answer_table
from toolkit.form_files import FORM_FILES, forms_of, read_form_file
from toolkit.forms import Form, Forms, shipped_forms
from toolkit.problems import ToolkitError, problem, said
from toolkit.profiles import load_profile, shipped_profiles
from toolkit.qc import MILLION
from toolkit.qc_answers import tidied

MOST_KEPT = 1000
"""Answers of a question that are kept in the way in which cells have them."""
WIDEST_SCALE = 100


# --- scores of forms -----------------------------------------------------------------------------------


class _Worth(NamedTuple):
    """What an answer is worth; unread: it is none of the form's."""

    earned: int
    possible: int
    fails: bool
    unread: bool


OPEN, UNREAD, NOTED = _Worth(0, 0, False, False), _Worth(0, 0, False, True), _Worth(0, 0, False, False)
"""Not answered; not on the form; written into a text, or nothing written into it."""


@dataclass(frozen=True)
class _Question:
    """A question with what its answers are worth: `known` by tidy text, `seen` by the kind and content of cells as they
    were found, since TRUE and 1 are the same to a dictionary."""

    code: str
    section: int
    is_text: bool
    known: Mapping[str, _Worth]
    seen: dict[tuple[type, Cell], _Worth]

    def worth(self, cell: Cell) -> _Worth:
        """Of a cell that was not seen before."""
        if is_blank(cell):
            found = NOTED if self.is_text else OPEN
        else:
            found = self.known.get(tidied(text_of(cell)), NOTED if self.is_text else UNREAD)
        if len(self.seen) < MOST_KEPT:
            self.seen[type(cell), cell] = found
        return found


@dataclass(frozen=True)
class _Asked:
    """A form, ready to score cells."""

    form: Form
    questions: tuple[_Question, ...]
    weights: tuple[int, ...]
    places: Mapping[str, int]


def qc_score(answers: Table, form: str, version: str = "", set_up: str = "") -> list[list[Answer]]:
    """The score of each call, from 0 to 1 and cut off at the sixth digit as everywhere, or in words why it has none.

    answers: two columns with codes and answers; or the answers in the form's order, as a column or as a row for each
    call, with a row of codes above or without. Texts may be left out. form: code, "code version", or the form's file.
    set_up: whose forms are meant first, by its name or folder.
    """
    asked = _asked(form.strip(), version.strip(), _changed(form.strip()), set_up, _last_change(set_up))
    return [[_score(asked, cells, order)] for cells, order in _calls(asked, answers)]


Cells = Sequence[Cell]
Order = Sequence[_Question]


def _calls(asked: _Asked, table: Table) -> Iterator[tuple[Cells, Order]]:
    """The answers of each call, and whose they are."""
    rows = [list(row) for row in table]
    if len(rows[0]) == 2 and (pairs := _pairs(asked, rows)) is not None:
        yield pairs
        return
    if heads := _heads(asked, rows[0]):
        yield from ((row, heads) for row in rows[1:])
        return
    if len(rows[0]) == 1 and len(rows) > 1:
        rows = [[row[0] for row in rows]]
    scored = [question for question in asked.questions if not question.is_text]
    for order in (asked.questions, scored):
        if len(rows[0]) == len(order):
            yield from ((row, order) for row in rows)
            return
    raise ToolkitError([problem("ASK_FORM_SHAPE", count=len(asked.questions))])


def _pairs(asked: _Asked, rows: Sequence[Cells]) -> tuple[Cells, Order] | None:
    """Codes beside answers, with a head or without; None where the first column has no code at all."""
    codes = [text_of(row[0]).casefold() for row in rows]
    if not any(code in asked.places for code in codes):
        return None
    first = 0 if codes[0] in asked.places or not codes[0] else 1
    filled = [(code, row[1]) for code, row in zip(codes[first:], rows[first:], strict=True) if code]
    order = _of_codes(asked, [code for code, _ in filled])
    return [cell for _, cell in filled], order


def _heads(asked: _Asked, row: Cells) -> Order:
    """The questions that a row of codes names; none where it is a row of answers."""
    codes = [text_of(cell).casefold() for cell in row]
    return _of_codes(asked, codes) if any(code in asked.places for code in codes) else ()


def _of_codes(asked: _Asked, codes: Sequence[str]) -> Order:
    for code in codes:
        if code not in asked.places:
            raise ToolkitError([problem("ASK_FORM_QUESTION", form=asked.form.code, value=code)])
        if codes.count(code) > 1:
            raise ToolkitError([problem("ASK_FORM_TWICE", value=code)])
    return [asked.questions[asked.places[code]] for code in codes]


def _score(asked: _Asked, cells: Cells, order: Order) -> Answer:
    earned, possible = [0] * len(asked.weights), [0] * len(asked.weights)
    open_, unread, fails = len(asked.questions) - len(order), 0, False
    if open_:
        open_ = sum(not question.is_text for question in asked.questions) - sum(not one.is_text for one in order)
    for question, cell in zip(order, cells, strict=True):
        worth = question.seen.get((type(cell), cell)) or question.worth(cell)
        if worth is OPEN:
            open_ += 1
            continue
        earned[question.section] += worth.earned
        possible[question.section] += worth.possible
        fails |= worth.fails
        unread += worth.unread
    if open_ or (unread and not fails):
        return _without_score(asked, open_, unread)
    return 0.0 if fails else _of_sums(asked, earned, possible)


def _without_score(asked: _Asked, open_: int, unread: int) -> str | None:
    """In words; nothing at all for a row in which nothing is filled in."""
    if open_ == sum(not question.is_text for question in asked.questions):
        return None
    code, count, noun = ("ASK_FORM_OPEN", open_, "question") if open_ else ("ASK_FORM_WRONG", unread, "answer")
    return said(code, count=f"{count} {noun}{'' if count == 1 else 's'}")


def _of_sums(asked: _Asked, earned: Sequence[int], possible: Sequence[int]) -> Answer:
    """As `toolkit.qc` rolls up: shares of sections to the twelfth digit, the score cut off at the sixth."""
    if not asked.form.weighted:
        whole = sum(possible)
        return sum(earned) * MILLION // whole / MILLION if whole else said("ASK_FORM_NOTHING")
    sums = zip(earned, possible, asked.weights, strict=True)
    applied = [(part, whole, weight) for part, whole, weight in sums if whole]
    weights = sum(weight for *_, weight in applied)
    if not weights:
        return said("ASK_FORM_NOTHING")
    shares = sum(part * MILLION * MILLION // whole * weight for part, whole, weight in applied)
    return (shares // weights + 500) // 1000 // 1000 / MILLION


# --- forms by name -------------------------------------------------------------------------------------


def _changed(name: str) -> float:
    path = Path(name)
    return path.stat().st_mtime if path.suffix.lower() in FORM_FILES and path.is_file() else 0.0


@lru_cache(maxsize=32)
def _asked(name: str, version: str, changed: float, set_up: str = "", last_change: float = 0.0) -> _Asked:
    """The time stamps of the file and of the set-up are there so that a form that was edited is read again."""
    if changed:
        among = Forms(tuple(_in_file(Path(name))))
    else:
        among = _forms_of(set_up, last_change) if set_up else _known_forms()
    form = _form(name, version, among, from_file=changed != 0)
    table = answer_table(form)
    sections = {question.code: at for at, section in enumerate(form.sections) for question in section.questions}
    known: dict[str, dict[str, _Worth]] = {code: {} for code in sections}
    for code, _, answer, earned, possible, _, _, fails, unread in table.rows:
        known[str(code)][tidied(str(answer))] = _Worth(int(earned), int(possible), bool(fails), bool(unread))
    texts = {of.code for section in form.sections for of in section.questions if of.type == "text"}
    questions = tuple(_Question(code, sections[code], code in texts, known[code], {}) for code in sections)
    places = {code.casefold(): at for at, code in enumerate(sections)}
    return _Asked(form, questions, tuple(section.weight for section in form.sections), places)


def _form(name: str, version: str, known: Forms, *, from_file: bool) -> Form:
    if from_file:
        found = [form for form in known if version in ("", form.version)]
    else:
        code, _, number = name.partition(" ")
        wanted = version or number
        found = [form for form in known if form.code.casefold() == code.casefold() and wanted in ("", form.version)]
    if not found:
        names = ", ".join(f"{form.code} {form.version}" for form in known)
        raise ToolkitError([problem("ASK_FORM", value=f"{name} {version}".strip(), known=names)])
    return max(found, key=lambda form: form.start)


def _last_change(set_up: str) -> float:
    """When a file of an own set-up was changed last; those that come with the toolkit do not change."""
    folder = Path(set_up) if set_up else None
    if folder is None or not folder.is_dir():
        return 0.0
    return max((path.stat().st_mtime for path in folder.rglob("*.*") if path.is_file()), default=0.0)


@lru_cache(maxsize=8)
def _forms_of(set_up: str, last_change: float) -> Forms:
    """The forms of a set-up, and of the others those whose codes it has not."""
    own = forms_of(load_profile(set_up)).known
    codes = {form.code for form in own}
    return Forms((*own, *(form for form in _known_forms() if form.code not in codes)))


def _in_file(path: Path) -> Iterator[Form]:
    for file in read_form_file(path):
        wrong = [one for one in file.problems if one.level == "error"]
        if file.form is None:
            reason = wrong[0].message if wrong else "?"
            raise ToolkitError([problem("ASK_FORM_FILE", value=path.name, reason=reason)])
        yield file.form


@lru_cache(maxsize=1)
def _known_forms() -> Forms:
    """Those that come with the toolkit and its set-ups."""
    paths = [path for name in shipped_profiles() for path in load_profile(name).form_paths()]
    return Forms((*shipped_forms(), *(form for path in paths for form in _in_file(path))))


# --- agreement -----------------------------------------------------------------------------------------


def kappa(ones: Table, others: Table, weights: str = "") -> float | str:
    """Cohen's kappa of two evaluators' answers to the same calls, or in words why there is none.

    Calls that one of them left open are left out. weights: linear or quadratic, for scales.
    """
    from toolkit.quality.agreement import conventions
    from toolkit.quality.kappa import Weights, cohen

    wanted = weights.strip().casefold() or "none"
    kinds: dict[str, Weights] = {"none": "none", "linear": "linear", "quadratic": "quadratic"}
    if wanted not in kinds:
        raise ToolkitError([problem("ASK_KAPPA_WEIGHTS", value=weights)])
    pairs = _both(ones, others)
    least = conventions().fewest_calls
    if len(pairs) < least:
        return said("ASK_KAPPA_FEW", count=len(pairs), least=least)
    if wanted == "none":
        found = cohen(pairs)
    else:
        scale = [(_whole(one), _whole(other)) for one, other in pairs]
        found = cohen(scale, _steps(scale), kinds[wanted])
    return said("ASK_KAPPA_ONE_ANSWER") if found.value is None else found.value


def _both(ones: Table, others: Table) -> list[tuple[str, str]]:
    one, other = ([cell for row in table for cell in row] for table in (ones, others))
    if len(one) != len(other):
        raise ToolkitError([problem("ASK_KAPPA_SHAPE")])
    texts = {(type(cell), cell): "" if is_blank(cell) else text_of(cell) for cell in (*one, *other)}
    if error := next((text for text in texts.values() if text in ERRORS.values()), ""):
        raise ToolkitError([problem("ASK_KAPPA_ERROR", value=error)])
    tidy = {cell: tidied(text) for cell, text in texts.items()}
    pairs = ((tidy[type(mine), mine], tidy[type(theirs), theirs]) for mine, theirs in zip(one, other, strict=True))
    return [pair for pair in pairs if all(pair)]


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ToolkitError([problem("ASK_KAPPA_NUMBERS", value=text)]) from None


def _steps(scale: Sequence[tuple[int, int]]) -> list[int]:
    """Every step of the scale, also those that nobody gave, unless it has too many."""
    values = {value for pair in scale for value in pair}
    low, high = min(values), max(values)
    return list(range(low, high + 1)) if high - low <= WIDEST_SCALE else sorted(values)
