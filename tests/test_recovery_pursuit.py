"""What is worth pursuing, from a few rows: catalogue row 0.4. Both sides of every threshold, and row by row with worth.

COST-1: M-KOPA v Commissioner of Domestic Taxes, Kenya Tax Appeal 1237 of 2022: three routes that no debt of 6,478 pays.
COST-2: Dean Kaplan, insideARM 2012: 10,000 at a fee of 35 % is worth 3,250, 4,875 or 1,300 at p = .5, .75 or .2.
"""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
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
    named,
    owed,
    paid,
    pursued,
    row,
    same_everywhere,
    worked,
)  # fmt: skip

from toolkit.kpis.data import Data
from toolkit.problems import ToolkitError
from toolkit.recovery.pursuit import each_rung, pursue_list, pursue_summary
from toolkit.recovery.pursuit_tables import pursue_table, small_tables, write_pursue
from toolkit.recovery.stopping import chance_after, stops
from toolkit.recovery.weighing import CODE, MOST, WORDS, with_rungs
from toolkit.recovery.worth import expected_net, worth_pursuing
from toolkit.recovery_rules import Rung, Veto

MILLION = 1_000_000
VISIT = Rung(code="visit", title="Visit", channel="visit", cost="5")
VISITS = "visit_id,agent_id,account_id,visited_at\n"


def visits(*ids: str, at: str = "2026-03-10 10:00") -> str:
    return VISITS + "".join(f"V{one},A1,{one},{at}\n" for one in ids)


def codes(found: Any) -> set[str]:
    return {one.code for one in found.problems}


# What is next ---------------------------------------------------------------------------------------------------------


def test_a_step_that_pays_is_next_with_its_figures_and_a_sentence() -> None:
    """236,593 millionths of 50 less 2 are 9.82; it pays from 4 % on."""
    found = same_everywhere(worked(), ladder())
    mine = row(found)
    assert (mine["next"], mine["recoverable"], mine["cost"], mine["break_even"]) == ("call", 5_000, 200, 40_000)
    assert (mine["expected_net"], mine["net_likely"]) == (982, 2_300)
    why = pursue_table(found).filter(pl.col("account_id") == "L1")["why"].item()
    assert why == (
        "Call: 23.65 % at least pay, 50.00 each, so 9.82 is to be expected after the cost of 2.00; "
        "it pays from 4.00 % on."
    )


def test_the_rung_with_the_most_expected_net_is_next_and_of_two_alike_the_cheaper() -> None:
    dear, alike = (
        same_everywhere(worked(successes=10, visits=visits(*ids)), ladder(CALL, VISIT), costs=costs)
        for ids, costs in ((named(10), {"call": 500}), (named(10), {}))
    )
    assert row(dear)["next"] == row(alike)["next"] == "call"
    free = ladder(SMS.model_copy(update={"channel": "call", "roles": ("nobody",)}), CALL)
    assert row(pursued(worked(), free))["next"] == "call"


def test_work_stops_at_the_first_rung_after_the_next_that_does_not_pay() -> None:
    """The visits, of the tenth, were followed by nothing."""
    found = same_everywhere(worked(visits=visits(*named(10))), ladder(CALL, VISIT))
    assert (row(found)["next"], row(found)["stop_at"]) == ("call", "visit")
    none = same_everywhere(worked(successes=0, visits=visits(*named(10))), ladder(CALL, VISIT))
    assert (row(none)["next"], row(none)["reason"], row(none)["stop_at"]) == ("write_off_review", "none_pays", "call")
    assert row(none)["review_on"] == date(2026, 6, 29)


def test_no_route_of_the_tribunal_can_pay_on_its_average_debt() -> None:
    """COST-1: 308,512,947 owed by 47,625 customers; the routes cost 20,000, 109,640 and 37,260 each."""
    for cost, published in (("20000", "3.09"), ("109640", "16.93"), ("37260", "5.75")):
        rung = CALL.model_copy(update={"cost": cost})
        data = worked(10, 10, balance="6477.96", amount="6477.96")
        found = pursued(data, ladder(rung))
        assert (row(found)["next"], row(found)["reason"]) == ("write_off_review", "never")
        [only] = each_rung(found, ["L1"]).iter_rows(named=True)
        assert f"{only['break_even'] / MILLION:.2f}" == published
        assert found.rows["expected_net"].null_count() == found.accounts


