"""The Costs sheet: what was spent by team and channel, and by the work that it was spent on, both to the cent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from xlsxwriter.utility import quote_sheetname, xl_col_to_name

from toolkit.look import Column, Page, Table, said
from toolkit.look.theme import MUTED
from toolkit.money import rounded
from toolkit.recovery.ratios import PER_ACTION, UNKNOWN
from toolkit.recovery.work import action_of
from toolkit.recovery_reports.book.charts import SECOND, Series, chart, money_axis, of_column
from toolkit.recovery_reports.book.prose import ALL_COSTS, on_paper
from toolkit.recovery_reports.shown import Shown, in_money

TOP = 6
NO_ACTION = "(salaries and the like)"


@dataclass(frozen=True)
class CostRefs:
    """Where the sums stand that other sheets reckon with."""

    total: str
    direct: str
    loaded: str
    actions: Mapping[str, tuple[str, str]]
    """By action the cells of its direct cost and of what it costs with all it carries."""


def write_costs(page: Page, shown: Shown) -> CostRefs:
    """The sheet; gives the cells of its sums."""
    page.heading("Costs", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_COSTS", loaded=", ".join(shown.rules.fully_loaded) or "–"), font_color=MUTED)
    page.prose(4, said("RECOVERY_COSTS_ADD_UP"), font_color=MUTED)
    matrix = _matrix(page, shown)
    row = matrix.last + 4
    page.prose(row - 1, said("RECOVERY_BY_WORK"), bold=True, font_size=12)
    work = _work(page, row, shown)
    row = work.last + 3
    if not shown.costs.cells.is_empty():
        series = [Series("Direct", of_column(matrix, "direct")), Series("Loaded", of_column(matrix, "loaded"), SECOND)]
        title = said("RECOVERY_CHART_TEAM_COST", currency=shown.about.currency)
        row = chart(page, row, title, of_column(matrix, "team"), series, numbers=money_axis(_by_team(shown)))
    page.heads_stay(TOP, 2)
    page.sheet.repeat_rows(0, 2)
    on_paper(page, row, [work.last + 3])
    page.book.name(ALL_COSTS, matrix.total_cell("all"))
    return _refs(matrix, work, shown)


def _matrix(page: Page, shown: Shown) -> Table:
    """A row a team, a column a channel; direct, loaded and all by formula."""
    cells = shown.costs.cells
    channels = _channels(cells)
    sums = {(team, of): int(amount) for team, of, amount in _summed(cells, "team", "channel")}
    teams = sorted(cells["team"].unique(), key=lambda name: (name == "", name)) or [""]
    columns = [Column("team", "Team", [team or UNKNOWN["team"] for team in teams], widest=28)]
    for place, (channel, _) in enumerate(channels):
        amounts = [sums.get((team, channel), 0) for team in teams]
        columns.append(Column(f"c{place}", channel, amounts, "money", total=True))
    for kind, title in (("direct", "Direct"), ("loaded", "Loaded")):
        mine = [place for place, (_, of) in enumerate(channels) if of == kind]
        amounts = [sum(sums.get((team, channels[place][0]), 0) for place in mine) for team in teams]
        columns.append(Column(kind, title, amounts, "money", _added(mine), total=True))
    both = [sum(amounts) for amounts in zip(columns[-2].values, columns[-1].values, strict=True)]  # type: ignore[arg-type]
    columns.append(
        Column("all", "All", both, "money", "={direct}{row}+{loaded}{row}", total=True, style={"bold": True})
    )
    return page.table(TOP, columns, total="Total")


def _by_team(shown: Shown) -> list[Decimal]:
    return [in_money(amount, shown.about.digits) for _, amount in _summed(shown.costs.cells, "team")]


def _channels(cells: pl.DataFrame) -> list[tuple[str, str]]:
    """Direct ones first, each by what was spent."""
    sums = cells.group_by("channel", "kind").agg(pl.col("amount").sum())
    ordered = sums.sort("kind", "amount", "channel", descending=[False, True, False])
    return list(ordered.select("channel", "kind").iter_rows())


def _added(places: Sequence[int]) -> str:
    """They stand side by side."""
    return f"=SUM({{c{places[0]}}}{{row}}:{{c{places[-1]}}}{{row}})" if places else "=0"


def _summed(cells: pl.DataFrame, *by: str) -> list[tuple[Any, ...]]:
    return cells.group_by(by).agg(pl.col("amount").sum()).sort(by).rows()


def _work(page: Page, row: int, shown: Shown) -> Table:
    """A row an action; both columns of money add up to the same sums as the matrix."""
    cells = shown.costs.cells.with_columns(own=pl.col("channel").replace_strict(action_of(), default=""))
    direct = dict(_summed(cells.filter(pl.col("kind") == "direct"), "own"))
    carried = dict(_summed(cells, "action"))
    names = [action for action in _order() if action in direct or action in carried]
    rest = [name for name in ("",) if direct.get("") or carried.get("")]
    counts = {**dict.fromkeys(names, 0), **_counted(shown)}
    keys = [*names, *rest]
    labels = [*names, *[NO_ACTION for _ in rest]]
    done = [counts[name] for name in names] + [None for _ in rest]
    own, all_of = [int(direct.get(key, 0)) for key in keys], [int(carried.get(key, 0)) for key in keys]
    return page.table(
        row,
        [
            Column("action", "Work", labels),
            Column("own", "Direct, of its own channels", own, "money", total=True),
            Column("carried", "With salaries and overhead", all_of, "money", total=True),
            Column("done", "Done", done, "whole"),
            _each("own", "Direct cost of one", own, done),
            _each("carried", "Cost of one", all_of, done),
        ],
        total="Total",
    )


def _each(key: str, head: str, amounts: Sequence[int], done: Sequence[int | None]) -> Column:
    values = [_rounded(amount, count) for amount, count in zip(amounts, done, strict=True)]
    formula = f'=IF(N({{done}}{{row}})=0,"",ROUND({{{key}}}{{row}}/{{done}}{{row}},minor_digits))'
    return Column(f"{key}_each", head, values, "money", formula)


def _rounded(amount: int, count: int | None) -> int | str:
    return rounded(Fraction(amount, count), "half_up") if count else ""


def _order() -> list[str]:
    return list(dict.fromkeys(action for actions, _ in PER_ACTION.values() for action in actions))


def _counted(shown: Shown) -> dict[str, int]:
    work = shown.costs.work.filter(pl.col("measure").is_in(_order()))
    return {str(name): int(count) for name, count in work.group_by("measure").agg(pl.col("count").sum()).iter_rows()}


def _refs(matrix: Table, work: Table, shown: Shown) -> CostRefs:
    labels = _labels(shown)
    cells = {name: (_cell(work, "own", place), _cell(work, "carried", place)) for place, name in enumerate(labels)}
    sums = {key: matrix.total_cell(key) for key in ("all", "direct", "loaded")}
    return CostRefs(sums["all"], sums["direct"], sums["loaded"], cells)


def _labels(shown: Shown) -> list[str]:
    """The actions of the table of work, in its order."""
    cells = shown.costs.cells
    own = set(cells["channel"].replace_strict(action_of(), default=""))
    return [action for action in _order() if action in own or action in set(cells["action"])]


def _cell(table: Table, key: str, place: int) -> str:
    letter = xl_col_to_name(table.left + table.keys.index(key))
    return f"{quote_sheetname(table.sheet)}!${letter}${table.first + place + 1}"
