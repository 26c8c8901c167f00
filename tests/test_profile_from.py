"""`toolkit profile new --from`: what it proposes from sample files, how sure it says it is, and what it writes."""

import csv
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

import cli
from toolkit.commands import proposed
from toolkit.profiles import Profile, load_profile, shipped_profiles
from toolkit.readers.shape import folded
from toolkit.samples import make_sample
from toolkit.tables import TABLES

KENYA = ("--country", "KE", "--currency", "KES", "--timezone", "Africa/Nairobi")
PAYMENTS = """Receipt No,Loan Ref,Officer,Date Received,Amount Collected,Type,Blah
R-1,L-1,F1,05/03/2026,1200.50,Installment,x
R-2,L-2,F1,25/03/2026,500.00,Fine,y
R-3,L-1,F2,06/03/2026,75.25,Installment,z
R-4,L-3,F2,07/03/2026,80.00,Sundry,z
"""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Path]:
    """The sample of a set-up in its own spellings, made once; the list of planted defects is no export."""
    folder = tmp_path_factory.mktemp("samples")

    @cache
    def made(name: str, messy: bool) -> Path:
        out = folder / f"{name}-{messy}"
        make_sample(load_profile(name), out, agents=12, accounts=60, months=2, messy=messy)
        (out / "planted.csv").unlink(missing_ok=True)
        return out

    return made


def run(*arguments: object, **options: Any) -> Result:
    return CliRunner().invoke(cli.main, ["profile", "new", *map(str, arguments)], **options)


