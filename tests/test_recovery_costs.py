"""What was spent, shared to the cent: whose each cost is, on which accounts it was spent, what became of each row."""

from dataclasses import replace
from fractions import Fraction

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kpi_cases import AS_OF, TEAM
from recovery_cases import (
    BALANCES,
    COSTS,
    MESSAGES,
    PAID,
    VISITS,
    calls,
    codes,
    costs_of,
    data_of,
    on_other_engines,
    spent,
)

from toolkit.kpis.data import Data
from toolkit.money import shared_out
from toolkit.problems import ToolkitError
from toolkit.recovery.allocation import shared
from toolkit.recovery.ledger import COUNTED, LEFT_OUT, OTHER_PERIOD

TALK = calls("A1 L1 30 yes yes", "A2 L2 60 yes no")


def test_a_cost_that_names_an_agent_is_the_agents() -> None:
    costs = costs_of(data_of(costs=COSTS + "2026-03,salary,Pay,50.00,KES,A1,\n", calls=TALK))
    assert spent(costs, "agent_id", "team", "shared") == {("A1", "North", "own"): 5000}


def test_a_teams_cost_is_shared_among_its_people_by_the_key() -> None:
    costs = costs_of(data_of(costs=COSTS + "2026-03,rent,,100.01,KES,,North\n", calls=TALK))
    assert spent(costs, "agent_id", "shared") == {("A1", "team"): 3334, ("A2", "team"): 6667}


def test_a_team_is_known_whatever_its_capitals() -> None:
    costs = costs_of(data_of(costs=COSTS + "2026-03,rent,,9,KES,, NORTH\n", calls=TALK))
    assert spent(costs, "team") == {"North": 900}


@pytest.mark.parametrize(
    ("key", "shares"),
    [
        ("talk_minutes", {"A1": 3000, "A2": 6000}),
        ("calls", {"A1": 4500, "A2": 4500}),
        ("collected", {"A1": 6000, "A3": 3000}),
        ("equal", {"A1": 3000, "A2": 3000, "A3": 3000}),
        ("accounts", {"A1": 6000, "A3": 3000}),
    ],
)
def test_a_cost_of_nobody_in_particular_is_shared_by_the_profiles_key(key: str, shares: dict[str, int]) -> None:
    held = (
        "account_id,agent_id,assigned_on,ended_on\nL1,A1,2026-01-05,\nL2,A1,2026-03-05,\nL3,A3,2026-01-05,2026-03-01\n"
    )
    data = data_of(
        costs=COSTS + "2026-03,overhead,Rent,90,KES,,\n",
        calls=TALK,
        payments=PAID,
        assignments=held + "L4,A2,2026-04-01,\n",
    )
    assert spent(costs_of(data, share_by=key), "agent_id") == shares


def test_where_nobody_has_any_of_the_key_it_is_equal_and_said() -> None:
    costs = costs_of(data_of(costs=COSTS + "2026-03,overhead,,10,KES,,\n"))
    assert spent(costs, "agent_id") == {"A1": 334, "A2": 333, "A3": 333}
    assert "COST_SHARED_EQUALLY" in codes(costs)
    assert "COST_SHARED_EQUALLY" not in codes(
        costs_of(data_of(costs=COSTS + "2026-03,overhead,,10,KES,,\n"), share_by="equal")
    )


def test_somebody_who_left_has_no_share_of_a_later_months_rent() -> None:
    team = TEAM.replace(
        "A3,Chep,call_agent,South,Kisumu,2026-01-01,", "A3,Chep,call_agent,South,Kisumu,2026-01-01,2026-02-15"
    )
    costs = costs_of(data_of(agents=team, costs=COSTS + "2026-03,overhead,,10,KES,,\n"), share_by="equal")
    assert spent(costs, "agent_id") == {"A1": 500, "A2": 500}


