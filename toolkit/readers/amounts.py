"""Amounts as exports write them, to whole minor units; exact, never through a float."""

import re
import unicodedata
from dataclasses import dataclass

import polars as pl

from toolkit.money import LARGEST_MINOR, currencies, minor_digits
from toolkit.readers.answers import Answer, Column, read_slowly, words

SPACES = " \u00a0\u202f\u2009\u2007"
MINUSES = "-\u2212\u2013"
LONGEST = 40
NOISE_DIGITS = 6
"""A float from a workbook may miss a cent by less than a millionth of it; text with fewer digits means what it says."""


BESIDE = re.compile(
    r"""(?P<before>[^\W\d_]{1,5} | [^\W\d_]{0,2}[^\w\s.,()+'\-\u2212])?  \.?\s*  # KES, Ksh., $, US$
        (?P<number>.*?\d.*?)                                            # the rest is looked at by itself
        \s*(?P<after>[^\W\d_]{1,5}\.?)?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class AmountForm:
    """How amounts are written: the currency, its minor digits and the declared decimal sign."""

    currency: str
    decimal: str = "."
    exact_digits: int | None = None
    """For numbers that are no money: how many digits there may be behind the decimal sign."""

    @property
    def digits(self) -> int:
        return minor_digits(self.currency) if self.exact_digits is None else self.exact_digits

    @property
    def largest(self) -> int:
        """The largest number of smallest units that is taken."""
        return LARGEST_MINOR if self.exact_digits is None else LARGEST_MINOR * 10**self.exact_digits

    @property
    def names(self) -> list[str]:
        """How the currency is called beside an amount, the longest name first."""
        known = [name for name, meant in words()["currencies"].items() if self.currency in meant]
        return sorted([self.currency, *known], key=len, reverse=True)

    @property
    def grouping(self) -> str:
        return "," if self.decimal == "." else "."


def read_amounts(cells: pl.Series, form: AmountForm) -> Column:
    """A column of amounts as Int64 minor units."""
    quick = _plain(cells, form)
    if quick.null_count() > cells.null_count():
        left = (cells.is_not_null() & quick.is_null()).arg_true()
        quick = quick.scatter(left, _plain(_ungrouped(cells.gather(left), form), form))
    return read_slowly(cells, quick, lambda text: read_amount(text, form))


def _plain(cells: pl.Series, form: AmountForm) -> pl.Series:
    """``-1234.50``: an optional sign, digits, and at most the currency's digits behind the sign; else null.

    The sign is taken out and the digits read as one whole number, so nothing is ever a float.
    """
    place = cells.str.find(form.decimal, literal=True)
    if place.null_count() == place.len():
        whole = cells.cast(pl.Int64, strict=False)
        decimals = pl.Series([0], dtype=pl.UInt32).new_from_index(0, cells.len())
    else:
        whole = cells.str.replace(form.decimal, "", literal=True).cast(pl.Int64, strict=False)
        decimals = (cells.str.len_bytes().cast(pl.Int64) - place.cast(pl.Int64) - 1).fill_null(0)
        # ".5", "-.5" and "5." are left to be looked at word by word
        decimals = decimals.set((place == 0) | (decimals == 0) & place.is_not_null(), None)
    powers = pl.Series([10 ** (form.digits - given) for given in range(form.digits + 1)], dtype=pl.Int64)
    scaled = whole * powers.gather(decimals.clip(0, form.digits).fill_null(0).cast(pl.UInt32))
    # what is larger than this before scaling could come out small again by running over
    fits = (decimals <= form.digits) & (whole.abs() <= LARGEST_MINOR) & (scaled.abs() <= LARGEST_MINOR)
    return scaled.set(~fits.fill_null(False), None).alias(cells.name)


def _ungrouped(cells: pl.Series, form: AmountForm) -> pl.Series:
    """The cells without thousands separators and the currency's own code; null where they are something else."""
    names = "|".join(re.escape(name) for name in form.names)
    bare = cells.str.replace(rf"^(?i:{names})\.?\s*", "").str.replace(rf"\s*(?:(?i:{names})|/[=-])$", "")
    group, decimal = re.escape(form.grouping), re.escape(form.decimal)
    grouped = bare.str.contains(rf"^-?(?:\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}})+)(?:{decimal}\d+)?$")
    return bare.str.replace_all(form.grouping, "", literal=True).set(~grouped.fill_null(False), None)


def read_amount(text: str, form: AmountForm) -> Answer:
    """One amount, whatever its dress: ``KES 1,200/=``, ``(1.234,56)``, ``1'200.00-``.

    An `Answer` without value and code is an empty cell ("-", "n/a").
    """
    bare = unicodedata.normalize("NFKC", text).strip().removeprefix("'").strip()
    refused = _not_an_amount(bare)
    if refused:
        return refused
    number, meant = _without_currency(bare)
    if meant is not None and form.currency not in meant:
        return Answer(code="CURRENCY_CONFLICT" if meant else "NOT_A_NUMBER", fields=_hint(bare, form))
    number, negative = _without_sign(number)
    if not re.fullmatch(rf"[\d.,'{SPACES}]*\d[\d.,'{SPACES}]*", number):
        return Answer(code="NOT_A_NUMBER", fields=_hint(bare, form))
    latin = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in number)
    answer = _magnitude(latin, form)
    if answer.code or answer.value is None:
        return Answer(code=answer.code, fields=_hint(bare, form))
    value = -answer.value if negative else answer.value
    return Answer(value, "DIGITS_OF_ANOTHER_SCRIPT" if latin != number else "")