def proposals(out: Path, *arguments: object) -> dict[str, Any]:
    """What the command says as JSON."""
    result = run("mine", "--json", "--out", out, *arguments)
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def columns(said: Mapping[str, Any], file: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    for sheet in said["sheets"]:
        if file in (None, sheet["file"]):
            yield from ((sheet["table"], one) for one in sheet["columns"])


def taken(said: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    """By header: the table, the column and how sure; of one file."""
    return {one["header"]: (table, one["column"], one["degree"]) for table, one in columns(said)}


def form(said: Mapping[str, Any], key: str) -> tuple[str, str]:
    return next((one["value"], one["degree"]) for one in said["forms"] if one["key"] == key)


def written(folder: Path, text: str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def truth(profile: Profile, table: str) -> dict[str, str]:
    """The set-up's own mapping: folded header to column; our own names are themselves."""
    own = {folded(column.name): column.name for column in TABLES[table].columns}
    return own | {folded(name): column for column, names in profile.headers[table].items() for name in names}


def checked(data: Path, profile: Path, out: Path) -> dict[str, Any]:
    CliRunner().invoke(cli.main, ["check", str(data), "--profile", str(profile), "--out", str(out), "--quiet"])
    content: dict[str, Any] = json.loads((out / "check.json").read_text(encoding="utf-8"))
    return content


# The shipped set-ups' own exports


@pytest.mark.parametrize("messy", [False, True], ids=["clean", "messy"])
@pytest.mark.parametrize("name", shipped_profiles())
def test_a_set_ups_own_export_is_mapped_as_the_set_up_maps_it(
    name: str, messy: bool, samples: Callable[[str, bool], Path], tmp_path: Path
) -> None:
    profile = load_profile(name)
    said = proposals(tmp_path / "mine", "--from", samples(name, messy), "--like", name)
    assert {Path(sheet["file"]).stem for sheet in said["sheets"]} == {sheet["table"] for sheet in said["sheets"]}
    wrong = [
        (table, one) for table, one in columns(said) if truth(profile, table)[folded(one["header"])] != one["column"]
    ]
    assert wrong == []
    degrees = [one["degree"] for _, one in columns(said)]
    assert degrees.count("sure") >= 0.95 * len(degrees)
    assert set(degrees) <= {"sure", "likely"}
    codes = profile.codes
    for one in said["codes"]:
        if one["code"]:
            assert codes[one["name"]][one["word"]] == one["code"], one


@pytest.mark.parametrize("name", shipped_profiles())
def test_the_written_set_up_reads_the_sample_as_the_shipped_one_does(
    name: str, samples: Callable[[str, bool], Path], tmp_path: Path
) -> None:
    data = samples(name, False)
    proposals(tmp_path / "mine", "--from", data, "--like", name)
    ours = checked(data, tmp_path / "mine", tmp_path / "ours")
    assert ours == checked(data, Path(name), tmp_path / "theirs")
    assert all(file["rejected"] == 0 for table in ours["tables"].values() for file in table["files"])


@pytest.mark.parametrize("name", shipped_profiles())
def test_without_another_set_up_the_place_is_proposed_from_the_data(
    name: str, samples: Callable[[str, bool], Path], tmp_path: Path
) -> None:
    profile = load_profile(name)
    said = proposals(tmp_path / "mine", "--from", samples(name, False))
    for key in ("country", "currency", "timezone"):
        value, degree = form(said, key)
        assert value == getattr(profile, key)
        assert degree in ("sure", "likely")
    assert form(said, "date_order") == (profile.date_order, "sure")


SPOILT: Mapping[str, Callable[[str, random.Random], str]] = {
    "capitals and blanks": lambda header, _: f"  {header.upper()} ",
    "underscores": lambda header, _: folded(header) if " " not in header else header.lower().replace(" ", "_"),
    "words swapped": lambda header, _: " ".join(reversed(header.split())),
    "a letter lost": lambda header, chance: _without_one(header, chance),
    "unknown": lambda header, chance: f"Column {chance.randrange(10**6)}",
    "short forms": lambda header, _: _shortened(header),
}


EVERY_WAY = "every way"


def _without_one(header: str, chance: random.Random) -> str:
    place = chance.randrange(len(header))
    return header[:place] + header[place + 1 :] or header


def _shortened(header: str) -> str:
    short = {"Number": "Nr", "No": "Num", "Date": "Dt", "Amount": "Amt", "Account": "Acct", "Customer": "Cust"}
    return " ".join(short.get(word, word) for word in header.split())


def spoilt(source: Path, folder: Path, way: str, seed: int) -> dict[tuple[str, str], str]:
    """The sample with every third header changed, unknown columns added and the columns shuffled.

    Gives what each header of each file was called; "" for the added ones.
    """
    chance = random.Random(seed)  # noqa: S311
    called: dict[tuple[str, str], str] = {}
    folder.mkdir()
    for path in sorted(source.glob("*.csv")):
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        ways = [way] if way != EVERY_WAY else list(SPOILT)
        headers = [SPOILT[chance.choice(ways)](name, chance) if chance.random() < 0.34 else name for name in rows[0]]
        headers = [name if headers.count(name) == 1 else old for name, old in zip(headers, rows[0], strict=True)]
        called |= {(path.name, " ".join(new.split())): old for new, old in zip(headers, rows[0], strict=True)}
        called[path.name, "Zebra stripes"] = ""
        table = [[*headers, "Zebra stripes"], *([*row, "zz"] for row in rows[1:])]
        order = list(range(len(table[0])))
        chance.shuffle(order)
        with (folder / path.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([row[place] for place in order] for row in table)
    return called


@pytest.mark.parametrize("way", [EVERY_WAY, *(pytest.param(way, marks=pytest.mark.slow) for way in SPOILT)])
@pytest.mark.parametrize("name", shipped_profiles())
def test_headers_changed_shuffled_and_unknown_are_never_surely_wrong(
    name: str, way: str, samples: Callable[[str, bool], Path], tmp_path: Path
) -> None:
    profile = load_profile(name)
    called = spoilt(samples(name, False), tmp_path / "data", way, seed=len(name))
    said = proposals(tmp_path / "mine", "--from", tmp_path / "data", "--like", name)
    load_profile(str(tmp_path / "mine"))
    right = 0
    for sheet in said["sheets"]:
        table = Path(sheet["file"]).stem
        for one in sheet["columns"]:
            old = called[sheet["file"], one["header"]]
            wanted = truth(profile, table)[folded(old)] if old else ""
            if one["degree"] in ("sure", "likely"):
                assert (sheet["table"], one["column"]) == (table, wanted), one
                right += 1
    assert right >= 0.5 * len(called)


def test_files_whose_names_say_nothing_are_known_by_their_headers(
    samples: Callable[[str, bool], Path], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for number, path in enumerate(sorted(samples("paygo-solar", False).glob("*.csv"))):
        (data / f"Report ({number}).csv").write_bytes(path.read_bytes())
    said = proposals(tmp_path / "mine", "--from", data, "--like", "paygo-solar")
    names = [path.stem for path in sorted(samples("paygo-solar", False).glob("*.csv"))]
    by_file = {sheet["file"]: sheet["table"] for sheet in said["sheets"]}
    assert [by_file[f"Report ({number}).csv"] for number in range(len(names))] == names


# One file that no set-up knows


def test_values_tell_what_headers_only_hint_at(tmp_path: Path) -> None:
    found = taken(proposals(tmp_path / "mine", "--from", written(tmp_path, PAYMENTS), *KENYA))
    assert {header: one[1] for header, one in found.items()} == {
        "Receipt No": "payment_id", "Loan Ref": "account_id", "Officer": "agent_id", "Date Received": "paid_at",
        "Amount Collected": "amount", "Type": "kind", "Blah": "",
    }  # fmt: skip
    assert found["Blah"][2] == "none"
    assert found["Officer"][2] == "likely"


def test_an_id_that_repeats_is_not_the_payments_own_number(tmp_path: Path) -> None:
    text = PAYMENTS.replace("R-2", "R-1").replace("R-4", "R-3")
    found = taken(proposals(tmp_path / "mine", "--from", written(tmp_path, text), *KENYA))
    assert found["Receipt No"][2] not in ("sure", "likely")


@pytest.mark.parametrize("header", ["No", "#", "S/N", "ID"])
def test_numbers_of_rows_are_nobodys_id(header: str, tmp_path: Path) -> None:
    rows = "".join(f"{number},L{number % 3},2026-03-{number:02d},10.50\n" for number in range(1, 20))
    path = written(tmp_path, f"{header},Account No,Paid On,Amount\n{rows}", "payments.csv")
    said = taken(proposals(tmp_path / "mine", "--from", path, *KENYA))
    assert said[header][2] not in ("sure", "likely")


def test_values_that_are_keys_of_another_file_name_their_column(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    agents = "".join(f"F{number},Name {chr(65 + number)},Field\n" for number in range(1, 5))
    written(data, f"Staff Code,Full Name,Role\n{agents}", "agents.csv")
    rows = "".join(f"R{number},L{number},F{number % 4 + 1},2026-03-{number:02d},10.50\n" for number in range(1, 29))
    written(data, f"Receipt No,Account No,Xyz,Paid On,Amount\n{rows}", "payments.csv")
    said = proposals(tmp_path / "mine", "--from", data, *KENYA)
    one = next(one for _, one in columns(said, "payments.csv") if one["header"] == "Xyz")
    assert (one["column"], one["degree"]) == ("agent_id", "likely")
    assert "keys of agents" in one["why"]


def test_the_profile_has_the_taken_ones_in_use_and_the_others_as_remarks(tmp_path: Path) -> None:
    proposals(tmp_path / "mine", "--from", written(tmp_path, PAYMENTS), *KENYA)
    text = (tmp_path / "mine" / "profile.toml").read_text(encoding="utf-8")
    assert '\namount         = ["Amount Collected"]         # likely: ' in text
    assert '\n# ?            = ["Blah"]                     # not matched: no column is like it' in text
    assert '\n# "Sundry" = ""' in text
    profile = load_profile(str(tmp_path / "mine"))
    assert profile.headers["payments"]["amount"] == ("Amount Collected",)
    assert profile.codes["payments.kind"] == {"Installment": "instalment", "Fine": "penalty"}
    assert (tmp_path / "mine" / "workbook.toml").is_file()


def test_check_works_with_what_was_proposed(tmp_path: Path) -> None:
    path = written(tmp_path, PAYMENTS)
    proposals(tmp_path / "mine", "--from", path, *KENYA)
    payments = checked(path, tmp_path / "mine", tmp_path / "check")["tables"]["payments"]
    assert payments["accepted"] == 3, "the row of type Sundry waits for a person"
    assert payments["sums"] == {"amount": "1775.75"}


def test_like_gives_plans_place_and_words(tmp_path: Path) -> None:
    said = proposals(tmp_path / "mine", "--from", written(tmp_path, PAYMENTS), "--like", "paygo-solar")
    assert form(said, "country") == ("KE", "sure")
    ours, theirs = load_profile(str(tmp_path / "mine")), load_profile("paygo-solar")
    assert (ours.plans, ours.credit, ours.roles) == (theirs.plans, theirs.credit, theirs.roles)
    assert ours.working_week == theirs.working_week
    assert ours.headers["agents"] == theirs.headers["agents"], "tables that the sample does not have stay"
    assert ours.codes["payments.kind"]["Service Fee"] == "fee"
    assert all(path.is_file() for path in ours.plan_paths())


def test_required_columns_that_nothing_was_found_for_are_listed(tmp_path: Path) -> None:
    text = "\n".join(",".join(line.split(",")[:4]) for line in PAYMENTS.splitlines()) + "\n"
    result = run("mine", "--from", written(tmp_path, text, "payments.csv"), *KENYA, "--out", tmp_path / "mine")
    assert result.exit_code == 0
    assert "Required, and nothing sure or likely for it: amount" in result.output
    assert "# Required, and nothing sure or likely for it: amount" in (tmp_path / "mine" / "profile.toml").read_text(
        encoding="utf-8"
    )


def test_the_table_can_be_said(tmp_path: Path) -> None:
    path = written(tmp_path, "Nr,Who\nA1,Jane Doe\nA2,John Roe\n")
    assert proposals(tmp_path / "one", "--from", path, *KENYA)["sheets"][0]["table"] == ""
    assert proposals(tmp_path / "two", "--from", path, "--table", "agents", *KENYA)["sheets"][0]["table"] == "agents"
    assert run("mine", "--from", path, "--table", "people", *KENYA, "--out", tmp_path / "x").exit_code == 2


# Dates, amounts, currency, place


def dates(*days: str) -> str:
    rows = "".join(f"R{number},L1,{day},10\n" for number, day in enumerate(days))
    return f"Receipt No,Account No,Txn Date,Amount\n{rows}"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("03/04/2026", "25/04/2026"), ("dmy", "sure")),
        (("03/04/2026", "04/25/2026"), ("mdy", "sure")),
        (("2026-04-03", "2026-04-25"), ("iso", "sure")),
        (("03/04/2026", "05/04/2026"), ("", "unsure")),
        (("25/04/2026", "04/25/2026"), ("", "unsure")),
        (("2026-04-03", "25/04/2026"), ("dmy", "sure")),
        (("", ""), ("iso", "likely")),
    ],
)
def test_the_order_of_dates_is_proven_or_asked(
    days: tuple[str, ...], expected: tuple[str, str], tmp_path: Path
) -> None:
    said = proposals(tmp_path / "mine", "--from", written(tmp_path, dates(*days), "payments.csv"), *KENYA)
    assert form(said, "date_order") == expected
    order = load_profile(str(tmp_path / "mine")).date_order
    assert order == (expected[0] or "iso"), "what cannot be told makes problems, never a wrong day"


def test_one_slip_among_many_dates_does_not_undo_the_proof(tmp_path: Path) -> None:
    days = [f"{day:02d}/04/2026" for day in range(13, 30)] * 6 + ["04/25/2026"]
    said = proposals(tmp_path / "mine", "--from", written(tmp_path, dates(*days), "payments.csv"), *KENYA)
    assert form(said, "date_order") == ("dmy", "likely")


def test_what_the_user_says_holds_where_rows_cannot_prove_it(tmp_path: Path) -> None:
    path = written(tmp_path, dates("03/04/2026", "05/04/2026"), "payments.csv")
    said = proposals(tmp_path / "mine", "--from", path, *KENYA, "--date-order", "mdy")
    assert form(said, "date_order") == ("mdy", "sure")
    said = proposals(tmp_path / "two", "--from", path, "--like", "paygo-solar")
    assert form(said, "date_order") == ("dmy", "likely")


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("1.234,50", "500,00", "75,25"), (",", "sure")),
        (("1,234.50", "500.00", "75.25"), (".", "sure")),
        (("1,234", "500", "75"), (".", "likely")),
        (("12,50", "12.50", "7"), (".", "unsure")),
        (("1.200.000", "2.500.000", "900.000"), (",", "sure")),
    ],
)
def test_the_decimal_sign_is_proven_or_not(amounts: Sequence[str], expected: tuple[str, str], tmp_path: Path) -> None:
    rows = "".join(f"R{number};L1;2026-04-01;{amount}\n" for number, amount in enumerate(amounts))
    path = written(tmp_path, f"Receipt No;Account No;Txn Date;Amount\n{rows}", "payments.csv")
    assert form(proposals(tmp_path / "mine", "--from", path, *KENYA), "decimal") == expected