def test_channels_with_actions_go_where_the_actions_were_taken() -> None:
    """A visit's fuel is not shared over those who telephone, and a system's messages are nobody's."""
    data = data_of(
        costs=COSTS + "2026-03,visit,Fuel,9,KES,,\n2026-03,sms,,9,KES,,\n",
        calls=TALK,
        visits=VISITS + "V1,A3,L3,2026-03-02 09:00\nV2,A3,,2026-03-02 11:00\nV3,A3,L4,\n",
        messages=MESSAGES + "M1,L1,A1,2026-03-02 09:00,sms\nM2,L2,,2026-03-02 09:00,sms\nM3,L2,,2026-03-03 09:00,sms\n"
        "M4,L2,,2026-03-03 09:00,email\nM5,L2,,2026-02-03 09:00,sms\n",
    )
    costs = costs_of(data)
    assert spent(costs, "channel", "agent_id", "product") == {
        ("sms", "", "lamp"): 600,
        ("sms", "A1", "lamp"): 300,
        ("visit", "A3", ""): 450,
        ("visit", "A3", "lamp"): 450,
    }


def test_an_agents_calls_are_spent_on_the_accounts_called() -> None:
    accounts = (
        "account_id,customer_id,product,activated_on,currency,creditor\n"
        "L1,C1,lamp,2026-01-01,KES,Kilimo\nL2,C2,radio,2026-01-01,KES,Mashambani\n"
    )
    data = data_of(
        accounts=accounts,
        costs=COSTS + "2026-03,call,,30,KES,A1,\n",
        calls=calls("A1 L1 10 yes yes", "A1 L2 20 yes yes", "A2 L1 500 yes yes"),
        balances=BALANCES + "L1,2026-02-28,1000,6\nL2,2026-02-28,1000,7\n",
    )
    by = ("bucket", "product", "creditor")
    assert spent(costs_of(data), *by) == {("0-6", "lamp", "Kilimo"): 1000, ("7-29", "radio", "Mashambani"): 2000}
    assert spent(costs_of(data, share_by="calls"), *by) == {
        ("0-6", "lamp", "Kilimo"): 1500,
        ("7-29", "radio", "Mashambani"): 1500,
    }


def test_a_bucket_is_that_of_the_day_before_and_of_the_first_snapshot_its_own_day() -> None:
    balances = BALANCES + "L1,2026-02-28,1000,29\nL1,2026-03-02,1000,30\nL2,2026-03-02,10,180\n"
    rows = "A1 L1 10 yes yes"
    data = data_of(
        costs=COSTS + "2026-03,call,,40,KES,,\n",
        calls=calls(rows, rows, rows, "A1 L2 10 yes yes").replace("2026-03-04", "2026-03-02"),
        balances=balances,
    )
    # calls of L1 on the 1st and 2nd (29 days), and on the 3rd (30 days); of L2 on the 2nd, its first snapshot
    assert spent(costs_of(data), "bucket") == {"180+": 1000, "30-59": 1000, "7-29": 2000}


def test_without_an_accounts_table_the_buckets_are_known_all_the_same() -> None:
    data = data_of(costs=COSTS + "2026-03,call,,9,KES,,\n", calls=TALK, balances=BALANCES + "L1,2026-02-28,90,40\n")
    tables = {name: frame for name, frame in data.tables.items() if name != "accounts"}
    assert spent(costs_of(replace(data, tables=tables)), "bucket", "product") == {("", ""): 600, ("30-59", ""): 300}


def test_who_moves_has_a_share_in_each_team() -> None:
    team = (
        "agent_id,name,role,team,branch,started_on,left_on,valid_from,valid_to\n"
        "A1,Asha,call_agent,North,Nakuru,2026-01-01,,2026-01-01,2026-03-10\n"
        "A1,Asha,call_agent,South,Nakuru,2026-01-01,,2026-03-11,\n"
    )
    data = data_of(agents=team, costs=COSTS + "2026-03,salary,,31,KES,A1,\n")
    assert spent(costs_of(data), "agent_id", "team") == {("A1", "North"): 1000, ("A1", "South"): 2100}


def test_overhead_is_loaded_and_the_rest_direct() -> None:
    data = data_of(costs=COSTS + "2026-03,Overhead ,,10,KES,,\n2026-03,salary,,20,KES,A1,\n")
    assert spent(costs_of(data), "kind") == {"direct": 2000, "loaded": 1000}
    assert spent(costs_of(data, fully_loaded=()), "kind") == {"direct": 3000}


