"""KPI values that somebody has entered: of an agent and a period they come before what is computed."""

from collections.abc import Collection, Iterable, Sequence

import narwhals as nw
import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.cut import ScopeKind
from toolkit.kpis.data import Data, eager
from toolkit.periods import Period, parse
from toolkit.teams import Teams

GIVEN, NO_BASE, LOW_N = "given", "no base", "low n"
TITLES = {code: f"entered: {about.title}" for code, about in kpi_codes().items()}
PARTS = {"numerator": nw.String, "denominator": nw.String, "value": nw.String}


KEY = ("scope_kind", "scope", "kpi", "period")
ADDED_UP = ("numerator", "denominator")


def with_given(
    values: pl.DataFrame,
    data: Data,
    codes: Iterable[str],
    period: Period,
    scopes: Sequence[ScopeKind],
    *,
    whole: Iterable[str] = (),
    people: Collection[str] | None = None,
) -> pl.DataFrame:
    """The values with those of the kpi_values table in their place, marked as given; of no other periods than theirs.
    What was given for a whole month is not the figure of a part of it.

    whole: the label of the period as a whole, where the values are of it: nothing may have been computed at all.
    people: whose values count. A row gives both parts or the value. Sums of teams, branches and roles have given parts
    in the place of the computed ones, so that they stay what their people come to; a share given without its parts
    cannot be added up, and what counts once for two people is not: there the sums stay what was computed.
    """
    if "agent" not in scopes or not data.has("kpi_values", "kpi", "agent_id", "period"):
        return values
    rows = eager(data.table("kpi_values", "kpi", "agent_id", "period", **PARTS)).to_polars()
    labels = [label for label in {*values["period"].unique(), *whole} if _is_inside(label, period)]
    mine = rows.filter(pl.col("kpi").is_in(list(codes)) & pl.col("period").is_in(labels) & _is_sound())
    if people is not None:
        mine = mine.filter(pl.col("agent_id").is_in(list(people)))
    if mine.is_empty():
        return values
    given = _as_values(mine, values.schema)
    groups = _groups(values, given, data, [kind for kind in scopes if kind != "agent"])
    taken = pl.concat([given, groups], how="vertical")
    return pl.concat([taken, values.join(taken, on=KEY, how="anti")], how="vertical")


def _groups(values: pl.DataFrame, given: pl.DataFrame, data: Data, scopes: Sequence[ScopeKind]) -> pl.DataFrame:
    """The sums of the groups of whoever has given parts, with them in the place of the computed ones."""
    once = [code for code, about in kpi_codes().items() if about.once]
    parts = given.filter(pl.col("numerator").is_not_null() & ~pl.col("kpi").is_in(once))
    computed = parts.select(KEY).join(values, on=KEY, how="left").select(*KEY, *ADDED_UP)
    more = parts.join(computed, on=KEY, how="left", suffix=" computed").with_columns(
        pl.when(pl.col(part).is_not_null()).then(pl.col(part) - pl.col(f"{part} computed").fill_null(0)).alias(part)
        for part in ADDED_UP
    )
    belongs = _belongs(more, data.teams, scopes)
    sums = belongs.group_by(KEY, maintain_order=True).agg(pl.col(ADDED_UP).sum(), people=pl.len())
    ratio = [code for code, about in kpi_codes().items() if not about.adds_up]
    known = sums.join(values, on=KEY, how="left", suffix=" before").with_columns(
        numerator=pl.col("numerator") + pl.col("numerator before").fill_null(0),
        denominator=pl.when(pl.col("kpi").is_in(ratio)).then(
            pl.col("denominator") + pl.col("denominator before").fill_null(0)
        ),
    )
    return known.with_columns(
        value=pl.when(pl.col("denominator").is_null()).then("numerator").when(pl.col("denominator") != 0).then(
            pl.col("numerator") / pl.col("denominator")
        ),
        base_note=_base_note(data),
        waiting=pl.col("waiting").fill_null(0),
        beside=pl.col("beside").fill_null(""),
        definition=pl.concat_str(
            pl.col("definition").fill_null(pl.col("kpi").replace_strict(TITLES, default="")),
            pl.format("; entered for {} of the people", "people"),
        ),
    ).select(values.columns)  # fmt: skip