def test_european_decimals_are_read_after_the_proposal(tmp_path: Path) -> None:
    rows = "R1;L1;25.04.2026;1.234,50\nR2;L1;26.04.2026;500,00\nR3;L2;27.04.2026;75,25\n"
    path = written(tmp_path, f"Receipt No;Account No;Txn Date;Amount\n{rows}", "payments.csv")
    proposals(tmp_path / "mine", "--from", path, *KENYA)
    assert checked(path, tmp_path / "mine", tmp_path / "check")["tables"]["payments"]["sums"] == {"amount": "1809.75"}


def test_the_currency_comes_from_a_column_a_sign_or_a_header(tmp_path: Path) -> None:
    place = ("--country", "TZ", "--timezone", "Africa/Dar_es_Salaam")
    header = "Receipt No,Account No,Txn Date,{}\n"
    for number, (amount, row) in enumerate([("Amount,Currency", "5,TZS"), ("Amount", "TSh 5"), ("Amount (TZS)", "5")]):
        text = header.format(amount) + "".join(f"R{row_no},L1,2026-04-01,{row}\n" for row_no in range(3))
        path = written(tmp_path, text, f"payments{number}.csv")
        assert form(proposals(tmp_path / f"mine{number}", "--from", path, *place), "currency")[0] == "TZS"


