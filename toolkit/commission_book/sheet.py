"""The Commission sheet: one row per agent, live formulas from the lines up, what was calculated beside them."""

from typing import TYPE_CHECKING

import polars as pl
from xlsxwriter.utility import xl_col_to_name

from toolkit.commission_book.live import BEFORE_TAX, LiveSheet
from toolkit.commission_book.words import SHEET_LABELS, component_codes, subtitle
from toolkit.look import LEFT, Check, Column, Figure, Formula, Page, Table, said
from toolkit.look.theme import INK, MUTED
from toolkit.money import to_minor

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

TOP = 7
"""The row of the heads, under the title, the state of the checks and the four large figures."""

SUM_OF_LINES = "=ROUND(SUMIFS(lines_amount,lines_no,{no}{row},lines_column,%s$%d),minor_digits)"
GROSS = "=ROUND(SUM({%s}{row}:{guarantee}{row}),minor_digits)"
NET = "=ROUND({gross}{row}+{withholding}{row},minor_digits)"
WHOLE = (
    "=INT(ROUND(IF(AND({carried_in}{row}<0,{net}{row}>0),"
    "MAX({net}{row}+{carried_in}{row},{net}{row}*(1-recover_at_most)),{net}{row}+{carried_in}{row})"
    "/payout_unit,guard_digits))*payout_unit"
)
"""What could be paid in whole units: a debt carried in takes no more than the share that may be recovered."""
PAYABLE = "=IF(OR({whole}{row}<=0,{whole}{row}<min_payout),0,ROUND({whole}{row},minor_digits))"
CARRIED_OUT = "=ROUND({net}{row}+{carried_in}{row}-{payable}{row},minor_digits)"


def write_sheet(page: Page, run: "CommissionRun", live: LiveSheet) -> list[Check]:
    """The page, and the checks of every column and every row against what was calculated."""
    codes = component_codes(run)
    page.heading("Commission sheet", subtitle(run))
    columns = _columns(run, live, codes)
    table = page.table(TOP, columns, total="Total")
    right = LEFT + len(columns) + 2  # the check of the row, then an empty column
    beside = page.table(TOP, _calculated(run, codes), left=right, total="Calculated")
    page.prose(TOP - 2, said("WORKBOOK_CALCULATED_BESIDE"), column=right, font_color=MUTED)
    page.table(TOP, [_row_check(table, beside, live)], left=right - 2)
    page.put(table.last + 1, right - 2, None, top=2, top_color=INK)
    _figures(page, run, table, live)
    page.heads_stay(TOP, LEFT + 3)
    page.sheet.print_area(0, 0, table.last + 1, right - 2)
    return [*_column_checks(run, table, live, codes), *_rules_of_paying(run, live)]


def _columns(run: "CommissionRun", live: LiveSheet, codes: list[str]) -> list[Column]:
    sheet, amounts = run.sheet, live.amounts
    place = {
        key: number
        for number, key in enumerate(("no", "agent_id", "name", *codes, *BEFORE_TAX, "gross", "withholding"))
    }

    def from_lines(key: str, head: str) -> Column:
        formula = SUM_OF_LINES % (_letter(LEFT + place[key]), TOP + 1)
        return Column(_safe(codes, key), head, amounts[key], "money", formula, total=True)

    def formed(key: str, formula: str, **style: bool) -> Column:
        return Column(
            key, SHEET_LABELS[key], amounts[key], "money", formula, total=True, name=f"sheet_{key}", style={**style}
        )

    def given(key: str) -> Column:
        return Column(key, SHEET_LABELS[key], sheet[key].to_list(), "money", total=True)

    return [
        Column("no", "No.", list(range(1, sheet.height + 1)), "whole"),
        Column("agent_id", "Agent", sheet["agent_id"].to_list(), widest=24),
        Column("name", "Name", sheet["name"].to_list(), widest=38),
        *(from_lines(code, code) for code in codes),
        *(from_lines(key, SHEET_LABELS[key]) for key in BEFORE_TAX),
        formed("gross", GROSS % _safe(codes, (*codes, *BEFORE_TAX)[0])),
        from_lines("withholding", SHEET_LABELS["withholding"]),
        formed("net", NET),
        given("carried_in"),
        Column("whole", "In whole units", live.whole, "money", WHOLE),
        formed("payable", PAYABLE, bold=True),
        formed("carried_out", CARRIED_OUT),
        given("held_balance"),
        given("draw_balance"),
    ]


def _safe(codes: list[str], key: str) -> str:
    """The key under which formulas know a column: codes are free text, c0, c1, c2 are not."""
    return f"c{codes.index(key)}" if key in codes else key


