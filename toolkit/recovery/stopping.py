"""When to leave a debt alone that was worked in vain: a beta-binomial stop.

Before an account has been worked, its chance is its bucket's own rate, which counts for so many cases: a beta
distribution. Each failed period is one more case without success. A small, faithful version of optimal stopping in
collections (de Almeida Filho, Mues and Thomas 2010; Chehrazi, Glynn and Weber 2018 reckon it in full).
"""

from fractions import Fraction


def chance_after(successes: int, cases: int, prior_cases: int, failed: int) -> Fraction:
    """The mean of the chance after so many failed periods in a row: m s / (n (m + k)), exact.

    successes, cases: of the bucket, its rate s / n. prior_cases: for how many cases m that rate counts. `ValueError`
    where there are no cases, or more successes than cases, or counts below nothing.
    """
    if cases <= 0 or not 0 <= successes <= cases:
        raise ValueError("a rate needs cases, and no more successes than those")
    if prior_cases <= 0 or failed < 0:
        raise ValueError("the rate counts for one case at least, and periods are not below nothing")
    return Fraction(prior_cases * successes, cases * (prior_cases + failed))


def stops(after: Fraction, failed: int, stop_after: int, break_even: Fraction | None) -> bool:
    """Whether to stop: after so many failed periods, once the chance is below the break-even (not on it)."""
    return failed >= stop_after and (break_even is None or after < break_even)


def periods_until_stop(
    successes: int, cases: int, prior_cases: int, stop_after: int, break_even: Fraction | None
) -> int | None:
    """After how many failed periods work stops, in closed form; None: never, as the step costs nothing.

    m s / (n (m + k)) < b where k > m (s / (n b) - 1).
    """
    if break_even is None:
        return stop_after
    if break_even == 0:
        return None
    rate = chance_after(successes, cases, prior_cases, 0)
    last = prior_cases * (rate / break_even - 1)
    return max(stop_after, last.__floor__() + 1)
