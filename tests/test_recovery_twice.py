"""A second count in plain Python, by the domain's own words: yields net of self-cures, attempts, hours, losses."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from evidence_cases import MARCH
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.kpis.data import Data
from toolkit.recovery.brought import work_done
from toolkit.recovery.curves import GONE, NEW, PAID_OFF, WRITTEN_OFF
from toolkit.recovery.effects import attempts, effects, hours
from toolkit.recovery.forecast import loss_forecast
from toolkit.recovery_rules import RecoveryRules

NAMES = [f"L{place}" for place in range(8)]
HELD = {"L5", "L6", "L7"}
START, LATER = datetime.fromisoformat("2026-02-20 00:00"), date(2026, 4, 30)
RULES = RecoveryRules(buckets=(0, 30), least_cases=2, hold_out=("H",))
FAR = datetime.fromisoformat("9999-01-01 00:00")
DAYS = timedelta(days=14)
LATE = {name: 5 if place % 2 else 45 for place, name in enumerate(NAMES)}
moments = st.integers(1, 60 * 24 * 50).map(lambda minutes: START + timedelta(minutes=minutes))
called = st.lists(
    st.tuples(st.sampled_from([*set(NAMES) - HELD]), moments), min_size=1, max_size=25, unique_by=lambda one: one[1]
)
paid = st.lists(st.tuples(st.sampled_from(NAMES), moments), max_size=20, unique_by=lambda one: one[1])


def tables_of(calls: Any, payments: Any) -> Data:
    when = {"account_id": pl.String, "started_at": pl.Datetime}
    money = {"account_id": pl.String, "paid_at": pl.Datetime, "payment_id": pl.String, "amount": pl.Int64}
    rows = [(name, at, f"P{place}", 100 + place) for place, (name, at) in enumerate(payments)]
    accounts = [(name, "H" if name in HELD else "B") for name in NAMES]
    balances = [(name, date(2026, 2, 19), 500, LATE[name]) for name in NAMES]
    snapshot = {"account_id": pl.String, "as_of": pl.Date, "balance": pl.Int64, "days_past_due": pl.Int64}
    frames = {
        "agents": pl.DataFrame({"agent_id": ["A1"], "name": ["Asha"], "role": ["call_agent"]}),
        "accounts": pl.DataFrame(accounts, schema=["account_id", "batch"], orient="row"),
        "calls": pl.DataFrame(calls, schema=when, orient="row"),
        "payments": pl.DataFrame(rows, schema=money, orient="row").with_columns(kind=pl.lit("instalment")),
        "balances": pl.DataFrame(balances, schema=snapshot, orient="row"),
    }
    return Data.of(frames, LATER)


def followed_by_hand(calls: Any, payments: Any) -> list[dict[str, Any]]:
    """Every call of March: what the last call before a payment has, if it was not too long ago."""
    found = []
    for name, at in calls:
        others = sorted(when for of, when in calls if of == name)
        after = next((when for when in others if when > at), FAR)
        money = [
            100 + place
            for place, (of, when) in enumerate(payments)
            if of == name and at < when <= after and when.date() <= at.date() + DAYS
        ]
        before = [when for of, when in payments if of == name and when <= at]
        tries = [when for when in others if when <= at and (not before or when >= max(before))]
        until = min(after.date(), at.date() + DAYS + timedelta(days=1))
        found.append({"name": name, "at": at, "until": until, "money": money, "try": len(tries)})
    return [one for one in found if one["at"].month == 3]


def alone_by_hand(call: dict[str, Any], payments: Any) -> Fraction:
    """Of those held out in the call's bucket, how many paid in the days in which a payment would have followed it."""
    same = [name for name in HELD if LATE[name] == LATE[call["name"]]]
    days = {name: {when.date() for of, when in payments if of == name} for name in same}
    hits = [name for name in same if any(call["at"].date() <= day < call["until"] for day in days[name])]
    return Fraction(len(hits), len(same))