def _letter(column: int) -> str:
    return str(xl_col_to_name(column))


def _calculated(run: "CommissionRun", codes: list[str]) -> list[Column]:
    keys = [*codes, *BEFORE_TAX, "gross", "withholding", "net", "carried_in", "payable", "carried_out"]
    return [
        Column(f"p{number}", SHEET_LABELS.get(key, key), run.sheet[key].to_list(), "money", total=True)
        for number, key in enumerate(keys)
    ]


def _row_check(table: Table, beside: Table, live: LiveSheet) -> Column:
    """One status a row: every amount of the agent equals what was calculated beside it."""
    *_, before, paid, last = beside.keys
    here = f"{table.letter(table.keys[3])}{{row}}:{table.letter('carried_in')}{{row}}"
    there = f"{beside.letter(beside.keys[0])}{{row}}:{beside.letter(before)}{{row}}"
    paid_here = f"{table.letter('payable')}{{row}}:{table.letter('carried_out')}{{row}}"
    paid_there = f"{beside.letter(paid)}{{row}}:{beside.letter(last)}{{row}}"
    formula = (
        f"=IF(SUMPRODUCT(--(ROUND({here}-{there},minor_digits)<>0))"
        f'+SUMPRODUCT(--(ROUND({paid_here}-{paid_there},minor_digits)<>0))=0,"✓ agrees","✗ differs")'
    )
    results = ["✓ agrees" if agrees else "✗ differs" for agrees in live.agrees]
    return Column("check", "Check", results, "status", formula, name="sheet_checks", style={"indent": 1})


def _figures(page: Page, run: "CommissionRun", table: Table, live: LiveSheet) -> None:
    places = {"gross": LEFT, "withholding": LEFT + 2, "net": LEFT + 3, "payable": LEFT + 5}
    figures = []
    for key, column in places.items():
        value = Formula(f"={table.total_cell(key)}", sum(live.amounts[key]))
        accent = key == "payable"
        figures.append(Figure(SHEET_LABELS[key], value, "money", column, accent, run.plan.currency if accent else ""))
    page.figures(TOP - 3, figures, LEFT + len(table.keys))


def _column_checks(run: "CommissionRun", table: Table, live: LiveSheet, codes: list[str]) -> list[Check]:
    checks = []
    for key in (*codes, *BEFORE_TAX, "gross", "withholding", "net", "payable", "carried_out"):
        here = Formula(f"={table.total_cell(_safe(codes, key))}", sum(live.amounts[key]))
        what = f"{SHEET_LABELS.get(key, key)}, all agents"
        checks.append(Check(what, here, int(run.sheet[key].sum()), "money", said("WORKBOOK_WHY_COLUMN")))
    lines = Formula("=SUM(lines_amount)", int(run.lines["amount"].sum()))
    what = "All lines together, and the net of all agents"
    checks.append(Check(what, lines, int(run.sheet["net"].sum()), "money", said("WORKBOOK_WHY_LINES")))
    differing = Formula('=COUNTIF(sheet_checks,"✗*")', live.agrees.count(False))
    checks.append(Check("Agents with a figure that differs", differing, 0, "whole", said("WORKBOOK_WHY_ROWS")))
    return checks


def _rules_of_paying(run: "CommissionRun", live: LiveSheet) -> list[Check]:
    amounts = live.amounts
    unit, least = to_minor(run.plan.payout_unit, run.digits), to_minor(run.plan.min_payout, run.digits)
    whole = "ROUND(sheet_payable/payout_unit,guard_digits)"
    odd = Formula(f"=SUMPRODUCT(--({whole}<>INT({whole})))", sum(1 for paid in amounts["payable"] if paid % unit))
    few = sum(1 for amount in amounts["payable"] if 0 < amount < least)
    small = Formula("=SUMPRODUCT((sheet_payable>0)*(sheet_payable<min_payout))", few)
    kept = Formula("=SUM(sheet_payable)+SUM(sheet_carried_out)", sum(amounts["payable"]) + sum(amounts["carried_out"]))
    before = int(run.sheet.select(pl.col("net") + pl.col("carried_in")).to_series().sum())
    return [
        Check("Paid and carried out, and net and carried in", kept, before, "money", said("WORKBOOK_WHY_CARRIED")),
        Check("Agents paid something else than whole payout units", odd, 0, "whole", said("WORKBOOK_WHY_UNITS")),
        Check("Agents paid less than the least that is paid", small, 0, "whole", said("WORKBOOK_WHY_LEAST")),
    ]
