"""What became of the leads: each has one outcome, the first of these that is true when its window is over.

returned, paying, promised, refused, unreachable: the account was returned; something was paid; a promise or a plan was
taken down; the customer was spoken to and refused; nobody spoke to the customer. Whoever was spoken to without a result
has none of them.
"""

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.days import days_after
from toolkit.kpis.facts import Facts, Rule
from toolkit.kpis.leads import lists
from toolkit.kpis.ledger import standing

PROMISED = ["promise", "plan_agreed"]
OUTCOMES = ("returned", "paying", "promised", "refused", "unreachable")
LEAD = ["agent_id", "account_id", "day"]


def outcomes(data: Data) -> pl.DataFrame:
    """The leads (an account once an agent and month): agent_id, account_id, day (on which the window closes), over, and
    `outcome`, null where there is none."""
    return data.shared("outcomes of leads", lambda: _outcomes(data))


def _outcomes(data: Data) -> pl.DataFrame:
    days = data.definitions.conversion_window_days
    day = nw.col("day")
    past = lists(data).filter(day <= data.as_of).with_columns(month=day.dt.year().cast(nw.Int64) * 12 + day.dt.month())
    led = past.group_by("agent_id", "account_id", "month").agg(day.min())
    leads = eager(led.with_columns(ends=days_after(day, days))).to_polars().drop("month")
    events = pl.concat([_returned(data), _paid(data), _said(data)], how="vertical")
    pairs = leads.join(events, on="account_id", how="inner").filter(
        (pl.col("on") >= pl.col("day")) & (pl.col("on") <= pl.col("ends"))
    )
    ranked = pairs.with_columns(place=pl.col("what").replace_strict(PLACES, return_dtype=pl.Int64))
    first = ranked.group_by(LEAD).agg(pl.col("place").min())
    known = leads.join(first, on=LEAD, how="left")
    unreached = pl.col("place").is_null()
    outcome = pl.when(unreached).then(pl.lit("unreachable")).otherwise(pl.col("place").replace_strict(NAMES))
    return known.select("agent_id", "account_id", day="ends", over=pl.col("ends") <= data.as_of, outcome=outcome)


PLACES = {"returned": 0, "paying": 1, "promised": 2, "refused": 3, "spoken": 4}
NAMES = {place: name if name in OUTCOMES else "" for name, place in PLACES.items()}


def _event(rows: pl.DataFrame, what: str) -> pl.DataFrame:
    return rows.select("account_id", "on", what=pl.lit(what))


def _returned(data: Data) -> pl.DataFrame:
    rows = data.table("accounts", "account_id", "status", "closed_on").filter(nw.col("status") == "returned")
    known = rows.filter(nw.col("closed_on") <= data.as_of).select("account_id", on=nw.col("closed_on"))
    return _event(eager(known).to_polars(), "returned")


def _paid(data: Data) -> pl.DataFrame:
    return _event(eager(standing(data, kinds=False).select("account_id", on=nw.col("day"))).to_polars(), "paying")


def _said(data: Data) -> pl.DataFrame:
    """Conversations by what came of them."""
    calls = data.table("calls", "account_id", "started_at", "right_party", "disposition")
    rows = calls.filter(nw.col("right_party") & ~nw.col("account_id").is_null())
    spoken = eager(rows.select("account_id", "disposition", on=nw.col("started_at").dt.date())).to_polars()
    promised, refused = pl.col("disposition").is_in(PROMISED), pl.col("disposition") == "refused"
    what = pl.when(promised).then(pl.lit("promised")).when(refused).then(pl.lit("refused")).otherwise(pl.lit("spoken"))
    return spoken.filter(pl.col("on") <= data.as_of).select("account_id", "on", what=what)


def _share(outcome: str) -> Rule:
    """The KPI for one outcome."""

    def rate(data: Data) -> Facts:
        rows = outcomes(data)
        is_so = (pl.col("outcome") == outcome) & pl.col("over")
        judged = rows.with_columns(
            numerator=is_so.cast(pl.Int64),
            denominator=pl.col("over").cast(pl.Int64),
            waiting=(~pl.col("over")).cast(pl.Int64),
        )
        return Facts(nw.from_native(judged.select("agent_id", "day", "numerator", "denominator", "waiting")))

    rate.__doc__ = f"Leads that ended {outcome}, of leads whose window is over; see this module."
    return rate


LEAD_OUTCOMES: dict[str, Rule] = {f"leads_{outcome}": _share(outcome) for outcome in OUTCOMES}
