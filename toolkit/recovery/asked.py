"""What somebody asks of the what-if, as it is typed: ``cost*1.2``, ``visit:cost=350``, ``call:chance*0.9``."""

import re
from collections.abc import Collection
from fractions import Fraction

from toolkit.kpis.facts import MILLION
from toolkit.problems import ToolkitError, problem
from toolkit.recovery.what_if import Change

ASKED = re.compile(r"(?:([a-z][a-z0-9_]*):)?(cost|chance|recoverable|fee)([*=])(\d{1,12}(?:\.\d{1,6})?)")


def change_of(text: str, rungs: Collection[str], digits: int, *, earned: bool = False) -> Change:
    """The change; of all rungs where none is named. A value is money in the currency's own unit, or a share between 0
    and 1. earned: the fee is what stays here, not what is given away. `ToolkitError` where it cannot be read, names no
    rung of the ladder, or is a share above 1."""
    found = ASKED.fullmatch("".join(text.split()).casefold())
    if not found:
        raise ToolkitError([problem("WHAT_IF_UNREAD", value=text)])
    rung, what, sign, number = found.groups()
    if rung and rung not in rungs:
        raise ToolkitError([problem("WHAT_IF_RUNG", value=rung, known=", ".join(rungs) or "none")])
    exact = Fraction(number)
    if what == "fee" and earned:
        return _fee_earned(text, sign, exact, rung)
    if sign == "*":
        return Change(what, factor=exact, rung=rung)  # type: ignore[arg-type]  # one of these words
    if what in ("chance", "fee") and exact > 1:
        raise ToolkitError([problem("WHAT_IF_SHARE", value=text)])
    unit = MILLION if what in ("chance", "fee") else 10**digits
    return Change(what, value=round(exact * unit), rung=rung)  # type: ignore[arg-type]  # one of these words


def _fee_earned(text: str, sign: str, exact: Fraction, rung: str | None) -> Change:
    """Twice the fee brings what twice as much recovered would; in steps stands what is given away."""
    if sign == "*":
        return Change("recoverable", factor=exact, rung=rung)
    if exact > 1:
        raise ToolkitError([problem("WHAT_IF_SHARE", value=text)])
    return Change("fee", value=MILLION - round(exact * MILLION), rung=rung)
