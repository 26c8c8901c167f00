"""The pace of a day, hour by hour: what each agent has done so far, beside the part of the day's target due by then.

By the end of an hour the target due is the day's target times the minutes of the shift that have passed, over those of
the whole shift. The day's target has leave and minutes off the phone taken out already (`Goals`); nobody knows when in
the shift those minutes lie, so they are spread over it evenly. A call across the hour belongs to the hour in which it
began.
"""

from toolkit.pace.hours import PACED, AgentHour, Pace, is_judged, pace_of
from toolkit.pace.moments import EVENTS, day_of, local, moment_of, until
from toolkit.pace.shifts import Shift, shift_of

__all__ = [
    "EVENTS",
    "PACED",
    "AgentHour",
    "Pace",
    "Shift",
    "day_of",
    "is_judged",
    "local",
    "moment_of",
    "pace_of",
    "shift_of",
    "until",
]
