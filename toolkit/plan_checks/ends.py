"""Bands that come with a start and an end, as people write them in a sheet: do they fit together?

The plan format knows starts only. Where the ends leave a gap, overlap, or meet without anybody having said
to which band the edge belongs, the bands are refused and the same bands are offered with starts only.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from toolkit.plan_checks.findings import Finding, Place, found
from toolkit.plan_checks.mistakes import shown, suggestion

STEPS = {"": (Fraction(1), Fraction(1, 100)), "%": (Fraction(1, 100), Fraction(1, 10_000))}
"""Gaps of one unit or cent, or one percent or hundredth of it: ends such as 100 before 101."""


def band_ends(bands: Sequence[Mapping[str, Any]], place: Place, *, edge_given: bool) -> Iterator[Finding]:
    """What is wrong with the `to` of bands that may have one; `place` is the path of their list."""
    offer = _offered(bands)
    for number, band in enumerate(bands):
        start, end = _exact(band.get("from")), _exact(band.get("to"))
        if end is None:
            continue
        here = (*place, number, "to")
        if start is not None and end <= start:
            yield found(here, "PLAN_ENDS_REVERSED", band["to"], start=band["from"], offer=offer)
        elif number + 1 == len(bands):
            yield found(here, "PLAN_ENDS_LAST", band["to"], offer=offer)
        else:
            yield from _edge(band["to"], bands[number + 1].get("from"), here, edge_given, offer)


def _edge(to: Any, following: Any, place: Place, edge_given: bool, offer: str) -> Iterator[Finding]:
    end, start = _exact(to), _exact(following)
    if end is None or start is None:
        return
    gap = start - end
    if gap < 0:
        yield found(place, "PLAN_ENDS_OVERLAP", to, start=following, offer=offer)
    elif gap == 0 and not edge_given:
        yield found(place, "PLAN_ENDS_SHARED", to, offer=offer)
    elif gap in STEPS["%" if "%" in str(to) else ""]:
        yield found(place, "PLAN_ENDS_N_PLUS_1", to, start=following, offer=offer)
    elif gap > 0:
        yield found(place, "PLAN_ENDS_GAP", to, start=following, offer=offer)


def _exact(text: Any) -> Fraction | None:
    plain = suggestion(text, "point") if text is not None else ""
    if not plain:
        return None
    return Fraction(plain[:-1]) / 100 if plain.endswith("%") else Fraction(plain)


def _offered(bands: Sequence[Mapping[str, Any]]) -> str:
    """The same bands with starts only, as they would stand in a plan."""
    kept = [{key: value for key, value in band.items() if key != "to"} for band in bands]
    return "[ " + ", ".join(shown(band) for band in kept) + " ]"
