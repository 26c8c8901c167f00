"""Why an amount is what it is: an agent, a payment or a line of a run, in words and sums that re-add.

Everything comes from the run folder, so that the explanation is of what was paid and not of a second
calculation. Sections have rows of (what, figure, why); the figures of a section add up to its total.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.money import percentage, worded
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.runs import NOT_MONEY, StoredRun
from toolkit.steps.sheet import SHEET_TAIL


@dataclass(frozen=True)
class Row:
    """One line of an explanation: `amount` in minor units, None where there is only something to say."""

    what: str
    amount: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Section:
    """Rows that add up to `total`; `notes` are sentences under it."""

    title: str
    rows: Sequence[Row]
    total: int | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Explanation:
    """A page: who or what it is about, the sections, and what to look at next."""

    title: str
    subtitle: str
    currency: str
    digits: int
    sections: Sequence[Section]
    hints: Sequence[str] = field(default_factory=tuple)

    def figure(self, amount: int | None) -> str:
        return "" if amount is None else worded(amount, self.digits)


def explain_agent(run: StoredRun, agent_id: str) -> Explanation:
    """The whole sheet row of an agent, built up from the lines. `ToolkitError` for an agent the run does not have."""
    row = _sheet_row(run, agent_id)
    lines = run.lines.filter(pl.col("agent_id") == agent_id)
    sections = [*_component_sections(run, agent_id, lines), *_other_sections(run, lines)]
    sections.append(_ladder(run, row))
    hints = [text for text in run.components.filter(pl.col("agent_id") == agent_id)["one_more"].to_list() if text]
    return Explanation(
        title=f"{row['name'] or agent_id} ({agent_id})",
        subtitle=_subtitle(run),
        currency=run.record["currency"],
        digits=run.digits,
        sections=sections,
        hints=hints,
    )


def explain_payment(run: StoredRun, payment_id: str) -> Explanation:
    """What became of a payment: whose it is and by which rule, and every line it stands in."""
    found = run.credit.filter(pl.col("payment_id") == payment_id)
    if not len(found):
        raise ToolkitError([_unknown("PAYMENT_NOT_IN_RUN", run, payment_id, run.credit["payment_id"].to_list())])
    payment = found.row(0, named=True)
    own = run.lines.filter(pl.col("payment_id") == payment_id)
    sections = [Section("The payment", list(_payment_rows(payment)))]
    sections += [
        Section(
            f"{kind.capitalize()} lines",
            [_line_row(line) for line in part.iter_rows(named=True)],
            int(part["amount"].sum()),
        )
        for kind in own["kind"].unique(maintain_order=True).to_list()
        if len(part := own.filter(pl.col("kind") == kind))
    ]
    if not len(own):
        sections.append(Section("Lines", [Row("no line", None, "no component of the plan pays on it")]))
    return Explanation(f"Payment {payment_id}", _subtitle(run), run.record["currency"], run.digits, sections)


def explain_line(run: StoredRun, line_id: str) -> Explanation:
    """One line, what it came from, and what later happened to it in this run."""
    found = run.lines.filter(pl.col("line_id") == line_id)
    if not len(found):
        raise ToolkitError([_unknown("LINE_NOT_IN_RUN", run, line_id, run.lines["line_id"].to_list())])
    line = found.row(0, named=True)
    facts = [Row(f"{name.replace('_', ' ')}: {line[name]}") for name in FACTS if line[name] not in (None, "")]
    sections = [Section("The line", [_line_row(line)], line["amount"]), Section("What it rests on", facts)]
    after = run.lines.filter(pl.col("reverses_line") == line_id)
    if len(after):
        sections.append(Section("What followed from it", [_line_row(one) for one in after.iter_rows(named=True)]))
    return Explanation(f"Line {line_id}", _subtitle(run), run.record["currency"], run.digits, sections)


FACTS = (
    "kind",
    "agent_id",
    "component",
    "plan_version",
    "payment_id",
    "account_id",
    "date",
    "credited_by",
    "earned_for",
    "due_on",
    "reverses_line",
    "source",
    "source_id",
)


def _subtitle(run: StoredRun) -> str:
    plan = run.record["plan"]
    title = plan["title"] or plan["id"]
    return f"{title}, version {plan['version']} · {run.period} · all amounts in {run.record['currency']}"


def _sheet_row(run: StoredRun, agent_id: str) -> Mapping[str, Any]:
    found = run.sheet.filter(pl.col("agent_id") == agent_id)
    if not len(found):
        raise ToolkitError([_unknown("AGENT_NOT_IN_RUN", run, agent_id, run.sheet["agent_id"].to_list())])
    return found.row(0, named=True)


def _unknown(code: str, run: StoredRun, value: str, known: Sequence[str]) -> Problem:
    close = get_close_matches(value, list(dict.fromkeys(known))[:50_000], n=3)
    hint = f"Did you mean {', '.join(close)}?" if close else ""
    return problem(code, value=value, period=run.period, hint=hint)


# --- components ------------------------------------------------------------------------------------


def _component_sections(run: StoredRun, agent_id: str, lines: pl.DataFrame) -> Iterable[Section]:
    standing = run.components.filter(pl.col("agent_id") == agent_id)
    for row in standing.iter_rows(named=True):
        own = lines.filter((pl.col("component") == row["component"]) & pl.col("kind").is_in(["earn", "cap_carry"]))
        yield Section(
            f"{row['title']} [{row['component']}]", _summed(own, run.digits), int(own["amount"].sum()), _notes(run, row)
        )


def _summed(lines: pl.DataFrame, digits: int) -> list[Row]:
    """Lines of the same rate, factor and reason as one row, with how many and of how much."""
    if not len(lines):
        return [Row("nothing counted", 0)]
    base = pl.col("base").replace("", "0").cast(pl.Decimal(38, 8)).sum()
    grouped = lines.group_by("rate", "factor", "reason", maintain_order=True).agg(
        base=base, rows=pl.len(), amount=pl.col("amount").sum(), based=(pl.col("base") != "").any()
    )
    return [_summed_row(row, digits) for row in grouped.iter_rows(named=True)]


def _summed_row(row: Mapping[str, Any], digits: int) -> Row:
    base = _grouped(f"{row['base'].normalize():f}", digits) if row["based"] else ""
    factor = "" if row["factor"] in ("", "1") else f" x {row['factor']}"
    rate = "" if row["rate"] == "" else f" x {_rate(row['rate'])}"
    count = f"{row['rows']:,} {'piece' if row['rows'] == 1 else 'pieces'}"
    return Row(
        f"{base}{rate}{factor}" if base else count,
        row["amount"],
        f"{row['reason']} ({count})" if base else row["reason"],
    )


def _rate(rate: str) -> str:
    """A share as a percentage, an amount for each as it is."""
    exact = Fraction(rate)
    return percentage(exact * 1_000_000) if abs(exact) < 1 else rate


def _notes(run: StoredRun, row: Mapping[str, Any]) -> list[str]:
    notes = []
    if row["target"]:
        met = percentage(_ppm(row["attainment"]), 2)
        notes.append(
            f"{_grouped(row['base'], run.digits)} of a target of {_grouped(row['target'], run.digits)}: {met}. {row['band']}".strip()
        )
    if row["gate"]:
        took = worded(row["gate_took"], run.digits)
        would = worded(row["would_have_earned"], run.digits)
        notes.append(f"{row['gate']}. Without the gate it would have been {would}; it took {took}.")
    if row["cap_took"]:
        notes.append(f"The cap took {worded(row['cap_took'], run.digits)}.")
    if row["floor_gave"]:
        notes.append(f"The floor gave {worded(row['floor_gave'], run.digits)}.")
    if row["one_more"]:
        notes.append(f"{row['one_more']}.")
    return notes


def _ppm(text: str) -> Fraction:
    return Fraction(text or "0") * 1_000_000


def _grouped(text: str, digits: int) -> str:
    """A plain decimal as people read it; what has digits behind the point has the currency's at least."""
    exact = Decimal(text)
    if exact == exact.to_integral_value():
        return f"{int(exact):,}"
    return f"{exact:,f}" if -int(exact.as_tuple().exponent) >= digits else f"{exact:,.{digits}f}"


