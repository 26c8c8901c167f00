"""The CAP score on accounts whose days one can count: catalogue row 4.4."""

from datetime import date, timedelta
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kpi_cases import TEAM, data_of, note, of, said_beside, same_on_every_engine, values

from toolkit.definitions import Definitions
from toolkit.kpis.data import Data

START = date(2026, 1, 1)
LAST = START + timedelta(days=75)  # 17 March
ACCOUNT = "account_id,customer_id,product,activated_on,currency,status,closed_on\n"
ONE = ACCOUNT + "L1,C1,lamp,2026-01-01,KES,active,\n"
MODES = ("open_run", "longest_run", "cumulative")


def balance_rows(days: dict[int, str], account: str = "L1") -> str:
    return "".join(f"{account},{START + timedelta(days=day)},{balance}\n" for day, balance in days.items())


def days_of(without: set[int], until: int = 75) -> str:
    """A balance for each day, zero on those `without` credit."""
    return "account_id,day,credit_balance\n" + balance_rows(
        {day: "0" if day in without else "3.5" for day in range(until + 1)}
    )


def cap(credit_days: str, accounts: str = ONE, as_of: date = LAST, period: str = "2026-03", **rules: object):  # type: ignore[no-untyped-def]
    return of(
        data_of(as_of=as_of, accounts=accounts, credit_days=credit_days, definitions=rules), "cap_score", "", period
    )


@pytest.mark.parametrize(("days", "passes"), [(4, 1), (5, 0)])
def test_reaching_exactly_five_days_without_credit_is_a_failure(days: int, passes: int) -> None:
    assert cap(days_of(set(range(20, 20 + days)))) == (passes, 1)


@pytest.mark.parametrize(
    ("without", "open_run", "longest_run", "cumulative"),
    [
        (set(range(71, 76)), 0, 0, 0),  # five days, the last of them day 75
        (set(range(70, 75)), 1, 0, 0),  # credit again on day 75
        ({10, 11, 12, 20, 21}, 1, 1, 0),  # five days, not in a row
        ({10, 11, 12, 20}, 1, 1, 1),
        (set(range(72, 76)), 1, 1, 1),
        (set(range(5)), 1, 0, 0),  # day 0 is one of the days
    ],
)
def test_the_three_ways_of_counting(without: set[int], open_run: int, longest_run: int, cumulative: int) -> None:
    got = [cap(days_of(without), cap_mode=mode) for mode in MODES]
    assert got == [(open_run, 1), (longest_run, 1), (cumulative, 1)]


def test_days_after_the_75th_do_not_matter() -> None:
    assert cap(days_of(set(range(72, 90)), until=89), as_of=date(2026, 3, 31)) == (1, 1)
    assert cap(days_of(set(range(72, 90)), until=89), as_of=date(2026, 3, 31), cap_age_days=76) == (0, 1)


@pytest.mark.parametrize(("balance", "passes"), [("0.000001", 1), ("0", 0), ("-2", 0)])
def test_a_day_is_without_credit_when_it_ends_with_none(balance: str, passes: int) -> None:
    rows = {day: "1" for day in range(76)} | {day: balance for day in range(30, 35)}
    assert cap("account_id,day,credit_balance\n" + balance_rows(rows)) == (passes, 1)


@pytest.mark.parametrize(("again", "passes"), [(46, 1), (47, 0)])
def test_missing_days_carry_the_last_balance_on_less_one_a_day(again: int, passes: int) -> None:
    # 1.5 days left on day 40: day 41 still has credit, days 42 to 45 or 46 have none
    rows = {day: "9" for day in range(40)} | {40: "1.5"} | {day: "9" for day in range(again, 76)}
    assert cap("account_id,day,credit_balance\n" + balance_rows(rows)) == (passes, 1)


def test_an_account_whose_rows_end_runs_out_of_credit() -> None:
    assert cap(days_of(set(), until=60)) == (0, 1)  # 3.5 days from day 60 on: nothing from day 64 on


