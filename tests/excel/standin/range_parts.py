"""The objects that a Range hands out for its looks and rules: Font, Interior, Validation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from openpyxl.styles.colors import COLOR_INDEX

from .backend import Rule
from .com import NO_COLOUR, Com, excel_error

if TYPE_CHECKING:
    from .looks import Looks


class _Part(Com):
    """An object that belongs to a range."""

    def __init__(self, owner: Looks) -> None:
        self._meter = owner._meter
        self._owner = owner

    @property
    def Application(self) -> Any:
        return self._owner.Application

    @property
    def Parent(self) -> Any:
        return self._owner


class Font(_Part):
    @property
    def Bold(self) -> bool | None:
        return self._owner._get("bold")

    @Bold.setter
    def Bold(self, value: Any) -> None:
        self._owner._set("bold", bool(value))

    @property
    def Italic(self) -> bool | None:
        return self._owner._get("italic")

    @Italic.setter
    def Italic(self, value: Any) -> None:
        self._owner._set("italic", bool(value))

    @property
    def Size(self) -> float | None:
        return self._owner._get("size")

    @Size.setter
    def Size(self, value: Any) -> None:
        if not 1 <= value <= 409:
            raise excel_error("Unable to set the Size property of the Font class")
        self._owner._set("size", float(value))

    @property
    def Color(self) -> int | None:
        """Red in the lowest byte, then green, then blue."""
        return self._owner._get("color")

    @Color.setter
    def Color(self, value: Any) -> None:
        self._owner._set("color", int(value))


class Interior(_Part):
    @property
    def Color(self) -> int | None:
        """White where there is no fill, as Excel says."""
        fill = self._owner._get("fill")
        return 0xFFFFFF if fill == NO_COLOUR else fill

    @Color.setter
    def Color(self, value: Any) -> None:
        self._owner._set("fill", int(value))

    @property
    def ColorIndex(self) -> int | None:
        """xlColorIndexNone (-4142) where there is no fill, else the nearest of the 56 colours of the palette."""
        fill = self._owner._get("fill")
        return fill if fill in (None, NO_COLOUR) else _nearest(fill)

    @ColorIndex.setter
    def ColorIndex(self, value: Any) -> None:
        if value != NO_COLOUR and not 1 <= value <= 56:
            raise excel_error("Unable to set the ColorIndex property of the Interior class")
        self._owner._set("fill", value if value == NO_COLOUR else _PALETTE[value - 1])


def reversed_bytes(colour: int) -> int:
    """Excel has red in the lowest byte, the rest of the world has it in the highest."""
    return (colour & 0xFF) << 16 | colour & 0xFF00 | colour >> 16


_PALETTE = [reversed_bytes(int(colour[-6:], 16)) for colour in COLOR_INDEX[8:64]]


def _nearest(colour: int) -> int:
    def distance(other: int) -> int:
        return sum(abs((colour >> shift & 0xFF) - (other >> shift & 0xFF)) for shift in (0, 8, 16))

    return min(range(1, 57), key=lambda index: distance(_PALETTE[index - 1]))


class Validation(_Part):
    """What may be put into the cells; its members other than Add and Delete are refused where there is no rule."""

    def _rule(self) -> Rule:
        rule = self._found()
        if rule is None:
            raise excel_error("Application-defined or object-defined error: the cells have no validation")
        return rule

    def _found(self) -> Rule | None:
        area = self._owner._area
        return self._owner._sheet.rule(area.top, area.left)

    def _change(self, **changes: Any) -> None:
        self._owner._worksheet._may_change()
        self._owner._sheet.set_rule(self._owner._area, replace(self._rule(), **changes))

    def Add(
        self, Type: int, AlertStyle: int = 1, Operator: int = 1, Formula1: Any = None, Formula2: Any = None
    ) -> None:
        """Refused while there is a rule: Delete comes first. A list is "a,b" or a formula such as "=$A$1:$A$5"."""
        if self._found() is not None or not 0 <= Type <= 7 or AlertStyle not in (1, 2, 3):
            raise excel_error("Application-defined or object-defined error: Validation.Add")
        if Type and Formula1 in (None, ""):
            raise excel_error("Application-defined or object-defined error: Validation.Add needs Formula1")
        if isinstance(Formula1, str) and len(Formula1) > 255:
            raise excel_error("Application-defined or object-defined error: Formula1 has more than 255 characters")
        self._owner._worksheet._may_change()
        formulas = ["" if formula is None else str(formula) for formula in (Formula1, Formula2)]
        rule = Rule(int(Type), int(AlertStyle or 1), int(Operator or 1), *formulas)
        self._owner._sheet.set_rule(self._owner._area, rule)

    def Delete(self) -> None:
        self._owner._worksheet._may_change()
        self._owner._sheet.set_rule(self._owner._area, None)

    @property
    def Type(self) -> int:
        return self._rule().type

    @property
    def AlertStyle(self) -> int:
        return self._rule().alert

    @property
    def Operator(self) -> int:
        return self._rule().operator

    @property
    def Formula1(self) -> str:
        return self._rule().formula1

    @property
    def Formula2(self) -> str:
        return self._rule().formula2

    @property
    def IgnoreBlank(self) -> bool:
        return self._rule().ignore_blank

    @IgnoreBlank.setter
    def IgnoreBlank(self, value: Any) -> None:
        self._change(ignore_blank=bool(value))

    @property
    def InCellDropdown(self) -> bool:
        return self._rule().dropdown

    @InCellDropdown.setter
    def InCellDropdown(self, value: Any) -> None:
        self._change(dropdown=bool(value))

    @property
    def InputTitle(self) -> str:
        return self._rule().input_title

    @InputTitle.setter
    def InputTitle(self, value: str) -> None:
        self._change(input_title=value)

    @property
    def InputMessage(self) -> str:
        return self._rule().input_message

    @InputMessage.setter
    def InputMessage(self, value: str) -> None:
        self._change(input_message=value)

    @property
    def ErrorTitle(self) -> str:
        return self._rule().error_title

    @ErrorTitle.setter
    def ErrorTitle(self, value: str) -> None:
        self._change(error_title=value)

    @property
    def ErrorMessage(self) -> str:
        return self._rule().error_message

    @ErrorMessage.setter
    def ErrorMessage(self, value: str) -> None:
        self._change(error_message=value)

    @property
    def ShowInput(self) -> bool:
        return self._rule().show_input

    @ShowInput.setter
    def ShowInput(self, value: Any) -> None:
        self._change(show_input=bool(value))

    @property
    def ShowError(self) -> bool:
        return self._rule().show_error

    @ShowError.setter
    def ShowError(self, value: Any) -> None:
        self._change(show_error=bool(value))