def test_salaries_are_carried_by_the_actions_of_their_people_as_these_cost() -> None:
    data = data_of(
        costs=COSTS + "2026-03,salary,,90,KES,A1,\n2026-03,call,,10,KES,A1,\n2026-03,visit,,20,KES,A1,\n"
        "2026-03,salary,,50,KES,A2,\n2026-03,legal,,7,KES,,\n",
        calls=TALK,
        visits=VISITS + "V1,A1,L3,2026-03-02 09:00\n",
    )
    # A1: 90 as 10 to 20; A2 only called; a retainer without a case carries nothing but itself
    assert spent(costs_of(data), "action") == {"call": 1000 + 3000 + 5000, "legal": 700, "visit": 2000 + 6000}


# --- what becomes of each row ------------------------------------------------------------------------------


def test_the_salary_of_who_did_nothing_is_carried_by_the_teams_actions_and_not_by_those_of_others() -> None:
    """A2 sits in North, which only called; South only visited."""
    costs = costs_of(
        data_of(
            costs=COSTS + "2026-03,call,,10,KES,A1,\n2026-03,visit,,90,KES,A3,\n2026-03,salary,,50,KES,A2,\n",
            calls=calls("A1 L1 30 yes yes"),
            visits=VISITS + "V1,A3,L3,2026-03-02 09:00\n",
        )
    )
    assert spent(costs, "channel", "action") == {
        ("call", "call"): 1_000, ("salary", "call"): 5_000, ("visit", "visit"): 9_000
    }  # fmt: skip


