"""Whether XML is what it says: every tag closed where it should be, and nothing but text within a text.

The fast parser does not look: it goes by the names of the tags alone, and puts two texts together.
"""

import re
from xml.parsers import expat  # the gate has refused document types and entities before

PIECE = 1 << 20
NAME_OF_TEXT = rb"(?:[^\s<>/:!?]+:)?t"
TORN = re.compile(
    rb"<%b(?:\s[^<>]*)?(?<!/)>[^<]*(?:<(?!/)|</%b>\s*<%b[\s/>])" % (NAME_OF_TEXT, NAME_OF_TEXT, NAME_OF_TEXT)
)
"""A text with a tag in it, or with another one behind it."""
SHARED = re.compile(rb"<([^\s<>/:!?]+:)?si[\s>/]")
"""Which text a cell has is counted, so that one of another language moves all those behind it."""


class XmlFault(ValueError):
    """The XML is damaged; says in words for people how."""


def check_well_formed(xml: bytes) -> None:
    """`XmlFault` where a tag is not closed, or a sign is none."""
    strict = expat.ParserCreate()
    try:
        for at in range(0, max(len(xml), 1), PIECE):  # between pieces others get their turn
            strict.Parse(xml[at : at + PIECE], at + PIECE >= len(xml))
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlFault(f"its XML is damaged ({error})") from error


def check_shared_texts(xml: bytes) -> None:
    """`XmlFault` where the texts that cells share do not hang together."""
    check_well_formed(xml)
    if b":si" in xml and len(set(SHARED.findall(xml))) > 1:
        raise XmlFault("among the texts that cells share is something else")
    if TORN.search(xml):
        raise XmlFault("a text that cells share is in pieces")
