"""Who holds which role on which day, asked of all agents at once."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from toolkit.samples.accounts import day_number
from toolkit.samples.chance import Flags, Numbers
from toolkit.samples.people import Person

ALWAYS, FOREVER = -1_000_000, 1_000_000


class Roster:
    """The posts of all agents as arrays. Agents are known by their numbers, days by day numbers."""

    def __init__(self, people: Sequence[Person]) -> None:
        posts = [(person, post) for person in people for post in person.posts]
        self.agents = len(people)
        self.began = np.array([day_number(person.started_on) for person in people])
        self._agent = np.array([post.number for _, post in posts])
        self._branch = np.array([post.branch for _, post in posts])
        self._role = np.array([post.role for _, post in posts], dtype=object)
        self._first = np.array([_first_day(person, post.valid_from) for person, post in posts])
        self._last = np.array([_last_day(person, post.valid_to) for person, post in posts])

    def here(self, day: int) -> Flags:
        """For each agent, whether he works on that day."""
        return self._flags((self._first <= day) & (day <= self._last))

    def holding(self, roles: Sequence[str], day: int) -> Flags:
        """For each agent, whether he holds one of the roles on that day."""
        return self._flags(self._held(roles, day))

    def by_branch(self, roles: Sequence[str], day: int) -> dict[int, Numbers]:
        """Numbers of the agents who hold one of the roles on that day, by branch."""
        held = self._held(roles, day)
        branches, agents = self._branch[held], self._agent[held]
        return {int(branch): np.sort(agents[branches == branch]) for branch in np.unique(branches)}

    def changes(self) -> set[int]:
        """The days on which a post begins, or the day after one ends, so that accounts change hands."""
        return {int(day) for day in self._first} | {int(day) + 1 for day in self._last}

    def _held(self, roles: Sequence[str], day: int) -> Flags:
        held: Flags = (self._first <= day) & (day <= self._last) & np.isin(self._role, list(roles))
        return held

    def _flags(self, held: Flags) -> Flags:
        flags = np.zeros(self.agents, dtype=np.bool_)
        flags[self._agent[held]] = True
        return flags


def _first_day(person: Person, valid_from: date | None) -> int:
    return max(day_number(person.started_on), day_number(valid_from) if valid_from else ALWAYS)


def _last_day(person: Person, valid_to: date | None) -> int:
    ends = [day_number(day) for day in (person.left_on, valid_to) if day]
    return min(ends, default=FOREVER)
