"""The binomial distribution, for shares of few cases.

`scipy.stats` has it too; it takes three quarters of a second to load, which is too long for a command that has nothing
else to do with it. The functions under it are in `scipy.special`, which is loaded where they are needed.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def at_most(cases: npt.ArrayLike, trials: npt.ArrayLike, rate: float) -> Floats:
    """The chance of so many cases or fewer in so many trials, each of which succeeds at this rate; 0 below none."""
    from scipy.special import betainc

    k, n = np.asarray(cases, float), np.asarray(trials, float)
    inside = (k >= 0) & (k < n)
    chance = betainc(np.where(inside, n - k, 1), np.where(inside, k + 1, 1), 1 - rate)
    return np.asarray(np.where(inside, chance, k >= n), float)


def least_number(share: float, trials: npt.ArrayLike, rate: float) -> Floats:
    """The least number of cases that is not exceeded with this probability; NaN without trials."""
    from scipy.special import bdtrik

    found = np.ceil(bdtrik(share, np.asarray(trials, float), rate))
    one_less = np.maximum(found - 1, 0)
    return np.asarray(np.where(at_most(one_less, trials, rate) >= share, one_less, found), float)