@pytest.mark.parametrize(
    ("as_of", "seen"), [(LAST, (0.0, "low n", 0)), (LAST - timedelta(days=1), (None, "immature", 1))]
)
def test_an_account_is_judged_on_its_75th_day(as_of: date, seen: tuple[object, ...]) -> None:
    data = data_of(as_of=as_of, accounts=ONE, credit_days=days_of(set(range(10, 20)), until=60))
    assert note(data, "cap_score", "") == seen


def test_an_account_without_any_row_is_not_passed_over_in_silence() -> None:
    two = ONE + "L2,C2,lamp,2026-01-01,KES,active,\n"
    data = data_of(as_of=LAST, accounts=two, credit_days=days_of(set()))
    assert note(data, "cap_score", "") == (1.0, "low n", 1)


def test_by_cohort_an_account_stands_in_the_month_of_its_activation() -> None:
    data = data_of(as_of=LAST, accounts=ONE, credit_days=days_of(set()))
    run = values(data, "cap_score", grain="cohort").values.filter(pl.col("scope_kind") == "all")
    assert run.select("period", "numerator", "denominator").rows() == [("2026-01", 1, 1)]


@pytest.mark.parametrize(
    ("closed_on", "without", "left_out", "failed"),
    [
        ("2026-03-16", set(), (0, 0), (0, 1)),  # day 74: before day 75
        ("2026-03-17", set(), (1, 1), (1, 1)),  # on day 75
        ("2026-03-01", set(range(10, 15)), (0, 1), (0, 1)),  # had failed before
        ("2026-03-01", set(range(56, 76)), (0, 0), (0, 1)),  # three days without credit until 28 February
    ],
)
def test_returned_accounts_are_left_out_unless_they_failed_or_shown_as_failures(
    closed_on: str, without: set[int], left_out: tuple[int, int], failed: tuple[int, int]
) -> None:
    accounts = ACCOUNT + f"L1,C1,lamp,2026-01-01,KES,returned,{closed_on}\n"
    assert cap(days_of(without), accounts) == left_out
    assert cap(days_of(without), accounts, cap_returned="failed") == failed


def test_who_has_paid_off_needs_no_more_credit() -> None:
    accounts = ACCOUNT + "L1,C1,lamp,2026-01-01,KES,paid_off,2026-02-01\n"
    for mode in MODES:
        assert cap(days_of(set(range(31, 76))), accounts, cap_mode=mode) == (1, 1)


OWNERS = """account_id,agent_id,assigned_on,ended_on
L1,A1,2026-01-01,2026-01-14
L1,A2,2026-01-15,2026-02-28
L1,A3,2026-03-01,
"""


@pytest.mark.parametrize(
    ("without", "whose", "passes"),
    [
        (set(range(9, 19)), "A1", 0),  # the fifth day is the 13th, 14 January
        (set(range(10, 19)), "A2", 0),  # and here the 14th, 15 January
        ({10}, "A3", 1),
    ],
)
def test_a_failure_is_the_owners_of_the_fifth_day_and_a_success_the_last_owners(
    without: set[int], whose: str, passes: int
) -> None:
    data = data_of(as_of=LAST, accounts=ONE, credit_days=days_of(without), assignments=OWNERS)
    mine = values(data, "cap_score").values.filter((pl.col("scope_kind") == "agent") & (pl.col("denominator") > 0))
    assert mine.select("scope", "numerator", "denominator").rows() == [(whose, passes, 1)]


def test_days_added_up_fail_on_the_day_of_the_fifth() -> None:
    data = data_of(
        as_of=LAST,
        accounts=ONE,
        credit_days=days_of({1, 2, 10, 11, 14, 15}),
        assignments=OWNERS,
        definitions={"cap_mode": "cumulative"},
    )
    assert of(data, "cap_score", "A2") == (0, 1)


def test_an_account_with_two_owners_counts_for_both_and_once_for_all() -> None:
    team = TEAM + "A4,Dalia,field_agent,North,Nakuru,2026-01-01,\n"
    owners = OWNERS + "L1,A4,2026-01-01,\n"
    data = data_of(as_of=LAST, agents=team, accounts=ONE, credit_days=days_of(set()), assignments=owners)
    assert [of(data, "cap_score", scope) for scope in ("A3", "A4", "")] == [(1, 1)] * 3


