"""The team's day at a glance: who works, who is away with what left to do, targets, promises due, accounts untouched.

Each list is None where the data lack the tables that it needs, and the problems say which; what is bad comes first.
"""

from toolkit.today.day import today_of
from toolkit.today.lists import Away, DayTarget, PromiseDue, Today, Untouched, Working

__all__ = ["Away", "DayTarget", "PromiseDue", "Today", "Untouched", "Working", "today_of"]
