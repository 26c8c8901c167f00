"""The hourly update and the team's day in words, short enough for a chat; what is bad comes first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil

from toolkit.kpi_codes import kpi_codes
from toolkit.money import from_minor
from toolkit.pace import AgentHour, Pace, day_of
from toolkit.problems import said
from toolkit.profiles import Profile
from toolkit.terminal import harmless
from toolkit.today import Away, DayTarget, PromiseDue, Today, Untouched

MOST, LONGEST = 10, 40
SUMS = (
    ("attempts", "attempts"),
    ("connects", "connects"),
    ("right_party", "right-party"),
    ("promises", "promises"),
    ("promised", "promised"),
    ("paid", "paid"),
    ("talk_minutes", "minutes talked"),
)
MONEY = ("promised", "paid")


def clock_of(at: datetime) -> str:
    """15:00; midnight, which ends the day, as 24:00."""
    return "24:00" if day_of(at) != at.date() else f"{at:%H:%M}"


def hourly_text(pace: Pace, profile: Profile) -> str:
    """Who is behind and by how much, who is on pace, and what the team has done so far."""
    return "\n".join([*_hourly_lines(pace, profile), ""])


def _hourly_lines(pace: Pace, profile: Profile) -> Iterator[str]:
    title = kpi_codes()[pace.kpi].title
    yield said("HOURLY_TITLE", day=pace.day, clock=clock_of(pace.at), title=title)
    behind, judged = pace.behind, [hour for hour in pace.standing if hour.pace is not None]
    if behind:
        yield said("HOURLY_BEHIND", count=len(behind))
        yield from (_agent_line(hour, pace, profile) for hour in behind)
    elif judged:
        yield said("HOURLY_NOBODY")
    if not judged:
        yield said("HOURLY_NO_PACE", title=title)
    low = [hour for hour in judged if hour.is_low and not hour.behind]
    if low:
        yield said("HOURLY_LOW", names=", ".join(f"{_name(hour.agent.name)} {_share(hour.pace)}" for hour in low))
    if judged:
        yield said("HOURLY_FINE", count=sum(not hour.is_low for hour in judged))
    if pace.absent:
        yield said("HOURLY_ABSENT", names=", ".join(f"{_name(post.name)} ({why})" for post, why in pace.absent))
    yield said("HOURLY_SUMS", sums=_sums(pace, profile))
    running = [hour.hour for hour in pace.hours if not hour.over]
    if running:
        yield said("HOURLY_RUNNING", clock=f"{running[0]:02d}:00")


def _agent_line(hour: AgentHour, pace: Pace, profile: Profile) -> str:
    due, short = hour.due or Fraction(0), hour.short
    return said(
        "HOURLY_AGENT",
        name=_name(hour.agent.name),
        so_far=figure(hour.so_far, pace.kpi, profile),
        due=figure(due, pace.kpi, profile),
        share=_share(hour.pace),
        short=figure(short, pace.kpi, profile),
        clock=f"{hour.hour + 1:02d}:00",
        target=figure(hour.target, pace.kpi, profile),
    )


def _sums(pace: Pace, profile: Profile) -> str:
    parts = []
    for name, words in SUMS:
        known = [hour.counts[name] for hour in pace.hours]
        if any(value is not None for value in known):
            total = sum((value for value in known if value is not None), Fraction(0))
            parts.append(f"{_amount(int(total), profile) if name in MONEY else f'{round(total):,}'} {words}")
    return ", ".join(parts) or "–"


def figure(value: Fraction | None, kpi: str, profile: Profile) -> str:
    """A KPI's value as people write it: 93.4 %, 12, 1,250.00 KES; of what is due, parts count as a whole."""
    if value is None:
        return "–"
    unit = kpi_codes()[kpi].unit
    if unit == "percent":
        return f"{float(value * 100):.1f} %"
    if unit == "money":
        return _amount(int(value * 10**profile.digits), profile)
    return f"{ceil(value):,}" if unit == "count" else f"{float(value):,.1f}"


def _amount(minor: int, profile: Profile) -> str:
    return f"{from_minor(minor, profile.digits):,.{profile.digits}f} {profile.currency}"


def _share(value: Fraction | None) -> str:
    """Cut, never rounded up: 89.96 % is not 90 %."""
    return "–" if value is None else f"{int(value * 100)} %"


def _name(name: str) -> str:
    return harmless(name, LONGEST)


def today_text(today: Today, profile: Profile) -> str:
    """The first of each list."""
    return "\n".join([*_today_lines(today, profile), ""])


def _today_lines(today: Today, profile: Profile) -> Iterator[str]:
    yield said("TODAY_TITLE", day=today.day, clock=clock_of(today.at))
    if today.away is not None:
        yield said("TODAY_HEAD_AWAY", count=len(today.away))
        yield from _some([_away_line(one) for one in today.away])
    low = [one for one in today.targets if one.light == "bad"]
    yield said("TODAY_HEAD_BEHIND", count=len(low))
    yield from _some([_target_line(one, profile) for one in low])
    if today.due is not None:
        still = sum(one.open for one in today.due)
        yield said("TODAY_HEAD_DUE", count=len(today.due), open=_amount(still, profile))
        yield from _some([_promise_line(one, profile) for one in today.due if one.open])
    if today.untouched is not None:
        days = profile.definitions.coverage_days
        yield said("TODAY_HEAD_UNTOUCHED", count=len(today.untouched), days=days)
        yield from _some([_account_line(one, profile) for one in today.untouched])
    yield said("TODAY_HEAD_WORKING", count=len(today.working))
    yield from (f"◆ {found.message}" for found in today.problems)


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:MOST]
    if len(lines) > MOST:
        yield said("TODAY_MORE", count=len(lines) - MOST)


def _away_line(one: Away) -> str:
    leads = said("TODAY_AWAY_LEADS", count=len(one.leads)) if one.leads else ""
    return said("TODAY_AWAY", name=_name(one.agent.name), why=one.why, leads=leads)


def _target_line(one: DayTarget, profile: Profile) -> str:
    shown = {
        name: figure(value, one.kpi, profile)
        for name, value in (("value", one.value), ("to_date", one.to_date), ("target", one.target))
    }
    return said("TODAY_BEHIND", name=_name(one.agent.name), title=kpi_codes()[one.kpi].title, **shown)


def _promise_line(one: PromiseDue, profile: Profile) -> str:
    away = "" if one.here else said("TODAY_PROMISE_AWAY")
    amounts = {"open": _amount(one.open, profile), "amount": _amount(one.amount, profile)}
    account, name = harmless(one.account_id, LONGEST), _name(one.name)
    return said("TODAY_PROMISE", account=account, name=name, made_on=one.made_on, away=away, **amounts)


def _account_line(one: Untouched, profile: Profile) -> str:
    owners = f", {', '.join(map(_name, one.owners))}" if one.owners else ""
    account, balance = harmless(one.account_id, LONGEST), _amount(one.balance, profile)
    return said("TODAY_ACCOUNT", account=account, late=one.days_past_due, balance=balance, owners=owners)
