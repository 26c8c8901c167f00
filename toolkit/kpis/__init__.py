"""What each KPI is: numerator, denominator, base and maturity, one function each, over the tables of a set of data.

The functions stand by subject beside this page. All are written against Narwhals, so that they give the same figures
on pandas, Polars and DuckDB; what they give are whole numbers that add up over days, agents and teams, never averages
of ratios.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.attendance import ATTENDANCE
from toolkit.kpis.calls import CALLS
from toolkit.kpis.conduct import CONDUCT
from toolkit.kpis.conversations import CONVERSATIONS
from toolkit.kpis.conversion import CONVERSION
from toolkit.kpis.costs import COSTS
from toolkit.kpis.credit_days import CREDIT_DAYS
from toolkit.kpis.cut import SCOPE_KINDS, ScopeKind, cut
from toolkit.kpis.data import Data, MissingError
from toolkit.kpis.facts import Facts, Rule
from toolkit.kpis.field import FIELD
from toolkit.kpis.given import GIVEN, LOW_N, NO_BASE, with_given
from toolkit.kpis.inbound import INBOUND
from toolkit.kpis.irregular import IRREGULAR
from toolkit.kpis.leads import LEADS
from toolkit.kpis.money import MONEY
from toolkit.kpis.office import OFFICE
from toolkit.kpis.open_cases import OPEN_CASES
from toolkit.kpis.outcomes import LEAD_OUTCOMES
from toolkit.kpis.passes import Grain, has_hours
from toolkit.kpis.portfolio import PORTFOLIO
from toolkit.kpis.postings import POSTINGS
from toolkit.kpis.promises import PROMISES
from toolkit.kpis.quality import QUALITY
from toolkit.kpis.quota import QUOTA
from toolkit.kpis.rounds import ROUNDS
from toolkit.kpis.service import SERVICE
from toolkit.kpis.telephone import TELEPHONE
from toolkit.kpis.tools import TOOLS
from toolkit.kpis.volumes import VOLUMES
from toolkit.kpis.yields import YIELDS
from toolkit.periods import Period
from toolkit.problems import Problem, problem

BY_SUBJECT = (
    CALLS, INBOUND, PROMISES, MONEY, PORTFOLIO, FIELD, SERVICE, ATTENDANCE, POSTINGS, OFFICE, TOOLS, COSTS, QUOTA,
    CONVERSATIONS, CONVERSION, CREDIT_DAYS, LEADS, QUALITY, CONDUCT, OPEN_CASES, ROUNDS, TELEPHONE,
    YIELDS, VOLUMES, LEAD_OUTCOMES, IRREGULAR,
)  # fmt: skip
RULES: Mapping[str, Rule] = MappingProxyType({code: rule for rules in BY_SUBJECT for code, rule in rules.items()})
"""Every KPI's function by its code."""

IMMATURE = "immature"
SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(("scope_kind", "scope", "kpi", "period"), pl.String),
    **dict.fromkeys(("numerator", "denominator", "value"), pl.Float64),
    "base_note": pl.String,
    "waiting": pl.Int64,
    "definition": pl.String,
    "beside": pl.String,
}


@dataclass(frozen=True)
class KpiRun:
    """The values of some KPIs, and why others are missing.

    values: one row per scope, KPI and period, in the units people use (money in the currency's own, shares as
      fractions): scope_kind, scope, kpi, period, numerator, denominator, value (null where there is no base),
      base_note, waiting, definition, beside (what was left out or filled in, such as "2 accounts under a legal hold").
    """

    values: pl.DataFrame
    problems: tuple[Problem, ...]


