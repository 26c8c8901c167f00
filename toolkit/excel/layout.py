"""What the workbook is made of, from `workbooks/layout.toml`: its sheets with their settings, tables and buttons."""

import tomllib
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from toolkit.look import Kind
from toolkit.shipped import shipped

OWN_MODULES = ("Buttons", "Functions", "xlwings_udfs")
"""Our VBA modules in workbooks/: what buttons start, what the function wizard says, what functions call."""
CONF_SHEET = "xlwings.conf"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Part):
    """A large figure at the top of a sheet; `value` is what its formula gives while nothing is calculated."""

    cell: str
    label: str
    formula: str
    kind: Kind = "text"
    accent: bool = False
    value: int | str = 0


class Status(_Part):
    """The cell that says in a sentence how things stand: ✓, ✗ or ◆ and what to do."""

    cell: str
    value: str
    name: str = ""
    formula: str = ""


class Button(_Part):
    """A button and the macro that it starts."""

    caption: str
    macro: str
    cell: str
    group: str = ""
    accent: bool = False


class Steps(_Part):
    """What to do, in order; or what to mind: the rows, and under them those of the set-up's own definition."""

    top: int
    head: str
    rows: tuple[str, ...]


class Setting(_Part):
    """A cell that people fill in, named setting_NAME. `list`: its drop-down, by name, its entries or a formula."""

    name: str
    label: str
    value: str
    about: str
    list: str | tuple[str, ...] = ""
    cell: str = ""


class BlockColumn(_Part):
    """A column of a block; `name` is the name of its cells below the head, for formulas, `wrap` lets a long text run
    on in the lines below, `input` lets people type into it, `unit` is the letter of the column that says of each row
    what its figure counts (percent, the currency, anything else).
    """

    head: str
    kind: Kind | Literal["link"] = "text"
    name: str = ""
    wrap: bool = False
    input: bool = False
    unit: str = ""


class Block(_Part):
    """A table that a button fills, named block_NAME: `columns`, and up to `wide` in all, with money in the others.

    `strong` says by a formula which rows are bold, `heads` and `totals` name the rows of the heads and of the sums.
    `alike` is the letter of the column whose equal entries have figures with as many decimals.
    """

    name: str
    top: int
    rows: int
    columns: tuple[BlockColumn, ...]
    wide: int = 0
    totals: str = ""
    heads: str = ""
    strong: str = ""
    alike: str = ""

    @property
    def width(self) -> int:
        return max(self.wide, len(self.columns))

    @property
    def wraps(self) -> bool:
        """Whether its rows are as high as their texts need."""
        return any(column.wrap for column in self.columns)


class Chart(_Part):
    """A chart of a block beside it: the letter of the column with the names, and of those with figures; `first` of its
    rows and how many."""

    cell: str
    title: str
    block: str
    names: str
    values: tuple[str, ...]
    first: int = 1
    rows: int
    numbers: str = "#,##0"
    kind: Literal["column", "bar", "line"] = "column"
    width: int = 520
    height: int = 250


class PlanTable(_Part):
    """A table of the plan format on the sheet Plan: these columns, and up to `wide` in all for other keys."""

    name: str
    rows: int
    columns: tuple[str, ...]
    wide: int = 0

    @property
    def width(self) -> int:
        return max(self.wide, len(self.columns))


class Check(_Part):
    """A figure of the workbook beside the run's own; `key` is where run.json has it, `parts` what it is the sum of."""

    what: str
    formula: str
    key: str
    why: str
    kind: Kind = "money"
    parts: tuple[tuple[str, str], ...] = ()


class Sheet(_Part):
    """A sheet. `about` is the line under the title, a formula if it starts with "="; `about_at_first` is
    what the formula gives in a new workbook, for those who look at it without opening it in Excel. `form`: the sheet is
    the set-up's quality form, with its own title, widths and heads.
    """

    name: str
    title: str = ""
    about: str = ""
    form: bool = False
    about_at_first: str = ""
    landscape: bool = False
    freeze: int = 0
    freeze_columns: int = 0
    widths: dict[str, int] = Field(default_factory=dict)
    figure: tuple[Figure, ...] = ()
    status: tuple[Status, ...] = ()
    button: tuple[Button, ...] = ()
    steps: tuple[Steps, ...] = ()
    mind: tuple[Steps, ...] = ()
    setting: tuple[Setting, ...] = ()
    block: tuple[Block, ...] = ()
    chart: tuple[Chart, ...] = ()
    table: tuple[PlanTable, ...] = ()
    check: tuple[Check, ...] = ()


class Layout(_Part):
    """All sheets, from left to right."""

    sheet: tuple[Sheet, ...]

    def block(self, name: str) -> tuple[Sheet, Block]:
        """The block of this name and the sheet that it is on."""
        return next((sheet, block) for sheet in self.sheet for block in sheet.block if block.name == name)

    @property
    def plan_tables(self) -> tuple[PlanTable, ...]:
        return tuple(table for sheet in self.sheet for table in sheet.table)

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(check for sheet in self.sheet for check in sheet.check)

    @property
    def macros(self) -> set[str]:
        return {button.macro for sheet in self.sheet for button in sheet.button}


@cache
def layout() -> Layout:
    """The layout that is shipped."""
    text = (shipped("workbooks") / "layout.toml").read_text(encoding="utf-8")
    return Layout.model_validate(tomllib.loads(text))


def own_modules() -> dict[str, str]:
    """Our VBA modules by name."""
    folder = shipped("workbooks")
    return {name: (folder / f"{name}.bas").read_text(encoding="utf-8") for name in OWN_MODULES}
