"""`toolkit conduct` as people call it: exports in, a folder of breaches, sums, a workbook and a page out."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from conduct_cases import CALLS, calls
from openpyxl import load_workbook

import cli

PROFILE = """title = "Desk"
country = "KE"
currency = "KES"
timezone = "Africa/Nairobi"

[[call_rules]]
use = "company-policy"
start = 2026-01-01
[call_rules.values]
hours = { hours = { mon-sat = "08:00-20:00", sun = "closed", holiday = "closed" } }
calls-a-day = { most = 2 }
quiet-after-conversation = { days = 2 }
"""
AGENTS = """agent_id,name,role,team,started_on,left_on
A1,=Asha(),call_agent,North,2026-01-01,
A2,<b>Baraka</b>,call_agent,North,2026-01-01,2026-03-04
A3,Chep,call_agent,South,2026-01-01,
"""
ACCOUNTS = (
    "account_id,customer_id,product,activated_on,currency\nL1,C1,lamp,2026-01-01,KES\nL2,C2,lamp,2026-01-01,KES\n"
)
ROWS = (
    CALLS
    + calls("2026-03-02 09:00", "2026-03-02 10:00", "2026-03-02 20:00")
    + "K4,A2,L2,2026-03-03 09:00,out,yes,yes,promise,\nK5,A2,L2,2026-03-04 09:00,out,no,no,no_answer,\n"
    + "K6,A2,L2,2026-03-05 09:00,in,yes,yes,paid,\n"
)


def exports(folder: Path, **tables: str) -> Path:
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, text in {"agents": AGENTS, "accounts": ACCOUNTS, "calls": ROWS, **tables}.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    setup = folder / "desk"
    setup.mkdir(exist_ok=True)
    (setup / "profile.toml").write_text(PROFILE, encoding="utf-8")
    return data


def run(folder: Path, *more: str, out: str = "out", **tables: str) -> Result:
    data = exports(folder, **tables)
    given = ["conduct", str(data), "--profile", str(folder / "desk"), "--out", str(folder / out), *more]
    if "--period" not in more:
        given += ["--period", "2026-03"]
    return CliRunner().invoke(cli.main, given)


def table(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=0)


def test_each_breach_says_who_when_what_was_seen_and_what_is_permitted(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 0, result.output
    found = table(tmp_path / "out" / "breaches.csv")
    assert found.select("rule", "call_id", "at", "seen", "permitted", "counted_with").rows() == [
        ("hours", "K3", "2026-03-02 20:00:00", "Monday 20:00:00", "Monday 08:00–20:00", None),
        ("calls-a-day", "K3", "2026-03-02 20:00:00", "number 3 on this day", "at most 2 a day per person", "K1; K2"),
        ("quiet-after-conversation", "K5", "2026-03-04 09:00:00", "day 2 after the conversation of 3 March 2026",
         "none within 2 days of a conversation, its own day being the first, per person and debt", "K4"),
    ]  # fmt: skip
    assert found.select("agent_id", "team", "account_id", "customer_id", "source_file", "source_row").row(0) == (
        "A1", "North", "L1", "C1", "calls.csv", "4",
    )  # fmt: skip


def test_sums_by_rule_and_agent_add_up_with_what_was_left_out(tmp_path: Path) -> None:
    run(tmp_path)
    out = tmp_path / "out"
    rules = table(out / "by_rule.csv").with_columns(pl.col("rows", "judged", "not_judged", "breaches").cast(pl.Int64))
    assert (rules["judged"] + rules["not_judged"] == rules["rows"]).all()
    exempt = table(out / "exempt.csv").with_columns(pl.col("rows").cast(pl.Int64))
    for row in rules.iter_rows(named=True):
        mine = exempt.filter(pl.col("rule") == row["rule"])
        assert mine["rows"].sum() == row["rows"] == 6
        assert mine.filter(pl.col("judged") == "true")["rows"].sum() == row["judged"]
    agents = table(out / "by_agent.csv")
    whole = agents.filter(pl.col("rule") == "all").select(
        "agent_id", "rows", "judged", "breaches", "contacts_with_breach"
    )
    assert whole.rows() == [("A1", "3", "3", "2", "1"), ("A2", "3", "2", "1", "1")]
    each = agents.filter(pl.col("rule") != "all")
    assert each["breaches"].cast(pl.Int64).sum() == table(out / "breaches.csv").height


def test_the_interval_is_wilsons(tmp_path: Path) -> None:
    run(tmp_path)
    row = table(tmp_path / "out" / "by_rule.csv").filter(pl.col("rule") == "hours").row(0, named=True)
    assert (row["judged"], row["breaches"], float(row["per_1000"])) == ("5", "1", 200.0)
    assert (round(float(row["low"]), 1), round(float(row["high"]), 1)) == (36.2, 624.5)  # 1 of 5: 0.0362 to 0.6245


def test_without_rules_in_the_profile_it_says_how_to_set_them(tmp_path: Path) -> None:
    data = exports(tmp_path)
    bare = PROFILE.partition("[[call_rules]]")[0]
    (tmp_path / "desk" / "profile.toml").write_text(bare, encoding="utf-8")
    given = [
        "conduct",
        str(data),
        "--profile",
        str(tmp_path / "desk"),
        "--period",
        "2026-03",
        "--out",
        str(tmp_path / "out"),
    ]
    result = CliRunner().invoke(cli.main, given)
    assert result.exit_code == 1
    assert "keeps no call rules" in result.output
    assert "[[call_rules]]" in result.output
    assert not (tmp_path / "out").exists()
    asked = CliRunner().invoke(cli.main, [*given, "--rules", "us-reg-f"])
    assert asked.exit_code == 0, asked.output
    assert json.loads((tmp_path / "out" / "conduct.json").read_text(encoding="utf-8"))["breaches"] == 1


def test_rules_that_are_named_are_the_only_ones(tmp_path: Path) -> None:
    assert run(tmp_path, "--rules", "us-reg-f").exit_code == 0
    assert set(table(tmp_path / "out" / "by_rule.csv")["rule_set"]) == {"us-reg-f"}
    both = run(tmp_path, "--rules", "us-reg-f", "--rules", "company-policy")
    assert both.exit_code == 0
    assert set(table(tmp_path / "out" / "by_rule.csv")["rule_set"]) == {"us-reg-f", "company-policy"}
    unknown = run(tmp_path, "--rules", "nowhere", out="other")
    assert unknown.exit_code == 1
    assert 'no call rules "nowhere"' in unknown.output


def test_rows_set_aside_are_said_by_the_exit_code(tmp_path: Path) -> None:
    result = run(tmp_path, calls=ROWS + "K9,A9,L1,2026-03-05 09:00,out,no,no,no_answer,\n")
    assert result.exit_code == 3
    assert table(tmp_path / "out" / "problems.csv")["code"].to_list().count("AGENT_UNKNOWN") == 1


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (("--period", "soon"), 1, "is not a period"),
        (("--period", "2027-01"), 1, "nothing of it has happened yet"),
        (("--nonsense",), 2, "No such option"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    tmp_path: Path, more: tuple[str, ...], code: int, words: str
) -> None:
    result = run(tmp_path, *more)
    assert result.exit_code == code
    assert words in result.output
    assert not (tmp_path / "out").exists()


def test_until_the_day_asked_for_nothing_later_counts(tmp_path: Path) -> None:
    assert run(tmp_path, "--as-of", "2026-03-03").exit_code == 0
    record = json.loads((tmp_path / "out" / "conduct.json").read_text(encoding="utf-8"))
    assert (record["breaches"], record["provisional"], record["as_of"]) == (2, True, "2026-03-03")
    exempt = table(tmp_path / "out" / "exempt.csv").filter(pl.col("rule") == "hours")
    assert dict(exempt.select("reason", "rows").iter_rows())["later than the day on which the data stand"] == "1"


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    run(tmp_path, out="one")
    run(tmp_path, out="two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir() if path.name != ".lock")
    assert names == [
        "breaches.csv", "by_agent.csv", "by_rule.csv", "conduct.html", "conduct.json", "conduct.xlsx", "exempt.csv",
        "problems.csv",
    ]  # fmt: skip
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_names_that_look_like_formulas_or_markup_are_only_names(tmp_path: Path) -> None:
    run(tmp_path)
    out = tmp_path / "out"
    assert "'=Asha()" in (out / "by_agent.csv").read_text(encoding="utf-8")
    page = (out / "conduct.html").read_text(encoding="utf-8")
    assert "<b>Baraka" not in page
    assert "&lt;b&gt;Baraka" in page
    assert "http" not in page.replace("http-equiv", "")
    book = load_workbook(out / "conduct.xlsx")
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value == "=Asha()"]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)


def test_the_workbook_shows_agents_rules_breaches_and_what_was_not_judged(tmp_path: Path) -> None:
    run(tmp_path)
    book = load_workbook(tmp_path / "out" / "conduct.xlsx")
    assert book.sheetnames == ["Agents", "Rules", "Breaches", "Not judged", "About"]
    texts = {str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None}
    assert {"number 3 on this day", "at most 2 a day per person", "received, not made", "=Asha()"} <= texts
    assert any("no numeric hours or caps" in text for text in texts)


def test_what_is_printed_is_short_or_for_machines_or_nothing(tmp_path: Path) -> None:
    words = run(tmp_path).output
    assert "3 breaches by 2 of 6 contacts" in words
    assert "Contact outside the permitted hours" in words
    assert json.loads(run(tmp_path, "--json", "--rules", "us-reg-f").stdout)["contacts"] == 6
    assert run(tmp_path, "--quiet", "--rules", "us-reg-f").stdout == ""
    run(tmp_path, "--no-workbook", "--no-pages", out="bare")
    assert not {"conduct.xlsx", "conduct.html"} & {path.name for path in (tmp_path / "bare").iterdir()}


def test_examples_are_said_to_be_examples(tmp_path: Path) -> None:
    data = exports(tmp_path)
    (tmp_path / "desk" / "profile.toml").write_text(
        PROFILE.replace("start = 2026-01-01", "start = 2026-01-01\nexample = true"), encoding="utf-8"
    )
    result = CliRunner().invoke(
        cli.main,
        [
            "conduct",
            str(data),
            "--profile",
            str(tmp_path / "desk"),
            "--period",
            "2026-03",
            "--out",
            str(tmp_path / "out"),
        ],
    )
    assert "are examples, not your company's and not law" in result.output
    assert "examples, to be replaced" in (tmp_path / "out" / "conduct.html").read_text(encoding="utf-8")


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "photo.jpg").write_text("x", encoding="utf-8")
    assert run(tmp_path).exit_code == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["photo.jpg"]
