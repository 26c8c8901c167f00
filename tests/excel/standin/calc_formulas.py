"""Formulas as Excel writes them, and as the interface of LibreOffice does.

There, arguments are parted by semicolons, sheets are joined to cells by a dot, and inline arrays have bars.
"""

import re

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from . import addresses

_PARTS = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")"""
    r"""|\$?(?P<sheet>'(?:[^']|'')+'|[^\W\d]\w*)\.(?=\$?[A-Za-z]{1,3}\$?\d|\$?[A-Za-z]{1,3}:|\$?\d+:)"""
    r"""|(?P<truth>\b(?:TRUE|FALSE))\(\)"""
    r"""|(?P<lost>(?:\$?[^\W\d]\w*[.!])?\#ref!)"""
    r"""|(?P<row>\[\#this\ row\])"""
    r"""|(?P<mark>[;|{}])""",
    re.IGNORECASE | re.VERBOSE,
)


def to_calc(formula: str) -> str:
    """The formula for XCell.setFormula or XNamedRange.setContent."""
    out = "="
    for token in Tokenizer(formula).items:
        if token.type == Token.SEP:
            out += "|" if token.subtype == Token.ROW else ";"
        else:
            out += _piece(token)
    return out


def _piece(token: Token) -> str:
    if token.type == Token.FUNC:
        return token.value.removeprefix("_xlfn.")
    if token.type != Token.OPERAND:
        return token.value
    if token.subtype == Token.LOGICAL:
        return f"{token.value}()"
    if token.subtype != Token.RANGE:
        return token.value
    sheet, address = addresses.split_sheet(token.value)
    if sheet is not None:
        return f"${addresses.quoted(sheet)}.{address}"
    return address.replace(",", ";") if "[" in address else address


def to_excel(formula: str) -> str:
    """A formula from XCell.getFormula or XNamedRange.getContent, as Excel writes it."""
    depth = 0

    def excel(found: re.Match[str]) -> str:
        nonlocal depth
        if found["sheet"]:
            name = found["sheet"].strip("'").replace("''", "'")
            return addresses.quoted(name) + "!"
        if found["mark"]:
            depth += {"{": 1, "}": -1}.get(found["mark"], 0)
            return {";": ",", "|": ";" if depth else "|"}.get(found["mark"], found["mark"])
        if found["row"]:
            return "[#This Row]"
        return found["text"] or (found["truth"] or "#REF!").upper()

    return _PARTS.sub(excel, formula)
