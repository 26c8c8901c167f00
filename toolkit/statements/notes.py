"""What stands under a statement: what one more would pay, what a gate, cap or floor did, what is still held."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.look import said
from toolkit.money import worded

Note = tuple[str, str]
"""(the sentence, how it is meant: more, look or plain)"""


def notes_of(components: Sequence[Mapping[str, Any]], sheet: Mapping[str, Any], digits: int) -> list[Note]:
    """The notes of one agent, the most useful first."""
    notes = [_one_more(part) for part in components if part["one_more"]]
    for part in components:
        notes += _limits(part, digits)
    for column in ("held_balance", "draw_balance"):
        if sheet[column]:
            notes.append((said(f"WORKBOOK_{column.upper()}", amount=worded(abs(sheet[column]), digits)), "plain"))
    return notes


def _one_more(part: Mapping[str, Any]) -> Note:
    return f"{part['title'] or part['component']}: {part['one_more'].rstrip('.')}.", "more"


def _limits(part: Mapping[str, Any], digits: int) -> list[Note]:
    title = part["title"] or part["component"]
    found: list[Note] = []
    if part["gate"]:
        would, took = (worded(part[key], digits) for key in ("would_have_earned", "gate_took"))
        text = said("WORKBOOK_GATE", title=title, gate=part["gate"].rstrip("."), would=would, took=took)
        found.append((text, "look" if part["gate_took"] else "plain"))
    if part["cap_took"]:
        found.append((said("WORKBOOK_CAP", title=title, took=worded(part["cap_took"], digits)), "look"))
    if part["floor_gave"]:
        found.append((said("WORKBOOK_FLOOR", title=title, gave=worded(part["floor_gave"], digits)), "plain"))
    if part["note"]:
        found.append((f"{title}: {part['note']}", "plain"))
    return found
