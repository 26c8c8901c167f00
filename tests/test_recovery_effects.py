"""What actions bring, counted by hand: catalogue row 0.22. Self-cures come off; a payment follows one action."""

from datetime import datetime, timedelta
from typing import Any, Literal

import polars as pl
import pytest
from evidence_cases import (
    BALANCES,
    CALLS,
    LATER,
    MARCH,
    NOTHING,
    calls,
    data_of,
    done_of,
    on_every_engine,
    payments,
    rows_of,
)  # fmt: skip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kpi_cases import TEAM

from toolkit.kpis.data import Data, MissingError
from toolkit.recovery.brought import work_done
from toolkit.recovery.effects import attempts, effects, hours, stops_paying
from toolkit.recovery.intervals import difference, newcombe, wilson_of
from toolkit.recovery.self_cure import self_cure
from toolkit.recovery_rules import RecoveryRules, Rung

ACCOUNTS = "account_id,customer_id,product,activated_on,currency,batch\n"


def one(*at: str, paid: str) -> list[tuple[int, int]]:
    """Of calls at these moments, payments and amount that followed each."""
    data = data_of(LATER, calls=CALLS + calls(*at), payments=payments(paid))
    return [(row["payments"], row["amount"]) for row in rows_of(data)]


@pytest.mark.parametrize(
    ("paid", "followed"),
    [
        ("L1 03-02 09:59 5", 0), ("L1 03-02 10:00 5", 0), ("L1 03-02 10:01 5", 1),
        ("L1 03-16 23:59 5", 1), ("L1 03-17 00:00 5", 0), ("L2 03-03 10:00 5", 0),
    ],
)  # fmt: skip
def test_a_payment_follows_a_call_that_came_before_it_by_fourteen_days_at_most(paid: str, followed: int) -> None:
    assert one("03-02 10:00", paid=paid) == [(followed, 500 * followed)]


def test_a_payment_follows_the_last_action_only() -> None:
    assert one("03-02 10:00", "03-04 10:00", paid="L1 03-05 10:00 5") == [(0, 0), (1, 500)]


def test_an_action_after_the_period_takes_over_from_one_in_it() -> None:
    assert one("03-30 10:00", "04-02 10:00", paid="L1 04-03 10:00 5") == [(0, 0)]
    assert one("03-30 10:00", "04-04 10:00", paid="L1 04-03 10:00 5") == [(1, 500)]


def test_an_action_before_the_period_is_none_of_it() -> None:
    assert one("02-27 10:00", paid="L1 03-01 10:00 5") == []


def test_money_taken_back_later_never_came_and_deposits_are_no_yield() -> None:
    back = payments("L1 03-05 10:00 200") + "B1,L1,A1,2026-03-20 10:00,-200,KES,instalment,P0\n"
    deposit = NOTHING + "M1,L1,A1,2026-03-05 10:00,5,KES,deposit,\n"
    for paid in (back, deposit):
        data = data_of(LATER, calls=CALLS + calls("03-02 10:00"), payments=paid)
        assert [row["paid"] for row in rows_of(data)] == [0]


@pytest.mark.parametrize(("as_of", "waiting"), [("2026-03-15", 1), ("2026-03-16", 0)])
def test_an_action_waits_until_its_days_are_over(as_of: str, waiting: int) -> None:
    data = data_of(
        datetime.fromisoformat(as_of).date(), calls=CALLS + calls("03-02 10:00"), payments=payments("L1 03-03 10:00 5")
    )
    row = effects(done_of(data)).row(0, named=True)
    assert (row["actions"], row["waiting"], row["paid"], row["accounts"]) == (1, waiting, 1 - waiting, 1 - waiting)
    assert row["rate"] == (None if waiting else 1.0)


