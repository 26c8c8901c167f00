"""A range of several areas: only what macros do with all of its cells at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import addresses
from .addresses import Area
from .com import Com
from .pywin32 import RANGE_IID

if TYPE_CHECKING:
    from .worksheet import Worksheet


class Areas(Com):
    """Range with several areas. Its Address and NumberFormat are those of all, as Excel has it."""

    _iid = RANGE_IID
    CLSID = RANGE_IID

    def __init__(self, worksheet: Worksheet, areas: Sequence[Area]) -> None:
        self._meter = worksheet._meter
        self._worksheet, self._areas = worksheet, list(areas)

    @property
    def Address(self) -> str:
        return ",".join(addresses.text(area) for area in self._areas)

    @property
    def NumberFormat(self) -> str | None:
        """None where the cells differ."""
        found = {self._worksheet._sheet.get_format(area, "number_format") for area in self._areas}
        return found.pop() if len(found) == 1 else None

    @NumberFormat.setter
    def NumberFormat(self, value: str) -> None:
        self._worksheet._may_change()
        for area in self._areas:
            self._worksheet._sheet.set_format(area, "number_format", value)

    def ClearContents(self) -> None:
        """All areas or, where one of them is locked, none."""
        for area in self._areas:
            self._worksheet._may_change(area)
        for area in self._areas:
            self._worksheet._sheet.clear_contents(area)
