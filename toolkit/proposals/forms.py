"""How the sample writes dates and amounts, in which currency and where: proven, probable, or not to be told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from toolkit.money import currencies
from toolkit.problems import said
from toolkit.profiles import Profile
from toolkit.proposals.matching import Degree, SheetProposal
from toolkit.proposals.spellings import known_words
from toolkit.proposals.values import currency_beside, day_orders, decimal_signs, kinds_of
from toolkit.readers.answers import words
from toolkit.tables import TABLES, Type

A_SLIP = 0.02
"""This share of values to the contrary may be slips of the pen."""
PROVEN, PROVEN_SHARE, HINTED_SHARE = 3, 0.2, 0.05
"""So many values prove a decimal sign, or such a share of few; less is a hint, or a slip."""
MOST = 0.8
LOOKED_AT = 50

FormKey = str
"""date_order, decimal, currency, country or timezone."""


@dataclass(frozen=True)
class FormProposal:
    """One key of the profile. `value` is "" where it cannot be told; `why` also says what speaks against it."""

    key: FormKey
    value: str
    degree: Degree
    why: str


@dataclass(frozen=True)
class Wishes:
    """What the user said, by key of the profile; and the set-up that the new one is like, if any."""

    given: Mapping[FormKey, str]
    base: Profile | None = None
    preset_order: str | None = None


def forms_of(sheets: Sequence[SheetProposal], wishes: Wishes) -> list[FormProposal]:
    """Country, currency, time zone, order of dates and decimal sign."""
    currency = _currency(sheets, wishes)
    country = _country(sheets, wishes, currency)
    return [country, currency, _timezone(wishes, country), _date_order(sheets, wishes), _decimal(sheets, wishes)]


def _values(sheets: Iterable[SheetProposal], *types: Type, text_only: bool = False) -> Iterator[str]:
    """The values of every column that is proposed to be of these types."""
    for proposal in sheets:
        if not proposal.table or (text_only and not proposal.sheet.is_text):
            continue
        wanted = {column.name for column in TABLES[proposal.table].of_type(*types)}
        headers = {one.header for one in proposal.columns if one.column in wanted}
        for column in proposal.sheet.columns:
            if column.header in headers:
                yield from column.values


def _said_before(key: FormKey, wishes: Wishes) -> FormProposal | None:
    """What the user said, or the set-up that the new one is like."""
    if wishes.given.get(key):
        return FormProposal(key, wishes.given[key], "sure", said("FORM_GIVEN"))
    if wishes.base is not None:
        return FormProposal(key, str(getattr(wishes.base, key)), "sure", said("FORM_BASE", base=wishes.base.name))
    return None


# Dates


def _date_order(sheets: Sequence[SheetProposal], wishes: Wishes) -> FormProposal:
    found = day_orders(list(_values(sheets, "date", "time")))
    first, second, dates = found.day_first, found.month_first, found.dates
    given = wishes.given.get("date_order")
    if given:
        return FormProposal("date_order", given, "sure", said("FORM_GIVEN"))
    if first and not second:
        return FormProposal("date_order", "dmy", "sure", said("DATES_DAY_FIRST", count=dates, number=first))
    if second and not first:
        return FormProposal("date_order", "mdy", "sure", said("DATES_MONTH_FIRST", count=dates, number=second))
    if first or second:
        return _mixed_dates(first, second, dates)
    if not dates and found.year_first:
        return FormProposal("date_order", "iso", "sure", said("DATES_YEAR_FIRST", count=found.year_first))
    fallback = wishes.base.date_order if wishes.base else wishes.preset_order
    why = said("DATES_UNTOLD" if dates else "DATES_NONE", count=dates)
    if fallback and (fallback != "iso" or not dates):
        name = wishes.base.name if wishes.base else said("FORM_PRESET")
        return FormProposal("date_order", fallback, "likely", f"{why}; {said('FORM_BASE', base=name)}")
    return FormProposal("date_order", "" if dates else "iso", "unsure" if dates else "likely", why)


def _mixed_dates(first: int, second: int, dates: int) -> FormProposal:
    why = said("DATES_MIXED", count=dates, first=first, second=second)
    if min(first, second) <= A_SLIP * dates and max(first, second) >= PROVEN:
        return FormProposal("date_order", "dmy" if first > second else "mdy", "likely", why)
    return FormProposal("date_order", "", "unsure", why)


# Amounts


def _decimal(sheets: Sequence[SheetProposal], wishes: Wishes) -> FormProposal:
    """In a workbook a number is a number, so that only what was typed as text proves a sign there."""
    amounts = [text for text in _values(sheets, "money", "decimal") if "number" in kinds_of(text)]
    proven = decimal_signs(list(_values(sheets, "money", "decimal", text_only=True)))
    if wishes.given.get("decimal"):
        return FormProposal("decimal", wishes.given["decimal"], "sure", said("FORM_GIVEN"))
    proven[","] += decimal_signs(amounts)[","] - proven[","]
    points, commas = proven["."], proven[","]
    sign, number, other = (",", commas, points) if commas > points else (".", points, commas)
    why = said("AMOUNTS_COMMA" if sign == "," else "AMOUNTS_POINT", number=number, count=len(amounts))
    if number >= PROVEN and other <= A_SLIP * len(amounts):
        return FormProposal("decimal", sign, "sure" if not other else "likely", why)
    if other and number:
        why = said("AMOUNTS_MIXED", points=points, commas=commas, count=len(amounts))
        return FormProposal("decimal", _usual(wishes), "unsure", why)
    if number and number >= PROVEN_SHARE * len(amounts):
        return FormProposal("decimal", sign, "sure", why)
    if number and number >= HINTED_SHARE * len(amounts):
        return FormProposal("decimal", sign, "likely", why)
    whole = said("AMOUNTS_WHOLE", count=len(amounts)) if amounts else said("AMOUNTS_NONE")
    return FormProposal("decimal", _usual(wishes), "likely", f"{whole}; {why}" if number else whole)


def _usual(wishes: Wishes) -> str:
    return wishes.base.decimal if wishes.base else "."


# Currency and place


def _currency(sheets: Sequence[SheetProposal], wishes: Wishes) -> FormProposal:
    seen = _currencies_seen(sheets)
    before = _said_before("currency", wishes)
    best = max(seen, key=lambda code: seen[code], default="")
    if before is not None:
        against = best and best != before.value and seen[best] >= MOST * seen.total()
        why = f"{before.why}; {said('CURRENCY_OTHERWISE', number=seen[best], currency=best)}" if against else before.why
        return FormProposal("currency", before.value, "likely" if against else "sure", why)
    if best and seen[best] >= MOST * seen.total():
        return FormProposal(
            "currency", best, "sure" if len(seen) == 1 else "likely", said("CURRENCY_SEEN", number=seen[best])
        )
    in_headers = _currencies_in_headers(sheets)
    if not best and len(in_headers) == 1:
        return FormProposal("currency", in_headers.pop(), "likely", said("CURRENCY_IN_HEADER"))
    why = said("CURRENCY_SEVERAL", currencies=", ".join(sorted(seen))) if seen else said("CURRENCY_UNTOLD")
    return FormProposal("currency", "", "unsure", why)


def _currencies_seen(sheets: Sequence[SheetProposal]) -> Counter[str]:
    """How many values name each currency: in a column of its own, or beside an amount."""
    seen: Counter[str] = Counter()
    for text in _values(sheets, "currency"):
        meant = words()["currencies"].get(text.casefold().rstrip("."), [text.upper()])
        if len(meant) == 1 and meant[0] in currencies():
            seen[meant[0]] += 1
    seen.update(code for text in _values(sheets, "money") if (code := currency_beside(text)))
    return seen


def _currencies_in_headers(sheets: Sequence[SheetProposal]) -> set[str]:
    """Currencies named in the headers of amounts: Amount (KES)."""
    found = set()
    for proposal in sheets:
        money = {column.name for column in TABLES[proposal.table].of_type("money")} if proposal.table else set()
        for one in proposal.columns:
            if one.column in money:
                found |= {
                    word for word in one.header.replace("(", " ").replace(")", " ").split() if word in currencies()
                }
    return found


def _country(sheets: Sequence[SheetProposal], wishes: Wishes, currency: FormProposal) -> FormProposal:
    before = _said_before("country", wishes)
    if before is not None:
        return before
    by_phone = _country_of_phones(list(dict.fromkeys(_values(sheets, "phone"))))
    if by_phone:
        return FormProposal("country", by_phone, "likely", said("COUNTRY_PHONES"))
    if currency.value[:2] in zones() and currency.value not in known_words()["shared_currencies"]:
        return FormProposal("country", currency.value[:2], "likely", said("COUNTRY_CURRENCY", currency=currency.value))
    return FormProposal("country", "", "unsure", said("COUNTRY_UNTOLD"))


def _country_of_phones(numbers: Sequence[str]) -> str:
    """The country of nearly all phone numbers that are written with their country's code."""
    import phonenumbers

    found: Counter[str] = Counter()
    for text in numbers[:LOOKED_AT]:
        try:
            number = phonenumbers.parse("+" + text.lstrip("+0").strip())
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) and not text.startswith("0"):
            found[phonenumbers.region_code_for_number(number) or ""] += 1
    best = max(found, key=lambda country: found[country], default="")
    return best if best and found[best] >= max(PROVEN, MOST * min(len(numbers), LOOKED_AT)) else ""


def _timezone(wishes: Wishes, country: FormProposal) -> FormProposal:
    before = _said_before("timezone", wishes)
    if before is not None and (wishes.given.get("timezone") or country.why != said("FORM_GIVEN")):
        return before
    there = zones().get(country.value, ())
    if len(there) == 1:
        return FormProposal("timezone", there[0], country.degree, said("TIMEZONE_ONE", country=country.value))
    why = said("TIMEZONE_UNTOLD", number=len(there)) if there else said("TIMEZONE_NOWHERE")
    return FormProposal("timezone", "", "unsure", why)


@cache
def zones() -> Mapping[str, tuple[str, ...]]:
    """The time zones of each country, from the tables of the time zone database."""
    found: dict[str, list[str]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return {country: tuple(names) for country, names in found.items()}
