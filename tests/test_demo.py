"""`toolkit demo`, `toolkit profiles` and `toolkit profile new`, as a person calls them."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from toolkit.plan_files import read_plan
from toolkit.profiles import load_profile, shipped_profiles


def toolkit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def solar(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("demo") / "branch"
    return out, toolkit("demo", "--out", out)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_demo_ends_well_and_says_where_everything_is(solar: tuple[Path, Result]) -> None:
    out, answer = solar
    assert answer.exit_code == 0, answer.output
    for place in ("exports", "check", "2026-09", "2026-10", "2026-10/sheet.csv", "recovery", "recovery/ratios.csv",
                  "conduct", "conduct/conduct.html", "conduct/breaches.csv"):  # fmt: skip
        assert (out / place).exists()
        assert str(out / place) in answer.stdout
    assert f"toolkit commissions explain {out / '2026-10'} AG-" in answer.stdout


def test_two_months_follow_on_from_each_other(solar: tuple[Path, Result]) -> None:
    """What September carried out and held back is what October carries in and what its held balance starts from."""
    out, _ = solar
    september = {row["agent_id"]: row for row in rows(out / "2026-09" / "sheet.csv")}
    october = {row["agent_id"]: row for row in rows(out / "2026-10" / "sheet.csv")}
    both = [(september[agent], row) for agent, row in october.items() if agent in september]
    assert both and any(Decimal(row["released"]) > 0 for _, row in both)
    for before, row in both:
        assert row["carried_in"] == before["carried_out"]
        held = Decimal(before["held_balance"]) - Decimal(row["holdback"]) - Decimal(row["released"])
        assert Decimal(row["held_balance"]) == held, "held before, less what was released, and what is held now"


def test_the_demo_shows_what_can_happen_to_pay(solar: tuple[Path, Result]) -> None:
    out, _ = solar
    kinds = {row["kind"] for row in rows(out / "2026-10" / "lines.csv")}
    assert kinds >= {"earn", "override", "clawback", "holdback", "release", "guarantee", "withholding", "adjust"}


def test_the_sheet_of_the_demo_re_adds(solar: tuple[Path, Result]) -> None:
    out, _ = solar
    parts = ("CASH", "LATE", "REACT", "VISIT", "UNIT", "COMPLAINT", "LEAD", "adjustments", "clawback", "holdback", "released", "guarantee")  # fmt: skip  # noqa: E501
    for row in rows(out / "2026-10" / "sheet.csv"):
        gross = sum(Decimal(row[part]) for part in parts)
        assert Decimal(row["gross"]) == gross
        assert Decimal(row["net"]) == gross + Decimal(row["withholding"])
        assert Decimal(row["carried_out"]) == Decimal(row["net"]) + Decimal(row["carried_in"]) - Decimal(row["payable"])


def test_nothing_of_the_demos_exports_is_set_aside(solar: tuple[Path, Result]) -> None:
    out, _ = solar
    check = json.loads((out / "check" / "check.json").read_text(encoding="utf-8"))
    assert {file["rejected"] for table in check["tables"].values() for file in table["files"]} == {0}
    control = json.loads((out / "2026-10" / "run.json").read_text(encoding="utf-8"))["control"]
    assert control["rejected"]["rows"] == 0


def test_a_second_demo_takes_the_place_of_the_first_and_is_the_same(solar: tuple[Path, Result]) -> None:
    out, _ = solar
    before = (out / "2026-10" / "lines.csv").read_bytes()
    assert toolkit("demo", "--out", out, "--quiet").exit_code == 0
    assert (out / "2026-10" / "lines.csv").read_bytes() == before


def test_the_demo_shows_call_quality_and_how_to_go_on(tmp_path: Path) -> None:
    out = tmp_path / "branch"
    said = toolkit("demo", "--profile", "phone-credit", "--out", out).stdout
    for place in ("quality", "quality/quality.xlsx", "quality/pages/index.html"):
        assert (out / place).exists()
        assert str(out / place) in said
    commands = [line.split("  ")[1] for line in said.splitlines() if line.startswith("  toolkit qc")]
    assert len(commands) == 3
    for command in commands:
        assert toolkit(*command.strip().split(" ")[1:]).exit_code == 0, command
    different = rows(out / "agreement" / "disagreements.csv")
    assert len({row["call_id"] for row in different}) > 3
    assert rows(out / "coaching" / "effects.csv")


@pytest.mark.parametrize("name", [name for name in shipped_profiles() if name != "paygo-solar"])
def test_every_set_up_has_its_demo(tmp_path: Path, name: str) -> None:
    answer = toolkit("demo", "--profile", name, "--out", tmp_path / "branch")
    assert answer.exit_code == 0, answer.output
    assert len(list((tmp_path / "branch").glob("*/sheet.csv"))) == 2


def test_the_demo_of_an_unknown_set_up_is_exit_code_1(tmp_path: Path) -> None:
    answer = toolkit("demo", "--profile", "solar", "--out", tmp_path / "branch")
    assert answer.exit_code == 1
    assert not (tmp_path / "branch").exists()


def test_profiles_lists_the_five_with_their_plans() -> None:
    answer = toolkit("profiles")
    assert answer.exit_code == 0
    for name in ("agency", "bike-recovery", "last-call", "paygo-solar", "phone-credit"):
        assert name in answer.stdout
    listed = json.loads(toolkit("profiles", "--json").stdout)
    assert {entry["name"]: entry["currency"] for entry in listed} == {
        "agency": "UGX",
        "bike-recovery": "UGX",
        "last-call": "TZS",
        "paygo-solar": "KES",
        "phone-credit": "NGN",
    }


@pytest.mark.parametrize("like", shipped_profiles())
def test_a_copied_set_up_reads_plans_and_makes_samples(tmp_path: Path, like: str) -> None:
    mine = tmp_path / "mine"
    answer = toolkit("profile", "new", "north-branch", "--like", like, "--out", mine)
    assert answer.exit_code == 0, answer.output
    copied = load_profile(str(mine))
    assert copied.name == "north-branch"
    assert copied.headers == load_profile(like).headers
    assert all(read_plan(path)[0] is not None for path in copied.plan_paths())
    made = toolkit("sample", "--profile", mine, "--accounts", "20", "--months", "1", "--out", tmp_path / "made")
    assert made.exit_code == 0, made.output


def test_a_copy_of_a_copy_keeps_its_own_plans(tmp_path: Path) -> None:
    assert toolkit("profile", "new", "one", "--like", "agency", "--out", tmp_path / "one").exit_code == 0
    assert toolkit("profile", "new", "two", "--like", tmp_path / "one", "--out", tmp_path / "two").exit_code == 0
    assert load_profile(str(tmp_path / "two")).plan_paths()[0].parent == tmp_path / "two" / "plans"


def test_a_set_up_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text("mine", encoding="utf-8")
    answer = toolkit("profile", "new", "north", "--like", "agency", "--out", tmp_path)
    assert answer.exit_code == 1
    assert "not empty" in answer.stderr
    assert (tmp_path / "profile.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["North Branch", "../north", "", "-x"])
def test_a_name_that_will_not_do_is_refused(tmp_path: Path, name: str) -> None:
    answer = toolkit("profile", "new", "--like", "agency", "--out", tmp_path / "out", "--", name)
    assert answer.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_an_unknown_set_up_cannot_be_copied(tmp_path: Path) -> None:
    answer = toolkit("profile", "new", "north", "--like", "solar", "--out", tmp_path / "out")
    assert answer.exit_code == 1
    assert "paygo-solar" in answer.stderr
    assert not (tmp_path / "out").exists()
