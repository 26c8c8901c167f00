"""The shipped set-ups: they load, are labelled as examples, and between them use everything a plan can say."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel

from toolkit import plans
from toolkit.kpi_codes import kpi_codes
from toolkit.plan_files import load_plans, read_plan
from toolkit.plans import Plan
from toolkit.profiles import Profile, load_profile, shipped_profiles
from toolkit.shipped import shipped
from toolkit.tables import TABLES

NAMES = ("agency", "bike-recovery", "last-call", "paygo-solar", "phone-credit")
PLAN_FILES = sorted(shipped("setups").glob("*/plans/*.toml"))

# The page on the plan format, word by word: what `kind`, `measure` and the others may say.
KINDS = {"percent", "per_unit", "fixed", "matrix", "at_target"}
MEASURES = {
    "collected", "payments", "accounts_reactivated", "promises_kept", "assets_recovered", "visits_verified",
    "welcome_calls", "credits_bought", "base_pay",
}  # fmt: skip
BAND_SCALES = {"amount", "attainment", "days_past_due", "balance", "count"}
SPLIT_KEYS = {"credited", "previous_owner", "team_leader"}
GATE_ENDS = {"nothing", "reduce", "hold"}
MISSING = {"hold", "pass", "nothing"}


def documents() -> list[dict[str, Any]]:
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in PLAN_FILES]


def entries(table: str) -> list[dict[str, Any]]:
    return [entry for document in documents() for entry in document.get(table, ())]


def values(table: str, key: str) -> set[Any]:
    return {entry[key] for entry in entries(table) if key in entry}


def keys_used(here: Any, model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """(table, key) for every key that a document has, tables inside tables included."""
    hints = get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key not in here:
            continue
        yield model.__name__, key
        inner = table_of(hints[name])
        for item in here[key] if isinstance(here[key], list) else [here[key]]:
            if inner and isinstance(item, Mapping):
                yield from keys_used(item, inner)


def table_of(hint: Any) -> type[BaseModel] | None:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    return next((model for part in get_args(hint) if (model := table_of(part))), None)


def all_keys(model: type[BaseModel], known: set[type[BaseModel]] | None = None) -> Iterator[tuple[str, str]]:
    known = known if known is not None else set()
    known.add(model)
    hints = get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        yield model.__name__, info.alias or name
        inner = table_of(hints[name])
        if inner and inner not in known:
            yield from all_keys(inner, known)


def choices(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """(key, choice) for every key of a table that takes one of a list."""
    for name, hint in get_type_hints(model).items():
        for part in (hint, *get_args(hint)):
            if get_origin(part) is Literal:
                yield from ((name, choice) for choice in get_args(part))


def test_the_five_set_ups_are_there() -> None:
    assert tuple(shipped_profiles()) == NAMES


def test_every_key_of_the_plan_format_is_used_by_a_shipped_plan() -> None:
    used = {pair for document in documents() for pair in keys_used(document, Plan)}
    assert set(all_keys(Plan)) - used == set()


@pytest.mark.parametrize("table", ["component", "gate", "multiplier", "override", "guarantee", "withholding"])
def test_every_choice_of_a_plans_tables_is_used(table: str) -> None:
    hint = get_type_hints(Plan)[next(name for name, info in Plan.model_fields.items() if info.alias == table)]
    model = table_of(hint)
    assert model is not None
    wanted = set(choices(model))
    seen = {(key, value) for entry in entries(table) for key, value in entry.items() if isinstance(value, str)}
    assert wanted - seen == set()


def test_every_choice_of_a_plans_own_keys_is_used() -> None:
    seen = {(key, value) for document in documents() for key, value in document.items() if isinstance(value, str)}
    assert set(choices(Plan)) - seen == set()


def test_both_ways_of_a_clawback_to_decline_are_used() -> None:
    declines = {entry["clawback"]["decline"] for entry in entries("component") if "clawback" in entry}
    assert declines == {"none", "straight_line"}


def test_all_rules_of_credit_are_used() -> None:
    rules = {rule for document in documents() for rule in document["credit"]["rules"]}
    assert rules == {"named", "promise", "contact", "owner"}


def test_all_kinds_measures_and_scales_are_used_and_a_kpi_as_each() -> None:
    assert values("component", "kind") == KINDS
    measures, scales = values("component", "measure"), values("component", "band_by")
    assert measures - MEASURES and scales - BAND_SCALES, "a KPI as measure and as scale"
    assert measures >= MEASURES
    assert scales >= BAND_SCALES
    assert set(plans.MEASURES) == MEASURES and set(plans.BAND_SCALES) == BAND_SCALES


def test_splits_name_everybody_they_can_name() -> None:
    keys = {key for entry in entries("component") for key in entry.get("split", ())}
    assert keys >= SPLIT_KEYS
    assert keys - SPLIT_KEYS, "an agent by his own id"


def test_gates_end_and_miss_in_every_way() -> None:
    assert {gate["otherwise"].split()[0] for gate in entries("gate")} == GATE_ENDS
    assert {gate.get("missing") for gate in entries("gate")} == {*MISSING, None}
    assert {multiplier.get("missing") for multiplier in entries("multiplier")} == MISSING
    assert any("at_least_n" not in gate for gate in entries("gate"))


def test_fines_versions_and_a_month_from_the_26th() -> None:
    bands = [band for entry in entries("component") if entry["kind"] == "fixed" for band in entry.get("bands", ())]
    assert any(band["amount"].startswith("-") for band in bands)
    assert {document["period"] for document in documents()} == {"month", "half_month", "week"}
    assert 26 in {document.get("period_start_day") for document in documents()}
    starts: dict[str, set[Any]] = {}
    for document in documents():
        starts.setdefault(document["id"], set()).add(document["from"])
    assert any(len(days) > 1 for days in starts.values())
    assert any(day.day not in (1, 16, 26) for days in starts.values() for day in days), "in the middle of a period"


def test_withholding_has_two_rows_by_date_somewhere() -> None:
    for document in documents():
        days = [row["from"] for row in document.get("withholding", ())]
        if len(set(days)) > 1:
            return
    pytest.fail("no plan shows how terms change by date")


@pytest.mark.parametrize("path", PLAN_FILES, ids=lambda path: path.name)
def test_a_shipped_plan_is_an_example_and_says_so(path: Path) -> None:
    assert tomllib.loads(path.read_text(encoding="utf-8"))["note"].startswith("Example to be replaced")


@pytest.mark.parametrize("path", PLAN_FILES, ids=lambda path: path.name)
def test_the_linter_has_nothing_against_a_shipped_plan(path: Path) -> None:
    profile = load_profile(path.parents[1].name)
    plan, problems = read_plan(path, credit_given=profile.credit is not None, roles=profile.roles)
    assert plan is not None, problems
    assert [str(problem) for problem in problems if problem.level == "error"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_set_ups_plans_load_and_are_in_its_currency(name: str) -> None:
    profile = load_profile(name)
    assert {path.name for path in profile.plan_paths()} == {path.name for path in PLAN_FILES if name in path.parts}
    for paths in by_id(profile).values():
        versions = load_plans(paths, roles=profile.roles)
        assert {plan.currency for plan in versions.versions} == {profile.currency}
        assert {plan.country for plan in versions.versions} == {profile.country}


def by_id(profile: Profile) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in profile.plan_paths():
        found.setdefault(tomllib.loads(path.read_text(encoding="utf-8"))["id"], []).append(path)
    return found


@pytest.mark.parametrize("path", PLAN_FILES, ids=lambda path: path.name)
def test_kpis_in_shipped_plans_are_known(path: Path) -> None:
    plan = Plan.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    named = [gate.kpi for gate in plan.gates] + [multiplier.kpi for multiplier in plan.multipliers]
    named += [c.measure for c in plan.components if c.measure and c.measure not in plans.MEASURES]
    named += [c.band_by for c in plan.components if c.band_by and c.band_by not in plans.BAND_SCALES]
    assert set(named) - set(kpi_codes()) == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_spells_each_header_once_per_table(name: str) -> None:
    profile = load_profile(name)
    for table, columns in profile.headers.items():
        spellings = [spelling.casefold() for names in columns.values() for spelling in names]
        assert len(spellings) == len(set(spellings)), table
        clashes = {
            spelling
            for column, names in columns.items()
            for spelling in map(str.casefold, names)
            if spelling in {other.name for other in TABLES[table].columns} - {column}
        }
        assert clashes == set(), f"{table}: a spelling is the name of another column"


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_spells_every_required_column_of_its_tables(name: str) -> None:
    profile = load_profile(name)
    for table, columns in profile.headers.items():
        assert set(TABLES[table].required) <= set(columns), table


@pytest.mark.parametrize("name", NAMES)
def test_each_set_up_has_a_page_for_people(name: str) -> None:
    page = (shipped("setups") / name / "README.md").read_text(encoding="utf-8")
    assert page.startswith("# ")
    for plan in load_profile(name).plans:
        assert plan in page


def test_no_company_is_named_in_the_set_ups() -> None:
    companies = r"watu|m-?kopa|sun king|d\.light|mysol|engie|spectrum|mogo|bboxx|zola|easybuy|safaricom"
    for path in sorted(shipped("setups").rglob("*.*")):
        assert not re.search(companies, path.read_text(encoding="utf-8"), re.IGNORECASE), path