# --- everything else --------------------------------------------------------------------------------

OTHER_KINDS = {
    "override": "From the team",
    "adjust": "Adjustments",
    "clawback": "Taken back",
    "holdback": "Held back",
    "release": "Released",
    "guarantee": "Guarantee",
    "withholding": "Withheld",
}


def _other_sections(run: StoredRun, lines: pl.DataFrame) -> Iterable[Section]:
    for kind, title in OTHER_KINDS.items():
        own = lines.filter(pl.col("kind") == kind)
        if len(own):
            yield Section(title, _by_reason(own), int(own["amount"].sum()))


def _by_reason(lines: pl.DataFrame) -> list[Row]:
    grouped = lines.group_by("component", "reason", "due_on", maintain_order=True).agg(
        rows=pl.len(), amount=pl.col("amount").sum()
    )
    return [
        Row(
            row["component"] or "-",
            row["amount"],
            row["reason"] + (f" ({row['rows']:,} lines)" if row["rows"] > 1 else ""),
        )
        for row in grouped.iter_rows(named=True)
    ]


LADDER = (
    ("adjustments", "adjustments"),
    ("clawback", "taken back"),
    ("holdback", "held back"),
    ("released", "released"),
    ("guarantee", "guarantee"),
)


def _ladder(run: StoredRun, row: Mapping[str, Any]) -> Section:
    """The sheet's row, added up the way the sheet adds it."""
    codes = [name for name in run.sheet.columns if name not in NOT_MONEY and name not in SHEET_TAIL]
    rows = [Row(code, row[code]) for code in codes if row[code]]
    rows += [Row(words, row[name]) for name, words in LADDER if row[name]]
    rows.append(Row("= gross", row["gross"]))
    if row["withholding"]:
        rows.append(Row("withholding tax", row["withholding"]))
    rows.append(Row("= net", row["net"]))
    if row["carried_in"]:
        rows.append(Row("carried in from the period before", row["carried_in"]))
    notes = []
    if row["carried_out"]:
        notes.append(f"{worded(row['carried_out'], run.digits)} is carried to the next period.")
    if row["held_balance"]:
        notes.append(f"{worded(row['held_balance'], run.digits)} is held back in all and still to come.")
    if row["draw_balance"]:
        notes.append(f"{worded(row['draw_balance'], run.digits)} of advances is still to be recovered.")
    return Section("To be paid", rows, row["payable"], notes)


