"""How the figures of a block are shown: each by the unit of its row, with a number format of its own.

A rule that formats by condition would be simpler, but only Excel follows it. Each call to Excel takes time, so cells
that are shown alike are told at once, as one range of several areas.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from xlsxwriter.utility import xl_cell_to_rowcol, xl_range

from toolkit.excel.layout import Block, layout
from toolkit.excel.sheets import sheet_named, told_by_sheet
from toolkit.look.theme import number_format

if TYPE_CHECKING:
    import xlwings as xw

LONGEST_ADDRESS = 255
"""Letters that Excel takes in the address of a range."""
LARGE = 1000
"""Figures from it on need no decimals, unless they are money."""
MOST_DECIMALS = 3

Row = Sequence[object]


class Area(NamedTuple):
    """Cells of a block that are shown alike; rows and columns count from 0, both ends included."""

    shown: str
    top: int
    left: int
    bottom: int
    right: int


def show(book: "xw.Book", area: "xw.Range", name: str, rows: Sequence[Row], currency: str, digits: int) -> None:
    """Gives the figures of a filled block their number formats; digits are the currency's."""
    sheet, block = layout().block(name)
    columns = [at for at, column in enumerate(block.columns) if column.unit]
    areas = areas_of(formats_of(block, rows, currency, digits))
    if not areas:
        return
    usual, _ = Counter(area.shown for area in areas).most_common(1)[0]
    # all as most are, which also takes away what is left of an earlier press; then the others
    wholes = [Area(usual, 0, left, block.rows - 1, right) for left, right in _together(columns)]
    others = [one for one in areas if one.shown != usual]
    top, left = xl_cell_to_rowcol(area.get_address(False, False).split(":")[0])
    with told_by_sheet(sheet.name):
        on = sheet_named(book, sheet.name)  # to ask the area for its sheet takes seven calls
        for shown, address in addresses([*wholes, *others], top, left):
            on.range(address).number_format = shown


def formats_of(block: Block, rows: Sequence[Row], currency: str, digits: int) -> list[dict[int, str]]:
    """The number format of each figure, row by row, by its column; nothing for cells without one."""
    columns = {at: ord(column.unit) - ord("B") for at, column in enumerate(block.columns) if column.unit}
    alike = ord(block.alike) - ord("B") if block.alike else None
    groups: dict[tuple[int, object, object], list[float]] = {}
    for row in rows:
        for at, key in _figures(row, columns, alike):
            groups.setdefault(key, []).append(_number(row[at]))
    formats = {key: _format(key[1], values, currency, digits) for key, values in groups.items()}
    found = [{at: formats[key] for at, key in _figures(row, columns, alike)} for row in rows]
    return [_told_apart(row, own) for row, own in zip(rows, found, strict=True)]


def _figures(
    row: Row, columns: Mapping[int, int], alike: int | None
) -> Iterator[tuple[int, tuple[int, object, object]]]:
    """The figures of a row, and with which others each has its decimals in common: those of one KPI in one column."""
    for at, unit in columns.items():
        if at < len(row) and isinstance(row[at], (int, float)):
            yield at, (at, row[unit], None if alike is None else row[alike])


def _number(cell: object) -> float:
    assert isinstance(cell, (int, float))  # noqa: S101  # only those were chosen
    return float(cell)


def _format(unit: object, values: Iterable[float], currency: str, digits: int) -> str:
    if unit == "percent":
        return number_format("share", digits)
    if unit == currency:
        return number_format("money", digits)
    plain = all(value.is_integer() or abs(value) >= LARGE for value in values)
    return number_format("count" if plain else "tenth", digits)


def _told_apart(row: Row, formats: dict[int, str]) -> dict[int, str]:
    """92.96 % beside a target of 93 % must not read as 93.0 %: the decimals that it takes."""
    share = number_format("share", 0)
    shares = [at for at, shown in formats.items() if shown == share][:2]
    if len(shares) < 2:
        return formats
    one, other = (_number(row[at]) * 100 for at in shares)
    more = next((more for more in range(1, MOST_DECIMALS) if round(one, more) != round(other, more)), MOST_DECIMALS)
    if more == 1 or round(one, MOST_DECIMALS) == round(other, MOST_DECIMALS):
        return formats
    return formats | dict.fromkeys(shares, f"0.{'0' * more}%")


def areas_of(formats: Sequence[Mapping[int, str]]) -> list[Area]:
    """The figures as few rectangles; cells without a figure belong to whatever is beside them."""
    found: list[Area] = []
    begins, together = 0, dict[int, str]()
    for number, row in enumerate(formats):
        if any(together.get(at, shown) != shown for at, shown in row.items()):
            found += _spans(together, begins, number - 1)
            begins, together = number, {}
        together |= row
    return [*found, *_spans(together, begins, len(formats) - 1)]


def _spans(row: Mapping[int, str], top: int, bottom: int) -> Iterator[Area]:
    """Neighbours that are shown alike."""
    for shown in dict.fromkeys(row.values()):
        for left, right in _together(sorted(at for at, own in row.items() if own == shown)):
            yield Area(shown, top, left, bottom, right)


def _together(columns: Sequence[int]) -> list[tuple[int, int]]:
    """Columns that stand side by side, from the first to the last of each stretch."""
    stretches: list[tuple[int, int]] = []
    for at in columns:
        if stretches and stretches[-1][1] == at - 1:
            stretches[-1] = (stretches[-1][0], at)
        else:
            stretches.append((at, at))
    return stretches


def addresses(areas: Iterable[Area], top: int, left: int) -> Iterator[tuple[str, str]]:
    """Each format with addresses of several areas, as long as Excel takes them; top and left are where the block is."""
    by_format: dict[str, list[str]] = {}
    for one in areas:
        cells = xl_range(top + one.top, left + one.left, top + one.bottom, left + one.right)
        by_format.setdefault(one.shown, []).append(cells)
    for shown, cells in by_format.items():
        for address in joined(cells):
            yield shown, address


def joined(cells: Iterable[str]) -> Iterator[str]:
    """Addresses of several areas, as long as Excel takes them."""
    longest = 0 if sys.platform == "darwin" else LONGEST_ADDRESS  # xlwings takes one area at a time there
    together = ""
    for address in cells:
        if together and len(together) + 1 + len(address) > longest:
            yield together
            together = ""
        together = f"{together},{address}" if together else address
    if together:
        yield together