def test_attempts_begin_anew_after_a_payment_and_count_every_kind_of_action() -> None:
    data = data_of(
        LATER,
        calls=CALLS + calls("02-20 10:00", "03-02 10:00", "03-10 10:00"),
        messages="message_id,account_id,agent_id,sent_at,channel\nS1,L1,,2026-03-03 10:00,sms\n",
        payments=payments("L1 03-05 10:00 5"),
    )
    assert [(row["activity"], row["attempt"]) for row in rows_of(data)] == [("call", 2), ("sms", 3), ("call", 1)]


def test_a_senior_call_is_another_activity_while_its_agent_has_the_role() -> None:
    team = TEAM.replace("left_on\n", "left_on,valid_from,valid_to\n").replace(",2026-01-01,\n", ",2026-01-01,,,\n")
    team = team.replace(
        "A1,Asha,call_agent,North,Nakuru,2026-01-01,,,",
        "A1,Asha,call_agent,North,Nakuru,2026-01-01,,2026-01-01,2026-03-09",
    )
    team += "A1,Asha,team_leader,North,Nakuru,2026-01-01,,2026-03-10,\n"
    rungs = (
        {"code": "senior_call", "title": "", "channel": "call", "roles": ("team_leader",)},
        {"code": "call", "title": "", "channel": "call"},
    )
    data = data_of(LATER, agents=team, calls=CALLS + calls("03-09 10:00", "03-10 10:00"), payments=NOTHING)
    assert [row["activity"] for row in rows_of(data, rungs=rungs)] == ["call", "senior_call"]
    shares = done_of(data, {"call": 301}, rungs=rungs).cost
    assert shares == {"call": 151, "senior_call": 150}


@pytest.mark.parametrize(("late", "bucket"), [(29, 1), (30, 2)])
def test_a_snapshot_holds_from_the_next_day_on_but_the_first_one_at_once(late: int, bucket: int) -> None:
    snapshots = BALANCES + f"L1,2026-03-02,100,{late}\nL1,2026-03-10,100,95\n"
    data = data_of(
        LATER, calls=CALLS + calls("03-02 10:00", "03-10 10:00", "03-11 10:00"), payments=NOTHING, balances=snapshots
    )
    assert [row["bucket"] for row in rows_of(data)] == [bucket, bucket, 4]


# Self-cures -----------------------------------------------------------------------------------------------------------


def accounts(*names: str, batch: str = "") -> str:
    """Accounts, of which those left alone (U) are in a batch."""
    batches = [batch if name.startswith("U") else "" for name in names]
    return ACCOUNTS + "".join(
        f"{name},C{name},lamp,2026-01-01,KES,{of}\n" for name, of in zip(names, batches, strict=True)
    )


def people(called: int, alone: int, called_paid: int, alone_paid: int, batch: str = "", **tables: Any) -> Data:
    """Accounts of one bucket, called on 2 March at 10, and others that nobody called; some paid on the 5th."""
    names = [*(f"T{place}" for place in range(called)), *(f"U{place}" for place in range(alone))]
    payers = [*names[:called_paid], *names[called : called + alone_paid]]
    return data_of(
        LATER,
        accounts=accounts("L3", *names, batch=batch),
        calls=CALLS + "".join(calls("03-02 10:00", account=name) for name in names[:called]),
        payments=payments(*(f"{name} 03-05 10:00 100" for name in payers)),
        balances=BALANCES + "".join(f"{name},2026-02-28,500,40\n" for name in names),
        **tables,
    )  # fmt: skip


def test_what_accounts_left_alone_paid_comes_off_and_costs_come_off_that() -> None:
    """50 of 100 called paid, and 20 of 100 left alone: 30 points of 100.00 are 30.00, less 3.00 a call."""
    row = effects(done_of(people(100, 100, 50, 20), {"call": 30_000})).row(0, named=True)
    assert (row["rate"], row["self_cure"], round(row["uplift"], 9)) == (0.5, 0.2, 0.3)
    assert (row["amount_each"], row["cost_each"], row["net_each"], row["basis"]) == (5_000, 300, 2_700, "untouched")
    low, high = newcombe([50], [100], [20], [100])
    assert (row["uplift_low"], row["uplift_high"]) == pytest.approx((low[0], high[0]))
    assert "no proof" in row["in_words"]


