"""The KPIs by code: what each is called, how it is counted, in what unit, and which direction is good.

The list is `toolkit/data/kpis.toml`, so that plans, targets and scorecards use the same words.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from toolkit.definitions import Definitions, words_of


@dataclass(frozen=True, slots=True)
class KpiCode:
    """One KPI as people know it.

    unit: percent, count, money, minutes, hours, days or points. direction: higher or lower is better. source: where
    the job descriptions name it. base: whether a share is of so many cases, or of money or minutes. once: a case may be
    two people's, and counts once for their team and for all. ratio: so many for each of something. stock: what
    stands or has run up on a day, which is no figure of the day. formula: in words.
    needs: the tables and columns that it cannot do without. uses: the definitions (`toolkit.definitions`) that change
    it. cohort: how long its cohorts are. entered: people enter it in kpi_values, nothing computes it. aside: what is
    counted beside the figure, by name with its words.
    """

    code: str
    title: str
    unit: str
    direction: Literal["higher", "lower"]
    source: str
    base: Literal["cases", "amount"] = "cases"
    once: bool = False
    ratio: bool = False
    stock: bool = False
    formula: str = ""
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    cohort: Literal["week", "month"] = "week"
    entered: bool = False
    aside: tuple[tuple[str, str], ...] = ()

    @property
    def is_share(self) -> bool:
        """Whether its values are written with a percent sign."""
        return self.unit == "percent"

    @property
    def adds_up(self) -> bool:
        """Whether its values, and its targets, add up over days and people."""
        return not self.is_share and not self.ratio

    @property
    def counts_cases(self) -> bool:
        """Whether it is a share of so many cases, so that chance can be reckoned with."""
        return self.is_share and self.base == "cases"

    def definition_in(self, definitions: Definitions) -> str:
        """How it is counted under these definitions, as it is printed beside the figure."""
        chosen = [words_of(name, definitions) for name in self.uses]
        return "; ".join(part for part in (self.formula, *chosen) if part)


@cache
def kpi_codes() -> Mapping[str, KpiCode]:
    """Every KPI by its code."""
    source = files("toolkit").joinpath("data", "kpis.toml").read_text(encoding="utf-8")
    listed = {
        code: {key: _fixed(value) for key, value in about.items()} for code, about in tomllib.loads(source).items()
    }
    return MappingProxyType({code: KpiCode(code=code, **about) for code, about in listed.items()})


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else tuple(value.items()) if isinstance(value, dict) else value
