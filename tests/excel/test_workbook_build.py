"""The workbook with buttons as a file: the same every time, with its macros as written, its names and its sheets."""

import subprocess
import sys
import warnings
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from oletools.olevba import VBA_Parser
from pyvbaanalysis import analyze_office_file

from cli import main
from toolkit.excel.build import build_workbook
from toolkit.excel.check import check_workbook
from toolkit.excel.definition import definition_of
from toolkit.excel.layout import layout, own_modules
from toolkit.excel.vba import vba_project, xlwings_sources
from toolkit.own_profile import copy_profile
from toolkit.periods import parse
from toolkit.plan_files import load_plans
from toolkit.plans import Plan
from toolkit.problems import ToolkitError
from toolkit.profiles import Profile, load_profile, shipped_profiles, workbook_file

PROFILE = "paygo-solar"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_workbook(PROFILE, tmp_path_factory.mktemp("book") / "collections.xlsm")


def modules_of(book: Path) -> dict[str, str]:
    """What olevba, which knows nothing of us, reads out of the file."""
    parser = VBA_Parser(str(book))
    found = {name.rsplit(".", 1)[0]: code for _, _, name, code in parser.extract_macros()}
    parser.close()
    return found


def lines_of(source: str) -> list[str]:
    lines = source.replace("\r\n", "\n").rstrip("\n").split("\n")
    return lines[lines.index('Attribute VB_Name = "Dictionary"') :] if "VERSION 1.0 CLASS" in lines else lines


def test_the_same_set_up_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = build_workbook(PROFILE, tmp_path / "again.xlsm")
    assert again.read_bytes() == built.read_bytes()


@pytest.mark.parametrize("profile", shipped_profiles())
def test_every_set_up_has_its_workbook(profile: str, tmp_path: Path) -> None:
    book = build_workbook(profile, tmp_path / "book.xlsm")
    assert check_workbook(book) == []


@pytest.mark.parametrize("profile", shipped_profiles())
def test_every_set_up_says_what_is_its_own_in_the_workbook(profile: str, tmp_path: Path) -> None:
    of = load_profile(profile)
    says = definition_of(of)
    assert workbook_file(of).name == f"{profile}.toml"
    plans = load_plans_of(of)
    assert says.plan in {plan.id for plan in plans}
    offered = [label for run in says.periods for label in run.labels()]
    assert {parse(label).kind for label in offered} == {plan.period for plan in plans}
    book = openpyxl.load_workbook(build_workbook(profile, tmp_path / "book.xlsm"))
    assert book["Start"]["B1"].value == says.title
    start = [row[0].value for row in book["Start"]["B18:B24"]]
    assert start[: 2 + len(says.mind)] == ["In this set-up", f"Files: {says.exports}.", *says.mind]
    assert entries_offered(book, "Settings", "C6") == offered
    assert entries_offered(book, "Settings", "C7") == sorted(
        {plan.id for plan in plans}, key=[p.id for p in plans].index
    )


def load_plans_of(profile: Profile) -> list[Plan]:
    return [plan for path in profile.plan_paths() for plan in load_plans([path]).versions]


def entries_offered(book: openpyxl.Workbook, sheet: str, cell: str) -> list[str]:
    """What the drop-down of a cell lets one choose, through the name of its area."""
    source = next(rule.formula1 for rule in book[sheet].data_validations.dataValidation if cell in rule.sqref)
    [(title, area)] = book.defined_names[source].destinations
    first, _, last = area.replace("$", "").partition(":")
    return [row[0].value for row in book[title][f"{first}:{last or first}"]]


