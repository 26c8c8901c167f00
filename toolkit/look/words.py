"""The sentences on the pages, from `toolkit/texts/en/workbook.toml`."""

from datetime import date

from toolkit.periods import Period


def day_words(day: date) -> str:
    """31 October 2026"""
    return f"{day.day} {day:%B %Y}"


def period_words(period: Period) -> str:
    """October 2026 for a calendar month, else the label with its days."""
    if period.kind == "month" and period.start_day == 1:
        return f"{period.first:%B %Y}"
    return f"{period.label}, {day_words(period.first)} to {day_words(period.last)}"