@pytest.mark.parametrize(("chance", "published"), [("0.5", 3250), ("0.75", 4875), ("0.2", 1300)])
def test_the_expected_value_of_a_suit_is_kaplans(chance: str, published: int) -> None:
    """COST-2."""
    found = _weighed(
        [_account(balance=1_000_000, fee=350_000)], decides=int(Fraction(chance) * MILLION), share=MILLION, cost=0
    )
    assert found["net_0"].item() == published * 100 * MILLION


@pytest.mark.parametrize(("cost", "word"), [("11.82", "pursue"), ("11.83", "not_worth_it")])
def test_a_rung_pays_above_its_break_even(cost: str, word: str) -> None:
    """23.6593 % of 50 are 11.82965."""
    found = same_everywhere(worked(), ladder(CALL.model_copy(update={"cost": cost})))
    assert each_rung(found, ["L1"])["word"].to_list() == [word]


@pytest.mark.parametrize(("chance", "word"), [(100_000, "not_worth_it"), (100_001, "pursue")])
def test_on_the_break_even_itself_nothing_is_gained(chance: int, word: str) -> None:
    found = _weighed([_account(balance=1_000)], decides=chance, share=MILLION, cost=100)
    assert WORDS[found["word_0"].item()] == word


@pytest.mark.parametrize(("cost", "word"), [(1_000, "over_the_limit"), (1_001, "never")])
def test_a_break_even_of_one_is_not_above_one(cost: int, word: str) -> None:
    found = _weighed([_account(balance=1_000)], decides=MILLION, share=MILLION, cost=cost)
    assert WORDS[found["word_0"].item()] == word


@pytest.mark.parametrize(("spent", "word"), [(400, "pursue"), (401, "over_the_limit")])
def test_the_limit_of_spending_may_be_reached_and_not_exceeded(spent: int, word: str) -> None:
    """A quarter of 20.00 is 5.00: 4.00 were spent, so 1.00 more may be."""
    found = _weighed([_account(balance=2_000, spent=spent)], decides=900_000, share=MILLION, cost=100)
    assert WORDS[found["word_0"].item()] == word


def test_where_not_even_the_cheapest_step_fits_under_the_limit_the_account_is_reviewed() -> None:
    many = CALLS + "".join(calls(*named(10), at=f"2026-03-{day:02} 10:00") for day in range(2, 14))
    found = same_everywhere(worked(successes=10, amount="90", calls=many), ladder())
    assert row(found, "L109")["spent"] == 2_400
    assert (row(found, "L109")["next"], row(found, "L109")["reason"]) == ("write_off_review", "cap")
    assert (row(found)["next"], row(found)["spent"]) == ("call", 0)


def test_a_rung_is_taken_from_its_day_on_and_until_then_the_account_waits() -> None:
    for after, following, review in ((40, "call", None), (41, "wait", date(2026, 4, 1))):
        found = same_everywhere(worked(), ladder(CALL.model_copy(update={"after_days": after})))
        assert (row(found)["next"], row(found)["review_on"]) == (following, review)


@pytest.mark.parametrize(("tries", "word"), [(2, "needs_tries"), (3, "pursue")])
def test_a_rung_needs_the_tries_of_the_one_before_since_the_last_period_with_a_payment(tries: int, word: str) -> None:
    made = CALLS + "".join(calls("L1", at=f"2026-03-{20 + number} 10:00") for number in range(tries))
    rung = VISIT.model_copy(update={"needs_tries": 3})
    seen = visits(*named(10), at="2026-03-02 10:00")
    found = same_everywhere(worked(calls=made, visits=seen), ladder(CALL, rung))
    assert each_rung(found, ["L1"])["word"].to_list()[1] == word
    since = NOBODYS + paid(*named(5)) + paid("L1", at="2026-03-25 10:00", amount="1")
    again = same_everywhere(worked(calls=made, visits=seen, payments=since), ladder(CALL, rung))
    assert each_rung(again, ["L1"])["word"].to_list()[1] == "needs_tries", "the ladder begins anew"


