"""KPIs of the portfolio: at risk, rolling, written off, worked on, recovered. Snapshots are stocks, never added up."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import narwhals as nw

from toolkit.kpis.bases import opening_arrears
from toolkit.kpis.data import PROMISED, Data, MissingError, eager
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.kpis.ledger import days_later, on_its_day, once_an_account, owned, owned_together, received
from toolkit.rows import Frame, band_reached, floor_div, frame_like

ONE = nw.lit(1, nw.Int64)
NOTHING = nw.lit(0, nw.Int64)
RISK_DAYS = 30
ACTIONS = {"calls": "started_at", "visits": "visited_at", "messages": "sent_at"}


def _snapshots(data: Data) -> Frame:
    """account_id, day, balance (nothing less than 0) and days_past_due of the accounts not yet written off."""
    table = data.table("balances", "account_id", "as_of", "balance", "days_past_due")
    rows = table.filter((nw.col("balance") > 0) & (nw.col("as_of") <= data.as_of)).rename({"as_of": "day"})
    if not data.has("accounts", "status", "closed_on"):
        return rows
    lost = _written_off(data).select("account_id", "closed_on")
    standing = nw.col("closed_on").is_null() | (nw.col("day") < nw.col("closed_on"))
    return rows.join(lost, on="account_id", how="left").filter(standing).drop("closed_on")


def _written_off(data: Data) -> Frame:
    accounts = data.table("accounts", "account_id", "status", "closed_on").filter(nw.col("status") == "written_off")
    return accounts.filter(nw.col("closed_on") <= data.as_of)


def _at_risk(days: int) -> Rule:
    """The KPI for accounts more than so many days past due; more than 0 is one day or more, which is called par1."""

    def at_risk(data: Data) -> Facts:
        late = nw.col("days_past_due") > days
        rows = _snapshots(data).with_columns(_risk=nw.when(late).then(nw.col("balance")).otherwise(NOTHING))
        owners, once = once_an_account(data, on_its_day(rows, numerator="_risk", denominator="balance"))
        parts = 10**data.digits
        return Facts(owners, parts=parts, denominator_parts=parts, once=once, stock="closing")

    return at_risk


def par30_lagged(data: Data) -> Facts:
    """Balances more than 30 days past due at a month's last snapshot, of all balances `par_lag_months` months before.

    A portfolio that grows has many young balances, which nobody can be 30 days late on: of what was lent then the rate
    is not flattered by them. The balances of then are their owners' of then.
    """
    ends, lag = _month_ends(data), data.definitions.par_lag_months
    late = ends.filter(nw.col("days_past_due") > RISK_DAYS)
    days = ends.select("month", today="day").unique()
    then = ends.with_columns(month=nw.col("month") + lag).join(days, on="month", how="inner")
    columns = ("account_id", "day", "owned_on", "numerator", "denominator")
    base = then.select("account_id", "balance", owned_on="day", day="today")
    judged = late.join(base.select("day").unique(), on="day", how="inner")
    both = [on_its_day(judged, numerator="balance"), on_its_day(base, denominator="balance")]
    owners, once = once_an_account(data, nw.concat([part.select(*columns) for part in both], how="vertical"))
    parts = 10**data.digits
    return Facts(owners, parts=parts, denominator_parts=parts, once=once, stock="closing")


def _month_ends(data: Data) -> Frame:
    """The last snapshot day of each month, with `month`, which counts months without end."""
    rows = _snapshots(data)
    numbered = rows.with_columns(month=_month(nw.col("day")))
    last = numbered.group_by("month").agg(nw.col("day").max())
    return numbered.join(last, on=["month", "day"], how="inner")


def roll_rate(data: Data) -> Facts:
    """Accounts past due at one month's last snapshot that are in a later age of debt at the next month's.

    Accounts or their balances at the start, as `roll_rate_of` says; ages as `ages_of_debt` says. Those already in the
    last age cannot roll any further, unless they are written off, which is the last of all, and are left out.
    """
    ages = data.definitions.ages_of_debt
    rows = _month_ends(data).with_columns(age=band_reached(nw.col("days_past_due"), ages, edge_above=True))
    begun = rows.filter((nw.col("age") >= 0) & (nw.col("age") < len(ages) - 1))
    begun = begun.select("account_id", "balance", age="age", month=nw.col("month") + 1)
    ends = rows.select("month", "day").unique()
    then = rows.select("account_id", "month", nw.col("age").alias("_then"))
    pairs = begun.join(ends, on="month", how="inner").join(then, on=["account_id", "month"], how="left")
    pairs = _lost_since(data, pairs).with_columns(_weight=_weight(data))
    rolled = (nw.col("_then") > nw.col("age")) | (nw.col("_lost") == 1)
    told = pairs.with_columns(_rolled=nw.when(rolled).then(nw.col("_weight")).otherwise(NOTHING))
    owners, once = once_an_account(data, on_its_day(told, numerator="_rolled", denominator="_weight"))
    parts = 10**data.digits if data.definitions.roll_rate_of == "balance" else 1
    return Facts(owners, parts=parts, denominator_parts=parts, once=once)


def _weight(data: Data) -> nw.Expr:
    return nw.col("balance") if data.definitions.roll_rate_of == "balance" else ONE


def _lost_since(data: Data, pairs: Frame) -> Frame:
    """Adds `_lost`: not in the later snapshot, for it was written off by then."""
    if not data.has("accounts", "status", "closed_on"):
        return pairs.with_columns(_lost=NOTHING)
    lost = _written_off(data).select("account_id", "closed_on")
    known = pairs.join(lost, on="account_id", how="left")
    gone = ~nw.col("closed_on").is_null() & (nw.col("closed_on") <= nw.col("day")) & nw.col("_then").is_null()
    return known.with_columns(_lost=yes(gone)).drop("closed_on")


def write_off_rate(data: Data) -> Facts:
    """Written off in the twelve months up to a month's last snapshot, of the average balance of those months.

    What was written off is the last balance known before. Of a longer period the last month counts. An account of two
    owners is here the one's who had it first.
    """
    return _lost_in_twelve_months(data, _last_balances)


def net_loss_rate(data: Data) -> Facts:
    """Written off less what came in on accounts written off (money and assets sold), otherwise as `write_off_rate`."""
    return _lost_in_twelve_months(data, _last_balances, _recovered_after)


def _lost_in_twelve_months(data: Data, *losses: Callable[[Data], Frame]) -> Facts:
    data.need("accounts", "status", "closed_on")
    ends = on_its_day(_month_ends(data), denominator="balance")
    both = nw.concat([_one_owner(data, ends), *(_one_owner(data, of(data)) for of in losses)], how="vertical")
    by_month = both.with_columns(month=_month(nw.col("day"))).group_by("agent_id", "month")
    sums = eager(by_month.agg(nw.col("numerator").sum(), nw.col("denominator").sum()))
    days = eager(ends.select("day").unique()).to_polars()["day"].to_list()
    parts = 10**data.digits
    return Facts(_twelve_months(sums, days), parts=parts, denominator_parts=parts, stock="closing")


def _month(day: nw.Expr) -> nw.Expr:
    """Months counted without end."""
    return day.dt.year().cast(nw.Int64) * 12 + day.dt.month().cast(nw.Int64)


def _one_owner(data: Data, rows: Frame) -> Frame:
    whose = owned(data, rows, "owned_on")
    return whose.unique(subset=["account_id", "day"], keep="first", order_by=["agent_id"])


def _last_balances(data: Data) -> Frame:
    """What was owed on accounts written off, on the day of that: account_id, day, numerator."""
    snapshots = data.table("balances", "account_id", "as_of", "balance").filter(nw.col("balance") > 0)
    lost = _written_off(data).select("account_id", nw.col("closed_on").alias("day"))
    before = lost.join(snapshots, on="account_id", how="inner").filter(nw.col("as_of") <= nw.col("day"))
    last = before.unique(subset=["account_id"], keep="last", order_by=["as_of"])
    return on_its_day(last, numerator="balance")


def _recovered_after(data: Data) -> Frame:
    """What came in on accounts after they were written off, taken off the loss on its day."""
    lost = _written_off(data).select("account_id", "closed_on")
    came = [received(data).select("account_id", "day", "amount")]
    if data.has("recoveries", "account_id", "sold_on", "net_proceeds"):
        sold = data.table("recoveries", "account_id", "sold_on", "net_proceeds", outcome=nw.String)
        asset = (nw.col("outcome") != "redeemed") | nw.col("outcome").is_null()
        counted = sold.filter(asset & ~nw.col("net_proceeds").is_null() & (nw.col("sold_on") <= data.as_of))
        came.append(counted.select("account_id", day=nw.col("sold_on"), amount=nw.col("net_proceeds")))
    after = nw.concat(came, how="vertical").join(lost, on="account_id", how="inner")
    later = after.filter(nw.col("day") > nw.col("closed_on")).group_by("account_id", "day").agg(nw.col("amount").sum())
    return on_its_day(later.with_columns(amount=(-nw.col("amount")).cast(nw.Int64)), numerator="amount")


def _twelve_months(sums: Frame, days: Iterable[date]) -> Frame:
    """Of each day the sums of the twelve months until then; the balances averaged over the months that have any."""
    ends = {day.year * 12 + day.month: day for day in days}
    looked_at = [(month, back) for month in sorted(ends) for back in range(month - 11, month + 1)]
    months: dict[str, list[Any]] = {
        "month": [back for _, back in looked_at],
        "day": [ends[month] for month, _ in looked_at],
        "months": [sum(1 for other in ends if month - 12 < other <= month) for month, _ in looked_at],
    }
    windows = frame_like(sums, months, {"month": nw.Int64, "day": nw.Date, "months": nw.Int64})
    grouped = sums.with_columns(nw.col("numerator", "denominator").cast(nw.Int64)).join(
        windows, on="month", how="inner"
    )
    added = grouped.group_by("agent_id", "day", "months").agg(nw.col("numerator").sum(), nw.col("denominator").sum())
    return added.with_columns(denominator=floor_div(nw.col("denominator"), nw.col("months")))


def coverage(data: Data) -> Facts:
    """Overdue accounts that somebody called, visited or wrote to in the last `coverage_days`, in the last snapshot.

    Today is one of those days. Accounts that became overdue that day are not in the base yet, nor are those with an
    open legal case, which stand aside. (Whoever asked not to be called is not told apart in the tables.)
    """
    late = _snapshots(data).filter(nw.col("days_past_due") > 1).select("account_id", "day")
    overdue = _without_legal_hold(data, late)
    held = late.join(overdue, on=["account_id", "day"], how="anti").with_columns(
        _worked=NOTHING, _one=NOTHING, held=ONE
    )
    pairs = overdue.join(_actions(data), on="account_id", how="inner")
    since = days_later(nw.col("day"), -data.definitions.coverage_days)
    worked = pairs.filter((nw.col("_on") <= nw.col("day")) & (nw.col("_on") > since)).select("account_id", "day")
    marked = overdue.join(worked.unique().with_columns(_worked=ONE), on=["account_id", "day"], how="left")
    told = marked.with_columns(nw.col("_worked").fill_null(0), _one=ONE, held=NOTHING)
    names = ("account_id", "day", "_worked", "_one", "held")
    both = nw.concat([told.select(*names), held.select(*names)], how="vertical")
    rows = both.select("account_id", "day", "held", numerator=nw.col("_worked"), denominator=nw.col("_one"))
    whose = owned(data, rows)
    return Facts(whose, once=("account_id",) if owned_together(data) else (), stock="closing", aside=("held",))


def _actions(data: Data) -> Frame:
    """account_id and day of each call made, visit that took place and message sent."""
    found: list[Frame] = []
    for table, at in ACTIONS.items():
        if data.has(table, "account_id", at):
            rows = data.table(table, "account_id", at, **({"direction": nw.String} if table == "calls" else {}))
            if table == "calls":
                rows = rows.filter(nw.col("direction").is_null() | (nw.col("direction") == "out"))
            found.append(rows.select("account_id", nw.col(at).dt.date().alias("_on")).unique())
    if not found:
        raise MissingError(tuple(f"{table}.{at}" for table, at in ACTIONS.items()))
    return nw.concat(found, how="vertical").unique()


def _without_legal_hold(data: Data, rows: Frame) -> Frame:
    if not data.has("cases", "account_id", "kind", "opened_on"):
        return rows
    cases = data.table("cases", "account_id", "kind", "opened_on", closed_on=nw.Date)
    legal = cases.filter((nw.col("kind") == "legal") & ~nw.col("account_id").is_null())
    pairs = rows.join(legal, on="account_id", how="inner")
    is_open = nw.col("closed_on").is_null() | (nw.col("closed_on") > nw.col("day"))
    held = pairs.filter((nw.col("opened_on") <= nw.col("day")) & is_open).select("account_id", "day").unique()
    return rows.join(held, on=["account_id", "day"], how="anti")


def recovered_of_arrears(data: Data) -> Facts:
    """Cash after visits, and the net proceeds of assets sold, of the arrears assigned at the month's opening.

    Cash counts for the agent of the last visit, at most `paid_after_visit_days` before; not where another agent has a
    promise that is open. An asset that was redeemed is cash, and in the payments.
    """
    data.need("assignments", "account_id", "agent_id", "assigned_on")
    arrears, once = opening_arrears(data)
    columns = ("agent_id", "day", "numerator", "denominator")
    rows = _cash_after_visits(data).with_columns(denominator=NOTHING).select(*columns)
    if data.has("recoveries", "agent_id", "sold_on", "net_proceeds"):
        rows = nw.concat([rows, assets_sold(data).with_columns(denominator=NOTHING).select(*columns)], how="vertical")
    parts = 10**data.digits
    assigned = Facts(arrears, parts=parts, denominator_parts=parts, once=once)
    return Facts(rows, parts=parts, denominator_parts=parts, beside=assigned)


def _cash_after_visits(data: Data) -> Frame:
    """agent_id, day and numerator of what was paid soon after a visit."""
    paid = received(data)
    visits = data.table("visits", "visit_id", "agent_id", "account_id", "visited_at")
    made = visits.filter(~nw.col("visited_at").is_null())
    pairs = paid.join(made, on="account_id", how="inner")
    first = nw.col("first_at").dt.date()
    soon = first <= days_later(nw.col("visited_at").dt.date(), data.definitions.paid_after_visit_days)
    known = pairs.filter((nw.col("visited_at") <= nw.col("first_at")) & soon)
    last = known.unique(subset=["payment_id"], keep="last", order_by=["visited_at", "visit_id"])
    return _without_promise_to_another(data, last).with_columns(numerator=nw.col("amount"))


def _without_promise_to_another(data: Data, paid: Frame) -> Frame:
    if not data.has("promises", *PROMISED):
        return paid
    promises = data.table("promises", *PROMISED, cancelled_on=nw.Date)
    whose = promises.select("account_id", "made_at", "due_on", "cancelled_on", nw.col("agent_id").alias("_promised_to"))
    pairs = paid.join(whose, on="account_id", how="inner").filter(nw.col("_promised_to") != nw.col("agent_id"))
    day = nw.col("first_at").dt.date()
    stands = nw.col("cancelled_on").is_null() | (day < nw.col("cancelled_on"))
    answered = pairs.filter((nw.col("made_at") < nw.col("first_at")) & (day <= nw.col("due_on")) & stands)
    return paid.join(answered.select("payment_id").unique(), on="payment_id", how="anti")


def assets_sold(data: Data) -> Frame:
    """What assets brought, less the cost of their sale: agent_id, account_id, day, numerator. One that was redeemed is
    cash, and in the payments."""
    columns = ("agent_id", "account_id", "sold_on", "net_proceeds")
    sold = data.table("recoveries", *columns, outcome=nw.String)
    asset = (nw.col("outcome") != "redeemed") | nw.col("outcome").is_null()
    counted = sold.filter(asset & ~nw.col("net_proceeds").is_null() & (nw.col("sold_on") <= data.as_of))
    return counted.select("agent_id", "account_id", day=nw.col("sold_on"), numerator=nw.col("net_proceeds"))


PORTFOLIO: dict[str, Rule] = {
    **{f"par{days}": _at_risk(days) for days in (7, 30, 60, 90)},
    "par1": _at_risk(0),
    "roll_rate": roll_rate,
    "par30_lagged": par30_lagged,
    "write_off_rate": write_off_rate,
    "net_loss_rate": net_loss_rate,
    "coverage": coverage,
    "recovered_of_arrears": recovered_of_arrears,
}
