"""What if: factors for costs and chances in input cells, and what then becomes of the list, by live formulas."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from toolkit.look import LEFT, Column, Figure, Formula, Page, Table, said
from toolkit.look.theme import INPUT, MUTED
from toolkit.recovery.factors import Class, Sums, classes, together, with_factors
from toolkit.recovery_reports.shown import PURSUE, SENSITIVITY, Shown, exact

TOP = 9
NAMES = ("if_rung", "if_cost", "if_chance")
_AT = "INDEX({name},MATCH({{rung}}{{row}},if_rung,0))"
_LOOK_UP = f"IF(ISNUMBER({_AT}),MIN(MAX({_AT},0),10),1)"
"""An empty cell is 1, as in the supervisor's workbook; what is no factor is 1 too, and `WRONG` counts it."""
WRONG = "=2*ROWS(if_cost)" + "".join(
    f'-COUNTIFS({name},">=0",{name},"<=10")-COUNTBLANK({name})' for name in ("if_cost", "if_chance")
)
"""How many of the yellow cells are no factors: pasted cells escape the check of what is typed."""
_PAYS = "=IF(AND({f_chance}{row}>0,ROUND({need}{row}*{f_cost}{row}-MIN({f_chance}{row},{most}{row}),9)<=0),1,0)"
CASES = ("low", "likely", "high")


def steps_of(shown: Shown) -> list[Class]:
    """The list in classes; none where it was not made."""
    found = shown.table(PURSUE)
    ladder = {rung.code: rung.title or rung.code for rung in shown.rules.rungs}
    return [] if found is None else classes(found, ladder, shown.steps, shown.about.digits)