def _belongs(rows: pl.DataFrame, teams: Teams, scopes: Sequence[ScopeKind]) -> pl.DataFrame:
    """The rows of agents once for each group that they were in at the end of the row's period."""
    pairs = rows.select("scope", "period").unique(maintain_order=True)
    found = []
    for agent, label in pairs.iter_rows():
        period = _period_of(label.split("T")[0])
        post = teams.last_in(agent, period) if period else None
        groups = {kind: post.group(kind) if post else "" for kind in scopes if kind != "agent"}
        found += [(agent, label, kind, of) for kind, of in groups.items() if of or kind == "all"]
    schema = {"scope": pl.String, "period": pl.String, "scope_kind": pl.String, "group": pl.String}
    groups_of = pl.DataFrame(found, schema=schema, orient="row")
    joined = rows.drop("scope_kind").join(groups_of, on=["scope", "period"], how="inner")
    return joined.drop("scope").rename({"group": "scope"})


def _base_note(data: Data) -> pl.Expr:
    few = {code: data.definitions.few(code) for code, about in kpi_codes().items() if about.counts_cases}
    low = pl.col("kpi").replace_strict(few, default=0, return_dtype=pl.Int64)
    base = pl.col("denominator")
    return pl.when(base == 0).then(pl.lit(NO_BASE)).when(base < low).then(pl.lit(LOW_N)).otherwise(pl.lit(""))


def _is_inside(label: str, period: Period) -> bool:
    """Whether all of the period of this label lies in the other."""
    given = _period_of(label.split("T")[0], period.start_day)
    return given is not None and period.first <= given.first and given.last <= period.last


def _is_sound() -> pl.Expr:
    """A share of more than all is none, nor is a base, a share of cases or a count below zero."""
    numerator, denominator, value = (pl.col(name).cast(pl.Float64) for name in PARTS)
    shares = [code for code, about in kpi_codes().items() if about.counts_cases]
    over = pl.col("kpi").is_in(shares) & ((numerator > denominator) | (value > 1)).fill_null(False)
    counted = [code for code, about in kpi_codes().items() if about.counts_cases or about.unit == "count"]
    under = pl.col("kpi").is_in(counted) & ((numerator < 0).fill_null(False) | (value < 0).fill_null(False))
    return ~over & ~under & ~(denominator < 0).fill_null(False)


def unsound(data: Data) -> pl.DataFrame:
    """Given rows that cannot be used: kpi, agent_id and period."""
    if not data.has("kpi_values", "kpi", "agent_id", "period"):
        return pl.DataFrame(schema={"kpi": pl.String, "agent_id": pl.String, "period": pl.String})
    rows = eager(data.table("kpi_values", "kpi", "agent_id", "period", **PARTS)).to_polars()
    labels = [label for label in rows["period"].unique() if _period_of(label) is None]
    wrong = ~_is_sound() | ~pl.col("kpi").is_in(list(kpi_codes())) | pl.col("period").is_in(labels)
    return rows.filter(wrong).select("kpi", "agent_id", "period")


def _period_of(label: str, start_day: int = 1) -> Period | None:
    """The period of a label; None where it is none."""
    try:
        return parse(label, start_day)
    except ValueError:
        return None


def _as_values(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    numerator, denominator, value = (pl.col(name).cast(pl.Float64) for name in PARTS)
    found = pl.when(value.is_not_null()).then(value).when(denominator != 0).then(numerator / denominator)
    no_base = found.is_null() & (denominator == 0)
    sums = pl.col("kpi").is_in([code for code, about in kpi_codes().items() if about.adds_up])
    shown = rows.select(
        pl.lit("agent").alias("scope_kind"),
        pl.col("agent_id").alias("scope"),
        "kpi",
        "period",
        pl.when(sums).then(pl.coalesce(numerator, value)).otherwise(numerator).alias("numerator"),
        denominator.alias("denominator"),
        found.alias("value"),
        pl.when(no_base).then(pl.lit(NO_BASE)).otherwise(pl.lit(GIVEN)).alias("base_note"),
        pl.lit(0, pl.Int64).alias("waiting"),
        pl.col("kpi").replace_strict(TITLES, default="").alias("definition"),
        pl.lit("").alias("beside"),
    )  # fmt: skip
    return shown.cast(dict(schema))  # type: ignore[arg-type]  # of the same columns