def test_a_few_periods_in_vain_stop_the_work_where_the_chance_falls_below_the_break_even() -> None:
    """Periods of 14 days end on 17 March, 3 March and 17 February; the rate, 5 of 13, counts for one case:
    5 / 13 / 4 of 150 is less than the cost of 20."""
    vain = "".join(calls("L1", at=at) for at in ("2026-03-17 09:00", "2026-03-03 09:00", "2026-02-17 09:00"))
    priced = CALL.model_copy(update={"cost": "20"})
    for rows, failed, reason in ((vain, 3, "stopped"), (vain.split("K")[1], 1, "pursue")):
        more = CALLS + calls(*named(10)) + (rows if rows.startswith("K") else f"K{rows}")
        data = worked(calls=more, balance="200", amount="150")
        found = same_everywhere(data, ladder(priced, prior_cases=1, most_share="1"))
        assert (row(found)["failed"], row(found)["reason"]) == (failed, reason)
    fresh = worked(calls=CALLS + calls(*named(10)) + vain, balance="200", amount="150")
    assert row(pursued(fresh, ladder(priced, prior_cases=1, stop_after=4, most_share="1")))["reason"] == "pursue"


@pytest.mark.parametrize(("at", "failed"), [("2026-03-17 23:00", 1), ("2026-03-18 00:00", 0)])
def test_a_period_has_failed_when_its_time_to_pay_is_over(at: str, failed: int) -> None:
    assert (
        row(same_everywhere(worked(calls=CALLS + calls(*named(10)) + calls("L1", at=at)), ladder()))["failed"] == failed
    )


def test_a_fee_lowers_what_is_left_and_the_accounts_own_comes_before_the_profiles() -> None:
    rows = accounts(*named(10), "L1", more=",fee_rate", values=",")
    given = rows.replace("L1,CL1,lamp,2025-01-01,KES,\n", "L1,CL1,lamp,2025-01-01,KES,0.5\n")
    found = same_everywhere(worked(accounts=given), ladder(fee_rate="0.1"))
    assert [row(found, one)["break_even"] for one in ("L1", "L109")] == [80_000, 44_445]


def test_an_agency_weighs_a_step_by_the_fee_that_it_earns_and_not_by_what_it_passes_on() -> None:
    """12 % of 50 are 6: a call of 2 pays from a third on, which 23.66 % of those called do not reach."""
    found = same_everywhere(worked(), ladder(fee="earned", fee_rate="0.12"))
    assert each_rung(found, ["L1"])["word"].to_list() == ["not_worth_it"]
    assert each_rung(found, ["L1"])["break_even"].to_list() == [333_334]
    rows = accounts(*named(10), "L1", more=",fee_rate", values=",")
    given = rows.replace("L1,CL1,lamp,2025-01-01,KES,\n", "L1,CL1,lamp,2025-01-01,KES,0.5\n")
    found = same_everywhere(worked(accounts=given), ladder(fee="earned", fee_rate="0.12"))
    mine = pursue_table(found).filter(pl.col("account_id") == "L1").row(0, named=True)
    assert (str(mine["kept"]), mine["next"], str(mine["break_even"])) == ("0.500000", "call", "0.080000")
    assert "50.00 each, of which 50.00 % stays here, so 3.91 is to be expected" in mine["why"]


def test_a_fee_that_is_earned_and_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its fee_rate"):
        ladder(fee="earned")


# What costs -----------------------------------------------------------------------------------------------------------

CARD = "channel,unit,cost,currency,from\n"


@pytest.mark.parametrize(
    ("card", "costs", "cost"),
    [
        ("call,call,3,KES,2026-01-01\n", {"call": 100}, 300),
        ("call,call,3,KES,2026-01-01\ncall,call,4,KES,2026-03-31\n", {}, 400),
        ("call,call,3,KES,2026-01-01\ncall,call,4,KES,2026-04-01\n", {}, 300),
        ("call,minute,1,KES,2026-01-01\n", {}, 100),
        ("visit,visit,9,KES,2026-01-01\n", {"call": Fraction(201, 2)}, 101),
        ("visit,visit,9,KES,2026-01-01\n", {"call": 7, "call_": 8}, 7),
        ("visit,km,9,KES,2026-01-01\n", {}, 200),
    ],
)
def test_a_step_costs_what_the_rate_card_says_that_day_else_the_mean_else_the_rungs_own(
    card: str, costs: dict[str, Any], cost: int
) -> None:
    found = same_everywhere(worked(rate_card=CARD + card), ladder(), costs=costs)
    assert (row(found)["cost"], row(found, "L109")["spent"]) == (
        cost,
        cost if "04-01" in card or "31" not in card else 300,
    )