def test_twice_the_cost_takes_twice_as_much_off() -> None:
    data = people(100, 100, 50, 20)
    once, twice = (effects(done_of(data, {"call": cost})).row(0, named=True) for cost in (30_000, 60_000))
    assert once["net_each"] - twice["net_each"] == 300


@pytest.mark.parametrize(("alone", "basis"), [(4, "none"), (5, "untouched")])
def test_fewer_than_five_left_alone_are_no_baseline(alone: int, basis: str) -> None:
    row = effects(done_of(people(50, alone, 25, 1))).row(0, named=True)
    assert row["basis"] == basis
    assert (row["self_cure"] is None) == (basis == "none")


def test_held_out_accounts_are_a_baseline_by_lot_and_others_are_not() -> None:
    held = people(200, 200, 100, 40, batch="H")
    rules = RecoveryRules(hold_out=("H",))
    by_lot = self_cure(held, rules, MARCH).row(0, named=True)
    chosen = self_cure(held, RecoveryRules(), MARCH).row(0, named=True)
    assert (by_lot["basis"], by_lot["verdict"]) == ("hold_out", "effect")
    assert (chosen["basis"], chosen["verdict"]) == ("untouched", "unproven")
    assert (by_lot["pursued"], by_lot["pursued_paid"], by_lot["alone"], by_lot["alone_paid"]) == (200, 100, 200, 40)
    low, high = newcombe([100], [200], [40], [200])
    assert (by_lot["low"], by_lot["high"]) == pytest.approx((low[0], high[0]))
    assert "no proof" in chosen["in_words"]
    assert "no proof" not in by_lot["in_words"]


def test_a_difference_that_chance_explains_is_called_none() -> None:
    found = self_cure(people(50, 50, 11, 10, batch="H"), RecoveryRules(hold_out=("H",)), MARCH).row(0, named=True)
    assert (found["verdict"], found["low"] < 0 < found["high"]) == ("none", True)
    few = self_cure(people(50, 4, 11, 1, batch="H"), RecoveryRules(hold_out=("H",)), MARCH).row(0, named=True)
    assert few["verdict"] == "too_few"


def test_an_action_soon_taken_over_from_is_held_against_the_same_few_days() -> None:
    """The first call has 2 and 3 March to itself; who was left alone paid on the 5th, in the days of the second."""
    data = people(20, 20, 0, 10)
    alone = [f"U{place}" for place in range(20)]
    twice = data_of(
        LATER,
        calls=CALLS + calls("03-02 10:00", "03-04 10:00", account="T0"),
        accounts=accounts("T0", "L3", *alone),
        balances=BALANCES + "".join(f"{name},2026-02-28,500,40\n" for name in ("T0", *alone)),
        payments=payments(*(f"{name} 03-05 10:00 1" for name in alone[:10])),
    )
    found = {row["attempt"]: row["self_cure"] for row in attempts(done_of(twice)).iter_rows(named=True)}
    assert found == {"1": 0.0, "2": 0.5}
    assert effects(done_of(data)).row(0, named=True)["self_cure"] == 0.5


