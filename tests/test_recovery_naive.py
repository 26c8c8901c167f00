"""The pursue list held against a second computation, in loops and fractions, over small worlds drawn at random."""

from datetime import date, timedelta
from random import Random

import pytest
from kpi_cases import data_of
from naive_pursuit import cells_of, pursue
from pursuit_cases import CALLS, NOBODYS, OWED, accounts

from toolkit.kpis.data import Data
from toolkit.recovery.pursuit import pursue_list
from toolkit.recovery_rules import RecoveryRules, Rung

AS_OF = date(2026, 3, 31)
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
