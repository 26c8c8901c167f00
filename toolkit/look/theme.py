"""The colours, fonts and number formats of everything that is printed or shown: the one place where they are said."""

from typing import Any, Literal

FONT = "Calibri"
INK = "#1B2430"
MUTED = "#5B6675"
LINE = "#D5DAE1"
BAND = "#F4F6F9"
ACCENT = "#0B5CAD"
INPUT = "#FFF8E1"
GOOD = ("#1A7B49", "#E3F3EA")
WATCH = ("#9A6200", "#FDF1DA")
BAD = ("#B3261E", "#FBE5E3")
"""Ink and paper of a status; always beside a sign or a word, so that it reads in grey too."""

BODY_POINTS = 10.5
HEAD_POINTS = 9.5
TITLE_POINTS = 18
FIGURE_POINTS = 15

AGREES, DIFFERS, LOOK = "✓", "✗", "◆"
"""The signs that a status starts with: in order, not in order, somebody should look."""

Kind = Literal[
    "text", "note", "money", "whole", "number", "plain", "rate", "factor", "date", "status",
    "share", "score", "count", "tenth", "exact",
]  # fmt: skip
"""What a cell holds, which decides its number format and the side it stands on. plain: with the digits that it has.
share, score, count, tenth, exact: figures of which nothing is a value like any other, with one digit of a percentage,
two, none, one or two."""
FULL: frozenset[Kind] = frozenset({"date", "share", "score", "count", "tenth", "exact"})
"""Kinds that show nothing as what it is."""

Style = dict[str, Any]
"""Properties of XlsxWriter on top of the body text."""

WORDS: frozenset[Kind] = frozenset({"text", "note", "status"})
NOTHING = '"–"'


def number_format(kind: Kind, digits: int) -> str:
    """Excel's number format of a kind; `digits` are the currency's. Nothing shows as a dash, never as 0.00.

    Negatives are red through a rule of the page (`Page.red_negatives`), because the red that a number
    format can name is too pale on white.
    """
    money = "#,##0" + ("." + "0" * digits if digits else "")
    positive = {
        "money": money,
        "whole": "#,##0",
        "number": "#,##0.00##",
        "plain": "General",
        "rate": "0.0##%",
        "factor": '"×"0.00##',
        "date": "d mmm yyyy",
        "share": "0.0%",
        "score": "0.00%",
        "count": "#,##0",
        "tenth": "#,##0.0",
        "exact": "#,##0.00",
    }.get(kind)
    if positive is None:
        return "General"
    return positive if kind in FULL else f"{positive};-{positive};{NOTHING}"
