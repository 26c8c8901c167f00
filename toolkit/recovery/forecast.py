"""What of today's balances is to be lost: roll rates chained through all later states, with whoever stays and pays.

Buckets are wider than a month, so a debt stands in one for several: it is not saved by staying. So from each state the
money is followed to its end: what stands in another bucket a month later goes on from there, what is paid meanwhile
comes off, whatever became current or left otherwise is not lost, and what was written off is. Where every debt moves on
or is paid within the month, that is the product of the roll rates. Exact: the shares are solved for as fractions.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.recovery.buckets import state_names
from toolkit.recovery.curves import WRITTEN_OFF
from toolkit.recovery_rules import RecoveryRules

FORECAST_SCHEMA: dict[str, Any] = {
    "state": pl.String,
    "balance": pl.Int64,
    "months": pl.Int64,
    **dict.fromkeys(("share_low", "share", "share_high"), pl.Float64),
    **dict.fromkeys(("loss_low", "loss", "loss_high"), pl.Int64),
    "until": pl.String,
}
LAST = "last_bucket"
HALF = Fraction(1, 2)
Moves = Mapping[str, Mapping[str, tuple[int, int]]]
"""By state and where it went: what opened there, and what of it is still owed."""
Shares = Mapping[str, Fraction | None]


def loss_forecast(matrix: pl.DataFrame, rules: RecoveryRules) -> pl.DataFrame:
    """What is to be lost if debts go on as in these months (`toolkit.recovery.curves.rolls`), by state.

    balance: at the last closing. share: by what all months together did; share_low and share_high: by the month that
    did best and the one that did worst, so a range and not one number (a state in which nothing stood in that month is
    as in all months). current: only what falls behind within a month. until: written_off, or last_bucket where nothing
    was written off in these months; then it is what gets so far. Returned and vanished accounts are not counted as
    lost. Null where no month had anything in a state on the way, or nothing ever left one.
    """
    names = state_names(rules.buckets)
    if matrix.is_empty():
        return pl.DataFrame(schema=FORECAST_SCHEMA)
    until = WRITTEN_OFF if matrix.filter(pl.col("to") == WRITTEN_OFF)["accounts"].sum() else LAST
    usual = _moves(matrix)
    months = [{**usual, **_moves(part)} for _, part in matrix.group_by("month", maintain_order=True)]
    lost = [_lost(one, names, until) for one in (usual, *months)]
    stood = matrix.filter((pl.col("from").is_in(names)) & (pl.col("opening") > 0)).group_by("from")
    seen = dict(stood.agg(pl.col("month").n_unique()).iter_rows())
    last = matrix.filter((pl.col("month") == matrix["month"].max()) & pl.col("to").is_in(names))
    owed = dict(last.group_by("to").agg(pl.col("closing").sum()).iter_rows())
    rows = []
    for name in names:
        known = [share for one in lost if (share := one[name]) is not None]
        shares = [None] * 3 if lost[0][name] is None else [min(known), lost[0][name], max(known)]
        balance = int(owed.get(name, 0))
        losses = [None if share is None else int(balance * share + HALF) for share in shares]
        parts = [None if share is None else float(share) for share in shares]
        rows.append((name, balance, int(seen.get(name, 0)), *parts, *losses, until))
    return pl.DataFrame(rows, schema=FORECAST_SCHEMA, orient="row")


def _moves(matrix: pl.DataFrame) -> Moves:
    """What of each state went where; nothing for a state in which nothing stood."""
    sums = matrix.filter(pl.col("opening") > 0).group_by("from", "to").agg(pl.col("opening", "closing").sum())
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for of, to, opening, closing in sums.iter_rows():
        found.setdefault(of, {})[to] = int(opening), int(closing)
    return found


def _lost(moves: Moves, names: Sequence[str], until: str) -> Shares:
    """The share of each state that is lost in the end; None where it is not known."""
    current, *late = names
    found: dict[str, Fraction | None] = dict.fromkeys(late)
    if until == LAST and late:
        found[late[-1]] = Fraction(1)
    open_ones = _reckonable(moves, [name for name in late if found[name] is None], found)
    found |= _solved(moves, open_ones, found)
    return {current: _of_current(moves.get(current, {}), found), **found}


def _kept(moves: Mapping[str, tuple[int, int]]) -> dict[str, Fraction]:
    """The share of a state's money that stands in each state a month later, with what was written off. What was paid
    is not in it, nor what was charged on top."""
    everything = sum(opening for opening, _ in moves.values())
    still = {to: opening if to == WRITTEN_OFF else min(opening, closing) for to, (opening, closing) in moves.items()}
    return {to: Fraction(amount, everything) for to, amount in still.items() if amount > 0}


def _reckonable(moves: Moves, asked: Sequence[str], found: Shares) -> list[str]:
    """The states from which all that is on the way is known, and which something leaves sooner or later."""
    kept = {name: _kept(moves[name]) for name in asked if name in moves}
    while True:
        ends = {WRITTEN_OFF} | {name for name, share in found.items() if share is not None}
        known = {name for name, to in kept.items() if not (set(to) & set(found)) - set(kept) - ends}
        leaves = {name for name in known if sum(part for to, part in kept[name].items() if to in known) < 1}
        while more := {name for name in known - leaves if set(kept[name]) & leaves}:
            leaves |= more
        if leaves == set(kept):
            return list(kept)
        kept = {name: to for name, to in kept.items() if name in leaves}


def _solved(moves: Moves, names: Sequence[str], found: Shares) -> dict[str, Fraction | None]:
    """The shares of these states, each of which is what of it is lost at once and what is lost of it where it goes."""
    rows: list[list[Fraction]] = []
    for name in names:
        kept = _kept(moves[name])
        at_once = sum((part * (found.get(to) or 0) for to, part in kept.items()), kept.get(WRITTEN_OFF, Fraction(0)))
        rows.append([Fraction(name == other) - kept.get(other, 0) for other in names] + [at_once])
    for place in range(len(rows)):
        pivot = next(row for row in range(place, len(rows)) if rows[row][place])
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [value / rows[place][place] for value in rows[place]]
        for other, row in enumerate(rows):
            if other != place and row[place]:
                rows[other] = [one - row[place] * two for one, two in zip(row, rows[place], strict=True)]
    return dict(zip(names, (row[-1] for row in rows), strict=True))


def _of_current(moves: Mapping[str, tuple[int, int]], late: Shares) -> Fraction | None:
    """What falls behind within a month, and is lost then."""
    kept = _kept(moves)
    shares = {WRITTEN_OFF: Fraction(1), **late}
    ways = [(part, shares[to]) for to, part in kept.items() if to in shares]
    if not moves or any(share is None for _, share in ways):
        return None
    return sum((part * share for part, share in ways if share is not None), Fraction(0))
