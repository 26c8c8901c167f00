"""A batch: what Finance is asked to pay, agent by agent. Nothing of a customer goes in here."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from toolkit.look import period_words, references, said
from toolkit.money import to_minor

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

PAY_DETAILS = ("pay_channel", "provider", "msisdn", "bank_code", "branch_code", "account_no")


@dataclass(frozen=True)
class Payee:
    """One agent: `agent` from the agents table, `sheet` from the commission sheet (minor units)."""

    agent: Mapping[str, str]
    sheet: Mapping[str, Any]
    taxable: int
    reference: str
    narration: str

    def text(self, column: str) -> str:
        return self.agent.get(column) or ""

    @property
    def paid(self) -> bool:
        return bool(self.sheet["payable"] > 0)


@dataclass(frozen=True)
class Batch:
    """All payees of a run, in the order of the sheet."""

    batch_id: str
    payees: Sequence[Payee]

    @property
    def paid(self) -> list[Payee]:
        return [payee for payee in self.payees if payee.paid]

    @property
    def unpaid(self) -> list[Payee]:
        return [payee for payee in self.payees if not payee.paid]

    @property
    def details_hash(self) -> str:
        """SHA-256 over who is paid how much and where: it changes with any digit of an account."""
        rows = (
            "|".join((payee.reference, *(payee.text(name) for name in PAY_DETAILS), str(payee.sheet["payable"])))
            for payee in self.paid
        )
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()

    def total(self, column: str) -> int:
        return sum(payee.sheet[column] for payee in self.payees)


def batch_of(run: "CommissionRun", lines_hash: str) -> Batch:
    """The batch of a run; its id names plan, version, period and the lines it was made from."""
    label = f"{run.plan.id}/{run.period.label}"
    ids = run.sheet["agent_id"].to_list()
    names = references(f"{label}/{agent_id}" for agent_id in ids)
    agents = {row["agent_id"]: row for row in run.agents.iter_rows(named=True)}
    taxable = _taxable(run)
    narration = said("WORKBOOK_NARRATION", period=period_words(run.period), plan=run.plan.id)
    payees = [
        Payee(
            agents.get(row["agent_id"], {}),
            row,
            taxable.get(row["agent_id"], 0),
            names[f"{label}/{row['agent_id']}"],
            narration,
        )
        for row in run.sheet.iter_rows(named=True)
    ]
    return Batch(f"{run.plan.id}-v{run.plan.version}-{run.period.label}-{lines_hash[:8]}", payees)


def _taxable(run: "CommissionRun") -> dict[str, int]:
    """The amount that each agent's withholding tax was worked out on."""
    taxed = run.lines.filter((pl.col("kind") == "withholding") & (pl.col("base") != ""))
    found: dict[str, int] = {}
    for agent_id, base in taxed.select("agent_id", "base").iter_rows():
        found[agent_id] = found.get(agent_id, 0) + to_minor(Decimal(base), run.digits)
    return found
