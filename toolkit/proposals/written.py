"""The proposals as a profile.toml: what is sure or likely is in use, the rest are remarks to be completed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from toolkit.problems import said
from toolkit.profiles import Profile
from toolkit.proposals.codes import CodeProposal
from toolkit.proposals.forms import FormProposal
from toolkit.proposals.matching import DEGREES, Proposal, SheetProposal
from toolkit.proposals.words import shown, toml_list, toml_text
from toolkit.readers.shape import folded
from toolkit.tables import TABLES

REMARK_AT = 46
"""Remarks begin in this column where the line before them is short enough."""
LONGEST_REMARK = 140
FILES_NAMED = 4
MOST_ROLES = 12
ACTIVE = ("sure", "likely")


@dataclass(frozen=True)
class Draft:
    """Everything that a profile.toml is written from. `presets` are those that the profile takes."""

    name: str
    sheets: Sequence[SheetProposal]
    forms: Sequence[FormProposal]
    codes: Sequence[CodeProposal]
    base: Profile | None = None
    presets: tuple[str, ...] = ()


def profile_text(draft: Draft) -> str:
    """The whole file."""
    parts = [*_top(draft), *_kept(draft.base), *_headers(draft), *_other_headers(draft), *_codes(draft)]
    return "\n".join(parts) + "\n"


def _line(text: str, remark: str) -> str:
    remark = shown(remark, LONGEST_REMARK)
    return f"{text:<{REMARK_AT - 1}} # {remark}" if remark else text


def _top(draft: Draft) -> Iterator[str]:
    files = list(dict.fromkeys(shown(one.sheet.file) for one in draft.sheets))
    more = f" and {len(files) - FILES_NAMED} more" if len(files) > FILES_NAMED else ""
    if files:
        named = ", ".join(files[:FILES_NAMED])
        yield f"# Proposed by toolkit profile new from {named}{more}. Confirm it: nobody has yet."
    yield "# Lines marked sure or likely are in use. To use an unsure one, complete it and take away the # before it."
    yield f"# Then: toolkit check YOUR-EXPORTS --profile {draft.name}"
    yield ""
    yield f"name       = {toml_text(draft.name)}"
    yield f"title      = {toml_text(draft.base.title if draft.base else draft.name)}"
    for form in draft.forms:
        spelt = f"{form.key:<10} = {toml_text(form.value)}"
        if form.value and form.degree in ACTIVE:
            yield _line(spelt, f"{form.degree}: {form.why}")
        else:
            yield _line(f"# {spelt}", f"unsure: {form.why}")
    if draft.presets:
        yield f"presets    = {toml_list(draft.presets)}"
    if draft.base is None:
        yield '# payment_kind_when_empty = "instalment"      # what a payment without a type is; without it, a question'


def _roles(sheets: Sequence[SheetProposal]) -> Iterator[str]:
    """The organisation's own words for roles, which plans name."""
    for sheet in sheets:
        header = next((one.header for one in sheet.taken() if (sheet.table, one.column) == ("agents", "role")), None)
        values = [text for column in sheet.sheet.columns if column.header == header for text in column.values]
        roles = list(dict.fromkeys(values))
        if header and 0 < len(roles) <= MOST_ROLES:
            yield _line(f"roles      = {toml_list(roles)}", f"likely: {said('ROLES_SEEN', header=header)}")
            return


def _kept(base: Profile | None) -> Iterator[str]:
    """What the set-up that it is like says beside headers and codes."""
    if base is None:
        return
    yield f"language = {toml_text(base.language)}"
    yield f"working_week = {toml_list(base.working_week)}"
    yield f"payments_name_agent = {str(base.payments_name_agent).lower()}"
    if base.payment_kind_when_empty is not None:
        yield f"payment_kind_when_empty = {toml_text(base.payment_kind_when_empty)}"
    yield f"roles = {toml_list(base.roles)}"
    yield f"plans = {toml_list(base.plans)}"
    if base.credit is not None:
        yield "\n[credit]"
        yield f"rules = {toml_list(base.credit.rules)}"
        yield f"contact_window_days = {base.credit.contact_window_days}"
        yield f"promise_grace_days = {base.credit.promise_grace_days}"
        yield f"owner_roles = {toml_list(base.credit.owner_roles)}"
    defaults = {name: text for name, text in base.defaults.items() if not name.endswith((".currency", ".country"))}
    if defaults:
        yield "\n[defaults]"
        yield from (f"{toml_text(name)} = {toml_text(text)}" for name, text in defaults.items())


