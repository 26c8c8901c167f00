"""Whether those held out are there, and were left alone."""

from collections.abc import Iterator

import narwhals as nw

from toolkit.kpis.data import Data, MissingError, beside, eager
from toolkit.periods import Period
from toolkit.problems import Problem, problem
from toolkit.recovery.buckets import number_of
from toolkit.recovery.followed import touched
from toolkit.recovery_rules import RecoveryRules


def hold_out_remarks(data: Data, rules: RecoveryRules, period: Period) -> Iterator[Problem]:
    """Batches named as held out that no account has, and accounts held out on which something was done all the same."""
    if rules.hold_out and data.has("accounts", "account_id"):
        yield from _unknown(data, rules)
        yield from _touched(data, rules, period)


def _unknown(data: Data, rules: RecoveryRules) -> Iterator[Problem]:
    """A slip of the pen would leave nobody held out."""
    batches = data.table("accounts", "account_id", batch=nw.String).select("batch").unique()
    known = set(eager(batches).to_polars()["batch"].drop_nulls().to_list())
    for batch in rules.hold_out:
        if batch not in known:
            yield problem("HOLD_OUT_UNKNOWN", value=batch, known=", ".join(sorted(known)[:10]) or "none")


def _touched(data: Data, rules: RecoveryRules, period: Period) -> Iterator[Problem]:
    held = data.table("accounts", "account_id", batch=nw.String).filter(nw.col("batch").is_in(list(rules.hold_out)))
    try:
        busy = touched(data, number_of(period.first), number_of(period.last))
    except MissingError:  # nothing is known of what was done
        return
    both = held.join(beside(held, busy), on="account_id", how="inner")
    all_of, some = (int(eager(rows.select(nw.len())).to_polars().item()) for rows in (held, both))
    if some:
        yield problem("HOLD_OUT_TOUCHED", value=some, accounts=all_of, period=period.label)
