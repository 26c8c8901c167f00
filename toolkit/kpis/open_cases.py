"""Special cases that stand open: how many, what is at stake in them, and how old they are."""

import narwhals as nw

from toolkit.kpis.data import Data
from toolkit.kpis.facts import Facts, Rule
from toolkit.kpis.times import days_between
from toolkit.rows import Frame


def _opened_and_closed(data: Data, worth: nw.Expr, *columns: str) -> Frame:
    """What each case adds on the day of its opening, and takes away again on that of its closing."""
    cases = data.table("cases", "opened_on", "closed_on", *columns, agent_id=nw.String).with_columns(_worth=worth)
    came = cases.select("agent_id", day=nw.col("opened_on"), numerator=nw.col("_worth"))
    went = cases.filter(~nw.col("closed_on").is_null()).select(
        "agent_id", day=nw.col("closed_on"), numerator=-nw.col("_worth")
    )
    return nw.concat([came, went], how="vertical").filter(nw.col("day") <= data.as_of)


def cases_open(data: Data) -> Facts:
    """Cases opened so far and not closed at the period's end."""
    return Facts(_opened_and_closed(data, nw.lit(1, nw.Int64)), stock="to_date")


def value_under_case(data: Data) -> Facts:
    """The value of the cases that are open at the period's end; those of unknown value add nothing."""
    rows = _opened_and_closed(data, nw.col("value").fill_null(0), "value")
    return Facts(rows, parts=10**data.digits, stock="to_date")


def case_age(data: Data) -> Facts:
    """The days since their opening of cases open on the last day that the data know of, of these cases; on that day.

    The tables do not know when the law stopped the clock, nor whether the papers are complete.
    """
    cases = data.table("cases", "opened_on", "closed_on", agent_id=nw.String)
    is_open = nw.col("closed_on").is_null() | (nw.col("closed_on") > data.as_of)
    rows = cases.filter((nw.col("opened_on") <= data.as_of) & is_open).with_columns(day=nw.lit(data.as_of, nw.Date))
    age = days_between(nw.col("opened_on"), nw.col("day"))
    return Facts(rows.with_columns(numerator=age, denominator=nw.lit(1, nw.Int64)), stock="closing")


OPEN_CASES: dict[str, Rule] = {
    "cases_open": cases_open,
    "value_under_case": value_under_case,
    "case_age": case_age,
}