def _not_an_amount(bare: str) -> Answer | None:
    """What can be told before looking at the digits."""
    low = bare.casefold()
    if not low or low in words()["nil"]:
        return Answer()
    if is_excel_error(bare):
        return Answer(code="EXCEL_ERROR")
    if low.lstrip("+-") in ("nan", "snan", "inf", "infinity"):
        return Answer(code="NOT_FINITE")
    scientific = re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?e([+-]?\d+)", low)
    if scientific:
        exponent = scientific[1].lstrip("+-0")
        return Answer(code="AMOUNT_RANGE" if len(exponent) > 1 and int(exponent[:3]) > 15 else "AMOUNT_SCIENTIFIC")
    if re.search(r"\d\s*[cd]r\.?$", low):
        return Answer(code="AMOUNT_DRCR")
    return None


def is_excel_error(text: str) -> bool:
    """``#REF!``, ``#N/A`` and the like, or ``########`` copied from a column that was too narrow."""
    return re.fullmatch(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|#+)", text) is not None


def _without_currency(bare: str) -> tuple[str, list[str] | None]:
    """The number and the currencies that the word beside it may mean; None where there is no word."""
    number = re.sub(r"\s*/[=-]$", "", bare)
    beside = BESIDE.fullmatch(number)
    if not beside or not (beside["before"] or beside["after"]):
        return number, None
    if beside["before"] and beside["after"]:
        return number, []
    word = (beside["before"] or beside["after"]).rstrip(".")
    return beside["number"], words()["currencies"].get(word.casefold()) or _iso(word)


def _iso(word: str) -> list[str]:
    return [word.upper()] if word.upper() in currencies() else []


def _without_sign(number: str) -> tuple[str, bool]:
    number = number.strip()
    if number.startswith("(") and number.endswith(")"):
        return number[1:-1].strip(), True
    if number[:1] in MINUSES and number[:1]:
        return number[1:].strip(), True
    if number[-1:] in MINUSES and number[-1:]:
        return number[:-1].strip(), True
    return number.removeprefix("+").strip(), False


def _magnitude(number: str, form: AmountForm) -> Answer:
    """Minor units of digits with separators and without a sign."""
    if len(number) > LONGEST:
        return Answer(code="AMOUNT_RANGE")
    parts = _whole_and_decimals(number, form)
    if isinstance(parts, Answer):
        return parts
    whole, decimals = parts
    decimals = _without_noise(decimals.rstrip("0"), form.digits)
    if len(decimals) > form.digits:
        return _noisy(whole, decimals, form.digits) or Answer(code="TOO_MANY_DECIMALS")
    minor = int((whole or "0") + decimals.ljust(form.digits, "0"))
    return Answer(minor) if minor <= form.largest else Answer(code="AMOUNT_RANGE")


def _without_noise(decimals: str, digits: int) -> str:
    """``00000000002`` behind the digits that count is what a float adds by itself."""
    rest = decimals[digits:]
    return decimals[:digits] if len(rest) > NOISE_DIGITS and rest.startswith("0" * NOISE_DIGITS) else decimals


def _noisy(whole: str, decimals: str, digits: int) -> Answer | None:
    """1199.9999999999998 is 1200: nines where a float falls short of the amount."""
    if len(decimals) > digits + NOISE_DIGITS and decimals[digits:].startswith("9" * NOISE_DIGITS):
        return Answer(int((whole or "0") + decimals[:digits].ljust(digits, "0")) + 1)
    return None


def _whole_and_decimals(number: str, form: AmountForm) -> tuple[str, str] | Answer:
    """The digits before and behind the decimal sign, once it is clear which sign that is."""
    signs = [sign for sign in number if sign in ".,"]
    decimal = form.decimal if len(set(signs)) < 2 else signs[-1]
    grouping = "," if decimal == "." else "."
    whole, _, decimals = number.rpartition(decimal) if decimal in number else (number, "", "")
    if number.count(decimal) > 1:
        groups_of_three = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(decimal)}\d{{3}})+", number)
        return Answer(code="AMOUNT_AMBIGUOUS" if groups_of_three else "NOT_A_NUMBER")
    if not decimals.isdigit() and decimal in number:
        return Answer(code="NOT_A_NUMBER" if decimals else "BAD_GROUPING")
    bare = re.sub(rf"['{SPACES}]", grouping, whole)
    if grouping in bare and not _grouped_well(bare, grouping):
        return Answer(code="BAD_GROUPING")
    if grouping not in bare and len(decimals) == 3 and 1 <= len(bare) <= 3 and bare.strip("0") and form.digits < 3:
        return Answer(code="AMOUNT_AMBIGUOUS")
    return bare.replace(grouping, ""), decimals


def _grouped_well(whole: str, grouping: str) -> bool:
    """Thousands (1,234,567) or lakhs (12,34,567)."""
    group = re.escape(grouping)
    return (
        re.fullmatch(rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|[1-9]\d?(?:{group}\d{{2}})+{group}\d{{3}}", whole) is not None
    )


def _hint(text: str, form: AmountForm) -> dict[str, object]:
    """What may have gone wrong, for the sentence: ``(a letter O?)``."""
    hint = ""
    if re.search(r"[oO]", text) and re.search(r"\d", text):
        hint = " (a letter O?)"
    elif re.search(r"\d[lI]|[lI]\d", text):
        hint = " (a letter l or I in place of 1?)"
    elif text.endswith("%"):
        hint = " (a percentage?)"
    return {"hint": hint, "currency": form.currency, "decimal": form.decimal, "digits": form.digits}
