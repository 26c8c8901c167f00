"""The pages of a scorecard: complete in themselves, harmless, readable on a phone, and an agent's own."""

import re
import sys
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from browser import needs_browser, widths
from click.testing import CliRunner
from kpi_cases import ACCOUNTS, TEAM
from made_scores import AGENTS, SCRIPT, about, one_team, scored_run, values
from pypdf import PdfReader
from test_kpis_calls import CALLS
from test_schedule import PROFILE

import cli
from toolkit.problems import problem
from toolkit.scorecard_reports.pages import paper, write_score_pages
from toolkit.scorecard_reports.pages.paper import print_pages
from toolkit.scorecard_reports.words import how_sure, look_at, statistic, value_words, with_trends
from toolkit.shipped import shipped
from toolkit.trends.verdict import Signal, Trend
from toolkit.watching import Seen, Watch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pages") / "pages"
    write_score_pages(scored_run(), values(), about(), out)
    return out


class Shown(HTMLParser):
    """The text of a page without tooltips and style, and all its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags, self.inside = "", set(), ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in ("style", "title"):
            self.text += data + " "


def page(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def seen(folder: Path, name: str) -> str:
    return " ".join(Shown(page(folder, name)).text.split())


def test_everybody_each_team_and_each_agent_have_a_page(folder: Path) -> None:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}
    assert {"index.html", "teams/North.html", "teams/Values.html", "agents/A1.html", "agents/F1.html"} <= found
    assert len(found) == 3 + len(AGENTS)
    assert all(path.parent == folder / "agents" for path in folder.rglob("*A_5*"))


def test_one_team_is_the_index(tmp_path: Path) -> None:
    written = write_score_pages(one_team(), values(), about(), tmp_path)
    assert not (tmp_path / "teams").exists()
    assert len(written) == 5


def test_names_never_become_a_part_of_the_page(folder: Path) -> None:
    for name in ("index.html", "agents/A1.html", "teams/North.html"):
        text = page(folder, name)
        assert "script" not in Shown(text).tags
        assert SCRIPT in unescape(text)


def test_nothing_is_fetched(folder: Path) -> None:
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|//[a-z]|\bsrc=|url\(|@import|<link|<script|<iframe|<img", text), path.name
        assert "default-src 'none'" in text


def test_links_lead_to_pages_that_are_there(folder: Path) -> None:
    for name in ("index.html", "teams/North.html"):
        links = re.findall(r'href="([^"]+)"', page(folder, name))
        assert links
        for link in links:
            assert ((folder / name).parent / link).resolve().is_file(), link


def test_an_agents_page_names_nobody_else(folder: Path) -> None:
    for agent in AGENTS:
        [path] = [
            one
            for one in folder.glob("agents/*.html")
            if agent["agent_id"] in unescape(seen(folder, f"agents/{one.name}"))
        ]
        text = unescape(path.read_text(encoding="utf-8"))
        others = {other["name"] for other in AGENTS} - {agent["name"], ""}
        assert not [name for name in others if name in text]
        assert "<a " not in path.read_text(encoding="utf-8")


def test_every_figure_has_its_parts_its_definition_and_its_target(folder: Path) -> None:
    text = seen(folder, "agents/A1.html")
    for part in ("250 of 300", "9,296 of 10,000", "how qc_score is counted", "Target 93.0%", "Points 41.7 of 40"):
        assert part in text, part


def test_signs_and_words_stand_beside_colours(folder: Path) -> None:
    text = seen(folder, "agents/A2.html")
    assert "▼ 20.0% not met" in text
    assert "▼ below" in text


def test_just_under_the_target_is_not_the_target(folder: Path) -> None:
    assert "◆ 92.96% nearly met" in seen(folder, "agents/A1.html")


def test_the_band_comes_before_the_rank(folder: Path) -> None:
    text = seen(folder, "agents/A1.html")
    assert 0 < text.index("Rank band") < text.index("rank ")


def test_the_statistics_name_is_in_the_tooltip_only(folder: Path) -> None:
    for path in folder.rglob("*.html"):
        assert "Wilson" not in seen(folder, path.relative_to(folder).as_posix())
    assert re.search(r'title="Wilson 95 %: [\d.]+% to [\d.]+%', page(folder, "agents/A1.html"))


def test_few_cases_are_said_to_be_few(folder: Path) -> None:
    assert "too few to say (10 calls)" in seen(folder, "agents/A3.html")
    assert "nothing to count yet" in seen(folder, "agents/A3.html")


def test_gates_and_the_rule_are_printed(folder: Path) -> None:
    text = seen(folder, "agents/A2.html")
    assert "Gate: Call quality score at least 80.0%, or the total is 60 at the most." in text
    assert "Call quality score: 75.0% holds the total at 60 or less" in text


def test_the_best_and_those_with_most_to_gain_are_named(folder: Path) -> None:
    text = seen(folder, "index.html")
    assert text.index("Doing best") < text.index("Most to gain") < text.index("What is counted")


def test_a_running_month_is_provisional_and_shows_its_days(tmp_path: Path) -> None:
    days = pl.concat([values().with_columns(period=pl.lit(f"2026-10-{day:02}")) for day in (1, 2)])
    write_score_pages(scored_run(), days, about(date(2026, 10, 21)), tmp_path)
    text = seen(tmp_path, "agents/A1.html")
    assert "provisional: data to 21 October 2026" in text
    assert "2026-10-01 to 2026-10-02" in text
    assert "<polyline" in page(tmp_path, "agents/A1.html")


def test_templates_do_no_arithmetic() -> None:
    for template in sorted((Path(shipped("templates")) / "scorecard").iterdir()):
        for expression in re.findall(r"\{\{(.*?)\}\}|\{%(.*?)%\}", template.read_text(encoding="utf-8")):
            bare = re.sub(r'"[^"]*"', "", "".join(expression))
            assert not re.search(r"[*/+]|\s-\s|\|\s*(round|sum|format)", bare), (template.name, expression)


def test_words_are_plain() -> None:
    card = next(card for card in scored_run().cards if card.scope == "A3")
    gap = card.line("qc_score")
    few = card.line("right_party_rate")
    assert gap is not None
    assert few is not None
    assert (value_words(gap), how_sure(gap), statistic(gap)) == ("–", "nothing to count yet", "")
    assert how_sure(few) == "too few to say (10 calls)"
    assert how_sure(replace(few, base=1.0)) == "too few to say (1 call)"
    assert how_sure(replace(few, kpi="service_level", base=1.0)) == "too few to say (1 case)"
    assert look_at(card) == "nothing"
    assert look_at(replace(card, lines=(replace(few, place="above"),))) == "nothing: recognise"


@pytest.mark.e2e
@needs_browser
@pytest.mark.parametrize("width", [360, 1366])
@pytest.mark.parametrize("name", ["index.html", "teams/North.html", "agents/A1.html"])
def test_no_page_scrolls_sideways(folder: Path, tmp_path: Path, name: str, width: int) -> None:
    whole, shown, beyond = widths(folder / name, tmp_path, width)
    assert (whole, beyond) == (shown, 0)


@pytest.fixture
def exports(tmp_path: Path) -> list[str]:
    data = tmp_path / "exports"
    data.mkdir()
    for name, text in (("agents", TEAM), ("accounts", ACCOUNTS), ("calls", CALLS)):
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "profile.toml").write_text(PROFILE, encoding="utf-8")
    profile = ["--profile", str(tmp_path / "desk"), "--period", "2026-03"]
    return ["scorecard", str(data), *profile, "--out", str(tmp_path / "out")]


def test_the_command_writes_workbook_and_pages_unless_told_not_to(exports: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.main, exports)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "scorecard.xlsx").is_file()
    assert (tmp_path / "out" / "pages" / "index.html").is_file()
    assert CliRunner().invoke(cli.main, [*exports, "--no-workbook", "--no-pages"]).exit_code == 0
    assert not (tmp_path / "out" / "scorecard.xlsx").exists()
    assert not (tmp_path / "out" / "pages").exists()


def test_without_a_browser_a_pdf_is_refused_in_a_sentence(
    exports: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "NAMES", ())
    monkeypatch.setattr(paper, "PLACES", ())
    done = CliRunner().invoke(cli.main, [*exports, "--format", "pdf"])
    assert done.exit_code == 1
    assert "a PDF is printed by Chromium, Chrome or Edge, and none of them was found" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.e2e
@needs_browser
def test_every_page_is_printed_as_a_pdf_of_its_own_by_few_browsers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = tmp_path / "pages"
    written = write_score_pages(scored_run(), values(), about(), pages)
    started: list[Path] = []
    really = paper._printed
    monkeypatch.setattr(paper, "_printed", lambda *asked: started.append(asked[1]) or really(*asked))
    printed = print_pages(written)
    assert printed == [path.with_suffix(".pdf") for path in written]
    assert len(written) > len(started) == 2, "one for the teams, on their side, and one for the agents"
    for path in printed:
        pdf = PdfReader(path)
        text = " ".join(one.extract_text() for one in pdf.pages)
        html = path.with_suffix(".html").read_text(encoding="utf-8")
        assert pdf.metadata and pdf.metadata.title == unescape(html.split("<title>")[1].split("</title>")[0])
        head = Shown(html).text.split()
        assert text.split()[:3] == head[:3]
        is_wide = float(pdf.pages[0].mediabox.width) > float(pdf.pages[0].mediabox.height)
        assert is_wide == (path.parent.name != "agents")
        assert not any("/Annots" in one for one in pdf.pages), "links would lead to where the pages were made"


@pytest.mark.e2e
@needs_browser
def test_the_pdf_of_an_agent_names_nobody_else(tmp_path: Path) -> None:
    written = write_score_pages(scored_run(), values(), about(), tmp_path / "pages")
    found = []
    for path in print_pages([one for one in written if one.parent.name == "agents"]):
        own = PdfReader(path)
        inside = repr([own.get_object(number) for number in range(1, int(own.trailer["/Size"]))])
        text = " ".join(one.extract_text() for one in own.pages) + inside
        found.append({name for name in ("Omondi", "calc", "Asha", "Feza Nyange") if name in text})
    assert sorted(map(len, found)) == [0, 1, 1, 1, 1, 1]
    assert set().union(*found) == {"Omondi", "calc", "Asha", "Feza Nyange"}


@pytest.mark.e2e
@needs_browser
def test_the_command_prints_each_page_beside_itself(exports: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.main, [*exports, "--format", "pdf"])
    assert done.exit_code == 0, done.output
    pages = tmp_path / "out" / "pages"
    assert {path.with_suffix("") for path in pages.rglob("*.html")} == {
        path.with_suffix("") for path in pages.rglob("*.pdf")
    }
    assert (pages / "index.pdf").read_bytes().startswith(b"%PDF")
    assert not [path for path in pages.rglob("*") if path.is_file() and path.suffix not in (".html", ".pdf")]


def test_a_browser_that_prints_nothing_is_told_with_the_page(
    exports: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "browser", lambda: sys.executable)
    done = CliRunner().invoke(cli.main, [*exports, "--format", "pdf"])
    assert done.exit_code == 1
    assert "could not be printed as PDF" in done.output
    assert not (tmp_path / "out" / "pages").exists()


def test_a_real_drop_is_the_first_thing_to_look_at() -> None:
    day = date(2026, 10, 12)
    finding = problem("TREND_TOO_FEW", value="", points=0, needed=8)
    trend = Trend("", "drop", True, (Signal(day, day, "1", "low"),), (), finding)
    run = with_trends(scored_run(), Watch((Seen("agent", "A1", "right_party_rate", trend, {}),)))
    noticed = {card.scope: card.noticed for card in run.of("agent") if card.noticed}
    assert noticed == {"A1": ("Right-party contacts: real drop since 12 Oct",)}
    assert look_at(next(card for card in run.cards if card.scope == "A1")).startswith(noticed["A1"][0])
