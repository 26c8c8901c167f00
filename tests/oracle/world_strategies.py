"""Small invented branches: a handful of agents and accounts, and what happened to them in up to three periods."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from .calendar import Period, period

Row = dict[str, str]
Tables = dict[str, list[Row]]

LABELS = {
    "month": ("2026-03", "2026-04", "2026-05"),
    "half_month": ("2026-03-H1", "2026-03-H2", "2026-04-H1"),
    "week": ("2026-W10", "2026-W11", "2026-W12"),
}
AMOUNTS = [
    "100.00",
    "99.99",
    "100.01",
    "250.00",
    "249.99",
    "250.01",
    "1000.00",
    "999.99",
    "0.01",
    "0.30",
    "33.33",
    "80.50",
]
TIMES = ["00:00:00", "10:00:00", "10:00:00", "23:59:59", "12:30:00+03:00", "22:30:00Z", "09:15:00"]
DAYS_PAST_DUE = ["0", "1", "30", "31", "60", "90"]
MEMBERS = ["A1", "A2", "A3"]
KPIS = {
    "qc_score": ["0.93", "0.929999", "0.9", "0.8", "0.95", "1", "0.5"],
    "complaints_upheld": ["0", "1", "2", "3"],
    "noc": ["0", "10", "11", "25", "7"],
}


@dataclass(frozen=True)
class Stage:
    """When the story plays: the periods that are run, and a few days around them."""

    periods: tuple[Period, ...]

    @property
    def first(self) -> date:
        return self.periods[0].first

    @property
    def last(self) -> date:
        return self.periods[-1].last

    def days(self, before: int = 0) -> st.SearchStrategy[date]:
        """Mostly days of the periods, their ends more often than others."""
        ends = [day for one in self.periods for day in (one.first, one.last)]
        start = self.first - timedelta(days=before)
        return st.one_of(st.sampled_from(ends), st.dates(start, self.last))


def stages(kind: str, start_day: int) -> st.SearchStrategy[Stage]:
    labels = LABELS[kind]
    return st.sampled_from([1, 2, 2, 3]).map(lambda n: Stage(tuple(period(label, start_day) for label in labels[:n])))


def one_in(more: int) -> st.SearchStrategy[bool]:
    """True once in `more` + 1 times, and false where Hypothesis looks for the simplest example."""
    return st.integers(0, more).map(lambda drawn: drawn == more)


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), strategy)


def iso(days: st.SearchStrategy[date]) -> st.SearchStrategy[str]:
    return days.map(date.isoformat)


def moments(stage: Stage, before: int = 0) -> st.SearchStrategy[str]:
    return st.tuples(stage.days(before), st.sampled_from(TIMES)).map(lambda pair: f"{pair[0].isoformat()}T{pair[1]}")


def amounts() -> st.SearchStrategy[str]:
    any_amount = st.integers(1, 200_000).map(lambda minor: f"{minor // 100}.{minor % 100:02d}")
    return st.one_of(st.sampled_from(AMOUNTS), any_amount)


@st.composite
def agents(draw: st.DrawFn, stage: Stage) -> list[Row]:
    """Two leaders, one of whom has another role, and members of whom some start, leave or are promoted."""
    common = {"started_on": "2024-01-01", "left_on": "", "valid_from": "", "valid_to": "", "payee_type": "employee"}
    blank = {"country": "", "base_pay": "", "team_leader_id": ""}
    leaders = [("L1", "team_leader"), ("L2", "supervisor")]
    rows = [{"agent_id": key, "name": key, "role": role, "team": "T1", **common, **blank} for key, role in leaders]
    rows[0]["team_leader_id"] = draw(maybe(st.just("L2")))
    for key in MEMBERS[: draw(st.integers(1, 3))]:
        row = {
            "agent_id": key,
            "name": f"Agent {key}",
            "role": draw(st.sampled_from(["field_agent", "field_agent", "call_agent"])),
            "team": draw(st.sampled_from(["T1", "T2"])),
            "branch": draw(st.sampled_from(["NORTH", "SOUTH"])),
            "team_leader_id": draw(st.sampled_from(["L1", "L1", "L2", ""])),
            "started_on": draw(iso(stage.days())) if draw(one_in(3)) else "2024-01-01",
            "left_on": "",
            "valid_from": "",
            "valid_to": "",
            "payee_type": draw(st.sampled_from(["contractor", "employee"])),
            "country": draw(st.sampled_from(["", "KE", "UG"])),
            "base_pay": draw(st.sampled_from(["", "10000.00", "333.33"])),
        }
        if draw(one_in(3)):
            start = date.fromisoformat(row["started_on"])
            row["left_on"] = draw(iso(st.dates(max(start, stage.first), stage.last)))
        if row["role"] == "field_agent" and draw(one_in(4)):
            rows += promoted(draw, row, stage)
        else:
            rows.append(row)
    return rows


def promoted(draw: st.DrawFn, row: Row, stage: Stage) -> list[Row]:
    day = draw(stage.days())
    new = row | {"role": "senior_agent", "team_leader_id": draw(st.sampled_from(["L1", "L2"]))}
    return [
        row | {"valid_to": (day - timedelta(days=1)).isoformat(), "valid_from": "2024-01-01"},
        new | {"valid_from": day.isoformat()},
    ]


@st.composite
def accounts(draw: st.DrawFn, currency: str) -> list[Row]:
    return [
        {
            "account_id": f"C{i}",
            "customer_id": f"K{i}",
            "product": draw(st.sampled_from(["phone", "solar"])),
            "creditor": draw(st.sampled_from(["BANK", "SHOP"])),
            "branch": draw(st.sampled_from(["NORTH", "SOUTH"])),
            "status": draw(st.sampled_from(["active", "default"])),
            "activated_on": "2025-01-01",
            "currency": currency,
        }
        for i in range(1, draw(st.integers(1, 4)) + 1)
    ]


@st.composite
def assignments(draw: st.DrawFn, stage: Stage, accounts: list[Row], agents: list[Row]) -> list[Row]:
    """Never two owners of one role on one day: one chain of field agents, one of call agents."""
    callers = sorted({row["agent_id"] for row in agents if row["role"] == "call_agent"})
    others = sorted({row["agent_id"] for row in agents if row["agent_id"][0] == "A"} - set(callers))
    rows = []
    for account in accounts:
        for chain in (others, callers):
            if chain and not draw(one_in(3)):
                rows += handed_over(draw, stage, account["account_id"], chain)
    return rows


def handed_over(draw: st.DrawFn, stage: Stage, account: str, chain: list[str]) -> list[Row]:
    start = draw(st.sampled_from([date(2025, 6, 1), date(2025, 12, 31)]))
    first = {
        "account_id": account,
        "agent_id": draw(st.sampled_from(chain)),
        "assigned_on": start.isoformat(),
        "ended_on": "",
    }
    if draw(st.booleans()):
        return [first]
    end = draw(stage.days(before=10))
    second = {
        "account_id": account,
        "agent_id": draw(st.sampled_from(chain)),
        "assigned_on": (end + timedelta(days=draw(st.sampled_from([1, 1, 5])))).isoformat(),
        "ended_on": "",
    }
    return [first | {"ended_on": end.isoformat()}, second]


@st.composite
def balances(draw: st.DrawFn, stage: Stage, accounts: list[Row]) -> list[Row]:
    """Nearly every account has a snapshot from the start, some have more."""
    rows = []
    for account in accounts:
        days = {date(2025, 2, 1)} if draw(st.integers(0, 7)) else set()
        days |= set(draw(st.lists(stage.days(before=20), max_size=3)))
        for day in sorted(days):
            rows.append(
                {
                    "account_id": account["account_id"],
                    "as_of": day.isoformat(),
                    "balance": draw(st.sampled_from(["5000.00", "1000.00", "999.99", "0.00"])),
                    "days_past_due": draw(st.sampled_from(DAYS_PAST_DUE)),
                }
            )
    return rows


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
