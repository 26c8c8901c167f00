"""What activities bring, by attempt and hour; how debts roll; what came in by age; what a desk has to collect."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from toolkit.look import LEFT, Column, Kind, Page, Table, said
from toolkit.look.theme import MUTED
from toolkit.recovery_reports.book.charts import COLOURS, DASHES, SECOND, Series, chart, money_axis, of_column, reach
from toolkit.recovery_reports.book.prose import on_paper, sentences
from toolkit.recovery_reports.shown import (
    ATTEMPTS,
    DESK,
    EFFECTS,
    FLOWS,
    FORECAST,
    HOURS,
    LIQUIDATION,
    RATES,
    ROLLS,
    SELF_CURE,
    VINTAGE,
    Shown,
    exact,
    latest_groups,
)

TOP = 5
GROUPS = 10
"""Batches or months that a sheet of curves shows, the latest."""
FLOW_SIGNS = {
    "new": 1, "from_better": 1, "from_worse": 1, "to_worse": -1, "to_better": -1, "cured": -1, "paid_off": -1,
    "written_off": -1, "returned": -1, "gone": -1, "change": 1,
}  # fmt: skip


def write_activities(page: Page, shown: Shown) -> None:
    """Activities ranked by what one more brings, then by bucket, then who pays when left alone."""
    rows = shown.rows(EFFECTS)
    page.heading("Activities", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_ACTIVITIES", days=shown.rules.paid_within_days), font_color=MUTED)
    page.prose(4, said("RECOVERY_SHEET_ONE_MORE"), font_color=MUTED)
    whole = [row for row in rows if row["bucket"] == "all"]
    columns = [Column("activity", "Activity", [row["activity"] for row in whole], widest=26), *_effects(whole)]
    words = Column("words", "What it says", [row["in_words"] for row in whole], "note", widest=74)
    table = page.table(TOP, [*columns, words])
    row = _ranked_chart(page, table, whole, shown)
    page.prose(row, said("RECOVERY_BY_BUCKET"), bold=True, font_size=12)
    parts = [row for row in rows if row["bucket"] != "all"]
    names = [f"{row['activity']}, {row['bucket'] or '?'}" for row in parts]
    looks = Column("verdict", "", [said(f"RECOVERY_LOOK_{row['verdict'].upper()}") for row in parts], "note")
    below = page.table(
        row + 1, [Column("activity", "Activity, days past due", names, widest=30), *_effects(parts), looks]
    )
    last = _self_cure(page, below.last + 2, shown)
    page.sheet.print_area(0, 0, last, LEFT + len(columns))
    on_paper(page, last, [table.last + 2, row, below.last + 2])
    page.heads_stay(TOP, 2)
    page.sheet.repeat_rows(0, 1)


def _effects(rows: Sequence[dict[str, Any]]) -> list[Column]:
    shares = {
        "rate": "Followed by money", "self_cure": "Paid when left alone", "uplift": "So it adds",
        "uplift_low": "at least", "uplift_high": "at most",
    }  # fmt: skip
    money = {
        "cost_each": "One more costs", "net_each": "Net of one more", "net_low": "at least", "net_high": "at most",
        "loaded_each": "Fully loaded", "net_loaded": "Net with salaries",
    }  # fmt: skip
    muted: dict[str, Any] = {"font_color": MUTED}
    return [
        Column("actions", "Actions", [row["actions"] for row in rows], "whole"),
        *(
            Column(
                key,
                head,
                [exact(row[key]) for row in rows],
                "share",
                style=muted if ("_" in key[-5:] and "low" in key) or "high" in key else {},
            )
            for key, head in shares.items()
        ),
        *(
            Column(
                key,
                head,
                [exact(row[key]) for row in rows],
                "money",
                style={"bold": True} if key == "net_each" else muted if key.startswith(("net_", "loaded")) else {},
            )
            for key, head in money.items()
        ),
    ]


def _ranked_chart(page: Page, table: Table, rows: Sequence[dict[str, Any]], shown: Shown) -> int:
    """What one more brings, with its range, whose ends stand right of the page."""
    if not any(row["net_each"] is not None for row in rows):
        return table.last + 3
    letters = {name: table.letter(name) for name in ("net_each", "net_low", "net_high")}
    ends = {
        "more": [_gap(row["net_high"], row["net_each"]) for row in rows],
        "less": [_gap(row["net_each"], row["net_low"]) for row in rows],
    }
    formulas = {
        "more": f'=IF({letters["net_high"]}{{row}}="","",{letters["net_high"]}{{row}}-{letters["net_each"]}{{row}})',
        "less": f'=IF({letters["net_low"]}{{row}}="","",{letters["net_each"]}{{row}}-{letters["net_low"]}{{row}})',
    }
    spans = page.table(
        TOP,
        [
            Column(
                key,
                {"more": "Range: up", "less": "down"}[key],
                values,
                "money",
                formulas[key],
                style={"font_color": MUTED},
            )
            for key, values in ends.items()
        ],
        left=LEFT + len(table.keys) + 1,
    )
    series = Series(
        "Net of one more", of_column(table, "net_each"), plus=of_column(spans, "more"), minus=of_column(spans, "less")
    )
    known = [row for row in rows if row["net_high"] is not None]
    span = reach([float(row["net_high"]) for row in known], [float(row["net_low"]) for row in known])
    title = said("RECOVERY_CHART_ACTIVITIES", currency=shown.about.currency)
    return chart(
        page,
        table.last + 3,
        title,
        of_column(table, "activity"),
        [series],
        width=760,
        span=span,
        numbers=money_axis(row["net_high"] for row in known),
    )


def _gap(high: Any, low: Any) -> Decimal | str:
    above, under = exact(high), exact(low)
    return "" if above is None or under is None else above - under


def _self_cure(page: Page, row: int, shown: Shown) -> int:
    rows = shown.rows(SELF_CURE)
    if not rows:
        return row
    page.prose(row, said("RECOVERY_SELF_CURE"), bold=True, font_size=12)
    shares = {
        "pursued_rate": "Pursued: paid",
        "alone_rate": "Left alone: paid",
        "difference": "Apart",
        "low": "at least",
        "high": "at most",
    }
    table = page.table(
        row + 1,
        [
            Column("bucket", "Days past due", [one["bucket"] or "?" for one in rows]),
            Column("pursued", "Pursued", [one["pursued"] for one in rows], "whole"),
            *(Column(key, head, [exact(one[key]) for one in rows], "share") for key, head in shares.items()),
            Column("alone", "Left alone", [one["alone"] for one in rows], "whole"),
        ],
    )
    return sentences(page, table.last + 1, [one["in_words"] for one in rows], LEFT + 10, muted=True)


def write_by(page: Page, shown: Shown, name: str) -> None:
    """Attempts or hours: what each activity brings at each, side by side, with the lines."""
    key, measure, kind = ("attempt", "net_each", "money") if name == ATTEMPTS else ("hour", "rate", "share")
    rows = shown.rows(name)
    page.heading(page.name, shown.subtitle)
    page.prose(3, said(f"RECOVERY_SHEET_{page.name.upper()}"), font_color=MUTED)
    labels = list(
        dict.fromkeys(
            str(row[key]) for row in (rows if name == ATTEMPTS else sorted(rows, key=lambda row: row["hour"]))
        )
    )
    activities = list(dict.fromkeys(row["activity"] for row in rows if _enough(row, measure) is not None))
    cells = {(str(row[key]), row["activity"]): row for row in rows}
    columns = [
        Column(
            key,
            "Attempt" if name == ATTEMPTS else "Hour of the day",
            labels if name == ATTEMPTS else [f"{int(label):02}:00" for label in labels],
            widest=26,
        )
    ]
    for place, activity in enumerate(activities):
        values = [_enough(cells.get((label, activity)), measure) for label in labels]
        columns.append(Column(f"a{place}", activity, values, kind))  # type: ignore[arg-type]  # one of two kinds
    for place, activity in enumerate(activities):
        counts = [cells[label, activity]["actions"] if (label, activity) in cells else None for label in labels]
        columns.append(Column(f"n{place}", f"{activity}: actions", counts, "whole", style={"font_color": MUTED}))
    table = page.table(TOP, columns)
    row = sentences(page, table.last + 2, [row["in_words"] for row in rows if row.get("in_words")], LEFT + 8) + 1
    series = _lines(table, [(f"a{place}", activity) for place, activity in enumerate(activities)])
    title = said(f"RECOVERY_CHART_{page.name.upper()}", currency=shown.about.currency)
    looks: dict[str, Any] = (
        {"numbers": "0%"}
        if kind == "share"
        else {"numbers": money_axis(row[measure] for row in rows), "span": (None, None)}
    )
    last = chart(page, row, title, of_column(table, key), series, kind="line", axis=columns[0].head, width=760, **looks)
    on_paper(page, last)
    page.heads_stay(TOP, 2)


def _enough(row: dict[str, Any] | None, measure: str) -> Decimal | None:
    """The figure, unless there are too few cases to judge by."""
    return None if row is None or row["verdict"] == "too_few" else exact(row[measure])


def _lines(table: Table, names: Sequence[tuple[str, str]]) -> list[Series]:
    return [
        Series(name, of_column(table, key), COLOURS[place % len(COLOURS)], dash=DASHES[place % len(DASHES)])
        for place, (key, name) in enumerate(names)
    ]


# --- rolls -------------------------------------------------------------------------------------------------


def write_rolls(page: Page, shown: Shown) -> list[tuple[str, str, int]]:
    """The last month's matrix, its flows and the rates of every month; gives formulas that must be nothing."""
    rolls = shown.table(ROLLS)
    assert rolls is not None  # noqa: S101  # only then the sheet is made
    month = rolls["month"].max()
    mine = rolls.filter(pl.col("month") == month)
    page.heading("Rolls", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_ROLLS", month=month), font_color=MUTED)
    table = _matrix(page, TOP, mine)
    row = table.last + 4
    foots = []
    for unit, kind in (("money", "money"), ("accounts", "whole")):
        flows = [one for one in shown.rows(FLOWS) if one["month"] == month and one["unit"] == unit]
        if flows:
            page.prose(row, said(f"RECOVERY_FLOWS_{unit.upper()}", month=month), bold=True, font_size=12)
            flow = _flows(page, row + 1, flows, kind)  # type: ignore[arg-type]  # one of two kinds
            foots.append((f"Flows of {unit}", flow.total_cell("gap"), 0))
            row = flow.last + 4
    _rates(page, row, shown)
    page.heads_stay(TOP, 2)
    page.sheet.repeat_rows(0, 1)
    return foots


def _matrix(page: Page, top: int, rows: pl.DataFrame) -> Table:
    """Accounts from where to where: rows add up to what opened, columns to what closed."""
    froms, tos = (list(dict.fromkeys(rows[side])) for side in ("from", "to"))
    order = [*(name for name in froms if name != "new"), *(["new"] if "new" in froms else [])]
    columns = [name for name in order if name in tos] + [name for name in tos if name not in order]
    cells = {(one["from"], one["to"]): one["accounts"] for one in rows.iter_rows(named=True)}
    made = [Column("from", "From, to", [_state(name) for name in order])]
    for place, to in enumerate(columns):
        made.append(Column(f"t{place}", _state(to), [cells.get((one, to), 0) for one in order], "whole", total=True))
    sums = [sum(cells.get((one, to), 0) for to in columns) for one in order]
    last = f"{{t{len(columns) - 1}}}"
    made.append(
        Column("all", "All", sums, "whole", f"=SUM({{t0}}{{row}}:{last}{{row}})", total=True, style={"bold": True})
    )
    return page.table(top, made, total="All")


def _state(name: str) -> str:
    return name.replace("_", " ")


def _flows(page: Page, row: int, rows: Sequence[dict[str, Any]], kind: Kind) -> Table:
    """Opening and everything that came and went make the closing, by formula."""

    def values(name: str) -> list[Any]:
        found = [exact(one[name]) or Decimal(0) for one in rows]
        return [int(value) for value in found] if kind == "whole" else found

    columns = [
        Column("state", "State", [_state(one["state"]) for one in rows]),
        Column("opening", "Opening", values("opening"), kind, total=True),
    ]
    used = [name for name in FLOW_SIGNS if any(values(name))]
    columns += [Column(name, _state(name).capitalize(), values(name), kind, total=True) for name in used]
    text = "={opening}{row}" + "".join(("+" if FLOW_SIGNS[name] > 0 else "-") + f"{{{name}}}{{row}}" for name in used)
    columns.append(Column("closing", "Closing", values("closing"), kind, text, total=True, style={"bold": True}))
    columns.append(
        Column("stood", "Stood at the end", values("closing"), kind, total=True, style={"font_color": MUTED})
    )
    gap = "=ROUND({closing}{row}-{stood}{row},minor_digits)"
    columns.append(Column("gap", "Differs", [0 if kind == "whole" else Decimal(0)] * len(rows), kind, gap, total=True))
    return page.table(row, columns, total="All")


def _rates(page: Page, row: int, shown: Shown) -> None:
    """The share of money that rolled on, by month and state."""
    rows = shown.rows(RATES)
    if not rows:
        return
    page.prose(row, said("RECOVERY_RATES"), bold=True, font_size=12)
    months = list(dict.fromkeys(one["month"] for one in rows))
    order = list(dict.fromkeys(one["state"] for one in shown.rows(FLOWS)))
    known = {one["state"] for one in rows if one["rate_money"]}  # a line at nothing says nothing
    states = [state for state in order if state in known]
    cells = {(one["month"], one["state"]): exact(one["rate_money"]) for one in rows}
    columns = [Column("month", "Month", months)]
    columns += [
        Column(f"s{place}", _state(state), [cells.get((month, state)) for month in months], "share")
        for place, state in enumerate(states)
    ]
    table = page.table(row + 1, columns)
    series = _lines(table, [(f"s{place}", _state(state)) for place, state in enumerate(states)])
    chart(
        page,
        table.last + 3,
        said("RECOVERY_CHART_ROLLS"),
        of_column(table, "month"),
        series,
        kind="line",
        numbers="0%",
        width=760,
    )
    below = _forecast(page, table.last + 18, shown)
    on_paper(page, below, [row, table.last + 17])


def _forecast(page: Page, row: int, shown: Shown) -> int:
    """What is to be lost of today's balances, as a range."""
    rows = [one for one in shown.rows(FORECAST) if one["balance"]]
    if not rows:
        return row
    until = "RECOVERY_FORECAST_LOST" if rows[0]["until"] == "written_off" else "RECOVERY_FORECAST_LAST"
    page.prose(row, said(until), bold=True, font_size=12)
    heads = {"balance": "Owed now", "loss_low": "At least", "loss": "Likely", "loss_high": "At most"}
    table = page.table(
        row + 1,
        [
            Column("state", "State", [_state(one["state"]) for one in rows]),
            *(Column(key, head, [exact(one[key]) for one in rows], "money", total=True) for key, head in heads.items()),
        ],
        total="All",
    )
    return table.last + 2


# --- curves and desks --------------------------------------------------------------------------------------


def write_curves(page: Page, shown: Shown) -> None:
    """Batches placed, then cohorts activated, by age: a line each."""
    page.heading("Curves", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_CURVES", groups=GROUPS), font_color=MUTED)
    row, breaks = TOP, []
    for name, code in ((LIQUIDATION, "LIQUIDATION"), (VINTAGE, "VINTAGE")):
        found = shown.table(name)
        if found is not None:
            page.prose(row, said(f"RECOVERY_CURVE_{code}"), bold=True, font_size=12)
            breaks.append(row)
            row = _curves(page, row + 1, found, said(f"RECOVERY_CHART_{code}"))
    on_paper(page, row, breaks[1:])


def _curves(page: Page, row: int, found: pl.DataFrame, title: str) -> int:
    groups = latest_groups(found, GROUPS)
    if not groups:
        page.prose(row, said("RECOVERY_NO_CURVES"), font_color=MUTED)
        return row + 2
    mine = found.filter(pl.col("group").is_in(groups))
    ages = sorted(mine["age"].unique())
    shares = {(one["age"], one["group"]): exact(one["share"]) for one in mine.iter_rows(named=True)}
    columns = [Column("age", "Months since", [int(age) for age in ages], "count", style={"align": "left"})]
    columns += [
        Column(f"g{place}", group, [shares.get((age, group)) for age in ages], "share")
        for place, group in enumerate(groups)
    ]
    table = page.table(row, columns)
    bases = {one["group"]: one for one in mine.sort("age").iter_rows(named=True)}
    page.put(table.last + 1, LEFT, "Accounts", font_color=MUTED)
    page.put(table.last + 2, LEFT, "Placed", font_color=MUTED)
    for place, group in enumerate(groups, 1):
        page.put(table.last + 1, LEFT + place, int(bases[group]["accounts"]), "whole", font_color=MUTED)
        page.put(table.last + 2, LEFT + place, exact(bases[group]["base"]), "money", font_color=MUTED)
    series = _lines(table, [(f"g{place}", group) for place, group in enumerate(groups)])
    return chart(
        page,
        table.last + 4,
        title,
        of_column(table, "age"),
        series,
        kind="line",
        numbers="0%",
        axis="Months since",
        width=760,
    )


def write_desk(page: Page, shown: Shown) -> Table:
    """What each has to collect to pay for itself, and how far it got."""
    rows = [row for row in shown.rows(DESK) if row["scope_kind"] != "all"]
    page.heading("Desks", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_DESKS"), font_color=MUTED)
    ordered = sorted(rows, key=lambda row: (row["scope_kind"] != "team", row["scope"]))
    short = '=IF({needed}{row}="","",MAX({needed}{row}-{collected}{row},0))'
    reached = '=IF(N({needed}{row})=0,"",{collected}{row}/{needed}{row})'
    values = {key: [exact(row[key]) for row in ordered] for key in ("cost", "margin", "needed", "collected", "short")}
    shares = [_reached(row) for row in ordered]
    table = page.table(
        TOP,
        [
            Column("name", "Desk", [row["name"] or row["scope"] or "(nobody)" for row in ordered], widest=30),
            Column("kind", "", [row["scope_kind"] for row in ordered], "note"),
            Column("cost", "Cost, loaded", values["cost"], "money"),
            Column("margin", "Kept of what is collected", values["margin"], "share"),
            Column("needed", "Has to collect", values["needed"], "money", style={"bold": True}),
            Column("collected", "Collected", values["collected"], "money"),
            Column("short", "Short by", ["" if value is None else value for value in values["short"]], "money", short),
            Column("reached", "Reached", shares, "share", reached),
            Column("verdict", "", [_VERDICTS.get(row["verdict"], row["verdict"]) for row in ordered], "status"),
        ],
    )
    if 1 < len(ordered) <= 40:
        series = [
            Series("Collected", of_column(table, "collected")),
            Series("Has to collect", of_column(table, "needed"), SECOND),
        ]
        title = said("RECOVERY_CHART_DESKS", currency=shown.about.currency)
        last = chart(
            page,
            table.last + 3,
            title,
            of_column(table, "name"),
            series,
            width=860,
            numbers=money_axis(row["needed"] for row in ordered),
        )
        on_paper(page, last, [table.last + 2])
    page.heads_stay(TOP, 2)
    return table


_VERDICTS = {
    "reached": "✓ pays for itself",
    "short": "◆ short",
    "never": "✗ nothing is kept",
    "no_cost": "◆ cost not known",
}


def _reached(row: dict[str, Any]) -> Decimal | str:
    needed, collected = exact(row["needed"]), exact(row["collected"])
    return "" if not needed or collected is None else collected / needed


__all__ = ["HOURS", "write_activities", "write_by", "write_curves", "write_desk", "write_rolls"]
