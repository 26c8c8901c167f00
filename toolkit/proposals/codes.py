"""What the words of closed lists mean: the type of a payment, the state of an account, how a call ended."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from toolkit.problems import said
from toolkit.profiles import Profile
from toolkit.proposals.matching import Degree, SheetProposal
from toolkit.proposals.spellings import codes_known, sources
from toolkit.proposals.values import FEW_WORDS
from toolkit.readers.answers import words
from toolkit.readers.shape import folded
from toolkit.tables import TABLES

ALIKE = 88
ONE_SOURCE = 0.9
SHORTEST = 4
"""Shorter words that are alike mean nothing: IN and INST."""


@dataclass(frozen=True)
class CodeProposal:
    """One word of the column `name` ("payments.kind") and the code it probably means, "" where that is not known."""

    name: str
    word: str
    code: str
    degree: Degree
    why: str
    times: int


def codes_of(sheets: Sequence[SheetProposal], base: Profile | None) -> list[CodeProposal]:
    """A proposal for every word of the columns with closed lists, the commonest first; our own codes need none."""
    found = [one for name, seen in _words_of(sheets).items() for one in _of_column(name, seen, base)]
    return [one for one in found if one.degree == "unsure" or folded(one.word) != folded(one.code)]


def _words_of(sheets: Sequence[SheetProposal]) -> Mapping[str, Counter[str]]:
    """The words of each column that is taken for one with codes, and how often each occurs."""
    found: dict[str, Counter[str]] = {}
    for proposal in sheets:
        coded = {column.name for column in TABLES[proposal.table].of_type("code")} if proposal.table else set()
        taken = {one.header: one.column for one in proposal.taken() if one.column in coded}
        for column in proposal.sheet.columns:
            if column.header in taken:
                name = f"{proposal.table}.{taken[column.header]}"
                found.setdefault(name, Counter()).update(column.values)
    return {name: seen for name, seen in found.items() if len(seen) <= FEW_WORDS}


def _of_column(name: str, seen: Counter[str], base: Profile | None) -> Iterator[CodeProposal]:
    own = {folded(word): code for word, code in (base.codes.get(name, {}) if base else {}).items()}
    one_source = _one_source(name, seen)
    for word, times in seen.most_common():
        if word.casefold() in words()["nil"]:
            continue
        code, degree, why = _meaning(name, folded(word), own, one_source)
        yield CodeProposal(name, word, code, degree, why, times)


def _one_source(name: str, seen: Counter[str]) -> str:
    """The shipped set-up or preset that knows nearly all of the words, "" if there is none."""
    for source in sources():
        known = {folded(word) for word in source.codes.get(name, {})}
        if known and sum(folded(word) in known for word in seen) >= ONE_SOURCE * len(seen):
            return source.name
    return ""


def _meaning(name: str, word: str, own: Mapping[str, str], one_source: str) -> tuple[str, Degree, str]:
    """The code of a folded word, how sure that is, and why."""
    if word in own:
        return own[word], "sure", said("CODE_OWN")
    table, _, column = name.partition(".")
    codes = TABLES[table].column(column).codes
    if word in {folded(code) for code in codes}:
        return next(code for code in codes if folded(code) == word), "sure", said("CODE_OURS")
    in_source = _spelt_by(one_source, name, word)
    if in_source:
        return in_source, "sure", said("CODE_SOURCE", source=one_source)
    known = codes_known(name).get(word, frozenset())
    if len(known) == 1:
        return next(iter(known)), "likely", said("CODE_KNOWN")
    if known:
        return "", "unsure", said("CODE_SEVERAL", codes=", ".join(sorted(known)))
    return _alike(name, word)


def _spelt_by(source: str, name: str, word: str) -> str:
    spelt = next((one.codes.get(name, {}) for one in sources() if one.name == source), {})
    return next((code for spelling, code in spelt.items() if folded(spelling) == word), "")


def _alike(name: str, word: str) -> tuple[str, Degree, str]:
    known = codes_known(name)
    near = [(fuzz.ratio(word, other), other) for other in known if min(len(word), len(other)) >= SHORTEST]
    likeness, other = max(near, default=(0.0, ""))
    table, _, column = name.partition(".")
    if likeness >= ALIKE and len(known[other]) == 1:
        return next(iter(known[other])), "likely", said("CODE_ALIKE")
    return "", "unsure", said("CODE_UNTOLD", codes=", ".join(TABLES[table].column(column).codes))