def kpi_values(
    data: Data,
    period: Period,
    grain: Grain,
    codes: Iterable[str],
    scopes: Sequence[ScopeKind] = SCOPE_KINDS,
    people: Collection[str] | None = None,
) -> KpiRun:
    """The KPIs of a period, cut by its grain. One whose tables or columns are missing is named in the problems.

    people: whose facts count, as for the scorecard of some roles; everybody's and nobody's, unless given.
    """
    facts: dict[str, Facts] = {}
    problems = []
    codes = list(dict.fromkeys(codes))
    for code in codes:
        if code not in RULES:
            continue
        try:
            facts[code] = data.shared(f"facts of {code}", partial(RULES[code], data))
        except MissingError as error:
            problems.append(problem("KPI_NEEDS", value=code, title=kpi_codes()[code].title, missing=str(error)))
    cohorts = {code: kpi_codes()[code].cohort for code in facts}
    if grain == "hour":
        hourless = [code for code, of in facts.items() if not has_hours(of)]
        problems += [problem("KPI_NO_HOURS", value=code, title=kpi_codes()[code].title) for code in hourless]
    values = _valued(cut(facts, data.teams, period, grain, scopes, cohorts, people), facts, data)
    whole = [period.label] if grain == period.kind else []
    values = with_given(values, data, codes, period, scopes, whole=whole, people=people)
    given = set(values.filter(pl.col("base_note") == GIVEN)["kpi"])
    return KpiRun(values, tuple(found for found in problems if found.value not in given))


def _valued(sums: pl.DataFrame, facts: Mapping[str, Facts], data: Data) -> pl.DataFrame:
    """The sums in people's units, with the value and what is to be said about its base."""
    known = sums.join(_said_of(facts, data), on="kpi", how="left", maintain_order="left")
    numerator, denominator = _in_units("numerator"), _in_units("denominator")
    no_base = pl.col("denominator") == 0
    note = (
        pl.when(no_base & (pl.col("waiting") > 0).fill_null(False)).then(pl.lit(IMMATURE))
        .when(no_base).then(pl.lit(NO_BASE))
        .when(denominator < pl.col("low")).then(pl.lit(LOW_N))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    # of the whole numbers, so that 93 % of anything is 0.93 and not a little less
    ratio = (pl.col("numerator") * pl.col("denominator_parts")) / (pl.col("denominator") * pl.col("numerator_parts"))
    value = pl.when(pl.col("denominator").is_null()).then(numerator).when(~no_base).then(ratio)
    return known.select(
        *("scope_kind", "scope", "kpi", "period"),
        numerator.alias("numerator"),
        denominator.alias("denominator"),
        value.alias("value"),
        note.alias("base_note"),
        pl.col("waiting").fill_null(0),
        "definition",
        _beside(facts, known.columns),
    )


def _beside(facts: Mapping[str, Facts], columns: Collection[str]) -> pl.Expr:
    """What stands aside, with its words, where there is any."""
    found: pl.Expr = pl.lit("")
    for code, of in facts.items():
        words = dict(kpi_codes()[code].aside)
        said = [
            pl.when(pl.col(name) > 0).then(pl.format("{} {}", pl.col(name), pl.lit(words[name])))
            for name in of.aside
            if name in columns
        ]
        if said:
            together = pl.concat_str(said, separator="; ", ignore_nulls=True)
            found = pl.when(pl.col("kpi") == code).then(together).otherwise(found)
    return found.alias("beside")


def _said_of(facts: Mapping[str, Facts], data: Data) -> pl.DataFrame:
    """Of each KPI what it is counted in, below what base it is noted as low (null: never), and its definition."""
    low = {code: data.definitions.few(code) for code in facts if kpi_codes()[code].counts_cases}
    columns = {
        "kpi": list(facts),
        "numerator_parts": [of.parts for of in facts.values()],
        "denominator_parts": [of.denominator_parts for of in facts.values()],
        "low": [low.get(code) for code in facts],
        "definition": [kpi_codes()[code].definition_in(data.definitions) for code in facts],
    }
    whole = dict.fromkeys(("numerator_parts", "denominator_parts", "low"), pl.Int64)
    return pl.DataFrame(columns, schema_overrides={**whole, "kpi": pl.String, "definition": pl.String})


def _in_units(column: str) -> pl.Expr:
    """Divided by numbers of which each belongs to a row: by one for all rows Polars multiplies with its inverse, which
    makes 19.90 of 1990 cents a little more.
    """
    return pl.col(column) / (pl.col(column) * 0 + pl.col(f"{column}_parts"))
