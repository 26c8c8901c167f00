"""Contacts held against the rules in force on their day: which count, which are left out and why, which break one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw

from toolkit.call_rule_files import EVER, Version
from toolkit.call_rules import Cap, Channel, Gap, Hours, Quiet, Rule, ThirdParty
from toolkit.conduct.breaking import IN_CHANNEL, KEY, ORDER, broken, is_windowed, with_key
from toolkit.conduct.clocks import DAY, NEVER, holiday_numbers, number_of
from toolkit.conduct.contacts import Contacts
from toolkit.conduct.permissions import EVENT
from toolkit.rows import Frame

JUDGED = ""
INBOUND, NO_TIME, LATER = "inbound", "no_time", "later"
NOT_COUNTED, OTHER_ENDING, ANSWERED = "not_counted", "other_ending", "answered"
PROFESSIONAL, CONSENT, CALL_BACK, NOBODY = "professional", "consent", "call_back", "nobody"
NOT_IN_FORCE, NOT_KNOWN = "not_in_force", "not_known"
REASONS = (
    INBOUND, NO_TIME, LATER, NOT_COUNTED, OTHER_ENDING, ANSWERED, PROFESSIONAL, CONSENT, CALL_BACK, NOBODY,
    NOT_IN_FORCE, NOT_KNOWN,
)  # fmt: skip
"""Why a contact is not judged, in the order in which they are looked for."""


@dataclass(frozen=True)
class Held:
    """One rule of one version, and the days, as numbers, on which it is in force."""

    version: Version
    rule: Rule

    @property
    def first(self) -> int:
        return number_of(self.version.first)

    @property
    def last(self) -> int:
        return number_of(self.version.last)


@dataclass(frozen=True)
class Judged:
    """One rule held against the contacts of some days.

    rows: the contacts of these days with `left_out`, why a contact is not judged ("" where it is). counted: those that
    count, of the days before too, with `breaks`, `before` and `in_days`; a breach is where `breaks` and `in_days` are
    true. not_known: columns that the data lack, so that nothing is judged.
    """

    held: Held
    channels: tuple[Channel, ...]
    rows: Frame
    counted: Frame | None
    not_known: tuple[str, ...] = ()

    @property
    def breaches(self) -> Frame | None:
        """The contacts of these days that break the rule."""
        return None if self.counted is None else self.counted.filter(nw.col("breaks") & nw.col("in_days"))


def held_rules(versions: Iterable[Version], names: Sequence[str] = ()) -> list[Held]:
    """Every rule of these versions, or of those files whose names are given."""
    return [Held(version, rule) for version in versions if not names or version.name in names for rule in version.rules]


def judged(contacts: Contacts, held: Held, first: date | None = None, last: date | None = None) -> Iterator[Judged]:
    """The rule held against the contacts of the days from `first` to `last`, or of all days; once for the channels it
    can be judged for, and once for those for which the data lack what it takes. Channels without a table are left out.
    """
    known = [channel for channel in held.rule.channels if contacts.known(channel)]
    lacking = {channel: not_known(contacts, held.rule, channel) for channel in known}
    able = tuple(channel for channel in known if not lacking[channel])
    days = _Days(contacts, held, first, last)
    if able:
        yield _judged(days, able)
    for channel in known:
        if lacking[channel]:
            rows = days.cut(contacts.of([channel], people=False)).with_columns(left_out=nw.lit(NOT_KNOWN))
            yield Judged(held, (channel,), days.inside(rows), None, lacking[channel])


def not_known(contacts: Contacts, rule: Rule, channel: Channel) -> tuple[str, ...]:
    """What the data would need for this rule and channel, and lack."""
    if rule.kind in ("listed", "consent"):
        return () if contacts.permissions else ("contact_permissions",)
    needs: dict[str, tuple[str, ...]] = {}
    if isinstance(rule, Quiet):
        needs = {"call": ("right_party",)} if "call" in rule.after else {}
    elif isinstance(rule, Gap) and rule.unanswered and channel == "call":
        needs = {} if contacts.has("calls", "disposition") else {"call": ("connected",)}
    elif isinstance(rule, ThirdParty):
        needs = {channel: ("third_party",)}
    elif isinstance(rule, Cap) and rule.only:
        needs = {"call": ("disposition",)} if channel == "call" else {}
    tables = {"call": "calls", "message": "messages", "visit": "visits"}
    wanted = [(tables[of], column) for of, columns in needs.items() for column in columns]
    return tuple(f"{table}.{column}" for table, column in wanted if not contacts.has(table, column))


@dataclass(frozen=True)
class _Days:
    """The days that are judged, and those before them that have to be known."""

    contacts: Contacts
    held: Held
    first: date | None
    last: date | None

    def cut(self, events: Frame) -> Frame:
        """The contacts of these days and of the days before that the rule looks back to; rows without a time too."""
        day = nw.col("day")
        if self.last is not None:
            events = events.filter(day.is_null() | (day <= number_of(self.last)))
        if self.first is not None:
            back = self.held.rule.window_days + self.held.rule.consent_days
            events = events.filter(day.is_null() | (day >= number_of(self.first) - back))
        return events

    def inside(self, events: Frame) -> Frame:
        """The contacts of the days that are judged, and rows without a time."""
        if self.first is None:
            return events
        return events.filter(nw.col("day").is_null() | (nw.col("day") >= number_of(self.first)))

    @property
    def in_days(self) -> nw.Expr:
        first = max(self.held.first, NEVER if self.first is None else number_of(self.first))
        return (nw.col("day") >= first) & (nw.col("day") <= self.held.last)

    @property
    def holidays(self) -> Sequence[int]:
        first, last = self.first or date(self.contacts.as_of.year - 10, 1, 1), self.last or self.contacts.as_of
        return holiday_numbers(self.contacts.country, first, last)


def _judged(days: _Days, channels: tuple[Channel, ...]) -> Judged:
    contacts, rule = days.contacts, days.held.rule
    people = getattr(rule, "per", "") == "person" or bool(contacts.permissions and _lists_of(rule))
    talks = tuple(of for of in rule.after if contacts.known(of)) if isinstance(rule, Quiet) else ()
    looked_at = tuple(dict.fromkeys([*channels, *talks]))
    events = with_key(days.cut(contacts.of(looked_at, people=people)), rule)
    order = ORDER if len(looked_at) > 1 else IN_CHANNEL
    marked = _with_call_backs(_with_lists(_with_talks(events, contacts, rule, order), contacts, rule), rule, order)
    rows = marked.with_columns(left_out=_left_out(marked, rule, contacts))
    counts = nw.col("left_out") == JUDGED
    if isinstance(rule, Quiet):  # conversations that do not count begin quiet days all the same
        counts = counts & nw.col("channel").is_in(list(channels))
        talked = nw.col("conversation") & ~nw.col("day").is_null() & ~nw.col(KEY).is_null()
        pool = rows.filter(counts | (talked & (nw.col("left_out") != LATER))).with_columns(counts=counts)
        rows = rows.filter(nw.col("channel").is_in(list(channels)))
    else:
        pool = rows.filter(counts)
    counted = broken(rule, pool, order, days.holidays if isinstance(rule, Hours) else ())
    counted = counted.with_columns(in_days=days.in_days)
    return Judged(days.held, channels, _in_force(days.inside(rows), days.held), counted)


def _in_force(rows: Frame, held: Held) -> Frame:
    """Contacts that count, but on whose day another version, or none, was in force, are not judged by this one."""
    if held.first <= number_of(date(1900, 1, 1)) and held.version.last == EVER:
        return rows
    outside = (nw.col("left_out") == JUDGED) & ((nw.col("day") < held.first) | (nw.col("day") > held.last))
    reason = nw.when(outside).then(nw.lit(NOT_IN_FORCE)).otherwise(nw.col("left_out"))
    return rows.with_columns(left_out=reason)


def _with_talks(events: Frame, contacts: Contacts, rule: Rule, order: Sequence[str]) -> Frame:
    """talked: the second of the last conversation on the telephone before, where that ends a consent."""
    if not (rule.until_conversation and rule.consent_days):
        return events
    known = ~nw.col("day").is_null() & (nw.col("day") <= number_of(contacts.as_of))
    talks = nw.col("conversation") & (nw.col("channel") == "call") & known
    never = nw.lit(NEVER * DAY, nw.Int64)
    rows = events.with_columns(_talk=nw.when(talks).then(nw.col("sec").fill_null(NEVER * DAY)).otherwise(never))
    rows = rows.with_columns(_talk=nw.col("_talk").cum_max().over(KEY, order_by=order))
    rows = rows.with_columns(talked=nw.col("_talk").shift(1).over(KEY, order_by=order))
    return rows.with_columns(talked=nw.col("talked").fill_null(NEVER * DAY).cast(nw.Int64)).drop("_talk")


def _with_lists(events: Frame, contacts: Contacts, rule: Rule) -> Frame:
    """on_list, professional and consented, each whether a row of contact_permissions holds for the contact."""
    permissions = contacts.permissions
    for name, (kinds, days) in _lists_of(rule).items() if permissions else ():
        ended = "talked" if rule.until_conversation and name == "consented" else ""
        # counted as 1: a missing truth is no truth to pandas
        found = permissions.found(events, kinds, days, ended).with_columns(nw.lit(1, nw.Int64).alias(name))  # type: ignore[union-attr]
        joined = events.join(found, on=EVENT, how="left")
        events = joined.with_columns((nw.col(name).fill_null(0) == 1).alias(name))
    return events


def _lists_of(rule: Rule) -> dict[str, tuple[tuple[str, ...], int]]:
    """What the rule looks up in contact_permissions: kinds, and for how many days they hold (0: as they say)."""
    wanted: dict[str, tuple[tuple[str, ...], int]] = {}
    if rule.kind == "listed":
        wanted["on_list"] = (rule.lists, 0)
    if rule.kind == "consent":
        wanted["on_list"] = (("consent",), 0)
    if rule.professionals:
        wanted["is_professional"] = (("professional",), 0)
    if rule.consent_days:
        wanted["consented"] = (("consent",), rule.consent_days)
    return wanted


def _with_call_backs(events: Frame, rule: Rule, order: Sequence[str]) -> Frame:
    """asked_on: the day of the last call before, in which the customer asked to be called back."""
    if not (rule.call_backs and rule.consent_days):
        return events
    asked = nw.col("conversation") & (nw.col("disposition") == "call_back").fill_null(False)
    rows = events.with_columns(
        _asked=nw.when(asked).then(nw.col("day").fill_null(NEVER)).otherwise(nw.lit(NEVER, nw.Int64)),
        _at=nw.when(asked).then(nw.col("sec").fill_null(NEVER * DAY)).otherwise(nw.lit(NEVER * DAY, nw.Int64)),
    )
    rows = rows.with_columns(nw.col("_asked", "_at").cum_max().over(KEY, order_by=order))
    rows = rows.with_columns(nw.col("_asked", "_at").shift(1).over(KEY, order_by=order))
    asked_on = nw.col("_asked").fill_null(NEVER).cast(nw.Int64)
    if rule.until_conversation:  # another conversation since then is the last one
        asked_on = nw.when(nw.col("_at") >= nw.col("talked")).then(asked_on).otherwise(nw.lit(NEVER, nw.Int64))
    return rows.with_columns(asked_on=asked_on).drop("_asked", "_at")


def _left_out(events: Frame, rule: Rule, contacts: Contacts) -> nw.Expr:
    """The first reason for which a contact is not judged; "" for none."""
    reason: Any = nw.lit(JUDGED)
    for name, applies in reversed(list(_tests(events.collect_schema().names(), rule, contacts))):
        reason = nw.when(applies.fill_null(False)).then(nw.lit(name)).otherwise(reason)
    found: nw.Expr = reason
    return found


def _tests(names: Sequence[str], rule: Rule, contacts: Contacts) -> Iterator[tuple[str, nw.Expr]]:
    ended = nw.col("disposition")
    yield INBOUND, nw.col("inbound")
    yield NO_TIME, nw.col("day").is_null()
    yield LATER, nw.col("day") > number_of(contacts.as_of)
    if rule.not_counted:
        yield NOT_COUNTED, ended.is_in(list(rule.not_counted))
    if isinstance(rule, Cap) and rule.only:
        yield OTHER_ENDING, ~ended.is_in(list(rule.only)).fill_null(False)
    if isinstance(rule, Gap) and rule.unanswered:
        yield ANSWERED, nw.col("answered").fill_null(True)
    if "is_professional" in names:
        yield PROFESSIONAL, nw.col("is_professional")
    if "consented" in names:
        yield CONSENT, nw.col("consented")
    if "asked_on" in names:
        yield CALL_BACK, nw.col("day") - nw.col("asked_on") < rule.consent_days
    if is_windowed(rule):
        yield NOBODY, nw.col(KEY).is_null()
