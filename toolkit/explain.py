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

from toolkit.money import PPM, multiplied, percentage, worded
from toolkit.plans import MONEY_MEASURES
from toolkit.problems import Problem, ToolkitError, problem, said
from toolkit.runs import NOT_MONEY
from toolkit.steps.sheet import SHEET_TAIL
from toolkit.stored_runs import StoredRun


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


def explain_payment(run: StoredRun, payment_id: str, agent_id: str = "") -> Explanation:
    """What became of a payment: whose it is and by which rule, and every line it stands in.

    agent_id: whom it is asked about; a payment that has nothing to do with that agent is refused.
    """
    found = run.credit.filter(pl.col("payment_id") == payment_id)
    if not len(found):
        raise ToolkitError([_unknown("PAYMENT_NOT_IN_RUN", run, payment_id, run.credit["payment_id"].to_list())])
    payment = found.row(0, named=True)
    own = run.lines.filter(pl.col("payment_id") == payment_id)
    _refuse_stranger(agent_id, payment_id, {payment["agent_id"], *own["agent_id"].to_list()})
    sections = [Section(said("EXPLAIN_THE_PAYMENT"), list(_payment_rows(payment)))]
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
        sections.append(Section(said("EXPLAIN_THE_LINES"), [Row(said("EXPLAIN_NO_LINE"))]))
    return Explanation(f"Payment {payment_id}", _subtitle(run), run.record["currency"], run.digits, sections)


def explain_line(run: StoredRun, line_id: str, agent_id: str = "") -> Explanation:
    """One line, what it came from, and what later happened to it in this run."""
    found = run.lines.filter(pl.col("line_id") == line_id)
    if not len(found):
        raise ToolkitError([_unknown("LINE_NOT_IN_RUN", run, line_id, run.lines["line_id"].to_list())])
    line = found.row(0, named=True)
    _refuse_stranger(agent_id, line_id, {line["agent_id"]})
    facts = [Row(f"{name.replace('_', ' ')}: {line[name]}") for name in FACTS if line[name] not in (None, "")]
    sections = [
        Section(said("EXPLAIN_THE_LINE"), [_line_row(line)], line["amount"]),
        Section(said("EXPLAIN_RESTS_ON"), facts),
    ]
    after = run.lines.filter(pl.col("reverses_line") == line_id)
    if len(after):
        sections.append(Section(said("EXPLAIN_FOLLOWED"), [_line_row(one) for one in after.iter_rows(named=True)]))
    return Explanation(f"Line {line_id}", _subtitle(run), run.record["currency"], run.digits, sections)


def _refuse_stranger(agent_id: str, value: str, concerned: set[str]) -> None:
    if agent_id and agent_id not in concerned:
        raise ToolkitError([problem("LINE_OF_ANOTHER_AGENT", value=value, agent=agent_id)])


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
        summed = _summed(own)
        rows = [_summed_row(one, _rate_kind(row), run.digits) for one in summed]
        notes = [said("EXPLAIN_CENTS")] if any(_off_by_cents(one, run.digits) for one in summed) else []
        yield Section(
            f"{row['title']} [{row['component']}]",
            rows or [Row(said("EXPLAIN_NOTHING"), 0)],
            int(own["amount"].sum()),
            [*notes, *_notes(run, row)],
        )


def _summed(lines: pl.DataFrame) -> list[dict[str, Any]]:
    """Lines of the same band and factor as one, with how many and of how much."""
    based = lines.with_columns(_base=pl.col("base").replace("", "0").cast(pl.Decimal(38, 8)), _why=_band_only())
    grouped = based.group_by("factor", "_why", maintain_order=True).agg(
        base=pl.col("_base").sum(),
        rates=pl.col("rate").unique(),
        rows=pl.len(),
        amount=pl.col("amount").sum(),
    )
    return list(grouped.iter_rows(named=True))


