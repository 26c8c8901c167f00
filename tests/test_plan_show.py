"""What a plan pays, in words and around its edges; the figures worked out by hand."""

import json
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from click.testing import CliRunner
from plan_examples import banded, example, example_text, simple

from toolkit.commands.plan import plan as plan_command
from toolkit.plan_checks.mistakes import read_document
from toolkit.plan_show import as_text, shown_plan
from toolkit.plans import BAND_SCALES, MEASURES, Component, Gate, Guarantee, Override, Plan, Withholding
from toolkit.problems import texts
from toolkit.shipped import shipped

MATRIX = {"rows_by": "days_past_due", "columns_by": "count", "rows": ["0", "31"], "columns": ["1", "3"],
          "amounts": [["200", "350"], ["250", "450"]]}  # fmt: skip


def plan_of(document: dict[str, Any]) -> Plan:
    plan, mistakes = read_document(document)
    assert plan is not None, mistakes
    return plan


def paid(document: dict[str, Any]) -> list[tuple[str, str]]:
    """What the first component pays at each place of its table."""
    return [(row.at, row.pays) for row in shown_plan(plan_of(document)).components[0].paid]


def test_slices_of_an_amount_around_their_edges() -> None:
    """10 % of the first 10,000 and 20 % above: one cent more or less changes a tenth or a fifth of a cent."""
    assert paid(banded(("0", "10%"), ("10000", "20%"))) == [
        ("0.00", "0.00"),
        ("0.01", "0.00"),
        ("9,999.99", "1,000.00"),
        ("10,000.00", "1,000.00"),
        ("10,000.01", "1,000.00"),
    ]


@pytest.mark.parametrize(("edge", "at_the_edge"), [("from", "3,000.00"), ("above", "1,000.00")])
def test_the_whole_amount_at_the_rate_reached_jumps_at_the_edge(edge: str, at_the_edge: str) -> None:
    """1 % below 100,000 and 3 % from there on, as in a published tier table of whole payments."""
    document = banded(("0", "1%"), ("100000", "3%"), band_mode="whole", band_edge=edge)
    assert paid(document)[2:] == [
        ("99,999.99", "1,000.00"),
        ("100,000.00", at_the_edge),
        ("100,000.01", "3,000.00"),
    ]


def test_a_currency_without_cents_steps_by_one() -> None:
    document = banded(("0", "1%"), ("100000", "3%"), band_mode="whole") | {"currency": "UGX", "payout_unit": "1"}
    assert paid(document)[2:] == [("99,999", "1,000"), ("100,000", "3,000"), ("100,001", "3,000")]


def test_attainment_is_shown_on_a_round_target() -> None:
    """Target 100,000: 1 % up to 80,000 are 800, 2 % of the next 20,000 are 400."""
    document = banded(("0%", "1%"), ("80%", "2%"), ("100%", "2.5%"), band_by="attainment", target="collected",
                      prorate="none")  # fmt: skip
    assert dict(paid(document)) == {
        "0%": "0.00", "0.01%": "0.10", "79.99%": "799.90", "80%": "800.00", "80.01%": "800.20",
        "99.99%": "1,199.80", "100%": "1,200.00", "100.01%": "1,200.25",
    }  # fmt: skip


def test_an_amount_for_the_target_by_slices_of_attainment() -> None:
    """20,000 at the target, 1.4 times as much for what is above: 1 % more pays 280, a hundredth of it 2.80."""
    document = banded(("0%", "100%"), ("100%", "140%"), kind="at_target", at_target="20000", band_by="attainment",
                      target="collected", prorate="none")  # fmt: skip
    assert paid(document)[-3:] == [("99.99%", "19,998.00"), ("100%", "20,000.00"), ("100.01%", "20,002.80")]


