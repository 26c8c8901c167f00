"""Invented runs for the tests of the workbooks: what the calculation would hand over, made by hand.

Brian's figures (A017) are written out in full here and re-added by hand in the tests; the rest of the
team is there so that sheets have several rows, negatives, carried amounts and names that are awkward.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.money import minor_digits, plain, rounded, shared_out, to_minor
from toolkit.periods import parse
from toolkit.plans import Plan, PlanVersions

try:
    from toolkit.commissions import CommissionRun
except ImportError:  # the calculation is not needed for the shape of its result

    @dataclass(frozen=True)
    class CommissionRun:  # type: ignore[no-redef]
        plans: Any
        plan: Any
        period: Any
        as_of: date
        digits: int
        lines: pl.DataFrame
        sheet: pl.DataFrame
        credit: pl.DataFrame
        components: pl.DataFrame
        agents: pl.DataFrame
        control: dict[str, Any]
        problems: tuple[Any, ...] = ()


PROVENANCE = {"toolkit": "0.1.0", "plan_hash": "9c3e" * 16, "lines_hash": "4f2a91c0" * 8, "as_of": "2026-10-31"}
PERIOD = parse("2026-10")

LINE_TYPES: dict[str, Any] = {
    **dict.fromkeys(("line_id", "kind", "agent_id", "component", "period", "currency", "plan_id"), pl.String),
    "plan_version": pl.Int64,
    **dict.fromkeys(("payment_id", "account_id"), pl.String),
    "date": pl.Date,
    **dict.fromkeys(("base", "rate", "factor"), pl.String),
    "amount": pl.Int64,
    **dict.fromkeys(("reason", "credited_by", "earned_for"), pl.String),
    "due_on": pl.Date,
    **dict.fromkeys(("reverses_line", "source", "source_id"), pl.String),
}
CREDIT_TYPES: dict[str, Any] = {
    **dict.fromkeys(("payment_id", "account_id", "agent_id", "credited_by", "status", "reason"), pl.String),
    "paid_on": pl.Date,
    "paid_at": pl.String,
    "amount": pl.Int64,
    "counted": pl.Int64,
    "days_past_due": pl.Int64,
    "reverses": pl.String,
    "earned_for": pl.String,
    "source_file": pl.String,
    "source_row": pl.Int64,
}
COMPONENT_TYPES: dict[str, Any] = {
    **dict.fromkeys(("agent_id", "component", "title", "measure", "base", "target", "attainment", "band"), pl.String),
    "would_have_earned": pl.Int64,
    "gate": pl.String,
    "gate_took": pl.Int64,
    "factor": pl.String,
    "cap_took": pl.Int64,
    "floor_gave": pl.Int64,
    "amount": pl.Int64,
    "one_more": pl.String,
    "note": pl.String,
}
AGENT_COLUMNS = (
    "agent_id", "name", "role", "team", "branch", "country", "payee_type", "payee_no", "legal_name", "tax_id",
    "pay_channel", "provider", "msisdn", "bank_code", "branch_code", "account_no", "cost_centre",
)  # fmt: skip


def plan(currency: str = "KES", payout_unit: str = "1", min_payout: str = "100") -> Plan:
    """A plan with a component of each look: slices, arrears with holdback, units, a leader's share."""
    return Plan.model_validate(
        {
            "id": f"FIELD-{currency[:2]}", "version": 3, "title": "Field agents", "reference": "HR/COMM/2026-01",
            "currency": currency, "country": currency[:2], "from": date(2026, 1, 1), "period": "month",
            "rate_date": "payment", "arrears_on": "day_before", "rounding": "half_up",
            "payout_unit": payout_unit, "min_payout": min_payout, "plan_cap": "60000",
            "credit": {"rules": ["named", "promise", "owner"], "owner_roles": ["field_agent"]},
            "component": [
                {"code": "CASH", "title": "Cash collected", "kind": "percent", "measure": "collected", "per": "period",
                 "band_by": "attainment", "band_mode": "slice", "band_edge": "from", "target": "collected",
                 "prorate": "calendar_days", "gates": ["QUALITY"], "multiplier": "CALLQ", "cap": "30000",
                 "cap_excess": "lose", "gl_account": "6150", "clawback": {"share": "100%", "within_days": 90},
                 "bands": [{"from": "0%", "rate": "1%"}, {"from": "80%", "rate": "2%"},
                           {"from": "100%", "rate": "2.5%"}]},
                {"code": "ARREARS", "title": "Arrears over 90 days", "kind": "percent", "measure": "collected",
                 "per": "payment", "where": {"days_past_due": {"from": "91"}}, "rate": "15%", "multiplier": "CALLQ",
                 "holdback": {"share": "20%", "release_after_days": 60}, "gl_account": "6151"},
                {"code": "ASSETS", "title": "Bikes brought in, papers complete", "kind": "per_unit",
                 "measure": "assets_recovered", "per": "period", "amount": "1500", "gl_account": "6150"},
            ],
            "gate": [{"code": "QUALITY", "kpi": "qc_score", "at_least": "93%", "otherwise": "nothing"}],
            "multiplier": [{"code": "CALLQ", "kpi": "qc_score", "bands": [
                {"from": "0%", "factor": "0.8"}, {"from": "90%", "factor": "1"}, {"from": "95%", "factor": "1.1"}]}],
            "override": [{"code": "LEAD", "title": "Team leader's share", "role": "team_leader", "of": "field_agent",
                          "rate": "5%", "base": "commission", "gl_account": "6150"}],
            "guarantee": [{"role": "field_agent", "amount": "5000", "kind": "top_up"}],
            "carry": {"recover_at_most": "50%"},
            "withholding": [{"country": currency[:2], "payee_type": "contractor", "rate": "5%",
                             "from": date(2024, 1, 1)}],
        }
    )  # fmt: skip


