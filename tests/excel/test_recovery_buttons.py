"""The buttons of the cost of recovery, pressed as the macros press them: what they show is what the command writes."""

import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from standin import application, opened
from test_buttons import rows_of, setting, status
from test_team_buttons import shown, table

from cli import main
from toolkit.excel.build import build_workbook
from toolkit.excel.buttons import press
from toolkit.profiles import load_profile
from toolkit.recovery.factors import planned, together
from toolkit.recovery_reports.recovering import recovered
from toolkit.samples import make_sample

PROFILE, PERIOD = "paygo-solar", "2026-10"
MOST_CALLS = 60
MESS = """
2026-10,=cmd|x,Odd,500,KES,1,,
2026-10,calls,Refund,-300,KES,1,,
2026-10,calls,Foreign,100,TZS,1,,
2026-10,consultants,Nobody,177,KES,1,ZZ-99,
"""


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of a small invented branch, for reading only."""
    folder = tmp_path_factory.mktemp("recovery") / "exports"
    make_sample(load_profile(PROFILE), folder, agents=8, accounts=150, months=4, seed=3)
    return folder


@pytest.fixture
def book(branch: Path, tmp_path: Path) -> Iterator[Any]:
    made = build_workbook(PROFILE, tmp_path / "c.xlsm", data=branch, results=tmp_path / "out", period=PERIOD)
    with opened(made, "memory") as found:
        yield found


@pytest.fixture(scope="module")
def written(branch: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command leaves behind."""
    out = tmp_path_factory.mktemp("command") / "out"
    words = ["recovery", str(branch), "--profile", PROFILE, "--period", PERIOD, "--out", str(out), "--quiet"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code in (0, 3), done.output
    return out


def block(book: Any, sheet: str, name: str) -> list[list[Any]]:
    """All rows below the heads, empty ones too."""
    return book.sheets[sheet].range(f"rows_{name}").options(ndim=2).value  # type: ignore[no-any-return]


def ratios(folder: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    return {(row["scope_kind"], row["scope"], row["measure"]): row for row in table(folder / "ratios.csv")}


def test_cost_of_recovery_shows_what_the_command_writes(book: Any, written: Path, tmp_path: Path) -> None:
    press("cost_of_recovery")
    known = ratios(written)
    rows = block(book, "Cost of recovery", "recovery")
    buckets = [row for row in rows[:9] if row[0]]
    assert len(buckets) > 3
    for name, share, collected, cost, direct, net, _ in buckets:
        figures = {
            key: known["bucket", name, key]
            for key in ("collected", "cost", "cost_direct", "net_recovery", "cost_to_collect")
        }
        assert [collected, cost, direct, net] == [
            pytest.approx(float(figures[key]["value"])) for key in ("collected", "cost", "cost_direct", "net_recovery")
        ]
        value = figures["cost_to_collect"]["value"]
        assert share == (pytest.approx(float(value) / 100, abs=1e-7) if value else "no base")
    heads = [str(row[0]) for row in rows if isinstance(row[2], str)]
    assert heads[:3] == ["Team", "Everybody", "What a piece of work costs"]
    everybody = next(row for row in rows if row[0] == "All")
    assert everybody[3] == pytest.approx(float(known["all", "", "cost"]["value"]))
    assert status(book).startswith("✓ 2026-10: collecting cost ")
    made = tmp_path / "out" / f"{PERIOD}-recovery"
    assert table(made / "ratios.csv") == table(written / "ratios.csv")
    assert {"recovery.xlsx", "recovery.html", "pursue.csv"} <= {path.name for path in made.iterdir()}


def test_costs_add_up_on_their_sheet(book: Any, written: Path) -> None:
    press("cost_of_recovery")
    whole = pytest.approx(float(ratios(written)["all", "", "cost"]["value"]))
    rows = block(book, "Costs", "costs")
    assert sum(row[2] for row in rows[:9] if row[0]) == whole
    teams = [row for row in rows[10:] if row[1] == "all channels"]
    assert sum(row[2] for row in teams) == whole
    for team in teams:
        own = [row[2] for row in rows[10:] if row[0] == team[0] and row[1] != "all channels" and row[2] != "Cost"]
        assert sum(own) == pytest.approx(team[2])


def test_the_accounts_worth_most_come_first(book: Any, written: Path) -> None:
    press("worth_pursuing")
    rows = shown(book, "Worth pursuing", "pursue")
    listed = {row["account_id"]: row for row in table(written / "pursue.csv")}
    assert len(rows) == len(listed) > 20
    nets = [row["Expected net"] for row in rows if row["Expected net"] is not None]
    assert nets == sorted(nets, reverse=True)
    for row in rows:
        of = listed[row["Account"]]
        assert (row["Next step"], row["Why"]) == (of["title"], of["why"])
        assert row["Expected net"] == (pytest.approx(float(of["expected_net"])) if of["expected_net"] else None)
    summed = {row["title"]: row for row in table(written / "pursue_summary.csv")}
    for row in shown(book, "Worth pursuing", "what_if"):
        if row["Step"] in summed:
            assert row["Pursued now"] == int(summed[row["Step"]]["accounts"])
            assert (row["Cost ×"], row["Chance ×"], row["What it says"]) == (1, 1, None)
    assert f"{len(nets)} of {len(listed)} accounts past due are worth a step" in status(book)


def test_what_if_reads_the_yellow_cells_and_keeps_them(book: Any, branch: Path) -> None:
    press("worth_pursuing")
    sheet = book.sheets["Worth pursuing"]
    titles = [sheet[f"B{row}"].value for row in range(7, 11)]
    visit, call = 7 + titles.index("Visit"), 7 + titles.index("Call")
    sheet[f"C{visit}"].value, sheet[f"D{call}"].value, sheet[f"D{visit}"].value = 3, "50%", None
    accounts = rows_of(book, "Worth pursuing", "pursue")
    press("what_if")
    rows = {row[0]: row for row in rows_of(book, "Worth pursuing", "what_if")[1:]}
    done = recovered(branch, PROFILE, PERIOD)
    assert done.steps is not None
    factors = {"visit": (Fraction(3), Fraction(1)), "call": (Fraction(1), Fraction(1, 2))}
    then = planned(done.steps, factors)
    for rung, title in (("visit", "Visit"), ("call", "Call"), ("sms", "SMS")):
        assert rows[title][4] == then[rung].accounts
        assert rows[title][6] == pytest.approx(float(then[rung].cost) / 100)
        assert list(rows[title][8:11]) == [pytest.approx(float(net) / 100) for net in then[rung].net]
    assert rows["Visit"][1:3] == [3, 1]
    assert rows["Call"][1:3] == [1, 0.5]
    assert rows["All"][4] == together(then).accounts
    assert "the net is" in rows["All"][11]
    assert rows_of(book, "Worth pursuing", "pursue") == accounts
    assert status(book).startswith(f"✓ What if: {together(then).accounts} accounts instead of ")


def test_a_dearer_step_on_as_many_accounts_is_said_so_and_a_second_click_changes_nothing(book: Any) -> None:
    press("worth_pursuing")
    press("worth_pursuing")
    book.sheets["Worth pursuing"]["C7"].value = 1.01
    press("what_if")
    once = rows_of(book, "Worth pursuing", "what_if")
    assert once[1][11].startswith("as many accounts; the net is")
    press("what_if")
    assert rows_of(book, "Worth pursuing", "what_if") == once


def test_how_many_calls_there_were_is_no_amount_of_money(book: Any, written: Path) -> None:
    press("cost_of_recovery")
    row = next(row for row in block(book, "Cost of recovery", "recovery") if row[0] == "Cost of a call")
    count = int(ratios(written)["all", "", "cost_per_call"]["denominator"])
    assert row[4] == f"{count:,} times"


@pytest.mark.parametrize(("sheet", "button"), [("Costs", "cost_of_recovery"), ("Worth pursuing", "worth_pursuing")])
def test_a_sheet_that_is_gone_is_a_sentence_and_writes_nothing(
    sheet: str, button: str, book: Any, tmp_path: Path
) -> None:
    book.sheets[sheet].delete()
    with pytest.raises(SystemExit, match=sheet):
        press(button)
    assert not (tmp_path / "out" / f"{PERIOD}-recovery").exists()


def test_without_factors_what_if_changes_nothing(book: Any) -> None:
    press("what_if")
    rows = rows_of(book, "Worth pursuing", "what_if")[1:]
    assert len(rows) > 2
    for row in rows:
        assert row[3] == row[4]
        assert row[11] is None


@pytest.mark.parametrize(("value", "seen"), [("much", "much"), (-1, "-1"), (11, "11"), ("#REF!", "#REF!")])
def test_every_cell_that_is_no_factor_is_named_and_nothing_is_written(book: Any, value: Any, seen: str) -> None:
    press("worth_pursuing")
    sheet = book.sheets["Worth pursuing"]
    before = rows_of(book, "Worth pursuing", "what_if")
    sheet["C7"].value = value
    with pytest.raises(SystemExit, match=f"cell C7: “{seen}” is no factor"):
        press("what_if")
    sheet["C7"].value = 1
    assert rows_of(book, "Worth pursuing", "what_if") == before


def test_a_month_without_payments_says_no_base(branch: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(branch, tmp_path / "exports"))
    costs = data / "costs.csv"
    costs.write_text(costs.read_text("utf-8") + "2026-02,salary,Basic pay,500,KES,1,,\n", encoding="utf-8")
    made = build_workbook(PROFILE, tmp_path / "c.xlsm", data=data, results=tmp_path / "out", period="2026-02")
    with opened(made, "memory") as book:
        press("cost_of_recovery")
        assert status(book).startswith("◆ 2026-02: no base; cost 500.00, collected 0.00")
        assert next(row for row in rows_of(book, "Costs", "costs") if row[0] == "salary")[4] == "no base"


def test_messy_costs_are_shown_as_far_as_they_count(branch: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(branch, tmp_path / "exports"))
    costs = data / "costs.csv"
    costs.write_text(costs.read_text("utf-8").rstrip("\n") + MESS, encoding="utf-8")
    made = build_workbook(PROFILE, tmp_path / "c.xlsm", data=data, results=tmp_path / "out", period=PERIOD)
    with opened(made, "memory") as book:
        press("cost_of_recovery")
        channels = {row[0]: row for row in block(book, "Costs", "costs")[:9]}
        [odd] = [name for name in channels if "cmd" in str(name)]
        assert channels[odd][2] == 500
        assert not book.sheets["Costs"].range("rows_costs")[list(channels).index(odd), 0].formula.startswith("=")
        assert "consultants" not in channels
        assert status(book).startswith("◆")
        area = book.sheets["Problems"].range("block_problems")
        wrong = area[0, :].value.index("What is wrong")  # beside links, which nothing calculates here
        assert any("-300" in str(text) for text in area[1:, wrong].value)


def test_a_period_that_is_no_whole_months_is_a_sentence_and_leaves_the_sheets(book: Any) -> None:
    press("cost_of_recovery")
    before = rows_of(book, "Costs", "costs")
    setting(book, "period", "2026-W43")
    with pytest.raises(SystemExit, match="whole months"):
        press("cost_of_recovery")
    assert rows_of(book, "Costs", "costs") == before


def test_a_protected_sheet_leaves_everything_as_it_was(book: Any, tmp_path: Path) -> None:
    book.sheets["Costs"].api.Protect()
    with pytest.raises(SystemExit, match="Costs"):
        press("cost_of_recovery")
    assert not (tmp_path / "out" / f"{PERIOD}-recovery").exists()
    assert rows_of(book, "Cost of recovery", "recovery")[1:] == []


def test_the_buttons_make_few_calls_to_excel(book: Any) -> None:
    for button in ("cost_of_recovery", "worth_pursuing", "what_if"):
        before = application(book).calls
        press(button)
        assert application(book).calls - before <= MOST_CALLS, button
