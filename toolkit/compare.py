"""What if: the same months under two plans. Who would gain, who would lose, and what it would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.asked_periods import period_of
from toolkit.calculation import plans_for, profile_of, read_for
from toolkit.commissions import CommissionRun, calculate
from toolkit.earlier import known_periods
from toolkit.periods import Period, span
from toolkit.plans import PlanVersions
from toolkit.problems import ToolkitError, problem
from toolkit.profiles import Profile, load_profile
from toolkit.reading import Reading


@dataclass(frozen=True, slots=True)
class Compared:
    """One agent under both plans, over all periods: net in minor units."""

    agent_id: str
    name: str
    today: int
    new: int

    @property
    def difference(self) -> int:
        return self.new - self.today


@dataclass(frozen=True)
class Comparison:
    """All agents, the biggest loser first, and each period's total."""

    currency: str
    digits: int
    agents: tuple[Compared, ...]
    periods: tuple[tuple[str, int, int], ...]

    @property
    def today(self) -> int:
        return sum(agent.today for agent in self.agents)

    @property
    def new(self) -> int:
        return sum(agent.new for agent in self.agents)


def compare(
    plan: Sequence[Path], new_plan: Sequence[Path], data: Path, periods: str, profile: str | None
) -> Comparison:
    """Both plans on the same data, period after period, each with its own past from the first period on.

    periods: ``2026-05..2026-10`` or one label. Net is what is earned less tax, before anything is carried.
    """
    setup = load_profile(profile) if profile else None
    today, new = plans_for(plan, setup), plans_for(new_plan, setup)
    used = setup or profile_of(today)
    months = (_span(periods, today), _span(periods, new))
    days = min(span[0].first for span in months), max(span[-1].last for span in months)
    reading = read_for([today, new], data, used, days=days)
    runs_today, runs_new = _runs(today, used, reading, months[0]), _runs(new, used, reading, months[1])
    totals = [
        (old.period.label, int(old.sheet["net"].sum()), int(other.sheet["net"].sum()))
        for old, other in zip(runs_today, runs_new, strict=True)
    ]
    return Comparison(
        today.versions[-1].currency, runs_today[0].digits, tuple(_agents(runs_today, runs_new)), tuple(totals)
    )


def _span(periods: str, plans: PlanVersions) -> list[Period]:
    first, _, last = periods.partition("..")
    start_day = plans.versions[-1].period_start_day
    found = [period_of(first, start_day), period_of(last or first, start_day)]
    if found[0].kind != found[1].kind or found[1].first < found[0].first:
        raise ToolkitError([problem("COMPARE_PERIODS", value=periods)])
    return span(found[0].label, found[1].label, found[0].start_day)


def _runs(plans: PlanVersions, profile: Profile, reading: Reading, periods: Sequence[Period]) -> list[CommissionRun]:
    runs: list[CommissionRun] = []
    for period in periods:
        earlier = known_periods([(run.period.label, run.lines, run.sheet, run.credit) for run in runs])
        runs.append(
            calculate(
                reading.tables,
                plans,
                period,
                credit=profile.credit,
                earlier=earlier,
                working_week=profile.working_week,
            )
        )
    return runs


def _agents(today: Sequence[CommissionRun], new: Sequence[CommissionRun]) -> list[Compared]:
    names: dict[str, str] = {}
    sums: list[dict[str, int]] = [{}, {}]
    for which, runs in enumerate((today, new)):
        for run in runs:
            for agent, name, net in run.sheet.select("agent_id", "name", "net").iter_rows():
                names[agent] = name
                sums[which][agent] = sums[which].get(agent, 0) + net
    agents = [Compared(agent, name, sums[0].get(agent, 0), sums[1].get(agent, 0)) for agent, name in names.items()]
    return sorted(agents, key=lambda agent: (agent.difference, agent.agent_id))