@dataclass
class Made:
    """A run being made: lines and payments are added, then `run()` adds them up."""

    plan: Plan
    lines: list[dict[str, Any]] = field(default_factory=list)
    credit: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    agents: list[dict[str, Any]] = field(default_factory=list)
    carried_in: dict[str, int] = field(default_factory=dict)
    _sorted: tuple[int, dict[str, list[dict[str, Any]]]] = field(default_factory=lambda: (-1, {}))

    @property
    def digits(self) -> int:
        return minor_digits(self.plan.currency)

    def minor(self, amount: str) -> int:
        return to_minor(Decimal(amount), self.digits)

    def agent(self, agent_id: str, name: str, **details: str) -> None:
        row = dict.fromkeys(AGENT_COLUMNS, "") | {"agent_id": agent_id, "name": name, "role": "field_agent"} | details
        self.agents.append(row)

    def line(self, agent_id: str, kind: str, component: str, amount: str, **more: Any) -> dict[str, Any]:
        row = {
            "line_id": f"L{len(self.lines) + 1:06d}", "kind": kind, "agent_id": agent_id, "component": component,
            "period": "2026-10", "currency": self.plan.currency, "plan_id": self.plan.id,
            "plan_version": self.plan.version, "payment_id": "", "account_id": "", "date": None, "base": "",
            "rate": "", "factor": "1" if kind == "earn" else "", "amount": self.minor(amount), "reason": "",
            "credited_by": "", "earned_for": "", "due_on": None, "reverses_line": "", "source": "", "source_id": "",
        } | more  # fmt: skip
        self.lines.append(row)
        return row

    def payment(self, agent_id: str, amount: int, day: date, **more: Any) -> dict[str, Any]:
        number = len(self.credit) + 1
        row = {
            "payment_id": f"TXN-{88000 + number}", "account_id": f"ACC-{4000 + number % 97}", "agent_id": agent_id,
            "credited_by": "owner", "status": "credited", "reason": "", "paid_on": day,
            "paid_at": f"{day}T10:15:00+03:00", "amount": amount, "counted": amount, "days_past_due": 12,
            "reverses": "", "earned_for": "", "source_file": "payments_oct.csv", "source_row": number + 1,
        } | more  # fmt: skip
        self.credit.append(row)
        return row

    def earn_over_payments(
        self, agent_id: str, component: str, base: str, rate: str, factor: str, count: int, why: str, **more: Any
    ) -> None:
        """`base` shared over `count` payments, the line rounded once and its pieces by largest remainder."""
        bases = shared_out(self.minor(base), [Fraction(self.minor(base), count)] * count)
        exact = [piece * Fraction(rate) * Fraction(factor) for piece in bases]
        amounts = shared_out(rounded(sum(exact, Fraction(0)), "half_up"), exact)
        for number, (piece, amount) in enumerate(zip(bases, amounts, strict=True)):
            paid = self.payment(agent_id, piece, date(2026, 10, 1) + timedelta(days=number * 2 % 29), **more)
            self.line(
                agent_id, "earn", component, "0", payment_id=paid["payment_id"], account_id=paid["account_id"],
                date=paid["paid_on"], base=plain(piece, self.digits), rate=rate, factor=factor, reason=why,
                credited_by="owner", source="payments", source_id=paid["payment_id"],
            )["amount"] = amount  # fmt: skip

    def component(self, agent_id: str, code: str, **more: Any) -> None:
        part = self.plan.component(code)
        own = [line for line in self.lines[-500:] if line["agent_id"] == agent_id]
        amount = sum(line["amount"] for line in own if (line["component"], line["kind"]) == (code, "earn"))
        row = {
            "agent_id": agent_id, "component": code, "title": part.title if part else code, "measure": "collected",
            "base": "", "target": "", "attainment": "", "band": "", "would_have_earned": amount, "gate": "",
            "gate_took": 0, "factor": "1", "cap_took": 0, "floor_gave": 0, "amount": amount, "one_more": "", "note": "",
        } | more  # fmt: skip
        self.components.append(row)

    def run(self) -> CommissionRun:
        lines = pl.DataFrame(self.lines, schema=LINE_TYPES).sort("agent_id", maintain_order=True)
        sheet = pl.DataFrame([self._sheet_row(agent) for agent in sorted(self.agents, key=lambda a: a["agent_id"])])
        credit = pl.DataFrame(self.credit, schema=CREDIT_TYPES)
        return CommissionRun(
            plans=PlanVersions(versions=(self.plan,), hashes={self.plan.version: PROVENANCE["plan_hash"]}),
            plan=self.plan, period=PERIOD, as_of=date(2026, 10, 31), digits=self.digits, lines=lines, sheet=sheet,
            credit=credit, components=pl.DataFrame(self.components, schema=COMPONENT_TYPES),
            agents=pl.DataFrame(self.agents, schema=dict.fromkeys(AGENT_COLUMNS, pl.String)),
            control=_control(self.credit), problems=(),
        )  # fmt: skip

    def _lines_of(self, agent_id: str) -> list[dict[str, Any]]:
        if self._sorted[0] != len(self.lines):
            by_agent: dict[str, list[dict[str, Any]]] = {}
            for line in self.lines:
                by_agent.setdefault(line["agent_id"], []).append(line)
            self._sorted = (len(self.lines), by_agent)
        return self._sorted[1].get(agent_id, [])

    def _sheet_row(self, agent: dict[str, Any]) -> dict[str, Any]:
        agent_id = agent["agent_id"]
        own = self._lines_of(agent_id)

        def of(kinds: Sequence[str], component: str | None = None) -> int:
            return sum(x["amount"] for x in own if x["kind"] in kinds and component in (None, x["component"]))

        columns = {part.code: of(["earn", "cap_carry"], part.code) for part in self.plan.components}
        columns |= {override.code: of(["override"], override.code) for override in self.plan.overrides}
        columns |= {
            "adjustments": of(["adjust"]), "clawback": of(["clawback"]), "holdback": of(["holdback"]),
            "released": of(["release"]), "guarantee": of(["guarantee"]),
        }  # fmt: skip
        gross = sum(columns.values())
        withholding, carried_in = of(["withholding"]), self.carried_in.get(agent_id, 0)
        net = gross + withholding
        available = net + carried_in
        if carried_in < 0 < net and self.plan.carry:
            available = max(available, net // 2)  # the made plan recovers at most half
        unit = self.minor(str(self.plan.payout_unit))
        whole = available // unit * unit
        payable = whole if whole > 0 and whole >= self.minor(str(self.plan.min_payout)) else 0
        return {
            "agent_id": agent_id, "name": agent["name"], "currency": self.plan.currency, **columns, "gross": gross,
            "withholding": withholding, "net": net, "carried_in": carried_in, "payable": payable,
            "carried_out": net + carried_in - payable, "held_balance": -columns["holdback"], "draw_balance": 0,
        }  # fmt: skip


def _control(credit: list[dict[str, Any]]) -> dict[str, Any]:
    def total(rows: list[dict[str, Any]]) -> dict[str, int]:
        return {"rows": len(rows), "amount": sum(row["amount"] for row in rows)}

    by_status = {s: [row for row in credit if row["status"] == s] for s in ("credited", "excluded", "unattributed")}
    rules = sorted({row["credited_by"] for row in by_status["credited"]})
    reasons = sorted({row["reason"] for row in by_status["excluded"]})
    rejected = {"rows": 2, "amount": 150000, "unreadable": 1}
    inside = total(credit)
    return {
        "payments_in": {"rows": inside["rows"] + 2, "amount": inside["amount"] + rejected["amount"]},
        "credited": total(by_status["credited"]),
        "credited_by": {r: total([x for x in by_status["credited"] if x["credited_by"] == r]) for r in rules},
        "excluded": {r: total([x for x in by_status["excluded"] if x["reason"] == r]) for r in reasons},
        "unattributed": total(by_status["unattributed"]),
        "rejected": rejected,
    }


def october() -> CommissionRun:
    """Six people in Nakuru: Brian as on the picture of a statement, a leader, a guarantee, a debt, nothing to pay."""
    made = Made(plan())
    paid_by_phone = {"pay_channel": "mobile_money", "provider": "M-PESA", "payee_type": "contractor"}
    made.agent("A017", "Brian Otieno", branch="Nakuru", team="Rift", cost_centre="CC-110", legal_name="Brian Otieno",
               tax_id="A004455667K", msisdn="254712345678", payee_no="V-17", **paid_by_phone)  # fmt: skip
    made.agent("A018", "Asha Mrema", branch="Nakuru", team="Rift", cost_centre="CC-110", pay_channel="bank",
               bank_code="01", branch_code="094", account_no="0012345678901", payee_type="employee")  # fmt: skip
    made.agent("A019", "Neema Shayo", branch="Nakuru", cost_centre="CC-120", msisdn="254733000111", **paid_by_phone)
    made.agent("A020", '=HYPERLINK("http://x","Juma")', branch="Eldoret", cost_centre="CC-120", **paid_by_phone)
    made.agent("A021", "Salum Bakari Abdulrahman Mwinyihaji", branch="Eldoret", pay_channel="payroll",
               payee_type="employee", payee_no="EMP-0021")  # fmt: skip
    made.agent("TL01", "Rehema Ally", role="team_leader", branch="Nakuru", cost_centre="CC-100", pay_channel="payroll",
               payee_type="employee", payee_no="EMP-0001")  # fmt: skip
    _brian(made)
    made.earn_over_payments("A018", "CASH", "512345.67", "0.01", "1", 9, "1 % up to 80 % of 1,320,000")
    made.component("A018", "CASH", base="512345.67", target="1320000.00", attainment="0.3881", band="0% to 80%",
                   one_more="1,000 more collected pays 10.00")  # fmt: skip
    made.line("A018", "adjust", "CASH", "250.00", reason="Fuel in September, receipt 114", date=date(2026, 10, 9))
    made.line("A019", "guarantee", "", "5000.00", reason="nothing earned; guaranteed 5,000 in the first months")
    made.line("A019", "withholding", "", "-250.00", base="5000.00", rate="0.05", reason="5 % of the whole amount")
    made.component("A019", "CASH", would_have_earned=123400, gate="QUALITY: call quality 91 %, under 93 %: nothing",
                   gate_took=123400, base="123400.00", target="1320000.00", attainment="0.0935")  # fmt: skip
    made.line("A020", "clawback", "CASH", "-1250.55", base="-62527.50", rate="0.02", factor="1", payment_id="TXN-70001",
              reason="payment of 3 September taken back", date=date(2026, 10, 4), reverses_line="L000871")  # fmt: skip
    made.earn_over_payments("A021", "CASH", "7850.00", "0.01", "1", 3, "1 % up to 80 % of 1,320,000")
    made.line("TL01", "override", "LEAD", "2033.60", base="40672.00", rate="0.05", factor="1",
              reason="5 % of what the team earned")  # fmt: skip
    made.carried_in = {"A017": 59, "A018": -150000}
    for day, reason in ((3, "other period"), (5, "product not in the plan")):
        made.payment("A017", 50000, date(2026, 10, day), status="excluded", reason=reason, counted=0)
    made.payment("", 98000, date(2026, 10, 6), status="unattributed", reason="no rule names an agent", counted=0,
                 credited_by="")  # fmt: skip
    return made.run()


def _brian(made: Made) -> None:
    made.earn_over_payments("A017", "CASH", "1056000.00", "0.01", "1.1", 14, "1 % up to 80 % of 1,320,000")
    made.earn_over_payments("A017", "CASH", "228500.00", "0.02", "1.1", 4, "2 % on what came after")
    made.earn_over_payments("A017", "ARREARS", "96400.00", "0.15", "1.1", 23, "15 % of payments over 90 days late",
                            days_past_due=112)  # fmt: skip
    for asset in ("KMFA 221X", "KMEX 904P"):
        made.line("A017", "earn", "ASSETS", "1500.00", base="1", rate="1500.00", reason=f"{asset} brought in",
                  date=date(2026, 10, 12), source="recoveries", source_id=f"R-{asset[-4:]}")  # fmt: skip
    made.line("A017", "clawback", "CASH", "-240.00", base="-12000.00", rate="0.02", factor="1", payment_id="TXN-77120",
              reason="paid in September at 2 %, taken back on 7 October", date=date(2026, 10, 7))  # fmt: skip
    made.line("A017", "holdback", "ARREARS", "-3181.20", base="15906.00", rate="0.2", due_on=date(2026, 12, 29),
              reason="20 % of arrears, for 60 days")  # fmt: skip
    made.line("A017", "withholding", "", "-1606.39", base="32127.80", rate="0.05", reason="5 % of the whole amount")
    made.component("A017", "CASH", base="1284500.00", target="1320000.00", attainment="0.973106", band="80% to 100%",
                   factor="1.1", one_more="1,000 more collected pays 22.00")  # fmt: skip
    made.component("A017", "ARREARS", base="96400.00", factor="1.1", one_more="1,000 more collected pays 165.00")
    made.component("A017", "ASSETS", base="2", measure="assets_recovered")


def in_shillings() -> CommissionRun:
    """A currency without minor digits, paid in steps of 500."""
    made = Made(plan("UGX", payout_unit="500", min_payout="5000"))
    for number, base in enumerate(("18450000", "999", "0"), 1):
        made.agent(f"U{number}", f"Agent {number}", cost_centre="KLA", pay_channel="mobile_money", provider="MTN",
                   msisdn=f"25677200000{number}")  # fmt: skip
        if base != "0":
            made.earn_over_payments(f"U{number}", "CASH", base, "0.025", "1", 7, "2.5 % from 100 % on")
        else:
            made.line(f"U{number}", "adjust", "", "-4250", reason="Lost receipt book")
    return made.run()


def of_size(agents: int, payments: int) -> CommissionRun:
    """Many agents with so many payments each, for time and for the short form above 50,000 lines."""
    made = Made(plan())
    for number in range(agents):
        agent_id = f"A{number:05d}"
        made.agent(agent_id, f"Agent {number}", cost_centre=f"CC-{number % 7}", pay_channel="mobile_money",
                   provider="M-PESA", msisdn=f"2547{number:08d}", payee_type="contractor")  # fmt: skip
        low = payments // 2
        made.earn_over_payments(agent_id, "CASH", f"{100000 + number}.13", "0.01", "1.1", low, "1 % up to 80 %")
        made.earn_over_payments(agent_id, "CASH", f"{50000 + number}.77", "0.02", "1.1", payments - low, "2 % after")
        made.component(agent_id, "CASH", attainment="0.9", target="170000", base=f"{150000 + 2 * number}.90")
    return made.run()
