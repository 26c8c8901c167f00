"""Tables from a database are the same as from files, and a database is only ever read."""

import datetime as dt
import json
import sqlite3
from collections.abc import Generator, Sequence
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from databases import SECRET, Store, sqlite, started_postgres
from reading_cases import ACCOUNTS, AGENTS, AS_OF, HEADER, PROFILE, errors, read

from cli import main
from toolkit.own_profile import copy_profile
from toolkit.problems import ToolkitError
from toolkit.profiles import Database, Profile, load_profile
from toolkit.readers.fetched import Fetched
from toolkit.reading import Reading, read_files, read_tables
from toolkit.samples import make_sample

PAYMENTS = """P1,2026-03-02T10:00:00+03:00,A1,AG-01,1200.50,KES,,
P2,2026-03-31T23:59:59+03:00,A2,AG-02,0.05,KES,"'); DROP TABLE payments;--",
P3,2026-03-05T10:00:00+03:00,A9,AG-01,100,KES,=HYPERLINK(1),
P4,2026-03-06T10:00:00+03:00,A1,AG-01,0,KES,,
P5,2026-04-02T10:00:00+03:00,A1,AG-01,7.25,KES,,
"""
AS_STORED = "payment_id text, paid_at {time}, account_id text, agent_id text, amount numeric(20,4), currency text"
MARCH = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))


@pytest.fixture(scope="module")
def postgres() -> Generator[Store, None, None]:
    with started_postgres() as store:
        yield store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.e2e)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "postgres":
        found: Store = request.getfixturevalue("postgres")
        return found
    return sqlite(tmp_path)


def of(store: Store, **tables: str) -> Profile:
    """The profile of the readers' tests with these statements."""
    database = Database.model_validate({"url": store.url, "tables": tables})
    return PROFILE.model_copy(update={"database": database})


def from_database(profile: Profile, days: tuple[dt.date, dt.date] | None = None) -> Reading:
    return read_tables(Path("database:"), profile, as_of=AS_OF, days=days)


def refused(profile: Profile) -> set[str]:
    with pytest.raises(ToolkitError) as error:
        from_database(profile)
    return {problem.code for problem in error.value.problems}


def one_payment(store: Store, kind: str, cell: object, column: str = "amount") -> Reading:
    """A payment of which one column has this type in the database."""
    row = {"payment_id": "P1", "account_id": "A1", "agent_id": "AG-01", "paid_at": "2026-03-02", "amount": "1"}
    kinds = dict.fromkeys(row, "text") | {column: kind}
    store.fill(
        "one", ", ".join(f"{name} {of_type}" for name, of_type in kinds.items()), [[*(row | {column: cell}).values()]]
    )
    return from_database(of(store, payments="one"))


# The same as from files


def test_payments_from_a_database_are_those_of_the_csv(store: Store, tmp_path: Path) -> None:
    exported = tmp_path / "exported"
    exported.mkdir()
    csv = read(exported, payments_csv=HEADER + PAYMENTS, agents_csv=AGENTS, accounts_csv=ACCOUNTS)
    for table in ("agents", "accounts", "payments"):
        store.take_in(exported / f"{table}.csv", f"{table}_kept")
    kept = of(store, agents="agents_kept", accounts="accounts_kept", payments="select * from payments_kept")
    reading = from_database(kept)
    for table, rows in csv.tables.items():
        source = ["source_file", "source_row"]
        assert reading.tables[table].drop(source).equals(rows.drop(source)), table
    assert (reading.accepted_sums, reading.rejected_sums) == (csv.accepted_sums, csv.rejected_sums)
    found = [(one.code, (one.row or 0) + 1, one.column, one.value) for one in reading.problems if one.row]
    assert sorted(found) == sorted((one.code, one.row, one.column, one.value) for one in csv.problems if one.row)
    assert found, "the payments have mistakes"


def test_rows_say_that_they_come_from_the_database(store: Store) -> None:
    reading = one_payment(store, "text", "12OO")
    [problem] = [one for one in reading.problems if one.level == "error"]
    assert (problem.file, problem.sheet, problem.row) == ("database", "payments", 1)
    assert problem.place == "database[payments], row 1, column amount"
    [file] = reading.files
    assert (file.file, file.sheet, file.table, file.rows, file.rejected) == ("database", "payments", "payments", 1, 1)
    assert len(file.sha256) == 64
    good = one_payment(store, "text", "12")
    assert good.tables["payments"]["source_file"].to_list() == ["database[payments]"]
    assert good.files[0].sha256 != file.sha256
    assert good.files[0].sha256 == one_payment(store, "text", "12").files[0].sha256


