"""When a contact breaks a rule: one expression a kind of rule, over the contacts that count.

Windows are made of whole days and of places in a sequence: a contact is over a cap of seven in seven days where the one
seven places before it lies within the last seven days. So nothing is joined, and every engine can do it.
"""

from collections.abc import Sequence

import narwhals as nw

from toolkit.call_rules import DAYS, HOLIDAY, Cap, Gap, Hours, Quiet, Rule, Span
from toolkit.conduct.clocks import MINUTE, NEVER, weekday
from toolkit.rows import Frame

KEY = "key"
ORDER = ["sec", "channel", "event_id"]
IN_CHANNEL = ["sec", "event_id"]
"""The same within one channel, which is quicker to sort by."""
BEFORE = "before"
"""The number of the day, or the second, that the rule looks at: the contact so many places before, or the last
conversation; `NEVER` where there is none."""


def with_key(events: Frame, rule: Rule) -> Frame:
    """`key`: whom contacts count together for; the number called where no account is known; null for nobody."""
    who = nw.col("customer_id" if getattr(rule, "per", "") == "person" else "account_id")
    by_number = nw.concat_str(nw.lit("tel:"), nw.col("number"))
    return events.with_columns(key=nw.when(~who.is_null()).then(who).otherwise(by_number))


def is_windowed(rule: Rule) -> bool:
    """Whether a contact is judged by those before it."""
    return isinstance(rule, Cap | Gap | Quiet)


def broken(rule: Rule, counted: Frame, order: Sequence[str], holidays: Sequence[int]) -> Frame:
    """`counted` with `breaks`, whether the contact breaks the rule, and `before`.

    counted: the contacts that count, with `key`, and for quiet days also conversations that do not (`counts` false).
    order: the columns by which they follow each other.
    """
    if isinstance(rule, Hours):
        return counted.with_columns(breaks=~permitted(rule, holidays), before=nw.lit(NEVER, nw.Int64))
    if isinstance(rule, Cap):
        return _over(counted, order, rule.most or 0, "day", rule.days or 0)
    if isinstance(rule, Gap):
        return _over(counted, order, rule.most, "sec", (rule.minutes or 0) * MINUTE)
    if isinstance(rule, Quiet):
        return _too_soon(counted, order, rule)
    if rule.kind == "third_party":
        return counted.with_columns(breaks=nw.col("third_party").fill_null(False), before=nw.lit(NEVER, nw.Int64))
    wanted = nw.col("on_list") if rule.kind == "listed" else ~nw.col("on_list")
    return counted.with_columns(breaks=wanted, before=nw.lit(NEVER, nw.Int64))


def _over(counted: Frame, order: Sequence[str], most: int, measure: str, within: int) -> Frame:
    """More than `most` contacts within so many days (or seconds): the one `most` places before is that near."""
    place = nw.col(measure).shift(most).over(KEY, order_by=order)
    near = nw.col(measure) - nw.col(BEFORE) < within
    return counted.with_columns(before=place).with_columns(
        breaks=near.fill_null(False), before=nw.col(BEFORE).fill_null(NEVER).cast(nw.Int64)
    )


def _too_soon(counted: Frame, order: Sequence[str], rule: Quiet) -> Frame:
    """Within so many days of the last conversation before it, whose day is the first of them."""
    talked = nw.col("conversation") & nw.col("channel").is_in(list(rule.after))
    rows = counted.with_columns(_talked=nw.when(talked).then(nw.col("day")).otherwise(nw.lit(NEVER, nw.Int64)))
    rows = rows.with_columns(_last=nw.col("_talked").cum_max().over(KEY, order_by=order))
    rows = rows.with_columns(before=nw.col("_last").shift(1).over(KEY, order_by=order))
    rows = rows.with_columns(before=nw.col(BEFORE).fill_null(NEVER).cast(nw.Int64))
    return rows.with_columns(breaks=nw.col("counts") & (nw.col("day") - nw.col(BEFORE) < (rule.days or 0)))


def permitted(rule: Hours, holidays: Sequence[int]) -> nw.Expr:
    """Whether the contact lies within the hours of its weekday, or of a public holiday."""
    spans = rule.spans()
    found = nw.lit(False)
    for number, day in enumerate(DAYS):
        found = nw.when(weekday(nw.col("day")) == number).then(_within(spans[day])).otherwise(found)
    if HOLIDAY in spans and holidays:
        found = nw.when(nw.col("day").is_in(list(holidays))).then(_within(spans[HOLIDAY])).otherwise(found)
    return found


def _within(spans: Sequence[Span]) -> nw.Expr:
    clock = nw.col("clock")
    inside = nw.lit(False)
    for start, end in spans:
        inside = inside | ((clock >= start) & (clock < end))
    return inside
