"""Rules, breaches and reasons in words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from toolkit.call_rules import DAYS, HOLIDAY, Cap, Gap, Hours, Quiet, Rule
from toolkit.conduct import Held
from toolkit.conduct.clocks import DAY, MINUTE, day_of
from toolkit.conduct.judging import JUDGED
from toolkit.look import day_words, period_words
from toolkit.periods import public_holidays
from toolkit.problems import said

if TYPE_CHECKING:
    from toolkit.conduct_reports.files.shown import About, Tables

WEEKDAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip


MOST_LOOKS = 2


def subtitle(about: "About") -> str:
    """Whose conduct, the period, and the day the data stand at while the period goes on."""
    parts = [about.title, period_words(about.period)]
    if about.provisional:
        parts.append(said("CONDUCT_PROVISIONAL", day=day_words(about.as_of)))
    return " · ".join(parts)


def look_at(tables: "Tables", agent_id: str | None) -> str:
    """The rules that most of an agent's breaches are of."""
    mine = tables.standing.filter(pl.col("agent_id").eq_missing(agent_id))
    if mine.is_empty():
        return said("CONDUCT_NO_LOOK")
    often = mine.group_by("title", maintain_order=True).len().sort("len", descending=True, maintain_order=True)
    rows = often.head(MOST_LOOKS).iter_rows()
    return "; ".join(said("CONDUCT_LOOK_AT", rule=title, count=count) for title, count in rows)


def reason_words(reason: str) -> str:
    """Why a contact is not judged."""
    return said("CONDUCT_WHY_JUDGED" if reason == JUDGED else f"CONDUCT_WHY_{reason.upper()}")


def standing_words(held: Held) -> str:
    """Whether the rule is law or the company's own, and whence."""
    source = held.rule.source or held.version.source
    return said("CONDUCT_LAW" if held.version.law else "CONDUCT_POLICY", source=source)


def permitted_words(rule: Rule) -> str:
    """What the rule permits."""
    if isinstance(rule, Hours):
        return said("CONDUCT_MAY_HOURS", hours="; ".join(f"{days} {text}" for days, text in (rule.hours or {}).items()))
    if isinstance(rule, Cap):
        code = "CONDUCT_MAY_CAP_DAY" if rule.days == 1 else "CONDUCT_MAY_CAP"
        return said(code, most=rule.most, days=rule.days, per=_per(rule.per))
    if isinstance(rule, Gap):
        code = "CONDUCT_MAY_GAP_UNANSWERED" if rule.unanswered else "CONDUCT_MAY_GAP"
        return said(code, most=rule.most, minutes=rule.minutes, per=_per(rule.per))
    if isinstance(rule, Quiet):
        return said("CONDUCT_MAY_QUIET", days=rule.days, per=_per(rule.per))
    return said(f"CONDUCT_MAY_{rule.kind.upper()}", lists=", ".join(getattr(rule, "lists", ())))


def _per(per: str) -> str:
    return said(f"CONDUCT_PER_{per.upper()}")


def permitted_here(rule: Rule, breach: Mapping[str, Any], country: str) -> str:
    """What would have been permitted: of hours, those of the day."""
    if not isinstance(rule, Hours):
        return permitted_words(rule)
    day = day_of(breach["day"])
    is_holiday = _is_holiday(rule, breach, country)
    name = HOLIDAY if is_holiday else DAYS[day.weekday()]
    spans = rule.spans()[name]
    hours = ", ".join(f"{_clock(start)[:5]}–{_clock(end)[:5]}" for start, end in spans) or "closed"
    return f"{HOLIDAY if is_holiday else WEEKDAYS[name]} {hours}"


def _is_holiday(rule: Hours, breach: Mapping[str, Any], country: str) -> bool:
    day = day_of(breach["day"])
    return HOLIDAY in rule.spans() and day in public_holidays(country, day.year)


def seen_words(rule: Rule, breach: Mapping[str, Any], country: str) -> str:
    """What was seen of a breach."""
    day = day_of(breach["day"])
    if isinstance(rule, Hours):
        code = "CONDUCT_SEEN_HOLIDAY" if _is_holiday(rule, breach, country) else "CONDUCT_SEEN_HOURS"
        return said(code, weekday=WEEKDAYS[DAYS[day.weekday()]], time=_clock(breach["local"] % DAY))
    if isinstance(rule, Cap):
        code = "CONDUCT_SEEN_CAP_DAY" if rule.days == 1 else "CONDUCT_SEEN_CAP"
        return said(code, counted=breach["counted"], days=rule.days)
    if isinstance(rule, Gap):
        return said("CONDUCT_SEEN_GAP", gap=_stretch(breach["sec"] - breach["before"]))
    if isinstance(rule, Quiet):
        return said(
            "CONDUCT_SEEN_QUIET", day=breach["day"] - breach["before"] + 1, since=day_words(day_of(breach["before"]))
        )
    return said(f"CONDUCT_SEEN_{rule.kind.upper()}", listed=breach["listed"])


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // MINUTE % 60:02d}:{second % MINUTE:02d}"


def _stretch(seconds: int) -> str:
    minutes, rest = divmod(seconds, MINUTE)
    parts = [f"{minutes} min" if minutes else "", f"{rest} s" if rest or not minutes else ""]
    return " ".join(part for part in parts if part)
