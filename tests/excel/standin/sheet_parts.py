"""Shapes and Hyperlinks of a sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .addresses import Area
from .backend import Link
from .com import Collection, Com, excel_error

if TYPE_CHECKING:
    from .ranges import Range
    from .worksheet import Worksheet

_LINK_BLUE = 0xC16305  # the theme's hyperlink colour, #0563C1, in the order of bytes that Excel uses


class Shapes(Collection):
    """The drawings and buttons on a sheet; of each only the name is known."""

    def __init__(self, worksheet: Worksheet) -> None:
        self._meter = worksheet._meter
        self._worksheet = worksheet

    def _members(self) -> list[Shape]:
        return [Shape(self._worksheet, name) for name in self._worksheet._sheet.shapes()]

    @property
    def Application(self) -> Any:
        return self._worksheet.Application

    @property
    def Parent(self) -> Worksheet:
        return self._worksheet


class Shape(Com):
    def __init__(self, worksheet: Worksheet, name: str) -> None:
        self._meter = worksheet._meter
        self._worksheet, self._name = worksheet, name

    @property
    def Name(self) -> str:
        return self._name

    @property
    def Application(self) -> Any:
        return self._worksheet.Application

    @property
    def Parent(self) -> Worksheet:
        return self._worksheet


class Hyperlinks(Collection):
    """The links in a range, or of a whole sheet."""

    def __init__(self, worksheet: Worksheet, area: Area) -> None:
        self._meter = worksheet._meter
        self._worksheet, self._area = worksheet, area

    def _members(self) -> list[Hyperlink]:
        links = self._worksheet._sheet.links()
        return [Hyperlink(self._worksheet, link) for link in links if self._area.common(link.area)]

    @property
    def Application(self) -> Any:
        return self._worksheet.Application

    @property
    def Parent(self) -> Any:
        return self._worksheet

    def Add(
        self,
        Anchor: Range,
        Address: str,
        SubAddress: str | None = None,
        ScreenTip: str | None = None,
        TextToDisplay: str | None = None,
    ) -> Hyperlink:
        """An empty cell shows the address; another keeps its text unless TextToDisplay is given."""
        self._worksheet._may_change()
        link = Link(Anchor._area, Address or "", SubAddress or "", ScreenTip or "")
        first = Anchor._cell()
        shown = TextToDisplay or (first.Value is None and (link.address or link.place))
        self._worksheet._sheet.set_link(link)
        if shown:
            first._store_text(shown)
        self._worksheet._sheet.set_format(Anchor._area, "color", _LINK_BLUE)
        return Hyperlink(self._worksheet, link)


class Hyperlink(Com):
    def __init__(self, worksheet: Worksheet, link: Link) -> None:
        self._meter = worksheet._meter
        self._worksheet, self._link = worksheet, link

    @property
    def Application(self) -> Any:
        return self._worksheet.Application

    @property
    def Parent(self) -> Range:
        return self.Range

    @property
    def Range(self) -> Range:
        from .ranges import Range

        return Range(self._worksheet, self._link.area)

    @property
    def Address(self) -> str:
        return self._link.address

    @property
    def SubAddress(self) -> str:
        return self._link.place

    @property
    def ScreenTip(self) -> str:
        return self._link.tip

    @ScreenTip.setter
    def ScreenTip(self, value: str | None) -> None:
        self._worksheet._may_change()
        self._link = replace(self._link, tip=value or "")
        self._worksheet._sheet.set_link(self._link)

    @property
    def TextToDisplay(self) -> str:
        return self.Range._cell().Text

    @TextToDisplay.setter
    def TextToDisplay(self, value: str | None) -> None:
        if value is None:
            raise excel_error("Unable to set the TextToDisplay property of the Hyperlink class")
        self._worksheet._may_change()
        self.Range._cell()._store_text(value)
