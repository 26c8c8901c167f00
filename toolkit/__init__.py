"""Field commissions, agent KPIs, call quality and cost of recovery for collections teams.

The way from exports to the sheet: a `Profile` says how the exports are spelt, `read_tables` reads them,
`load_plans` reads the plan, `calculate` computes a `Period`, `write_run` leaves the run folder and
`explain_agent` says why an amount is what it is.

>>> from toolkit import calculate, load_plans, load_profile, parse_period, read_tables
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.calculation import calculated
    from toolkit.commissions import CommissionRun, calculate
    from toolkit.compare import compare
    from toolkit.earlier import NO_EARLIER, EarlierPeriods
    from toolkit.explain import explain_agent, explain_line, explain_payment
    from toolkit.periods import Period
    from toolkit.periods import parse as parse_period
    from toolkit.plan_checks import check_plan, check_versions
    from toolkit.plan_files import load_plans, read_plan
    from toolkit.plans import Plan, PlanVersions
    from toolkit.problems import Problem, ToolkitError
    from toolkit.profiles import Profile, load_profile, shipped_profiles
    from toolkit.reading import Reading, read_tables
    from toolkit.runs import write_run
    from toolkit.stored_runs import earlier_runs, read_run
    from toolkit.tables import TABLES

_PUBLIC = {
    "calculated": "toolkit.calculation",
    "CommissionRun": "toolkit.commissions",
    "calculate": "toolkit.commissions",
    "compare": "toolkit.compare",
    "NO_EARLIER": "toolkit.earlier",
    "EarlierPeriods": "toolkit.earlier",
    "explain_agent": "toolkit.explain",
    "explain_line": "toolkit.explain",
    "explain_payment": "toolkit.explain",
    "Period": "toolkit.periods",
    "parse_period": "toolkit.periods:parse",
    "check_plan": "toolkit.plan_checks",
    "check_versions": "toolkit.plan_checks",
    "load_plans": "toolkit.plan_files",
    "read_plan": "toolkit.plan_files",
    "Plan": "toolkit.plans",
    "PlanVersions": "toolkit.plans",
    "Problem": "toolkit.problems",
    "ToolkitError": "toolkit.problems",
    "Profile": "toolkit.profiles",
    "load_profile": "toolkit.profiles",
    "shipped_profiles": "toolkit.profiles",
    "Reading": "toolkit.reading",
    "read_tables": "toolkit.reading",
    "earlier_runs": "toolkit.stored_runs",
    "read_run": "toolkit.stored_runs",
    "write_run": "toolkit.runs",
    "TABLES": "toolkit.tables",
}

__all__ = [  # given by __getattr__ when first asked for
    "NO_EARLIER",
    "TABLES",
    "CommissionRun",
    "EarlierPeriods",
    "Period",
    "Plan",
    "PlanVersions",
    "Problem",
    "Profile",
    "Reading",
    "ToolkitError",
    "calculate",
    "calculated",
    "check_plan",
    "check_versions",
    "compare",
    "earlier_runs",
    "explain_agent",
    "explain_line",
    "explain_payment",
    "load_plans",
    "load_profile",
    "parse_period",
    "read_plan",
    "read_run",
    "read_tables",
    "shipped_profiles",
    "write_run",
]


def __getattr__(name: str) -> Any:
    """The public names, each imported when it is first used: `toolkit --help` needs none of the engines."""
    if name not in _PUBLIC:
        raise AttributeError(f"toolkit has no {name}")
    module, _, attribute = _PUBLIC[name].partition(":")
    return getattr(import_module(module), attribute or name)
