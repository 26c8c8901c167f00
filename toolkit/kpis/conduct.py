"""KPIs of the rules of calling: how often they are broken, and breaches of the process as a whole."""

from collections.abc import Iterator

import narwhals as nw
import polars as pl

from toolkit.call_rules import Channel
from toolkit.conduct.clocks import DAY, EPOCH
from toolkit.conduct.contacts import Contacts
from toolkit.conduct.judging import Judged, held_rules, judged
from toolkit.evaluations import APART
from toolkit.kpis.calls import contacts, outbound
from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import Facts, Rule
from toolkit.kpis.quality import evaluations

PER_THOUSAND = 1000
NO_RULES = "call rules in the profile ([[call_rules]])"
COLUMNS = ("agent_id", "day", "numerator", "denominator")
SCHEMA = {"agent_id": pl.String, "day": pl.Date, "numerator": pl.Int64, "denominator": pl.Int64}
CHANNELS: tuple[Channel, ...] = ("call", "message", "visit")


def call_rule_breaches(data: Data) -> Facts:
    """Breaches of the call rules by calls, per 1,000 calls made, on the call's day where the customer lives.

    A call that breaks two rules is two breaches. Calls that a rule leaves out (received, consented) can't break it, and
    rules for which the data lack something are not judged. `MissingError` where the profile keeps no rules, or where
    none of them can be judged.
    """
    data.need("calls", "call_id", "agent_id", "started_at")
    broken = data.shared("call rules broken by calls", lambda: _broken(data, ("call",)))
    made = outbound(data).filter(nw.col("day") <= data.as_of)
    return Facts(
        nw.from_native(pl.concat([broken, _counted(made, nw.lit(1, nw.Int64))])), denominator_parts=PER_THOUSAND
    )


def process_breaches(data: Data) -> Facts:
    """Evaluated calls that failed at once, and breaches of the call rules by calls, messages and visits, per 1,000
    contacts by telephone. Evaluations that are disputed are not counted until they are resolved.
    """
    heard = evaluations(data).filter(pl.col("standing").is_in(["counts", APART]) & pl.col("auto_failed"))
    failed = heard.group_by("agent_id", "day").agg(numerator=pl.len().cast(pl.Int64))
    failed = failed.with_columns(denominator=pl.lit(0, pl.Int64)).select(COLUMNS)
    reached = contacts(data)
    rows = reached.counted.filter(nw.col("day") <= data.as_of)
    broken = data.shared("call rules broken", lambda: _broken(data, CHANNELS))
    return Facts(
        nw.from_native(pl.concat([broken, failed.cast(SCHEMA), _counted(rows, nw.col("numerator"))])),  # type: ignore[arg-type]
        denominator_parts=PER_THOUSAND,
    )


def _counted(rows: nw.DataFrame[pl.DataFrame], of: nw.Expr) -> pl.DataFrame:
    """The base by agent and day, in memory: one row of each."""
    summed = rows.select("agent_id", "day", denominator=of).group_by("agent_id", "day").agg(nw.col("denominator").sum())
    base = eager(summed).to_polars().with_columns(numerator=pl.lit(0, pl.Int64))
    return base.select(COLUMNS).cast(SCHEMA)  # type: ignore[arg-type]


def _broken(data: Data, channels: tuple[Channel, ...]) -> pl.DataFrame:
    """Breaches by agent and day, all rules together."""
    if not data.call_rules:
        raise MissingError((NO_RULES,))
    found = list(_judged(data, channels))
    if not any(one.counted is not None for one in found):
        raise MissingError(tuple(dict.fromkeys(name for one in found for name in one.not_known)) or (NO_RULES,))
    parts = [_of_day(one, channels) for one in found if one.counted is not None]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *parts])


def _judged(data: Data, channels: tuple[Channel, ...]) -> Iterator[Judged]:
    source = Contacts(data.tables, data.timezone, data.country, data.as_of)
    for held in held_rules(data.call_rules):
        if set(held.rule.channels) & set(channels):
            yield from judged(source, held)


def _of_day(one: Judged, channels: tuple[Channel, ...]) -> pl.DataFrame:
    rows = one.breaches
    assert rows is not None  # noqa: S101  # asked above
    mine = rows.filter(nw.col("channel").is_in(list(channels))).select("agent_id", "day", numerator=nw.lit(1, nw.Int64))
    summed = eager(mine.group_by("agent_id", "day").agg(nw.col("numerator").sum())).to_polars()
    day = pl.lit(EPOCH) + pl.duration(seconds=pl.col("day") * DAY)
    return summed.with_columns(day=day.dt.date(), denominator=pl.lit(0, pl.Int64)).select(COLUMNS).cast(SCHEMA)  # type: ignore[arg-type]


CONDUCT: dict[str, Rule] = {"call_rule_breaches": call_rule_breaches, "process_breaches": process_breaches}