@pytest.mark.parametrize(("others", "covered"), [(10, 0.5), (11, 0.0)])
def test_self_cures_are_taken_off_where_they_are_known_for_half_of_the_actions(others: int, covered: float) -> None:
    """Ten accounts 40 days late, of which five paid, beside ten left alone; others, 100 days late, have none."""
    known, alone, rest = (
        [f"{kind}{place}" for place in range(count)] for kind, count in (("T", 10), ("U", 10), ("V", others))
    )
    data = data_of(
        LATER,
        accounts=accounts("L3", *known, *alone, *rest),
        calls=CALLS + "".join(calls("03-02 10:00", account=name) for name in (*known, *rest)),
        payments=payments(*(f"{name} 03-05 10:00 1" for name in (*known[:5], *alone[:2], *rest))),
        balances=BALANCES
        + "".join(f"{name},2026-02-28,9,{100 if name in rest else 40}\n" for name in (*known, *alone, *rest)),
    )
    row = effects(done_of(data)).row(0, named=True)
    assert (row["covered"], row["self_cure"]) == (covered, 0.2 if covered else None)
    assert row["uplift"] == pytest.approx(0.5 - 0.2 if covered else row["rate"])


# Alternatives, attempts and hours -------------------------------------------------------------------------------------


def alternatives(sms_paid: int) -> pl.DataFrame:
    """A hundred accounts called, of which 50 paid; a hundred written to; a hundred left alone."""
    names = [f"{kind}{place}" for kind in "TSU" for place in range(100)]
    payers = [*(f"T{place}" for place in range(50)), *(f"S{place}" for place in range(sms_paid))]
    data = data_of(
        LATER,
        accounts=accounts(*names, "L3"),
        calls=CALLS + "".join(calls("03-02 10:00", account=name) for name in names[:100]),
        messages="message_id,account_id,agent_id,sent_at,channel\n"
        + "".join(f"M{name},{name},,2026-03-02 10:00,sms\n" for name in names[100:200]),
        payments=payments(*(f"{name} 03-05 10:00 100" for name in payers)),
        balances=BALANCES + "".join(f"{name},2026-02-28,500,40\n" for name in names),
    )
    return effects(done_of(data, {"call": 30_000, "sms": 1_000})).filter(pl.col("bucket") == "all")


def test_alternatives_stand_in_the_order_of_their_marginal_net_and_chance_is_named() -> None:
    found = alternatives(10)
    assert found["activity"].to_list() == ["call", "sms"]
    assert found["verdict"].to_list() == ["best", "worse"]
    close = alternatives(45)
    assert close["verdict"].to_list() == ["best", "alike"]
    assert "no difference to call that chance does not explain" in close["in_words"][1]


def test_a_cheaper_activity_may_stand_before_one_that_brings_more() -> None:
    assert alternatives(49)["activity"].to_list() == ["sms", "call"]


def test_what_costs_nothing_known_takes_no_place() -> None:
    row = effects(done_of(people(100, 100, 50, 20))).row(0, named=True)
    assert (row["verdict"], row["place"], row["net_each"], row["cost"]) == ("no_cost", None, None, None)


def test_the_ladder_and_the_rate_card_say_what_an_action_costs_where_no_ledger_does() -> None:
    rungs = ({"code": "call", "title": "", "channel": "call", "cost": "2.50"},)
    assert done_of(people(100, 5, 50, 1), rungs=rungs).cost == {"call": 25_000}
    card = "channel,unit,cost,currency,from\ncall,call,3,KES,2026-01-01\n"
    assert done_of(people(100, 5, 50, 1, rate_card=card), rungs=rungs).cost == {"call": 30_000}


@pytest.mark.parametrize(
    ("verdicts", "stop"),
    [
        (["pays", "pays_not", "pays_not"], "b"), (["pays", "pays_not", "pays"], None), (["pays_not"], "a"),
        (["pays", "pays_not", "too_few"], "b"), (["too_few"], None), ([], None),
    ],
)  # fmt: skip
def test_the_attempt_from_which_on_none_pays(verdicts: list[str], stop: str | None) -> None:
    table = pl.DataFrame(
        {"activity": ["call"] * len(verdicts), "attempt": list("abc")[: len(verdicts)], "verdict": verdicts}
    )
    assert stops_paying(table).get("call") == stop


