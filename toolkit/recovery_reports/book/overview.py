"""The Overview sheet: what collecting cost and brought, by formula over the cells of Costs, and what to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from toolkit.look import LEFT, Figure, Formula, Kind, Page, said
from toolkit.look.theme import BAND, HEAD_POINTS, INK, LINE, MUTED, Style
from toolkit.money import rounded
from toolkit.recovery.ratios import NO_BASE, NO_COSTS, PER_ACTION, Ratio, measures
from toolkit.recovery.routes import in_words
from toolkit.recovery_reports.book.costs import CostRefs
from toolkit.recovery_reports.book.prose import if_known, on_paper, sentences
from toolkit.recovery_reports.shown import Shown, exact, pursue_words

TOP = 8
HEADS = (
    "",
    "Direct",
    "Fully loaded",
    "Above the line, direct",
    "Above the line, loaded",
    "Below the line",
    "What it is",
)
Value = int | Decimal | str


@dataclass(frozen=True)
class Line:
    """One row: its cells of direct and loaded figures, what they are made of, and what it is."""

    measure: str
    kind: Kind
    values: tuple[Formula | None, Formula | None]
    above: tuple[Formula | None, Formula | None] = (None, None)
    below: int | None = None
    below_kind: Kind = "money"


def write_overview(page: Page, shown: Shown, refs: CostRefs) -> dict[str, str]:
    """The sheet; gives the cells of what was collected, spent and left, by measure."""
    page.heading(said("RECOVERY_TITLE"), shown.subtitle)
    rows = {measure: row for row, measure in enumerate(_measures(shown), TOP + 2)}
    lines = list(_lines(shown, refs, rows))
    _table(page, shown, lines)
    _figures(page, shown, rows)
    row = _sentences(page, TOP + 3 + len(lines), shown)
    page.heads_stay(TOP)
    page.sheet.repeat_rows(0, 1)
    page.sheet.print_area(0, 0, row, LEFT + len(HEADS) - 1)
    on_paper(page, row, [TOP + 2 + len(lines)])
    return {measure: f"Overview!$D${row}" for measure, row in rows.items()}


def _measures(shown: Shown) -> list[str]:
    """The rows, in their order; assets only where there are any."""
    assets = shown.whole.minor("assets_net") != 0
    first = ["cost", "collected", *(["assets_net"] if assets else []), "net_recovery"]
    more = ["net_recovery_with_assets"] if assets else []
    units = ["cost_to_collect", "cost_per_unit", *(["cost_per_unit_with_assets"] if assets else [])]
    return [*first, *more, *units, *(f"cost_per_{name}" for name in shown.actions)]


def _lines(shown: Shown, refs: CostRefs, rows: dict[str, int]) -> Iterator[Line]:
    figures = shown.whole.figures
    money = {name: f"$D${row}" for name, row in rows.items()}
    spent = (f"=$C${rows['cost']}", f"=$D${rows['cost']}")
    for measure in _measures(shown):
        one, direct = figures[measure], figures.get(f"{measure}_direct")
        if measure == "cost":
            yield Line(measure, "money", _pair(f"={refs.direct}", direct, f"={refs.total}", one, shown))
        elif measure in ("collected", "assets_net"):
            yield Line(measure, "money", (None, Formula(f"={int(one.numerator)}/10^minor_digits", int(one.numerator))))
        elif measure.startswith("net_recovery"):
            came = "+".join(money[name] for name in _came(measure))
            both = _pair(f"={came}-$C${rows['cost']}", direct, f"={came}-$D${rows['cost']}", one, shown)
            yield Line(measure, "money", both)
        elif one.money:
            came = "+".join(money[name] for name in _came(measure))
            yield _of_money(measure, one, direct, spent, came, shown)
        else:
            yield _of_work(measure, one, figures[f"{measure}_direct"], refs, rows[measure], shown)


def _came(measure: str) -> tuple[str, ...]:
    return ("collected", "assets_net") if measure.endswith("_with_assets") else ("collected",)


def _pair(
    text: str, direct: Ratio | None, loaded_text: str, one: Ratio, shown: Shown
) -> tuple[Formula | None, Formula | None]:
    own = None if direct is None else Formula(if_known(text, shown), direct.note or int(direct.numerator))
    return own, Formula(if_known(loaded_text, shown), one.note or int(one.numerator))


def _of_money(measure: str, one: Ratio, direct: Ratio | None, spent: tuple[str, str], came: str, shown: Shown) -> Line:
    """Cost over what came in; a percentage as Excel shows one."""
    base = f"({came})"
    texts = [if_known(f'=IF({base}<=0,"{NO_BASE}",{of[1:]}/{base})', shown) for of in spent]
    values = [None if of is None else Formula(text, _share(of)) for text, of in zip(texts, (direct, one), strict=True)]
    above = tuple(
        None if of is None else Formula(text, NO_COSTS if shown.no_costs else int(of.numerator))
        for text, of in zip(spent, (direct, one), strict=True)
    )
    kind: Kind = "share" if measure.startswith("cost_to_collect") else "number"
    return Line(measure, kind, (values[0], values[1]), above, one.denominator)  # type: ignore[arg-type]  # two of them


def _share(one: Ratio) -> Value:
    if one.value is None:
        return one.note
    return exact(one.value / one.times, 12) or Decimal(0)


def _of_work(measure: str, one: Ratio, direct: Ratio, refs: CostRefs, row: int, shown: Shown) -> Line:
    """What work cost, of each: the sums of its actions on Costs over the count."""
    actions = [name for name in PER_ACTION[measure.removeprefix("cost_per_")][0] if name in refs.actions]
    above = tuple(
        Formula("=" + ("+".join(refs.actions[name][side] for name in actions) or "0"), int(of.numerator))
        for side, of in enumerate((direct, one))
    )
    values = tuple(
        Formula(if_known(f'=IF($G${row}=0,"{NO_BASE}",ROUND({letter}{row}/$G${row},minor_digits))', shown), _each(of))
        for letter, of in (("E", direct), ("F", one))
    )
    return Line(measure, "money", (values[0], values[1]), (above[0], above[1]), one.denominator, "whole")


def _each(one: Ratio) -> Value:
    return one.note if one.value is None else rounded(one.value, "half_up")


def _table(page: Page, shown: Shown, lines: list[Line]) -> None:
    for offset, head in enumerate(HEADS):
        side = "left" if offset in (0, 6) else "right"
        look: Style = {"bold": True, "font_color": MUTED, "font_size": HEAD_POINTS, "bottom": 1, "bottom_color": INK}
        indent: Style = {"indent": 1} if offset == 6 else {}
        page.put(TOP, LEFT + offset, head or "What", fits=False, align=side, text_wrap=True, **look, **indent)
    page.height(TOP, 32)
    page.grow(LEFT, 190)
    page.grow(LEFT + 6, 430)
    for offset in range(1, 6):
        page.grow(LEFT + offset, 104)
    for index, line in enumerate(lines):
        _row(page, TOP + 1 + index, line, shown, odd=index % 2 == 1)


def _row(page: Page, row: int, line: Line, shown: Shown, *, odd: bool) -> None:
    look: Style = {"bottom": 1, "bottom_color": LINE, **({"bg_color": BAND} if odd else {})}
    bold: Style = {"bold": True} if line.measure in ("cost", "net_recovery", "cost_to_collect") else {}
    page.put(row, LEFT, measures()[line.measure]["title"].replace(", fully loaded", ""), **look, **bold)
    for offset, value in enumerate(line.values, 1):
        page.put(row, LEFT + offset, value, line.kind, align="right", **look, **bold)
    for offset, value in enumerate(line.above, 3):
        page.put(row, LEFT + offset, value, "money", **look, font_color=MUTED)
    page.put(row, LEFT + 5, line.below, line.below_kind, **look, font_color=MUTED)
    page.put(
        row,
        LEFT + 6,
        measures()[line.measure]["definition"],
        "note",
        fits=False,
        **look,
        indent=1,
        text_wrap=True,
        font_color=MUTED,
    )
    page.height(row, 18 if len(measures()[line.measure]["definition"]) < 78 else 32)
    page.red_negatives(f"C{row + 1}:D{row + 1}")


def _figures(page: Page, shown: Shown, rows: dict[str, int]) -> None:
    """The answer, and what it is made of."""
    whole = shown.whole

    def amount(measure: str) -> Formula:
        return Formula(f"=$D${rows[measure]}", whole.figures[measure].note or whole.minor(measure))

    answer = Formula(f"=$D${rows['cost_to_collect']}", _share(whole.figures["cost_to_collect"]))
    page.figures(
        4,
        [
            Figure("Cost to collect, fully loaded", answer, "share", LEFT, accent=True),
            Figure("Collected", amount("collected"), "money", LEFT + 1),
            Figure("Cost", amount("cost"), "money", LEFT + 3),
            Figure("Net recovery", amount("net_recovery"), "money", LEFT + 5),
        ],
        LEFT + 6,
    )


def _sentences(page: Page, row: int, shown: Shown) -> int:
    """What one more action has to bring, what is worth pursuing, and what is to be said of the data."""
    blocks = [
        (said("RECOVERY_ONE_MORE"), [in_words(route, shown.about.digits) for route in shown.routes]),
        (said("RECOVERY_TO_PURSUE"), pursue_words(shown)),
        (said("RECOVERY_REMARKS"), [found.message for found in shown.remarks]),
    ]
    for title, texts in blocks:
        if texts:
            page.prose(row, title, bold=True, font_size=12)
            row += 1
            row = sentences(page, row, texts, LEFT + 6) + 1
    return row