def test_a_rung_without_a_cost_is_named_and_left_out() -> None:
    found = same_everywhere(worked(), ladder(CALL.model_copy(update={"cost": None})))
    assert "PURSUE_NO_COST" in codes(found)
    assert (row(found)["next"], row(found)["reason"]) == ("not_known", "unknown")


def test_rates_below_nothing_or_in_another_currency_are_left_out_and_named() -> None:
    priced = worked(rate_card=CARD + "call,call,3,KES,2026-01-01\n")
    found = same_everywhere(in_shillings_of_uganda(priced, "rate_card", nw.col("unit") == "call"), ladder())
    assert "PURSUE_RATE_CURRENCY" in codes(found)
    assert row(found)["cost"] == 200
    below = priced.tables["rate_card"].with_columns(cost=-nw.col("cost"))
    found = same_everywhere(Data.of({**priced.tables, "rate_card": below}, AS_OF), ladder())
    assert "PURSUE_RATE_BELOW" in codes(found)
    assert row(found)["cost"] == 200


# Vetoes ---------------------------------------------------------------------------------------------------------------

HOLD = Veto(table="cases", kind="fraud", why="the police have it")
CASES = "case_id,account_id,kind,opened_on,closed_on\n"


@pytest.mark.parametrize(
    ("opened", "closed", "following"),
    [
        ("2026-03-31", "", "left_alone"),
        ("2026-03-01", "2026-04-01", "left_alone"),
        ("2026-03-01", "2026-03-31", "call"),
    ],
)
def test_an_open_case_spares_the_account_and_says_why(opened: str, closed: str, following: str) -> None:
    data = worked(cases=CASES + f"Z1,L1,fraud,{opened},{closed}\n")
    found = same_everywhere(data, ladder(vetoes=(HOLD,)))
    assert row(found)["next"] == following
    mine = pursue_table(found).filter(pl.col("account_id") == "L1")
    assert (mine["why"].item() == "Left alone: the police have it.") == (following == "left_alone")
    assert row(found, "L100")["next"] == "call"


def test_a_veto_may_spare_some_rungs_only() -> None:
    rules = ladder(CALL, VISIT, vetoes=(HOLD.model_copy(update={"rungs": ("call",)}),))
    data = worked(cases=CASES + "Z1,L1,fraud,2026-03-01,\n", visits=visits(*named(10), at="2026-03-02 11:00"))
    found = same_everywhere(data, rules)
    assert (row(found)["next"], row(found, "L109")["next"]) == ("visit", "visit")
    assert each_rung(found, ["L1", "L109"])["word"].to_list()[::2] == ["vetoed", "not_worth_it"]
    assert [row(found, one)["veto"] for one in ("L1", "L109")] == [0, None]


@pytest.mark.parametrize(
    ("closed", "reopened", "spared"),
    [("", "", True), ("2026-03-20 10:00", "", False), ("2026-03-20 10:00", "2026-03-21 10:00", True)],
)
def test_an_open_complaint_about_conduct_spares_the_account(closed: str, reopened: str, spared: bool) -> None:
    table = "complaint_id,received_at,account_id,category,closed_at,reopened_at\n"
    rows = table + f"Q1,2026-03-10 10:00,L1,conduct,{closed},{reopened}\n"
    veto = Veto(table="complaints", kind="conduct", why="a complaint is open")
    found = same_everywhere(worked(complaints=rows), ladder(vetoes=(veto,)))
    assert (row(found)["next"] == "left_alone") == spared


def test_a_status_spares_the_account() -> None:
    rows = accounts(*named(10), "L1", more=",status", values=",default")
    rows = rows.replace("CL1,lamp,2025-01-01,KES,default", "CL1,lamp,2025-01-01,KES,repossessed")
    veto = Veto(table="accounts", kind="repossessed", why="the asset is here already")
    assert row(same_everywhere(worked(accounts=rows), ladder(vetoes=(veto,))))["next"] == "left_alone"


