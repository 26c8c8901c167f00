"""The sentences on the pages, from `toolkit/texts/en/workbook.toml`."""

from datetime import date

from toolkit.periods import Period
from toolkit.problems import texts


def said(code: str, **fields: object) -> str:
    """The sentence of this code with its {fields} filled in; an unknown code is a mistake and raises `KeyError`."""
    return texts()[code]["message"].format_map(fields)


def day_words(day: date) -> str:
    """31 October 2026"""
    return f"{day.day} {day:%B %Y}"


def period_words(period: Period) -> str:
    """October 2026 for a calendar month, else the label with its days."""
    if period.kind == "month" and period.start_day == 1:
        return f"{period.first:%B %Y}"
    return f"{period.label}, {day_words(period.first)} to {day_words(period.last)}"
