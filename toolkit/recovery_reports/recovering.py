"""Cost of recovery from a folder of exports: read, computed, checked, written as a folder of files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.kpis.costs import collected
from toolkit.kpis.data import Data, MissingError
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.quality_reports.data import QualityData, quality_data
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet
from toolkit.recovery.asked import change_of, line_of
from toolkit.recovery.compared import Line
from toolkit.recovery.costs import Costs, recovery_costs
from toolkit.recovery.evidence import evidence
from toolkit.recovery.ledger import COUNTED
from toolkit.recovery.pursuit import Pursuit, pursue_list
from toolkit.recovery.pursuit_tables import PURSUE, small_tables, write_pursue
from toolkit.recovery.ratios import (
    SCOPE_COLUMNS,
    Ratio,
    definition_of,
    measures,
    ratio_table,
    recovery_ratios,
    uncosted,
)
from toolkit.recovery.routes import Route, route_table, routes
from toolkit.recovery.steps import steps_of
from toolkit.recovery.what_if import Change
from toolkit.recovery_reports.files import (
    BOOK,
    COSTS,
    PAGE,
    RATIOS,
    ROUTES,
    Check,
    as_record,
    control,
    cost_cells,
    write_recovery,
)
from toolkit.recovery_reports.shown import Shown
from toolkit.recovery_rules import RecoveryRules

Tables = Mapping[str, tuple[pl.DataFrame, Sequence[Problem]]]
"""Tables by the name of their file, each with what is to be said of it."""
ACCOUNTS_ASKED = 200_000
"""Up to so many accounts past due are asked "what if": beyond it the workbook and the functions are the place."""


@dataclass(frozen=True)
class Recovered:
    """The cost of recovery of a period, and what it was made from."""

    read: QualityData
    costs: Costs
    ratios: tuple[Ratio, ...]
    routes: tuple[Route, ...]
    remarks: tuple[Problem, ...]
    changes: tuple[Change, ...] = ()
    lines: tuple[Line, ...] = ()
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def data(self) -> Data:
        """The tables, for whoever reckons further."""
        return self.read.data

    @property
    def rules(self) -> RecoveryRules:
        """The profile's [recovery]."""
        return self.read.profile.recovery

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the files, of the costs, then of what came out, and of further tables."""
        more = [found for _, said in self.more.values() for found in said]
        return (*self.read.problems, *self.costs.problems, *self.remarks, *more)

    @property
    def rows_set_aside(self) -> bool:
        """Whether some rows were not taken, by the readers or among the costs."""
        return self.read.rows_set_aside or self.costs.ledger.set_aside > 0

    @cached_property
    def pursuit(self) -> Pursuit | None:
        """What is worth pursuing; None where the data or the set-up lack something for it."""
        return self._pursued[0]

    @cached_property
    def _pursued(self) -> tuple[Pursuit | None, Sequence[Problem]]:
        try:
            found = pursue_list(self.data, self.rules, self.read.about.as_of, self._direct)
        except ToolkitError as error:
            return None, error.problems
        except MissingError as missing:
            return None, [problem("PURSUE_LACKS", value=missing)]
        return found, found.problems

    @property
    def _direct(self) -> dict[str, Fraction | int]:
        """What an action costs beside salaries and overhead, in minor units, as the costs of the period say."""
        return {route.action: route.each for route in self.routes if route.each >= 0}

    @cached_property
    def steps(self) -> pl.DataFrame | None:
        """Each account's rungs that may be taken, for what-ifs; None without a list, and of more accounts than are
        asked."""
        found = self.pursuit
        return None if found is None or found.accounts > ACCOUNTS_ASKED else steps_of(found)

    @cached_property
    def more(self) -> Tables:
        """The further tables, each made once: what the pursue list rests on and comes to, what activities bring,
        curves, the desk, what if. The list itself may be very long, and is written by slices."""
        found, told = self._pursued
        many = found is not None and found.accounts > ACCOUNTS_ASKED
        steps = self.steps
        loaded = self.costs.cells.filter(pl.col("action") != "").group_by(activity="action").agg(pl.col("amount").sum())
        rest = evidence(
            self.data,
            self.rules,
            self.read.period,
            costs=pl.DataFrame(
                [(route.action, route.cost) for route in self.routes if route.each >= 0],
                schema={"activity": pl.String, "amount": pl.Int64},
                orient="row",
            ),
            loaded=loaded,
            desk_costs=self.costs.cells,
            steps=steps,
            changes=self.changes,
            lines=self.lines,
        )
        tables = {**(small_tables(found) if found else {}), **rest.tables}
        said = [*told, *rest.problems]
        if many and found is not None:
            said.append(problem("PURSUE_TOO_MANY", value=found.accounts, most=ACCOUNTS_ASKED))
        return {name: (table, said if not place else ()) for place, (name, table) in enumerate(tables.items())}

    @property
    def checks(self) -> tuple[Check, ...]:
        """That the cells add up to the costs, and each kind of scope to everybody."""
        counted = self.costs.ledger.fates.get(COUNTED, (0, 0))[1]
        found = [Check("the cells add up to the costs that count", self.costs.total, counted)]
        for measure in ("cost", "collected", "assets_net"):
            whole = self._sum("all", measure)
            found += [
                Check(f"{measure} of every {kind} adds up", self._sum(kind, measure), whole) for kind in SCOPE_COLUMNS
            ]
        found.append(Check("cost of every channel adds up", self._sum("channel", "cost"), self._sum("all", "cost")))
        return tuple(found)

    def _sum(self, kind: str, measure: str) -> int:
        mine = [one.numerator for one in self.ratios if one.scope_kind == kind and one.measure == measure]
        return int(sum(mine))

    @property
    def record(self) -> dict[str, Any]:
        """recovery.json, but for the hashes of the files."""
        definitions = {name: definition_of(name, self.rules, self.data.definitions) for name in measures()}
        digits = self.data.digits
        return {
            **self.read.record,
            "currency": self.read.profile.currency,
            "rules": as_record(self.rules),
            "asked": {name: list(texts) for name, texts in self.asked.items()},
            "definitions": definitions,
            "control": control(self.costs, self.checks, digits),
        }

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Every table by the name of its file, but for pursue.csv."""
        digits = self.data.digits
        return {
            COSTS: cost_cells(self.costs, digits),
            RATIOS: ratio_table(self.ratios, self.rules, self.data),
            ROUTES: route_table(list(self.routes), digits),
            **{name: table for name, (table, _) in self.more.items()},
        }

    @cached_property
    def shown(self) -> Shown:
        """What the workbook and the page are made from."""
        latest = {agent: self.data.teams.latest(agent, self.data.as_of) for agent in self.data.teams.posts}
        return Shown(
            about=self.read.about,
            costs=self.costs,
            ratios=self.ratios,
            routes=self.routes,
            rules=self.rules,
            tables={name: table for name, (table, _) in self.more.items()},
            pursuit=self.pursuit,
            steps=self.steps,
            names={agent: post.name for agent, post in latest.items() if post and post.name},
            definitions={name: definition_of(name, self.rules, self.data.definitions) for name in measures()},
            remarks=[found for found in self.problems if found not in self.read.problems],
        )

    def write(self, out: Path, *, workbook: bool = True, pages: bool = True) -> None:
        """Writes the folder, whole or not at all; with recovery.xlsx and recovery.html unless they are not wanted."""
        more: dict[str, Callable[[Path], None]] = {}
        if self.pursuit is not None:
            more[PURSUE] = partial(write_pursue, self.pursuit)
        if workbook:
            from toolkit.recovery_reports.book import write_recovery_book  # both are slow to import

            more[BOOK] = partial(write_recovery_book, self.shown)
        if pages:
            from toolkit.recovery_reports.pages import write_recovery_page

            more[PAGE] = partial(write_recovery_page, self.shown)
        write_recovery(out, self.tables, self.record, self.problems, more)