@pytest.mark.parametrize(
    ("whose", "channel", "since", "until", "spared"),
    [
        ("L1,,", "", "2026-03-31 08:00", "", True),
        ("L1,,", "any", "2026-03-31 08:00", "2026-03-31", True),
        (",CL1,", "call", "2026-01-01 08:00", "2026-04-30 10:00", True),
        (",,+254700000001", "", "2026-01-01 08:00", "", True),
        (",,+254700000002", "", "2026-01-01 08:00", "", False),
        ("L1,,", "message", "2026-01-01 08:00", "", False),
        ("L1,,", "", "2026-01-01 08:00", "2026-03-30", False),
        (",CL100,", "", "2026-01-01 08:00", "", False),
    ],
)
def test_a_permission_spares_an_account_a_customer_or_a_number(
    whose: str, channel: str, since: str, until: str, spared: bool
) -> None:
    known = accounts(*named(10), "L1", more=",phones", values=",+254711000000;+254722000000")
    known = known.replace("L1,CL1,lamp,2025-01-01,KES,+254711000000", "L1,CL1,lamp,2025-01-01,KES,0700 000 001")
    table = "account_id,customer_id,number,kind,channel,from_at,until_at\n"
    data = worked(accounts=known, contact_permissions=table + f"{whose},vulnerable,{channel},{since},{until}\n")
    veto = Veto(table="contact_permissions", kind="vulnerable", why="a vulnerable customer")
    found = same_everywhere(data, ladder(vetoes=(veto,)))
    assert (row(found)["next"] == "left_alone") == spared


def test_a_permission_about_messages_spares_every_kind_of_message() -> None:
    data = worked(contact_permissions="account_id,kind,channel,from_at\nL1,do_not_call,message,2026-01-01 08:00\n")
    veto = Veto(table="contact_permissions", kind="do_not_call", why="asked not to be written to")
    found = same_everywhere(
        data, ladder(SMS, SMS.model_copy(update={"code": "mail", "channel": "email"}), CALL, vetoes=(veto,))
    )
    assert each_rung(found, ["L1"])["word"].to_list() == ["vetoed", "vetoed", "pursue"]


def test_a_veto_whose_table_is_not_there_is_named() -> None:
    found = same_everywhere(worked(), ladder(vetoes=(HOLD,)))
    [said] = [str(one) for one in found.problems if one.code == "PURSUE_VETO_BLIND"]
    assert "cases.account_id" in said
    assert "the police have it" in said


# Bad input ------------------------------------------------------------------------------------------------------------


def in_shillings_of_uganda(data: Data, table: str, rows: nw.Expr) -> Data:
    """The readers let no such rows in; data that come from elsewhere may have some."""
    currency = nw.when(rows).then(nw.lit("UGX")).otherwise(nw.col("currency"))
    return Data.of({**data.tables, table: data.tables[table].with_columns(currency=currency)}, data.as_of)


def without(data: Data, table: str) -> Data:
    return Data.of({name: frame for name, frame in data.tables.items() if name != table}, data.as_of)


@pytest.mark.parametrize("table", ["balances", "payments"])
def test_a_table_that_is_missing_is_named(table: str) -> None:
    with pytest.raises(ToolkitError, match=f"needs {table}, which the data do not have"):
        pursued(without(worked(), table))


def test_a_ladder_without_rungs_says_how_to_set_one() -> None:
    with pytest.raises(ToolkitError, match=r"Add \[\[recovery.rungs\]\] to the profile"):
        pursue_list(worked(), ladder().model_copy(update={"rungs": ()}), AS_OF)


def test_data_without_any_payment_that_counts_are_refused() -> None:
    late = NOBODYS.replace("2026-01-02", "2026-03-31").replace("instalment", "fee")
    with pytest.raises(ToolkitError, match="every debt would look hopeless"):
        pursued(worked(payments=late))


def test_two_currencies_are_never_added_up() -> None:
    with pytest.raises(ToolkitError, match="KES: 10, UGX: 1"):
        pursued(in_shillings_of_uganda(worked(), "accounts", nw.col("account_id") == "L1"))


def test_accounts_of_another_currency_that_owe_nothing_do_no_harm() -> None:
    assert pursued(in_shillings_of_uganda(worked(), "accounts", nw.col("account_id") == "L9")).currency == "KES"


def test_payments_of_another_currency_are_left_out_and_named() -> None:
    found = same_everywhere(in_shillings_of_uganda(worked(), "payments", nw.col("account_id") == "L100"), ladder())
    assert "PURSUE_PAYMENT_CURRENCY" in codes(found)
    assert cell(found)["successes"] == 4


