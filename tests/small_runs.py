"""Plans of one component and the few rows that they need, for tests that say all of their data."""

from datetime import date
from typing import Any

from oracle.stage import Tables


def plan_of(component: dict[str, Any], **more: Any) -> dict[str, Any]:
    plan: dict[str, Any] = {
        "id": "LAW",
        "version": 1,
        "currency": "KES",
        "country": "KE",
        "timezone": "Africa/Nairobi",
        "from": date(2025, 1, 1),
        "period": "month",
        "rate_date": "payment",
        "arrears_on": "day_before",
        "rounding": "half_up",
        "payout_unit": "0.01",
    }
    return plan | more | {"credit": {"rules": ["named"]}, "component": [{"code": "CASH"} | component]}


def people(*agents: str) -> Tables:
    return {
        "agents": [{"agent_id": key, "name": key, "role": "field_agent", "team_leader_id": ""} for key in agents],
        "accounts": [
            {
                "account_id": "C1",
                "customer_id": "K1",
                "product": "phone",
                "activated_on": "2025-01-01",
                "currency": "KES",
            }
        ],
        "balances": [{"account_id": "C1", "as_of": "2025-02-01", "balance": "5000.00", "days_past_due": "40"}],
        "targets": [{"kpi": "collected", "scope_kind": "all", "scope": "", "grain": "month", "target": "500"}],
        "payments": [],
    }


def paid(key: str, day: str, cents: int, agent: str = "A1", reverses: str = "") -> dict[str, str]:
    sign, size = "-" if cents < 0 else "", abs(cents)
    return {
        "payment_id": key,
        "account_id": "C1",
        "agent_id": agent,
        "paid_at": f"{day}T10:00:00",
        "amount": f"{sign}{size // 100}.{size % 100:02d}",
        "currency": "KES",
        "reverses": reverses,
    }
