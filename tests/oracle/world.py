"""The tables as plain rows with dates and exact numbers, and the questions one asks of them."""

from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from .calendar import ONE_DAY, ZONES, Period, containing, day_or_none, moment
from .exact import minor, minor_digits, number

Row = dict[str, Any]
DAYS = {
    "valid_from",
    "valid_to",
    "started_on",
    "left_on",
    "assigned_on",
    "ended_on",
    "as_of",
    "due_on",
    "cancelled_on",
    "on",
    "from",
    "to",
    "recovered_on",
    "ordered_on",
}
MOMENTS = {"paid_at", "started_at", "made_at", "visited_at"}
MONEY = {"amount", "balance", "base_pay"}
NUMBERS = {"target", "numerator", "denominator", "value", "credits", "days_past_due"}
TRUE = {"yes", "true", "1"}


class World:
    """All rows of one data folder, read once."""

    def __init__(self, tables: dict[str, list[dict[str, str]]], plan: dict[str, Any]) -> None:
        self.currency = plan["currency"]
        self.digits = minor_digits(self.currency)
        self.country = plan.get("country", "")
        self.zone = ZoneInfo(plan.get("timezone") or ZONES.get(self.country, "UTC"))
        self.tables = {name: [self._typed(row) for row in rows] for name, rows in tables.items()}
        for payment in self.rows("payments"):
            payment["day"] = payment["paid_at"].date()
        for payment in self.rows("payments"):
            payment["left"] = payment["amount"] + self._taken_back(payment, plan)

    def _taken_back(self, payment: Row, plan: dict[str, Any]) -> int:
        """The (negative) sum of the payment's reversals in its own period."""
        own = containing(payment["day"], plan["period"], plan.get("period_start_day", 1))
        reversals = [row for row in self.rows("payments") if row.get("reverses") == payment["payment_id"]]
        return sum(row["amount"] for row in reversals if own.first <= row["day"] <= own.last)

    def _typed(self, row: dict[str, str]) -> Row:
        return {name: self._value(name, text) for name, text in row.items()}

    def _value(self, name: str, text: str) -> Any:
        if name in DAYS:
            return day_or_none(text)
        if not text:
            return None if name in MOMENTS | MONEY | NUMBERS else ""
        if name in MOMENTS:
            return moment(text, self.zone)
        if name in MONEY:
            return minor(text, self.digits)
        return number(text) if name in NUMBERS else text

    def rows(self, table: str) -> list[Row]:
        return self.tables.get(table, [])

    def major(self, units: int) -> Fraction:
        return Fraction(units, 10**self.digits)

    # agents

    def agent_ids(self) -> list[str]:
        return sorted({row["agent_id"] for row in self.rows("agents")})

    def agent_row(self, agent: str, day: date) -> Row | None:
        """The row that holds on a day; of several the one that began last."""
        held = [
            row
            for row in self.rows("agents")
            if row["agent_id"] == agent
            and (row.get("valid_from") is None or row["valid_from"] <= day)
            and (row.get("valid_to") is None or row["valid_to"] >= day)
        ]
        return max(held, key=lambda row: row.get("valid_from") or date.min) if held else None

    def last_agent_row(self, agent: str, day: date) -> Row:
        """The row at a day, or the one nearest before or after it."""
        rows = [row for row in self.rows("agents") if row["agent_id"] == agent]
        return self.agent_row(agent, day) or max(rows, key=lambda row: row.get("valid_from") or date.min)

    def role(self, agent: str, day: date) -> str:
        row = self.agent_row(agent, day)
        return row["role"] if row else ""

    def leader(self, agent: str, day: date) -> str:
        row = self.agent_row(agent, day)
        leader = row.get("team_leader_id", "") if row else ""
        return leader if leader in self.agent_ids() else ""

    def country_of(self, agent: str, day: date) -> str:
        """The agent's own, or the plan's."""
        return str(self.last_agent_row(agent, day).get("country") or self.country)

    def works(self, agent: str, day: date) -> bool:
        """Started, not yet left (the day of leaving is the last one), with a row that holds."""
        row = self.agent_row(agent, day)
        return bool(
            row
            and (row.get("started_on") is None or row["started_on"] <= day)
            and (row.get("left_on") is None or day <= row["left_on"])
        )

    # accounts

    def account(self, account: str) -> Row:
        return next((row for row in self.rows("accounts") if row["account_id"] == account), {})

    def owners(self, account: str, day: date) -> list[Row]:
        return [
            row
            for row in self.rows("assignments")
            if row["account_id"] == account
            and row["assigned_on"] <= day
            and (row.get("ended_on") is None or day <= row["ended_on"])
        ]

    def snapshot(self, account: str, on_or_before: date | None) -> Row | None:
        taken = [
            row
            for row in self.rows("balances")
            if row["account_id"] == account and on_or_before is not None and row["as_of"] <= on_or_before
        ]
        return max(taken, key=lambda row: row["as_of"]) if taken else None

    def arrears(self, rule: str | None, account: str, agent: str, day: date, period: Period) -> Row | None:
        """The balance snapshot that gives days past due and balance of something that happened on a day."""
        if rule == "day_before":
            return self.snapshot(account, day - ONE_DAY)
        if rule == "period_start":
            return self.snapshot(account, containing(day, period.kind, period.start_day).first)
        starts = [row["assigned_on"] for row in self.owners(account, day) if row["agent_id"] == agent]
        return self.snapshot(account, max(starts) if starts else None)

    # KPI values

    def kpi(self, code: str, agent: str, period: Period) -> tuple[Fraction | None, Fraction | None]:
        """(value, base count); a monthly value serves shorter periods; no value without a base."""
        month = f"{period.last.year:04d}-{period.last.month:02d}"
        for label in (period.label, month):
            for row in self.rows("kpi_values"):
                if (row["kpi"], row["agent_id"], row["period"]) == (code, agent, label):
                    return self._kpi_parts(row)
        return None, None

    @staticmethod
    def _kpi_parts(row: Row) -> tuple[Fraction | None, Fraction | None]:
        base = row.get("denominator")
        if row.get("value") is not None:
            return row["value"], base
        if row.get("numerator") is None or not base:
            return None, base
        return row["numerator"] / base, base
