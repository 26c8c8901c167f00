"""From sample files to a proposed set-up, and from a confirmed proposal to a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from toolkit.own_profile import new_profile
from toolkit.presets import presets
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, default_profile, load_profile, value_problems
from toolkit.proposals.codes import CodeProposal, codes_of
from toolkit.proposals.forms import FormProposal, Wishes, forms_of
from toolkit.proposals.found import sheets_found
from toolkit.proposals.matching import SheetProposal, proposals_of
from toolkit.proposals.naming import coverage
from toolkit.proposals.written import Draft, profile_text

READ_WITH = default_profile("USD", "UTC", "US")
"""Files are taken apart the same way whatever the profile, but for the decimal sign of numbers in workbooks."""
WITHOUT_THEM = ("country", "currency", "timezone")
KNOWS_ENOUGH = 0.6


@dataclass(frozen=True)
class Proposed:
    """A set-up as it is proposed, with what could not be read of the files.

    `alike` are presets that know most headers of a sheet and were not asked for.
    """

    sheets: tuple[SheetProposal, ...]
    forms: tuple[FormProposal, ...]
    codes: tuple[CodeProposal, ...]
    problems: tuple[Problem, ...] = ()
    base: Profile | None = None
    presets: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    def with_codes(self) -> "Proposed":
        """The same after headers were confirmed: the words of the columns that are taken now."""
        return replace(self, codes=tuple(codes_of(self.sheets, self.base)))


def propose(
    places: Sequence[Path],
    *,
    table: str | None = None,
    like: str | None = None,
    taken: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
) -> Proposed:
    """What sample files say about a set-up.

    places: files or folders; none for a set-up made of presets alone. table: what they all are. like: the set-up
    whose plans, place and words are taken. taken: presets. given: country, currency, timezone, date_order and decimal
    as the user says them. `ToolkitError` where there is nothing to read or no such set-up or preset.
    """
    unknown = [name for name in taken if name not in presets()]
    if unknown:
        known = ", ".join(presets())
        raise ToolkitError([problem("PRESET_NOT_FOUND", value=name, known=known) for name in unknown])
    base = load_profile(like) if like else None
    taken = tuple(dict.fromkeys([*(base.presets if base else ()), *taken]))
    sheets, problems = sheets_found(places, READ_WITH)
    if places and not sheets:
        raise ToolkitError([*problems, problem("PROPOSED_NOTHING")])
    matched = proposals_of(sheets, table)
    order = next((presets()[name].date_order for name in taken if presets()[name].date_order), None)
    forms = forms_of(matched, Wishes(given or {}, base, order))
    codes = codes_of(matched, base)
    alike = tuple(name for name in _alike(matched) if name not in taken)
    return Proposed(tuple(matched), tuple(forms), tuple(codes), tuple(problems), base, taken, alike)


def _alike(sheets: Sequence[SheetProposal]) -> list[str]:
    """Presets that know most headers of some sheet, more of them than any shipped set-up does."""
    found = []
    for sheet in sheets:
        headers = [one.header for one in sheet.columns]
        counts = coverage(headers, sheet.table) if sheet.table else {}
        best = max(counts, key=lambda name: counts[name], default="")
        if best in presets() and counts[best] >= KNOWS_ENOUGH * len(headers):
            found.append(best)
    return list(dict.fromkeys(found))


def write_proposed(name: str, out: Path, proposed: Proposed) -> Profile:
    """The proposal as a set-up of its own in the folder `out`; it is read as it would be used.

    `ToolkitError` where the country, currency or time zone is not known: nothing can be read without them.
    """
    unknown = [form for form in proposed.forms if form.key in WITHOUT_THEM and not form.value]
    if unknown:
        raise ToolkitError([problem("PROPOSED_OPTION_WANTED", value=form.key, reason=form.why) for form in unknown])
    _refuse_unknown(proposed)
    draft = Draft(name, proposed.sheets, proposed.forms, proposed.codes, proposed.base, proposed.presets)
    return new_profile(name, out, proposed.base, profile_text(draft))


def _refuse_unknown(proposed: Proposed) -> None:
    """`ToolkitError` for a country, currency or time zone that does not exist, before anything is written."""
    values = {form.key: form.value for form in proposed.forms}
    try:
        Profile(name="given", **{key: values[key] for key in WITHOUT_THEM})  # type: ignore[arg-type]
    except ValidationError as error:
        raise ToolkitError(list(value_problems(error, ""))) from error
