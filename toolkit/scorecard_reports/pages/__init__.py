"""The pages of a scorecard: one self-contained HTML file for everybody, each team and each agent."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.look import file_names
from toolkit.pages import html_page
from toolkit.scorecard_reports.pages.agents import agent_page
from toolkit.scorecard_reports.pages.teams import Links, team_page
from toolkit.scorecard_reports.pages.trend import trends

if TYPE_CHECKING:
    import polars as pl

    from toolkit.maturing import Course
    from toolkit.scorecard_reports.files import About
    from toolkit.scorecards import Card, ScorecardRun
    from toolkit.watching import Watch

__all__ = ["AGENTS", "INDEX", "TEAMS", "write_score_pages"]

INDEX, TEAMS, AGENTS = "index.html", "teams", "agents"


def write_score_pages(
    run: "ScorecardRun",
    values: "pl.DataFrame",
    about: "About",
    folder: Path,
    courses: "Sequence[Course]" = (),
    watch: "Watch | None" = None,
) -> list[Path]:
    """Writes index.html, a page for each team in teams/ where there are several, and one for each agent in agents/.

    values: the KPI values by the grain asked for; where they have several periods, agents see their way through them.
    courses: cohorts by age, drawn on the pages of everybody and of teams. watch: what really changed, told on the same
    pages. An agent's page names nobody else. Gives the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    people, teams = _by_scope(run, "agent"), _by_scope(run, "team")
    agent_files, team_files = file_names(people), file_names(teams)
    index = team_page(run, about, _links(agent_files, team_files), courses=courses, watch=watch)
    written = [_write(folder / INDEX, "scorecard/team.html.j2", index)]
    if len(teams) > 1:
        links = _links(agent_files, {}, "../")
        for team, file in team_files.items():
            page = team_page(run, about, links, team, courses, watch)
            written.append(_write(folder / TEAMS / f"{file}.html", "scorecard/team.html.j2", page))
    ways = trends(values)
    counts = {id(card.rule): sum(1 for other in run.of("agent") if other.rule is card.rule) for card in run.cards}
    for agent, cards in people.items():
        own = agent_page(cards, about, ways, counts)
        written.append(_write(folder / AGENTS / f"{agent_files[agent]}.html", "scorecard/agent.html.j2", own))
    return written


def _by_scope(run: "ScorecardRun", kind: str) -> "dict[str, list[Card]]":
    found: dict[str, list[Card]] = {}
    for card in run.of(kind):
        found.setdefault(card.scope, []).append(card)
    return found


def _links(agents: Mapping[str, str], teams: Mapping[str, str], up: str = "") -> Links:
    several = teams if len(teams) > 1 else {}
    return Links(
        {agent: f"{up}{AGENTS}/{file}.html" for agent, file in agents.items()},
        {team: f"{up}{TEAMS}/{file}.html" for team, file in several.items()},
        f"{up}{INDEX}" if up else "",
    )


def _write(path: Path, template: str, page: object) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(html_page(template, page), encoding="utf-8", newline="\n")
    return path
