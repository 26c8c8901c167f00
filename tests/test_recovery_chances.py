"""Chances by rung and bucket from a few rows: catalogue rows 0.4 and 0.22. Both sides of every threshold."""

from datetime import date
from typing import Any

import pytest
from kpi_cases import data_of
from pursuit_cases import (
    AS_OF,
    CALL,
    CALLS,
    NOBODYS,
    OWED,
    SMS,
    accounts,
    calls,
    cell,
    ladder,
    million,
    named,
    on_every_engine,
    owed,
    paid,
    row,
    same_everywhere,
    worked,
)  # fmt: skip
from statsmodels.stats.proportion import proportion_confint

from toolkit.recovery.chances import chances
from toolkit.recovery_rules import Rung

MESSAGES = "message_id,account_id,agent_id,sent_at,channel\n"
VISITS = "visit_id,agent_id,account_id,visited_at\n"


def test_five_of_ten_paid_half_of_what_they_owed_on_every_engine() -> None:
    found = cell(same_everywhere(worked(), ladder()))
    low, high = proportion_confint(5, 10, method="wilson")
    assert (found["actions"], found["successes"], found["chance"]) == (10, 5, 500_000)
    assert (found["chance_low"], found["chance_high"]) == (int(low * 10**6), -int(-high * 10**6 // 1))
    assert found["decides"] == found["chance_low"]
    assert found["share"] == million("0.5")


@pytest.mark.parametrize(
    ("at", "successes"),
    [("2026-03-02 10:00", 0), ("2026-03-02 10:01", 1), ("2026-03-16 23:59", 1), ("2026-03-17 00:00", 0)],
)
def test_a_payment_counts_from_after_the_call_until_the_end_of_the_fourteenth_day(at: str, successes: int) -> None:
    data = worked(successes=0, payments=NOBODYS + paid("L100", at=at))
    assert cell(same_everywhere(data, ladder()))["successes"] == successes


@pytest.mark.parametrize(("as_of", "judged"), [(date(2026, 3, 15), 0), (date(2026, 3, 16), 10)])
def test_an_action_counts_when_its_time_to_pay_is_over(as_of: date, judged: int) -> None:
    tables = {
        "accounts": accounts(*named(10)),
        "balances": OWED + owed(*named(10)),
        "calls": CALLS + calls(*named(10)),
        "payments": NOBODYS + paid("L100", at="2026-03-03 10:00"),
    }
    found = cell(same_everywhere(data_of(as_of, **tables), ladder()))
    assert (found["actions"], found["waiting"]) == (judged, 10 - judged)


@pytest.mark.parametrize(("cases", "known"), [(4, False), (5, True)])
def test_fewer_than_five_cases_are_too_few_and_nobody_is_pursued_on_a_guess(cases: int, known: bool) -> None:
    found = same_everywhere(worked(cases, cases), ladder())
    assert cell(found)["note"] == ("" if known else "too few")
    assert (cell(found)["decides"] is not None) == known
    assert row(found)["next"] == ("call" if known else "not_known")
    assert ["PURSUE_FEW" in one.code for one in found.problems] == ([] if known else [True])


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(1, "0-6"), (6, "0-6"), (7, "7-29"), (29, "7-29"), (30, "30-59"), (179, "90-179"), (180, "180+")],
)
def test_the_bucket_begins_on_its_day(days: int, bucket: str) -> None:
    data = worked(balances=OWED + owed(*named(10), "L1", days=days))
    found = same_everywhere(data, ladder())
    assert cell(found, bucket=bucket)["actions"] == 10
    assert row(found)["bucket"] == bucket


def test_whoever_pays_at_once_owes_nothing_at_the_days_end_and_is_a_success_all_the_same() -> None:
    """Snapshots are of a day's end: the one of the call's own day knows already what the call brought."""
    ids = named(10)
    rows = owed(*ids, as_of="2026-03-01") + owed(*ids[:5], balance="0", days=0, as_of="2026-03-02")
    data = worked(balances=OWED + rows + owed(*ids[5:], as_of="2026-03-02"),
                  payments=NOBODYS + paid(*ids[:5], at="2026-03-02 17:00", amount="100"))  # fmt: skip
    found = cell(same_everywhere(data, ladder()))
    assert (found["actions"], found["successes"], found["share"]) == (10, 5, 1_000_000)


