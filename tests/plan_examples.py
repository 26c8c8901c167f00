"""The plan of the reference page, for tests that change one thing in it, and the smallest plans that pay."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "plan-format.md"


def example_text() -> str:
    """The full example of the reference page, as it stands there."""
    match = re.search(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert match
    return match[1]


def example() -> dict[str, Any]:
    """The same as a document of its own, free to be changed."""
    return tomllib.loads(example_text(), parse_float=Decimal)


def simple(**component: Any) -> dict[str, Any]:
    """A plan with one component of 2 % of what is collected, its keys changed or, with None, left out."""
    keys = {"code": "CASH", "kind": "percent", "measure": "collected", "per": "period", "rate": "2%"} | component
    return {
        "id": "TEST",
        "version": 1,
        "currency": "KES",
        "from": "2026-01-01",
        "period": "month",
        "rate_date": "payment",
        "rounding": "half_up",
        "payout_unit": "0.01",
        "component": [{key: value for key, value in keys.items() if value is not None}],
    }


def small_plan(*, rate: str = "10%", per: str = "payment", clawback: str = "") -> str:
    """A plan file that pays a share of each payment, or of all in a month, to whom the payment names."""
    back = f"clawback = {clawback}\n" if clawback else ""
    return f"""id = "SMALL"
version = 1
currency = "KES"
country = "KE"
from = 2026-01-01
period = "month"
rate_date = "payment"
rounding = "half_up"
payout_unit = "0.01"

[credit]
rules = ["named"]

[[component]]
code = "CASH"
kind = "percent"
measure = "collected"
per = "{per}"
rate = "{rate}"
{back}"""


def banded(*bands: tuple[str, str], **component: Any) -> dict[str, Any]:
    """A plan with one component with rates by amount, in slices, unless the keys say otherwise."""
    key = component.pop("gives", "rate")
    keys = {"band_by": "amount", "band_mode": "slice", "band_edge": "from", "rate": None}
    return simple(**(keys | {"bands": [{"from": start, key: value} for start, value in bands]} | component))
