"""What only a plan's wording shows: a share without its percent sign, or a sign where a number belongs.

Once read, "80" and "8000%" are the same number, so this looks at the document and not at the model.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.kpi_codes import kpi_codes
from toolkit.plan_checks.findings import Finding, Place, found
from toolkit.plan_checks.mistakes import Document

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?%?")


def check_document(document: Document) -> list[Finding]:
    """What only the wording shows: a share without its percent sign ("80" is 8,000 %), or a sign on a number."""
    findings = []
    for place, scale, text in _points(document):
        share = scale == "attainment" or (scale in kpi_codes() and kpi_codes()[scale].is_share)
        known = share or scale in kpi_codes() or scale in ("amount", "balance", "days_past_due", "count")
        signed = text.strip().endswith("%")
        if share and not signed and text.strip().strip("0.") != "":
            findings.append(found(place, "PLAN_POINT_NEEDS_PERCENT", text, scale=scale))
        elif known and not share and signed:
            findings.append(found(place, "PLAN_POINT_HAS_PERCENT", text, scale=scale))
    return findings


def _points(document: Document) -> Iterator[tuple[Place, str, str]]:
    """Every place on a scale that the document gives as text, with the scale's name."""
    for number, component in _tables(document, "component"):
        place: Place = ("component", number)
        for index, band in _tables(component, "bands"):
            yield from _point(band, "from", (*place, "bands", index), component.get("band_by"))
        matrix = component.get("matrix")
        if isinstance(matrix, dict):
            yield from _matrix_points(matrix, (*place, "matrix"))
        where = component.get("where")
        if isinstance(where, dict):
            yield from _where_points(where, (*place, "where"))
    for number, gate in _tables(document, "gate"):
        for key in ("at_least", "at_most"):
            yield from _point(gate, key, ("gate", number), gate.get("kpi"))
    for number, multiplier in _tables(document, "multiplier"):
        for index, band in _tables(multiplier, "bands"):
            yield from _point(band, "from", ("multiplier", number, "bands", index), multiplier.get("kpi"))


def _matrix_points(matrix: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str, str]]:
    for by, key in (("rows_by", "rows"), ("columns_by", "columns")):
        starts = matrix.get(key)
        for index, text in enumerate(starts if isinstance(starts, list) else ()):
            if isinstance(text, str) and NUMBER.fullmatch(text.strip()):
                yield (*place, key, index), str(matrix.get(by)), text


def _where_points(where: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str, str]]:
    for key in ("days_past_due", "balance", "amount"):
        limits = where.get(key)
        if isinstance(limits, dict):
            for end in ("from", "to"):
                yield from _point(limits, end, (*place, key), key)


def _tables(document: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    items = document.get(key)
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield number, item


def _point(table: Mapping[str, Any], key: str, place: Place, scale: Any) -> Iterator[tuple[Place, str, str]]:
    text = table.get(key)
    if isinstance(text, str) and NUMBER.fullmatch(text.strip()):
        yield (*place, key), str(scale), text