def test_days_without_a_row_are_counted_beside_the_score() -> None:
    """The balance of a day that is missing is carried on from the day before, and the figure says of how many days."""
    rows = {day: "9" for day in range(76) if day not in (20, 21, 50)}
    data = data_of(as_of=LAST, accounts=ONE, credit_days="account_id,day,credit_balance\n" + balance_rows(rows))
    assert of(data, "cap_score", "") == (1, 1)
    assert said_beside(data, "cap_score", "") == "3 days without a row, carried on from the day before"
    whole = data_of(as_of=LAST, accounts=ONE, credit_days=days_of({10}))
    assert said_beside(whole, "cap_score", "") == ""


def test_days_after_the_last_row_and_of_two_accounts_add_up_and_days_after_the_75th_do_not_count() -> None:
    two = ONE + "L2,C2,lamp,2026-01-01,KES,active,\n"
    rows = days_of(set(), until=73) + balance_rows({day: "9" for day in range(80) if day != 5}, "L2")
    data = data_of(as_of=date(2026, 3, 31), accounts=two, credit_days=rows)
    assert said_beside(data, "cap_score", "") == "3 days without a row, carried on from the day before"  # 74, 75; and 5
    young = data_of(as_of=LAST - timedelta(days=1), accounts=two, credit_days=rows.replace("2026-03-2", "2026-02-2"))
    assert said_beside(young, "cap_score", "") == "", "nothing is judged yet"


def test_days_from_an_owner_to_the_next_are_counted_once_for_two_owners() -> None:
    team = TEAM + "A4,Dalia,field_agent,North,Nakuru,2026-01-01,\n"
    rows = days_of(set(), until=74)
    owners = OWNERS + "L1,A4,2026-01-01,\n"
    data = data_of(as_of=LAST, agents=team, accounts=ONE, credit_days=rows, assignments=owners)
    said = {scope: said_beside(data, "cap_score", scope) for scope in ("A3", "A4", "")}
    assert set(said.values()) == {"1 days without a row, carried on from the day before"}


@pytest.mark.parametrize(("closed_on", "said"), [("2026-03-16", True), ("2026-03-17", False)])
def test_accounts_returned_before_the_75th_day_are_counted_beside_the_score(closed_on: str, said: bool) -> None:
    """Ways people game a number: whoever sends customers away early has a better score, and that shows."""
    accounts = ACCOUNT + f"L1,C1,lamp,2026-01-01,KES,returned,{closed_on}\n"
    data = data_of(as_of=LAST, accounts=accounts, credit_days=days_of(set()))
    assert ("1 returned before the last day and left out" in said_beside(data, "cap_score", "")) == said
    failed = data.defined(cap_returned="failed")
    assert "returned" not in said_beside(failed, "cap_score", "")
    assert of(failed, "cap_score", "") == ((0, 1) if said else (1, 1))


PAID = "payment_id,account_id,paid_at,amount,currency,kind,credits,credits_kind,reverses\n"


def bought(day: int, credits: str, number: str, kind: str = "bought") -> str:
    return f"{number},L1,{START + timedelta(days=day)} 10:00,100.00,KES,instalment,{credits},{kind},\n"


@pytest.mark.parametrize(("again", "passes"), [(14, 1), (15, 0)])
def test_without_credit_days_the_balance_is_the_credits_less_the_days(again: int, passes: int) -> None:
    # ten credits on day 0: day 9 ends with one, day 10 with none, so days 10 to 13, or to 14
    data = data_of(as_of=LAST, accounts=ONE, payments=PAID + bought(0, "10", "P1") + bought(again, "80", "P2"))
    assert of(data, "cap_score", "") == (passes, 1)


def test_free_and_borrowed_credit_is_credit_too_and_a_reversal_takes_it_back() -> None:
    rows = PAID + bought(0, "10", "P1") + bought(9, "70", "P2", "free")
    back = f"P3,L1,{START + timedelta(days=30)} 10:00,-100.00,KES,instalment,,,P2\n"
    assert of(data_of(as_of=LAST, accounts=ONE, payments=rows), "cap_score", "") == (1, 1)
    assert of(data_of(as_of=LAST, accounts=ONE, payments=rows + back), "cap_score", "") == (0, 1)