def test_files_and_database_are_read_together(store: Store, tmp_path: Path) -> None:
    store.fill("people", "agent_id text, name text, role text", [["AG-01", "Amina", "field_agent"]])
    (tmp_path / "payments.csv").write_text(HEADER + "P1,2026-03-02,A1,AG-01,5,KES,,\n")
    reading = read_tables(tmp_path / "payments.csv", of(store, agents="people"), as_of=AS_OF)
    assert {name: rows.height for name, rows in reading.tables.items()} == {"agents": 1, "payments": 1}
    assert errors(reading) == []


def test_many_rows_come_in_chunks_whose_types_may_differ(tmp_path: Path) -> None:
    """SQLite keeps what it is given: whole numbers first, then fractions, then a word."""
    store = sqlite(tmp_path)
    amounts: list[object] = [*range(1, 30_001), 0.5, "x"]
    rows = [[f"P{number}", "A1", "2026-03-02", amount] for number, amount in enumerate(amounts)]
    store.fill("many", "payment_id text, account_id text, paid_at text, amount", rows)
    reading = from_database(of(store, payments="many"))
    assert reading.accepted_sums == {"payments": 100 * sum(range(1, 30_001)) + 50}
    assert errors(reading) == [("NOT_A_NUMBER", 30_002)]


def test_few_rows_are_in_python_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    add = Fetched.add

    def counted(self: Fetched, rows: Sequence[Sequence[object]]) -> None:
        seen.append(len(rows))
        add(self, rows)

    monkeypatch.setattr(Fetched, "add", counted)
    monkeypatch.setattr("toolkit.readers.database.ROWS_AT_A_TIME", 100)
    rows = [[f"P{number}", "A1", "2026-03-02", "1"] for number in range(250)]
    store.fill("many", "payment_id text, account_id text, paid_at text, amount text", rows)
    assert from_database(of(store, payments="many")).accepted_sums == {"payments": 25_000}
    assert seen == [100, 100, 50]


# Values


@pytest.mark.e2e
def test_exact_numbers_stay_exact_where_a_float_would_not(postgres: Store) -> None:
    for cell, minor in (("90071992547.93", 9007199254793), ("1200.1000", 120010), ("1200", 120000), ("0.05", 5)):
        assert one_payment(postgres, "numeric", cell).accepted_sums == {"payments": minor}
    # 2 ** 53 + 1, which no float is
    for kind in ("numeric", "numeric(30,6)", "bigint"):
        reading = one_payment(postgres, kind, "9007199254740993", "payment_id")
        assert reading.tables["payments"]["payment_id"].to_list() == ["9007199254740993"]


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        ("numeric", "1200.005", "TOO_MANY_DECIMALS"),
        ("numeric", "12.3456", "TOO_MANY_DECIMALS"),
        ("numeric", "NaN", "NOT_FINITE"),
        ("float8", float("inf"), "NOT_FINITE"),
        ("numeric", "1" * 45, "AMOUNT_RANGE"),
        ("numeric", None, "MISSING_AMOUNT"),
    ],
)
def test_numbers_that_are_no_amounts_are_refused_with_their_row(
    postgres: Store, kind: str, cell: object, code: str
) -> None:
    assert [row for found, row in errors(one_payment(postgres, kind, cell)) if found == code] == [1]


@pytest.mark.e2e
def test_times_with_a_zone_and_without(postgres: Store) -> None:
    for kind in ("timestamptz", "timestamp"):
        reading = one_payment(postgres, kind, "2026-03-30 21:30:00", "paid_at")
        [hour] = reading.tables["payments"]["paid_at"].dt.strftime("%Y-%m-%d %H:%M %z")
        # the server of the tests has its clock in UTC: half past nine there is half past midnight in Nairobi
        assert hour == {"timestamptz": "2026-03-31 00:30 +0300", "timestamp": "2026-03-30 21:30 +0300"}[kind], kind


