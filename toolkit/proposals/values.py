"""What the values of a column look like: dates, amounts, ids, phone numbers, flags, currencies, a few words."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from toolkit.money import currencies
from toolkit.readers.amounts import AmountForm, read_amount
from toolkit.readers.answers import words
from toolkit.readers.moments import LOCAL, Moment, MomentForm, read_moment

FORMS = tuple(MomentForm(order, "UTC") for order in ("iso", "dmy", "mdy"))
NUMBERS = tuple(AmountForm("", sign, exact_digits=12) for sign in (".", ","))
SERIAL = re.compile(r"\d{1,7}(?:\.\d+)?")
PHONE = re.compile(r"(?:\+|00)?\d[\d\s()-]{7,16}\d")
ID = re.compile(r"(?=[^\s]*\d)[\w./#:+-]{1,40}")
MOSTLY = 0.8
"""Exports have defects: this share of the values has to agree."""
HARDLY = 0.5
FEW_WORDS = 40


@dataclass(frozen=True, eq=False)
class Looks:
    """The filled cells of a column; each `share` is of them. Two columns are never the same, whatever is in them."""

    values: tuple[str, ...]

    @cached_property
    def counts(self) -> Counter[str]:
        """Different values, the commonest first."""
        return Counter(self.values)

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def distinct(self) -> int:
        return len(self.counts)

    @cached_property
    def shares(self) -> dict[str, float]:
        """The share of the values that are each kind of thing; one value may be several."""
        kinds: Counter[str] = Counter()
        for text, times in self.counts.items():
            for kind in kinds_of(text):
                kinds[kind] += times
        return {kind: times / self.count for kind, times in kinds.items()}

    def number(self, kind: str) -> int:
        """How many of the values are this kind of thing."""
        return round(self.share(kind) * self.count)

    def share(self, kind: str) -> float:
        return self.shares.get(kind, 0.0)

    def mostly(self, *kinds: str) -> bool:
        """Whether nearly all values are one of these kinds."""
        return any(self.share(kind) >= MOSTLY for kind in kinds)

    def hardly(self, *kinds: str) -> bool:
        """Whether most values are none of these kinds."""
        return all(self.share(kind) < HARDLY for kind in kinds)

    @property
    def repeats(self) -> bool:
        """A few words over many rows."""
        return self.distinct <= FEW_WORDS and self.distinct * 2 <= self.count

    @property
    def nearly_unique(self) -> bool:
        return self.count > 1 and self.distinct >= 0.95 * self.count

    @cached_property
    def count_the_rows(self) -> bool:
        """Whether they are 1, 2, 3 and so on: the number of the row, which is nobody's id."""
        return self.count > 2 and all(text == str(number) for number, text in enumerate(self.values, 1))

    @cached_property
    def orders(self) -> "DayOrder":
        """What its dates say about the order of day and month."""
        return day_orders(self.values)

    @property
    def samples(self) -> tuple[str, ...]:
        """Up to three different values."""
        return tuple(list(self.counts)[:3])


@lru_cache(maxsize=65_536)
def kinds_of(text: str) -> frozenset[str]:
    """Every kind of thing that this text can be."""
    found = {kind for kind, holds in KINDS.items() if holds(text)}
    if "number" in found and re.fullmatch(r"[+-]?\d+", text):
        found.add("whole")
    return frozenset(found or {"words"})


def _is_date(text: str) -> bool:
    """A date in any order; a bare number is none, though Excel may have meant a day by it."""
    if SERIAL.fullmatch(text) and not re.fullmatch(r"20\d{6}", text):
        return False
    return any(isinstance(read_moment(text, form), Moment) for form in FORMS)


def _is_serial(text: str) -> bool:
    return bool(re.fullmatch(r"\d{5}(?:\.\d+)?", text)) and isinstance(read_moment(text, FORMS[0]), Moment)


def _has_clock(text: str) -> bool:
    return ":" in text and _is_date(text)