def test_balances_below_nothing_and_closed_accounts_are_left_out_and_counted() -> None:
    rows = accounts(*named(10), "L1", "L2", more=",status", values=",default")
    rows = rows.replace("CL2,lamp,2025-01-01,KES,default", "CL2,lamp,2025-01-01,KES,written_off")
    owing = OWED + owed(*named(10), "L2") + owed("L1", balance="-5")
    found = same_everywhere(worked(accounts=rows, balances=owing), ladder())
    assert {"PURSUE_BELOW_NOTHING", "PURSUE_CLOSED"} <= codes(found)
    assert (found.accounts, found.balance) == (10, 75_000)


@pytest.mark.parametrize(
    ("at", "amount", "owes"),
    [
        ("2026-02-01 23:00", "100", 10_000),  # the snapshot of that day's end knows it
        ("2026-02-02 00:00", "100", None),
        ("2026-03-31 18:00", "100", None),
        ("2026-03-31 18:00", "99.99", 1),
        ("2026-03-31 18:00", "30", 7_000),
    ],
)
def test_what_came_in_since_the_last_balance_is_not_owed_any_more(at: str, amount: str, owes: int | None) -> None:
    data = worked(payments=NOBODYS + paid(*named(5)) + paid("L1", at=at, amount=amount))
    found = same_everywhere(data, ladder())
    listed = dict(found.rows.select("account_id", "balance").iter_rows())
    assert listed.get("L1") == owes
    assert ("PURSUE_PAID_SINCE" in codes(found)) == (owes is None)
    back = "R1,L1,2026-03-31 19:00,-100,KES,instalment,ML12026-03-31 18:00\n"
    if (at, amount) == ("2026-03-31 18:00", "100"):
        again = worked(payments=NOBODYS + paid(*named(5)) + paid("L1", at=at, amount=amount) + back)
        assert row(same_everywhere(again, ladder()))["balance"] == 10_000


@pytest.mark.parametrize(("closed", "listed"), [("2026-03-31", 10), ("2026-04-01", 11)])
def test_an_account_closed_on_the_last_day_is_closed(closed: str, listed: int) -> None:
    rows = accounts(*named(10), "L1", more=",closed_on", values=",")
    rows = rows.replace("L1,CL1,lamp,2025-01-01,KES,\n", f"L1,CL1,lamp,2025-01-01,KES,{closed}\n")
    assert same_everywhere(worked(accounts=rows), ladder()).accounts == listed


def test_a_balance_too_large_to_be_exact_is_refused() -> None:
    data = worked()
    large = data.tables["balances"].with_columns(balance=nw.lit(MOST + 1, nw.Int64))
    with pytest.raises(ToolkitError, match="11 accounts owe more"):
        pursued(Data.of({**data.tables, "balances": large}, AS_OF))


def test_a_channel_that_the_tables_do_not_know_and_a_table_that_is_missing_are_named() -> None:
    drone = Rung(code="drone", title="Drone", channel="drone", cost="1")
    found = same_everywhere(worked(), ladder(CALL, VISIT, drone))
    assert {"PURSUE_CHANNEL", "PURSUE_NO_ACTIONS"} <= codes(found)
    assert row(found)["next"] == "call"