def test_data_in_another_currency_than_the_set_up_that_it_is_like_is_said(tmp_path: Path) -> None:
    text = "Receipt No,Account No,Txn Date,Amount,Currency\nR1,L1,2026-04-01,5,UGX\nR2,L1,2026-04-01,7,UGX\n"
    said = proposals(tmp_path / "mine", "--from", written(tmp_path, text, "payments.csv"), "--like", "paygo-solar")
    currency = next(one for one in said["forms"] if one["key"] == "currency")
    assert (currency["value"], currency["degree"]) == ("KES", "likely")
    assert "UGX" in currency["why"]


def test_where_it_is_must_be_known(tmp_path: Path) -> None:
    result = run("mine", "--from", written(tmp_path, PAYMENTS), "--out", tmp_path / "mine")
    assert result.exit_code == 1
    for option in ("--country", "--currency", "--timezone"):
        assert option in result.stderr
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("wrong", [("--country", "Kenya"), ("--currency", "KSH"), ("--timezone", "Nairobi")])
def test_a_place_that_does_not_exist_is_refused(wrong: tuple[str, str], tmp_path: Path) -> None:
    result = run("mine", "--from", written(tmp_path, PAYMENTS), *KENYA, *wrong, "--out", tmp_path / "mine")
    assert result.exit_code == 1
    assert wrong[1] in result.stderr
    assert not (tmp_path / "mine").exists()