def _off_by_cents(row: Mapping[str, Any], digits: int) -> bool:
    """Whether base x rate x factor rounds to something else: the line was rounded once, and shared out."""
    if len(row["rates"]) != 1 or not row["rates"][0]:
        return False
    rate, factor = Decimal(row["rates"][0]), Decimal(row["factor"] or "1")
    return bool(multiplied(row["base"], rate, factor, digits) != row["amount"])


def _band_only() -> pl.Expr:
    """The first part of a reason: gates, factors and caps are said once, under the rows."""
    return pl.col("reason").cast(pl.String).str.split("; ").list.first()


def _summed_row(row: Mapping[str, Any], kind: str, digits: int) -> Row:
    factor = "" if row["factor"] in ("", "1") else f" x {_grouped(row['factor'], 0, most=4)}"
    count = said("EXPLAIN_PIECES" if row["rows"] != 1 else "EXPLAIN_PIECE", count=f"{row['rows']:,}")
    if row["rates"] == [""] or not row["base"]:
        return Row(row["_why"], row["amount"], count if row["rows"] > 1 else "")
    base = _grouped(f"{row['base'].normalize():f}", digits, most=max(digits, 2))
    rate = _rate(row["rates"][0], kind) if len(row["rates"]) == 1 else said("EXPLAIN_RATES")
    return Row(f"{base} x {rate}{factor}", row["amount"], f"{row['_why']} ({count})")


def _rate_kind(row: Mapping[str, Any]) -> str:
    """What kind of rate a component has: that of a target of money is a share of the money."""
    return "percent" if row["kind"] == "at_target" and row["measure"] in MONEY_MEASURES else str(row["kind"])


def _rate(rate: str, kind: str) -> str:
    """A share as a percentage, an amount for each unit as it is."""
    share = kind in ("percent", "override")
    return percentage(Fraction(rate) * PPM) if share else _grouped(rate, 0, most=4)


def _notes(run: StoredRun, row: Mapping[str, Any]) -> list[str]:
    notes = []
    if row["target"]:
        money = row["measure"] in MONEY_MEASURES
        base, target = (_grouped(row[name], run.digits if money else 0, most=2) for name in ("base", "target"))
        met = percentage(Fraction(row["attainment"] or "0") * PPM, 2)
        notes.append(said("EXPLAIN_TARGET", base=base, target=target, met=met))
    notes += [f"{note}." for note in row["note"].split("; ") if note]
    if row["gate_took"]:
        would, took = (worded(row[name], run.digits) for name in ("would_have_earned", "gate_took"))
        notes.append(said("EXPLAIN_GATE", would=would, took=took))
    if row["cap_took"]:
        notes.append(said("EXPLAIN_CAP", amount=worded(row["cap_took"], run.digits)))
    if row["floor_gave"]:
        notes.append(said("EXPLAIN_FLOOR", amount=worded(row["floor_gave"], run.digits)))
    if row["one_more"]:
        notes.append(f"{row['one_more']}.")
    return notes


def _grouped(text: str, digits: int, *, most: int) -> str:
    """A plain decimal as people read it: at least `digits` behind the point if there are any, at most `most`."""
    exact = Decimal(text)
    if exact == exact.to_integral_value():
        return f"{int(exact):,}"
    given = -int(exact.as_tuple().exponent)
    return f"{exact:,.{min(max(given, digits), most)}f}"


# --- everything else --------------------------------------------------------------------------------

OTHER_KINDS = ("override", "adjust", "clawback", "holdback", "release", "guarantee", "withholding")


def _other_sections(run: StoredRun, lines: pl.DataFrame) -> Iterable[Section]:
    for kind in OTHER_KINDS:
        own = lines.filter(pl.col("kind") == kind)
        if len(own):
            yield Section(said(f"EXPLAIN_{kind.upper()}"), _by_reason(own), int(own["amount"].sum()))