def test_no_drop_down_is_lost_for_its_length(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for profile in shipped_profiles():
            build_workbook(profile, tmp_path / "book.xlsm")


def test_one_s_own_set_up_has_a_definition_of_its_own(tmp_path: Path) -> None:
    copy_profile("north", "bike-recovery", tmp_path / "north")
    own = tmp_path / "north" / "workbook.toml"
    own.write_text(own.read_text(encoding="utf-8").replace("Half-month commissions", "Pay"), encoding="utf-8")
    book = openpyxl.load_workbook(build_workbook(str(own.parent), tmp_path / "book.xlsm"))
    assert book["Start"]["B1"].value == "Pay of recovery officers"
    own.unlink()
    book = openpyxl.load_workbook(build_workbook(str(own.parent), tmp_path / "book.xlsm"))
    assert book["Start"]["B1"].value == "Month-end commissions"


def test_all_that_is_wrong_with_a_definition_is_said_and_no_workbook_is_written(tmp_path: Path) -> None:
    copy_profile("north", "bike-recovery", tmp_path / "north")
    own = tmp_path / "north" / "workbook.toml"
    right = own.read_text(encoding="utf-8")
    own.write_text(
        right.replace("number = 48", "number = 0").replace("2026-01-H1", "January").replace("person ", "persn "),
        encoding="utf-8",
    )
    with pytest.raises(ToolkitError) as error:
        build_workbook(str(own.parent), tmp_path / "book.xlsm")
    places = [found.column for found in error.value.problems]
    assert sorted(places) == ["periods.0.first", "periods.0.number", "persn", "person"]
    own.write_text(right.replace("RECOVERY-UG", "NOPE"), encoding="utf-8")
    with pytest.raises(ToolkitError, match="the set-up has no plan NOPE"):
        build_workbook(str(own.parent), tmp_path / "book.xlsm")
    assert not (tmp_path / "book.xlsm").exists()


def test_every_macro_module_is_read_back_as_it_was_written(built: Path) -> None:
    found = modules_of(built)
    for name, source in {**xlwings_sources(), **own_modules()}.items():
        written, read = lines_of(source), lines_of(found[name])
        if name == "Dictionary":  # a class has more attributes in a workbook than in a file
            written, read = ([line for line in lines if not line.startswith("Attribute ")] for lines in (written, read))
        assert read == written, name


def test_every_button_starts_a_macro_that_is_there_and_each_macro_a_function_that_is_there() -> None:
    from toolkit.excel.buttons import BUTTONS

    source = own_modules()["Buttons"]
    macros = {line.split()[2].removesuffix("()") for line in source.splitlines() if line.startswith("Public Sub")}
    pressed = {line.split("press('")[1].split("')")[0] for line in source.splitlines() if "press('" in line}
    assert layout().macros == macros
    assert pressed == set(BUTTONS)


def test_a_letter_that_vba_cannot_hold_stops_the_build() -> None:
    with pytest.raises(ToolkitError, match="line 2 of the macro module Buttons has the letter ✓"):
        vba_project(1, {"Buttons": 'Attribute VB_Name = "Buttons"\n\' ✓\n'})


def test_the_macros_pass_a_linter_of_vba(tmp_path: Path) -> None:
    for name, source in own_modules().items():
        (tmp_path / f"{name}.bas").write_text(source, encoding="cp1252", newline="\r\n")
    (tmp_path / "xlwings.bas").write_text(xlwings_sources()["xlwings"], encoding="cp1252", newline="")
    command = [Path(sys.executable).with_name("vbalidator"), tmp_path, "--host", "excel"]
    linted = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    ours = [line for line in linted.stdout.splitlines() if any(f"{name}.bas" in line for name in own_modules())]
    assert not [line for line in ours if "error" in line.lower()], linted.stdout


def test_a_second_linter_finds_no_error_in_the_whole_project_and_nothing_at_all_in_ours(built: Path) -> None:
    found = analyze_office_file(built)
    assert set(found) >= {"xlwings", "Dictionary", *own_modules()}
    errors = [str(one) for module in found.values() for one in module if one.severity.value == "error"]
    assert errors == []
    assert [str(one) for name in ("Buttons", "Functions") for one in found[name]] == []


def test_names_lead_to_cells_and_settings_have_their_first_values(tmp_path: Path) -> None:
    book = build_workbook(PROFILE, tmp_path / "book.xlsm", data=Path("exports"), results=Path("out"))
    workbook = openpyxl.load_workbook(book)
    names = {name: defined.attr_text for name, defined in workbook.defined_names.items()}
    assert names["setting_data_folder"] == "Settings!$C$5"
    assert workbook["Settings"]["C5"].value == "exports"
    assert workbook["Settings"]["C11"].value == "out"
    assert workbook["Settings"]["C7"].value == "FIELD-KE"
    assert {f"block_{block.name}" for sheet in layout().sheet for block in sheet.block} <= set(names)
    assert workbook.sheetnames == [*(sheet.name for sheet in layout().sheet), "Answers", "xlwings.conf"]


def test_formulas_carry_the_values_that_they_have_while_nothing_is_calculated(built: Path) -> None:
    values = openpyxl.load_workbook(built, data_only=True)
    assert values["Start"]["B5"].value == 0
    assert values["Start"]["G5"].value == "◆ Nothing calculated yet"
    assert values["Checks"]["B3"].value == "◆ Nothing calculated yet"
    assert values["Start"]["B2"].value == PROFILE
    assert values["Commissions"]["B2"].value == "amounts in KES"


def test_the_command_builds_and_checks(tmp_path: Path) -> None:
    book = tmp_path / "collections.xlsm"
    run = CliRunner()
    assert run.invoke(main, ["workbook", "build", "--profile", PROFILE, "--out", str(book)]).exit_code == 0
    checked = run.invoke(main, ["workbook", "check", str(book)])
    assert (checked.exit_code, checked.output) == (0, f"{book}  is intact and fits this toolkit.\n")


def test_another_ending_and_a_folder_in_the_way_are_told_with_a_sentence(tmp_path: Path) -> None:
    run = CliRunner()
    wrong = run.invoke(main, ["workbook", "build", "--profile", PROFILE, "--out", str(tmp_path / "book.xlsx")])
    assert wrong.exit_code == 1
    assert "ends in .xlsm" in wrong.output
    (tmp_path / "book.xlsm").mkdir()
    taken = run.invoke(main, ["workbook", "build", "--profile", PROFILE, "--out", str(tmp_path / "book.xlsm")])
    assert taken.exit_code == 1
    assert "could not be written" in taken.output
    assert [path.name for path in tmp_path.iterdir()] == ["book.xlsm"]


def test_a_workbook_of_another_xlwings_or_with_changed_macros_is_found_out(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.excel.check.xlwings_version", lambda: "0.99.0")
    assert [found.code for found in check_workbook(built)] == ["WORKBOOK_OTHER_XLWINGS"]
    monkeypatch.undo()
    monkeypatch.setattr("toolkit.excel.check.own_modules", lambda: {"Buttons": "Option Explicit\n"})
    assert [found.code for found in check_workbook(built)] == ["WORKBOOK_MODULE_CHANGED"]
    plain = tmp_path / "plain.xlsx"
    openpyxl.Workbook().save(plain)
    with pytest.raises(ToolkitError, match="no macros"):
        check_workbook(plain)
