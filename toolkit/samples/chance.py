"""Chance that repeats: every subject draws from its own stream, so that one does not disturb another."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]
Rng = np.random.Generator

SUBJECTS = (
    "people", "accounts", "owners", "payments", "contacts", "recoveries", "figures", "mess", "words",
    "skill", "roster", "lists", "schedule", "quality", "service", "office", "books", "messages", "permissions",
)  # fmt: skip
"""A new subject goes to the end, so that the others' streams stay what they are."""


def streams(seed: int) -> dict[str, Rng]:
    """A generator for each subject; the same seed gives the same streams."""
    return {subject: np.random.Generator(np.random.PCG64([seed, number])) for number, subject in enumerate(SUBJECTS)}


def choices(rng: Rng, weights: Sequence[float] | Shares, size: int) -> Numbers:
    """`size` numbers of weights, each as often as its weight says."""
    cumulated = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = np.searchsorted(cumulated, rng.random(size) * cumulated[-1], side="right")
    numbers: Numbers = np.minimum(drawn, len(cumulated) - 1).astype(np.int64)
    return numbers


def words(rng: Rng, weights: Mapping[str, float], size: int) -> npt.NDArray[Any]:
    """`size` of the words, each as often as its weight says."""
    return np.array(list(weights), dtype=object)[choices(rng, list(weights.values()), size)]


def shared_by_weight(total: int, weights: Sequence[float] | Shares) -> Numbers:
    """`total` as whole numbers that follow the weights and add up to it."""
    exact = np.asarray(weights, dtype=np.float64)
    exact = exact / exact.sum() * total
    whole = np.floor(exact).astype(np.int64)
    by_remainder = np.argsort(whole - exact, kind="stable")
    whole[by_remainder[: total - int(whole.sum())]] += 1
    shares: Numbers = whole
    return shares


def times_of_day(rng: Rng, hours: Sequence[float], size: int, first: int = 0, last: int = 23) -> Numbers:
    """Seconds since midnight, as busy as the hours' weights from hour `first` to `last`."""
    hour = choices(rng, hours[first : last + 1], size) + first
    return hour * 3600 + rng.integers(0, 3600, size)
