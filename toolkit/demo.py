"""What `toolkit demo` does: an invented branch, two periods of its commissions, one after the other."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from toolkit.calculation import Calculated, calculated
from toolkit.conduct_reports.run import conduct_of
from toolkit.periods import Period, containing, parse
from toolkit.plan_files import plans_of
from toolkit.plans import Plan
from toolkit.profiles import Profile, load_profile
from toolkit.quality_reports.run import quality_scored
from toolkit.recovery_reports.recovering import recovered
from toolkit.samples import Sample, make_sample
from toolkit.scorecard_reports.scoring import scored

AGENTS, ACCOUNTS, MONTHS, SEED = 12, 300, 3, 5
"""Small enough to look through, large enough that somebody joins, leaves, moves and is promoted."""
EXPORTS, RESULTS, WORKBOOK = "exports", "from-the-workbook", "collections.xlsm"
SCORES, RECOVERY = "scorecard", "recovery"
QUALITY, CONDUCT = "quality", "conduct"


@dataclass(frozen=True)
class DemoRun:
    """One period's run: where it is and what came out."""

    period: Period
    folder: Path
    calculated: Calculated


@dataclass(frozen=True)
class Demo:
    """What the demonstration made: the exports, the plan's files, a run for each period (the oldest first), the
    scorecards, the cost of recovery, (where calls are evaluated) the call quality and (where the set-up has rules of
    calling) the conduct of the last month, and the workbook with buttons."""

    profile: Profile
    exports: Path
    sample: Sample
    plan: Plan
    plan_files: tuple[Path, ...]
    runs: tuple[DemoRun, ...]
    scores: Path
    recovery: Path
    quality: Path | None = None
    conduct: Path | None = None
    workbook: Path | None = None

    @property
    def agent_to_look_at(self) -> str:
        """The agent to whom most different things happened in the last period."""
        happened: dict[str, set[tuple[str, str]]] = {}
        lines = self.runs[-1].calculated.run.lines.select("agent_id", "kind", "component")
        for agent, kind, component in lines.iter_rows():
            happened.setdefault(agent, set()).add((kind, component))
        return min(happened, key=lambda agent: (-len(happened[agent]), agent))


def make_demo(profile_name: str, out: Path, *, books: bool = True) -> Demo:
    """Makes the exports in `out`, calculates the set-up's first plan for the last two periods and writes both runs.

    books: with their workbooks and statements.
    """
    # invented data and nothing else: a database that the set-up names is left alone
    profile = load_profile(profile_name).model_copy(update={"database": None})
    sample = make_sample(profile, out / EXPORTS, agents=AGENTS, accounts=ACCOUNTS, months=MONTHS, seed=SEED)
    plan_files = first_plan(profile)
    plan = Plan.model_validate(tomllib.loads(plan_files[-1].read_text(encoding="utf-8")))
    runs: list[DemoRun] = []
    for period in last_periods(plan, sample.months[-1]):
        done = calculated(
            out / EXPORTS,
            plan_files,
            period.label,
            profile=profile,
            previous=[run.folder for run in runs],
        )
        folder = out / period.label
        done.write(folder, workbook=books, statements=books)
        runs.append(DemoRun(period, folder, done))
    scores = out / SCORES
    scored(out / EXPORTS, profile, sample.months[-1].label, "day").write(scores, workbook=books, pages=books)
    recovery = out / RECOVERY
    recovered(out / EXPORTS, profile, sample.months[-1].label).write(recovery)
    quality = None
    if sample.rows.get("evaluations"):
        quality = out / QUALITY
        quality_scored(out / EXPORTS, profile, sample.months[-1].label).write(quality, workbook=books, pages=books)
    conduct = None
    if profile.call_rules:
        conduct = out / CONDUCT
        held = conduct_of(out / EXPORTS, profile, sample.months[-1].label)
        held.write(conduct, workbook=books, page=books)
    workbook = None
    if books:
        from toolkit.excel.build import build_workbook

        *earlier, last = runs
        workbook = build_workbook(
            profile_name,
            out / WORKBOOK,
            data=(out / EXPORTS).resolve(),
            results=(out / RESULTS).resolve(),
            period=last.period.label,
            previous=[run.folder.resolve() for run in earlier],
        )
    made = (tuple(plan_files), tuple(runs), scores, recovery, quality, conduct, workbook)
    return Demo(profile, out / EXPORTS, sample, plan, *made)


def first_plan(profile: Profile) -> list[Path]:
    """The files of the first plan that the set-up names: all its versions."""
    known = plans_of(profile.plan_paths())
    first, _ = known[0]
    return [path for plan_id, path in known if plan_id == first]


def last_periods(plan: Plan, month: Period) -> list[Period]:
    """The last two of the plan's periods that are over by the end of the month."""
    last = containing(month.last, plan.period)
    if plan.period == "month":
        last = parse(month.label, plan.period_start_day)
    elif last.last > month.last:
        last = last.previous()
    return [last.previous(), last]
