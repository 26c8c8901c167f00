"""Whether two names mean one person: an evaluator is written by name or by number, in any capitals."""

from collections.abc import Iterator
from datetime import date

from toolkit.teams import Teams


def _spaced(text: str) -> str:
    return " ".join(text.split()).casefold()


def _words(text: str) -> frozenset[str]:
    """Its words without the signs around them, in small letters."""
    return frozenset(word for part in text.casefold().split() if (word := part.strip(",;:()[]<>/|–")))


def _tidy(text: str) -> str:
    """A name whatever comes first in it: ``Njeri, Asha`` is ``Asha Njeri``."""
    return " ".join(sorted(word.strip(",") for word in text.casefold().split()))


class People:
    """The agents table, asked whether two texts name one person."""

    def __init__(self, teams: Teams | None = None) -> None:
        self._teams = teams
        self._numbers = {agent_id.casefold(): agent_id for agent_id in teams.posts} if teams else {}
        self._known: dict[str, frozenset[str]] = {}

    def names(self, text: str) -> frozenset[str]:
        """The text, and the names of the agent whose number it is."""
        if text not in self._known:
            self._known[text] = frozenset({_tidy(text), *self._of_number(text)})
        return self._known[text]

    def _of_number(self, text: str) -> Iterator[str]:
        """The names of the agent whose number the text is, or whose number and name it holds: ``Asha (A1)``."""
        words = _words(text)
        for number in {_spaced(text), *words} & set(self._numbers):
            for post in self._teams.posts[self._numbers[number]] if self._teams else ():
                if number == _spaced(text) or (_words(post.name) and _words(post.name) <= words):
                    yield _tidy(post.name)

    def same(self, one: str, other: str) -> bool:
        """Whether both are one person."""
        return bool(self.names(one) & self.names(other))

    def ever_leads(self, leader: str, agent_id: str) -> bool:
        """Whether somebody was the agent's team leader on some day."""
        posts = self._teams.posts.get(agent_id, ()) if self._teams else ()
        return any(post.team_leader_id and self.same(leader, post.team_leader_id) for post in posts)

    def leads(self, leader: str, agent_id: str, day: date) -> bool:
        """Whether somebody was the agent's team leader on the day."""
        post = self._teams.latest(agent_id, day) if self._teams else None
        return post is not None and bool(post.team_leader_id) and self.same(leader, post.team_leader_id)