def test_days_past_due_step_by_a_day_on_a_round_amount() -> None:
    document = banded(("31", "2%"), ("61", "4%"), band_by="days_past_due", band_mode="whole", per="payment")
    assert paid(document | {"arrears_on": "day_before"}) == [
        ("30", "0.00"), ("31", "200.00"), ("32", "200.00"), ("60", "200.00"), ("61", "400.00"), ("62", "400.00"),
    ]  # fmt: skip


def test_points_with_straight_lines_between_them() -> None:
    """2 % at 0 and 4 % at 100 days: 99 days past due are 3.98 % of 10,000."""
    document = banded(("0", "2%"), ("100", "4%"), band_by="days_past_due", band_mode="interpolated")
    assert dict(paid(document | {"arrears_on": "day_before"}))["99"] == "398.00"


def test_a_kpi_steps_by_a_hundredth_of_a_percent() -> None:
    document = banded(("0%", "0"), ("93%", "500"), gives="amount", kind="fixed", measure=None, band_by="qc_score",
                      band_mode="whole")  # fmt: skip
    assert paid(document)[2:] == [("92.99%", "0.00"), ("93%", "500.00"), ("93.01%", "500.00")]


def test_units_are_counted_one_by_one_up_to_the_cap() -> None:
    limits = {"cap": "700", "cap_excess": "lose"}
    document = simple(kind="per_unit", measure="assets_recovered", rate=None, amount="400", **limits)
    shown = shown_plan(plan_of(document)).components[0]
    assert [(row.at, row.pays, row.note) for row in shown.paid] == [
        ("0", "0.00", ""), ("1", "400.00", ""), ("2", "700.00", "cap"),
    ]  # fmt: skip


def test_a_matrix_shows_every_cell() -> None:
    document = simple(kind="matrix", measure="accounts_reactivated", rate=None, matrix=MATRIX)
    assert [pays for _, pays in paid(document | {"arrears_on": "day_before"})] == [
        "200.00", "350.00", "250.00", "450.00",
    ]  # fmt: skip


def test_the_edges_are_marked() -> None:
    rows = shown_plan(plan_of(banded(("0", "10%"), ("10000", "20%")))).components[0].paid
    assert [row.at for row in rows if row.edge] == ["0.00", "10,000.00"]


