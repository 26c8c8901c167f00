"""The tables and drawings of the page, in words and shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.look import said
from toolkit.money import rounded, worded
from toolkit.recovery.compared import called
from toolkit.recovery.ratios import Ratio, measures
from toolkit.recovery_reports.pages.drawing import Bar, Lines, bar, lines
from toolkit.recovery_reports.shown import (
    ATTEMPTS,
    COMPARISON,
    DESK,
    EFFECTS,
    LIQUIDATION,
    SUMMARY,
    VINTAGE,
    Scope,
    Shown,
    control_words,
    definitions_of,
    exact,
    latest_groups,
    rules_words,
)

AGENTS = 25
"""Agents on the page, those that cost most; the workbook has all."""
DASH = "–"


@dataclass(frozen=True)
class Cell:
    """What a cell says, in a chip of this light, above a bar and a smaller line."""

    text: str
    light: str = ""
    bar: Bar | None = None
    small: str = ""
    words: bool = False


@dataclass(frozen=True)
class Row:
    """A row: its name, what stands under it, and its cells."""

    name: str
    under: str
    cells: Sequence[Cell]
    is_sum: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its title, heads and a note."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Row]
    note: str = ""
    words_from: int = 99


def money(amount: int | Fraction, shown: Shown) -> str:
    """Minor units as people write them."""
    return worded(rounded(Fraction(amount), "half_up"), shown.about.digits)


def in_units(amount: Any, shown: Shown) -> str:
    """An amount of a table as people write it."""
    value = exact(amount)
    return DASH if value is None else f"{value:,.{shown.about.digits}f}"


def percent(one: Ratio) -> str:
    """A percentage of ratios; in words where there is none."""
    return one.note if one.value is None else f"{float(one.value):,.1f} %"


def share(value: Any) -> str:
    """A share of a table as a percentage."""
    return DASH if value is None else f"{float(value) * 100:,.1f} %"


def figures(shown: Shown) -> list[tuple[str, str, str]]:
    """Label, value and how it is coloured."""
    whole = shown.whole
    net = whole.minor("net_recovery")
    return [
        ("Cost to collect, fully loaded", percent(whole.figures["cost_to_collect"]), "answer"),
        ("Collected", money(whole.minor("collected"), shown), ""),
        ("Cost", "not known" if shown.no_costs else money(whole.minor("cost"), shown), ""),
        ("Net recovery", "not known" if shown.no_costs else money(net, shown), "below" if net < 0 else ""),
    ]


# --- by scope ----------------------------------------------------------------------------------------------


def scopes(shown: Shown, kind: str) -> Table | None:
    """Cost to collect, collected, cost and net of every scope of a kind; None where one is everybody."""
    found = shown.scopes(kind)
    if len(found) < 2:
        return None
    if kind == "agent":
        found = sorted(found, key=lambda one: (-one.minor("cost"), one.id))
    most = max((_share_of(one) for one in found), default=0.0)
    rows = [_scope(one, one.name or one.id, most, shown) for one in found[: AGENTS if kind == "agent" else None]]
    more = len(found) - len(rows)
    note = said("RECOVERY_MORE_AGENTS", more=f"{more:,}") if more else ""
    heads = ("Cost to collect", "Collected", "Cost, loaded", "of it direct", "Net recovery", "Look at")
    title = said(f"RECOVERY_PAGE_{kind.upper()}")
    return Table(title, (HEADS[kind], *heads), [*rows, _scope(shown.whole, "All", most, shown, is_sum=True)], note, 6)


HEADS = {"team": "Team", "agent": "Agent", "bucket": "Days past due", "product": "Product", "creditor": "Creditor"}


def _share_of(one: Scope) -> float:
    value = one.figures["cost_to_collect"].value
    return 0.0 if value is None else max(float(value), 0.0)


def _scope(one: Scope, name: str, most: float, shown: Shown, *, is_sum: bool = False) -> Row:
    ratio, net = one.figures["cost_to_collect"], one.minor("net_recovery")
    costs_more = net < 0 and not shown.no_costs
    drawn = (
        None
        if ratio.value is None
        else bar(_share_of(one), 0, most, f"{name}: {percent(ratio)}", mark=100 if most >= 100 else -1)
    )
    collected = one.minor("collected")
    why = (
        said("RECOVERY_NOTHING_COLLECTED_HERE") if collected <= 0 else said("RECOVERY_COSTS_MORE") if costs_more else ""
    )
    return Row(
        name,
        "",
        [
            Cell(percent(ratio), bar=drawn),
            Cell(money(collected, shown)),
            Cell(money(one.minor("cost"), shown)),
            Cell(money(one.minor("cost_direct"), shown)),
            Cell(f"▼ {money(net, shown)}" if costs_more else money(net, shown), "bad" if costs_more else ""),
            Cell(why if costs_more or collected <= 0 else "", words=True),
        ],
        is_sum,
    )


def channels(shown: Shown) -> Table | None:
    """Where the money goes."""
    found = sorted(shown.scopes("channel"), key=lambda one: (-one.minor("cost"), one.id))
    whole = shown.whole.minor("cost")
    if not found or whole <= 0:
        return None
    rows = []
    for one in found:
        part = one.minor("cost") / whole
        kind = said("RECOVERY_LOADED") if not one.minor("cost_direct") else ""
        drawn = bar(part, 0, 1, f"{one.id}: {part * 100:.1f} %")
        cells = [
            Cell(money(one.minor("cost"), shown)),
            Cell(share(part), bar=drawn),
            Cell(percent(one.figures["cost_to_collect"])),
        ]
        rows.append(Row(one.id, kind, cells))
    heads = ("Channel", "Cost", "Of all costs", "Of what was collected")
    return Table(said("RECOVERY_PAGE_CHANNEL"), heads, rows, said("RECOVERY_SHEET_CHANNELS"))


def work(shown: Shown) -> Table | None:
    """What one call, contact, visit costs."""
    rows = []
    for name in shown.actions:
        loaded, direct = (shown.whole.figures[f"cost_per_{name}{end}"] for end in ("", "_direct"))
        cells = [
            Cell(_each(direct, shown)),
            Cell(_each(loaded, shown)),
            Cell(f"{loaded.denominator or 0:,}"),
            Cell(measures()[loaded.measure]["definition"], words=True),
        ]
        rows.append(Row(measures()[loaded.measure]["title"], "", cells))
    heads = ("Work", "Direct", "Fully loaded", "How many", "What it is")
    return Table(said("RECOVERY_PAGE_WORK"), heads, rows, "", 4)


def _each(one: Ratio, shown: Shown) -> str:
    return one.note if one.value is None else money(one.value, shown)


# --- what pays ---------------------------------------------------------------------------------------------


def pursue(shown: Shown) -> Table | None:
    """Accounts past due by next step, with the range of what is expected."""
    rows = shown.rows(SUMMARY)
    most = max((float(row["net_high"]) for row in rows), default=0.0)
    least = min((float(row["net_low"]) for row in rows), default=0.0)
    made = [_step(row, min(least, 0.0), max(most, 0.0), shown) for row in rows]
    heads = ("Next step", "Accounts", "Owed", "Cost", "Net, likely", "Probably between")
    return Table(said("RECOVERY_TO_PURSUE"), heads, made, said("RECOVERY_SHEET_PURSUE"))


def _step(row: dict[str, Any], least: float, most: float, shown: Shown) -> Row:
    ends = f"{in_units(row['net_low'], shown)} to {in_units(row['net_high'], shown)}"
    taken = bool(exact(row["cost"]))
    words = f"{row['title']}: {ends}"
    span = (float(row["net_low"]), float(row["net_high"]))
    drawn = bar(float(row["net_likely"]), least, most, words, span) if taken else None
    return Row(
        row["title"],
        "",
        [
            Cell(f"{row['accounts']:,}"),
            Cell(in_units(row["balance"], shown)),
            Cell(in_units(row["cost"], shown) if taken else DASH),
            Cell(in_units(row["net_likely"], shown) if taken else DASH, bar=drawn),
            Cell(ends if taken else DASH),
        ],
    )


def activities(shown: Shown) -> Table | None:
    """What one more of each brings, ranked, with its range."""
    rows = [row for row in shown.rows(EFFECTS) if row["bucket"] == "all"]
    known = [row for row in rows if row["net_each"] is not None]
    most = max((float(row["net_high"]) for row in known), default=0.0)
    least = min((float(row["net_low"]) for row in known), default=0.0)
    made = [_activity(row, min(least, 0.0), max(most, 0.0), shown) for row in rows]
    heads = (
        "Activity",
        "Actions",
        "Followed by money",
        "When left alone",
        "One more costs",
        "Leaves, each",
        "What it says",
    )
    note = f"{said('RECOVERY_SHEET_ACTIVITIES', days=shown.rules.paid_within_days)} {said('RECOVERY_SHEET_ONE_MORE')}"
    return Table(said("RECOVERY_PAGE_ACTIVITIES"), heads, made, note, 6)


def _activity(row: dict[str, Any], least: float, most: float, shown: Shown) -> Row:
    known = row["net_each"] is not None
    loaded = "" if row["loaded_each"] is None else f"{in_units(row['loaded_each'], shown)} fully loaded"
    ends = f"{in_units(row['net_low'], shown)} to {in_units(row['net_high'], shown)}" if known else ""
    span = (float(row["net_low"]), float(row["net_high"])) if known else None
    drawn = bar(float(row["net_each"]), least, most, f"{row['activity']}: {ends}", span) if known else None
    return Row(
        row["activity"],
        "",
        [
            Cell(f"{row['actions']:,}"),
            Cell(share(row["rate"]), small=f"{share(row['rate_low'])} to {share(row['rate_high'])}"),
            Cell(share(row["self_cure"])),
            Cell(in_units(row["cost_each"], shown), small=loaded),
            Cell(in_units(row["net_each"], shown), bar=drawn, small=ends),
            Cell(row["in_words"], words=True),
        ],
    )


def comparisons(shown: Shown) -> Table | None:
    """Each comparison that was asked for, within its bandwidth; half of it is in the workbook."""
    made = []
    for row in shown.rows(COMPARISON)[::2]:
        cells = [Cell(f"{row['below']:,}"), Cell(f"{row['above']:,}"), Cell(row["in_words"], words=True)]
        made.append(
            Row(row["asked"], called(row["running"], row["outcome"]), [*cells, Cell(row["claims"], words=True)])
        )
    heads = ("Line", "Below, before", "From it on", "What it says", "What it can claim")
    return Table(said("RECOVERY_PAGE_COMPARISON"), heads, made, said("RECOVERY_SHEET_COMPARISON"), 3)


def desks(shown: Shown) -> Table | None:
    """What each team has to collect to pay for itself; agents are in the workbook."""
    rows = [row for row in shown.rows(DESK) if row["scope_kind"] in ("team", "all")]
    most = max((float(exact(row[key]) or 0) for row in rows for key in ("needed", "collected")), default=0.0)
    ordered = sorted(rows, key=lambda row: (row["scope_kind"] == "all", row["scope"]))
    made = [_desk(row, most, shown) for row in ordered]
    heads = ("Desk", "Cost, loaded", "Kept of what is collected", "Has to collect", "Collected", "Short by")
    return Table(said("RECOVERY_PAGE_DESKS"), heads, made, said("RECOVERY_SHEET_DESKS"))


def _desk(row: dict[str, Any], most: float, shown: Shown) -> Row:
    needed, collected = exact(row["needed"]), exact(row["collected"]) or Decimal(0)
    words = f"{in_units(collected, shown)} of {in_units(needed, shown)}"
    drawn = bar(max(float(collected), 0.0), 0, most, words, mark=-1 if needed is None else float(needed))
    short = exact(row["short"])
    light = "" if short is None else "bad" if short > 0 else "good"
    text = DASH if short is None else f"▼ {in_units(short, shown)}" if short > 0 else "▲ pays for itself"
    name = "All" if row["scope_kind"] == "all" else row["name"] or row["scope"] or said("RECOVERY_NOBODY")
    return Row(
        name,
        "",
        [
            Cell(in_units(row["cost"], shown)),
            Cell(share(row["margin"])),
            Cell(in_units(row["needed"], shown)),
            Cell(in_units(collected, shown), bar=drawn),
            Cell(text, light),
        ],
        row["scope_kind"] == "all",
    )


# --- drawings ----------------------------------------------------------------------------------------------


def curves(shown: Shown) -> list[Lines]:
    """Diminishing returns, and what came in by age."""
    found = [_attempts(shown)]
    for name, code in ((LIQUIDATION, "LIQUIDATION"), (VINTAGE, "VINTAGE")):
        table = shown.table(name)
        if table is not None:
            found.append(_ages(table, said(f"RECOVERY_CHART_{code}")))
    return [one for one in found if one is not None]


def _attempts(shown: Shown) -> Lines | None:
    rows = shown.rows(ATTEMPTS)
    known = [row for row in rows if row["verdict"] != "too_few" and row["net_each"] is not None]
    labels = list(dict.fromkeys(row["attempt"] for row in rows))
    cells = {(row["activity"], row["attempt"]): float(row["net_each"]) for row in known}
    of = {
        name: [cells.get((name, label)) for label in labels] for name in dict.fromkeys(row["activity"] for row in known)
    }
    title = said("RECOVERY_CHART_ATTEMPTS", currency=shown.about.currency)
    words = " ".join(row["in_words"] for row in rows if row["in_words"])
    return lines(title, said("RECOVERY_AXIS_ATTEMPTS"), labels, of, share=False, words=words)


def _ages(table: pl.DataFrame, title: str) -> Lines | None:
    groups = latest_groups(table, 8)
    mine = table.filter(pl.col("group").is_in(groups))
    ages = sorted(mine["age"].unique())
    cells = {(row["group"], row["age"]): row["share"] for row in mine.iter_rows(named=True)}
    of = {group: [cells.get((group, age)) for age in ages] for group in groups}
    last = [f"{group}: {share(next(value for value in reversed(of[group]) if value is not None))}" for group in groups]
    return lines(title, said("RECOVERY_AXIS_AGE"), [str(age) for age in ages], of, share=True, words="; ".join(last))


def about(shown: Shown) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """Rules, what became of the costs, and definitions."""
    return [
        ("Rules", rules_words(shown)),
        ("What became of the costs", control_words(shown)),
        ("What each figure is", definitions_of(shown)),
    ]
