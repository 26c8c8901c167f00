"""Series and amounts given as the rows that people have."""

from collections.abc import Sequence
from datetime import date, timedelta

from toolkit.trends.days import Number, Point
from toolkit.trends.run_rate import Amount

MONDAY = date(2026, 3, 2)


def days(count: int, first: date = MONDAY) -> list[date]:
    return [first + timedelta(place) for place in range(count)]


def values(numbers: Sequence[Number], first: date = MONDAY) -> list[Point]:
    """One number a day."""
    return [Point(day, number) for day, number in zip(days(len(numbers), first), numbers, strict=True)]


def shares(numerators: Sequence[int], base: int, first: date = MONDAY) -> list[Point]:
    """One share a day, all of the same base."""
    return [Point(day, above, base) for day, above in zip(days(len(numerators), first), numerators, strict=True)]


def amounts(text: str) -> list[Amount]:
    """Rows of day,amount,label."""
    rows = [line.split(",") for line in text.split()]
    return [Amount(date.fromisoformat(day), int(amount), label) for day, amount, label in rows]
