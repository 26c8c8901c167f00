"""`toolkit scorecard` and `toolkit kpis` as they are run: folders of CSV files in, figures out."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kpi_cases import ACCOUNTS, TEAM
from test_kpis_calls import CALLS

import cli

PROFILE = """
name = "desk"
country = "KE"
currency = "KES"
timezone = "Africa/Nairobi"

[[scorecards]]
title = "Call desk"
roles = ["call_agent"]
kpis = [
  { kpi = "noc", weight = 40, target = 2, per = "month" },
  { kpi = "right_party_rate", weight = 60, target = 0.5 },
]
"""
PUBLIC = Path(__file__).parents[2] / "shared" / "data" / "call_center_5000.xlsx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    for name, text in (("agents", TEAM), ("accounts", ACCOUNTS), ("calls", CALLS)):
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "profile.toml").write_text(PROFILE, encoding="utf-8")
    return tmp_path


def run(folder: Path, *more: str, period: str = "2026-03", out: str = "out") -> Result:
    asked = ["scorecard", str(folder / "data"), "--profile", str(folder / "profile.toml"), "--period", period]
    return CliRunner().invoke(cli.main, [*asked, "--out", str(folder / out), *more])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def total(folder: Path, scope: str, out: str = "out") -> dict[str, str]:
    return next(row for row in rows(folder / out / "scorecard.csv") if (row["scope"], row["kpi"]) == (scope, "total"))


def test_a_folder_of_exports_becomes_scores(folder: Path) -> None:
    """A1: 2 clients of 2, 2 right parties of 3 calls that reached somebody (target a half): everything."""
    assert run(folder).exit_code == 0
    assert float(total(folder, "A1")["score"]) == 100
    assert float(total(folder, "A3")["score"]) == 60  # a call without an account is no client
    values = rows(folder / "out" / "values.csv")
    noc = next(row for row in values if (row["scope"], row["kpi"]) == ("North", "noc"))
    assert (float(noc["value"]), noc["period"]) == (2, "2026-03")
    assert "customers with an attempt" in noc["definition"]


def test_the_record_names_every_file_and_the_sources(folder: Path) -> None:
    run(folder)
    record = json.loads((folder / "out" / "scorecard.json").read_text(encoding="utf-8"))
    written = {path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*") if path.is_file()}
    assert set(record["files"]) == written - {"scorecard.json", ".lock"}
    assert {source["file"] for source in record["sources"]} == {"agents.csv", "accounts.csv", "calls.csv"}
    assert record["provisional"]
    assert record["as_of"] == "2026-03-03"


def test_data_that_end_before_the_period_are_provisional_and_said_to_be(folder: Path) -> None:
    assert "provisional: the data stand at 2026-03-03" in run(folder).output
    assert "provisional" not in run(folder, "--as-of", "2026-03-31", out="whole").output


@pytest.mark.parametrize(
    ("more", "period", "said"),
    [
        ((), "2026-04", "nothing of it has happened yet"),
        ((), "2026-13", "2026-13"),
        (("--kpi", "metric_07"), "2026-03", '"metric_07" is not a KPI'),
    ],
)
def test_what_cannot_be_asked_for_is_said_and_nothing_is_written(
    folder: Path, more: tuple[str, ...], period: str, said: str
) -> None:
    asked = run(folder, *more, period=period)
    assert asked.exit_code == 1
    assert said in asked.output
    assert not (folder / "out").exists()


def test_a_kpi_whose_columns_are_missing_is_named_and_its_weight_goes_to_the_others(folder: Path) -> None:
    calls = folder / "data" / "calls.csv"
    calls.write_text(CALLS.replace("right_party,", "spare,"), encoding="utf-8")
    asked = run(folder)
    assert "calls.right_party" in asked.output
    assert total(folder, "A1")["band"] == "insufficient data"  # 40 of 100 covered, 60 are asked for
    card = PROFILE.replace('title = "Call desk"', "least_covered = 0.4")
    (folder / "profile.toml").write_text(card, encoding="utf-8")
    run(folder, "--kpi", "noc", out="one")
    assert float(total(folder, "A1", "one")["score"]) == 100
    assert {row["kpi"] for row in rows(folder / "one" / "values.csv")} == {"noc"}


def test_every_kpi_that_the_data_allow(folder: Path) -> None:
    asked = run(folder, "--kpi", "all")
    assert {"noc", "calls", "talk_minutes"} <= {row["kpi"] for row in rows(folder / "out" / "values.csv")}
    assert "cannot be computed" not in asked.output


def test_days_and_hours_add_up_to_the_month(folder: Path) -> None:
    sums = {}
    for grain in ("month", "week", "day", "hour"):
        run(folder, "--grain", grain, out=grain)
        found = rows(folder / grain / "values.csv")
        mine = [row for row in found if (row["kpi"], row["scope_kind"]) == ("right_party_rate", "agent")]
        sums[grain] = (sum(float(row["numerator"]) for row in mine), sum(float(row["denominator"]) for row in mine))
    assert set(sums.values()) == {(4.0, 5.0)}


def test_without_an_agents_table_people_are_taken_from_the_calls(folder: Path) -> None:
    (folder / "data" / "agents.csv").unlink()
    asked = run(folder, "--kpi", "calls")
    assert asked.exit_code == 0
    assert "there is no agents table: 3 people" in asked.output


LOADED = """
import json, sys
sys.argv = ["toolkit", *json.loads(sys.argv[1])]
import cli
try:
    cli.main()
