"""Field commissions: payments and a plan in, lines and the sheet out.

The order of computation: credit -> counted rows -> bands -> gates, factor, floor, cap -> plan cap ->
rounded once to the line and shared out to its pieces -> overrides -> holdback and releases -> clawbacks
and adjustments -> guarantee -> withholding -> carried and cut down to payout units. Pure: no files, no
clock, no chance; the same input gives the same lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.earlier import NO_EARLIER, EarlierPeriods
from toolkit.periods import Period
from toolkit.plans import Credit, Plan, PlanVersions
from toolkit.problems import Problem
from toolkit.rows import Frame
from toolkit.steps.adjustments import adjustment_lines
from toolkit.steps.capped import cap_carry_lines
from toolkit.steps.clawbacks import clawback_lines
from toolkit.steps.components import Payable, payables
from toolkit.steps.earnings import earnings
from toolkit.steps.fates import all_problems, control_totals, credit_table, fates_of
from toolkit.steps.holdbacks import due_at_once, holdback_lines, release_lines
from toolkit.steps.leaders import override_lines
from toolkit.steps.lines import earn_lines
from toolkit.steps.month import WEEKDAYS, Month, without_rows
from toolkit.steps.numbering import held_marked, numbered
from toolkit.steps.ready import made_ready
from toolkit.steps.segments import segments
from toolkit.steps.sheet import settled, sheet_table
from toolkit.steps.standing import component_table


@dataclass(frozen=True)
class CommissionRun:
    """The commissions of one plan and period. Money in all frames is int64 minor units.

    plan: the version in force at the period's end. lines: every line, an agent's add up to the sheet's
    net. sheet: one row an agent. credit: what became of each payment. components: how each agent stands
    under each component. agents: names and payment details at the period's end. control: where the
    payments' money went; it adds up.
    """

    plans: PlanVersions
    plan: Plan
    period: Period
    as_of: date
    digits: int
    lines: pl.DataFrame
    sheet: pl.DataFrame
    credit: pl.DataFrame
    components: pl.DataFrame
    agents: pl.DataFrame
    control: dict[str, Any]
    problems: tuple[Problem, ...]


def calculate(
    tables: Mapping[str, Any],
    plans: PlanVersions,
    period: Period,
    *,
    credit: Credit | None = None,
    as_of: date | None = None,
    earlier: EarlierPeriods = NO_EARLIER,
    working_week: Sequence[str] = WEEKDAYS[:5],
) -> CommissionRun:
    """The commissions of a period.

    tables: frames by the names of the table reference (pandas, Polars or another that Narwhals knows),
      money in minor units of the plan's currency, times in the local time zone.
    plans: all versions of one plan. credit: the rules of the profile, for a plan that has none.
    as_of: the day the data stand at; absent, the last day of the period.
    earlier: the periods before, for clawbacks, releases, carried amounts and late payments.

    Raises `ToolkitError` with everything that is in the way: no plan in force, no rules for credit, an
    earlier period missing.
    """
    frames = {name: _on_polars(table) for name, table in tables.items()}
    del tables  # whoever gives them up need not keep them in memory
    month = made_ready(frames, plans, period, credit, as_of, earlier, working_week)
    del frames
    earned, due, standing = _earned(month)
    clawbacks = clawback_lines(month, month.all_payments.to_polars())
    fates = fates_of(month.all_payments)
    parts = _all_but_the_last(month, earned, due, clawbacks)
    del earned
    problems = all_problems(month, month.all_payments)
    credits, control = credit_table(month, fates), control_totals(fates)
    del fates
    month = without_rows(month)
    rows, late_lines = settled(month, parts)
    parts.append(late_lines)
    lines = numbered(month, parts)
    return CommissionRun(
        plans=plans,
        plan=month.plan,
        period=period,
        as_of=month.as_of,
        digits=month.digits,
        lines=lines,
        sheet=sheet_table(month, rows),
        credit=credits,
        components=standing,
        agents=_agents_table(month, [row.agent_id for row in rows]),
        control=control,
        problems=tuple(dict.fromkeys([*problems, *month.problems])),
    )


def _earned(month: Month) -> tuple[pl.DataFrame, dict[tuple[str, str], Payable], pl.DataFrame]:
    """(earn lines, what is payable, how each agent stands); the pieces they come from are let go."""
    by_segment = [earnings(month, segment) for segment in segments(month)]
    due = payables(month, by_segment)
    standing = component_table(month, by_segment, due)
    earned = held_marked(earn_lines(month, by_segment, due), due).with_row_index("_n")
    return earned.with_columns(pl.col("_n").cast(pl.Int64)), due, standing


def _all_but_the_last(
    month: Month, earned: pl.DataFrame, due: Mapping[tuple[str, str], Payable], clawbacks: pl.DataFrame
) -> list[pl.DataFrame]:
    """All lines but guarantees and taxes, which rest on the sums of these."""
    held = holdback_lines(month, earned, due).with_row_index("_n", offset=len(earned))
    held = held.with_columns(pl.col("_n").cast(pl.Int64))
    return [
        earned.drop("_held_by_gate"),
        cap_carry_lines(month, due),
        override_lines(month, earned, clawbacks),
        adjustment_lines(month),
        clawbacks.drop("leader_day"),
        held,
        due_at_once(month, held),
        release_lines(month, clawbacks),
    ]


def _on_polars(table: Any) -> Frame:
    """The rows are worked on by functions that serve every engine; a calculation on one machine uses Polars."""
    return nw.from_native(nw.from_native(table, eager_only=True).to_polars(), eager_only=True)


DETAILS = (
    "payee_no",
    "legal_name",
    "tax_id",
    "pay_channel",
    "provider",
    "msisdn",
    "bank_code",
    "branch_code",
    "account_no",
    "cost_centre",
)


def _agents_table(month: Month, agents: Sequence[str]) -> pl.DataFrame:
    """Names, roles and payment details of the row at the period's end, "" where unknown."""
    rows = []
    for agent in agents:
        post = month.teams.latest(agent, month.period.last)
        details = post.details if post else {}
        row = {name: getattr(post, name, "") for name in ("name", "role", "team", "branch", "country", "payee_type")}
        rows.append({"agent_id": agent, **row, **{name: str(details.get(name) or "") for name in DETAILS}})
    names = ["agent_id", "name", "role", "team", "branch", "country", "payee_type", *DETAILS]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
