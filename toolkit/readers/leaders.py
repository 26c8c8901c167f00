"""Who leads whom: circles of team leaders, and chains too long to be meant."""

from collections.abc import Mapping

import polars as pl

DEEPEST = 100
"""Team leaders above one another: no organisation has so many, so something else is in the column."""


def deepest_leaders(rows: pl.DataFrame) -> int:
    """The longest chain of team leaders in a table of agents, counted no further than is needed to refuse it."""
    if "team_leader_id" not in rows.columns:
        return 0
    leader = dict(rows.select("agent_id", "team_leader_id").drop_nulls().iter_rows())
    return max((_steps_up(agent, leader) for agent in leader), default=0)


def _steps_up(agent: str, leader: Mapping[str, str]) -> int:
    seen: set[str] = set()
    while agent in leader and agent not in seen and len(seen) <= DEEPEST:
        seen.add(agent)
        agent = leader[agent]
    return len(seen) if agent not in seen else 0


def circles_of(leader: Mapping[str, str]) -> dict[str, str]:
    """Every agent on a circle of leaders, with the circle in words."""
    circles: dict[str, str] = {}
    done: set[str] = set()
    for start in leader:
        path: list[str] = []
        seen: set[str] = set()
        agent = start
        while agent in leader and agent not in done and agent not in seen:
            path.append(agent)
            seen.add(agent)
            agent = leader[agent]
        if agent in seen:
            circle = path[path.index(agent) :]
            circles |= dict.fromkeys(circle, " -> ".join([*circle, agent]))
        done |= seen
    return circles
