"""The tables of conduct: breaches in words, sums by agent and by rule with their intervals, and what was left out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from toolkit.conduct import RULE, Conduct, Held
from toolkit.conduct.clocks import EPOCH, day_of
from toolkit.conduct.contacts import AT
from toolkit.conduct.judging import INBOUND, JUDGED, LATER, NO_TIME, NOT_KNOWN
from toolkit.conduct_reports.files.words import (
    permitted_here,
    permitted_words,
    reason_words,
    seen_words,
    standing_words,
)
from toolkit.fairness import wilson
from toolkit.periods import Period
from toolkit.teams import Teams

ALL_RULES = "all"
COUNTED = ("rows", "judged", "not_judged", "breaches", "contacts_with_breach")
SUMS = (*COUNTED, "per_1000", "low", "high")
NOT_MADE = [INBOUND, NO_TIME, LATER]
PER_THOUSAND = 1000
NUMBERS = {channel: key for channel, (_, key, _) in AT.items()}
"""call_id, message_id or visit_id, by the channel."""
BREACH_TYPES: dict[str, Any] = {
    **dict.fromkeys((*RULE, "title", "agent_id", "agent", "team", "account_id", "customer_id"), pl.String),
    **dict.fromkeys(("channel", *NUMBERS.values()), pl.String),
    "at": pl.String, "seen": pl.String, "permitted": pl.String, "counted": pl.Int64, "counted_with": pl.String,
    "exempt": pl.String, "source_file": pl.String, "source_row": pl.Int64,
}  # fmt: skip


def real(found: Conduct) -> pl.DataFrame:
    """The breaches that are breaches."""
    return found.breaches.filter(pl.col("exempt") == "")


def breach_table(found: Conduct, teams: Teams, country: str) -> pl.DataFrame:
    """One row a breach in words, in order of time within each rule; `exempt` says why one is none after all."""
    rules: dict[tuple[str, ...], Held] = {_key(held): held for held in found.held}
    rows = [_breach(row, rules, teams, country) for row in found.breaches.iter_rows(named=True)]
    return pl.DataFrame([{**dict.fromkeys(NUMBERS.values()), **row} for row in rows], schema=BREACH_TYPES, orient="row")


def _breach(row: dict[str, Any], rules: Mapping[tuple[str, ...], Held], teams: Teams, country: str) -> dict[str, Any]:
    rule = rules[tuple(row[name] for name in RULE)].rule
    post = teams.latest(row["agent_id"] or "", day_of(row["day"]))
    names = ("agent_id", "account_id", "customer_id", "channel", "counted", "source_file", "source_row")
    return {
        **{name: row[name] for name in (*RULE, *names)},
        NUMBERS[row["channel"]]: row["event_id"],
        "title": rule.title,
        "agent": post.name if post else "",
        "team": post.team if post else "",
        "at": at_words(row["local"]),
        "seen": seen_words(rule, row, country),
        "permitted": permitted_here(rule, row, country),
        "counted_with": "; ".join(row["counted_with"] or ()),
        "exempt": reason_words(row["exempt"]) if row["exempt"] else "",
    }


def at_words(local: int) -> str:
    """2026-10-05 20:00:00 by the customer's clock."""
    at: datetime = EPOCH + timedelta(seconds=local)
    return f"{at:%Y-%m-%d %H:%M:%S}"


def by_rule(found: Conduct) -> pl.DataFrame:
    """One row a rule and version: rows of the period, judged, not judged, breaches, and per 1,000 judged."""
    sums = _sums(found, list(RULE))
    about = pl.DataFrame([_about(held) for held in found.held], schema=_ABOUT, orient="row")
    return _rates(about.join(sums, on=list(RULE), how="left", maintain_order="left").with_columns(_filled()))


_ABOUT = dict.fromkeys((*RULE, "title", "kind", "standing", "permitted", "in_force_from", "in_force_to"), pl.String)


def _about(held: Held) -> tuple[str, ...]:
    version, rule = held.version, held.rule
    last = "" if version.last.year == 9999 else version.last.isoformat()
    return (*_key(held), rule.title, rule.kind, standing_words(held), permitted_words(rule), version.label, last)


def _key(held: Held) -> tuple[str, str, str]:
    return held.version.name, held.version.label, held.rule.code


