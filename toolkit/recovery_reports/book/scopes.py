"""A sheet for each way to cut the figures: teams, agents, buckets, products, creditors and channels, with charts."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from xlsxwriter.utility import xl_col_to_name

from toolkit.look import LEFT, Column, Formula, Page, Table, said
from toolkit.look.theme import INK, MUTED, Style
from toolkit.money import rounded
from toolkit.recovery.ratios import NO_BASE, Ratio
from toolkit.recovery_reports.book.charts import ROWS, SECOND, Series, chart, money_axis, of_column
from toolkit.recovery_reports.book.prose import if_known, on_paper
from toolkit.recovery_reports.shown import Scope, Shown, exact, in_money

TOP = 5
SHEETS = {"Teams": "team", "Agents": "agent", "Buckets": "bucket", "Products": "product", "Creditors": "creditor"}
HEADS = {"team": "Team", "agent": "Agent", "bucket": "Days past due", "product": "Product", "creditor": "Creditor"}
CHARTED = 40
"""How many a chart can show."""
_RATIO = f'=IF(N({{below}}{{{{row}}}})<=0,"{NO_BASE}",{{above}}{{{{row}}}}/{{below}}{{{{row}}}})'
_EACH = f'=IF(N({{below}}{{{{row}}}})<=0,"{NO_BASE}",ROUND({{above}}{{{{row}}}}/{{below}}{{{{row}}}},minor_digits))'
WORTH = "◆ costs more than it brings"
NOTHING = "◆ nothing collected"


def sheets_of(shown: Shown) -> dict[str, list[Scope]]:
    """The sheets that say anything: one scope alone is everybody."""
    found = {name: shown.scopes(kind) for name, kind in SHEETS.items()}
    return {name: scopes for name, scopes in found.items() if len(scopes) > 1}


def write_scopes(page: Page, shown: Shown, scopes: Sequence[Scope]) -> Table:
    """The sheet; its figures are right of the page, as far as they are not on it."""
    kind = scopes[0].kind
    page.heading(page.name, shown.subtitle)
    page.prose(3, said(f"RECOVERY_SHEET_{page.name.upper()}"), font_color=MUTED)
    works = [name for name in shown.actions if any(_known(one, name) for one in scopes)]
    apart = LEFT + _first(shown) + len(works) + 2
    columns = [
        *_money(shown, scopes, kind),
        *(_work(name, scopes, place, apart, shown) for place, name in enumerate(works)),
    ]
    columns.append(Column("look", "Look at", [_look(one) for one in scopes], "status", style={"indent": 1}))
    table = page.table(TOP, columns, total="All")
    _parts(page, works, scopes, apart)
    _total(page, table, shown, works, apart)
    last = _charts(page, table, shown, scopes)
    on_paper(page, last, [table.last + 3])
    page.sheet.print_area(0, 0, last, LEFT + len(columns) - 1)
    page.heads_stay(TOP, 2)
    return table


def _first(shown: Shown) -> int:
    return 7 + (1 if shown.whole.minor("assets_net") else 0)


def _money(shown: Shown, scopes: Sequence[Scope], kind: str) -> list[Column]:
    def amounts(measure: str) -> list[int]:
        return [one.minor(measure) for one in scopes]

    has_assets = bool(shown.whole.minor("assets_net"))
    assets = [Column("assets", "Net proceeds of assets", amounts("assets_net"), "money", total=True)]
    return [
        Column("scope", HEADS[kind], [one.name or one.id for one in scopes], widest=30),
        Column("cost", "Cost, loaded", amounts("cost"), "money", total=True),
        Column("direct", "Of it direct", amounts("cost_direct"), "money", total=True),
        Column("collected", "Collected", amounts("collected"), "money", total=True),
        *(assets if has_assets else []),
        Column(
            "net",
            "Net recovery",
            [one.figures["net_recovery"].note or one.minor("net_recovery") for one in scopes],
            "money",
            if_known("={collected}{row}-{cost}{row}", shown),
            total=True,
            style={"bold": True, "align": "right"},
        ),
        Column(
            "share",
            "Cost to collect",
            _shares(scopes, "cost_to_collect"),
            "share",
            _ratio("cost", shown),
            style={"bold": True, "align": "right"},
        ),
        Column(
            "share_direct",
            "Direct",
            _shares(scopes, "cost_to_collect_direct"),
            "share",
            _ratio("direct", shown),
            style={"align": "right"},
        ),
    ]


def _ratio(above: str, shown: Shown) -> str:
    return if_known(_RATIO.format(below="{collected}", above=f"{{{above}}}"), shown)


def _shares(scopes: Sequence[Scope], measure: str) -> list[Decimal | str | None]:
    return [_value(one.figures[measure]) for one in scopes]


def _value(one: Ratio) -> Decimal | str | None:
    return one.note if one.value is None else exact(one.value / one.times, 12)


def _known(one: Scope, work: str) -> bool:
    figure = one.figures.get(f"cost_per_{work}")
    return figure is not None and bool(figure.denominator)


TITLES = {
    "call": "A call", "contact": "A contact", "promise_kept": "A promise kept", "message": "A message",
    "visit": "A visit", "asset_recovered": "A recovered asset", "filing": "A legal case",
}  # fmt: skip


def _work(name: str, scopes: Sequence[Scope], place: int, apart: int, shown: Shown) -> Column:
    above, below = (xl_col_to_name(apart + 2 * place + side) for side in (0, 1))
    formula = if_known(_EACH.format(above=above, below=below), shown)
    values = [_each(one.figures[f"cost_per_{name}"]) for one in scopes]
    return Column(name, TITLES[name], values, "money", formula, style={"align": "right"})


def _each(one: Ratio) -> int | str:
    return one.note if one.value is None else rounded(one.value, "half_up")


def _look(one: Scope) -> str:
    collected, cost = one.minor("collected"), one.minor("cost")
    if collected <= 0 < cost:
        return NOTHING
    return WORTH if cost > collected else ""


def _parts(page: Page, works: Sequence[str], scopes: Sequence[Scope], apart: int) -> None:
    """What the columns of work are made of, right of the page."""
    if not works:
        return
    page.prose(TOP - 1, said("RECOVERY_MADE_OF"), column=apart, font_color=MUTED)
    for place, name in enumerate(works):
        figures = [one.figures[f"cost_per_{name}"] for one in scopes]
        columns = [
            Column("cost", f"{TITLES[name]}: cost", [int(one.numerator) for one in figures], "money"),
            Column("count", f"{TITLES[name]}: how many", [one.denominator for one in figures], "whole"),
        ]
        muted = [Column(one.key, one.head, one.values, one.kind, style={"font_color": MUTED}) for one in columns]
        page.table(TOP, muted, left=apart + 2 * place)


def _total(page: Page, table: Table, shown: Shown, works: Sequence[str], apart: int) -> None:
    """Everybody's ratios, from everybody's sums: never an average of ratios."""
    row, whole = table.last + 1, shown.whole
    line: Style = {"bold": True, "top": 2, "top_color": INK, "align": "right"}
    for key, above, measure in (
        ("share", "cost", "cost_to_collect"),
        ("share_direct", "direct", "cost_to_collect_direct"),
    ):
        letters = {name: table.letter(name) for name in ("collected", above)}
        text = _ratio(above, shown).format_map({**letters, "row": row + 1})
        page.put(
            row,
            LEFT + table.keys.index(key),
            Formula(text, _value(whole.figures[measure]) or Decimal(0)),
            "share",
            **line,
        )
    for place, name in enumerate(works):
        sides = [xl_col_to_name(apart + 2 * place + side) for side in (0, 1)]
        sums = [f"SUM({letter}{table.first + 1}:{letter}{table.last + 1})" for letter in sides]
        figure = whole.figures[f"cost_per_{name}"]
        text = if_known(f'=IF({sums[1]}<=0,"{NO_BASE}",ROUND({sums[0]}/{sums[1]},minor_digits))', shown)
        page.put(row, LEFT + table.keys.index(name), Formula(text, _each(figure)), "money", **line)


def _charts(page: Page, table: Table, shown: Shown, scopes: Sequence[Scope]) -> int:
    row = table.last + 4
    if len(scopes) > CHARTED or shown.no_costs:
        return row
    names = of_column(table, "scope")
    if any(not one.figures["cost_to_collect"].note for one in scopes):
        title = _share_title(shown, scopes)
        row = chart(
            page,
            row,
            title,
            names,
            [Series("Cost to collect", of_column(table, "share"))],
            numbers="0%",
            labelled=len(scopes) < 16,
        )
    both = [
        Series("Collected", of_column(table, "collected")),
        Series("Cost, loaded", of_column(table, "cost"), SECOND),
    ]
    amounts = [in_money(one.minor(name), shown.about.digits) for one in scopes for name in ("collected", "cost")]
    title = said("RECOVERY_CHART_BOTH", currency=shown.about.currency)
    return chart(page, row, title, names, both, numbers=money_axis(amounts))


def _share_title(shown: Shown, scopes: Sequence[Scope]) -> str:
    """The one with the highest cost to collect is in the title."""
    known = [
        (one.figures["cost_to_collect"].value or Fraction(0), one)
        for one in scopes
        if not one.figures["cost_to_collect"].note
    ]
    most, least = max(known, key=lambda pair: pair[0]), min(known, key=lambda pair: pair[0])
    return said(
        "RECOVERY_CHART_SHARE",
        most=most[1].name, most_share=f"{float(most[0]):.1f}",
        least=least[1].name, least_share=f"{float(least[0]):.1f}",
    )  # fmt: skip


def _part(count: int) -> str:
    whole = f"SUM({{cost}}${TOP + 2}:{{cost}}${TOP + 1 + count})"
    return f'=IF({whole}=0,"",{{cost}}{{row}}/{whole})'


def write_channels(page: Page, shown: Shown) -> Table:
    """What each channel cost, of everything collected."""
    scopes = shown.scopes("channel")
    page.heading("Channels", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_CHANNELS"), font_color=MUTED)
    whole = shown.whole
    ordered = sorted(scopes, key=lambda one: (-one.minor("cost"), one.id))
    shares = [
        exact(Fraction(one.minor("cost"), whole.minor("cost")), 12) if whole.minor("cost") else None for one in ordered
    ]
    collected = f"{whole.minor('collected')}/10^minor_digits"
    formula = f'=IF({collected}<=0,"{NO_BASE}",{{cost}}{{row}}/({collected}))'
    table = page.table(
        TOP,
        [
            Column("scope", "Channel", [one.id for one in ordered], widest=30),
            Column("cost", "Cost", [one.minor("cost") for one in ordered], "money", total=True),
            Column("direct", "Of it direct", [one.minor("cost_direct") for one in ordered], "money", total=True),
            Column("part", "Of all costs", shares, "share", _part(len(ordered))),
            Column(
                "share",
                "Of what was collected",
                _shares(ordered, "cost_to_collect"),
                "share",
                formula,
                style={"align": "right"},
            ),
        ],
        total="All",
    )
    title = said("RECOVERY_CHART_CHANNELS", currency=shown.about.currency)
    if ordered:
        chart(
            page,
            table.last + 4,
            title,
            of_column(table, "scope"),
            [Series("Cost", of_column(table, "cost"))],
            kind="bar",
            width=620,
            numbers=money_axis(in_money(one.minor("cost"), shown.about.digits) for one in ordered),
        )
        on_paper(page, table.last + 4 + ROWS)
    page.heads_stay(TOP)
    return table
