"""Every evaluation of a period in a row of its own: whose call, by whom, which score, how it stands, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from toolkit.evaluations import Judged, errors, problems_of
from toolkit.forms import Forms
from toolkit.periods import Period
from toolkit.problems import said
from toolkit.teams import Teams

STANDINGS = ("counts", "apart", "provisional", "set_aside", "never")
CALLS: Mapping[str, Any] = {
    **dict.fromkeys(("evaluation_id", "call_id"), pl.String),
    "day": pl.Date,
    **dict.fromkeys(("agent_id", "agent", "team", "branch", "evaluator"), pl.String),
    "evaluated_on": pl.Date,
    **dict.fromkeys(("form", "form_version", "roll_up"), pl.String),
    "score_before": pl.Int64,
    "auto_failed": pl.Boolean,
    **dict.fromkeys(("score", "compliance"), pl.Int64),
    "standing": pl.String,
    **dict.fromkeys(("first_score", "disputed", "overturned"), pl.Int64),
    "own_leader": pl.Boolean,
    "unanswered": pl.Int64,
    "chosen": pl.String,
    "weight": pl.Int64,
    "state": pl.String,
    "reason": pl.String,
    **dict.fromkeys(("fine", "part_earned", "part_possible", "number"), pl.Int64),
}
"""Columns of `calls_of`. Scores are in millionths; part_earned and part_possible in thousand millionths of a form.
unanswered: questions of the form without any answer, not even N/A. chosen: how the call was, "" for nobody says;
weight: how many calls it stands for in the draw, in millionths, null where none is known."""


@dataclass(frozen=True)
class Totals:
    """Where every evaluation of the data is: evaluations and rows, which add up to those that were read."""

    evaluations: Mapping[str, int]
    rows: Mapping[str, int]

    @property
    def set_aside(self) -> int:
        """Evaluations of the period that are set aside until somebody has put them right."""
        return self.evaluations["set_aside"]


def calls_of(judged: Judged, evaluations: pl.DataFrame, forms: Forms, teams: Teams, period: Period) -> pl.DataFrame:
    """The evaluations of calls of the period, in the order of evaluation_id, with the columns of `CALLS`.

    team and branch are those of the day of the call. reason: why there is no score, or why it does not count (yet).
    """
    mine = judged.scores.filter(pl.col("day").is_between(period.first, period.last))
    named = mine.join(_posts(mine, teams), on=["agent_id", "day"], how="left").with_columns(
        _roll_ups(mine, forms), one_spelling(mine["evaluator"]), pl.col("agent", "chosen").fill_null("")
    )
    told = named.join(_reasons(judged, evaluations), on="evaluation_id", how="left")
    found = told.with_columns(
        weight=pl.lit(None, pl.Int64),
        reason=pl.coalesce(pl.when(pl.col("standing") == "set_aside").then("reason"), _otherwise()),
    )
    set_aside = pl.col("standing") == "set_aside"
    scores = [pl.when(~set_aside).then(name).alias(name) for name in ("score_before", "score", "compliance")]
    return found.with_columns(*scores).select(*CALLS).cast(dict(CALLS)).sort("evaluation_id")  # type: ignore[arg-type]


def one_spelling(names: pl.Series) -> pl.Series:
    """Names that differ in capitals and blanks only, all as most of them are written (of equals, with capitals in
    front): they are one person, whose evaluations are looked at together."""
    key = names.str.split(" ").list.eval(pl.element().filter(pl.element() != "")).list.join(" ").str.to_lowercase()
    counted = pl.DataFrame({"key": key, "shown": names.str.strip_chars()}).group_by("key", "shown").len()
    usual = counted.sort(
        "len", pl.col("shown").str.to_titlecase() == pl.col("shown"), "shown", descending=[True, True, False]
    ).unique("key", keep="first")
    return key.replace_strict(usual["key"], usual["shown"], return_dtype=pl.String).alias(names.name)


def _posts(mine: pl.DataFrame, teams: Teams) -> pl.DataFrame:
    """Name, team and branch of each agent on each day with an evaluated call."""
    pairs = mine.select("agent_id", "day").unique()
    held = [teams.latest(*pair) for pair in pairs.iter_rows()]
    columns = {
        "agent": [post.name if post else "" for post in held],
        "team": [post.team if post else "" for post in held],
        "branch": [post.branch if post else "" for post in held],
    }
    return pairs.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in columns.items())


def _roll_ups(mine: pl.DataFrame, forms: Forms) -> pl.Series:
    kinds = mine.select("form", "form_version").unique()
    known = [forms.get(*row) for row in kinds.iter_rows()]
    names = kinds.with_columns(
        roll_up=pl.Series([form.roll_up if form else "by_default" for form in known], dtype=pl.String)
    )
    return mine.join(names, on=["form", "form_version"], how="left", maintain_order="left")["roll_up"]


def _reasons(judged: Judged, evaluations: pl.DataFrame) -> pl.DataFrame:
    """Why evaluations are set aside: every sentence about them, once."""
    grave = judged.findings.filter(pl.col("code").is_in(errors()))
    sentences = [found.message for found in problems_of(grave, evaluations)]
    rows = grave.select("evaluation_id").with_columns(reason=pl.Series(sentences, dtype=pl.String))
    return rows.group_by("evaluation_id").agg(pl.col("reason").unique(maintain_order=True).str.join(" "))


def _otherwise() -> pl.Expr:
    """What is to be said of evaluations that are not set aside."""
    never = (pl.col("standing") == "never") & (pl.col("if_mended") == "never")
    state = pl.col("state")
    return (
        pl.when(never & pl.col("own_leader") & state.is_in(["submitted", "resolved", "disputed"]))
        .then(pl.lit(said("QC_REASON_LEADER")))
        .when(never).then(pl.lit(said("QC_REASON_NEVER")) + " " + state)
        .when(pl.col("score").is_null()).then(pl.lit(said("QC_REASON_NOTHING")))
        .when(pl.col("standing") == "provisional").then(pl.lit(said("QC_REASON_DISPUTED")))
        .when(pl.col("standing") == "apart").then(_worded("QC_REASON_APART", pl.col("chosen").str.replace("_", " ")))
        .otherwise(pl.lit(""))
    )  # fmt: skip


def _worded(code: str, how: pl.Expr) -> pl.Expr:
    before, _, after = said(code, how="\x00").partition("\x00")
    return pl.concat_str(pl.lit(before), how, pl.lit(after))


def totals_of(
    judged: Judged, calls: pl.DataFrame, evaluations: pl.DataFrame, later: pl.DataFrame, stands: date
) -> Totals:
    """How many evaluations and rows there are of each standing in the period, outside of it, and after `stands`."""
    sizes = evaluations.group_by("evaluation_id").agg(rows=pl.len())
    known = judged.scores.select("evaluation_id").join(sizes, on="evaluation_id", how="left")
    inside = calls.select("evaluation_id", "standing", "score").join(sizes, on="evaluation_id", how="left")
    counted: dict[str, int] = {}
    rows: dict[str, int] = {}
    for name, part in _parts(inside):
        counted[name], rows[name] = part.height, int(part["rows"].sum())
    counted["other_periods"] = known.height - inside.height
    rows["other_periods"] = int(known["rows"].sum()) - int(inside["rows"].sum())
    counted["later"], rows["later"] = later["evaluation_id"].n_unique(), later.height
    if sum(rows.values()) != evaluations.height + later.height:
        raise AssertionError(f"rows of evaluations do not add up by {stands}: {rows}")
    counted["read"], rows["read"] = sum(counted.values()), sum(rows.values())
    return Totals(counted, rows)


def _parts(inside: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    is_scored = pl.col("score").is_not_null()
    counts = inside.filter(pl.col("standing") == "counts")
    yield "scored", counts.filter(is_scored)
    yield "no_score", counts.filter(~is_scored)
    for standing in STANDINGS[1:]:
        yield standing, inside.filter(pl.col("standing") == standing)
