"""An explanation says why, and its sums re-add to the cent."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from small_runs import paid, people, plan_of
from written_runs import calculate

from cli import main
from toolkit.demo import Demo, make_demo
from toolkit.explain import Explanation, explain_agent, explain_line, explain_payment
from toolkit.problems import ToolkitError
from toolkit.profiles import shipped_profiles
from toolkit.stored_runs import StoredRun, read_run


@pytest.fixture(scope="module", params=shipped_profiles())
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return make_demo(request.param, tmp_path_factory.mktemp("demo"), books=False)


@pytest.fixture(scope="module")
def run(demo: Demo) -> StoredRun:
    return read_run(demo.runs[-1].folder)


def test_every_section_re_adds(run: StoredRun) -> None:
    for agent in run.sheet["agent_id"].to_list():
        page = explain_agent(run, agent)
        for section in page.sections[:-1]:
            assert section.total == sum(row.amount or 0 for row in section.rows), f"{agent}: {section.title}"


def test_the_sections_add_up_to_the_gross_and_the_last_one_to_what_is_paid(run: StoredRun) -> None:
    for row in run.sheet.iter_rows(named=True):
        *sections, paid = explain_agent(run, row["agent_id"]).sections
        assert sum(section.total or 0 for section in sections) == row["net"]
        assert paid.total == row["payable"]


def test_a_gate_says_what_it_took(run: StoredRun) -> None:
    gated = run.components.filter(pl.col("gate_took") > 0)
    for row in gated.iter_rows(named=True):
        assert row["would_have_earned"] - row["gate_took"] >= 0
        words = notes_of(explain_agent(run, row["agent_id"]))
        assert row["gate"].split("; ")[0] in words
        assert "Without the gate it would have been" in words


def test_a_row_that_is_a_cent_off_what_it_multiplies_to_says_why(tmp_path: Path) -> None:
    # 0.90 x 5 % and 0.10 x 15 % are 4.5 and 1.5 cents, together 6: one row is given the cent that the other lacks
    bands = [{"from": "0", "rate": "5%"}, {"from": "0.90", "rate": "15%"}]
    sliced = {"kind": "percent", "measure": "collected", "per": "period", "band_by": "amount", "band_mode": "slice"}
    tables = people("A1", "A2") | {"payments": [paid("P1", "2026-03-02", 100), paid("P2", "2026-03-02", 80, "A2")]}
    written = calculate(tmp_path, [plan_of({**sliced, "band_edge": "from", "bands": bands})], "2026-03", tables, [])
    run = read_run(written.folder)
    assert [row.amount for row in explain_agent(run, "A1").sections[0].rows] == [5, 1]
    assert "a cent off" in notes_of(explain_agent(run, "A1"))
    assert "a cent off" not in notes_of(explain_agent(run, "A2"))


def notes_of(page: Explanation) -> str:
    return " ".join(note for section in page.sections for note in section.notes)


def test_a_payment_leads_to_its_row_in_the_export(run: StoredRun) -> None:
    payment = run.credit.filter((pl.col("status") == "credited") & (pl.col("counted") > 0)).row(0, named=True)
    page = explain_payment(run, payment["payment_id"], payment["agent_id"])
    assert page.sections[0].rows[0].why == f"{payment['source_file']} row {payment['source_row']}"
    assert page.sections[0].rows[0].amount == payment["amount"]


def test_a_line_leads_to_what_it_rests_on(run: StoredRun) -> None:
    line = run.lines.row(0, named=True)
    page = explain_line(run, line["line_id"], line["agent_id"])
    assert page.sections[0].total == line["amount"]
    with pytest.raises(ToolkitError, match="has nothing to do with agent"):
        explain_line(run, line["line_id"], "somebody else")


def test_the_command_explains_and_names_a_near_miss(run: StoredRun) -> None:
    agent = run.sheet["agent_id"][0]
    told = CliRunner().invoke(main, ["commissions", "explain", str(run.folder), agent])
    assert told.exit_code == 0 and agent in told.output
    missed = CliRunner().invoke(main, ["commissions", "explain", str(run.folder), agent + "x"])
    assert missed.exit_code == 1 and f"Did you mean {agent}" in missed.output


def test_one_more_thousand_is_what_a_second_run_pays(tmp_path: Path) -> None:
    """Computed by running again with one payment of 1,000 more, not by the code that says it."""
    demo = make_demo("paygo-solar", tmp_path, books=False)
    before = read_run(demo.runs[-1].folder)
    told = before.components.filter(pl.col("one_more").str.contains(r"more collected pays [\d,.]+$"))
    agent, component, amount, words = told.select("agent_id", "component", "amount", "one_more").row(0)
    assert amount > 0
    payments = demo.exports / "payments.csv"
    lines = payments.read_text(encoding="utf-8").splitlines()
    first = before.credit.filter((pl.col("agent_id") == agent) & (pl.col("counted") > 0) & (pl.col("reverses") == ""))
    last = first.sort("paid_at").row(-1, named=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(last["payment_id"] + ","))
    lines.append(
        lines[at].replace(last["payment_id"], "ZZ-MORE", 1).replace(amount_text(lines[at], last["amount"]), "1000.00")
    )
    payments.write_text("\n".join(lines) + "\n", encoding="utf-8")
    plans = [word for path in demo.plan_files for word in ("--plan", str(path))]
    words_of_command = ["--profile", "paygo-solar", "--period", "2026-10", "--out", str(tmp_path / "more")]
    previous = ["--previous", str(demo.runs[0].folder), "--no-workbook", "--no-statements"]
    result = CliRunner().invoke(
        main, ["commissions", "calculate", str(demo.exports), *plans, *words_of_command, *previous]
    )
    assert result.exit_code in (0, 3), result.output
    after = read_run(tmp_path / "more").components
    now = after.filter((pl.col("agent_id") == agent) & (pl.col("component") == component))["amount"][0]
    said = int(words.rsplit(" ", 1)[1].replace(",", "").replace(".", ""))
    assert abs((now - amount) - said) <= 1  # the line is rounded once, before and after


def amount_text(line: str, minor: int) -> str:
    for text in (f"{minor / 100:.2f}", f'"{minor / 100:,.2f}"', f"{minor / 100:,.2f}"):
        if text in line:
            return text
    raise AssertionError(f"{minor} is not in {line}")