def write_steps(page: Page, shown: Shown, found: Sequence[Class]) -> Table:
    """The classes with the factors of their rung, and whether they are pursued with these."""
    page.heading("Steps", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_STEPS"), font_color=MUTED)
    table = page.table(TOP, [*_given(found), *_then_taken(found)])
    page.heads_stay(TOP, 3)
    return table


def _given(found: Sequence[Class]) -> list[Column]:
    """What a class is, and what it would bring with each chance."""
    most = {"most": "Certain at factor, the one that decides", "most_low": "low", "most_likely": "likely",
            "most_high": "high"}  # fmt: skip
    return [
        Column("rung", "Step", [one.rung for one in found], name="steps_rung"),
        Column("bucket", "Days past due", [one.bucket for one in found]),
        Column("need", "Pays from factor", [_decimal(one.need) for one in found], "exact"),
        Column("accounts", "Accounts", [one.accounts for one in found], "whole"),
        Column("cost", "Cost", [_decimal(one.cost) for one in found], "money"),
        *(
            Column(case, f"Comes in, {case}", [_decimal(one.came[place]) for one in found], "money")
            for place, case in enumerate(CASES)
        ),
        *(
            Column(name, head, [_decimal(one.most[place]) for one in found], "number")
            for place, (name, head) in enumerate(most.items())
        ),
    ]


def _then_taken(found: Sequence[Class]) -> list[Column]:
    """By formula: the factors, whether the step pays with them, and what it then comes to."""
    pays = [int(one.need <= 1) for one in found]
    ones = [Decimal(1)] * len(found)
    accounts = [one.accounts * taken for one, taken in zip(found, pays, strict=True)]
    cost = [_decimal(one.cost * taken) for one, taken in zip(found, pays, strict=True)]
    return [
        Column("f_cost", "Cost factor", ones, "exact", f"={_LOOK_UP.format(name='if_cost')}"),
        Column("f_chance", "Chance factor", ones, "exact", f"={_LOOK_UP.format(name='if_chance')}"),
        Column("pays", "Pays", pays, "count", _PAYS),
        Column(
            "then_accounts", "Pursued then", accounts, "count", "={pays}{row}*{accounts}{row}", name="steps_accounts"
        ),
        Column("then_cost", "Cost then", cost, "money", "={pays}{row}*{cost}{row}*{f_cost}{row}", name="steps_cost"),
        *(_came(found, pays, place, case) for place, case in enumerate(CASES)),
    ]


def _came(found: Sequence[Class], pays: Sequence[int], place: int, case: str) -> Column:
    text = f"={{pays}}{{row}}*{{{case}}}{{row}}*MIN({{f_chance}}{{row}},{{most_{case}}}{{row}})"
    values = [_decimal(one.came[place] * taken) for one, taken in zip(found, pays, strict=True)]
    return Column(f"then_{case}", f"Comes in then, {case}", values, "money", text, name=f"steps_{case}")


def _decimal(value: Fraction) -> Decimal:
    return exact(Decimal(value.numerator) / Decimal(value.denominator)) or Decimal(0)


def write_what_if(page: Page, found: Sequence[Class], shown: Shown) -> Table:
    """A row a rung: the two factors, then now and then."""
    page.heading("What if", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_WHAT_IF"), font_color=MUTED)
    page.prose(
        4, said("RECOVERY_WHAT_IF_KEEPS" if shown.steps is None else "RECOVERY_WHAT_IF_NEAREST"), font_color=MUTED
    )
    now = with_factors(found, {})
    titles = {one.rung: one.title or one.rung for one in found}
    columns = [
        Column("title", "Step", [titles[rung] for rung in now], widest=30),
        Column("rung", "Code", list(now), name="if_rung", style={"font_color": MUTED}),
        *_asked(list(now.values())),
    ]
    table = page.table(TOP, columns, total="All")
    _figures(page, table, together(now))
    _only_factors(page, table)
    _sensitivity(page, table.last + 4, shown)
    page.heads_stay(TOP)
    return table


def _asked(sums: Sequence[Sums]) -> list[Column]:
    """The factors, then what they make of the list beside what it is now."""
    ones = [Decimal(1)] * len(sums)
    nets = {case: [_decimal(one.net[place]) for one in sums] for place, case in enumerate(CASES)}
    accounts, cost = [one.accounts for one in sums], [_decimal(one.cost) for one in sums]
    muted, bold, tinted = {"font_color": MUTED}, {"bold": True}, {"bg_color": INPUT}
    return [
        Column("cost_factor", "Cost ×", ones, "exact", name="if_cost", style=tinted),
        Column("chance_factor", "Chance ×", ones, "exact", name="if_chance", style=tinted),
        Column("now", "Pursued now", accounts, "whole", total=True, style=muted),
        Column("then", "then", accounts, "count", _then("accounts"), total=True, style=bold),
        Column("cost_now", "Cost now", cost, "money", total=True, style=muted),
        Column("cost_then", "then", cost, "money", _then("cost"), total=True, style=bold),
        Column("net_now", "Net now, likely", nets["likely"], "money", total=True, style=muted),
        Column("net_low", "then, at least", nets["low"], "money", _net("low"), total=True),
        Column("net_likely", "then, likely", nets["likely"], "money", _net("likely"), total=True, style=bold),
        Column("net_high", "then, at most", nets["high"], "money", _net("high"), total=True),
        Column("change", "Change", [Decimal(0)] * len(sums), "money", "={net_likely}{row}-{net_now}{row}", total=True),
    ]


def _sensitivity(page: Page, row: int, shown: Shown) -> None:
    """How the net hangs on all costs and on which chance comes true; the list is made anew for each change of costs."""
    rows = shown.rows(SENSITIVITY)
    if not rows:
        return
    changes = list(dict.fromkeys(one["cost_change"] for one in rows))
    cells = {(one["cost_change"], one["chance"]): one for one in rows}
    heads = {"chance_low": "Net, at least", "chance": "likely", "chance_high": "at most"}
    page.prose(row, said("RECOVERY_SENSITIVITY"), bold=True, font_size=12)
    page.table(
        row + 1,
        [
            Column("change", "All costs", [f"{change:+} %" if change else "as they are" for change in changes]),
            Column("pursued", "Pursued", [cells[change, "chance"]["pursued"] for change in changes], "whole"),
            *(
                Column(key, head, [exact(cells[change, key]["net"]) for change in changes], "money")
                for key, head in heads.items()
            ),
        ],
    )


def _then(what: str) -> str:
    return f"=SUMIFS(steps_{what},steps_rung,{{rung}}{{row}})"


def _net(case: str) -> str:
    return f"=SUMIFS(steps_{case},steps_rung,{{rung}}{{row}})-{{cost_then}}{{row}}"


def _figures(page: Page, table: Table, whole: Sums) -> None:
    page.figures(
        6,
        [
            Figure(
                "Net then, likely",
                Formula(f"={table.total_cell('net_likely')}", _decimal(whole.net[1])),
                "money",
                LEFT,
                accent=True,
            ),
            Figure("at least", Formula(f"={table.total_cell('net_low')}", _decimal(whole.net[0])), "money", LEFT + 3),
            Figure("at most", Formula(f"={table.total_cell('net_high')}", _decimal(whole.net[2])), "money", LEFT + 6),
            Figure("Accounts pursued then", Formula(f"={table.total_cell('then')}", whole.accounts), "whole", LEFT + 9),
        ],
        LEFT + 12,
    )


def _only_factors(page: Page, table: Table) -> None:
    """The input cells take numbers from 0 to 10, and say what they are for."""
    for key, what in (("cost_factor", "RECOVERY_INPUT_COST"), ("chance_factor", "RECOVERY_INPUT_CHANCE")):
        letter = table.letter(key)
        page.sheet.data_validation(
            f"{letter}{table.first + 1}:{letter}{table.last + 1}",
            {
                "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 10,
                "input_title": "Factor", "input_message": said(what), "error_message": said("RECOVERY_INPUT_WRONG"),
            },
        )  # fmt: skip
