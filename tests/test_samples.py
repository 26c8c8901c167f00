"""Invented data: the same seed gives the same bytes, numbers add up, references hold, defects are where listed."""

import csv
import tomllib
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from toolkit.problems import ToolkitError
from toolkit.profiles import Profile, load_profile, shipped_profiles
from toolkit.reading import read_tables
from toolkit.samples import Sample, make_sample, months_until
from toolkit.samples.market import load_market

NAMES = tuple(shipped_profiles())
ONE_DAY = timedelta(days=1)
FORMS = {"dmy": "%d/%m/%Y", "iso": "%Y-%m-%d"}
Rows = list[dict[str, str]]
Make = Callable[..., Sample]


class Export:
    """A sample's tables as its CSV files say, with the toolkit's own column names."""

    def __init__(self, sample: Sample, profile: Profile) -> None:
        self.sample, self.profile = sample, profile
        self.form = FORMS[profile.date_order]

    def rows(self, table: str) -> Rows:
        ours = {spelling: name for name, (spelling, *_) in self.profile.headers[table].items()}
        with (self.sample.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return [{ours[header]: cell for header, cell in row.items()} for row in csv.DictReader(file)]

    def day(self, text: str) -> date:
        return datetime.strptime(text[:10], self.form).date()  # noqa: DTZ007  # a local day, no time zone is meant


@pytest.fixture(scope="module", params=NAMES)
def export(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Export:
    profile = load_profile(request.param)
    folder = tmp_path_factory.mktemp(request.param) / "made"
    return Export(make_sample(profile, folder, agents=14, accounts=250, months=3, seed=11), profile)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    profile = load_profile("paygo-solar")
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        make_sample(profile, tmp_path / name, agents=10, accounts=60, months=2, seed=seed, messy=True)
    assert content(tmp_path / "one") == content(tmp_path / "same")
    assert content(tmp_path / "one")["payments.csv"] != content(tmp_path / "other")["payments.csv"]


@pytest.mark.parametrize(("agents", "accounts", "payments"), [(3, 1, 5), (9, 40, 400), (30, 2_000, 9_000)])
def test_there_are_as_many_rows_as_asked_for(tmp_path: Path, agents: int, accounts: int, payments: int) -> None:
    profile = load_profile("bike-recovery")
    sample = make_sample(
        profile, tmp_path / "made", agents=agents, accounts=accounts, months=2, seed=1, payments_wanted=payments
    )
    made = Export(sample, profile)
    paid = made.rows("payments")
    assert len({row["agent_id"] for row in made.rows("agents")}) == agents
    assert len({row["account_id"] for row in made.rows("accounts")}) == len(made.rows("accounts")) == accounts
    assert sum(1 for row in paid if not row["reverses"]) == payments
    assert sample.rows["payments"] == len(paid)


def test_about_two_payments_an_account_and_month_unless_told_otherwise(export: Export) -> None:
    per_month = load_market(export.profile).payments.per_month
    paid = [row for row in export.rows("payments") if not row["reverses"]]
    assert len(paid) == pytest.approx(250 * 3 * per_month, rel=0.02)


def test_the_months_end_with_the_one_asked_for(export: Export) -> None:
    assert [month.label for month in export.sample.months] == ["2026-08", "2026-09", "2026-10"]
    days = [export.day(row["paid_at"]) for row in export.rows("payments")]
    assert min(days) >= date(2026, 8, 1) and max(days) <= date(2026, 10, 31)
    assert [month.label for month in months_until("2025-02", 3)] == ["2024-12", "2025-01", "2025-02"]


def test_payments_are_in_the_order_of_time_and_their_ids_too(export: Export) -> None:
    paid = export.rows("payments")
    times = [(export.day(row["paid_at"]), row["paid_at"][11:]) for row in paid]
    ids = [row["payment_id"] for row in paid]
    assert times == sorted(times)
    assert ids == sorted(set(ids))


def test_every_reference_holds(export: Export) -> None:
    agents = {row["agent_id"] for row in export.rows("agents")}
    accounts = {row["account_id"] for row in export.rows("accounts")}
    for table in export.sample.rows:
        for row in export.rows(table):
            assert row.get("account_id", "") in {*accounts, ""}, table
            assert row.get("agent_id", "") in {*agents, ""}, table
    leaders = {row["team_leader_id"] for row in export.rows("agents")} - {""}
    assert leaders <= agents


def test_balances_go_down_by_what_was_paid(export: Export) -> None:
    """From one snapshot to the next: what was owed less what was paid on it, reversals added back."""
    repaid: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    kinds = export.profile.codes["payments.kind"]
    for row in export.rows("payments"):
        if kinds[row["kind"]] not in ("fee", "penalty"):
            repaid[row["account_id"]].append((export.day(row["paid_at"]), Decimal(row["amount"])))
    snapshots: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in export.rows("balances"):
        snapshots[row["account_id"]].append((export.day(row["as_of"]), Decimal(row["balance"])))
    compared = 0
    for account, rows in snapshots.items():
        rows.sort()
        for (before, owed), (after, owed_then) in pairwise(rows):
            paid = sum(amount for day, amount in repaid[account] if before < day <= after)
            assert owed - paid == owed_then, (account, before, after)
            compared += 1
    assert compared > 200


def test_every_payment_has_a_balance_of_an_earlier_day(export: Export) -> None:
    first: dict[str, date] = {}
    for row in export.rows("balances"):
        day = export.day(row["as_of"])
        first[row["account_id"]] = min(day, first.get(row["account_id"], day))
    for row in export.rows("payments"):
        assert first[row["account_id"]] < export.day(row["paid_at"]), row


def test_arrears_grow_by_a_day_a_day_where_nobody_pays(export: Export) -> None:
    paid = {row["account_id"] for row in export.rows("payments")}
    late: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in export.rows("balances"):
        late[row["account_id"]].append((export.day(row["as_of"]), int(row["days_past_due"])))
    compared = 0
    for account, rows in late.items():
        rows = sorted(row for row in rows if row[1] > 0)
        for (before, days), (after, days_then) in pairwise(rows):
            if account not in paid:
                assert days_then - days == (after - before).days, account
                compared += 1
    assert compared > 0


def test_a_reversal_takes_back_a_payment_of_an_earlier_day_and_never_more_than_it_was(export: Export) -> None:
    paid = {row["payment_id"]: row for row in export.rows("payments")}
    reversals = [row for row in paid.values() if row["reverses"]]
    months_between = set()
    for row in reversals:
        original = paid[row["reverses"]]
        assert not original["reverses"] and row["account_id"] == original["account_id"]
        assert 0 < -Decimal(row["amount"]) <= Decimal(original["amount"])
        assert export.day(original["paid_at"]) < export.day(row["paid_at"])
        months_between.add(export.day(row["paid_at"]).month - export.day(original["paid_at"]).month)
    assert len({row["reverses"] for row in reversals}) == len(reversals)
    assert 0 in months_between and 1 in months_between, "within a month and into the next"
    assert all(Decimal(row["amount"]) > 0 for row in paid.values() if not row["reverses"])


def held(export: Export) -> dict[str, list[tuple[date, date, dict[str, str]]]]:
    """Each agent's posts with the first and last day on which they are held."""
    posts: dict[str, list[tuple[date, date, dict[str, str]]]] = defaultdict(list)
    for row in export.rows("agents"):
        first = max(export.day(row[name]) for name in ("started_on", "valid_from") if row[name])
        ends = [export.day(row[name]) for name in ("left_on", "valid_to") if row[name]]
        posts[row["agent_id"]].append((first, min(ends, default=date.max), row))
    return posts


def test_an_account_has_one_owner_a_day_at_each_desk_who_works_there_then(export: Export) -> None:
    market = load_market(export.profile)
    posts = held(export)
    desk_of = {role.role: role.desk for role in market.people.role if role.owns}
    spelt = export.profile.codes["agents.role"]
    for day in (date(2026, 8, 1), date(2026, 9, 15), date(2026, 10, 31)):
        owners = defaultdict(list)
        for row in export.rows("assignments"):
            ended = export.day(row["ended_on"]) if row["ended_on"] else date.max
            if export.day(row["assigned_on"]) <= day <= ended:
                now = [post for first, last, post in posts[row["agent_id"]] if first <= day <= last]
                assert now, f"{row['agent_id']} owns an account on {day} without being there"
                owners[row["account_id"], desk_of[spelt[now[0]["role"]]]].append(row["agent_id"])
        assert owners and all(len(agents) == 1 for agents in owners.values())


def test_somebody_joins_leaves_moves_and_is_promoted(export: Export) -> None:
    rows = export.rows("agents")
    assert any(export.day(row["started_on"]) > date(2026, 8, 1) for row in rows)
    assert any(row["left_on"] for row in rows)
    changed = [[row for _, _, row in posts] for posts in held(export).values() if len(posts) == 2]
    assert any(before["team"] != after["team"] for before, after in changed)
    assert any(before["role"] != after["role"] for before, after in changed)
    for before, after in changed:
        assert export.day(before["valid_to"]) + ONE_DAY == export.day(after["valid_from"])


def test_an_account_changes_hands(export: Export) -> None:
    ended = [row for row in export.rows("assignments") if row["ended_on"]]
    assert any(export.day(row["ended_on"]) >= date(2026, 8, 1) for row in ended)
    assert any(export.day(row["ended_on"]) < date(2026, 8, 1) for row in ended), "owners before the first month"


def test_more_is_paid_on_a_monday_than_on_a_sunday(export: Export) -> None:
    by_weekday = [0] * 7
    for row in export.rows("payments"):
        by_weekday[export.day(row["paid_at"]).weekday()] += 1
    assert by_weekday[0] > by_weekday[6] > 0


def test_many_promises_are_kept_and_many_are_not(export: Export) -> None:
    paid: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in export.rows("payments"):
        paid[row["account_id"]].append((export.day(row["paid_at"]), Decimal(row["amount"])))
    kept = []
    for row in export.rows("promises"):
        made, due = export.day(row["made_at"]), export.day(row["due_on"])
        assert due >= made
        if due <= date(2026, 10, 31) and not row["cancelled_on"]:
            kept.append(sum(a for day, a in paid[row["account_id"]] if made <= day <= due) >= Decimal(row["amount"]))
    assert 0.35 < sum(kept) / len(kept) < 0.9


def test_the_reader_finds_nothing_wrong_with_clean_data(export: Export) -> None:
    reading = read_tables(export.sample.folder, export.profile)
    assert [str(found) for found in reading.problems if found.level != "info"] == []
    assert {name: rows.height for name, rows in reading.tables.items()} == export.sample.rows


def test_every_table_and_kpi_that_the_plans_need_is_there(export: Export) -> None:
    values = {row["kpi"] for row in export.rows("kpi_values")}
    targets = {row["kpi"] for row in export.rows("targets")}
    for path in export.profile.plan_paths():
        plan = tomllib.loads(path.read_text(encoding="utf-8"))
        asked = {gate["kpi"] for gate in [*plan.get("gate", []), *plan.get("multiplier", [])]}
        assert asked <= values
        assert {component["target"] for component in plan["component"] if "target" in component} <= targets


@pytest.mark.parametrize("name", NAMES)
def test_planted_defects_are_found_and_nothing_else(tmp_path: Path, name: str) -> None:
    profile = load_profile(name)
    sample = make_sample(profile, tmp_path / "made", agents=12, accounts=150, months=2, seed=5, messy=True)
    with (tmp_path / "made" / "planted.csv").open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    assert len(planted) == sample.planted > 25
    listed = {(row["file"], int(row["row"]), row["code"]) for row in planted if not row["code"].startswith("IGNORED")}
    reading = read_tables(tmp_path / "made", profile)
    problems = [found for found in reading.problems if found.file != "planted.csv"]
    found = {(p.file, p.row, p.code) for p in problems if p.level != "info"}
    assert listed - found == set(), "planted, not found"
    assert found - listed == set(), "found, not planted"
    by_place = {(row["file"], row["row"]): row for row in planted}
    for problem in (p for p in problems if (p.file, str(p.row)) in by_place and p.level == "error"):
        row = by_place[problem.file, str(problem.row)]
        assert problem.column == row["column"], problem


def test_planted_rows_are_where_the_list_says(tmp_path: Path) -> None:
    profile = load_profile("paygo-solar")
    make_sample(profile, tmp_path / "made", agents=9, accounts=80, months=1, seed=2, messy=True)
    with (tmp_path / "made" / "planted.csv").open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    for row in planted:
        lines = list(csv.reader((tmp_path / "made" / row["file"]).open(encoding="utf-8", newline="")))
        cells = lines[int(row["row"]) - 1]
        seen = cells[lines[0].index(row["column"])] if row["column"] else next(iter(cells), "")
        assert seen == row["value"], row


def test_mess_adds_rows_and_leaves_the_good_ones_as_they_are(tmp_path: Path) -> None:
    profile = load_profile("last-call")
    for name in ("clean", "messy"):
        make_sample(profile, tmp_path / name, agents=9, accounts=80, months=1, seed=2, messy=name == "messy")
    clean = (tmp_path / "clean" / "payments.csv").read_text(encoding="utf-8").splitlines()
    messy = (tmp_path / "messy" / "payments.csv").read_text(encoding="utf-8").splitlines()
    rest = iter(messy)
    assert all(line in rest for line in clean)
    assert len(messy) > len(clean)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "Payments October.csv").write_text("the real thing", encoding="utf-8")
    with pytest.raises(ToolkitError, match="not empty"):
        make_sample(load_profile("agency"), tmp_path, agents=5, accounts=10, months=1)
    assert [path.name for path in tmp_path.iterdir()] == ["Payments October.csv"]


def test_nothing_half_written_is_left_when_making_stops(tmp_path: Path) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_sample(load_profile("agency"), tmp_path / "made", agents=5, accounts=10, months=1, day_done=stop)
    assert not (tmp_path / "made").exists()


def test_a_second_sample_takes_the_place_of_the_first(tmp_path: Path) -> None:
    make_sample(load_profile("bike-recovery"), tmp_path, agents=5, accounts=10, months=1, messy=True)
    make_sample(load_profile("last-call"), tmp_path, agents=5, accounts=10, months=1)
    names = {path.name for path in tmp_path.iterdir()}
    assert "planted.csv" not in names and "visits.csv" not in names


def test_a_profile_without_sample_settings_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text(
        'name = "bare"\ncountry = "KE"\ncurrency = "KES"\ntimezone = "Africa/Nairobi"\n', encoding="utf-8"
    )
    with pytest.raises(ToolkitError, match=r"sample\.toml"):
        make_sample(load_profile(str(tmp_path)), tmp_path / "made", agents=5, accounts=10, months=1)


def test_wrong_sample_settings_are_named_all_at_once(tmp_path: Path) -> None:
    shipped = load_profile("agency").folder
    assert shipped is not None
    for name in ("profile.toml", "sample.toml"):
        text = (shipped / name).read_text(encoding="utf-8")
        text = text.replace("per_month = 1.2", 'per_month = "often"').replace("term_days = 365", "term_days = 1.5")
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ToolkitError) as stopped:
        make_sample(load_profile(str(tmp_path)), tmp_path / "made", agents=5, accounts=10, months=1)
    assert {found.column for found in stopped.value.problems} == {"payments.per_month", "product.0.term_days"}
    assert not (tmp_path / "made").exists()


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    out = tmp_path / "made"
    answer = CliRunner().invoke(
        main, ["sample", "--profile", "agency", "--agents", "6", "--accounts", "20", "--months", "1", "--out", str(out)]
    )
    assert answer.exit_code == 0, answer.output
    assert "20 rows" in answer.output and str(out / "accounts.csv") in answer.output


@pytest.mark.parametrize("wrong", [["--until", "2026-13"], ["--until", "2026"], ["--agents", "0"], ["--months", "0"]])
def test_wrong_use_is_exit_code_2(tmp_path: Path, wrong: list[str]) -> None:
    answer = CliRunner().invoke(main, ["sample", "--profile", "agency", "--out", str(tmp_path / "made"), *wrong])
    assert answer.exit_code == 2
    assert not (tmp_path / "made").exists()


def test_an_unknown_profile_is_exit_code_1_with_the_known_ones(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["sample", "--profile", "solar", "--out", str(tmp_path / "made")])
    assert answer.exit_code == 1
    assert "paygo-solar" in answer.stderr
