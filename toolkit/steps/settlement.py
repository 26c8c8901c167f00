"""From lines to what is paid: gross, tax, net, what is carried in and out, whole payout units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from toolkit.money import PPM, percentage, rounded
from toolkit.plans import Withholding
from toolkit.problems import problem, said
from toolkit.steps.month import Month
from toolkit.steps.words import amount_words


@dataclass(frozen=True)
class SheetRow:
    """One agent's row of the commission sheet, in minor units; `columns` by component and override code."""

    agent_id: str
    name: str
    columns: Mapping[str, int]
    adjustments: int
    clawback: int
    holdback: int
    released: int
    guarantee: int
    withholding: int
    carried_in: int
    payable: int
    held_balance: int
    draw_balance: int
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def gross(self) -> int:
        return (
            sum(self.columns.values())
            + self.adjustments
            + self.clawback
            + self.holdback
            + self.released
            + self.guarantee
        )

    @property
    def net(self) -> int:
        return self.gross + self.withholding

    @property
    def carried_out(self) -> int:
        return self.net + self.carried_in - self.payable


def withheld(month: Month, agent_id: str, gross: int) -> tuple[int, str]:
    """(tax kept back, 0 or negative; the reason). The threshold is held against this run's gross alone."""
    rule = _rule(month, agent_id, gross)
    if rule is None or gross <= 0:
        return 0, ""
    threshold = Fraction(rule.threshold) * month.unit
    if gross <= threshold and rule.threshold:
        return 0, ""
    taxed = gross if rule.threshold_mode == "cliff" else gross - threshold
    tax = rounded(taxed * Fraction(rule.rate, PPM), month.plan.rounding)
    code = "REASON_TAX_WHOLE" if rule.threshold_mode == "cliff" else "REASON_TAX_EXCESS"
    return -tax, said(code, rate=percentage(rule.rate), threshold=amount_words(rule.threshold))


def _rule(month: Month, agent_id: str, gross: int) -> Withholding | None:
    post = month.teams.latest(agent_id, month.period.last)
    country = (post.country if post else "") or month.plan.country
    rules = [rule for rule in month.plan.withholdings if rule.country == country and rule.start <= month.period.last]
    payee_type = post.payee_type if post else ""
    if rules and not payee_type:
        if gross > 0:
            month.problems.append(problem("PAYEE_TYPE_MISSING", value=agent_id, agent=agent_id, country=country))
        return None
    fitting = [rule for rule in rules if rule.payee_type == payee_type]
    return max(fitting, key=lambda rule: rule.start, default=None)


def payout(month: Month, net: int, carried_in: int) -> int:
    """What is paid now: whole payout units, nothing below `min_payout`; the rest is carried.

    With `[carry]` a debt carried in takes at most its share of a positive net.
    """
    available = Fraction(net + carried_in)
    if month.plan.carry is not None and carried_in < 0 < net:
        available = max(available, net * (1 - Fraction(month.plan.carry.recover_at_most, PPM)))
    step = Fraction(month.plan.payout_unit) * month.unit
    whole = floor(floor(available / step) * step)
    return whole if whole > 0 and whole >= month.plan.min_payout * month.unit else 0