def test_an_account_that_never_bought_credit_has_failed() -> None:
    two = ONE + "L2,C2,lamp,2026-01-01,KES,active,\n"
    assert of(data_of(as_of=LAST, accounts=two, payments=PAID + bought(0, "90", "P1")), "cap_score", "") == (1, 2)


def test_the_score_needs_credits_or_their_days() -> None:
    payments = "payment_id,account_id,paid_at,amount,currency\nP1,L1,2026-01-05 10:00,100.00,KES\n"
    assert "payments.credits" in str(values(data_of(accounts=ONE, payments=payments), "cap_score").problems[0])


def test_an_empty_table_of_days_has_no_base() -> None:
    data = data_of(as_of=LAST, accounts=ONE, credit_days="account_id,day,credit_balance\n")
    assert note(data, "cap_score", "") == (None, "immature", 1)


def counted_day_by_day(balances: list[int | None], mode: str, enough: int) -> bool:
    """Whether an account passes, counted one day after the other."""
    left, without = 10**6, []
    for balance in balances:
        left = left - 1 if balance is None else balance
        without.append(left <= 0)
    lengths = [(zero, len(list(days))) for zero, days in groupby(without)]
    longest = max((length for zero, length in lengths if zero), default=0)
    last = lengths[-1][1] if lengths[-1][0] else 0
    return {"longest_run": longest, "cumulative": sum(without), "open_run": last}[mode] < enough


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.one_of(st.none(), st.integers(-1, 3)), min_size=16, max_size=16), min_size=1, max_size=12),
    st.integers(1, 6),
)
def test_open_run_passes_at_least_as_many_as_longest_run_and_that_as_cumulative(
    accounts: list[list[int | None]], enough: int
) -> None:
    """The law C >= A >= B of the catalogue, and each of them against a count day by day."""
    known = [days if any(day is not None for day in days) else [*days[:-1], 1] for days in accounts]
    names = [f"L{number}" for number in range(len(known))]
    rows = [
        {"account_id": name, "day": START + timedelta(days=day), "credit_balance": str(balance)}
        for name, days in zip(names, known, strict=True)
        for day, balance in enumerate(days)
        if balance is not None
    ]
    tables = {
        "agents": pl.DataFrame({"agent_id": ["A1"], "name": ["Asha"], "role": ["call_agent"]}),
        "accounts": pl.DataFrame({"account_id": names, "activated_on": [START] * len(names)}),
        "credit_days": pl.DataFrame(rows),
    }
    passed = {}
    for mode in MODES:
        rules = Definitions(cap_mode=mode, cap_age_days=15, cap_zero_days=enough)  # type: ignore[arg-type]
        data = Data.of(tables, date(2026, 3, 31), definitions=rules)
        passed[mode], base = of(data, "cap_score", "", "2026-01")
        assert base == len(known)
        assert passed[mode] == sum(counted_day_by_day(days, mode, enough) for days in known), mode
    assert passed["open_run"] >= passed["longest_run"] >= passed["cumulative"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("source", ["credit_days", "payments"])
def test_pandas_and_duckdb_give_the_same_sums(source: str, mode: str) -> None:
    accounts = ONE + "L2,C2,lamp,2026-01-05,KES,returned,2026-02-01\nL3,C3,lamp,2026-02-05,KES,active,\n"
    days = days_of({10, 11, 12, 20, 21}) + balance_rows({5: "3", 9: "0.5"}, "L2")
    text = days if source == "credit_days" else PAID + bought(0, "10", "P1") + bought(14, "80.25", "P2")
    tables = {"accounts": accounts, "assignments": OWNERS, source: text}
    data = data_of(as_of=date(2026, 3, 31), definitions={"cap_mode": mode}, **tables)
    assert not values(data, "cap_score").values.is_empty()
    same_on_every_engine(data, "cap_score")
