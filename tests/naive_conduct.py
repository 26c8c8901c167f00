"""The call rules once more, in plain Python over sorted lists: slow, and in another way than the toolkit's own."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Contact:
    """One call as its row says."""

    name: str
    account: str | None
    number: str | None
    at: datetime
    inbound: bool
    answered: bool
    right_party: bool
    disposition: str

    @property
    def who(self) -> str | None:
        return self.account or self.number

    @property
    def conversation(self) -> bool:
        return self.right_party and self.answered


@dataclass(frozen=True)
class Consent:
    """The customer of an account consented at a time."""

    account: str
    at: datetime


def consented(call: Contact, consents: list[Consent], days: int) -> bool:
    return any(
        of.account == call.account and of.at <= call.at and (call.at.date() - of.at.date()).days < days
        for of in consents
    )


def over_cap(
    calls: list[Contact], consents: list[Consent], most: int, days: int, not_counted: list[str], consent_days: int
) -> set[str]:
    counted = [
        call
        for call in sorted(calls, key=lambda call: (call.at, call.name))
        if not call.inbound
        and call.disposition not in not_counted
        and call.who is not None
        and not (consent_days and consented(call, consents, consent_days))
    ]
    found = set()
    for place, call in enumerate(counted):
        first = call.at.date() - timedelta(days=days - 1)
        seen = [one for one in counted[: place + 1] if one.who == call.who and one.at.date() >= first]
        if len(seen) > most:
            found.add(call.name)
    return found


def too_soon(
    calls: list[Contact], consents: list[Consent], days: int, not_counted: list[str], consent_days: int
) -> set[str]:
    ordered = sorted(calls, key=lambda call: (call.at, call.name))
    found = set()
    for place, call in enumerate(ordered):
        if call.inbound or call.disposition in not_counted or call.who is None:
            continue
        if consent_days and consented(call, consents, consent_days):
            continue
        talks = [one for one in ordered[:place] if one.who == call.who and one.conversation]
        if talks and (call.at.date() - talks[-1].at.date()).days < days:
            found.add(call.name)
    return found


def too_near(calls: list[Contact], minutes: int, most: int) -> set[str]:
    counted = [
        call
        for call in sorted(calls, key=lambda call: (call.at, call.name))
        if not call.inbound and not call.answered and call.who is not None
    ]
    found = set()
    for place, call in enumerate(counted):
        near = [one for one in counted[:place] if one.who == call.who and call.at - one.at < timedelta(minutes=minutes)]
        if len(near) >= most:
            found.add(call.name)
    return found


def outside_hours(calls: list[Contact], opens: int, closes: int, closed_weekday: int) -> set[str]:
    return {
        call.name
        for call in calls
        if not call.inbound and (call.at.weekday() == closed_weekday or not opens <= call.at.hour < closes)
    }
