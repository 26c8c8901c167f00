"""The forms that evaluations name, each as it was when it was first used."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from toolkit.form_files import content_hash, content_of
from toolkit.forms import Form, Forms
from toolkit.quality_reports.report import FormUsed

Versions = Mapping[tuple[str, str], Any]
"""Something of each form, by code and version."""


def forms_used(forms: Forms, calls: pl.DataFrame, before: Versions, changed: Versions) -> Iterator[dict[str, Any]]:
    """What a record says of the forms of these calls, and of those of an earlier run (before, as it said them).

    changed: what is different now, of forms that were edited: they stand there as they were.
    """
    used = {(code, number): count for code, number, count in calls.group_by("form", "form_version").len().iter_rows()}
    for form in forms:
        key = (form.code, form.version)
        if key in used or key in before:
            kept = before.get(key) if key in changed else None
            yield _recorded(form, kept, changed.get(key, ""), used.get(key, 0))
    known = {(form.code, form.version) for form in forms}
    yield from (form for key, form in before.items() if key not in known)  # as it was


def _recorded(form: Form, kept: Mapping[str, Any] | None, changed: str, evaluations: int) -> dict[str, Any]:
    return {
        "code": form.code,
        "version": form.version,
        "title": form.title,
        "start": form.start.isoformat(),
        "roll_up": form.roll_up,
        "sha256": kept["sha256"] if kept else content_hash(form),
        "changed": changed,
        "evaluations": evaluations,
        "content": kept["content"] if kept else content_of(form),
    }


def form_used(form: Mapping[str, Any]) -> FormUsed:
    """The form of a record as pages show it."""
    return FormUsed(
        code=str(form["code"]),
        version=str(form["version"]),
        title=str(form["title"]),
        roll_up=str(form["roll_up"]),
        sha256=str(form["sha256"]),
        evaluations=int(form["evaluations"]),
    )