def test_diminishing_returns_stop_where_the_next_attempt_costs_more_than_it_adds() -> None:
    """Of ten accounts six pay after the first call, one of four after the second, none of three after the third."""
    names = [f"T{place}" for place in range(10)]
    paid = [*(f"{name} 03-02 12:00 10" for name in names[:6]), f"{names[6]} 03-03 12:00 10"]
    left = [calls("03-02 10:00", account=name) for name in names[:6]]
    left += [calls("03-02 10:00", "03-03 10:00", account=names[6])]
    left += [calls("03-02 10:00", "03-03 10:00", "03-04 10:00", account=name) for name in names[7:]]
    alone = [f"U{place}" for place in range(10)]
    data = data_of(
        LATER,
        accounts=accounts(*names, *alone, "L3"),
        calls=CALLS + "".join(left), payments=payments(*paid),
        balances=BALANCES + "".join(f"{name},2026-02-28,500,40\n" for name in (*names, *alone)),
    )  # fmt: skip
    table = attempts(done_of(data, {"call": 17 * 300}, least_cases=3))
    assert table.select("attempt", "actions", "paid", "verdict").rows() == [
        ("1", 10, 6, "pays"), ("2", 4, 1, "pays_not"), ("3", 3, 0, "pays_not"),
    ]  # fmt: skip
    assert stops_paying(table) == {"call": "2"}
    assert "from attempt 2" in table["in_words"][0]


@pytest.mark.parametrize(("number", "group"), [(4, "4"), (5, "5-7"), (7, "5-7"), (8, "8+"), (9, "8+")])
def test_attempts_are_grouped_where_they_are_many(number: int, group: str) -> None:
    at = [f"03-02 10:{place:02}" for place in range(number)]
    data = data_of(LATER, calls=CALLS + calls(*at), payments=NOTHING)
    assert attempts(done_of(data))["attempt"].to_list()[-1] == group


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    data = data_of(LATER, calls=CALLS + calls("03-02 08:59", "03-02 09:00"), payments=payments("L1 03-02 09:30 5"))
    found = hours(done_of(data)).select("hour", "actions", "paid").rows()
    assert found == [(8, 1, 0), (9, 1, 1)]


def test_without_actions_in_the_month_everything_is_empty_and_without_tables_it_is_said() -> None:
    quiet = done_of(data_of(LATER, calls=CALLS + calls("01-02 10:00"), payments=NOTHING))
    assert [table.height for table in (effects(quiet), attempts(quiet), hours(quiet))] == [0, 0, 0]
    with pytest.raises(MissingError, match=r"calls\.started_at"):
        done_of(data_of(LATER, payments=NOTHING))


# Intervals, laws, engines ---------------------------------------------------------------------------------------------


def test_limits_squared_and_added_are_newcombes_interval() -> None:
    """Newcombe 1998, table II, method 10, (a) 56/70 against 48/80: 0.0524 to 0.3339."""
    low, high = newcombe([56], [70], [48], [80])
    assert (round(float(low[0]), 4), round(float(high[0]), 4)) == (0.0524, 0.3339)
    one_side, other = (
        wilson_of(pl.Series([k]).to_numpy(), pl.Series([n]).to_numpy(), 0.95) for k, n in ((56.0, 70.0), (48.0, 80.0))
    )
    assert [float(side[0]) for side in difference(one_side, other)[1:]] == pytest.approx([low[0], high[0]])


START = datetime.fromisoformat("2026-02-10")
moments = st.integers(0, 60 * 24 * 70).map(lambda minutes: START + timedelta(minutes=minutes))


