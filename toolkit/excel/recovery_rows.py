"""The rows of the sheets Costs, Cost of recovery and Worth pursuing."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.excel.cells import as_cell
from toolkit.excel.layout import layout
from toolkit.problems import said
from toolkit.recovery.factors import Factors, Sums, together
from toolkit.recovery.ratios import UNKNOWN, Ratio, measures
from toolkit.recovery_reports.shown import PURSUE, Scope, Shown

Row = Sequence[object]
ALL_CHANNELS = "all channels"
LISTS = ("team", "creditor", "product", "agent")
COSTS_MORE, NOTHING, FINE = "◆ costs more than it brings", "◆ nothing collected", ""
ONE = Fraction(1)


def room(name: str) -> int:
    """Rows that a block has room for."""
    return layout().block(name)[1].rows


def charted(sheet: str) -> int:
    """Rows at the top of a sheet that its charts show."""
    return next(of for of in layout().sheet if of.name == sheet).chart[0].rows


def _padded(rows: Sequence[Row], count: int) -> list[Row]:
    """As many rows as a chart shows, and one free."""
    return [*rows, *([[]] * (count + 1 - len(rows)))]


# --- costs -----------------------------------------------------------------------------------------------


def cost_rows(shown: Shown) -> list[Row]:
    """The channels, the dearest first; then team by team its sum and its channels."""
    heads = ["Team", "Channel", "Cost", "Of the team"]
    return [*_padded(_channels(shown), charted("Costs")), heads, *_team_rows(shown)][: room("costs")]


def _channels(shown: Shown) -> list[Row]:
    """What there is no room for as one."""
    found = sorted(shown.scopes("channel"), key=lambda one: (-one.minor("cost"), one.id))
    most = charted("Costs")
    kept = found if len(found) <= most else found[: most - 1]
    rows = [_channel(one.id, one.minor("cost"), one.minor("cost_direct"), shown) for one in kept]
    if len(found) > len(kept):
        rest = found[len(kept) :]
        cost, direct = (sum(one.minor(name) for one in rest) for name in ("cost", "cost_direct"))
        rows.append(_channel(said("RECOVERY_OTHER_CHANNELS", count=len(rest)), cost, direct, shown))
    return rows


def _channel(name: str, cost: int, direct: int, shown: Shown) -> Row:
    whole = shown.whole
    kind = "direct" if direct == cost else "loaded" if not direct else "both"
    collected = whole.minor("collected")
    share = cost / collected if collected > 0 else "no base"
    return name, kind, as_cell(cost, shown.about.digits), _share(cost, whole.minor("cost")), share


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _team_rows(shown: Shown) -> list[Row]:
    sums = shown.costs.cells.group_by("team", "channel").agg(pl.col("amount").sum())
    ordered = sums.sort("amount", "channel", descending=[True, False])
    by_team: dict[str, list[tuple[str, int]]] = {}
    for team, channel, amount in ordered.select("team", "channel", "amount").iter_rows():
        by_team.setdefault(team, []).append((channel, int(amount)))
    rows: list[Row] = []
    for team in sorted(by_team, key=lambda name: (name == "", name)):
        whole, name = sum(amount for _, amount in by_team[team]), team or UNKNOWN["team"]
        rows.append([name, ALL_CHANNELS, as_cell(whole, shown.about.digits), 1.0 if whole else None])
        rows += [
            [name, channel, as_cell(amount, shown.about.digits), _share(amount, whole)]
            for channel, amount in by_team[team]
        ]
    return rows


# --- cost of recovery --------------------------------------------------------------------------------------


def _charted(shown: Shown, kind: str) -> list[Row]:
    """The scopes of a kind; of more than a chart has room for, those that cost most."""
    found, most = shown.scopes(kind), charted("Cost of recovery")
    if len(found) > most:
        found = sorted(found, key=lambda one: (-one.minor("cost"), one.id))[:most]
    return _padded([_scope(one, one.name or one.id, shown) for one in found], most)


def _scope(one: Scope, name: str, shown: Shown) -> Row:
    digits = shown.about.digits
    amounts = [as_cell(one.minor(measure), digits) for measure in ("collected", "cost", "cost_direct", "net_recovery")]
    if shown.no_costs:
        amounts[1:] = [None, None, None]
    return name, _ratio(one.figures["cost_to_collect"]), *amounts, _look(one, shown)


def _ratio(one: Ratio) -> float | str:
    return one.note if one.value is None else float(one.value / one.times)


def _look(one: Scope, shown: Shown) -> str:
    if shown.no_costs:
        return ""
    if one.minor("collected") <= 0:
        return NOTHING if one.minor("cost") else ""
    return COSTS_MORE if one.minor("net_recovery") < 0 else FINE


def recovery_rows(shown: Shown) -> list[Row]:
    """Days past due and teams, as the charts show them; everybody, what work costs, and list by list."""
    rows = [*_charted(shown, "bucket"), ["Team", *HEADS], *_charted(shown, "team")]
    rows += [["Everybody", *HEADS], _scope(shown.whole, "All", shown), []]
    rows += [["What a piece of work costs", None, "Direct", "Fully loaded", "How many"]]
    rows += [_work(name, shown) for name in shown.actions]
    for kind in LISTS:
        scopes = shown.scopes(kind)
        if len(scopes) > 1 and not (kind == "team" and len(scopes) <= charted("Cost of recovery")):
            rows += [[], [f"By {kind}", *HEADS], *(_scope(one, one.name or one.id, shown) for one in scopes)]
    return rows[: room("recovery")]


HEADS = ("Cost to collect", "Collected", "Cost, loaded", "Of it direct", "Net recovery", "Look")


def _work(name: str, shown: Shown) -> Row:
    direct, loaded = (shown.whole.figures[f"cost_per_{name}{end}"] for end in ("_direct", ""))
    each = [one.note if one.value is None else float(one.value) / 10**shown.about.digits for one in (direct, loaded)]
    return (
        measures()[loaded.measure]["title"],
        None,
        *each,
        said("RECOVERY_TIMES", count=f"{loaded.denominator or 0:,}"),
    )


# --- worth pursuing ----------------------------------------------------------------------------------------


def pursue_rows(shown: Shown) -> list[Row]:
    """The accounts, the most worth first, as many as there is room for."""
    found = shown.table(PURSUE)
    if found is None:
        return []
    ordered = found.sort("expected_net", "account_id", descending=[True, False], nulls_last=True)
    return [_account(row) for row in ordered.head(room("pursue")).iter_rows(named=True)]


def _account(row: Mapping[str, Any]) -> Row:
    figures = ("balance", "spent", "chance", "break_even", "cost", "expected_net", "net_high")
    cells = [None if row[name] is None else float(row[name]) for name in figures]
    return row["account_id"], row["title"], row["days_past_due"], *cells, row["stop_at"] or "", row["why"]


def what_if_rows(
    now: Mapping[str, Sums], then: Mapping[str, Sums], factors: Factors, titles: Mapping[str, str], digits: int
) -> list[Row]:
    """A row a step with its factors, then all of them. Sums are in minor units."""
    rows = [
        _step(titles[rung], factors.get(rung, (ONE, ONE)), now[rung], then[rung], digits)
        for rung in titles
        if rung in now
    ]
    if not rows:
        return []
    return [*rows, _step("All", None, together(now), together(then), digits)]


def _step(title: str, factors: tuple[Fraction, Fraction] | None, now: Sums, then: Sums, digits: int) -> Row:
    def money(amount: Fraction) -> float:
        return float(amount / 10**digits)

    asked = (None, None) if factors is None else tuple(float(factor) for factor in factors)
    change = then.net[1] - now.net[1]
    return (
        title, *asked, now.accounts, then.accounts, money(now.cost), money(then.cost), money(now.net[1]),
        *(money(net) for net in then.net), _says(now, then, money(change), digits),
    )  # fmt: skip


def _says(now: Sums, then: Sums, change: float, digits: int) -> str:
    """The difference in words; nothing where there is none."""
    if (now.accounts, now.net, now.cost) == (then.accounts, then.net, then.cost):
        return ""
    more = then.accounts - now.accounts
    code = "WHAT_IF_MORE" if more > 0 else "WHAT_IF_FEWER" if more else "WHAT_IF_AS_MANY"
    accounts = said(code, count=f"{abs(more):,}")
    return said("WHAT_IF_UP" if change >= 0 else "WHAT_IF_DOWN", accounts=accounts, net=f"{abs(change):,.{digits}f}")