def yield_by_hand(calls: Iterable[dict[str, Any]], payments: Any) -> tuple[int, int, float, float | None, float]:
    """Calls, money, rate, self-cure and what is left. One account of the bucket of 5 days is held out too few."""
    rows = list(calls)
    known = [call for call in rows if sum(LATE[name] == LATE[call["name"]] for name in HELD) >= RULES.least_cases]
    rate = Fraction(sum(bool(call["money"]) for call in rows), len(rows))
    money = sum(sum(call["money"]) for call in rows)
    if 2 * len(known) < len(rows):
        return len(rows), money, float(rate), None, float(rate)
    cure = sum((alone_by_hand(call, payments) for call in known), Fraction(0)) / len(known)
    of_them = Fraction(sum(bool(call["money"]) for call in known), len(known))
    return len(rows), money, float(rate), float(cure), float(of_them - cure)


def figures(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("actions", "amount", "rate", "self_cure", "uplift"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(called, paid)
def test_yields_attempts_and_hours_are_what_a_second_count_finds(calls: Any, payments: Any) -> None:
    done = work_done(tables_of(calls, payments), RULES, MARCH)
    mine = followed_by_hand(calls, payments)
    whole = [row for row in effects(done).iter_rows(named=True) if row["bucket"] == "all"]
    assert len(whole) == bool(mine)
    for row in whole:
        assert figures(row) == pytest.approx(yield_by_hand(mine, payments))
    for row in hours(done).iter_rows(named=True):
        at_hour = [call for call in mine if call["at"].hour == row["hour"]]
        assert figures(row) == pytest.approx(yield_by_hand(at_hour, payments))
    bands = {"1": (1, 1), "2": (2, 2), "3": (3, 3), "4": (4, 4), "5-7": (5, 7), "8+": (8, 99)}
    for row in attempts(done).iter_rows(named=True):
        first, last = bands[row["attempt"]]
        band = [call for call in mine if first <= call["try"] <= last]
        assert figures(row) == pytest.approx(yield_by_hand(band, payments))


STATES = ("current", "1-30", "31-60", "61+")
cells = st.lists(
    st.tuples(
        st.sampled_from(["2026-02", "2026-03"]), st.sampled_from(STATES),
        st.sampled_from([*STATES, PAID_OFF, WRITTEN_OFF, GONE]), st.integers(1, 900), st.integers(0, 1_200),
    ),
    min_size=1, max_size=25, unique_by=lambda one: one[:3],
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(cells)
def test_what_is_lost_in_the_end_is_what_following_the_money_month_by_month_comes_to(rows: Any) -> None:
    """Ten thousand months of the same moves; what never settles is not known."""
    kept = [(*row[:4], row[4] if row[2] in STATES else 0) for row in rows]
    schema = ["month", "from", "to", "opening", "closing"]
    matrix = pl.DataFrame(kept, schema=schema, orient="row").with_columns(accounts=pl.lit(1, pl.Int64))
    arrivals = [("2026-03", NEW, state, 0, 10, 1) for state in STATES]
    new = pl.DataFrame(arrivals, schema=[*schema, "accounts"], orient="row")
    whole = pl.concat([matrix, new], how="vertical_relaxed")
    table = loss_forecast(whole, RecoveryRules(buckets=(1, 31, 61)))
    found = {row["state"]: row for row in table.iter_rows(named=True)}
    written = any(row[2] == WRITTEN_OFF for row in rows)
    moves: dict[str, dict[str, tuple[int, int]]] = {state: {} for state in STATES}
    for _, of, to, opening, closing in kept:
        was = moves[of].get(to, (0, 0))
        moves[of][to] = was[0] + opening, was[1] + closing
    for state in STATES[1:]:
        share = found[state]["share"]
        if share is None:
            continue
        money, lost = {state: 1.0}, 0.0
        for _ in range(10_000):
            after: dict[str, float] = {}
            for at, amount in money.items():
                if at == STATES[-1] and not written:
                    lost += amount
                    continue
                whole = sum(opening for opening, _ in moves[at].values())
                for to, (opening, closing) in moves[at].items():
                    if to == WRITTEN_OFF:
                        lost += amount * opening / whole
                    elif to in STATES[1:]:
                        after[to] = after.get(to, 0.0) + amount * min(opening, closing) / whole
            money = {name: amount for name, amount in after.items() if amount > 1e-12}
        assert share == pytest.approx(lost, abs=1e-6)
        assert 0 <= found[state]["share_low"] <= share <= found[state]["share_high"] <= 1
