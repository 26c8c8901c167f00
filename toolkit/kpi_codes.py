"""The KPIs by code: what each is called, in what unit it is counted and which direction is good.

The list is `toolkit/data/kpis.toml`, so that plans, targets and scorecards use the same words.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class KpiCode:
    """One KPI's name. `unit` is percent, count, money, minutes, hours, days or points; `direction` higher or lower."""

    code: str
    title: str
    unit: str
    direction: str
    source: str

    @property
    def is_share(self) -> bool:
        """Whether its values are written with a percent sign."""
        return self.unit == "percent"


@cache
def kpi_codes() -> Mapping[str, KpiCode]:
    """Every KPI by its code."""
    source = files("toolkit").joinpath("data", "kpis.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    return MappingProxyType({code: KpiCode(code=code, **about) for code, about in table.items()})
