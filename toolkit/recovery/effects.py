"""What actions bring: how many were followed by a payment, what is left of that without self-cures, and at what cost.

Which payment follows which action is said in `toolkit.recovery.followed`. Rates are of actions whose days are over; the
others wait. What one adds (`toolkit.recovery.uplift`) times the average money of an action that was followed by any,
less the fee and less what one more costs, is its marginal net. What one more costs is the direct cost of an action, as
in the pursue list, without salaries and overhead, which are paid whether it is taken or not; with them it stands beside
it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from toolkit.problems import said
from toolkit.recovery.brought import Done
from toolkit.recovery.followed import ATTEMPTS, NO_HOUR, names_of
from toolkit.recovery.frames import shaped
from toolkit.recovery.intervals import difference
from toolkit.recovery.uplift import RATES, figures
from toolkit.recovery_rules import RecoveryRules

ALL = "all"
EACH = ("amount_each", "cost_each", "net_each", "net_low", "net_high")
COMMON: dict[str, Any] = {
    **dict.fromkeys(("actions", "waiting", "accounts", "paid", "payments", "amount"), pl.Int64),
    **dict.fromkeys(RATES, pl.Float64),
    "basis": pl.String,
    "covered": pl.Float64,
    **dict.fromkeys(EACH, pl.Int64),
}
EFFECTS_SCHEMA: dict[str, Any] = {
    "activity": pl.String, "bucket": pl.String, **COMMON, "cost": pl.Int64, "loaded_each": pl.Int64,
    "net_loaded": pl.Int64, "place": pl.Int64, "verdict": pl.String, "in_words": pl.String,
}  # fmt: skip
ATTEMPTS_SCHEMA: dict[str, Any] = {
    "activity": pl.String, "attempt": pl.String, **COMMON, "verdict": pl.String, "in_words": pl.String,
}  # fmt: skip
HOURS_SCHEMA: dict[str, Any] = {"activity": pl.String, "hour": pl.Int64, **COMMON, "verdict": pl.String}


def effects(done: Done) -> pl.DataFrame:
    """One row for each activity (bucket `all`) and each activity in each bucket ("" where the bucket is not known).

    actions and waiting (of them, those whose days are not over: not judged); accounts touched; paid (actions followed
    by a payment), payments, amount (minor units); rate of the ripe actions with its interval; self_cure: what accounts
    left alone do, weighted by the buckets of the actions, and basis, who these are; covered: the share of actions in
    buckets of which enough accounts were left alone; uplift: the rate of these actions less self_cure, with its
    interval (under half of them: nothing is taken off); amount_each, cost_each, net_each (marginal net) and its
    interval, for one action in minor units; cost of the row's actions, whose parts add up to the activity's;
    loaded_each and net_loaded: the same with salaries and overhead, where they are known. place: 1 for the activity
    with the greatest marginal net. verdict: best; pays_not (the best, and it costs more than it adds: none pays);
    alike (no difference to the best that chance does not explain); worse; too_few; no_cost. In a bucket: pays,
    pays_not, too_few, no_cost.
    """
    whole = figures(done, ("activity",)).with_columns(bucket=pl.lit(ALL))
    parts = figures(done, ("activity", "bucket"))
    names = pl.Series("bucket", names_of(parts["bucket"].to_list(), done.rules), dtype=pl.String)
    apart = parts.with_columns(
        names, place=pl.lit(None, pl.Int64), verdict=_pays(parts, done.rules), in_words=pl.lit("")
    )
    ranked = _ranked(whole, done)
    both = pl.concat([ranked, apart], how="diagonal_relaxed")
    return shaped(both, EFFECTS_SCHEMA)


def attempts(done: Done) -> pl.DataFrame:
    """Diminishing returns: one row for each activity and group of attempts since the account's last payment.

    Attempts count every action on the account, whatever its kind. verdict: pays, pays_not (the next attempt costs more
    than it adds), too_few, no_cost. in_words: on the first row of an activity, from which attempt on it does not pay.
    """
    rows = figures(done, ("activity", "attempt")).sort("activity", "attempt")
    judged = rows.with_columns(verdict=_pays(rows, done.rules))
    said_of: dict[str, str] = {}
    for (activity,), part in judged.group_by("activity", maintain_order=True):
        said_of[str(activity)] = _until_when(str(activity), part)
    first = pl.col("attempt") == pl.col("attempt").min().over("activity")
    words = pl.col("activity").replace_strict(said_of, default="", return_dtype=pl.String)
    labels = [ATTEMPTS[number][1] for number in judged["attempt"].to_list()]
    told = judged.with_columns(in_words=pl.when(first).then(words).otherwise(pl.lit("")))
    return shaped(told.with_columns(attempt=pl.Series(labels, dtype=pl.String)), ATTEMPTS_SCHEMA)


def stops_paying(table: pl.DataFrame) -> dict[str, str | None]:
    """Of each activity in `attempts`, the attempt from which on it does not pay: neither that one nor any later one
    that can be judged. None where the last one that can be judged still pays, or none can be."""
    found: dict[str, str | None] = {}
    for (activity,), part in table.group_by("activity", maintain_order=True):
        found[str(activity)] = _stop(part["attempt"].to_list(), part["verdict"].to_list())
    return found


def hours(done: Done) -> pl.DataFrame:
    """One row for each activity and hour of the day, on the clock of the data; actions of known hours only."""
    rows = figures(done, ("activity", "hour")).filter(pl.col("hour") != NO_HOUR).sort("activity", "hour")
    return shaped(rows.with_columns(verdict=_pays(rows, done.rules)), HOURS_SCHEMA)


# --- verdicts ----------------------------------------------------------------------------------------------


def _enough(rules: RecoveryRules) -> pl.Expr:
    return pl.col("accounts") >= rules.least_cases


def _ranked(table: pl.DataFrame, done: Done) -> pl.DataFrame:
    """Alternatives by marginal net; the ones that cannot be ranked after them."""
    ranks = _enough(done.rules) & pl.col("_net").is_not_null()
    rows = table.with_columns(_ranks=ranks).sort(
        "_ranks", "_net", "activity", descending=[True, True, False], nulls_last=True
    )
    able = int(rows["_ranks"].sum())
    places = [number + 1 if number < able else None for number in range(rows.height)]
    words = [
        _verdict(place, row, rows.row(0, named=True))
        for place, row in zip(places, rows.iter_rows(named=True), strict=True)
    ]
    sentences = [
        _sentence(word, row, rows.row(0, named=True), done)
        for word, row in zip(words, rows.iter_rows(named=True), strict=True)
    ]
    return rows.with_columns(
        place=pl.Series(places, dtype=pl.Int64),
        verdict=pl.Series(words, dtype=pl.String),
        in_words=pl.Series(sentences, dtype=pl.String),
    )


def _verdict(place: int | None, row: Mapping[str, Any], best: Mapping[str, Any]) -> str:
    if place is None:
        return "no_cost" if row["cost"] is None else "too_few"
    if place == 1:
        return "best" if row["_net"] > 0 else "pays_not"
    one, other = ([np.array([side[name]]) for name in ("_net", "_net_low", "_net_high")] for side in (best, row))
    return "worse" if float(difference(one, other)[1][0]) > 0 else "alike"


def _sentence(word: str, row: Mapping[str, Any], best: Mapping[str, Any], done: Done) -> str:
    from toolkit.money import worded

    money = {name: "–" if row[name] is None else worded(row[name], done.digits) for name in EACH}
    rate = "–" if row["rate"] is None else f"{100 * row['rate']:.1f}"
    fields = {"activity": row["activity"], "best": best["activity"], "rate": rate, "least": done.rules.least_cases}
    basis = said(
        f"YIELD_BASIS_{row['basis'].upper()}", days=done.rules.paid_within_days, covered=f"{100 * row['covered']:.0f}"
    )
    told = said(f"YIELD_{word.upper()}", **fields, **money, accounts=row["accounts"])
    return told if row["rate"] is None else f"{told} {basis}"


def _pays(rows: pl.DataFrame, rules: RecoveryRules) -> pl.Series:
    word = (
        pl.when(~_enough(rules) | pl.col("uplift").is_null()).then(pl.lit("too_few"))
        .when(pl.col("_net").is_null()).then(pl.lit("no_cost"))
        .when(pl.col("_net") > 0).then(pl.lit("pays")).otherwise(pl.lit("pays_not"))
    )  # fmt: skip
    return rows.select(verdict=word)["verdict"]


def _stop(labels: Sequence[Any], verdicts: Sequence[str]) -> Any:
    judged = [(label, word) for label, word in zip(labels, verdicts, strict=True) if word in ("pays", "pays_not")]
    stop = None
    for label, word in reversed(judged):
        if word == "pays":
            break
        stop = label
    return stop


def _until_when(activity: str, part: pl.DataFrame) -> str:
    verdicts = part["verdict"].to_list()
    if not {"pays", "pays_not"} & set(verdicts):
        return said("ATTEMPTS_UNKNOWN", activity=activity)
    stop = _stop(part["attempt"].to_list(), verdicts)
    if stop is None:
        return said("ATTEMPTS_STILL_PAY", activity=activity)
    sure = part.filter(pl.col("attempt") == stop)["_net_high"].item() <= 0
    return said("ATTEMPTS_STOP" if sure else "ATTEMPTS_STOP_UNSURE", activity=activity, attempt=ATTEMPTS[stop][0])
