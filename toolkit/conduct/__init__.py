"""Every call, message and visit held against the rules of calling in force on its day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.call_rule_files import Version
from toolkit.conduct.clocks import day_of, number_of
from toolkit.conduct.contacts import AT, Contacts
from toolkit.conduct.evidence import SCHEMA, breaches_of, in_memory
from toolkit.conduct.judging import Held, Judged, held_rules, judged
from toolkit.periods import Period
from toolkit.problems import Problem, ToolkitError, problem

__all__ = ["Conduct", "Contacts", "Held", "Judged", "conduct", "held_rules", "judged"]

COUNTED = ["channel", "agent_id", "left_out"]
RULE = ("rule_set", "version", "rule")
COUNTS: dict[str, Any] = {**dict.fromkeys((*RULE, *COUNTED), pl.String), "rows": pl.Int64}


@dataclass(frozen=True)
class Conduct:
    """The contacts of a period held against the rules.

    held: the rules in force on some day of it. breaches: a row a breach, with rule_set, version, rule and what
    `toolkit.conduct.evidence` says of it; `exempt` names those that are none after all. counts: rows by rule, channel,
    agent_id (null: nobody's) and left_out (why not judged; "" where judged): each contact once for each rule.
    """

    held: tuple[Held, ...]
    breaches: pl.DataFrame
    counts: pl.DataFrame
    problems: tuple[Problem, ...]


def conduct(
    contacts: Contacts, versions: Sequence[Version], period: Period, on_rule: Callable[[Held], None] | None = None
) -> Conduct:
    """Holds the contacts of the period against the rules; those before it count where a rule looks back.

    on_rule: told of each rule when it is done. `ToolkitError` where the data have none of the contacts that the rules
    speak of, or where no rule has its figures.
    """
    held = [
        one
        for one in held_rules(versions)
        if one.first <= number_of(period.last) and one.last >= number_of(period.first)
    ]
    _refuse_nothing(contacts, versions, held)
    found, counts = [], []
    problems = list(_remarks(contacts, versions, held, period))
    for one in held:
        parts = list(judged(contacts, one, period.first, period.last))
        counts += [_named(_counted(part), one, COUNTS) for part in parts]
        found += [_named(breaches_of(part, contacts), one, BREACHES) for part in parts]
        problems += _not_known(one, parts)
        if on_rule:
            on_rule(one)
    breaches = _with_customers(_all(found, BREACHES), contacts)
    return Conduct(tuple(held), breaches, _all(counts, COUNTS), tuple(problems))


def _with_customers(breaches: pl.DataFrame, contacts: Contacts) -> pl.DataFrame:
    """The customers' own numbers, as far as the accounts have them."""
    if not contacts.has("accounts", "account_id", "customer_id"):
        return breaches.with_columns(customer_id=pl.lit(None, pl.String))
    accounts = in_memory(contacts.tables["accounts"].select("account_id", _customer=nw.col("customer_id")))
    joined = breaches.join(accounts, on="account_id", how="left", maintain_order="left")
    return joined.with_columns(customer_id=pl.col("_customer")).drop("_customer")


BREACHES: dict[str, Any] = {**dict.fromkeys(RULE, pl.String), **SCHEMA}


def _all(frames: Sequence[pl.DataFrame], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def _named(rows: pl.DataFrame, held: Held, schema: Mapping[str, Any]) -> pl.DataFrame:
    names = (held.version.name, held.version.label, held.rule.code)
    named = rows.with_columns(pl.lit(value).alias(name) for name, value in zip(RULE, names, strict=True))
    return named.select(pl.col(name).cast(kind) for name, kind in schema.items())


def _counted(part: Judged) -> pl.DataFrame:
    rows = part.rows.select(*COUNTED, _one=nw.lit(1, nw.Int64))
    return in_memory(rows.group_by(*COUNTED).agg(rows=nw.col("_one").sum())).sort(COUNTED)


def _refuse_nothing(contacts: Contacts, versions: Sequence[Version], held: Sequence[Held]) -> None:
    if not any(version.rules for version in versions):
        names = ", ".join(dict.fromkeys(version.name for version in versions))
        raise ToolkitError([problem("CONDUCT_NONE_FILLED_IN", value=names)])
    channels = {channel for one in held for channel in one.rule.channels}
    if held and not any(contacts.known(channel) for channel in channels):
        raise ToolkitError([problem("CONDUCT_NO_CONTACTS", value=", ".join(sorted(channels)))])


def _remarks(contacts: Contacts, versions: Sequence[Version], held: Sequence[Held], period: Period) -> list[Problem]:
    """What people have to know of the rules and of the data before they read a figure."""
    found = [problem("CONDUCT_EXAMPLE", value=version.name) for version in versions if version.example]
    for version in versions:
        for code, missing in version.unfilled:
            found.append(problem("CONDUCT_NOT_FILLED_IN", value=code, name=version.name, missing=missing))
    if not held:
        found.append(problem("CONDUCT_NOTHING_IN_FORCE", value=period.label))
    for zone in contacts.unknown_zones:
        of_it = in_memory(contacts.tables["accounts"].filter(nw.col("timezone") == zone).select("account_id")).height
        accounts = "1 account has" if of_it == 1 else f"{of_it} accounts have"
        found.append(problem("CONDUCT_ZONE_UNKNOWN", value=zone, accounts=accounts, zone=contacts.timezone))
    if contacts.of_two_zones:
        found.append(problem("CONDUCT_ZONE_TWO", value=contacts.of_two_zones))
    if contacts.permissions and (nameless := contacts.permissions.of_nobody()):
        found.append(problem("CONDUCT_PERMISSION_OF_NOBODY", value=nameless))
    if (
        any(one.rule.not_counted for one in held)
        and contacts.known("call")
        and not contacts.has("calls", "disposition")
    ):
        found.append(problem("CONDUCT_NO_DISPOSITION"))
    return [*found, *_without_history(contacts, held, period)]


def _without_history(contacts: Contacts, held: Sequence[Held], period: Period) -> list[Problem]:
    """Rules that look back beyond the first day of the data."""
    found = []
    for one in held:
        needed = number_of(period.first) - one.rule.window_days + 1
        known = [channel for channel in one.rule.channels if contacts.known(channel)]
        begins = [day for channel in known if (day := first_day(contacts, channel)) is not None]
        if needed < number_of(period.first) and begins and min(begins) > needed:
            first = day_of(min(begins))
            found.append(problem("CONDUCT_NO_HISTORY", value=first, rule=one.rule.code, day=day_of(needed)))
    return found


def first_day(contacts: Contacts, channel: str) -> int | None:
    """The number of the first day with a contact of this channel."""
    table, _, at = AT[channel]
    first = in_memory(contacts.tables[table].select(first=nw.col(at).min()))["first"].item()
    return None if first is None else number_of(first.date())


def _not_known(held: Held, parts: Sequence[Judged]) -> list[Problem]:
    lacking = [part for part in parts if part.not_known]
    if not lacking:
        return []
    missing = ", ".join(dict.fromkeys(name for part in lacking for name in part.not_known))
    channels = ", ".join(f"{channel}s" for part in lacking for channel in part.channels)
    name = held.version.name
    return [problem("CONDUCT_NOT_KNOWN", value=held.rule.code, name=name, channels=channels, missing=missing)]