def by_agent(found: Conduct, teams: Teams, period: Period) -> pl.DataFrame:
    """One row an agent and rule, versions together, and one for all rules, in which a contact is one however many rules
    it was held against: there `judged` are contacts made, and the interval is of contacts with a breach. Nobody's
    contacts stand last, without an agent_id.
    """
    each = _sums(found, ["agent_id", "rule_set", "rule"])
    rows = pl.concat([_together(found).select(each.columns), each])
    named = _named(rows["agent_id"].unique().to_list(), teams, period)
    told = rows.join(named, on="agent_id", how="left", nulls_equal=True)
    first = (pl.col("rule") == ALL_RULES).not_()
    ordered = told.sort(pl.col("agent_id").is_null(), "agent_id", first, "rule_set", "rule")
    return _rates(ordered).select("agent_id", "agent", "team", "rule_set", "rule", *SUMS)


def _together(found: Conduct) -> pl.DataFrame:
    """All rules together: contacts, those made, breaches and contacts with one. Every rule sees the same contacts."""
    made = pl.col("left_out").is_in(NOT_MADE).not_() & (pl.col("left_out") != NOT_KNOWN)
    each = found.counts.group_by("agent_id", *RULE, "channel").agg(
        pl.col("rows").sum(), judged=pl.col("rows").filter(made).sum()
    )
    channel = each.group_by("agent_id", "channel").agg(pl.col("rows", "judged").max())
    sums = channel.group_by("agent_id").agg(pl.col("rows", "judged").sum())
    sums = sums.with_columns(not_judged=pl.col("rows") - pl.col("judged"))
    return _with_breaches(sums, found, ["agent_id"]).with_columns(rule_set=pl.lit(""), rule=pl.lit(ALL_RULES))


def _named(agents: Sequence[str | None], teams: Teams, period: Period) -> pl.DataFrame:
    posts = [(agent, teams.last_in(agent or "", period) or teams.latest(agent or "", period.last)) for agent in agents]
    rows = [(agent, post.name if post else "", post.team if post else "") for agent, post in posts]
    return pl.DataFrame(rows, schema=dict.fromkeys(("agent_id", "agent", "team"), pl.String), orient="row")


def exempt_table(found: Conduct) -> pl.DataFrame:
    """What was judged and what was not, and why, by rule and channel: the rows of each rule add up."""
    sums = (
        found.counts.group_by(*RULE, "channel", "left_out").agg(pl.col("rows").sum()).sort(*RULE, "channel", "left_out")
    )
    return sums.with_columns(
        judged=pl.col("left_out") == JUDGED,
        reason=pl.col("left_out").map_elements(reason_words, return_dtype=pl.String, skip_nulls=False),
    ).select(*RULE, "channel", "judged", "reason", "rows")


def _sums(found: Conduct, by: list[str]) -> pl.DataFrame:
    judged = pl.col("left_out") == JUDGED
    sums = found.counts.group_by(by).agg(
        pl.col("rows").sum(),
        judged=pl.col("rows").filter(judged).sum(),
        not_judged=pl.col("rows").filter(~judged).sum(),
    )
    return _with_breaches(sums, found, by)


def _with_breaches(sums: pl.DataFrame, found: Conduct, by: list[str]) -> pl.DataFrame:
    broken = pl.struct("channel", "event_id").n_unique().cast(pl.Int64)
    breaches = real(found).group_by(by).agg(breaches=pl.len().cast(pl.Int64), contacts_with_breach=broken)
    joined = sums.join(breaches, on=by, how="left", nulls_equal=True)
    return joined.with_columns(pl.col("breaches", "contacts_with_breach").fill_null(0))


def _filled() -> list[pl.Expr]:
    return [pl.col(name).fill_null(0) for name in COUNTED]


def _rates(sums: pl.DataFrame) -> pl.DataFrame:
    """Breaches per 1,000 contacts judged, and where the rate of contacts with one probably lies (Wilson, 95 %)."""
    low, high = wilson(sums["contacts_with_breach"].to_list(), sums["judged"].to_list())
    has_base = pl.col("judged") > 0
    rate = pl.when(has_base).then(pl.col("breaches") * PER_THOUSAND / pl.col("judged"))
    ends = [pl.Series("low", low * PER_THOUSAND), pl.Series("high", high * PER_THOUSAND)]
    return sums.with_columns(*ends).with_columns(pl.col("low", "high").fill_nan(None), per_1000=rate)