except SystemExit as ended:
    print(ended.code, *sys.modules)
"""


def test_a_scorecard_loads_nothing_that_takes_a_second_for_one_function(folder: Path) -> None:
    """scipy.stats and what stands on it: pandas comes with statsmodels."""
    command = ["scorecard", str(folder / "data"), "--profile", str(folder / "profile.toml"), "--period", "2026-03"]
    command += ["--out", str(folder / "out"), "--quiet"]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LOADED, json.dumps(command)],
        cwd=Path(cli.__file__).parent, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    code, *loaded = done.stdout.split()
    assert code == "0", done.stderr
    assert "polars" in loaded
    assert {"scipy.stats", "statsmodels", "pandas", "matplotlib"} & set(loaded) == set()


def test_the_same_again_gives_the_same_bytes(folder: Path) -> None:
    run(folder, out="one")
    run(folder, out="two")
    for name in ("values.csv", "scorecard.csv", "scorecard.json"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes()


def test_kpis_are_listed_with_the_definitions_of_the_profile(folder: Path) -> None:
    profile = folder / "profile.toml"
    profile.write_text(PROFILE + '\n[definitions]\nnoc_basis = "right_party"\n', encoding="utf-8")
    shown = CliRunner().invoke(cli.main, ["kpis", "noc", "--profile", str(profile)]).output
    assert "customers spoken to themselves" in shown
    everything = json.loads(CliRunner().invoke(cli.main, ["kpis", "--json"]).output)
    assert len(everything) > 70
    assert CliRunner().invoke(cli.main, ["kpis", "metric_07"]).exit_code == 1


@pytest.mark.skipif(not PUBLIC.exists(), reason="needs the public data set beside the project")
def test_a_public_call_log_gives_a_ranked_scorecard_of_its_eight_agents(tmp_path: Path) -> None:
    """PwC Switzerland, Forage "Call-Center-Dataset": 5,000 calls, 4,054 answered, 3,646 resolved, mean rating 3.40."""
    card = """