def test_nobody_past_due_is_an_empty_list_and_said() -> None:
    found = same_everywhere(worked(balances=OWED + owed(*named(10), "L1", days=0)), ladder())
    assert (found.accounts, found.balance) == (0, 0)
    assert "PURSUE_NOTHING" in codes(found)
    assert pursue_summary(found).height == 0


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [3, 250_000])
def test_the_tables_add_up_however_they_are_sliced_and_no_text_in_them_is_a_formula(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.recovery.pursuit.AT_ONCE", at_once)
    data = worked(accounts=accounts(*named(10), "L1").replace("L1,CL1,lamp", "L1,CL1,=cmd"))
    found = pursued(data)
    write_pursue(found, tmp_path / "pursue.csv")
    listed, small = pl.read_csv(tmp_path / "pursue.csv"), small_tables(found)
    summed = small["pursue_summary.csv"]
    assert listed.filter(pl.col("account_id") == "L1")["product"].item() == "'=cmd"
    assert listed["account_id"].to_list() == sorted((*named(10), "L1"))
    assert (listed.height, listed["balance"].sum()) == (found.accounts, found.balance / 100)
    assert (summed["accounts"].sum(), summed["balance"].sum()) == (found.accounts, found.balance / 100)
    assert small["chances.csv"]["actions"].sum() == 10
    assert pursue_table(found)["why"].to_list() == listed["why"].to_list()


def test_the_summary_has_a_range_around_what_is_to_be_expected() -> None:
    found = same_everywhere(worked(), ladder())
    [only] = pursue_summary(found).iter_rows(named=True)
    assert only["net_low"] <= only["expected_net"] <= only["net_likely"] <= only["net_high"]
    assert (only["accounts"], only["balance"], only["cost"]) == (11, 85_000, 2_200)


def test_a_worthless_account_never_raises_the_net() -> None:
    ids = (*named(10), "L1")
    without_it, with_it = (
        pursued(worked(balances=OWED + owed(*ids) + more, accounts=accounts(*ids, "L2")))
        for more in ("", owed("L2", balance="0.01"))
    )
    assert with_it.accounts == without_it.accounts + 1
    assert pursue_summary(with_it)["expected_net"].sum() == pursue_summary(without_it)["expected_net"].sum()
    assert cell(with_it)["decides"] == cell(without_it)["decides"]


# Row by row with toolkit.recovery.worth -------------------------------------------------------------------------------


def _account(**figures: int) -> dict[str, Any]:
    return {
        "account_id": "L1", "bucket_number": 0, "balance": 1_000, "fee": 0, "spent": 0, "failed": 0,
        "days_past_due": 1, "product": "lamp", "spared": 0, "tries_0": 0, **figures,
    }  # fmt: skip


def _weighed(
    rows: list[dict[str, Any]], *, decides: int | None, share: int | None, cost: int | None, paid_cases: int = 1,
    cases: int = 1,
) -> pl.DataFrame:  # fmt: skip
    cells = pl.DataFrame(
        {"bucket_number": [0], "decides_0": [decides], "share_0": [share], "by_asset_0": [0], "cases_0": [cases],
         "paid_0": [paid_cases]},
        schema=dict.fromkeys(("bucket_number", "decides_0", "share_0", "by_asset_0", "cases_0", "paid_0"), pl.Int64),
    )  # fmt: skip
    return with_rungs(pl.DataFrame(rows), cells, ladder(), [cost], {})


balances = st.integers(1, MOST) | st.integers(1, 10_000)
millionths = st.integers(0, MILLION)
drawn = st.fixed_dictionaries(
    {"balance": balances, "fee": millionths, "spent": st.integers(0, 10**9), "failed": st.integers(0, 12)}
)


@given(
    st.lists(drawn, min_size=1, max_size=5), st.none() | millionths, st.none() | millionths,
    st.integers(0, 10_000) | st.integers(0, MOST // 2), st.integers(0, 40), st.integers(1, 40),
)  # fmt: skip
def test_every_row_is_what_worth_pursuing_says_and_the_stop(
    figures: list[dict[str, int]], decides: int | None, share: int | None, cost: int, paid_cases: int, cases: int
) -> None:
    paid_cases = min(paid_cases, cases)
    rows = [_account(**each) for each in figures]
    found = _weighed(rows, decides=decides, share=share, cost=cost, paid_cases=paid_cases, cases=cases)
    rules = ladder()
    for account, weighed in zip(rows, found.iter_rows(named=True), strict=True):
        amount = account["balance"] if share is None else account["balance"] * share // MILLION
        assert weighed["amount_0"] == amount
        money, fee = Fraction(amount), Fraction(account["fee"], MILLION)
        chance = None if decides is None else Fraction(decides, MILLION)
        limit = None if not amount else Fraction(rules.most_share) * account["balance"] / amount
        verdict = worth_pursuing(chance, money, Fraction(cost), fee, spent=Fraction(account["spent"]), most_share=limit)
        word = verdict.word
        after = Fraction(int(chance_after(paid_cases, cases, rules.prior_cases, account["failed"]) * MILLION), MILLION)
        if word == "pursue" and stops(after, account["failed"], rules.stop_after, verdict.break_even):
            word = "stopped"
        assert WORDS[weighed["word_0"]] == word
        if chance is not None:
            assert weighed["net_0"] == (expected_net(chance, money, Fraction(cost), fee) * MILLION).__floor__()


def test_every_word_has_a_number_and_the_reasons_of_worth_are_among_them() -> None:
    assert sorted(CODE.values()) == list(range(len(WORDS)))
    assert {"pursue", "not_worth_it", "never", "too_few", "nothing_owed", "over_the_limit"} < set(WORDS)
