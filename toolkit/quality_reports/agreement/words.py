"""Agreement in words: what workbook, page and terminal say of a line or of an evaluator."""

from fractions import Fraction
from math import floor

from toolkit.problems import said
from toolkit.quality.agreement import Conventions, Line, conventions
from toolkit.quality.distance import Distance
from toolkit.quality.kappa import Kappa

DASH = "–"
SIGNS = {"agree": "✓", "tentative": "◆", "disagree": "✗", "too_few": DASH}
LIGHTS = {"agree": "good", "tentative": "watch", "disagree": "bad", "too_few": "none"}


def verdict_words(line: Line) -> str:
    """In plain words: evaluators agree, or they do not."""
    return said(f"AGREEMENT_{line.verdict.upper()}")


def signed(line: Line) -> str:
    """The verdict with its sign before it."""
    return f"{SIGNS[line.verdict]} {verdict_words(line)}"


def note_words(line: Line) -> str:
    """Why a figure is missing, or low though nearly all agree."""
    if not line.note:
        return ""
    if line.note == "prevalence":
        free = DASH if line.randolph.value is None else figure(line.randolph.value)
        same = share(line.per_cent)
        return said("AGREEMENT_NOTE_PREVALENCE", share=share(line.prevalence), answer=line.usual, same=same, free=free)
    return said(f"AGREEMENT_NOTE_{line.note.upper()}", answer=line.usual or said("AGREEMENT_THE_SAME"))


def look_words(line: Line) -> str:
    """What to do about it, or why it is as it is."""
    found = [note_words(line)]
    if line.differing and line.verdict in ("disagree", "tentative", "too_few"):
        found.append(said(f"AGREEMENT_DO_{line.verdict.upper()}", share=share(line.share)))
    if line.scope == "question" and line.kappa.why == "incomplete":
        found.append(why_no_kappa(line.kappa))
    return " ".join(part for part in found if part)


def range_words(interval: tuple[float, float] | None) -> str:
    """The same without saying how sure."""
    return "" if interval is None else f"{figure(interval[0])} to {figure(interval[1])}"


def why_no_kappa(kappa: Kappa) -> str:
    """Why there is no kappa; "" where there is."""
    return said(f"AGREEMENT_WHY_{kappa.why.upper()}") if kappa.why else ""


def share(value: Fraction | None) -> str:
    """A share as a whole percentage, cut off so that 99.6 % is never 100 %."""
    return DASH if value is None else f"{int(value * 100)} %"


def figure(value: Fraction | float | None) -> str:
    """A kappa or alpha with two digits; with three, cut off, where two would lift it over a limit that it misses."""
    if value is None:
        return DASH
    rules, shown = conventions(), f"{float(value):.2f}"
    if any(value < limit <= Fraction(shown) for limit in (rules.good, rules.tentative)):
        shown = f"{floor(value * 1000) / 1000:.3f}"
    return shown.replace("-0.00", "0.00")


def between(interval: tuple[float, float] | None) -> str:
    """From where to where the true figure probably is."""
    return "" if interval is None else said("AGREEMENT_BETWEEN", low=figure(interval[0]), high=figure(interval[1]))


def points(value: Fraction | None) -> str:
    """Points of 100 with one digit and a sign."""
    return DASH if value is None else f"{float(value):+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")


def kind_words(line: Line) -> str:
    """Which kappa it is."""
    return said(f"AGREEMENT_KAPPA_{line.kind.upper()}") if line.kind else ""


def within_words(one: Distance) -> str:
    """Whether an evaluator is near enough."""
    if one.within is None:
        return DASH
    most = f"{float(conventions().within_points):g}"
    return said("AGREEMENT_WITHIN" if one.within else "AGREEMENT_BEYOND", points=most)


def leaning_words(one: Distance) -> str:
    """Strict, lenient or neither."""
    return said(f"AGREEMENT_{one.leaning.upper()}") if one.leaning else DASH


def compared_with(master: str) -> str:
    """Whom evaluators were compared with."""
    return said("AGREEMENT_TO_MASTER", master=master) if master else said("AGREEMENT_TO_OTHERS")


def legend(rules: Conventions | None = None) -> list[str]:
    """How to read the figures."""
    rules = rules or conventions()
    given = {
        "good": f"{float(rules.good):g}",
        "tentative": f"{float(rules.tentative):.3g}",
        "fewest": rules.fewest_calls,
        "together": rules.fewest_calls_together,
        "points": f"{float(rules.within_points):g}",
        "leaning": f"{float(rules.leaning_from):g}",
        "prevalence": share(rules.prevalence),
    }
    return [said(f"AGREEMENT_LEGEND_{number}", **given) for number in range(1, 6)]
