"""A period from files to a run: read, hold against the plan's needs, calculate, write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Unpack

import polars as pl
from polars import selectors as cs

from toolkit.asked_periods import period_of
from toolkit.commissions import CommissionRun, calculate
from toolkit.earlier import NO_EARLIER
from toolkit.plan_files import load_plans
from toolkit.plans import Credit, PlanVersions
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, default_profile, load_profile
from toolkit.readers.asked import OnFile, Wishes
from toolkit.readers.raw import RawSheet
from toolkit.readers.set_aside import FOLDER, set_aside_files, write_set_aside
from toolkit.reading import FILE_REJECTED, Reading, read_tables
from toolkit.runs import Inputs, Writer, write_run
from toolkit.shipped import version
from toolkit.steps.eligible import needs_snapshot
from toolkit.steps.payments import USED_OF_PAYMENTS
from toolkit.stored_runs import earlier_runs, latest

ALWAYS_USED = ("agents", "accounts", "assignments", "payments", "targets", "kpi_values", "adjustments")
"""Small tables, and those that payments refer to; the others are read where a plan looks at them."""

RULE_TABLES = {"promise": ("promises",), "contact": ("calls", "visits")}


@dataclass(frozen=True)
class Calculated:
    """A calculated run with what was read for it."""

    run: CommissionRun
    reading: Reading
    earlier: Sequence[str]

    @property
    def problems(self) -> list[Problem]:
        """All that was found, by reading and by calculating."""
        return [*self.reading.problems, *self.run.problems]

    @property
    def rows_set_aside(self) -> bool:
        """Some rows were not taken: rejected by reading, or a reversal whose payment nobody knows."""
        orphans = any(found.code == "REVERSAL_ORPHAN" for found in self.run.problems)
        return orphans or any(file.rejected for file in self.reading.files)

    @property
    def inputs(self) -> Inputs:
        return Inputs(self.reading.files, self.problems, self.earlier)

    def write(self, out: Path, *, workbook: bool, statements: bool) -> None:
        """Writes the run folder, with the workbooks and statements that are wanted."""
        write_run(self.run, out, self.inputs, version(), self._books(workbook, statements))

    def _books(self, workbook: bool, statements: bool) -> Mapping[str, Writer]:
        books: dict[str, Writer] = {}
        if workbook:
            books |= {"commissions.xlsx": self._write_commission_book, "finance.xlsx": self._write_finance_book}
        if statements:
            books["statements"] = self._write_statements
        if self.reading.set_aside:
            books[FOLDER] = self._write_set_aside
        return books

    # what makes workbooks is loaded only where workbooks are made

    def _write_commission_book(self, path: Path, lines_hash: str) -> None:
        from toolkit.commission_book import write_commission_book

        write_commission_book(self.run, self.reading.files, path, self._provenance(lines_hash))

    def _write_finance_book(self, path: Path, lines_hash: str) -> None:
        from toolkit.finance import write_finance_book

        write_finance_book(self.run, path, self._provenance(lines_hash))

    def _write_statements(self, folder: Path, lines_hash: str) -> None:
        from toolkit.statements import write_statements

        write_statements(self.run, folder, self._provenance(lines_hash))

    def _write_set_aside(self, folder: Path, _: str) -> None:
        write_set_aside(self.reading.set_aside, folder)

    def _provenance(self, lines_hash: str) -> dict[str, str]:
        """What every page says about where it comes from."""
        return {
            "toolkit": version(),
            "plan_hash": self.run.plans.hashes.get(self.run.plan.version, ""),
            "lines_hash": lines_hash,
            "as_of": self.run.as_of.isoformat(),
        }


def calculated(
    data: Path,
    plan: Sequence[Path] | PlanVersions,
    period_label: str,
    *,
    profile: str | Profile | None = None,
    previous: Sequence[Path] = (),
    as_of: date | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
    on_file: OnFile | None = None,
) -> Calculated:
    """The commissions of a period from a folder of exports, and from the profile's database if it has one.

    plan: the files of the plan, or its versions. pasted: cells by table, in place of that table's files. on_file: told
    of each file when it has been read.
    Raises `ToolkitError` where something makes the sums unsure: a file that cannot be read, a plan that is
    wrong, a table that the plan needs and the data lack.
    """
    setup = load_profile(profile) if isinstance(profile, str) else profile
    plans = plan if isinstance(plan, PlanVersions) else plans_for(plan, setup)
    period = period_of(period_label, plans.versions[-1].period_start_day)
    earlier = earlier_runs(previous, plans.id) if previous else NO_EARLIER
    used = setup or profile_of(plans)
    reading = read_for(
        [plans],
        data,
        used,
        as_of=as_of,
        pasted=pasted,
        days=(period.first, period.last),
        retried=set_aside_files(latest(previous)) if previous else (),
        on_file=on_file,
        keep_set_aside=True,
    )
    reading, tables = _handed_over(reading, plans)
    run = calculate(
        dict(tables.popitem() for _ in range(len(tables))),
        plans,
        period,
        credit=used.credit,
        as_of=as_of,
        earlier=earlier,
        working_week=used.working_week,
    )
    return Calculated(_with_rejected(run, reading), reading, earlier.labels)


def _handed_over(reading: Reading, plans: PlanVersions) -> tuple[Reading, dict[str, pl.DataFrame]]:
    """What was found, and the tables to work on: a million rows need not be kept for longer than they serve."""
    tables = dict(reading.tables)
    if "accounts" not in _needs_of_components(plans):
        tables.pop("accounts", None)
    tables["payments"] = tables["payments"].select(cs.by_name(*USED_OF_PAYMENTS, require_all=False))
    return replace(reading, tables={}), tables


def _with_rejected(run: CommissionRun, reading: Reading) -> CommissionRun:
    """The run with the rejected rows in its control totals: in = credited + excluded + unattributed + rejected."""
    rows = sum(file.rejected for file in reading.files if file.table == "payments")
    amount, unreadable = reading.rejected_sums.get("payments", 0), reading.unreadable.get("payments", 0)
    accepted = run.control["payments_in"]
    payments_in = {"rows": accepted["rows"] + rows, "amount": accepted["amount"] + amount}
    rejected = {"rows": rows, "amount": amount, "unreadable": unreadable}
    return replace(run, control={**run.control, "payments_in": payments_in, "rejected": rejected})


def plans_for(paths: Sequence[Path], setup: Profile | None) -> PlanVersions:
    """The plan in these files, held against the set-up: its currency, its roles, its rules of credit."""
    if not paths:
        raise ToolkitError([problem("NO_PLAN_GIVEN")])
    if setup is None:
        return load_plans(paths, credit_given=False)
    plans = load_plans(paths, credit_given=setup.credit is not None, roles=setup.roles)
    currency = plans.versions[-1].currency
    if currency != setup.currency:
        raise ToolkitError(
            [
                problem(
                    "CURRENCY_OF_PLAN",
                    value=currency,
                    plan=plans.id,
                    currency=currency,
                    setup=setup.name,
                    other=setup.currency,
                )
            ]
        )
    return plans


def profile_of(plans: PlanVersions) -> Profile:
    """The profile of whoever gives none: the names of the reference, the plan's currency and time zone."""
    return default_profile(plans.versions[-1].currency, *_place(plans))