# Headers


@dataclass(frozen=True)
class _Spelt:
    """One header of a sheet and what it is proposed to be."""

    place: str
    one: Proposal


def _headers(draft: Draft) -> Iterator[str]:
    for table in TABLES:
        sheets = [sheet for sheet in draft.sheets if sheet.table == table]
        if sheets:
            yield f"\n[headers.{table}]"
            yield from _of_table(table, sheets)
    yield from _unrecognised([sheet for sheet in draft.sheets if not sheet.table])


def _of_table(table: str, sheets: Sequence[SheetProposal]) -> Iterator[str]:
    spelt = [_Spelt(sheet.sheet.place, one) for sheet in sheets for one in sheet.columns]
    active, others = chosen(spelt, sheets)
    for column in TABLES[table].columns:
        if column.name in active:
            names = list(dict.fromkeys(found.one.header for found in active[column.name]))
            first = active[column.name][0].one
            yield _line(f"{column.name:<14} = {toml_list(names)}", f"{first.degree}: {first.why}")
    missing = [name for name in TABLES[table].required if name not in active and name != "currency"]
    if missing:
        yield f"# Required, and nothing sure or likely for it: {', '.join(missing)}. Name the header of your file."
    for found in others:
        yield _line(f"# {found.one.column or '?':<12} = {toml_list([found.one.header])}", _remark(found.one))


def _remark(one: Proposal) -> str:
    also = f"; or {', '.join(one.others)}" if one.others else ""
    return f"{'unsure' if one.column else 'not matched'}: {one.why}{also}"


def chosen(spelt: Iterable[_Spelt], sheets: Sequence[SheetProposal]) -> tuple[dict[str, list[_Spelt]], list[_Spelt]]:
    """The headers in use by column, the surest first, and the others, each header once.

    A header is one column only, and two headers of one sheet are never the same column: the surer one holds.
    """
    active: dict[str, list[_Spelt]] = {}
    others: list[_Spelt] = []
    settled: dict[str, str] = {}
    together = [{folded(one.header) for one in sheet.columns} for sheet in sheets]
    for found in sorted(spelt, key=lambda found: DEGREES.index(found.one.degree)):
        key, column = folded(found.one.header) or found.one.header, found.one.column
        if key in settled:
            continue
        rivals = {folded(other.one.header) for other in active.get(column, ())}
        beside = any(key in headers and rivals & headers for headers in together)
        if found.one.degree in ACTIVE and not beside:
            active.setdefault(column, []).append(found)
        else:
            others.append(found)
        settled[key] = column
    return active, others


def _unrecognised(sheets: Sequence[SheetProposal]) -> Iterator[str]:
    """Sheets that are like no table, as a block to be completed."""
    for sheet in sheets:
        yield f"\n# {shown(sheet.sheet.place)} is like none of the tables. If it is one, name it and its columns:"
        yield "# [headers.TABLE]"
        yield from (f"# ?            = {toml_list([one.header])}" for one in sheet.columns)


def _other_headers(draft: Draft) -> Iterator[str]:
    """Tables that the sample did not have stay as they are in the set-up that it is like."""
    if draft.base is None:
        return
    seen = {sheet.table for sheet in draft.sheets}
    for table, columns in draft.base.headers.items():
        own = {name: _own(draft.base, table, spellings) for name, spellings in columns.items()}
        if table not in seen and any(own.values()):
            yield f"\n[headers.{table}]{'':<20}# as in {draft.base.name}"
            yield from (f"{name:<14} = {toml_list(spellings)}" for name, spellings in own.items() if spellings)


def _own(base: Profile, table: str, spellings: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in spellings if name not in base.preset_spellings.get(table, ()))


# Codes


def _codes(draft: Draft) -> Iterator[str]:
    names = dict.fromkeys([*(one.name for one in draft.codes), *(draft.base.codes if draft.base else ())])
    for name in names:
        proposed = [one for one in draft.codes if one.name == name]
        yield f"\n[codes.{toml_text(name)}]"
        seen = {folded(one.word) for one in proposed}
        for one in proposed:
            spelt = f"{toml_text(one.word)} = {toml_text(one.code)}"
            active = one.code and one.degree in ACTIVE
            yield _line(spelt if active else f"# {spelt}", f"{one.degree}: {one.why}; in {one.times} rows")
        kept = draft.base.codes.get(name, {}) if draft.base else {}
        yield from (f"{toml_text(word)} = {toml_text(code)}" for word, code in kept.items() if folded(word) not in seen)
