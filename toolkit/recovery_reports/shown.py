"""What the workbook and the page of the cost of recovery are made from, and how its figures become exact decimals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import polars as pl

from toolkit.look import day_words, period_words, said
from toolkit.money import worded
from toolkit.problems import Problem
from toolkit.recovery.costs import Costs
from toolkit.recovery.pursuit import Pursuit
from toolkit.recovery.pursuit_tables import CHANCES, PURSUE, SUMMARY, pursue_table
from toolkit.recovery.ratios import NO_COSTS, PER_ACTION, Ratio, measures
from toolkit.recovery.routes import Route
from toolkit.recovery_rules import RecoveryRules
from toolkit.scorecard_reports.files import About

EFFECTS, ATTEMPTS, HOURS, SELF_CURE = "effects.csv", "attempts.csv", "hours.csv", "self_cure.csv"
ROLLS, FLOWS, RATES, FORECAST = "rolls.csv", "flows.csv", "roll_rates.csv", "loss_forecast.csv"
LIQUIDATION, VINTAGE, DESK = "liquidation.csv", "vintage.csv", "desk.csv"
SENSITIVITY, COMPARISON = "sensitivity.csv", "comparison.csv"
PLACES = 9
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """One agent, team, bucket: its figures by measure."""

    kind: str
    id: str
    name: str
    figures: Mapping[str, Ratio]

    def minor(self, measure: str) -> int:
        """An amount in minor units, 0 where there is none."""
        found = self.figures.get(measure)
        return 0 if found is None else int(found.numerator)


@dataclass(frozen=True)
class Shown:
    """The cost of recovery of a period.

    tables: what is worth pursuing, effects and curves by the names of their files, in the currency's own unit; any may
    be missing. pursuit: the pursue list, of which a table is made where one is asked for. steps: each account's rungs
    that may be taken (`toolkit.recovery.what_if.STEPS_SCHEMA`). names: of agents. definitions: of every measure, in
    words. remarks: what is to be said about the data.
    """

    about: About
    costs: Costs
    ratios: Sequence[Ratio]
    routes: Sequence[Route]
    rules: RecoveryRules
    tables: Mapping[str, pl.DataFrame]
    steps: pl.DataFrame | None
    names: Mapping[str, str]
    definitions: Mapping[str, str]
    remarks: Sequence[Problem]
    pursuit: Pursuit | None = None

    @property
    def no_costs(self) -> bool:
        """Whether nobody knows what was spent."""
        return any(one.note == NO_COSTS for one in self.ratios)

    def table(self, name: str) -> pl.DataFrame | None:
        """A further table; None where it was not made or has no rows."""
        found = self.tables.get(name)
        if found is None and name == PURSUE:
            found = self._listed
        return None if found is None or found.is_empty() else found

    @cached_property
    def _listed(self) -> pl.DataFrame | None:
        return pursue_table(self.pursuit) if self.pursuit else None

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Its rows; none where it was not made."""
        found = self.table(name)
        return [] if found is None else found.to_dicts()

    def scopes(self, kind: str) -> list[Scope]:
        """The scopes of a kind, in their order."""
        found: dict[str, dict[str, Ratio]] = {}
        for one in self.ratios:
            if one.scope_kind == kind:
                found.setdefault(one.scope, {})[one.measure] = one
        return [Scope(kind, scope, self.names.get(scope, "") or scope, of) for scope, of in found.items()]

    @property
    def whole(self) -> Scope:
        """Everybody."""
        return self.scopes("all")[0]

    @property
    def actions(self) -> list[str]:
        """The kinds of work (call, contact, ...) whose cost is known, in their order."""
        return [name for name in PER_ACTION if f"cost_per_{name}" in self.whole.figures]

    @property
    def subtitle(self) -> str:
        """Whose figures, when, and whether they are provisional."""
        parts = [self.about.title, period_words(self.about.period), self.about.currency]
        if self.about.provisional:
            parts.append(said("CARD_PROVISIONAL", day=day_words(self.about.as_of)))
        return " · ".join(part for part in parts if part)

    @property
    def footer(self) -> str:
        """What made the pages."""
        about = self.about
        return said(
            "RECOVERY_FOOTER",
            period=about.period.label,
            profile=about.profile,
            day=day_words(about.as_of),
            version=about.version,
        )


def exact(value: Any, places: int = PLACES) -> Decimal | None:
    """A figure of a table as an exact decimal; None for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        return Decimal(str(round(value, places)))
    if isinstance(value, Fraction):
        return Decimal(str(round(float(value), places)))
    return Decimal(str(value))


def in_money(minor: int | Fraction, digits: int) -> Decimal:
    """Minor units as an amount of the currency's own unit."""
    return Decimal(int(minor)).scaleb(-digits)


