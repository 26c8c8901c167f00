"""Small invented branches: a handful of agents and accounts, and what happened to them in up to three periods."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from .people_strategies import accounts, agents, assignments, balances
from .stage import KPIS, Row, Stage, Tables, amounts, iso, maybe, moments, one_in


@st.composite
def payments(
    draw: st.DrawFn, stage: Stage, accounts: list[Row], agents: list[Row], currency: str, named: bool
) -> list[Row]:
    """One from before everything, because a file without payments is refused, and then those of the story."""
    rows: list[Row] = [
        {
            "payment_id": "OLD",
            "account_id": "C1",
            "paid_at": "2025-12-20T10:00:00",
            "amount": "5.00",
            "currency": currency,
            "kind": "instalment",
            "reverses": "",
        }
    ]
    for i in range(draw(st.sampled_from([1, 3, 5, 8, 12, 24]))):
        row = {
            "payment_id": f"P{draw(st.integers(0, 9))}{i:02d}",
            "account_id": draw(st.sampled_from([account["account_id"] for account in accounts])),
            "paid_at": draw(moments(stage, before=3)),
            "amount": draw(amounts()),
            "currency": currency,
            "kind": draw(st.sampled_from(["instalment", "instalment", "deposit"])),
            "channel": draw(st.sampled_from(["mobile_money", "cash"])),
            "credits": draw(st.sampled_from(["", "1", "2.5", "7"])),
            "reverses": "",
        }
        row["credits_kind"] = draw(st.sampled_from(["bought", "free"])) if row["credits"] else ""
        if named:
            row["agent_id"] = (
                "" if draw(one_in(4)) else draw(st.sampled_from(started_by(agents, row["paid_at"]) or [""]))
            )
        rows.append(row)
        if draw(one_in(2)):
            rows += reversals(draw, stage, row)
    return rows


def started_by(agents: list[Row], moment: str) -> list[str]:
    """The members who had started: a payment cannot name one who had not."""
    return sorted({row["agent_id"] for row in agents if row["agent_id"][0] == "A" and row["started_on"] <= moment[:10]})


def reversals(draw: st.DrawFn, stage: Stage, payment: Row) -> list[Row]:
    """All of a payment taken back, or a part, or two parts; later the same day or on a later day."""
    cents = int(payment["amount"].replace(".", ""))
    parts = draw(st.sampled_from([[cents], [cents], [cents // 2], [cents // 3, cents // 3]]))
    paid_on = date.fromisoformat(payment["paid_at"][:10])
    rows = []
    for i, part in enumerate(part for part in parts if part):
        day = draw(st.dates(paid_on + timedelta(days=1), max(stage.last, paid_on) + timedelta(days=1)))
        rows.append(
            payment
            | {
                "payment_id": f"R{i}-{payment['payment_id']}",
                "paid_at": f"{day.isoformat()}T{11 + i}:00:00",
                "amount": f"-{part // 100}.{part % 100:02d}",
                "credits": "",
                "credits_kind": "",
                "reverses": payment["payment_id"],
            }
        )
    return rows


@st.composite
def field_work(draw: st.DrawFn, stage: Stage, accounts: list[Row], agents: list[Row]) -> Tables:
    """Promises, calls, visits, recoveries and adjustments."""
    account = st.sampled_from([row["account_id"] for row in accounts])
    member = st.sampled_from(sorted({row["agent_id"] for row in agents if row["agent_id"][0] == "A"}))
    promises = []
    for i in range(draw(st.sampled_from([0, 2, 5]))):
        day = draw(stage.days(before=10))
        due = day + timedelta(days=draw(st.sampled_from([0, 1, 7, 20])))
        cancelled = day + timedelta(days=draw(st.integers(1, 5)))
        promises.append(
            {
                "promise_id": f"M{i}",
                "account_id": draw(account),
                "agent_id": draw(member),
                "made_at": f"{day.isoformat()}T{draw(st.sampled_from(['00:00:00', '10:00:00', '18:00:00']))}",
                "due_on": due.isoformat(),
                "amount": draw(amounts()),
                "cancelled_on": draw(st.sampled_from(["", "", "", cancelled.isoformat()])),
            }
        )
    calls = [
        {
            "call_id": f"T{i}",
            "agent_id": draw(member),
            "account_id": draw(account),
            "started_at": draw(moments(stage, before=10)),
            "right_party": draw(st.sampled_from(["yes", "yes", "no"])),
            "disposition": draw(st.sampled_from(["promise", "call_back", "refused", ""])),
            "purpose": draw(st.sampled_from(["welcome", "overdue"])),
        }
        for i in range(draw(st.sampled_from([0, 3, 6])))
    ]
    visits = [
        {
            "visit_id": f"V{i}",
            "agent_id": draw(member),
            "account_id": draw(account),
            "visited_at": draw(maybe(moments(stage, before=10))),
            "met": draw(st.sampled_from(["customer", "other", "nobody"])),
            "outcome": draw(st.sampled_from(["paid", "not_home", ""])),
        }
        for i in range(draw(st.sampled_from([0, 3, 6])))
    ]
    recoveries = []
    for i in range(draw(st.integers(0, 2))):
        outcome = draw(st.sampled_from(["recovered", "recovered", "surrendered"]))
        recovered_on = draw(iso(stage.days()))
        recoveries.append(
            {
                "recovery_id": f"X{i}",
                "account_id": draw(account),
                "agent_id": draw(member),
                "recovered_on": recovered_on,
                "outcome": outcome,
            }
        )
    adjustments = [
        {
            "adjustment_id": f"J{i}",
            "agent_id": draw(member),
            "on": draw(iso(stage.days())),
            "amount": draw(st.sampled_from(["50.00", "-20.01", "-300.00", "0.01"])),
            "reason": "agreed",
        }
        for i in range(draw(st.integers(0, 2)))
    ]
    found: Tables = {
        "promises": promises,
        "calls": calls,
        "visits": visits,
        "recoveries": recoveries,
        "adjustments": adjustments,
    }
    return found


@st.composite
def targets(draw: st.DrawFn, stage: Stage, agents: list[Row]) -> list[Row]:
    """At most one row a day for each KPI and scope."""
    scopes = [("all", ""), ("role", "field_agent"), ("team", "T1"), ("agent", "A1")]
    rows = []
    for kpi, sizes in (("collected", ["1000", "250.50", "0"]), ("noc", ["2", "10"])):
        for kind, scope in draw(st.lists(st.sampled_from(scopes), unique=True, max_size=3)):
            row = {
                "kpi": kpi,
                "scope_kind": kind,
                "scope": scope,
                "grain": draw(st.sampled_from(["month", "month", "month", "week", "day", "quarter"])),
                "target": draw(st.sampled_from(sizes)),
                "from": "",
                "to": "",
            }
            how = draw(st.integers(0, 3))
            day = draw(stage.days())
            if how == 0:
                rows.append(row | {"from": day.isoformat()})
            elif how == 1:
                rows.append(row | {"to": day.isoformat()})
                rows.append(
                    row | {"from": (day + timedelta(days=1)).isoformat(), "target": draw(st.sampled_from(sizes))}
                )
            else:
                rows.append(row)
    return rows


@st.composite
def kpi_values(draw: st.DrawFn, stage: Stage, agents: list[Row]) -> list[Row]:
    """Some are missing, some come with the cases behind them; the run of their period lacks those marked `late`."""
    rows = []
    for key in sorted({row["agent_id"] for row in agents}):
        for kpi, values in KPIS.items():
            for one in stage.periods:
                how = draw(st.sampled_from(["value", "value", "parts", "late", "none"]))
                value = draw(st.sampled_from(values))
                row = {
                    "kpi": kpi,
                    "agent_id": key,
                    "period": one.label,
                    "numerator": "",
                    "denominator": "",
                    "value": value,
                }
                if how == "parts" and kpi == "qc_score":
                    cases = draw(st.sampled_from([3, 5, 10]))
                    row |= {"value": "", "denominator": str(cases), "numerator": str(draw(st.integers(0, cases)))}
                if how != "none":
                    rows.append(row | {"late": "yes" if how == "late" else ""})
    return rows


@st.composite
def worlds(draw: st.DrawFn, stage: Stage, currency: str, credit: dict[str, Any]) -> Tables:
    people = draw(agents(stage))
    lent = draw(accounts(currency))
    tables: Tables = {
        "agents": people,
        "accounts": lent,
        "assignments": draw(assignments(stage, lent, people)),
        "balances": draw(balances(stage, lent)),
        "payments": draw(payments(stage, lent, people, currency, "named" in credit["rules"])),
        "targets": draw(targets(stage, people)),
        "kpi_values": draw(kpi_values(stage, people)),
    }
    return tables | draw(field_work(stage, lent, people))
