"""`toolkit scorecard --limits`: an earlier scorecard's limits hold, and any other file is refused in a sentence."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from toolkit.profiles import load_profile
from toolkit.samples import make_sample

PROFILE = "last-call"


@pytest.fixture(scope="module")
def september(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of a small branch, and in out its scorecard of September."""
    folder = tmp_path_factory.mktemp("limits")
    make_sample(load_profile(PROFILE), folder / "exports", agents=5, accounts=100, months=4, seed=2)
    assert scorecard(folder, "out", period="2026-09").exit_code in (0, 3)
    return folder


def scorecard(folder: Path, out: str, *more: str, period: str = "2026-10", profile: str = PROFILE) -> Result:
    asked = ["scorecard", str(folder / "exports"), "--profile", profile, "--period", period]
    return CliRunner().invoke(cli.main, [*asked, "--out", str(folder / out), "--no-workbook", "--no-pages", *more])


def judged_by(folder: Path, out: str) -> list[dict[str, str]]:
    kept: list[dict[str, str]] = json.loads((folder / out / "limits.json").read_text(encoding="utf-8"))["limits"]
    return kept


def refused(folder: Path, limits: Path, **asked: str) -> str:
    """What is said of a file that is refused: one sentence, what to do, and nothing is written."""
    done = scorecard(folder, "refused", "--limits", str(limits), **asked)
    assert done.exit_code == 1, done.output
    assert len(done.output.splitlines()) == 1
    assert not (folder / "refused").exists()
    return done.output


def test_the_limits_of_an_earlier_scorecard_hold_for_the_next(september: Path) -> None:
    own = scorecard(september, "own")
    kept = scorecard(september, "kept", "--limits", str(september / "out" / "limits.json"))
    assert own.exit_code == kept.exit_code
    before = {(row["scope"], row["kpi"], row["days"]): row for row in judged_by(september, "out")}
    after = {(row["scope"], row["kpi"], row["days"]): row for row in judged_by(september, "kept")}
    assert len(before) > 3
    assert {place: after[place] for place in before if place in after} == before
    assert judged_by(september, "own") != judged_by(september, "kept")


def test_a_file_that_is_not_there_is_named_with_its_path(september: Path) -> None:
    gone = september / "limit.json"
    assert f"{gone}: there is no such file. Look at the spelling." in refused(september, gone)


def test_a_folder_is_no_file_of_limits(september: Path) -> None:
    assert "cannot be opened: it is a folder" in refused(september, september / "out")


@pytest.mark.parametrize(
    "text", [b"", b"kpi,low,high\n", b'{"limits": [', b"\xff\xfe\x00", b"PK\x03\x04", b"[" * 99999]
)
def test_what_is_no_json_is_said_to_be_none(september: Path, tmp_path: Path, text: bytes) -> None:
    other = tmp_path / "limits.json"
    other.write_bytes(text)
    said = refused(september, other)
    assert "limits.json: this is no JSON" in said
    assert "Give the limits.json of an earlier scorecard" in said


@pytest.mark.parametrize("text", ["[]", "{}", "3", "null", '[{"kpi": "noc"}]', '{"limits": {}}'])
def test_another_json_is_said_to_have_no_limits(september: Path, tmp_path: Path, text: str) -> None:
    other = tmp_path / "other.json"
    other.write_text(text, encoding="utf-8")
    assert "other.json: this is JSON, but there are no limits of a scorecard in it." in refused(september, other)


def test_the_record_beside_the_limits_is_another_file(september: Path) -> None:
    said = refused(september, september / "out" / "scorecard.json")
    assert "there are no limits of a scorecard in it" in said


@pytest.mark.parametrize(
    "damage",
    [
        {"centre": "high"},
        {"centre": "1/0"},
        {"chart": "pie"},
        {"first": "31/08/2026"},
        {"points": "many"},
        {"points": None, "scope": None, "centre": None},
    ],
)
def test_an_entry_that_was_changed_is_named_by_its_number(
    september: Path, tmp_path: Path, damage: dict[str, str]
) -> None:
    kept = json.loads((september / "out" / "limits.json").read_text(encoding="utf-8"))
    kept["limits"][2] |= damage
    changed = tmp_path / "limits.json"
    changed.write_text(json.dumps(kept), encoding="utf-8")
    assert "entry 3 of the limits is incomplete or was changed by hand" in refused(september, changed)


def test_an_entry_that_lacks_something_is_named_by_its_number(september: Path, tmp_path: Path) -> None:
    kept = json.loads((september / "out" / "limits.json").read_text(encoding="utf-8"))
    changed = tmp_path / "limits.json"
    for first in ({"kpi": "noc"}, "noc", None, []):
        changed.write_text(json.dumps(kept | {"limits": [first]}), encoding="utf-8")
        assert "entry 1 of the limits is incomplete" in refused(september, changed)


def test_the_limits_of_another_set_up_are_refused_with_both_names(september: Path, tmp_path: Path) -> None:
    kept = json.loads((september / "out" / "limits.json").read_text(encoding="utf-8"))
    other = tmp_path / "limits.json"
    other.write_text(json.dumps(kept | {"profile": "agency"}), encoding="utf-8")
    assert f'limits of the set-up "agency", and this scorecard is made with "{PROFILE}"' in refused(september, other)


def test_limits_that_are_of_nobody_here_are_remarked_upon(september: Path, tmp_path: Path) -> None:
    kept = json.loads((september / "out" / "limits.json").read_text(encoding="utf-8"))
    for row in kept["limits"]:
        row["scope"] = "somebody else"
    other = tmp_path / "limits.json"
    other.write_text(json.dumps(kept), encoding="utf-8")
    done = scorecard(september, "idle", "--limits", str(other))
    assert done.exit_code in (0, 3)
    assert "none of the limits is of a KPI and a person or team of this scorecard" in done.output