@pytest.mark.parametrize("direct", [{"phone": 300}, {"call": 300}, {"phone": 300, "call": 9_999}, {}])
def test_what_one_more_costs_decides_and_its_part_of_salaries_stands_beside_it(direct: dict[str, int]) -> None:
    """Two calls at 1.50 each, which with salaries cost 100.00 together; one was followed by 20.00."""
    data = data_of(LATER, calls=CALLS + calls("03-02 10:00", "03-10 10:00"), payments=payments("L1 03-03 10:00 20"))
    loaded = pl.DataFrame({"activity": ["call"], "amount": [10_000]})
    rules = RecoveryRules(rungs=(Rung(code="phone", title="Call", channel="call", cost="1.50"),))
    costs = pl.DataFrame(list(direct.items()), schema=dict(loaded.schema), orient="row")
    found = effects(work_done(data, rules, MARCH, costs, loaded))
    row = found.filter(pl.col("bucket") == "all").row(0, named=True)
    assert (row["activity"], row["cost"], row["cost_each"], row["loaded_each"]) == ("phone", 300, 150, 5_000)
    assert row["net_each"] == 850, "half of 20.00, less 1.50"


@pytest.mark.parametrize(
    ("fee", "rate", "net"), [("paid", "0", 850), ("paid", "0.25", 600), ("earned", "0.25", 100), ("earned", "0.1", -50)]
)
def test_only_what_stays_here_pays_for_an_action(fee: Literal["paid", "earned"], rate: str, net: int) -> None:
    """10.00 an action came in: all of it, three quarters, a quarter or a tenth is left to pay for 1.50."""
    data = data_of(LATER, calls=CALLS + calls("03-02 10:00", "03-10 10:00"), payments=payments("L1 03-03 10:00 20"))
    costs = pl.DataFrame({"activity": ["call"], "amount": [300]})
    found = effects(work_done(data, RecoveryRules(fee=fee, fee_rate=rate), MARCH, costs))
    assert found.filter(pl.col("bucket") == "all")["net_each"].item() == net


events = st.lists(st.tuples(st.sampled_from(["L1", "L2"]), moments), max_size=12, unique_by=lambda event: event[1])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events, events)
def test_a_second_count_by_hand_agrees_and_payments_are_never_shared_out_twice(called: Any, paid: Any) -> None:
    data = Data.of(
        {
            "agents": pl.DataFrame({"agent_id": ["A1"], "name": ["Asha"], "role": ["call_agent"]}),
            "calls": pl.DataFrame(called, schema={"account_id": pl.String, "started_at": pl.Datetime}, orient="row"),
            "payments": pl.DataFrame(
                [(f"P{n}", account, at, 100 + n, "instalment") for n, (account, at) in enumerate(paid)],
                schema={
                    "payment_id": pl.String, "account_id": pl.String, "paid_at": pl.Datetime, "amount": pl.Int64,
                    "kind": pl.String,
                },
                orient="row",
            ),
        },
        LATER,
    )  # fmt: skip
    wanted: dict[Any, int] = {}
    for number, (account, at) in enumerate(paid):
        before = [when for of, when in called if of == account and when < at]
        if before and at.date() <= LATER and at.date() <= max(before).date() + timedelta(days=14):
            wanted[account, max(before)] = wanted.get((account, max(before)), 0) + 100 + number
    march = sorted((account, at) for account, at in called if at.month == 3)
    found = rows_of(data)
    assert [row["amount"] for row in found] == [wanted.get(key, 0) for key in march]
    assert sum(row["amount"] for row in found) <= sum(100 + number for number in range(len(paid)))
    assert all(row["paid"] <= 1 and row["paid"] <= row["payments"] for row in found)


def test_every_engine_gives_the_same() -> None:
    data = people(
        12,
        10,
        6,
        2,
        batch="H",
        messages="message_id,account_id,agent_id,sent_at,channel\nS1,T1,,2026-03-03 10:00,sms\n",
    )

    def made(of: Data) -> list[pl.DataFrame]:
        done = done_of(of, {"call": 1_000, "sms": 10})
        tables = [self_cure(of, RecoveryRules(hold_out=hold), MARCH) for hold in ((), ("H",))]
        return [effects(done), attempts(done), hours(done), *tables]

    on_every_engine(data, made)
