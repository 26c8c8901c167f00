"""What really changed in a period, by the weeks before it: from rows of calls and payments."""

from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest
from kpi_cases import data_of

from toolkit.definitions import Definitions
from toolkit.kpis.data import Data
from toolkit.periods import days_between, is_working_day, parse
from toolkit.score_targets import Goals, WorkingDays
from toolkit.trends.days import Mark
from toolkit.watching import Seen, Watch, watch

MARCH = parse("2026-03")
HEADER = "call_id,agent_id,account_id,started_at,connected,right_party\n"


def calls(reached: dict[str, tuple[int, int]], until: date = date(2026, 3, 31)) -> str:
    """Ten calls an agent and working day that reach somebody; so many reach the right one, before March and in it.
    They are one more or less in turn: without any variation nothing could be judged."""
    lines = []
    for number, day in enumerate(days_between(date(2026, 1, 1), until)):
        for agent, (before, after) in reached.items():
            if is_working_day(day, ""):
                right = (before if day < MARCH.first else after) + (-1) ** number
                lines += [
                    f"K{day}{agent}{n},{agent},L1,{day} 09:0{n},yes,{'yes' if n < right else 'no'}" for n in range(10)
                ]
    return HEADER + "\n".join(lines) + "\n"


def _call(agent: str, day: date, number: int, right: str) -> str:
    return f"K{day}{agent}{number},{agent},L1,{day} 09:0{number},yes,{right}"


def watched(data: Data, marks: tuple[Mark, ...] = ()) -> Watch:
    goals = Goals([], WorkingDays(data.teams, Definitions()))
    return watch(data, MARCH, ["right_party_rate"], goals, marks)


def of(found: Watch, scope: str, kind: str = "agent") -> Seen:
    return next(one for one in found.seen if (one.scope_kind, one.scope) == (kind, scope))


def test_a_real_drop_is_told_from_an_agent_who_stays_as_he_was() -> None:
    found = watched(data_of(calls=calls({"A1": (7, 2), "A2": (6, 6)})))
    assert of(found, "A1").trend.in_words == "real drop"
    assert of(found, "A1").trend.bad
    assert of(found, "A2").trend.in_words == "steady"
    assert "Asha" in of(found, "A1").trend.finding.message


def test_what_explains_the_drop_of_all_is_the_agent_whose_figure_fell() -> None:
    found = watched(data_of(calls=calls({"A1": (7, 2), "A2": (6, 6), "A3": (6, 6)})))
    by_agent = next(change for change in of(found, "", "all").trend.explained if change.dimension == "agent")
    assert by_agent.parts[0].part == "A1"
    assert by_agent.whole is not None
    assert sum((part.total for part in by_agent.parts), Fraction(0)) == by_agent.whole
    assert of(found, "A1").trend.explained == ()


def test_a_few_days_of_history_say_nothing() -> None:
    rows = calls({"A1": (7, 2)})
    late = "\n".join(line for line in rows.splitlines() if "2026-01" not in line and "2026-02-0" not in line)
    few = "\n".join(line for line in late.splitlines() if "2026-02-1" not in line)
    assert of(watched(data_of(calls=few)), "A1").trend.in_words == "too few days to say"


def test_marked_days_are_not_held_against_an_agent() -> None:
    data = data_of(calls=calls({"A1": (7, 2)}))
    month = Mark.between("Ramadan", MARCH.first, MARCH.last)
    assert of(watched(data, (month,)), "A1").trend.in_words == "too few days to say"


def test_a_rise_is_no_bad_news() -> None:
    found = watched(data_of(calls=calls({"A1": (3, 8)})))
    assert of(found, "A1").trend.in_words == "real rise"
    assert found.bad == []


def test_limits_that_were_kept_are_not_made_anew() -> None:
    data = data_of(calls=calls({"A1": (7, 2)}))
    first = watched(data)
    kept = {one.key: one.limits for one in first.seen}
    goals = Goals([], WorkingDays(data.teams, Definitions()))
    assert of(watch(data, MARCH, ["right_party_rate"], goals, frozen=kept), "A1").limits == of(first, "A1").limits
    low = {
        one.key: {"": limits}
        for one in watched(data_of(calls=calls({"A1": (2, 2)}))).seen
        for limits in one.limits.values()
    }
    assert of(watch(data, MARCH, ["right_party_rate"], goals, frozen=low), "A1").trend.in_words == "steady"


def paid(months: int, a_day: int, until: date) -> str:
    rows = [
        f"P{day},L1,A1,{day} 10:00,{a_day}.00,KES,instalment"
        for day in days_between(max(date(2026, 1, 1), MARCH.first - timedelta(days=31 * months)), until)
        if is_working_day(day, "")
    ]
    return "payment_id,account_id,agent_id,paid_at,amount,currency,kind\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(("plan", "alert"), [("22000", False), ("23158", True), ("40000", True)])
def test_the_month_is_projected_by_working_days_and_held_against_the_plan(plan: str, alert: bool) -> None:
    """March 2026 has 22 working days, 10 of them until the 13th: 1,000 a day are 22,000. 23,158 less 5 % is more."""
    data = data_of(payments=paid(2, 1000, date(2026, 3, 13)), as_of=date(2026, 3, 13))
    goals = Goals(
        [{"kpi": "collected", "scope_kind": "agent", "scope": "A1", "grain": "month", "target": plan}],
        WorkingDays(data.teams, Definitions()),
    )
    [outlook] = [one for one in watch(data, MARCH, ["collected"], goals).outlooks if one.scope_kind == "all"]
    assert (outlook.seen.elapsed, outlook.seen.working_days, outlook.seen.collected) == (10, 22, 10_000_00)
    assert outlook.seen.expected == 22_000_00
    assert outlook.variance.alert == alert
    assert "2026-03-13" in outlook.text
    assert pl.Series([outlook.subject]).str.len_chars().item() > 10
