"""Coaching from a folder of exports: proposed, followed up, its effect, and a sheet for each agent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from toolkit.kpis import kpi_values
from toolkit.kpis.data import MissingError
from toolkit.periods import containing
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.quality.actions import actions_of, open_actions
from toolkit.quality.coaching import proposals
from toolkit.quality.effects import effects
from toolkit.quality.heard import ALL, HeardCalls, heard_calls, recordings
from toolkit.quality.moments import moments
from toolkit.quality.needs import training_needs
from toolkit.quality.population import population
from toolkit.quality_reports.coaching.files import INDEX, CoachingResult, write_coaching
from toolkit.quality_reports.coaching.pages import Sheet, write_coaching_sheets, write_index
from toolkit.quality_reports.data import QualityData, quality_data
from toolkit.readers.asked import OnFile


@dataclass(frozen=True)
class Coached:
    """A period's coaching and what it was made from."""

    read: QualityData
    heard: HeardCalls
    result: CoachingResult
    remarks: tuple[Problem, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the files, then of the coaching."""
        return (*self.read.problems, *self.remarks)

    @property
    def names(self) -> Mapping[str, str]:
        """The agents' names by id."""
        return {agent: posts[-1].name for agent, posts in self.read.data.teams.posts.items()}

    def write(self, out: Path, *, sheets: bool = True, pdf: bool = False) -> None:
        """Writes the folder. pdf: each sheet as PDF beside itself; `ToolkitError` where no browser prints one."""
        make = partial(self._write_sheets, pdf=pdf) if sheets or pdf else None
        write_coaching(out, self.result, self.names, self.read.record, self.problems, make)

    def _write_sheets(self, folder: Path, pdf: bool) -> None:
        sheets = self.sheets()
        written = write_coaching_sheets(sheets, self.read.about, folder)
        written.append(write_index(sheets, self.read.about, folder.with_name(INDEX), folder.name))
        if pdf:
            from toolkit.scorecard_reports.pages.paper import print_pages

            print_pages(written)

    def sheets(self) -> list[Sheet]:
        """The sheets of everybody who has a proposal or an open action of coaching."""
        coaching = [one for one in self.result.open if one.kind == "coaching"]
        named = [one.agent_id for one in self.result.proposals] + [one.agent_id for one in coaching]
        agents = sorted({agent for agent in named if agent})
        calls, places = self._calls(), recordings(self.read.data)
        return [self._sheet(agent, calls, places) for agent in agents]

    def _sheet(self, agent: str, calls: Mapping[str, int], places: Mapping[str, tuple[str, str]]) -> Sheet:
        period = self.read.period
        post = self.read.data.teams.latest(agent, self.read.as_of)
        mine = [one for one in self.result.proposals if one.agent_id == agent]
        leader = post.team_leader_id if post else ""
        shown = [evaluation for one in mine for evaluation in one.calls]
        scores = self.heard.by_chance.scores.filter(
            (pl.col("agent_id") == agent) & pl.col("day").is_between(period.first, period.last)
        )
        return Sheet(
            agent_id=agent,
            name=post.name if post else "",
            team=post.team if post else "",
            leader=self.names.get(leader, leader),
            scores=scores["score"].to_list(),
            calls=calls.get(agent),
            moments=moments(self.heard, agent, shown, period.first, period.last, places),
            proposals=mine,
            open=[one for one in self.result.open if one.agent_id == agent and one.kind == "coaching"],
        )

    def _calls(self) -> Mapping[str, int]:
        """The calls of each agent that could have been drawn; none where the data have no calls."""
        try:
            known = population(self.read.data, self.read.profile.sampling, self.read.period).eligible
        except MissingError:
            return {}
        return dict(known.group_by("agent_id").len().iter_rows())


def coached(
    data: Path, profile: str | Profile, period_label: str, *, as_of: date | None = None, on_file: OnFile | None = None
) -> Coached:
    """The coaching of a period. `ToolkitError` where there are no evaluations."""
    read = quality_data(data, profile, period_label, as_of=as_of, on_file=on_file)
    rules, facts = read.profile.coaching, read.data
    try:
        heard = heard_calls(facts)
    except MissingError as missing:
        raise ToolkitError([problem("COACHING_NO_EVALUATIONS", value=", ".join(missing.names))]) from missing
    result = CoachingResult(
        proposals(facts, heard, rules, read.period),
        open_actions(facts, heard),
        effects(facts, heard, rules),
        training_needs(facts, heard, rules, read.period),
        _kpis(read),
    )
    return Coached(read, heard, result, tuple(_remarks(read, heard, result)))


def _kpis(read: QualityData) -> dict[str, tuple[float, float | None]]:
    """The KPIs that are counted from the same actions: of the quarter, and of the period."""
    found = {}
    quarter = containing(read.period.last, "quarter")
    for code, period in (("training_needs", quarter), ("actions_closed", read.period)):
        rows = kpi_values(read.data, period, period.kind, [code], ("all",)).values  # type: ignore[arg-type]  # a grain
        for over, under in rows.select("numerator", "denominator").iter_rows():
            found[code] = (over, under)
    return found


def _remarks(read: QualityData, heard: HeardCalls, result: CoachingResult) -> list[Problem]:
    led = sorted({one.agent_id for one in result.proposals if not one.owner})
    found = [problem("COACHING_NO_LEADER", value=agent) for agent in led]
    if "actions" not in read.data.tables:
        found.append(problem("COACHING_NO_ACTIONS"))
    return found + _unknown(actions_of(read.data).select("action_id", "about").rows(), heard)


def _unknown(actions: Sequence[tuple[str, str]], heard: HeardCalls) -> list[Problem]:
    named = {about for _, about in actions if about != ALL}
    strange = {about for about in named if not heard.title_of(about)}
    return [
        problem("COACHING_UNKNOWN_ABOUT", value=about, action=action) for action, about in actions if about in strange
    ]
