"""Who comes, goes or changes teams inside a period: what they did belongs to the post of its day, on every engine."""

from datetime import date

import pytest
from kpi_cases import data_of, of, same_on_every_engine, values

from toolkit.kpis.data import Data

AGENTS = """agent_id,name,role,team,branch,started_on,left_on,valid_from,valid_to
A1,Asha,call_agent,North,Nakuru,2026-01-01,,2026-01-01,2026-03-14
A1,Asha,call_agent,South,Kisumu,2026-01-01,,2026-03-15,
A2,Baraka,call_agent,North,Nakuru,2026-03-10,,,
A3,Chep,call_agent,South,Kisumu,2026-01-01,2026-03-20,,
"""
HEADER = "call_id,agent_id,account_id,started_at,talk_seconds,direction,connected,right_party\n"
CALLS = HEADER + "".join(
    f"{agent}-{number},{agent},L1,{at},60,out,yes,yes\n"
    for agent, times in {
        "A1": ("2026-03-01 00:00", "2026-03-14 23:59:59", "2026-03-15 00:00", "2026-03-31 23:59:59"),
        "A2": ("2026-03-09 23:59:59", "2026-03-10 00:00"),
        "A3": ("2026-02-28 23:59:59", "2026-03-20 23:59:59", "2026-03-21 00:00"),
    }.items()
    for number, at in enumerate(times)
)


def moved() -> Data:
    """A1 calls four times, A2 and A3 each once on a day on which they are here."""
    return data_of(agents=AGENTS, calls=CALLS, definitions={"redial_minutes": 0})


def test_each_call_of_a_month_belongs_to_the_team_of_its_day() -> None:
    data = moved()
    assert [of(data, "calls", scope) for scope in ("North", "South")] == [(3, None), (3, None)]


def test_a_call_before_the_first_day_or_after_the_last_is_nobodys_and_counts_for_all_only() -> None:
    data = moved()
    assert [of(data, "calls", scope) for scope in ("A1", "A2", "A3", "")] == [
        (4, None),
        (1, None),
        (1, None),
        (8, None),
    ]


def test_a_quarter_by_months_is_its_months() -> None:
    data = moved()
    run = values(data, "calls", "2026-Q1", "month").values
    found = {(scope, period): count for scope, period, count in run.select("scope", "period", "numerator").rows()}
    assert {period: count for (scope, period), count in found.items() if scope == "South"} == {
        "2026-02": 1, "2026-03": 3,
    }  # fmt: skip
    assert found["A3", "2026-02"] == found["A3", "2026-03"] == 1


@pytest.mark.parametrize(("period", "grain"), [("2026-03", "month"), ("2026-Q1", "month"), ("2026-03", "day")])
@pytest.mark.parametrize("kpi", ["calls", "right_party_rate", "noc", "call_effectiveness"])
def test_moves_are_the_same_on_every_engine(kpi: str, period: str, grain: str) -> None:
    calls = CALLS.replace(",right_party\n", ",right_party,disposition\n").replace("yes,yes\n", "yes,yes,promise\n")
    same_on_every_engine(data_of(agents=AGENTS, calls=calls, definitions={"redial_minutes": 0}), kpi, period, grain)  # type: ignore[arg-type]


def test_a_month_in_which_somebody_starts_every_day_is_counted_day_by_day() -> None:
    days = [f"2026-03-{day:02}" for day in range(1, 32)]
    agents = "agent_id,name,role,team,started_on\n" + "".join(f"B{day},B,call_agent,T{day},{day}\n" for day in days)
    calls = HEADER + "".join(
        f"{agent}-{day},B{agent},L1,{day} 12:00,60,out,yes,yes\n" for agent in days for day in days[9:11]
    )
    data = data_of(agents=agents, calls=calls)
    assert of(data, "calls", "T2026-03-10") == (2, None)
    assert of(data, "calls", "T2026-03-11") == (1, None)
    assert of(data, "calls", "T2026-03-12") == (0, None)
    same_on_every_engine(data, "calls")


def test_the_last_moment_of_a_month_is_in_it_and_the_first_of_the_next_is_not() -> None:
    rows = "P1,L1,A1,2026-03-31 23:59:59,100,KES,instalment\nP2,L1,A1,2026-04-01 00:00,10,KES,instalment\n"
    data = data_of(date(2026, 4, 2), payments="payment_id,account_id,agent_id,paid_at,amount,currency,kind\n" + rows)
    assert of(data, "collected") == (100, None)
    same_on_every_engine(data, "collected")
