"""The cell styles of a workbook that change what a number or a text means: percentages, and what is struck through."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Styles:
    """Which of a workbook's cell styles show a percentage, and which strike through."""

    percent: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()

    @classmethod
    def of(cls, xml: bytes) -> "Styles":
        """From the XML of the part xl/styles.xml."""
        text = xml.decode("utf-8", "replace")
        if "%" not in text and "strike" not in text and not re.search(r'numFmtId="(?:9|10)"', text):
            return cls()
        formats = _attributes(text, "numFmt")
        shares = {"9", "10", *(tag.get("numFmtId", "") for tag in formats if "%" in tag.get("formatCode", ""))}
        fonts = re.split(r"<(?:\w+:)?font(?=[\s/>])", _inside(text, "fonts"))[1:]
        crossed = {
            str(number)
            for number, font in enumerate(fonts)
            if re.search(r"<(?:\w+:)?strike\b(?![^<>]*val=\"(?:0|false)\")", font)
        }
        tags = _attributes(_inside(text, "cellXfs"), "xf")
        return cls(
            frozenset(number for number, tag in enumerate(tags) if tag.get("numFmtId") in shares),
            frozenset(number for number, tag in enumerate(tags) if tag.get("fontId") in crossed),
        )


def _attributes(text: str, element: str) -> list[dict[str, str]]:
    """The attributes of each element of this name."""
    tags = re.findall(rf'<(?:\w+:)?{element}((?:\s+[\w:]+="[^"<]*")*)', text)
    return [dict(re.findall(r'([\w:]+)="([^"]*)"', tag)) for tag in tags]


def _inside(text: str, element: str) -> str:
    """What stands in the first element of this name."""
    opened = re.search(rf"<(?:\w+:)?{element}\b[^<>]*>", text)
    closed = re.compile(rf"</(?:\w+:)?{element}>").search(text, opened.end()) if opened else None
    return text[opened.end() : closed.start()] if opened and closed else ""
