"""Who was in the team on which day: roles, leaders, joiners and leavers, promotions and moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import narwhals as nw

from toolkit.periods import Period
from toolkit.rows import Frame, frame_like

GroupKind = Literal["team", "branch", "role", "all"]
LONG_AGO, FAR_AHEAD = date(1900, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Post:
    """What an agent was from `first` to `last`, both included: one row of the agents table.

    `valid_first` and `valid_last` are the row's own dates, before starting and leaving cut them.
    """

    agent_id: str
    first: date
    last: date
    valid_first: date
    valid_last: date
    name: str
    role: str
    team: str
    branch: str
    region: str
    team_leader_id: str
    country: str
    payee_type: str
    details: Mapping[str, Any] = field(repr=False, compare=False)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def group(self, kind: GroupKind) -> str:
        """The team, branch or role it belongs to, "" where it has none; "" for the one group of all."""
        if kind == "team":
            return self.team
        return self.branch if kind == "branch" else self.role if kind == "role" else ""


TEXT_COLUMNS = ("name", "role", "team", "branch", "region", "team_leader_id", "country", "payee_type")


class Teams:
    """The agents table, asked by agent and day."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        by_agent: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            by_agent.setdefault(row["agent_id"], []).append(row)
        self.started_on: dict[str, date | None] = {}
        self.left_on: dict[str, date | None] = {}
        self.posts: dict[str, tuple[Post, ...]] = {}
        for agent_id in sorted(by_agent):
            dated = by_agent[agent_id]
            started = next((row["started_on"] for row in dated if row.get("started_on")), None)
            left = next((row["left_on"] for row in dated if row.get("left_on")), None)
            self.started_on[agent_id], self.left_on[agent_id] = started, left
            posts = [_post(row, started, left) for row in dated]
            self.posts[agent_id] = tuple(sorted(posts, key=lambda post: (post.first, post.last)))

    def __contains__(self, agent_id: str) -> bool:
        return agent_id in self.posts

    def on(self, agent_id: str, day: date) -> Post | None:
        """What the agent was on that day; None before the start, after leaving, or for a stranger."""
        held = [post for post in self.posts.get(agent_id, ()) if day in post]
        return held[-1] if held else None

    def held_in(self, agent_id: str, period: Period) -> list[Post]:
        """The agent's posts that touch the period, the last one at the end."""
        return [
            post for post in self.posts.get(agent_id, ()) if post.first <= period.last and post.last >= period.first
        ]

    def last_in(self, agent_id: str, period: Period) -> Post | None:
        """The agent's last post that touches the period."""
        held = self.held_in(agent_id, period)
        return held[-1] if held else None

    def groups(self, kind: GroupKind, agents: Iterable[str], period: Period) -> dict[str, list[str]]:
        """The teams, branches or roles of the period, each with whoever of these agents was in it on some day: who
        moves is in two of them. All together are one group, ""."""
        found: dict[str, list[str]] = {}
        for agent_id in agents:
            for name in dict.fromkeys(post.group(kind) for post in self.held_in(agent_id, period)):
                if name or kind == "all":
                    found.setdefault(name, []).append(agent_id)
        return dict(sorted(found.items()))

    def latest(self, agent_id: str, day: date) -> Post | None:
        """The post of that day, else the last one before it, else the first: for names and payment details."""
        posts = self.posts.get(agent_id, ())
        begun = [post for post in posts if post.first <= day]
        return self.on(agent_id, day) or (begun[-1] if begun else posts[0] if posts else None)

    def active(self, day: date) -> list[Post]:
        """Everybody's post of that day, by agent id."""
        return [post for agent_id in self.posts if (post := self.on(agent_id, day))]

    def frame(self, like: Frame, columns: Sequence[str], *, employed: bool = True) -> Frame:
        """The posts as rows (agent_id, post_first, post_last and `columns`) on the same engine as `like`.

        employed: only the days on which the agent worked here; else all days for which the row holds.
        """
        posts = [post for held in self.posts.values() for post in held]
        data: dict[str, list[Any]] = {
            "agent_id": [post.agent_id for post in posts],
            "post_first": [post.first if employed else post.valid_first for post in posts],
            "post_last": [post.last if employed else post.valid_last for post in posts],
        }
        schema: dict[str, Any] = {"agent_id": nw.String, "post_first": nw.Date, "post_last": nw.Date}
        for column in columns:
            data[column] = [getattr(post, column) for post in posts]
            schema[column] = nw.String
        return frame_like(like, data, schema)


def _post(row: Mapping[str, Any], started: date | None, left: date | None) -> Post:
    valid_first, valid_last = row.get("valid_from") or LONG_AGO, row.get("valid_to") or FAR_AHEAD
    return Post(
        agent_id=row["agent_id"],
        first=max(valid_first, started or LONG_AGO),
        last=min(valid_last, left or FAR_AHEAD),
        valid_first=valid_first,
        valid_last=valid_last,
        details=row,
        **{column: row.get(column) or "" for column in TEXT_COLUMNS},
    )


def with_post(
    frame: Frame, teams: Teams, *, agent: str, day: str, columns: Sequence[str], employed: bool = True
) -> Frame:
    """`frame` with the agent's post of the day.

    Null where the agent did not work here that day; with `employed` False the post is kept after leaving,
    as for cash that the source still credits to somebody who has left.
    """
    pairs = frame.select(agent, day).unique()
    posts = teams.frame(frame, columns, employed=employed)
    known = pairs.join(posts, left_on=agent, right_on="agent_id", how="inner").filter(
        (nw.col("post_first") <= nw.col(day)) & (nw.col(day) <= nw.col("post_last"))
    )
    latest = known.sort("post_first").unique(subset=[agent, day], keep="last", maintain_order=True)
    return frame.join(latest.select(agent, day, *columns), on=[agent, day], how="left")