def test_five_calls_do_not_bring_the_same_money_five_times() -> None:
    """The payment of the fifth follows the call of the fourth, and no other."""
    made = "".join(calls("L100", at=f"2026-03-0{day} 10:00") for day in range(1, 5))
    data = worked(calls=CALLS + made, payments=NOBODYS + paid("L100"), balances=OWED + owed("L100", "L1"))
    found = cell(same_everywhere(data, ladder()))
    assert (found["actions"], found["successes"]) == (4, 1)


@pytest.mark.parametrize("buckets", [(), (7, 7), (30, 7), (-1, 7)])
def test_buckets_that_are_none_are_refused(buckets: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one at least"):
        ladder(buckets=buckets)


def test_what_is_late_but_not_as_late_as_the_first_bucket_has_a_name() -> None:
    found = same_everywhere(worked(), ladder(buckets=(60, 90)))
    assert (row(found)["bucket"], row(found)["next"]) == ("1-59", "not_known")


def test_of_two_rungs_that_nothing_tells_apart_the_first_has_the_actions() -> None:
    again = CALL.model_copy(update={"code": "again"})
    found = same_everywhere(worked(), ladder(CALL, again))
    assert (cell(found)["actions"], cell(found, "again")["actions"]) == (10, 0)
    assert "PURSUE_ALIKE" in {one.code for one in found.problems}
    senior = CALL.model_copy(update={"code": "senior_call", "roles": ("senior",)})
    assert "PURSUE_ALIKE" not in {one.code for one in same_everywhere(worked(), ladder(CALL, senior)).problems}


def test_the_bucket_is_that_of_the_actions_own_day() -> None:
    """The first snapshot counts on its own day, a later one from the next day on, and not for calls before it."""
    before = owed(*named(10), days=40, as_of="2026-03-02") + owed(*named(10), days=95, as_of="2026-03-03")
    found = same_everywhere(worked(balances=OWED + before), ladder())
    assert cell(found)["actions"] == 10
    assert cell(found, bucket="90-179")["actions"] == 0
    late = same_everywhere(worked(balances=OWED + owed(*named(10), as_of="2026-03-03")), ladder())
    assert cell(late)["actions"] == 0


def test_whoever_owes_nothing_or_is_not_late_is_no_case() -> None:
    rows = OWED + owed(*named(5), days=0) + owed(*named(10)[5:], balance="0") + owed("L1")
    found = same_everywhere(worked(balances=rows), ladder())
    assert found.chances.table["actions"].sum() == 0


def test_several_calls_of_a_day_are_one_action_and_cost_what_they_cost_together() -> None:
    twice = CALLS + calls(*named(10)) + calls(*named(10), at="2026-03-02 15:00")
    card = "channel,unit,cost,currency,from\ncall,call,3,KES,2026-01-01\n"
    found = same_everywhere(worked(calls=twice, rate_card=card), ladder())
    assert cell(found)["actions"] == 10
    assert row(found)["cost"] == 600


def test_money_taken_back_never_came_and_deposits_are_no_collections() -> None:
    back = NOBODYS + paid("L100", "L101") + "R1,L100,2026-03-20 10:00,-50,KES,instalment,ML1002026-03-05 10:00\n"
    other = "D1,L102,2026-03-05 10:00,50,KES,deposit,\n"
    assert cell(same_everywhere(worked(payments=back + other), ladder()))["successes"] == 1


@pytest.mark.parametrize(
    ("visited", "by_call", "by_visit"),
    [("2026-03-04 09:00", 0, 1), ("2026-03-05 09:59", 0, 1), ("2026-03-05 10:00", 1, 0), ("2026-03-06 09:00", 1, 0)],
)
def test_a_payment_follows_the_last_step_before_it(visited: str, by_call: int, by_visit: int) -> None:
    rungs = (CALL, Rung(code="visit", title="Visit", channel="visit", cost="5"))
    data = worked(successes=1, visits=VISITS + f"V1,A1,L100,{visited}\n")
    found = same_everywhere(data, ladder(*rungs))
    assert (cell(found)["successes"], cell(found, "visit")["successes"]) == (by_call, by_visit)


def test_the_calls_of_a_senior_are_another_rung_than_those_of_the_others() -> None:
    """A1 was promoted on 2 March: the call of that day is a senior's, the one of the day before is not."""
    team = (
        "agent_id,name,role,team,branch,started_on,left_on,valid_from,valid_to\n"
        "A1,Asha,call_agent,North,Nakuru,2026-01-01,,2026-01-01,2026-03-01\n"
        "A1,Asha,senior,North,Nakuru,2026-01-01,,2026-03-02,\n"
        "A2,Baraka,senior,North,Nakuru,2026-01-01,,,\n"
    )
    made = CALLS + calls("L100") + calls("L101", at="2026-03-01 10:00") + calls("L102", agent="A2")
    senior = Rung(code="senior_call", title="Senior call", channel="call", roles=("senior",), cost="4")
    found = same_everywhere(worked(agents=team, calls=made), ladder(CALL, senior))
    assert (cell(found)["actions"], cell(found, "senior_call")["actions"]) == (1, 2)
    assert row(found, "L102")["spent"] == 400
    assert row(found, "L101")["spent"] == 200


def test_messages_are_told_apart_by_their_channel() -> None:
    sent = MESSAGES + "".join(
        f"S{one},{one},,2026-03-02 09:00,{'sms' if one < 'L105' else 'email'}\n" for one in named(10)
    )
    found = same_everywhere(worked(messages=sent), ladder(SMS, CALL))
    assert cell(found, "sms")["actions"] == 5
    assert cell(found, "call")["successes"] == 5


# What accounts do by themselves ---------------------------------------------------------------------------------------


def alone(*paying: str, **more: str) -> Any:
    """Ten accounts are called, ten others (L200 on) are left alone, of which some pay."""
    others = tuple(f"L{200 + number}" for number in range(10))
    tables = {
        "accounts": accounts(*named(10), *others),
        "balances": OWED + owed(*named(10), *others, as_of="2026-03-17"),
        "calls": CALLS + calls(*named(10), at="2026-03-17 10:00"),
        "payments": NOBODYS + paid(*named(5), at="2026-03-18 10:00") + paid(*paying, at="2026-03-18 11:00"),
    }
    return data_of(AS_OF, **{**tables, **more})


def test_self_cure_is_what_those_did_whom_nobody_touched_and_stands_beside_the_chance() -> None:
    found = cell(same_everywhere(alone("L200", "L201"), ladder()))
    assert (found["baseline_cases"], found["baseline"], found["baseline_from"]) == (10, 200_000, "untouched")
    assert (found["chance"], found["above_baseline"]) == (500_000, 300_000)


@pytest.mark.parametrize(("at", "cases"), [("2026-03-03 10:00", 10), ("2026-03-04 10:00", 9), ("2026-03-31 09:00", 9)])
def test_an_account_touched_in_the_period_or_the_one_before_was_not_left_alone(at: str, cases: int) -> None:
    """The period is 18 to 31 March, the one before 4 to 17 March."""
    data = alone("L200", calls=CALLS + calls(*named(10), at="2026-03-17 10:00") + calls("L201", at=at))
    assert cell(same_everywhere(data, ladder()))["baseline_cases"] == cases


def test_accounts_held_out_on_purpose_are_the_baseline_where_there_are_enough() -> None:
    def batches(held: int) -> str:
        rows = [f"{one},C,lamp,2025-01-01,KES,{'left' if f'L{200 + held}' > one >= 'L200' else ''}" for one in
                (*named(10), *(f"L{200 + number}" for number in range(10)), "L9")]  # fmt: skip
        return "\n".join(["account_id,customer_id,product,activated_on,currency,batch", *rows]) + "\n"

    rules = ladder(hold_out=("left",))
    held = cell(same_everywhere(alone("L200", "L209", accounts=batches(5)), rules))
    assert (held["baseline_cases"], held["baseline"], held["baseline_from"]) == (5, 200_000, "hold_out")
    few = cell(same_everywhere(alone("L200", "L209", accounts=batches(4)), rules))
    assert (few["baseline_cases"], few["baseline_from"]) == (10, "untouched")


# Shrinking, collateral, samples ---------------------------------------------------------------------------------------


def test_the_shrunk_bound_decides_where_the_profile_says_so() -> None:
    """Four buckets of ten cases, of which one did better than the others."""
    ids = [tuple(f"L{100 * group + number}" for number in range(10)) for group in (1, 2, 3, 4)]
    rows = "".join(owed(*group, days=days) for group, days in zip(ids, (3, 10, 40, 70), strict=True))
    data = data_of(
        AS_OF,
        accounts=accounts(*(one for group in ids for one in group)),
        balances=OWED + rows,
        calls=CALLS + "".join(calls(*group) for group in ids),
        payments=NOBODYS + paid(*ids[0][:8], *ids[1][:4], *ids[2][:4], *ids[3][:4]),
    )
    raw, drawn = (
        cell(same_everywhere(data, ladder(decides=how)), bucket="0-6") for how in ("wilson_low", "shrunk_low")
    )
    assert raw["decides"] == raw["chance_low"]
    assert raw["chance_shrunk"] < raw["chance"]
    assert drawn["decides"] < raw["decides"]


@pytest.mark.parametrize(("sold", "value"), [(4, {}), (5, {"lamp": 3_000})])
def test_collateral_is_worth_the_median_of_enough_sales(sold: int, value: dict[str, int]) -> None:
    rows = "".join(f"R{n},{one},A1,2026-03-02,2026-03-10,{10 * (n + 1)}\n" for n, one in enumerate(named(sold)))
    data = worked(recoveries="recovery_id,account_id,agent_id,ordered_on,recovered_on,net_proceeds\n" + rows)
    for each in (data, *on_every_engine(data).values()):
        assert chances(each, ladder()).collateral == value


@pytest.mark.parametrize(("recovered", "successes"), [("2026-03-16", 5), ("2026-03-17", 0), ("", 0)])
def test_the_asset_counts_as_a_success_of_a_rung_with_collateral(recovered: str, successes: int) -> None:
    rows = "".join(f"R{one},{one},A1,2026-03-02,{recovered},30\n" for one in named(5))
    table = "recovery_id,account_id,agent_id,ordered_on,recovered_on,net_proceeds\n" + rows
    data = worked(calls=CALLS, payments=NOBODYS, recoveries=table)
    for collateral in (True, False):
        rung = Rung(code="recovery", title="Recovery", channel="recovery", collateral=collateral, cost="5")
        found = same_everywhere(data, ladder(rung))
        assert cell(found, "recovery")["successes"] == (successes if collateral else 0)
        if successes and collateral:
            assert (row(found)["recoverable"], cell(found, "recovery")["by_asset"]) == (3_000, 1_000_000)


def test_of_very_many_actions_a_part_is_counted_and_it_is_said_of_which_every_engine_takes_the_same() -> None:
    data = worked(200, 100)
    found = same_everywhere(data, ladder(), cases=50)
    assert "PURSUE_SAMPLE" in {one.code for one in found.problems}
    assert 0 < cell(found)["actions"] < 50
    assert found.accounts == 201, "every account is weighed all the same"


def test_seldom_actions_all_count_beside_many_of_another_kind() -> None:
    rungs = (CALL, Rung(code="visit", title="Visit", channel="visit", cost="5"))
    ids = named(200)
    visits = VISITS + "".join(f"V{one},A1,{one},2026-03-10 10:00\n" for one in ids[:5])
    found = same_everywhere(worked(200, 100, visits=visits), ladder(*rungs), cases=100)
    assert cell(found, "visit")["actions"] == 5
    assert cell(found)["actions"] < 50