# --- one payment, one line -------------------------------------------------------------------------

RULES = {
    "named": "the payment itself names the agent",
    "promise": "it answers a promise the agent was given",
    "contact": "the agent was the last to reach the customer",
    "owner": "the account was the agent's that day",
}


def _payment_rows(payment: Mapping[str, Any]) -> Iterable[Row]:
    yield Row(f"paid on {payment['paid_on']} for account {payment['account_id']}", payment["amount"], _source(payment))
    if payment["counted"] != payment["amount"]:
        yield Row("counted after reversals of the period", payment["counted"])
    if payment["status"] == "credited":
        yield Row(f"credited to {payment['agent_id']}", None, RULES.get(payment["credited_by"], payment["credited_by"]))
    else:
        yield Row(payment["status"], None, payment["reason"] or "no rule names an agent")
    if payment["days_past_due"] is not None:
        yield Row(f"{payment['days_past_due']} days past due the day before")
    if payment["earned_for"]:
        yield Row(f"came late, belongs to {payment['earned_for']}")
    if payment["reverses"]:
        yield Row(f"takes back {payment['reverses']}", None, payment["reason"])


def _source(payment: Mapping[str, Any]) -> str:
    return f"{payment['source_file']} row {payment['source_row']}" if payment["source_file"] else ""


def _line_row(line: Mapping[str, Any]) -> Row:
    parts = [line["base"]] if line["base"] else []
    parts += [_rate(line["rate"])] if line["rate"] else []
    parts += [line["factor"]] if line["factor"] not in ("", "1") and parts else []
    what = " x ".join(parts) or line["kind"]
    return Row(f"{line['agent_id']} {line['component']}: {what}".replace(" :", ":"), line["amount"], line["reason"])
