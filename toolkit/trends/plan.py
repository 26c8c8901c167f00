"""The forecast beside the plan: how far off the month will be, and what to tell the manager while it can be mended."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from toolkit.money import rounded
from toolkit.problems import Problem, problem, said
from toolkit.trends.run_rate import Forecast

ALERT_AT = Fraction(-5, 100)
QUIET = ("OUTLOOK_ON_COURSE", "OUTLOOK_OVER_MADE")
Money = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Variance:
    """share: (forecast - plan) / plan, None without a forecast or a plan. alert: somebody has to be told.

    needed: on each working day that is left, to make the plan; None where none is left, so that the month is over and
    its sentences say where it ended. finding: the sentences.
    """

    plan: int
    share: Fraction | None
    needed: int | None
    alert: bool
    finding: Problem


def against_plan(who: str, seen: Forecast, plan: int, money: Money = "{:,}".format) -> Variance:
    """An alert where the interval excludes the plan, or where the month will end 5 % or more below it;
    of a month that is over where it ended below it.

    who: whose plan it is. plan: in the forecast's minor units. money: how amounts are written.
    """
    if seen.expected is None or plan <= 0:
        finding = problem("OUTLOOK_TOO_EARLY", value=who, day=seen.as_of, collected=money(seen.collected))
        return Variance(plan, None, None, False, finding)
    share = Fraction(seen.expected - plan, plan)
    needed = _needed(seen, plan)
    code = _code(seen, plan, share) if needed is not None else _code_over(share)
    finding = problem(
        code,
        value=who,
        variance=f"{float(share):+.1%}",
        off=f"{float(abs(share)):.1%}",
        expected=money(seen.expected),
        range=_range(seen, money),
        plan=money(plan),
        day=seen.as_of,
        collected=money(seen.collected),
        elapsed=seen.elapsed,
        working_days=seen.working_days,
        left="" if needed is None else said("OUTLOOK_NEEDED", needed=money(needed)),
    )
    return Variance(plan, share, needed, code not in QUIET, finding)


def _code(seen: Forecast, plan: int, share: Fraction) -> str:
    if share <= ALERT_AT or (seen.high is not None and seen.high < plan):
        return "OUTLOOK_BEHIND"
    return "OUTLOOK_AHEAD" if seen.low is not None and seen.low > plan else "OUTLOOK_ON_COURSE"


def _code_over(share: Fraction) -> str:
    return "OUTLOOK_OVER" if share < 0 else "OUTLOOK_OVER_MADE"


def _needed(seen: Forecast, plan: int) -> int | None:
    left = seen.working_days - seen.elapsed
    return max(0, rounded(Fraction(plan - seen.collected, left), "half_up")) if left else None


def _range(seen: Forecast, money: Money) -> str:
    if seen.low is None or seen.high is None:
        return said("OUTLOOK_NO_RANGE")
    return said("OUTLOOK_RANGE", low=money(seen.low), high=money(seen.high))


def letter(seen: Forecast, variance: Variance, money: Money = "{:,}".format) -> tuple[str, str]:
    """Subject and text of the message to the line manager, ready but for cause, action, owner and due date."""
    share = "" if variance.share is None else f"{float(variance.share):+.1%}"
    subject = said("OUTLOOK_SUBJECT", value=variance.finding.value, variance=share, day=seen.as_of)
    lines = [variance.finding.message, variance.finding.what_to_do]
    lines += [
        said("OUTLOOK_ONE_OFF", value=each.label or each.day, day=each.day, amount=money(each.amount))
        for each in seen.one_offs
    ]
    return subject, "\n".join([*lines, said("OUTLOOK_FOLLOW_UP")])