# Workbooks, Parquet, hostile files


def test_a_workbook_with_a_title_block_and_several_sheets(tmp_path: Path) -> None:
    path = tmp_path / "Month.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Report")
    sheet.write_row(0, 0, ["Collections of March"])
    sheet.write_row(1, 0, ["Printed", "05/04/2026"])
    for number, line in enumerate(PAYMENTS.splitlines()):
        sheet.write_row(number + 4, 1, line.split(","))
    book.add_worksheet("Notes").write(0, 0, "nothing here")
    people = book.add_worksheet("People")
    for number, line in enumerate(["Staff Code,Full Name,Role", "F1,Jane Doe,Field", "F2,John Roe,Field"]):
        people.write_row(number, 0, line.split(","))
    book.close()
    said = proposals(tmp_path / "mine", "--from", path, *KENYA)
    found = {sheet["sheet"]: (sheet["table"], sheet["header_row"]) for sheet in said["sheets"]}
    assert found == {"Report": ("payments", 5), "People": ("agents", 1)}
    assert [one["code"] for one in said["problems"]] == ["PROPOSED_NO_HEADER"]
    assert checked(path, tmp_path / "mine", tmp_path / "check")["tables"]["payments"]["accepted"] == 3


def test_a_parquet_file_with_types(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"Rcpt Nr": ["R1", "R2", "R3"], "Loan No": ["L1", "L2", "L1"], "Amt": [10.5, 20.25, 7.0]}
    ).with_columns(pl.Series("Paid On", ["2026-03-05", "2026-03-06", "2026-03-07"]).str.to_date())
    frame.write_parquet(tmp_path / "payments.parquet")
    found = taken(proposals(tmp_path / "mine", "--from", tmp_path / "payments.parquet", *KENYA))
    assert {header: column for header, (_, column, _) in found.items()} == {
        "Rcpt Nr": "payment_id", "Loan No": "account_id", "Amt": "amount", "Paid On": "paid_at",
    }  # fmt: skip