def test_a_decimal_comma_in_the_profile_is_for_texts_alone(store: Store) -> None:
    columns = AS_STORED.format(time="text") + ", reference text"
    store.fill("kept", columns, [["P1", "2026-03-02", "A1", "AG-01", 1200.5, "KES", ""]])
    profile = of(store, payments="kept").model_copy(update={"decimal": ","})
    assert from_database(profile).accepted_sums == {"payments": 120050}


def test_a_hostile_text_is_a_text(store: Store) -> None:
    hostile = "'); DROP TABLE one;-- =cmd|' /C calc'!A0 <script>{{7*7}}</script> %s :from ${HOME}"
    reading = one_payment(store, "text", hostile, "agent_id")
    assert reading.tables["payments"]["agent_id"].to_list() == [hostile.upper()] or errors(reading) != []
    assert one_payment(store, "text", "AG-01", "agent_id").accepted_sums == {"payments": 100}


def test_binary_columns_are_refused_by_name(store: Store) -> None:
    kind = "bytea" if "postgres" in store.url else "blob"
    assert errors(one_payment(store, kind, b"\x00\x01", "agent_id")) == [("DATABASE_BINARY", None)]


def test_no_payments_at_all_is_never_assumed(store: Store) -> None:
    store.fill("kept", AS_STORED.format(time="text"), [["P1", "2026-03-02", "A1", "AG-01", 5, "KES"]])
    reading = from_database(of(store, payments="select * from kept where 1 = 0"))
    assert errors(reading) == [("NO_DATA", None)]


# Days


def test_days_are_bound_and_a_day_is_one_in_the_profiles_zone(store: Store) -> None:
    is_postgres = "postgres" in store.url
    kept = [
        ["P1", "2026-02-28 23:59:59+03:00", "A1", "AG-01", 1, "KES"],
        ["P2", "2026-03-01 00:00:00+03:00", "A1", "AG-01", 2, "KES"],
        ["P3", "2026-03-31 23:59:59+03:00", "A1", "AG-01", 4, "KES"],
        ["P4", "2026-04-01 00:00:00+03:00", "A1", "AG-01", 8, "KES"],
    ]
    store.fill("kept", AS_STORED.format(time="timestamptz" if is_postgres else "text"), kept)
    statement = "select * from kept where paid_at >= :from and paid_at < :to and ':to' <> ' :from' -- :as_of"
    assert from_database(of(store, payments=statement), MARCH).accepted_sums == {"payments": 600}
    until = "select * from kept where paid_at < :as_of"
    assert from_database(of(store, payments=until)).tables["payments"]["payment_id"].to_list() == ["P1", "P2"]
    assert refused(of(store, payments=statement)) == {"STATEMENT_ASKS"}


# What is run


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("delete from kept", "STATEMENT_NOT_SELECT"),
        ("", "STATEMENT_NOT_SELECT"),
        ("explain analyze delete from kept", "STATEMENT_NOT_SELECT"),
        ("select * from kept; delete from kept", "STATEMENT_SEVERAL"),
        ("select 1 /* /* */ ; delete from kept -- */", "STATEMENT_SEVERAL"),
        ("with gone as (delete from kept returning *) select * from gone", "STATEMENT_CHANGES"),
        ("select * into other from kept", "STATEMENT_CHANGES"),
        ("select * from kept for update", "STATEMENT_CHANGES"),
        (r"select '\' , '; delete from kept; -- '", "STATEMENT_OPEN"),
        ("select 'abc from kept", "STATEMENT_OPEN"),
        ("select 1 /*! ; delete from kept */", "STATEMENT_OPEN"),
    ],
)
def test_anything_but_one_select_is_refused_before_anything_connects(statement: str, code: str) -> None:
    nowhere = Store("postgresql+psycopg://127.0.0.1:1/none", "")
    assert refused(of(nowhere, payments=statement)) == {code}


@pytest.mark.parametrize(
    "statement",
    [
        "kept",
        "SELECT * FROM kept;",
        "/* all; */ select payment_id, account_id, paid_at, amount from kept -- delete",
        "with k as (select * from kept) select * from k where payment_id <> 'insert; into' and payment_id <> 'it''s'",
        "select payment_id, account_id, paid_at, amount, amount as \"update\" from kept where payment_id like 'P%'",
    ],
)
def test_selects_with_words_in_quotes_and_comments_are_run(store: Store, statement: str) -> None:
    store.fill("kept", AS_STORED.format(time="text"), [["P1", "2026-03-02", "A1", "AG-01", 5, "KES"]])
    assert from_database(of(store, payments=statement)).accepted_sums == {"payments": 500}