def pursued(rows: Sequence[Row]) -> list[Row]:
    """Those of the summary that are steps, not decisions to leave the account."""
    return [row for row in rows if exact(row["cost"])]


def latest_groups(curves: pl.DataFrame, most: int) -> list[str]:
    """Of a table of curves the latest groups with two ages or more."""
    sizes = curves.filter(pl.col("share").is_not_null()).group_by("group").len().filter(pl.col("len") > 1)
    return sorted(sizes["group"].to_list())[-most:]


# --- in words ----------------------------------------------------------------------------------------------


def pursue_words(shown: Shown) -> list[str]:
    """What the list of accounts comes to, in sentences."""
    rows = shown.rows(SUMMARY)
    taken = pursued(rows)
    if not rows:
        return []
    fields = {name: _sum(taken, name, shown) for name in ("cost", "net_low", "net_likely", "net_high")}
    count = sum(int(row["accounts"]) for row in taken)
    everybody = sum(int(row["accounts"]) for row in rows)
    words = [said("RECOVERY_PURSUE_SUM", pursued=f"{count:,}", accounts=f"{everybody:,}", **fields)]
    for row in rows:
        if row not in taken:
            balance = f"{exact(row['balance']) or Decimal(0):,.{shown.about.digits}f}"
            words.append(
                said("RECOVERY_PURSUE_REST", title=row["title"], accounts=f"{row['accounts']:,}", balance=balance)
            )
    return words


def _sum(rows: Sequence[Row], name: str, shown: Shown) -> str:
    return f"{sum((exact(row[name]) or Decimal(0) for row in rows), Decimal(0)):,.{shown.about.digits}f}"


def rules_words(shown: Shown) -> list[tuple[str, str]]:
    """The profile's [recovery], in words."""
    rules = shown.rules
    commission = "RECOVERY_RULE_WITH_COMMISSION" if rules.commission == "included" else "RECOVERY_RULE_NO_COMMISSION"
    found = [
        ("Commission", said(commission)),
        ("Overhead", said("RECOVERY_RULE_LOADED", channels=", ".join(rules.fully_loaded) or "–")),
        ("Shared by", said("RECOVERY_RULE_SHARED", key=rules.share_by.replace("_", " "))),
        ("Followed by money", said("RECOVERY_RULE_FOLLOWED", days=rules.paid_within_days)),
        (
            "What decides",
            said(
                "RECOVERY_RULE_DECIDES",
                bound=said(f"RECOVERY_BOUND_{rules.decides.upper()}"),
                confidence=f"{float(rules.confidence) * 100:g}",
                least=rules.least_cases,
            ),
        ),
        ("Fee", said(f"RECOVERY_RULE_FEE_{rules.fee.upper()}", share=f"{float(rules.fee_rate) * 100:g}")),
        (
            "When to stop",
            said("RECOVERY_RULE_STOP", periods=rules.stop_after, share=f"{float(rules.most_share) * 100:g}"),
        ),
        (
            "Left alone on purpose",
            said("RECOVERY_RULE_HOLD_OUT", batches=", ".join(rules.hold_out))
            if rules.hold_out
            else said("RECOVERY_RULE_NO_HOLD_OUT"),
        ),
    ]
    return found + [("Never pursued", veto.why) for veto in rules.vetoes]


def control_words(shown: Shown) -> list[tuple[str, str]]:
    """Rows and amounts of the costs, as read and by what became of them."""
    ledger, digits = shown.costs.ledger, shown.about.digits
    rows, amount = ledger.read
    found = [("Read", f"{worded(amount, digits)} in {rows:,} rows")]
    return found + [
        (word.capitalize(), f"{worded(sums, digits)} in {count:,} rows")
        for word, (count, sums) in sorted(ledger.fates.items())
    ]


def definitions_of(shown: Shown) -> list[tuple[str, str]]:
    """Of the figures that the book has."""
    here = shown.whole.figures
    return [(measures()[name]["title"], words) for name, words in shown.definitions.items() if name in here]


__all__ = [
    "ATTEMPTS", "CHANCES", "DESK", "EFFECTS", "FLOWS", "FORECAST", "HOURS", "LIQUIDATION", "PURSUE", "RATES", "ROLLS",
    "SELF_CURE", "SENSITIVITY", "SUMMARY", "VINTAGE", "Row", "Scope", "Shown", "control_words", "definitions_of",
    "exact", "in_money", "latest_groups", "pursue_words", "pursued", "rules_words",
]  # fmt: skip
