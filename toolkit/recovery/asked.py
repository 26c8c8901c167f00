"""What somebody asks, as it is typed: of the what-if ``cost*1.2``, ``visit:cost=350``, ``call:chance*0.9``; of
comparisons ``balance:1000``, ``days:60:15``, ``2026-10-15``."""

import re
from collections.abc import Collection
from datetime import date
from fractions import Fraction
from typing import cast

from toolkit.kpis.facts import MILLION
from toolkit.problems import ToolkitError, problem
from toolkit.recovery.compared import Line, Running
from toolkit.recovery.what_if import MOST_FACTOR, Change

ASKED = re.compile(r"(?:([a-z][a-z0-9_]*):)?(cost|chance|recoverable|fee)([*=])(\d{1,12}(?:\.\d{1,6})?)")


def change_of(text: str, rungs: Collection[str], digits: int, *, earned: bool = False) -> Change:
    """The change; of all rungs where none is named. A value is money in the currency's own unit, or a share between 0
    and 1. earned: the fee is what stays here, not what is given away. `ToolkitError` where it cannot be read, names no
    rung of the ladder, is a share above 1, or a factor that nobody asks for."""
    found = ASKED.fullmatch("".join(text.split()).casefold())
    if not found:
        raise ToolkitError([problem("WHAT_IF_UNREAD", value=text)])
    rung, what, sign, number = found.groups()
    if rung and rung not in rungs:
        raise ToolkitError([problem("WHAT_IF_RUNG", value=rung, known=", ".join(rungs) or "none")])
    exact = Fraction(number)
    if sign == "*" and exact > MOST_FACTOR:
        raise ToolkitError([problem("WHAT_IF_FACTOR_TOO_GREAT", value=text, most=f"{MOST_FACTOR:,}")])
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


LINE = re.compile(r"(?:(balance|days):(\d{1,12}(?:\.\d{1,6})?)|(\d{4}-\d{2}-\d{2}))(?::(\d{1,12}(?:\.\d{1,6})?))?")


def line_of(text: str) -> Line:
    """The line to compare across, with its bandwidth if any is typed. `ToolkitError` where it cannot be read, is no day
    of the calendar, or nothing could lie below it or within the bandwidth."""
    found = LINE.fullmatch("".join(text.split()).casefold())
    if not found:
        raise ToolkitError([problem("COMPARE_UNREAD", value=text)])
    running, number, day, within = found.groups()
    try:
        at = float(date.fromisoformat(day).toordinal()) if day else float(number)
    except ValueError as error:
        raise ToolkitError([problem("COMPARE_UNREAD", value=text)]) from error
    bandwidth = None if within is None else float(within)
    if at <= 0 or bandwidth == 0:
        raise ToolkitError([problem("COMPARE_UNREAD", value=text)])
    return Line(text.strip(), cast("Running", running or "date"), at, bandwidth)