def native(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    """Costs as frames have them that no reader has looked at."""
    names = ("period", "channel", "amount", "currency", "agent_id", "team")
    kinds = dict.fromkeys(names, pl.String) | {"amount": pl.Int64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


BAD = {
    "COST_NO_PERIOD": ("March", "call", 100, "KES", None, None),
    "COST_NO_CHANNEL": ("2026-03", " ", 100, "KES", None, None),
    "COST_NO_AMOUNT": ("2026-03", "call", None, "KES", None, None),
    "COST_CREDIT_NOTE": ("2026-03", "call", -100, "KES", None, None),
    "COST_OTHER_CURRENCY": ("2026-03", "call", 100, "TZS", None, None),
}


@pytest.mark.parametrize("code", BAD)
def test_a_row_that_cannot_be_counted_is_set_aside_with_its_reason(code: str) -> None:
    data = data_of(calls=TALK)
    rows = native([BAD[code], ("2026-03", "call", 500, "KES", "A1", None), ("2026-02", "call", 1, "KES", "A1", None)])
    costs = costs_of(replace(data, tables={**data.tables, "costs": nw.from_native(rows)}))
    assert codes(costs) == [code]
    assert costs.total == 500
    assert costs.ledger.set_aside == 1
    assert costs.ledger.fates[COUNTED] == (1, 500)
    assert costs.ledger.fates[OTHER_PERIOD] == (1, 1)
    assert costs.ledger.read == (3, 501 + (BAD[code][2] or 0))  # type: ignore[operator]
    assert str(costs.problems[0]).startswith("costs, row 1: ")


def test_a_month_that_is_none_is_none() -> None:
    costs = costs_of(
        data_of(costs=COSTS + "2026-13,call,,5,KES,A1,\n2026-3,call,,5,KES,A1,\n2026-03,call,,5,KES,A1,\n")
    )
    assert codes(costs)[:2] == ["COST_NO_PERIOD"] * 2
    assert costs.total == 500


def test_a_credit_note_is_taken_off_where_the_profile_says_so() -> None:
    data = data_of(calls=TALK, definitions={"credit_notes": "deducted"})
    rows = native([("2026-03", "call", -101, "KES", None, None), ("2026-03", "call", 1000, "KES", "A1", None)])
    costs = costs_of(replace(data, tables={**data.tables, "costs": nw.from_native(rows)}))
    assert costs.total == 899
    assert spent(costs, "agent_id") == {"A1": 1000 - 34, "A2": -67}


def test_commission_is_in_it_or_left_out() -> None:
    data = data_of(costs=COSTS + "2026-03,commission,,10,KES,A1,\n2026-03,call,,5,KES,A1,\n")
    assert costs_of(data).total == 1500
    left_out = costs_of(data, commission="left_out")
    assert left_out.total == 500
    assert left_out.ledger.fates[LEFT_OUT] == (1, 1000)


@pytest.mark.parametrize(
    ("row", "code"),
    [("2026-03,call,,5,KES,,Nowhere", "COST_TEAM_UNKNOWN"), ("2026-03,call,,5,KES,A3,", "COST_AGENT_UNKNOWN")],
)
def test_what_was_spent_on_strangers_counts_in_the_total_for_nobody(row: str, code: str) -> None:
    team = TEAM.replace(
        "A3,Chep,call_agent,South,Kisumu,2026-01-01,", "A3,Chep,call_agent,South,Kisumu,2026-01-01,2026-02-15"
    )
    costs = costs_of(data_of(agents=team, calls=TALK, costs=COSTS + row + "\n"))
    assert code in codes(costs)
    assert spent(costs, "agent_id", "team", "shared") == {("", "", "nobody"): 500}


def test_a_period_without_costs_is_said_and_is_not_free() -> None:
    costs = costs_of(data_of(costs=COSTS + "2026-02,call,,5,KES,A1,\n", payments=PAID))
    assert codes(costs) == ["COST_NONE_IN_PERIOD"]
    quarter = costs_of(data_of(costs=COSTS + "2026-02,call,,5,KES,A1,\n"), "2026-Q1")
    assert "2026-01, 2026-03" in str(quarter.problems[0])


def test_costs_by_month_say_nothing_of_a_week() -> None:
    with pytest.raises(ToolkitError, match="2026-W10 is not made of whole months"):
        costs_of(data_of(costs=COSTS + "2026-03,call,,5,KES,A1,\n"), "2026-W10")


def test_neither_costs_nor_rate_card_is_said() -> None:
    with pytest.raises(ToolkitError, match="neither costs"):
        costs_of(data_of(calls=TALK))


# --- by the rate card --------------------------------------------------------------------------------------

RATES = "channel,unit,cost,currency,from\ncall,call,2.00,KES,2026-01-01\nsms,message,0.50,KES,2026-01-01\n"
SENT = MESSAGES + "M1,L1,A1,2026-03-02 09:00,sms\nM2,L2,,2026-03-02 09:00,sms\n"


def test_without_a_ledger_costs_are_rate_times_count_and_it_is_said() -> None:
    costs = costs_of(data_of(rate_card=RATES, calls=TALK, messages=SENT))
    assert spent(costs, "channel", "agent_id") == {
        ("call", "A1"): 200,
        ("call", "A2"): 200,
        ("sms", ""): 50,
        ("sms", "A1"): 50,
    }
    assert codes(costs) == ["COST_BY_RATE_CARD"]


def test_by_the_rate_card_a_week_has_its_costs() -> None:
    costs = costs_of(data_of(rate_card=RATES, calls=TALK, messages=SENT), "2026-W10")
    assert costs.total == 200 + 50 + 50  # the call of the 2nd and both messages


# --- laws --------------------------------------------------------------------------------------------------

AMOUNTS = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(amount=AMOUNTS, weights=WEIGHTS)
def test_shares_add_up_to_the_cent_and_are_those_of_exact_fractions(amount: int, weights: list[int]) -> None:
    costs = pl.DataFrame({"of": ["x"], "amount": [amount]})
    table = pl.DataFrame({"of": "x", "who": [f"{place:02}" for place in range(len(weights))], "weight": weights})
    parts, left = shared(costs, table, on=["of"], into=["who"])
    heavy = [(place, weight) for place, weight in enumerate(weights) if weight > 0]
    if not heavy:
        assert (parts.height, left["amount"].to_list()) == (0, [amount])
        return
    total = sum(weight for _, weight in heavy)
    exact = [Fraction(amount * weight, total) for _, weight in heavy]
    naive = dict(zip([f"{place:02}" for place, _ in heavy], shared_out(amount, exact), strict=True))
    assert dict(parts.select("who", "amount").iter_rows()) == naive
    assert parts["amount"].sum() == amount


CHANNELS = st.sampled_from(["call", "sms", "visit", "salary", "overhead", "legal", "rent"])
WHOSE = st.sampled_from([("A1", ""), ("A2", ""), ("A3", ""), ("", "North"), ("", "South"), ("", ""), ("", "Nowhere")])
LEDGERS = st.lists(st.tuples(CHANNELS, st.integers(0, 10**9), WHOSE), min_size=1, max_size=12)
KEYS = st.sampled_from(["talk_minutes", "calls", "accounts", "collected", "equal"])


@pytest.fixture(scope="module")
def busy() -> dict[str, pl.DataFrame]:
    """What was done in a month by three people, as tables."""
    data = data_of(
        calls=calls("A1 L1 31 yes yes", "A1 L2 7 yes no", "A2 L2 64 yes yes", "A2 L4 0 no no", "A1 L3 5 yes yes"),
        visits=VISITS + "V1,A3,L3,2026-03-02 09:00\nV2,A1,L4,2026-03-09 09:00\n",
        messages=SENT,
        payments=PAID,
        balances=BALANCES + "L1,2026-02-28,1000,35\nL2,2026-02-28,500,7\nL3,2026-02-28,70,200\n",
        assignments="account_id,agent_id,assigned_on,ended_on\nL1,A1,2026-01-05,\nL2,A2,2026-03-05,\nL3,A3,2026-01-05,\n",
    )
    return {name: frame.to_native() for name, frame in data.tables.items()}


@settings(max_examples=40, deadline=None)
@given(ledger=LEDGERS, key=KEYS)
def test_whatever_the_costs_and_the_key_the_cells_add_up(
    busy: dict[str, pl.DataFrame], ledger: list[tuple[str, int, tuple[str, str]]], key: str
) -> None:
    rows = [
        ("2026-03", channel, amount, "KES", agent or None, team or None) for channel, amount, (agent, team) in ledger
    ]
    costs = costs_of(Data.of({**busy, "costs": native(rows)}, AS_OF), share_by=key)
    assert costs.total == sum(amount for _, amount, _ in ledger)
    for agent in ("A1", "A2", "A3"):
        own = sum(amount for _, amount, (of, _) in ledger if of == agent)
        assert spent(costs, "agent_id", "shared").get((agent, "own"), 0) == own
    for team in ("North", "South"):
        theirs = sum(amount for _, amount, (_, of) in ledger if of == team)
        assert spent(costs, "team", "shared").get((team, "team"), 0) == theirs
    for channel in {channel for channel, _, _ in ledger}:
        assert spent(costs, "channel").get(channel, 0) == sum(amount for of, amount, _ in ledger if of == channel)


@settings(max_examples=25, deadline=None)
@given(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=5), key=st.sampled_from(["talk_minutes", "calls"]))
def test_overhead_by_people_is_what_fractions_and_a_loop_give(
    busy: dict[str, pl.DataFrame], amounts: list[int], key: str
) -> None:
    """A second computation by hand: each channel's sum, by the key of each agent."""
    rows = [("2026-03", "rent", amount, "KES", None, None) for amount in amounts]
    costs = costs_of(Data.of({**busy, "costs": native(rows)}, AS_OF), share_by=key)
    weights = {"talk_minutes": {"A1": 43, "A2": 64}, "calls": {"A1": 3, "A2": 2}}[key]
    total = sum(amounts)
    exact = [Fraction(total * weight, sum(weights.values())) for weight in weights.values()]
    shares = dict(zip(weights, shared_out(total, exact), strict=True))
    assert spent(costs, "agent_id") == {agent: share for agent, share in shares.items() if share}


def test_pandas_and_duckdb_give_the_same_cells(busy: dict[str, pl.DataFrame]) -> None:
    rows = [
        ("2026-03", channel, 100_01 * place, "KES", agent, team)
        for place, (channel, agent, team) in enumerate(
            [
                ("call", "A1", None),
                ("visit", None, None),
                ("rent", None, "North"),
                ("sms", None, None),
                ("overhead", None, None),
            ],
            1,
        )
    ]
    data = Data.of({**busy, "costs": native(rows)}, AS_OF)
    wanted = costs_of(data)
    assert wanted.cells.height > 10
    for other in on_other_engines(data):
        found = costs_of(other)
        assert found.cells.equals(wanted.cells)
        assert found.work.equals(wanted.work)
        assert found.ledger.fates == wanted.ledger.fates