def _by_reason(lines: pl.DataFrame) -> list[Row]:
    """One row a component and reason; what is held back for some days is one row, with the first and last day."""
    dated = lines.filter(pl.col("due_on").is_not_null())
    rows = [
        Row(part["component"][0], int(part["amount"].sum()), _held_words(part))
        for part in dated.partition_by("component", maintain_order=True)
    ]
    others = lines.filter(pl.col("due_on").is_null()).group_by("component", "reason", maintain_order=True)
    for row in others.agg(rows=pl.len(), amount=pl.col("amount").sum()).iter_rows(named=True):
        count = f" ({said('EXPLAIN_LINES', count=row['rows'])})" if row["rows"] > 1 else ""
        rows.append(Row(row["component"] or "-", row["amount"], row["reason"] + count))
    return rows


def _held_words(part: pl.DataFrame) -> str:
    first, last = part["due_on"].min(), part["due_on"].max()
    return said("EXPLAIN_HELD" if first != last else "EXPLAIN_HELD_ONE", first=first, last=last, count=len(part))


LADDER = {
    "adjustments": "EXPLAIN_ADJUST",
    "clawback": "EXPLAIN_CLAWBACK",
    "holdback": "EXPLAIN_HOLDBACK",
    "released": "EXPLAIN_RELEASE",
    "guarantee": "EXPLAIN_GUARANTEE",
}


def _ladder(run: StoredRun, row: Mapping[str, Any]) -> Section:
    """The sheet's row, added up the way the sheet adds it."""
    codes = [name for name in run.sheet.columns if name not in NOT_MONEY and name not in SHEET_TAIL]
    rows = [Row(code, row[code]) for code in codes if row[code]]
    rows += [Row(said(code), row[name]) for name, code in LADDER.items() if row[name]]
    rows.append(Row(said("EXPLAIN_GROSS"), row["gross"]))
    if row["withholding"]:
        rows.append(Row(said("EXPLAIN_WITHHOLDING"), row["withholding"]))
    rows.append(Row(said("EXPLAIN_NET"), row["net"]))
    if row["carried_in"]:
        rows.append(Row(said("EXPLAIN_CARRIED_IN"), row["carried_in"]))
    left = ("carried_out", "held_balance", "draw_balance")
    notes = [said(f"EXPLAIN_{name.upper()}", amount=worded(row[name], run.digits)) for name in left if row[name]]
    return Section(said("EXPLAIN_PAID"), rows, row["payable"], notes)


# --- one payment, one line -------------------------------------------------------------------------


def _payment_rows(payment: Mapping[str, Any]) -> Iterable[Row]:
    yield Row(said("EXPLAIN_PAYMENT", **payment), payment["amount"], _source(payment))
    if payment["counted"] != payment["amount"] and not payment["reverses"]:
        yield Row(said("EXPLAIN_COUNTED"), payment["counted"])
    if payment["status"] == "credited":
        yield Row(said("EXPLAIN_CREDITED", **payment), None, said(f"EXPLAIN_RULE_{payment['credited_by'].upper()}"))
    else:
        yield Row(said(f"EXPLAIN_{payment['status'].upper()}"), None, payment["reason"])
    if payment["days_past_due"] is not None:
        yield Row(said("EXPLAIN_ARREARS", **payment))
    if payment["earned_for"]:
        yield Row(said("EXPLAIN_LATE", **payment))
    if payment["reverses"]:
        yield Row(said("EXPLAIN_REVERSES", **payment), None, payment["reason"])


def _source(payment: Mapping[str, Any]) -> str:
    return f"{payment['source_file']} row {payment['source_row']}" if payment["source_file"] else ""


def _line_row(line: Mapping[str, Any]) -> Row:
    parts = [line["base"]] if line["base"] else []
    parts += [line["rate"]] if line["rate"] else []
    parts += [line["factor"]] if line["factor"] not in ("", "1") and parts else []
    what = " x ".join(parts) or line["kind"]
    return Row(f"{line['agent_id']} {line['component']}: {what}".replace(" :", ":"), line["amount"], line["reason"])
