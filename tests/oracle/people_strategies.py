"""Who there is: agents with their leaders, accounts, who has which account, and what is owed on it."""

from datetime import date, timedelta

from hypothesis import strategies as st

from .stage import DAYS_PAST_DUE, MEMBERS, Row, Stage, iso, maybe, one_in


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