@pytest.mark.e2e
def test_what_a_function_would_change_the_server_refuses(postgres: Store) -> None:
    postgres.run(
        "DROP TABLE IF EXISTS trail", "CREATE TABLE trail (word text)",
        "CREATE OR REPLACE FUNCTION leave_trail() RETURNS text AS $$ INSERT INTO trail VALUES ('x') RETURNING 'P1' $$ "
        "LANGUAGE sql",
    )  # fmt: skip
    reading = from_database(of(postgres, payments="select leave_trail() as payment_id"))
    [problem] = [one for one in reading.problems if one.code == "DATABASE_QUERY"]
    assert "read-only transaction" in problem.message


def test_a_sqlite_file_is_not_touched_and_never_made(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    assert refused(of(store, payments="kept")) == {"DATABASE_NO_CONNECTION"}
    assert not (tmp_path / "loans.db").exists()
    store.fill("kept", AS_STORED.format(time="text"), [["P1", "2026-03-02", "A1", "AG-01", 5, "KES"]])
    before = (tmp_path / "loans.db").read_bytes()
    beside = PROFILE.model_copy(
        update={"folder": tmp_path, "database": of(Store("sqlite:///loans.db", ""), payments="kept").database}
    )
    assert from_database(beside).accepted_sums == {"payments": 500}
    assert (tmp_path / "loans.db").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loans.db"]


# What can go wrong


def test_a_table_that_is_not_there_does_not_hide_the_others(store: Store) -> None:
    store.fill("kept", AS_STORED.format(time="text"), [["P1", "2026-03-02", "A1", "AG-01", 5, "KES"]])
    reading = from_database(of(store, agents="nobody", accounts="select wrong from kept", payments="kept"))
    codes = {(one.sheet, one.code) for one in reading.problems if one.level == "error"}
    assert codes == {("agents", "DATABASE_NO_TABLE"), ("accounts", "DATABASE_QUERY")}
    assert reading.accepted_sums == {"payments": 500}
    assert {file.verdict for file in reading.files if file.sheet != "payments"} == {"reject-file"}


@pytest.mark.parametrize(
    ("url", "code", "word"),
    [
        ("postgresql+psycopg://reader:s3cret-enough@127.0.0.1:1/loans", "DATABASE_NO_CONNECTION", "127.0.0.1"),
        ("oracle+oracledb://reader:s3cret-enough@db.example/loans", "DATABASE_DRIVER", "oracledb"),
        ("duckdb://reader:s3cret-enough@db.example/loans", "DATABASE_DRIVER", "duckdb-engine"),
        ("sybase://reader:s3cret-enough@db.example/loans", "DATABASE_KIND", "sybase"),
        ("reader:s3cret-enough@db.example/loans", "DATABASE_URL", "port"),
        ("postgresql+psycopg://reader:s3cret-enough@db.example:port/loans", "DATABASE_URL", "port"),
        ("postgresql+psycopg://reader:${NOT_SET_ANYWHERE}@db.example/loans", "DATABASE_VARIABLE", "NOT_SET_ANYWHERE"),
    ],
)
def test_what_keeps_from_connecting_is_said_without_the_password(url: str, code: str, word: str) -> None:
    with pytest.raises(ToolkitError) as error:
        from_database(of(Store(url, ""), payments="kept"))
    [problem] = error.value.problems
    assert problem.code == code
    assert word in str(problem)
    assert SECRET not in repr(error.value) + str(error.value.__cause__) + repr(error.value.problems)


def test_without_sqlalchemy_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sqlalchemy", None)
    with pytest.raises(ToolkitError, match="sqlalchemy") as error:
        from_database(of(Store("sqlite:///x.db", ""), payments="kept"))
    assert [problem.code for problem in error.value.problems] == ["DATABASE_PACKAGE"]


def test_a_set_up_without_a_database_says_so() -> None:
    assert refused(PROFILE) == {"DATABASE_NOT_SET_UP"}
    assert read_files([], PROFILE).files == ()


@pytest.mark.parametrize(
    "section",
    [
        'database = "postgresql://reader:s3cret-enough@db.example/loans"',
        '[database]\nurl = "postgresql://reader:s3cret-enough@db.example/loans"',
        '[database]\nurl = "x"\npassword = "s3cret-enough"\n[database.tables]\npayments = "kept"',
        '[databse]\nurl = "postgresql://reader:s3cret-enough@db.example/loans"',
        '[database]\nurl = "postgresql://reader:s3cret-enough@db.example/"\n[database.tables]\npayment = "kept"',
    ],
)
def test_a_wrong_database_section_is_refused_without_showing_the_password(tmp_path: Path, section: str) -> None:
    head = 'country = "KE"\ncurrency = "KES"\ntimezone = "Africa/Nairobi"\n'
    (tmp_path / "profile.toml").write_text(head + section)
    with pytest.raises(ToolkitError) as error:
        load_profile(str(tmp_path))
    assert SECRET not in repr(error.value.problems) + str(error.value)


# As a person calls it


def toolkit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def everything_in(folder: Path) -> str:
    return "\n".join(path.read_bytes().decode("latin-1") for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
def branch(tmp_path: Path) -> tuple[Path, Path]:
    """A set-up of one's own, and its exports of three months."""
    copy_profile("branch", "paygo-solar", tmp_path / "branch")
    make_sample(load_profile("paygo-solar"), tmp_path / "exports", agents=6, accounts=60, months=2, seed=3)
    return tmp_path / "branch", tmp_path / "exports"


def with_database(profile: Path, exports: Path, store: Store, url: str) -> None:
    """All exports go into the database, and the profile says so."""
    lines = [f"\n[database]\nurl = {json.dumps(url)}\n\n[database.tables]"]
    for path in sorted(exports.glob("*.csv")):
        store.take_in(path, f"kept_{path.stem}")
        lines.append(f"{path.stem} = 'kept_{path.stem}'")
    with (profile / "profile.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def test_a_commission_from_the_database_is_the_one_from_the_exports(
    store: Store, branch: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, exports = branch
    [plan, *_] = sorted((profile / "plans").glob("*.toml"))
    how = ["--plan", profile / "plans" / plan.name, "--period", "2026-10", "--no-workbook", "--no-statements"]
    first = toolkit("commissions", "calculate", exports, "--profile", profile, *how, "--out", tmp_path / "files")
    assert first.exit_code == 0, first.output
    monkeypatch.setenv("LOANS_URL", store.url)
    with_database(profile, exports, store, "${LOANS_URL}")
    second = toolkit("commissions", "calculate", "database:", "--profile", profile, *how, "--out", tmp_path / "kept")
    assert second.exit_code == 0, second.output
    assert (tmp_path / "files" / "sheet.csv").read_bytes() == (tmp_path / "kept" / "sheet.csv").read_bytes()
    amounts = [pl.read_csv(tmp_path / folder / "lines.csv")["amount"].to_list() for folder in ("files", "kept")]
    assert amounts[0] == amounts[1] != []
    record = json.loads((tmp_path / "kept" / "run.json").read_text(encoding="utf-8"))
    assert "database" in {one["file"] for one in record["inputs"]}
    assert SECRET not in second.output + everything_in(tmp_path / "kept")


@pytest.mark.e2e
def test_the_password_is_in_nothing_that_check_prints_or_writes(
    postgres: Store, branch: tuple[Path, Path], tmp_path: Path
) -> None:
    profile, exports = branch
    with_database(profile, exports, postgres, postgres.url)
    answer = toolkit("check", "database:", "--profile", profile, "--out", tmp_path / "out", "--period", "2026-10")
    assert answer.exit_code == 0, answer.output
    assert "database[payments]" in answer.output
    written = everything_in(tmp_path / "out")
    assert "DATABASE_PASSWORD_IN_CLEAR" in written
    files = json.loads((tmp_path / "out" / "check.json").read_text(encoding="utf-8"))["tables"]["payments"]["files"]
    assert [(one["file"], one["sheet"]) for one in files] == [("database", "payments")]
    read_profile = load_profile(str(profile))
    assert SECRET not in answer.output + written + repr(read_profile) + read_profile.model_dump_json()


def test_a_label_that_is_no_period_is_wrong_usage(tmp_path: Path) -> None:
    answer = toolkit("check", tmp_path, "--profile", "agency", "--period", "October", "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert "is not a period" in answer.output


def test_sqlite_is_there_wherever_python_is() -> None:
    assert sqlite3.sqlite_version_info >= (3, 8)
