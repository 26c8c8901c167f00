"""The GL summary: what goes to which account and cost centre, from lines per agent without a customer in them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
from xlsxwriter.utility import xl_col_to_name

from toolkit.look import LEFT, Check, Column, Formula, Page, said
from toolkit.look.theme import MUTED

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

TOP = 4
POSTINGS = {
    "earn": "Commission",
    "cap_carry": "Commission",
    "override": "Leaders' shares",
    "adjust": "Adjustments",
    "clawback": "Taken back",
    "holdback": "Held back",
    "release": "Released",
    "guarantee": "Guarantee",
    "withholding": "Withholding",
}
"""What a kind of line is called in the books; each is a column of the summary."""
COLUMNS = tuple(dict.fromkeys(POSTINGS.values()))
NOT_SET = "not set"


@dataclass(frozen=True)
class Posted:
    """`lines`: one row per agent, account and posting; `groups`: the pairs of account and cost centre, numbered."""

    lines: pl.DataFrame
    groups: list[tuple[str, str]]


def posted(run: "CommissionRun") -> Posted:
    """The run's lines added up per agent, account and posting. A component without an account shows as not set."""
    accounts: dict[str, str] = {}
    for plan in run.plans.versions:
        accounts |= {part.code: part.gl_account or NOT_SET for part in plan.components}
        accounts |= {part.code: part.gl_account or NOT_SET for part in plan.overrides}
    centres = {agent: centre or NOT_SET for agent, centre in run.agents.select("agent_id", "cost_centre").iter_rows()}
    lines = (
        run.lines.with_columns(
            pl.col("component").replace_strict(accounts, default=NOT_SET, return_dtype=pl.String).alias("gl_account"),
            pl.col("agent_id").replace_strict(centres, default=NOT_SET, return_dtype=pl.String).alias("cost_centre"),
            pl.col("kind").replace_strict(POSTINGS, return_dtype=pl.String).alias("posting"),
        )
        .group_by("agent_id", "gl_account", "cost_centre", "posting")
        .agg(pl.col("amount").sum())
        .sort("agent_id", "gl_account", "cost_centre", "posting")
    )
    groups = sorted(set(lines.select("gl_account", "cost_centre").iter_rows()), key=lambda g: (g[0] == NOT_SET, *g))
    numbers = {group: number for number, group in enumerate(groups, 1)}
    places = [numbers[pair] for pair in lines.select("gl_account", "cost_centre").iter_rows()]
    return Posted(lines.with_columns(pl.Series("no", places, pl.Int64)), groups)


def write_gl_lines(page: Page, run: "CommissionRun", found: Posted) -> None:
    """One row per agent, account and posting."""
    page.prose(3, said("WORKBOOK_GL_LINES"), font_color=MUTED)
    values = {name: found.lines[name].to_list() for name in found.lines.columns}
    columns = [
        Column("no", "No. on summary", values["no"], "whole", name="gl_no"),
        Column("payee_id", "Payee", values["agent_id"], widest=24),
        Column("gl_account", "Account", values["gl_account"]),
        Column("cost_centre", "Cost centre", values["cost_centre"]),
        Column("posting", "Posting", values["posting"], name="gl_posting"),
        Column("amount", f"Amount, {run.plan.currency}", values["amount"], "money", total=True, name="gl_amount"),
    ]
    page.table(TOP, columns, total="Total")
    page.heads_stay(TOP)


def write_gl_summary(page: Page, run: "CommissionRun", found: Posted) -> list[Check]:
    """One row per account and cost centre, by formulas over the GL lines; gives the checks against the sheet."""
    page.prose(3, said("WORKBOOK_GL"), font_color=MUTED)
    sums = {
        (no, posting): amount
        for no, posting, amount in found.lines.group_by("no", "posting").agg(pl.col("amount").sum()).iter_rows()
    }
    numbers = range(1, len(found.groups) + 1)
    columns = [
        Column("no", "No.", list(numbers), "whole"),
        Column("gl_account", "Account", [account for account, _ in found.groups]),
        Column("cost_centre", "Cost centre", [centre for _, centre in found.groups]),
    ]
    for offset, posting in enumerate(COLUMNS):
        head = f"{xl_col_to_name(LEFT + 3 + offset)}${TOP + 1}"
        formula = f"=ROUND(SUMIFS(gl_amount,gl_no,{{no}}{{row}},gl_posting,{head}),minor_digits)"
        values = [sums.get((no, posting), 0) for no in numbers]
        columns.append(Column(f"p{offset}", posting, values, "money", formula, total=True))
    last = len(COLUMNS) - 1
    withheld = sum(sums.get((no, COLUMNS[-1]), 0) for no in numbers)
    expense = [sum(sums.get((no, posting), 0) for posting in COLUMNS[:-1]) for no in numbers]
    net = [gross + sums.get((no, COLUMNS[-1]), 0) for no, gross in zip(numbers, expense, strict=True)]
    gross_formula = f"=ROUND(SUM({{p0}}{{row}}:{{p{last - 1}}}{{row}}),minor_digits)"
    columns += [
        Column("gross", "Gross", expense, "money", gross_formula, total=True, style={"bold": True}),
        Column("net", "Net", net, "money", f"=ROUND({{gross}}{{row}}+{{p{last}}}{{row}},minor_digits)", total=True),
    ]
    table = page.table(TOP, columns, total="Total")
    page.heads_stay(TOP, 4)
    return [
        _check("GL summary, gross", table.total_cell("gross"), sum(expense), run, "gross"),
        _check("GL summary, withholding", table.total_cell(f"p{last}"), withheld, run, "withholding"),
        _check("GL summary, net", table.total_cell("net"), sum(net), run, "net"),
    ]


def _check(what: str, cell: str, found: int, run: "CommissionRun", column: str) -> Check:
    return Check(what, Formula(f"={cell}", found), int(run.sheet[column].sum()), "money", said("WORKBOOK_WHY_GL"))
