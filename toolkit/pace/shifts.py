"""Who works when on a day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from toolkit.score_targets import Goals

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Shift:
    """When somebody works on a day, in local time; `absent` is the roster's word for why not, "" for who is here."""

    begins: datetime
    ends: datetime
    absent: str = ""
    rostered: bool = False

    def passed(self, moment: datetime) -> Fraction:
        """The share of the shift that has passed by then, from 0 to 1; 0 of one of less than a minute."""
        gone = min(max(moment, self.begins), self.ends) - self.begins
        whole = (self.ends - self.begins) // MINUTE
        return Fraction(gone // MINUTE, whole) if whole else Fraction(0)

    @property
    def hours(self) -> range:
        """The hours of its first day that it touches."""
        last = min(self.ends, datetime.combine(self.begins.date(), time.max)) - timedelta(microseconds=1)
        return range(self.begins.hour, last.hour + 1)


def shift_of(goals: Goals, agent_id: str, day: date) -> Shift | None:
    """The agent's shift by the roster, or the standard day where there is none; None on a day off.

    A shift over midnight counts on its first day, and only what falls on that day can be seen there.
    """
    row = goals.days.roster.get((agent_id, day))
    if row is None:
        return _standard(goals, day) if goals.days.share(agent_id, day) else None
    start, end = row.get("scheduled_in"), row.get("scheduled_out")
    standard = _standard(goals, day)
    begins = start.replace(tzinfo=None) if start else standard.begins
    ends = end.replace(tzinfo=None) if end else standard.ends
    if ends <= begins:
        begins, ends = standard.begins, standard.ends
    return Shift(begins, ends, row.get("absence") or "", rostered=True)


def _standard(goals: Goals, day: date) -> Shift:
    definitions = goals.days.definitions
    begins = datetime.combine(day, time(definitions.standard_day_starts_at))
    return Shift(begins, begins + definitions.standard_day_minutes * MINUTE)
