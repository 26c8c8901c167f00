"""The pages of `toolkit qc score`: complete in themselves, readable on a phone, an agent's page names nobody else."""

import re
from pathlib import Path

import pytest
from browser import needs_browser, widths
from scored_calls import Branch, evaluation

from toolkit.scorecard_reports.pages import paper

SCRIPT = "<script>alert(1)</script>"
AGENTS = f"""agent_id,name,role,team,branch,started_on,team_leader_id
A1,Asha,call_agent,North,Nakuru,2026-01-01,T1
A2,{SCRIPT},call_agent,North,Nakuru,2026-01-01,T1
A3,Chep,call_agent,South,Kisumu,2026-01-01,
T1,Tabu,team_leader,North,Nakuru,2026-01-01,
"""
TARGETS = "kpi,scope_kind,scope,grain,target\nqc_score,all,,month,93%\n"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Branch:
    rows = evaluation("E1", "K1", comment="Better than Chep") + evaluation("E2", "K2", answers={"greeting": "no"})
    rows += evaluation("E3", "K3", "A2", answers={"honest": "no"}) + evaluation("E5", "K5", "A3", state="disputed")
    rows += (
        evaluation("E4", "K4", "A1", by="Lee")
        + evaluation("E6", "K6", "A3", by="Lee", on="2026-10-31")
        + evaluation("E7", "K6", "A3", state="calibration")
    )
    found = Branch.of(tmp_path_factory.mktemp("pages"), rows, agents=AGENTS, targets=TARGETS)
    found.score("--no-workbook", wanted=3)
    return found


def page(branch: Branch, name: str) -> str:
    return (branch.out / "pages" / name).read_text(encoding="utf-8")


def seen(branch: Branch, name: str) -> str:
    """What a person reads, without tags and style."""
    text = re.sub(r"<style>.*?</style>", " ", page(branch, name), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def names(branch: Branch) -> list[str]:
    folder = branch.out / "pages"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


def test_there_is_a_page_for_everybody_each_team_each_agent_and_the_evaluators(branch: Branch) -> None:
    assert names(branch) == [
        "agents/A1.html", "agents/A2.html", "agents/A3.html", "evaluators.html", "index.html",
        "teams/North.html", "teams/South.html",
    ]  # fmt: skip


def test_every_link_leads_to_a_page(branch: Branch) -> None:
    for name in names(branch):
        for link in re.findall(r'href="([^"]+)"', page(branch, name)):
            assert (branch.out / "pages" / name).parent.joinpath(link).resolve().is_file(), (name, link)


def test_pages_are_complete_in_themselves_and_harmless(branch: Branch) -> None:
    for name in names(branch):
        text = page(branch, name)
        assert SCRIPT not in text
        assert not re.search(r"https?://|<script|@import|url\(", text), name


def test_an_agents_page_names_nobody_else(branch: Branch) -> None:
    """E4 is set aside because K4 was a call of A2: the agent is told that it waits, and not whose call it was."""
    text = page(branch, "agents/A1.html")
    assert "Asha" in text
    assert not re.search(r"Chep|Quinn|Lee|Tabu|A2|A3|alert", text)
    assert "to be put right by the quality team" in text


def test_an_agents_page_says_the_score_how_sure_it_is_and_what_to_gain(branch: Branch) -> None:
    text = seen(branch, "agents/A1.html")
    assert "90.00 %" in text
    assert "below 93.00 %" in text
    assert "every call is heard, 2 of 2" in text
    assert "Most to gain" in text and "Greeted the customer" in text
    assert "Dispute it within 48 hours" in text


def test_a_failed_call_shows_what_it_had_before(branch: Branch) -> None:
    text = seen(branch, "agents/A2.html")
    assert "✗ failed at once" in text
    assert "40.00 % before" in text or "70.00 % before" in text


def test_the_team_page_has_its_own_agents_only(branch: Branch) -> None:
    north = seen(branch, "teams/North.html")
    assert "Asha" in north
    assert "Chep" not in north


def test_no_light_is_colour_alone(branch: Branch) -> None:
    for chip in re.findall(
        r'<span class="chip (good|bad|watch)"[^>]*>(.*?)</span>\s*</?', page(branch, "index.html"), re.DOTALL
    ):
        assert re.search(r"[✓✗◆]", chip[1]), chip


def test_the_evaluators_page_says_spread_na_and_overturned(branch: Branch) -> None:
    text = seen(branch, "evaluators.html")
    assert "Quinn" in text and "Lee" in text
    assert "Overturned" in text and "of the month" not in text.partition("Evaluator")[0]
    assert "0 of" in text


def test_both_roll_ups_are_named_and_the_one_in_use_stands_by_the_form(branch: Branch) -> None:
    text = seen(branch, "index.html")
    assert "House form (house 1), weighted sections" in text
    assert "Total points:" in text and "Weighted sections:" in text


@pytest.mark.e2e
@needs_browser
@pytest.mark.parametrize("name", ["index.html", "evaluators.html", "agents/A1.html"])
def test_pages_fit_a_phone(branch: Branch, tmp_path: Path, name: str) -> None:
    wide, visible, beyond = widths(branch.out / "pages" / name, tmp_path, 390)
    assert (wide <= visible, beyond) == (True, 0)


@pytest.mark.e2e
@needs_browser
def test_pages_are_printed_as_pdf(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1"))
    branch.score("--no-workbook", "--format", "pdf")
    assert (branch.out / "pages" / "agents" / "A1.pdf").read_bytes().startswith(b"%PDF")


def test_without_a_browser_that_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "NAMES", ("no-such-browser",))
    monkeypatch.setattr(paper, "PLACES", ())
    branch = Branch.of(tmp_path, evaluation("E1", "K1"))
    said = branch.score("--format", "pdf", wanted=1).output
    assert "browser" in said.casefold()
    assert not branch.out.exists()


def test_an_agent_sees_no_drafts_void_evaluations_or_calibrations(branch: Branch) -> None:
    assert page(branch, "agents/A3.html").count(">K6<") == 1