def recovered(
    data: Path,
    profile: str | Profile,
    period_label: str,
    *,
    as_of: date | None = None,
    what_if: Sequence[str] = (),
    compare: Sequence[str] = (),
    on_file: OnFile | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
) -> Recovered:
    """What collecting cost and brought in a period, and what is worth pursuing.

    what_if: changes as `toolkit.recovery.asked` reads them, for what_if.csv; compare: lines, as it reads them, for
    comparison.csv. pasted: tables in place of files.
    as_of: the day the data stand at; without it, their last event, or the period's end if that is earlier.
    `ToolkitError` where nothing can be made of the data: no costs and no rate card, a period that is no whole months.
    """
    read = quality_data(data, profile, period_label, as_of=as_of, on_file=on_file, pasted=pasted)
    rules = read.profile.recovery
    codes = [rung.code for rung in rules.rungs]
    earned = rules.fee == "earned"
    changes = tuple(change_of(text, codes, read.profile.digits, earned=earned) for text in what_if)
    lines = tuple(line_of(text) for text in compare)
    asked = {"what_if": tuple(what_if), "compare": tuple(compare)}
    try:
        costs = recovery_costs(read.data, rules, read.period, read.profile.currency)
    except MissingError as missing:
        raise ToolkitError([problem("RECOVERY_RATE_CARD_ALONE", value=missing)]) from missing
    ratios = tuple(recovery_ratios(costs, rules))
    made = Recovered(
        read, costs, ratios, tuple(routes(costs, rules)), tuple(_remarks(read, costs, ratios)), changes, lines, asked
    )
    broken = [check for check in made.checks if not check.holds]
    assert not broken, broken  # noqa: S101  # figures that do not add up are shown to nobody
    return made


def _remarks(read: QualityData, costs: Costs, ratios: Sequence[Ratio]) -> list[Problem]:
    """What is to be said of the bases."""
    found = [problem("RECOVERY_UNCOSTED", value=count, action=name) for name, count in uncosted(costs).items()]
    try:
        collected(read.data)
    except MissingError as missing:
        found.append(problem("RECOVERY_NO_PAYMENTS", value=missing))
    else:
        got = next(one.numerator for one in ratios if one.scope_kind == "all" and one.measure == "collected")
        if got <= 0:
            found.append(problem("RECOVERY_NOTHING_COLLECTED", value=read.period.label))
    if not read.data.has("balances", "account_id", "as_of", "balance", "days_past_due"):
        found.append(problem("RECOVERY_NO_BALANCES"))
    return found
