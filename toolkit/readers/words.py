"""Ids, names, codes, flags, currencies, phones and plain numbers: one reader for each type of column."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from toolkit.readers.amounts import AmountForm, is_excel_error, read_amount
from toolkit.readers.answers import Answer, Column, read_distinct, read_slowly, words
from toolkit.readers.clocks import read_length

ORDINARY_ID = r"^(?:[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9 ._/:#&-]*|[0-9]+)$"
DATED = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d"
"""What is left of an id such as MAR-01 once a spreadsheet took it for a day."""
LONGEST_ID, LONGEST_TEXT, LONGEST_NAME = 100, 2000, 150
ORDINARY_TEXT = r"^[ -\"$-~]*$"
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"


def read_ids(cells: pl.Series) -> Column:
    """Ids kept exactly; those that a spreadsheet or an export has damaged are remarked."""
    ordinary = cells.str.contains(ORDINARY_ID) & (cells.str.len_bytes() <= LONGEST_ID)
    if cells.str.contains(":", literal=True).any():
        ordinary = ordinary & ~cells.str.contains(f"^{DATED}$")
    return read_slowly(cells, cells.set(~ordinary, None), read_id)


def read_id(text: str) -> Answer:
    """One id that does not look ordinary."""
    if is_excel_error(text):
        return Answer(code="EXCEL_ERROR")
    if re.fullmatch(r"\d+(?:[.,]\d+)?[eE][+-]?\d+", text):
        return Answer(code="ID_SCIENTIFIC")
    if re.fullmatch(DATED, text):
        return Answer(code="ID_FORMAT", fields={"why": "a spreadsheet has turned it into a date"})
    if re.fullmatch(r"\d+\.0+", text):
        return Answer(code="ID_FORMAT", fields={"why": "it ends in .0, which a spreadsheet or program has added"})
    if len(text) > LONGEST_ID:
        return Answer(code="TOO_LONG", fields={"length": len(text), "most": LONGEST_ID})
    if "\ufffd" in text:
        return Answer(code="REPLACEMENT_CHAR")
    composed = unicodedata.normalize("NFC", text)
    why = _why_no_id(composed)
    return Answer(code="ID_FORMAT", fields={"why": why}) if why else Answer(composed)


def _why_no_id(text: str) -> str:
    if any(unicodedata.category(letter).startswith("C") for letter in text):
        return "it contains a line break or an invisible character"
    if re.search(r"[;'\"<>`=]|--", text):
        return "it contains signs that no id has"
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha()}
    if len(scripts) > 1:
        return f"it mixes letters of different scripts ({', '.join(sorted(scripts)).lower()}) that may look the same"
    return ""


def read_texts(cells: pl.Series, *, strict: bool) -> Column:
    """Free text, kept as it is. `strict` text is a name: line breaks and tabs in it are refused."""
    longest = LONGEST_NAME if strict else LONGEST_TEXT
    ordinary = cells.str.contains(ORDINARY_TEXT) & (cells.str.len_bytes() <= longest)
    if strict:
        ordinary = ordinary & cells.str.contains("[A-Za-z0-9]")
    return read_slowly(cells, cells.set(~ordinary, None), lambda text: read_text(text, strict=strict))


def read_text(text: str, *, strict: bool) -> Answer:
    """One text with anything but plain characters in it."""
    if is_excel_error(text):
        return Answer(code="EXCEL_ERROR")
    longest = LONGEST_NAME if strict else LONGEST_TEXT
    if len(text) > longest:
        return Answer(code="TOO_LONG", fields={"length": len(text), "most": longest})
    if "\ufffd" in text:
        return Answer(code="REPLACEMENT_CHAR")
    composed = unicodedata.normalize("NFC", text if strict else " ".join(re.split(r"[\r\n\t]+", text)))
    if any(_is_control(letter) for letter in composed):
        return Answer(code="CONTROL_CHAR")
    if re.search(
        "[ÃÂ][\u0080-\u00bf\u2018-\u203a\u20ac\u0152-\u0192\u02c6\u02dc]|\u00e2\u20ac[\u0080-\u2122]", composed
    ):
        return Answer(code="MOJIBAKE")
    if strict and not any(unicodedata.category(letter)[0] in "LNS" for letter in composed):
        return Answer(code="NAME_MISSING")
    return Answer(composed)


def _is_control(letter: str) -> bool:
    """Control characters and marks that turn the direction of writing; joiners belong to some scripts and emoji."""
    return unicodedata.category(letter) == "Cc" or letter in TURNING


def read_codes(cells: pl.Series, known: tuple[str, ...], spellings: dict[str, str]) -> Column:
    """Codes by the profile's spellings, capitals and spaces aside; without a list any word is kept."""
    meaning = {_plain(word): code for word, code in [*((code, code) for code in known), *spellings.items()]}

    def read(text: str) -> Answer:
        code = meaning.get(_plain(text))
        if code is not None or not known:
            return Answer(code if code is not None else text)
        if text.casefold() in words()["nil"]:
            return Answer()
        return Answer(code="CODE_UNKNOWN", fields={"known": ", ".join(known)})

    return read_distinct(cells, read, pl.String)


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", word).casefold()).strip()


