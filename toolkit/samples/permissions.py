"""Who must not be contacted, who consented to it, and the rare call in which somebody else was told of a debt."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.samples.accounts import day_number
from toolkit.samples.work import SECONDS_A_DAY, Work

RECENT_DAYS = 8
"""The requests are of the last days: a team mostly keeps to what it has known for long."""
LEAST, MOST_OF = 4, 400
KINDS = ("do_not_call", "consent", "opt_out_channel", "consent", "legal_hold")
CHANNELS = {"opt_out_channel": "sms", "consent": "call"}
TOLD = 0.02
"""Of the calls that reached somebody else."""


def permissions_table(work: Work, last: date) -> dict[str, object]:
    """A few accounts, each with a request or a consent of the last days."""
    rng, accounts = work.chance["permissions"], work.accounts
    late = np.flatnonzero(accounts.active & (accounts.late > 0))
    size = min(len(late), LEAST + accounts.size // MOST_OF)
    which = np.sort(rng.choice(late, size, replace=False)) if size else late
    day = day_number(last) - rng.integers(1, RECENT_DAYS, size)
    kinds = [KINDS[place % len(KINDS)] for place in range(size)]
    second = np.minimum(rng.integers(8 * 3600, 17 * 3600, size), SECONDS_A_DAY - 1)
    return {
        "account_id": work.account_ids.gather(which),
        "kind": kinds,
        "channel": [CHANNELS.get(kind, "any") for kind in kinds],
        "from_at": (day, second),
        "source": ["Letter" if kind == "legal_hold" else "Call recording" for kind in kinds],
    }


def third_party(work: Work, disposition: npt.NDArray[Any]) -> pl.Series:
    """Whether somebody else was told of the debt, where somebody else answered."""
    told = work.chance["permissions"].random(len(disposition)) < TOLD
    reached = pl.Series(disposition == "wrong_party", dtype=pl.Boolean)
    return pl.select(pl.when(reached).then(pl.Series(told))).to_series()
