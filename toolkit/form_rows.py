"""A quality form as a sheet: head rows for code, version, title, start and roll-up, then a row a question."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.form_checks import Mistake, Place, sheet_words
from toolkit.forms import answer_words
from toolkit.readers.raw import RawSheet

Where = tuple[int, str]
"""Row, as Excel shows it, and header."""
Cells = Mapping[int, str]
LOOKED_AT = 40
"""Rows among which the headers have to stand."""
NEEDED = ("code", "text")
PERCENT = "PERCENT_FORMAT"


def documents_in(sheet: RawSheet) -> Iterator[tuple[dict[str, Any], dict[Place, Where], list[Mistake]]]:
    """The form that a sheet says, the place of each value, what is wrong with its cells; none where it is no form."""
    rows = list(_rows(sheet))
    header = next((at for at, (_, cells) in enumerate(rows[:LOOKED_AT]) if _is_header(cells)), None)
    if header is None:
        return
    document: dict[str, Any] = {}
    cells: dict[Place, Where] = {}
    for row, filled in rows[:header]:
        _take_head(document, cells, row, filled)
    names = {column: _key("columns", text) for column, text in rows[header][1].items()}
    headers = {name: rows[header][1][column] for column, name in names.items() if name}
    mistakes = list(_unknown_headers(rows[header], names))
    for row, filled in rows[header + 1 :]:
        told = {name: filled[column].strip() for column, name in names.items() if name and column in filled}
        if told:
            mistakes += _take_question(document, cells, row, told, headers)
    cells.setdefault(("sections",), (rows[header][0], headers.get("section_weight", headers["code"])))
    cells.setdefault((), (rows[header][0], ""))
    yield document, cells, mistakes


def _rows(sheet: RawSheet) -> Iterator[tuple[int, Cells]]:
    """The filled cells of each row; a percentage as Excel shows it."""
    shares = {(mark.row, mark.column) for mark in sheet.marks if mark.code == PERCENT}
    for number, row in enumerate(sheet.cells.rows()):
        filled = {
            column: _percent(str(cell)) if (number, column) in shares else str(cell)
            for column, cell in enumerate(row)
            if cell is not None and str(cell).strip()
        }
        if filled:
            yield number + 1, filled


def _percent(text: str) -> str:
    try:
        return f"{float(text) * 100:.10g}"
    except ValueError:
        return text


def _key(table: str, text: str) -> str:
    """Which of our words a cell means; "" for none."""
    tidy = re.sub(r"\s+", " ", text).strip().strip(":").casefold()
    return next((key for key, spellings in sheet_words()[table].items() if tidy == key or tidy in spellings), "")


def _is_header(cells: Cells) -> bool:
    found = {_key("columns", text) for text in cells.values()}
    return set(NEEDED) <= found


def _unknown_headers(header: tuple[int, Cells], names: Mapping[int, str]) -> Iterator[Mistake]:
    known = ", ".join(spellings[0] for spellings in sheet_words()["columns"].values())
    seen: set[str] = set()
    for column, name in names.items():
        text = header[1][column]
        if not name:
            yield Mistake((), "QC_FORM_HEADER_UNKNOWN", text, {"known": known})
        elif name in seen:
            yield Mistake((), "QC_FORM_HEADER_TWICE", text)
        seen.add(name)


def _take_head(document: dict[str, Any], cells: dict[Place, Where], row: int, filled: Cells) -> None:
    columns = sorted(filled)
    key = _key("head", filled[columns[0]])
    if not key or len(columns) < 2:
        return
    text = filled[columns[1]].strip()
    cells[key,] = (row, filled[columns[0]].strip())
    if key == "start":
        text = re.sub(r"[ T]00:00(:00)?$", "", text)
    document[key] = _key("roll_ups", text) or text if key == "roll_up" else text


def _take_question(
    document: dict[str, Any], cells: dict[Place, Where], row: int, told: dict[str, str], headers: Mapping[str, str]
) -> Iterator[Mistake]:
    sections = document.setdefault("sections", [])
    title = told.pop("section", "")
    code = told.pop("section_code", "") or _slug(title)
    if title or code or not sections:
        if not sections or sections[-1]["code"] != code:
            sections.append({"code": code or "all", "title": title or code or "All", "questions": []})
            cells["sections", len(sections) - 1] = (row, headers.get("section", headers["code"]))
    at: Place = ("sections", len(sections) - 1)
    if "section_weight" in told:
        weight = _whole(told.pop("section_weight").removesuffix("%").strip())
        cells[*at, "weight"] = (row, headers["section_weight"])
        if sections[-1].setdefault("weight", weight) != weight:
            other = {"other": sections[-1]["weight"]}
            place = (*at, "questions", len(sections[-1]["questions"]), "section_weight")
            cells[place] = (row, headers["section_weight"])
            yield Mistake(place, "QC_FORM_SECTION_WEIGHTS", weight, other)
    if not told:
        return
    place = (*at, "questions", len(sections[-1]["questions"]))
    sections[-1]["questions"].append(_question(told))
    cells[place] = (row, headers["code"])
    cells.update({(*place, key): (row, headers[key]) for key in headers})


def _question(told: Mapping[str, str]) -> dict[str, Any]:
    """The cells of a row as they would stand in a TOML file; what cannot be read stays text, and is refused as such."""
    question: dict[str, Any] = {}
    for key, text in told.items():
        if key in ("weight", "lowest", "highest"):
            question[key] = _whole(text)
        elif key == "comment_below":
            question[key] = _whole(text.removesuffix("%").strip())
        elif key == "type":
            question[key] = _key("types", text) or text
        elif key == "not_applicable":
            question[key] = _key("policies", text) or text
        elif key == "critical":
            question[key] = {"yes": True, "no": False}.get(answer_words().get(text.casefold(), ""), text)
        elif key == "answers":
            question[key] = _answers(text)
        elif key == "auto_fail":
            question[key] = [part.strip() for part in re.split(r"[;,]", text) if part.strip()]
        else:
            question[key] = text
    return question


def _answers(text: str) -> Any:
    """``in full = 2; in part = 1`` as answers with their points."""
    parts = [part.rpartition("=") for part in re.split(r"[;\n]", text) if part.strip()]
    if not all(name.strip() and _is_whole(points) for name, _, points in parts):
        return text
    return {name.strip(): int(points) for name, _, points in parts}


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"\s*-?\d+(\.0+)?\s*", text) is not None


def _whole(text: str) -> int | str:
    return int(float(text)) if _is_whole(text) else text


def _slug(title: str) -> str:
    return re.sub(r"[^\w]+", "_", title.casefold()).strip("_")