HOSTILE = (
    '"]\n[headers.agents]\nname = ["x', '=HYPERLINK("http://x")', "'''", '"""', "\\", "a\u202eb", "\x1b[31mred", "{0}",
    "# not a remark", "x" * 5000, "名前", "{file}", "%s",
)  # fmt: skip


def test_hostile_headers_and_values_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Receipt No", "Account No", "Txn Date", "Amount", "Type", *HOSTILE])
        for number, text in enumerate(HOSTILE):
            writer.writerow([f"R{number}", "L1", "2026-04-01", "5", text, *HOSTILE])
    result = run("mine", "--from", path, *KENYA, "--out", tmp_path / "mine")
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    profile = load_profile(str(tmp_path / "mine"))
    assert set(profile.headers) == {"payments"}
    text = (tmp_path / "mine" / "profile.toml").read_text(encoding="utf-8")
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_a_header_that_is_there_twice_is_named(tmp_path: Path) -> None:
    text = "Receipt No,Account No,Txn Date,Amount,Amount\nR1,L1,2026-04-01,5,6\n"
    result = run("mine", "--from", written(tmp_path, text, "payments.csv"), *KENYA, "--out", tmp_path / "mine")
    assert 'More than one column is called "Amount"' in result.output


def test_two_headers_of_one_file_never_become_one_column(tmp_path: Path) -> None:
    first = "Receipt No,Account No,Txn Date,Amount\nR1,L1,2026-04-01,5\nR2,L1,2026-04-02,6\n"
    second = "Receipt No,Account No,Loan Number,Txn Date,Amount\nR3,L1,Z9,2026-04-01,5\nR4,L2,Z9,2026-04-03,6\n"
    data = tmp_path / "data"
    data.mkdir()
    written(data, first, "payments1.csv")
    written(data, second, "payments2.csv")
    written(data, first.replace("Account No", "Loan Number").replace("R", "Q"), "payments3.csv")
    proposals(tmp_path / "mine", "--from", data, *KENYA)
    files = checked(data, tmp_path / "mine", tmp_path / "check")["tables"]["payments"]["files"]
    assert "DUPLICATE_HEADER" not in {file["code"] for file in files}


@pytest.mark.parametrize("text", ["", "just a line\nof text\n", '{"error": "login"}'], ids=["empty", "text", "json"])
def test_files_without_a_table_are_said_to_be_that(text: str, tmp_path: Path) -> None:
    result = run("mine", "--from", written(tmp_path, text), *KENYA, "--out", tmp_path / "mine")
    assert result.exit_code == 1
    assert "No sheet with a header" in result.stderr
    assert not (tmp_path / "mine").exists()


