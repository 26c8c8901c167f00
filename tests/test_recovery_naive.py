"""Costs, ratios and the pursue list held against a second computation, in loops, over small worlds drawn at random."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import polars as pl
import pytest
from kpi_cases import data_of
from naive_costs import spent_of, work_of
from naive_pursuit import cells_of, pursue
from pursuit_cases import CALLS, NOBODYS, OWED, accounts

from toolkit.kpis.data import Data
from toolkit.periods import parse
from toolkit.recovery.costs import Costs, recovery_costs
from toolkit.recovery.pursuit import pursue_list
from toolkit.recovery.ratios import recovery_ratios
from toolkit.recovery_rules import RecoveryRules, Rung

AS_OF = date(2026, 3, 31)
MARCH = parse("2026-03")
RUNGS = (
    Rung(code="sms", title="SMS", channel="sms", cost="0.50"),
    Rung(code="call", title="Call", channel="call", cost="2", needs_tries=1),
    Rung(code="visit", title="Visit", channel="visit", cost="9", after_days=20, needs_tries=2),
)
COSTS = (50, 200, 900)


def world(draw: Random) -> tuple[Data, RecoveryRules]:
    """A few accounts with snapshots (daily or now and then), actions and payments, some of which were taken back."""
    ids = [f"L{number}" for number in range(100, 100 + draw.randint(1, 15))]
    days = [AS_OF - timedelta(days=back) for back in range(75, -1, -1)]

    def moment() -> str:
        return f"{draw.choice(days)} {draw.randint(8, 18):02}:{draw.choice((0, 30)):02}"

    step = draw.choice((1, 7, 30))
    balances = [
        f"{one},{day},{draw.choice((0, 1, 100, 100, 5000))},{draw.choice((0, 1, 6, 7, 19, 20, 40))}\n"
        for one in ids
        for day in days[draw.randint(0, 30) :: step]
    ]
    acted = [(f"{place}", draw.choice(ids), moment()) for place in range(draw.randint(0, 150))]
    kinds = [draw.choice(("call", "sms", "visit")) for _ in acted]
    pays = [(account, f"{at[:11]}20:00") for _, account, at in draw.sample(acted, len(acted) // 2)]
    pays += [(draw.choice(ids), moment()) for _ in range(draw.randint(1, 20))]
    paid = [(f"P{place}", *one, draw.choice((1, 20, 60, 400))) for place, one in enumerate(pays)]
    back = [f"R{of},{account},{AS_OF} 23:00,-{amount},KES,instalment,{of}\n" for of, account, _, amount in paid[::5]]
    tables = {
        "accounts": accounts(*ids),
        "balances": OWED + "".join(balances),
        "calls": CALLS,
        "messages": "message_id,account_id,agent_id,sent_at,channel\n",
        "visits": "visit_id,agent_id,account_id,visited_at\n",
        "payments": NOBODYS
        + "".join(f"{of},{account},{at},{amount},KES,instalment,\n" for of, account, at, amount in paid)
        + "".join(back),
    }
    for kind, (number, account, at) in zip(kinds, acted, strict=True):
        if kind == "call":
            tables["calls"] += f"K{number},A1,{account},{at},out,60\n"
        elif kind == "sms":
            tables["messages"] += f"S{number},{account},,{at},sms\n"
        else:
            tables["visits"] += f"V{number},A1,{account},{at}\n"
    rules = RecoveryRules(
        rungs=RUNGS, paid_within_days=draw.choice((1, 7, 14)), buckets=draw.choice(((0, 7, 30), (0,), (1, 20))),
        most_share=draw.choice(("0.25", "1", "0.05")), stop_after=draw.choice((1, 3)), prior_cases=draw.choice((1, 10)),
        least_cases=draw.choice((1, 5)),
    )  # fmt: skip
    return data_of(AS_OF, **tables), rules


def differs(seed: int) -> list[object]:
    """Where the two computations differ."""
    data, rules = world(Random(seed))  # noqa: S311
    found = pursue_list(data, rules, AS_OF)
    wanted, cells = pursue(data, rules, COSTS), cells_of(data, rules)
    wrong: list[object] = []
    for row in found.chances.table.iter_rows(named=True):
        cell = cells.get((row["place"], row["bucket_number"]))
        seen = (row["actions"], row["successes"]) if row["actions"] else None
        if seen != (None if cell is None else (cell.actions, cell.paid)):
            wrong.append(("cases", row["rung"], row["bucket"], seen, cell))
    listed = {row["account_id"]: row for row in found.rows.iter_rows(named=True)}
    if set(listed) != set(wanted):
        wrong.append(("accounts", set(listed) ^ set(wanted)))
    for account in set(listed) & set(wanted):
        row, mine = listed[account], wanted[account]
        if (row["next"], row["expected_net"], row["stop_at"]) != (mine.next, mine.net, mine.stop_at):
            wrong.append((account, row["next"], row["reason"], row["expected_net"], row["stop_at"], mine))
    return wrong


@pytest.mark.parametrize("seed", range(24))
def test_the_list_is_what_loops_and_fractions_give(seed: int) -> None:
    assert differs(seed) == []


# Costs ----------------------------------------------------------------------------------------------------------------

STAFF = """agent_id,name,role,team,branch,started_on,left_on,valid_from,valid_to
A1,Asha,call_agent,North,Nakuru,2026-01-01,,2026-01-01,2026-03-10
A1,Asha,call_agent,South,Nakuru,2026-01-01,,2026-03-11,
A2,Baraka,call_agent,North,Nakuru,2026-01-01,,,
A3,Chep,call_agent,South,Kisumu,2026-01-01,,,
A5,Eve,call_agent,South,Kisumu,2026-03-20,,,
A4,Dan,call_agent,East,Kisumu,2026-01-01,2026-02-20,,
"""
SHARED = ("call", "airtime", "sms", "visit", "transport", "legal", "salary", "overhead", "commission")
WHOSE = ("A1,", "A2,", "A3,", "A4,", "A5,", ",North", ",South", ",East", ",Nowhere", ",", ",")


def branch(draw: Random) -> tuple[Data, RecoveryRules]:
    """A month of a branch: people who move, join and left, actions (some of nobody), payments, snapshots, costs."""
    ids = [f"L{number}" for number in range(100, 100 + draw.randint(1, 8))]
    days = [AS_OF - timedelta(days=back) for back in range(40)]
    rows = [
        f"{one},C{one},{draw.choice(('lamp', 'radio', 'tv'))},2025-01-01,KES,{draw.choice(('', 'Bank'))}" for one in ids
    ]

    def made(name: str, line: str, most: int) -> str:
        return "".join(
            line.format(
                id=f"{name}{number}", agent=draw.choice(("A1", "A2", "A3")), maybe=draw.choice(("A1", "A2", "")),
                account=draw.choice(ids), at=f"{draw.choice(days)} {draw.randint(8, 18):02}:00",
                number=draw.choice((0, 7, 60, 61, 333)),
            )
            for number in range(draw.randint(0, most))
        )  # fmt: skip

    late = (0, 5, 30, 200)
    owed = {(one, draw.choice(days)): draw.choice(late) for one in ids * 3}
    ledger = [
        f"2026-03,{draw.choice(SHARED)},,{draw.choice((1, 700))}.{draw.randint(0, 99):02},KES,{draw.choice(WHOSE)}\n"
        for _ in range(draw.randint(1, 15))
    ]
    tables = {
        "agents": STAFF,
        "accounts": "account_id,customer_id,product,activated_on,currency,creditor\n" + "\n".join(rows) + "\n",
        "balances": OWED + "".join(f"{one},{day},100,{late}\n" for (one, day), late in owed.items()),
        "calls": CALLS + made("K", "{id},{agent},{account},{at},out,{number}\n", 40),
        "messages": "message_id,account_id,agent_id,sent_at,channel\n"
        + made("S", "{id},{account},{maybe},{at},sms\n", 20),
        "visits": "visit_id,agent_id,account_id,visited_at\n" + made("V", "{id},{agent},{account},{at}\n", 10),
        "payments": "payment_id,account_id,agent_id,paid_at,amount,currency,kind\n"
        + made("P", "{id},{account},{agent},{at},1{number},KES,instalment\n", 20)
        + f"P_,{ids[0]},A2,2026-03-02 09:00,5,KES,instalment\n",
        "costs": "period,channel,item,amount,currency,agent_id,team\n" + "".join(ledger),
    }
    key = draw.choice(("talk_minutes", "calls", "collected", "equal"))
    return data_of(AS_OF, **tables), RecoveryRules(share_by=key, buckets=draw.choice(((0, 7, 30), (1, 90))))  # type: ignore[arg-type]


def costs_differ(seed: int) -> list[object]:
    """Where the cells, or the figures made of them, differ."""
    data, rules = branch(Random(seed))  # noqa: S311
    costs = recovery_costs(data, rules, MARCH, "KES")
    by = ("agent_id", "team", "channel", "bucket", "product", "creditor")
    rows = costs.cells.group_by(by).agg(pl.col("amount").sum()).rows()
    found, wanted = {row[:-1]: row[-1] for row in rows if row[-1]}, spent_of(data, rules, MARCH)
    wrong: list[object] = [(place, found.get(place), wanted.get(place)) for place in {*found, *wanted}
                           if found.get(place) != wanted.get(place)]  # fmt: skip
    return wrong + list(_figures(costs, rules, data, wanted))


def _figures(costs: Costs, rules: RecoveryRules, data: Data, spent: Mapping[tuple[str, ...], int]) -> Iterator[object]:
    got = work_of(data, rules, MARCH)["collected"]
    places = {"agent": (0, 0), "team": (1, 1), "bucket": (3, 2), "product": (4, 3), "creditor": (5, 4)}
    for one in recovery_ratios(costs, rules):
        if one.measure not in ("cost_per_unit", "cost_per_unit_direct") or one.scope_kind == "channel":
            continue
        scope = "" if one.scope.startswith("(") else one.scope
        of_cost, of_money = places.get(one.scope_kind, (None, None))
        direct = one.measure.endswith("direct")
        above = sum(amount for place, amount in spent.items() if (of_cost is None or place[of_cost] == scope)
                    and not (direct and place[2] == "overhead"))  # fmt: skip
        below = sum(count for place, count in got.items() if of_money is None or place[of_money] == scope)
        if one.value != (None if below <= 0 else Fraction(above, below)):
            yield one, above, below


@pytest.mark.parametrize("seed", range(24))
def test_the_cells_and_ratios_are_what_loops_and_fractions_give(seed: int) -> None:
    assert costs_differ(seed) == []
