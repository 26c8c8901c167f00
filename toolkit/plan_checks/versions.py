"""The linter's rules between the versions of a plan."""

from collections.abc import Iterator, Sequence

from toolkit.plans import Plan, PlanVersions
from toolkit.problems import Problem, problem

SAME_IN_ALL_VERSIONS = ("currency", "period", "period_start_day", "rate_date", "rounding")


def check_versions(versions: PlanVersions, names: Sequence[str] = ()) -> list[Problem]:
    """What is wrong between the versions of a plan; `names` are their files, for the place."""
    problems: list[Problem] = []
    files = names or [f"{plan.id} version {plan.version}" for plan in versions.versions]
    first = versions.versions[0]
    for number, plan in enumerate(versions.versions[1:], 1):
        before, name, name_before = versions.versions[number - 1], files[number], files[number - 1]
        if plan.id != first.id:
            place = f"{name}, id"
            problems.append(problem("PLAN_SEVERAL_IDS", file=place, value=plan.id, other=first.id, before=files[0]))
            continue
        same_day = [index for index in range(number) if versions.versions[index].start == plan.start]
        same_number = [index for index in range(number) if versions.versions[index].version == plan.version]
        if same_number:
            other = files[same_number[0]]
            problems.append(problem("PLAN_VERSION_TWICE", file=f"{name}, version", value=plan.version, before=other))
        elif same_day:
            other = files[same_day[0]]
            problems.append(problem("PLAN_FROM_TWICE", file=f"{name}, from", value=plan.start, before=other))
        elif plan.version < before.version:
            told = problem("PLAN_VERSION_ORDER", file=f"{name}, version", value=plan.version, start=plan.start,
                           other=before.version, earlier=before.start, before=name_before)  # fmt: skip
            problems.append(told)
        problems += _differences(plan, first, name, files[0])
    return problems


def _differences(plan: Plan, first: Plan, name: str, first_name: str) -> Iterator[Problem]:
    for key in SAME_IN_ALL_VERSIONS:
        mine, theirs = getattr(plan, key), getattr(first, key)
        if mine != theirs:
            place = f"{name}, {key}"
            yield problem("PLAN_VERSIONS_DIFFER", file=place, value=mine, key=key, other=theirs, before=first_name)