def test_nothing_is_written_where_something_stands_already(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    written(tmp_path / "mine", "mine", "notes.txt")
    result = run("mine", "--from", written(tmp_path, PAYMENTS), *KENYA, "--out", tmp_path / "mine")
    assert result.exit_code == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    assert run("My Branch", "--from", written(tmp_path, PAYMENTS), *KENYA, "--out", tmp_path / "x").exit_code == 1


# What is printed and asked


def test_the_table_says_header_column_how_sure_why_and_three_values(tmp_path: Path) -> None:
    result = run("mine", "--from", written(tmp_path, PAYMENTS), *KENYA, "--out", tmp_path / "mine")
    said = " ".join(result.output.split())
    assert "export.csv: taken for payments (header in row 1, 4 rows below it)" in said
    assert "Date Received paid_at likely" in said
    assert "the day is above 12 in 1" in said
    assert "R-1, R-2, R-3" in said
    assert f"toolkit check {tmp_path / 'export.csv'} --profile {tmp_path / 'mine'}" in said
    table = result.output[: result.output.index("mine is in")]
    assert max(map(len, table.splitlines())) <= 120
    assert all(line == line.rstrip() for line in table.splitlines())


def test_quiet_prints_nothing_and_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, PAYMENTS)
    for name in ("one", "two"):
        assert run("mine", "--from", path, *KENYA, "--quiet", "--out", tmp_path / name).output == ""
    first, second = ((tmp_path / name / "profile.toml").read_bytes() for name in ("one", "two"))
    assert first == second


def test_no_question_is_asked_where_nobody_sits(tmp_path: Path) -> None:
    result = run("mine", "--from", written(tmp_path, PAYMENTS), *KENYA, "--out", tmp_path / "mine", input="")
    assert result.exit_code == 0
    assert "leaves it out" not in result.output


UNSURE = "Receipt No,Account No,When,Number,Type\nR1,L1,03/04/2026,5,Sundry\nR2,L1,04/04/2026,5,Sundry\n"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposed, "on_a_terminal", lambda: True)


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_each_unsure_one_is_asked(tmp_path: Path) -> None:
    path = written(tmp_path, UNSURE, "payments.csv")
    answers = "y\npaid_at\nnonsense\namount\ndmy\nfee\n"
    result = run("mine", "--from", path, *KENYA, "--out", tmp_path / "mine", input=answers)
    assert result.exit_code == 0, result.output
    assert "choose one of" in result.output
    profile = load_profile(str(tmp_path / "mine"))
    assert profile.headers["payments"]["paid_at"] == ("When",)
    assert profile.headers["payments"]["amount"] == ("Number",)
    assert profile.date_order == "dmy"
    assert profile.codes["payments.kind"] == {"Sundry": "fee"}
    assert checked(path, tmp_path / "mine", tmp_path / "check")["tables"]["payments"]["accepted"] == 2


@pytest.mark.usefixtures("terminal")
def test_enter_leaves_an_unsure_one_out(tmp_path: Path) -> None:
    path = written(tmp_path, UNSURE, "payments.csv")
    result = run("mine", "--from", path, *KENYA, "--out", tmp_path / "mine", input="\n" * 20)
    assert result.exit_code == 0, result.output
    assert "paid_at" not in load_profile(str(tmp_path / "mine")).headers["payments"]


@pytest.mark.usefixtures("terminal")
def test_likely_ones_can_be_refused_one_by_one(tmp_path: Path) -> None:
    answers = "n\n" + "\n" * 20
    result = run("mine", "--from", written(tmp_path, PAYMENTS), *KENYA, "--out", tmp_path / "mine", input=answers)
    assert result.exit_code == 0, result.output
    assert "agent_id" not in load_profile(str(tmp_path / "mine")).headers["payments"]


@pytest.mark.usefixtures("terminal")
def test_yes_takes_the_likely_ones_and_asks_nothing(tmp_path: Path) -> None:
    result = run("mine", "--from", written(tmp_path, PAYMENTS), *KENYA, "--yes", "--out", tmp_path / "mine")
    assert result.exit_code == 0
    assert "leaves it out" not in result.output
    assert load_profile(str(tmp_path / "mine")).headers["payments"]["agent_id"] == ("Officer",)


def test_without_any_start_it_is_wrong_usage(tmp_path: Path) -> None:
    assert run("mine", "--out", tmp_path / "mine").exit_code == 2


def test_what_a_mere_copy_cannot_take_is_wrong_usage(tmp_path: Path) -> None:
    result = run("mine", "--like", "paygo-solar", "--currency", "UGX", "--out", tmp_path / "mine")
    assert result.exit_code == 2
    assert "--from or --preset" in result.output