def _is_number(text: str) -> bool:
    bare = text.removesuffix("%").strip()
    answers = (read_amount(_without_currency(bare), form) for form in NUMBERS)
    return any(answer.value is not None or answer.code == "AMOUNT_AMBIGUOUS" for answer in answers)


def _without_currency(text: str) -> str:
    """The number of an amount with its currency beside it: KES 1,200/=."""
    return text if currency_beside(text) is None else re.sub(r"[^\W\d_]+\.?|[$€£₦₵]|/[=-]", "", text).strip()


def currency_beside(text: str) -> str | None:
    """The currency that an amount is written with, if it can be one only; "" where several share the sign."""
    beside = re.fullmatch(r"([^\W\d_]{1,4}|[$€£₦₵])\.?\s*[\d(-].*|[\d(-].*\d\)?\s*([^\W\d_]{2,4})\.?(?:/[=-])?", text)
    if not beside:
        return None
    word = (beside[1] or beside[2]).rstrip(".")
    meant = words()["currencies"].get(word.casefold()) or ([word.upper()] if word.upper() in currencies() else None)
    return None if meant is None else meant[0] if len(meant) == 1 else ""


def _is_phone(text: str) -> bool:
    bare = re.sub(r"[\s()-]", "", text).removesuffix(".0")
    if not PHONE.fullmatch(text.removesuffix(".0")) or not 9 <= len(bare.lstrip("+")) <= 15:
        return False
    return text.startswith(("+", "0")) or len(bare) >= 11


def _is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None and not re.search(r"^\d+[.,]\d+$", text) and not _is_date(text)


def _is_flag(text: str) -> bool:
    flags = words()["flags"]
    return text.casefold() in (*flags["yes"], *flags["no"])


def _is_currency(text: str) -> bool:
    return text.upper() in currencies() or text.casefold().rstrip(".") in words()["currencies"]


KINDS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_date,
    "clock": _has_clock,
    "serial": _is_serial,
    "number": _is_number,
    "phone": _is_phone,
    "id": _is_id,
    "flag": _is_flag,
    "currency": _is_currency,
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is not None,
    "name": lambda text: re.fullmatch(r"[^\W\d_][^\d]*", text) is not None,
}


def looks_like_a_value(text: str) -> bool:
    """Whether a text is a date, an amount, a phone number or the like rather than a header."""
    return bool(kinds_of(text) & {"date", "number", "phone", "email"})


@dataclass(frozen=True)
class DayOrder:
    """Dates whose day and month are numbers: how many there are, and how many prove that the day or month is first."""

    dates: int
    day_first: int
    month_first: int
    year_first: int


def day_orders(values: Sequence[str]) -> DayOrder:
    """What the dates among the values say about their order."""
    dates = day_first = month_first = year_first = 0
    for text in values:
        bare = " ".join(text.strip().removeprefix("'").split())
        local = LOCAL.fullmatch(bare)
        if local is None:
            year_first += isinstance(read_moment(bare, FORMS[0]), Moment) and not SERIAL.fullmatch(bare)
            continue
        first, second = int(local["first"]), int(local["second_part"])
        dates += 1
        day_first += 12 < first <= 31 and second <= 12
        month_first += 12 < second <= 31 and first <= 12
    return DayOrder(dates, day_first, month_first, year_first)


def decimal_signs(values: Sequence[str]) -> Counter[str]:
    """How many amounts prove each decimal sign: 1.234,56 and 12,5 a comma, 1,234.56 and 12.50 a point."""
    proven: Counter[str] = Counter()
    for text in values:
        if "number" not in kinds_of(text):
            continue
        digits = re.sub(r"[^\d.,]", "", _without_currency(text)).strip(".,")
        both = re.fullmatch(r"[\d.,]*([.,])\d*", digits)
        if both and {".", ","} <= set(digits):
            proven[both[1]] += 1
        elif re.fullmatch(r"\d+([.,])(?:\d{1,2}|\d{4,})", digits):
            proven["." if "." in digits else ","] += 1
        elif re.fullmatch(r"\d{1,3}(?:[.,]\d{3}){2,}", digits):
            proven["," if "." in digits else "."] += 1
    return proven
