"""The whole report on agreement: lines, distances and disagreements of each version of a form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolkit.quality.agreement import Line, lines_of
from toolkit.quality.distance import Distance, distances
from toolkit.quality.given_answers import AGREED, Answer, Asked, Given, Group


@dataclass(frozen=True)
class Disagreement:
    """One question of one call to which not all gave the same answer. agreed: what they agreed on since, "" for not."""

    call_id: str
    agent_id: str
    form: str
    form_version: str
    asked: Asked
    answers: Mapping[str, Answer]
    agreed: str


@dataclass(frozen=True)
class FormReport:
    """What was found for one version of a form."""

    group: Group
    lines: tuple[Line, ...]
    distances: tuple[Distance, ...]
    disagreements: tuple[Disagreement, ...]

    @property
    def title(self) -> str:
        """The form and its version, as people call it."""
        name = self.group.form.title if self.group.form else self.group.code
        return f"{name}, version {self.group.version}"

    @property
    def whole(self) -> Line:
        """How far evaluators agree in all."""
        return self.lines[0]

    @property
    def sections(self) -> list[Line]:
        """How far they agree on each section."""
        return [line for line in self.lines if line.scope == "section"]

    @property
    def questions(self) -> list[Line]:
        """How far they agree on each question; those that cause the trouble first."""
        return [line for line in self.lines if line.scope == "question"]


@dataclass(frozen=True)
class Report:
    """Everything that was found. master: whom evaluators are compared with; "": the mean of the others."""

    forms: tuple[FormReport, ...]
    master: str


def report(given: Given, master: str = "") -> Report:
    """The report on what several evaluators answered."""
    return Report(tuple(_of_form(group, master) for group in given.groups), master)


def _of_form(group: Group, master: str) -> FormReport:
    return FormReport(group, tuple(lines_of(group)), tuple(distances(group, master)), tuple(disagreements(group)))


def disagreements(group: Group) -> Iterator[Disagreement]:
    """The questions of calls to which evaluators gave different answers, question by question of the form."""
    for asked in group.asked:
        for call in group.calls:
            answers = group.of(asked.code, call)
            if len({said.answer for said in answers.values()}) > 1:
                agreed = group.given[asked.code, call].get(AGREED)
                agent = next(iter(answers.values())).agent_id
                found = agreed.answer if agreed else ""
                yield Disagreement(call, agent, group.code, group.version, asked, answers, found)
