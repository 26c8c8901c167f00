"""The statement for a table of a database: one SELECT and nothing that changes anything; what it asks to be given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

PARAMETERS = ("from", "to", "as_of")
"""What a statement may ask for: the first day of the period, the day after its last, and the as-of day."""

NAME = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*){0,2}")

PARTS = re.compile(
    r"""(?P<comment> --[^\n]* | /\*.*?\*/ )
      | (?P<quoted> '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | (?P<dollars>\$(?:[^\W\d]\w*)?\$).*?(?P=dollars) )
      | (?P<open> ['"`] | /\* )""",
    re.VERBOSE | re.DOTALL,
)
"""What is no code. Where databases differ, the reading with more code counts: rather refuse than run."""

CHANGES = frozenset({"insert", "update", "delete", "merge", "into"})
"""Words that make a SELECT or WITH change something: a table made of the result, rows changed under a name."""

PARAMETER = re.compile(r"(?<![:\w$\\]):([\w$]+)(?![:\w$])")

Refusal = Literal["", "STATEMENT_NOT_SELECT", "STATEMENT_SEVERAL", "STATEMENT_CHANGES", "STATEMENT_OPEN"]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as the profile has it, cut into code and what is no code (quoted text, comments)."""

    parts: tuple[tuple[str, bool], ...]
    is_open: bool

    @property
    def code(self) -> str:
        return " ".join(text for text, is_code in self.parts if is_code)

    @property
    def parameters(self) -> set[str]:
        """The names of ours that the code asks for."""
        return set(PARAMETER.findall(self.code)) & set(PARAMETERS)

    @property
    def text(self) -> str:
        """The statement for SQLAlchemy, in which every other colon is only a colon."""
        return "".join(_with_plain_colons(text, is_code=is_code) for text, is_code in self.parts)


def statement_of(text: str) -> Statement:
    """The statement that an entry means: itself, or all of the table or view whose name it is."""
    bare = text.strip()
    if NAME.fullmatch(bare):
        return Statement((("SELECT * FROM", True), (" ", True), (bare, True)), is_open=False)
    parts = tuple(_parts(re.sub(r"[\s;]+\Z", "", bare)))
    is_open = any(found["open"] for found in PARTS.finditer(bare))
    return Statement(parts, is_open)


def refusal(statement: Statement) -> tuple[Refusal, str]:
    """Why the statement may not be run, as (code, word seen); ("", "") if it may."""
    words = re.findall(r"\w+|;", statement.code.casefold())
    first = words[0] if words else ""
    if first not in ("select", "with"):
        return "STATEMENT_NOT_SELECT", first.upper()
    if statement.is_open or any(_means_more(text) for text, is_code in statement.parts if not is_code):
        return "STATEMENT_OPEN", ""
    if ";" in words:
        return "STATEMENT_SEVERAL", ";"
    found = [word for word in words if word in CHANGES]
    return ("STATEMENT_CHANGES", found[0].upper()) if found else ("", "")


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    end = 0
    for found in PARTS.finditer(text):
        if found["open"]:
            continue
        yield text[end : found.start()], True
        yield found[0], False
        end = found.end()
    yield text[end:], True


def _means_more(text: str) -> bool:
    r"""What one database takes for the end of a text, or for code, and another does not: ``\'`` and ``/*!``."""
    return text.startswith("/*!") or (text.startswith(("'", '"')) and re.search(r"\\['\"]", text) is not None)


def _with_plain_colons(text: str, *, is_code: bool) -> str:
    def plain(found: re.Match[str]) -> str:
        return found[0] if is_code and found[1] in PARAMETERS else f"\\{found[0]}"

    return PARAMETER.sub(plain, text)