def read_for(plans: Sequence[PlanVersions], data: Path, profile: Profile, **wishes: Unpack[Wishes]) -> Reading:
    """The tables that these plans need; `ToolkitError` where a file or a table is missing that they do."""
    wanted = {table for versions in plans for table in tables_used(versions, profile.credit)}
    asked: Wishes = {**wishes, "only": wanted, "paid_before": None}
    reading = read_tables(data, profile, **asked)
    _refuse_unsure(reading, data)
    for versions in plans:
        _refuse_missing(reading, versions, profile.credit)
    return reading


def _place(plans: PlanVersions) -> tuple[str, str]:
    """(time zone, country) of the plan; a country with several time zones needs one named."""
    plan = plans.versions[-1]
    zones = [plan.timezone] if plan.timezone else country_zones(plan.country)
    if len(zones) != 1:
        raise ToolkitError(
            [problem("TIMEZONE_NEEDED", value=plan.country, plan=plan.id, country=plan.country or "no country")]
        )
    return zones[0], plan.country


def country_zones(country: str) -> list[str]:
    """The time zones of a country by its ISO 3166 code, from the time zone database."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return [row[2] for row in rows if row[0] == country]


def _refuse_unsure(reading: Reading, data: Path) -> None:
    """A file that could not be read at all would make every sum wrong in silence."""
    refused = [file.file for file in reading.files if file.verdict == FILE_REJECTED and file.table != ""]
    found = [one for one in reading.problems if one.file in refused and one.level == "error"]
    if refused:
        raise ToolkitError([*found, problem("PAYMENTS_REFUSED", files=", ".join(refused))])
    if not len(reading.tables.get("payments", pl.DataFrame())):
        raise ToolkitError([problem("NO_PAYMENTS", data=data)])


def _refuse_missing(reading: Reading, plans: PlanVersions, credit: Credit | None) -> None:
    """Tables that the plan's rules look at and the data have not."""
    needs = {"agents": "who the agents are"} | _needs_of_credit(plans, credit) | _needs_of_components(plans)
    missing = [
        problem("MISSING_TABLE", table=table, needs=why) for table, why in needs.items() if table not in reading.tables
    ]
    if missing:
        raise ToolkitError(missing)


def tables_used(plans: PlanVersions, credit: Credit | None) -> set[str]:
    """The tables that a plan's commissions are computed from; others in the folder are left alone."""
    used = {*ALWAYS_USED, *_needs_of_components(plans)}
    for rule in _credit_rules(plans, credit):
        used |= set(RULE_TABLES.get(rule, ()))
    return used


def _credit_rules(plans: PlanVersions, credit: Credit | None) -> set[str]:
    return {rule for plan in plans.versions for rule in (plan.credit or credit or Credit(rules=())).rules}


def _needs_of_credit(plans: PlanVersions, credit: Credit | None) -> dict[str, str]:
    return {"assignments": "credit rule owner"} if _credit_rules(plans, credit) == {"owner"} else {}


MEASURE_TABLES = {
    "promises_kept": "promises",
    "assets_recovered": "recoveries",
    "visits_verified": "visits",
    "welcome_calls": "calls",
    "accounts_reactivated": "balances",
}


def _needs_of_components(plans: PlanVersions) -> dict[str, str]:
    needs = {}
    for plan in plans.versions:
        for component in plan.components:
            if component.measure in MEASURE_TABLES:
                needs[MEASURE_TABLES[component.measure]] = f"component {component.code} counts {component.measure}"
            if needs_snapshot(component):
                needs["balances"] = f"component {component.code} looks at arrears"
            where = component.where
            if any((where.product, where.branch, where.region, where.creditor, where.status)):
                needs["accounts"] = f"component {component.code} looks at the account"
    return needs