def read_flags(cells: pl.Series, spellings: Mapping[str, str] | None = None) -> Column:
    """yes/no, true/false, 1/0, and the source's own words for them."""
    meaning = dict.fromkeys(words()["flags"]["yes"], True) | dict.fromkeys(words()["flags"]["no"], False)
    own = {word.casefold(): flag.casefold() for word, flag in (spellings or {}).items()}

    def read(text: str) -> Answer:
        low = own.get(text.casefold(), text.casefold())
        if low in meaning:
            return Answer(meaning[low])
        return Answer() if low in words()["nil"] else Answer(code="FLAG_UNKNOWN")

    return read_distinct(cells, read, pl.Boolean)


def read_currencies(cells: pl.Series, currency: str) -> Column:
    """The currency of each row, which has to be `currency`."""

    def read(text: str) -> Answer:
        meant = words()["currencies"].get(text.casefold().rstrip("."), [text.upper()])
        return Answer(currency) if currency in meant else Answer(code="CURRENCY_UNEXPECTED")

    return read_distinct(cells, read, pl.String)


OTHER_NUMBERS = {"AMOUNT_AMBIGUOUS": "NUMBER_AMBIGUOUS", "CURRENCY_CONFLICT": "NOT_A_NUMBER"}
"""What is said of numbers that are no amounts."""


def read_decimals(cells: pl.Series, decimal: str) -> Column:
    """Plain exact decimals as text; ``93%`` is ``0.93``."""
    quick = (
        cells.set(~cells.str.contains(r"^-?\d{1,18}(?:\.\d{1,12})?$"), None)
        if decimal == "."
        else cells.set(~cells.str.contains(r"^-?\d{1,18}$"), None)
    )
    return read_slowly(cells, quick, lambda text: read_decimal(text, decimal))


def read_decimal(text: str, decimal: str) -> Answer:
    """One number that is not plain digits, by the same rules as amounts."""
    share = text.endswith("%")
    if re.fullmatch(rf"[+-]?\d{{1,3}}[{',' if decimal == '.' else '.'}]\d{{3}}%?", text):
        return Answer(code="NUMBER_AMBIGUOUS")
    answer = read_amount(text.removesuffix("%").strip(), AmountForm("", decimal, exact_digits=12))
    if answer.value is None:
        return Answer(code=OTHER_NUMBERS.get(answer.code, answer.code), fields=answer.fields)
    exact = Decimal(answer.value).scaleb(-14 if share else -12)
    plain = f"{exact:f}"
    return Answer((plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0", answer.code)


def read_whole_numbers(cells: pl.Series, *, seconds: bool) -> Column:
    """Int64. Where `seconds` are meant, ``00:02:00`` is 120, as is a clock cell of Excel that shows it."""
    quick = cells.cast(pl.Int64, strict=False)

    def read(text: str) -> Answer:
        length = read_length(text) if seconds else None
        if length is not None:
            return length
        answer = read_amount(text, AmountForm("", exact_digits=0))
        code = "NOT_WHOLE" if answer.code == "TOO_MANY_DECIMALS" else OTHER_NUMBERS.get(answer.code, answer.code)
        return Answer(answer.value, code, answer.fields)

    return read_slowly(cells, quick, read)