def test_every_rule_of_the_example_is_read_aloud() -> None:
    plan = plan_of(example())
    text = " ".join(as_text(shown_plan(plan), plan.currency).split())
    for words in (
        "Field agents", "FIELD-XX, version 3, in force from 2026-01-01", "Circular 2026-01",
        "the agent with the last contact in the 7 days before", "1% from 0% up to 80%", "2.5% from 100%",
        "role field_agent; product phone or solar; kind instalment", "by the calendar days in the role",
        '"Call quality score" must be at least 93%, or else nothing is paid', "fewer than 8: it is held back",
        '"Upheld conduct complaints" must be at most 0, or else only 50% is paid', "0.8 from 0% up to 90%",
        "at most 30,000.00; what is above is lost", "60% for the agent it counts for, 40% for the previous owner",
        "20% is held back and released 60 days after the payment", "up to 90 days after the payment",
        "days past due 31, number 3 450.00", "Pays -300.00 for each", "5% of the commission of the team's field agents",
        "less than 15,000.00 gets the difference as an advance, in the first 3 months; from month 4 at most 50%",
        "5% of the whole gross is withheld once it is above 24,000.00", "at most 60,000.00",
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize("path", sorted(shipped("setups").glob("*/plans/*.toml")), ids=lambda path: path.stem)
def test_every_shipped_plan_can_be_shown(path: Path) -> None:
    result = CliRunner().invoke(plan_command, ["show", str(path)])
    assert result.exit_code == 0, result.output
    assert "None" not in result.output
    assert "{" not in result.output


def test_the_words_for_every_choice_are_there() -> None:
    """A choice without its sentence would stop `plan show` with an error."""
    codes = {f"SHOW_MEASURE_{measure}" for measure in MEASURES} | {f"SHOW_SCALE_{scale}" for scale in BAND_SCALES}
    spoken = [(Plan, "rate_date", "RATE_DATE"), (Plan, "arrears_on", "ARREARS"), (Plan, "rounding", "ROUNDING"),
              (Plan, "period", "WORD"), (Component, "per", "PER"), (Component, "prorate", "TARGET"),
              (Component, "cap_excess", "CAP"), (Gate, "missing", "MISSING"), (Override, "base", "OVERRIDE"),
              (Override, "paid", "PAID"), (Guarantee, "kind", "GUARANTEE"),
              (Withholding, "threshold_mode", "WITHHOLDING")]  # fmt: skip
    for model, key, prefix in spoken:
        hint = model.model_fields[key].annotation
        choices = get_args(hint) if get_origin(hint) is not None else ()
        for choice in choices:
            codes |= {f"SHOW_{prefix}_{each}" for each in (get_args(choice) or (choice,)) if isinstance(each, str)}
    assert sorted(code for code in codes if code not in texts()) == []


# -- the commands ----------------------------------------------------------------------------------------


def run(*words: str) -> Any:
    return CliRunner().invoke(plan_command, list(words))


def test_check_ends_with_0_for_a_plan_in_order_and_shows_what_it_pays(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(example_text(), encoding="utf-8")
    result = run("check", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert "plan.toml: in order (FIELD-XX version 3, from 2026-01-01)" in result.output
    assert "79.99%" in result.output
    assert "79.99%" not in run("check", "--quiet", str(tmp_path)).output


def test_check_ends_with_0_for_remarks_and_with_1_for_faults(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(example_text().replace('multiplier = "CALLQ"', ""), encoding="utf-8")
    assert run("check", str(path)).exit_code == 0
    path.write_text(example_text().replace('"2.5%"', "2.5"), encoding="utf-8")
    result = run("check", str(path))
    assert result.exit_code == 1
    assert "component CASH, bands 3: rate" in result.output
    assert '→ If you mean that, write rate = "2.5%".' in result.output


def test_check_without_a_plan_is_wrong_usage() -> None:
    assert run("check").exit_code == 2


def test_check_for_machines(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(example_text(), encoding="utf-8")
    (tmp_path / "wrong.toml").write_text(example_text().replace('"2.5%"', "2.5"), encoding="utf-8")
    result = run("check", "--json", str(tmp_path), str(tmp_path / "none.toml"))
    told = json.loads(result.output)
    assert result.exit_code == 1
    assert told["ok"] is False
    good, wrong, none = told["plans"]
    assert (good["id"], good["version"], good["problems"]) == ("FIELD-XX", 3, [])
    assert good["pays"][0]["at"][3] == {"at": "80%", "pays": "800.00", "note": "", "edge": True}
    assert [(each["place"], each["code"]) for each in wrong["problems"]] == [
        ("component CASH, bands 3: rate", "PLAN_RATE_WANTED"),
    ]  # fmt: skip
    assert none["problems"][0]["code"] == "PLAN_FILE_MISSING"


def test_check_knows_the_roles_of_a_profile(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(example_text().replace('role = "team_leader"', 'role = "team_leder"'), encoding="utf-8")
    assert run("check", str(path)).exit_code == 0
    result = run("check", "--profile", "paygo-solar", str(path))
    assert result.exit_code == 1
    assert 'Did you mean "team_leader"?' in result.output


def test_show_takes_the_latest_version_unless_told_otherwise() -> None:
    folder = shipped("setups") / "last-call" / "plans"
    assert "CALL-TZ, version 2" in run("show", str(folder)).output
    assert "CALL-TZ, version 1" in run("show", "--version", "1", str(folder)).output
    assert run("show", "--version", "9", str(folder)).exit_code == 2
    assert json.loads(run("show", "--json", str(folder)).output)["version"] == 2


def test_show_of_a_plan_that_is_wrong_says_why(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text("id = 5", encoding="utf-8")
    result = run("show", str(path))
    assert result.exit_code == 1
    assert "5 is not text" in result.output