[[scorecards]]
kpis = [{ kpi = "answer_rate", weight = 40, target = 0.8 }, { kpi = "resolution_rate", weight = 60, target = 0.9 }]
"""
    profile = (Path(__file__).parent / "profiles" / "inbound_calls.toml").read_text(encoding="utf-8")
    (tmp_path / "profile.toml").write_text(profile + card, encoding="utf-8")
    (tmp_path / "data").mkdir()
    shutil.copy(PUBLIC, tmp_path / "data")
    assert run(tmp_path, period="2021-Q1").exit_code == 0
    found = rows(tmp_path / "out" / "scorecard.csv")
    agents = [row for row in found if row["scope_kind"] == "agent"]
    assert sorted(row["scope"] for row in agents if row["kpi"] == "total" and row["rank"]) == [
        "Becky", "Dan", "Diane", "Greg", "Jim", "Joe", "Martha", "Stewart",
    ]  # fmt: skip
    assert {row["band"] for row in agents if row["kpi"] != "total"} == {"within"}
    everybody = {row["kpi"]: (row["numerator"], row["base"]) for row in found if row["scope_kind"] == "all"}
    assert everybody["answer_rate"] == ("4054.0", "5000.0")
    assert everybody["resolution_rate"] == ("3646.0", "4054.0")


def test_a_grain_longer_than_the_period_is_refused_and_hours_leave_out_what_has_none(folder: Path) -> None:
    asked = run(folder, "--grain", "month", period="2026-03-02")
    assert asked.exit_code == 1
    assert "longer than the period" in asked.output
    assert run(folder, "--grain", "hour", "--kpi", "contacts_per_day", "--kpi", "calls", out="hours").exit_code == 0
    assert {row["kpi"] for row in rows(folder / "hours" / "values.csv")} == {"calls"}
    run(folder, period="2026-03-02", out="day")
    assert {row["period"] for row in rows(folder / "day" / "values.csv")} == {"2026-03-02"}


def test_an_earlier_day_leaves_later_rows_out_without_calling_them_wrong(folder: Path) -> None:
    asked = run(folder, "--as-of", "2026-03-02")
    assert asked.exit_code == 0
    assert "Correct the date" not in asked.output
    assert float(next(row for row in rows(folder / "out" / "values.csv") if row["scope"] == "A3")["value"]) == 0


def test_targets_of_nobody_and_given_values_that_are_none_are_named(folder: Path) -> None:
    (folder / "data" / "targets.csv").write_text(
        "kpi,scope_kind,scope,grain,target\nnoc,team,Nowhere,month,5\nbogus,all,,month,5\n", encoding="utf-8"
    )
    (folder / "data" / "kpi_values.csv").write_text(
        "kpi,agent_id,period,numerator,denominator,value\nright_party_rate,A1,2026-03,30,10,\n", encoding="utf-8"
    )
    asked = run(folder)
    assert asked.output.count("nobody's role") == 2
    assert "kpi_values has right_party_rate of A1" in asked.output
    assert float(total(folder, "A1")["score"]) == 100


def test_a_finished_period_leaves_figures_that_a_plan_can_be_fed_with(folder: Path) -> None:
    """Put back into the data as kpi_values they change nothing; of a period that still runs there are none."""
    run(folder)
    assert not (folder / "out" / "kpi_values.csv").exists()
    run(folder, "--as-of", "2026-03-31")
    given = folder / "out" / "kpi_values.csv"
    shares = {row["agent_id"]: row for row in rows(given) if row["kpi"] == "right_party_rate"}
    assert {agent: (row["numerator"], row["denominator"], row["value"]) for agent, row in shares.items()} == {
        "A1": ("2.0", "3.0", ""), "A2": ("1.0", "1.0", ""), "A3": ("1.0", "1.0", ""),
    }  # fmt: skip
    shutil.copy(given, folder / "data" / "kpi_values.csv")
    again = run(folder, "--as-of", "2026-03-31", out="again")
    assert again.exit_code == 0, again.output
    before, after = (rows(folder / out / "scorecard.csv") for out in ("out", "again"))
    names = ("scope_kind", "scope", "kpi", "value", "numerator", "base", "score", "rank")
    assert [[row[name] for name in names] for row in before] == [[row[name] for name in names] for row in after]


def test_a_team_is_one_team_however_it_is_spelt_and_so_is_its_target(folder: Path) -> None:
    agents = folder / "data" / "agents.csv"
    text = agents.read_text(encoding="utf-8")
    assert text.count("North") > 1
    head, _, tail = text.rpartition("North")
    agents.write_text(f"{head} NORTH {tail}", encoding="utf-8")
    (folder / "data" / "targets.csv").write_text(
        "kpi,scope_kind,scope,grain,target\nnoc,team,north,month,5\n", encoding="utf-8"
    )
    asked = run(folder)
    teams = {row["scope"] for row in rows(folder / "out" / "scorecard.csv") if row["scope_kind"] == "team"}
    assert "North" in teams
    assert "NORTH" not in teams
    assert "nobody's" not in asked.output
    told = [row for row in rows(folder / "out" / "problems.csv") if row["code"] == "NAME_SPELT_OTHERWISE"]
    assert {(row["file"], row["value"]) for row in told} == {("agents.csv", "NORTH"), ("targets.csv", "north")}
