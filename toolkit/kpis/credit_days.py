"""Customer account performance (CAP): do new customers stay free of long times without credit?"""

import narwhals as nw

from toolkit.kpis.credits import balances, runs, without_credit
from toolkit.kpis.data import Data
from toolkit.kpis.days import days_after, number, number_of, with_owner
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.rows import Frame

NONE = nw.lit(0, nw.Int64)


def cap_score(data: Data) -> Facts:
    """Accounts that were not without credit for `cap_zero_days`, from activation to `cap_age_days` later.

    As `cap_mode` says: in one run, altogether, or in the run that is open on the last day. Judged on the last day, the
    cohort is that of the activation. A failure is the owner's of the day on which it came about, a success the owner's
    of the last day. Days without a row carry the last balance on, less one a day; before an account's first row it
    counts as having credit. An account of which credit_days has no row at all stays among those waiting. From the day
    on which it was paid off or returned an account has no days without credit.

    Aside stand the days, of accounts that are judged, of which credit_days has no row, and the accounts left out
    because they came back before the last day without having failed.
    """
    accounts = _accounts(data)
    points = balances(data)
    failed = accounts.join(_failures(data, points, accounts), on="account_id", how="left")
    known = points.select("account_id").unique().with_columns(known=nw.lit(1, nw.Int64))
    told = failed.join(known, on="account_id", how="left").join(
        _rows(data, points, accounts), on="account_id", how="left"
    )
    came_back = nw.col("gone") & nw.col("failed_on").is_null() & (nw.lit(data.definitions.cap_returned) == "left_out")
    counted = told.with_columns(left_out=yes(came_back))
    # in the run that is open on the last day nobody has failed before that day, so there is no curve by age
    window = None if data.definitions.cap_mode == "open_run" else data.definitions.cap_age_days
    aside = ("carried", "returned")
    return Facts(_facts(counted, data), once=("account_id",), aside=aside, window=window, spoils=True)


def _rows(data: Data, points: Frame, accounts: Frame) -> Frame:
    """account_id and `rows`: of how many of its days an account has a row in credit_days; all where payments say it."""
    if not data.has("credit_days"):
        return accounts.select("account_id", rows=nw.max_horizontal(nw.col("end") - nw.col("start") + 1, NONE))
    inside = points.join(accounts.select("account_id", "end"), on="account_id", how="inner")
    days = (
        inside.filter(nw.col("on") <= nw.col("end")).group_by("account_id").agg(nw.col("on").n_unique().alias("rows"))
    )
    return days.with_columns(nw.col("rows").cast(nw.Int64))


def _accounts(data: Data) -> Frame:
    """The accounts by their first day, with the last that is looked at; gone: returned before it."""
    age = data.definitions.cap_age_days
    rows = data.table("accounts", "account_id", "activated_on", status=nw.String, closed_on=nw.Date)
    begun = rows.filter(nw.col("activated_on") <= data.as_of).with_columns(
        start=number_of(nw.col("activated_on")), closed=number_of(nw.col("closed_on"))
    )
    whole = begun.with_columns(last_day=nw.col("start") + age)
    ended = nw.col("status").is_in(["returned", "paid_off"]) & (nw.col("closed") <= nw.col("last_day"))
    gone = (nw.col("status") == "returned") & (nw.col("closed") < nw.col("last_day"))
    return whole.select(
        "account_id",
        "start",
        "last_day",
        "closed",
        cohort=nw.col("activated_on"),
        day=days_after(nw.col("activated_on"), age),
        end=nw.when(ended).then(nw.col("closed") - 1).otherwise(nw.col("last_day")),
        gone=gone.fill_null(False),
        open_end=nw.when(gone).then(nw.col("closed") - 1).otherwise(nw.col("last_day")),
    )


def _failures(data: Data, points: Frame, accounts: Frame) -> Frame:
    """account_id and failed_on, the number of the day on which an account had been without credit for too long."""
    zero_days, mode = data.definitions.cap_zero_days, data.definitions.cap_mode
    stretches = without_credit(points, accounts.select("account_id", "end"))
    if mode == "cumulative":
        found = _too_many(stretches, zero_days)
    else:
        long = runs(stretches).filter(nw.col("last") - nw.col("first") + 1 >= zero_days)
        found = long.select("account_id", "last", failed_on=nw.col("first") + (zero_days - 1))
    if mode == "open_run":
        ends = found.join(accounts.select("account_id", "open_end"), on="account_id", how="inner")
        found = ends.filter(nw.col("last") == nw.col("open_end"))
    return found.group_by("account_id").agg(nw.col("failed_on").min())


def _too_many(stretches: Frame, zero_days: int) -> Frame:
    """The day on which the days without credit, added up, are too many."""
    each = stretches.with_columns(days=nw.col("last") - nw.col("first") + 1)
    summed = each.with_columns(
        total=nw.col("days").cum_sum().over("account_id", order_by="first").cast(nw.Int64)
    ).with_columns(before=nw.col("total") - nw.col("days"))
    reached = summed.filter((nw.col("total") >= zero_days) & (nw.col("before") < zero_days))
    return reached.select("account_id", failed_on=nw.col("first") + (zero_days - 1) - nw.col("before"))


def _facts(rows: Frame, data: Data) -> Frame:
    today = number(data.as_of)
    waits = (nw.col("last_day") > today) | nw.col("known").is_null()
    ended = nw.when(nw.col("gone")).then(nw.col("closed")).otherwise(nw.col("last_day"))
    on = nw.when(waits).then(nw.min_horizontal(nw.col("last_day"), nw.lit(today, nw.Int64)))
    judged = rows.with_columns(
        waiting=yes(waits & (nw.col("left_out") == 0)), on=on.otherwise(nw.col("failed_on").fill_null(ended))
    )
    is_judged = ~waits & (nw.col("left_out") == 0)
    passed = nw.col("failed_on").is_null() & ~nw.col("gone") & is_judged
    days = nw.max_horizontal(nw.col("end") - nw.col("start") + 1, NONE)
    missing = nw.when(is_judged).then(days - nw.col("rows").fill_null(0)).otherwise(NONE)
    counts = judged.with_columns(
        numerator=yes(passed), denominator=yes(is_judged), carried=missing.cast(nw.Int64), returned=nw.col("left_out")
    )
    lost_on = nw.coalesce(nw.col("failed_on"), nw.when(nw.col("gone")).then(nw.col("closed")))
    is_followed = ~nw.col("known").is_null() & (nw.col("left_out") == 0)
    aged = counts.with_columns(came_after=lost_on - nw.col("start"), followed=is_followed)
    owned = with_owner(aged, data, "on")
    columns = ("agent_id", "account_id", "day", "cohort", "numerator", "denominator", "waiting", "carried", "returned")
    return owned.select(*columns, "came_after", "followed")


CREDIT_DAYS: dict[str, Rule] = {"cap_score": cap_score}
