"""Phone numbers to digits with the country code (E.164 without the plus sign)."""

import re
from functools import cache

import phonenumbers
import polars as pl

from toolkit.readers.amounts import is_excel_error
from toolkit.readers.answers import Answer, Column, read_slowly, words


def read_phones(cells: pl.Series, country: str) -> Column:
    """A column of phone numbers; those that are no number of the country or of the world are kept and remarked."""
    code, mobile = _country(country)
    tidy = cells.str.replace_all(r"[\s()-]", "")
    quick = tidy.str.extract(rf"^(?:\+?{code}|0)({mobile})$", 1) if mobile else tidy.set(tidy.is_not_null(), None)
    return read_slowly(cells, code + quick, lambda text: read_phone(text, country))


@cache
def _country(country: str) -> tuple[str, str]:
    """The calling code and the pattern of national mobile numbers, from the metadata of `phonenumbers`."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    pattern = (metadata.mobile.national_number_pattern if metadata and metadata.mobile else "") or ""
    uses_zero = metadata is not None and metadata.national_prefix == "0"
    usable = bool(pattern) and uses_zero and _can_be_used(pattern)
    return str(phonenumbers.country_code_for_region(country)), pattern if usable else ""


def _can_be_used(pattern: str) -> bool:
    """Whether the pattern has nothing that the columnwise matcher lacks, such as looking ahead."""
    try:
        pl.Series(["0"]).str.contains(pattern)
    except pl.exceptions.ComputeError:
        return False
    return True


def read_phone(text: str, country: str) -> Answer:
    """One phone number that is not written like the usual ones of the country."""
    bare = text.strip().removeprefix("'")
    if bare.casefold() in words()["nil"]:
        return Answer()
    if is_excel_error(bare):
        return Answer(code="EXCEL_ERROR")
    if re.fullmatch(r"\d+(?:[.,]\d+)?[eE]\+?\d+", bare):
        return Answer(code="ID_SCIENTIFIC")
    bare = re.sub(r"\.0+$", "", bare)
    for candidate in (bare, f"+{bare}"):
        found = _valid(candidate, country)
        if found:
            has_prefix = bare.startswith(("0", "+", found[:3]))
            return Answer(found, "" if has_prefix else "PHONE_ZERO_ADDED")
    return Answer(text, "PHONE_INVALID", {"country": country})


def _valid(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
