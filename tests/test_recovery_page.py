"""recovery.html: one self-contained page that says what pays, fits a phone and shows what data say as text."""

import re
from pathlib import Path

import pytest
from browser import needs_browser, widths
from recovery_cases import COSTS, PAID
from recovery_frames import all_frames
from test_recovery_book import LEDGER, made


def page(folder: Path, **tables: str) -> Path:
    return made(folder, all_frames(), **tables).with_name("recovery.html")


def words(path: Path) -> str:
    """The text of a page, without its marks."""
    body = path.read_text(encoding="utf-8").split("<main>")[1]
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", body, flags=re.S))


def test_the_answer_comes_first(tmp_path: Path) -> None:
    text = words(page(tmp_path))
    assert text.strip().startswith(
        "Cost to collect, fully loaded 40.0 % Collected 300.00 Cost 120.01 Net recovery 179.99"
    )
    assert "4 of 5 accounts past due are worth another step" in text


def test_what_costs_more_than_it_brings_has_a_sign_and_a_word(tmp_path: Path) -> None:
    text = words(page(tmp_path, payments=PAID.replace("300", "3").replace("200", "20")))
    assert re.search(r"▼ -\S+ costs more than it brings", text)


def test_a_range_stands_beside_every_expectation(tmp_path: Path) -> None:
    text = words(page(tmp_path))
    assert "-0.50 to 5.50" in text
    assert "sms in words" in text


def test_nothing_is_fetched_from_anywhere(tmp_path: Path) -> None:
    text = page(tmp_path).read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<link|<img|https?://(?!www\.w3\.org)", text)


def test_texts_of_the_data_are_texts(tmp_path: Path) -> None:
    text = page(tmp_path, costs=LEDGER + "2026-03,<b>x</b>,,5,KES,,\n").read_text(encoding="utf-8")
    assert "<b>x" not in text
    assert "&lt;b&gt;x" in text


def test_nothing_collected_and_no_costs_are_words(tmp_path: Path) -> None:
    text = words(page(tmp_path, costs=COSTS + "2026-01,call,,5,KES,,\n"))
    assert text.strip().startswith("Cost to collect, fully loaded no costs")
    assert "Net recovery not known" in text


def test_a_page_without_further_tables_is_whole(tmp_path: Path) -> None:
    made(tmp_path)
    text = words(tmp_path / "out" / "recovery.html")
    assert "What is worth pursuing" not in text
    assert "By days past due" in text
    assert "How it is counted" in text


@pytest.mark.e2e
@needs_browser
def test_it_fits_a_phone(tmp_path: Path) -> None:
    whole, seen, _ = widths(page(tmp_path), tmp_path, 390)
    assert whole <= seen
