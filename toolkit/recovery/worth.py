"""Whether one more step after a debt is worth its cost: expected value, break-even probability, the limit of spending.

All exact (`Fraction`), for sheets and for checking the computation over millions of accounts against. Money in any one
unit. The expected value of a step is p x amount x (1 - fee) - cost (Kaplan 2012); it breaks even where p is
cost / (amount x (1 - fee)). Where that is more than 1, no probability makes the step worth it.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

ZERO, ONE = Fraction(0), Fraction(1)
Word = Literal["pursue", "not_worth_it", "never", "too_few", "nothing_owed", "over_the_limit"]


def break_even(cost: Fraction, recoverable: Fraction, fee: Fraction = ZERO) -> Fraction | None:
    """The probability from which on the step pays for itself; above 1 it never does.

    None where nothing would be left of what is recovered, and the step costs something. `ValueError` for a cost or an
    amount below nothing, and for a fee outside of 0 to 1.
    """
    _refuse(cost, recoverable, fee)
    left = recoverable * (ONE - fee)
    if left == 0:
        return ZERO if cost == 0 else None
    return cost / left


def expected_net(probability: Fraction, recoverable: Fraction, cost: Fraction, fee: Fraction = ZERO) -> Fraction:
    """What the step brings on average, less its cost. `ValueError` as for `break_even`, and for a probability that is
    none."""
    _refuse(cost, recoverable, fee)
    if not 0 <= probability <= 1:
        raise ValueError("a probability lies between 0 and 1")
    return probability * recoverable * (ONE - fee) - cost


def cost_of_recovery(costs: Fraction, recovered: Fraction) -> Fraction | None:
    """Cost for each unit of money that came in; None, "no base", where nothing did (or more was taken back)."""
    return None if recovered <= 0 else costs / recovered


@dataclass(frozen=True)
class Verdict:
    """Whether to take a step, with the figures that it rests on.

    word: pursue; not_worth_it: the lower bound of the probability does not reach the break-even; never: the break-even
    is above 1; too_few: no probability is known; nothing_owed; over_the_limit: what has been spent on the account and
    the step come to more than the share of the balance that may be spent. surplus: by how much the expected net is
    above nothing, with the probability that decides.
    """

    word: Word
    break_even: Fraction | None
    surplus: Fraction | None

    @property
    def worth_it(self) -> bool:
        """Whether the step is to be taken."""
        return self.word == "pursue"


def worth_pursuing(
    probability: Fraction | None,
    recoverable: Fraction,
    cost: Fraction,
    fee: Fraction = ZERO,
    *,
    spent: Fraction = ZERO,
    most_share: Fraction | None = None,
) -> Verdict:
    """The verdict for a step. probability: the one that decides, a lower bound rather than the best guess; None where
    there are too few cases to know any. spent: what the account has cost before; most_share: of what is recoverable,
    how much may be spent in all."""
    point = break_even(cost, recoverable, fee)
    if recoverable == 0:
        return Verdict("nothing_owed", point, -cost)
    if point is None or point > 1:
        return Verdict(
            "never", point, None if probability is None else expected_net(probability, recoverable, cost, fee)
        )
    if probability is None:
        return Verdict("too_few", point, None)
    surplus = expected_net(probability, recoverable, cost, fee)
    if most_share is not None and spent + cost > recoverable * most_share:
        return Verdict("over_the_limit", point, surplus)
    return Verdict("pursue" if surplus > 0 else "not_worth_it", point, surplus)


def _refuse(cost: Fraction, recoverable: Fraction, fee: Fraction) -> None:
    if cost < 0:
        raise ValueError("a cost is not below nothing")
    if recoverable < 0:
        raise ValueError("what is recoverable is not below nothing")
    if not 0 <= fee <= 1:
        raise ValueError("a fee is a share between 0 and 1 (10 % is 0.1)")
