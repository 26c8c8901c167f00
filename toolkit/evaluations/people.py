"""Whether two names mean one person: an evaluator is written by name or by number, in any capitals."""

from datetime import date

from toolkit.teams import Teams


class People:
    """The agents table, asked whether two texts name one person."""

    def __init__(self, teams: Teams | None = None) -> None:
        self._teams = teams
        self._numbers = {agent_id.casefold(): agent_id for agent_id in teams.posts} if teams else {}
        self._known: dict[str, frozenset[str]] = {}

    def names(self, text: str) -> frozenset[str]:
        """The text, and the names of the agent whose number it is."""
        if text not in self._known:
            tidy = " ".join(text.split()).casefold()
            number = self._numbers.get(tidy)
            posts = self._teams.posts[number] if self._teams and number else ()
            self._known[text] = frozenset({tidy, *(" ".join(post.name.split()).casefold() for post in posts)})
        return self._known[text]

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
