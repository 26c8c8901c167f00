"""A connection to the database that a profile names: to read with, and without ever showing its password.

What goes wrong is said as a `ToolkitError` that is not chained to the driver's own error, which may show an address.
"""

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.shipped import shipped

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

VARIABLE = re.compile(r"\$\{(\w+)\}")
SECRET_KEYS = re.compile(r"password|passwd|pwd", re.IGNORECASE)
WAITS_SECONDS = 15
"""How long a database may take to answer at all."""


@cache
def known_databases() -> dict[str, Any]:
    """Packages by driver, and words of errors (`toolkit/data/databases.toml`)."""
    return tomllib.loads((shipped("data") / "databases.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Address:
    """Where the database is, its ${NAMES} filled in; `in_clear`: the profile itself holds the password."""

    url: "URL"
    in_clear: bool

    @property
    def place(self) -> str:
        """What may be shown of it: the host, or the file."""
        return self.url.host or self.url.database or self.url.drivername

    @property
    def secrets(self) -> list[str]:
        """What may not be shown, the longest first."""
        query = [str(value) for key, value in self.url.query.items() if SECRET_KEYS.search(key)]
        return sorted({str(self.url.password or ""), *query} - {""}, key=len, reverse=True)

    def said_by(self, error: BaseException) -> str:
        """The first line of what the database or its driver says, without any password."""
        told = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
        line = told.splitlines()[0].strip().rstrip(".")
        for secret in self.secrets:
            line = line.replace(secret, "***")
        return line


def address_of(profile: Profile) -> Address:
    """The address under [database], filled in from the environment. `ToolkitError` where that cannot be done."""
    if profile.database is None:
        raise ToolkitError([problem("DATABASE_NOT_SET_UP", value=profile.name)])
    template = profile.database.url.get_secret_value().strip()
    missing = [name for name in dict.fromkeys(VARIABLE.findall(template)) if name not in os.environ]
    if missing:
        raise ToolkitError([problem("DATABASE_VARIABLE", value=name) for name in missing])
    whole = VARIABLE.fullmatch(template)
    url = _parsed(os.environ[whole[1]] if whole else template)
    in_clear = not whole and any(not VARIABLE.search(secret) for secret in Address(url, in_clear=False).secrets)
    return Address(_beside_profile(url if whole else _filled(url), profile.folder), in_clear)


def _parsed(text: str) -> "URL":
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError:
        raise ToolkitError([problem("DATABASE_PACKAGE")]) from None
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        raise ToolkitError([problem("DATABASE_URL")]) from None


def _filled(url: "URL") -> "URL":
    """Every part by itself, so that a password may hold any sign."""

    def fill(text: str | None) -> str | None:
        return VARIABLE.sub(lambda found: os.environ[found[1]], text) if text else text

    query = {key: fill(value) or "" if isinstance(value, str) else value for key, value in url.query.items()}
    password = fill(str(url.password)) if url.password is not None else None
    return url.set(
        username=fill(url.username), password=password, host=fill(url.host), database=fill(url.database), query=query
    )


def _beside_profile(url: "URL", folder: Path | None) -> "URL":
    """A SQLite file, which is looked for beside the profile and opened to be read only."""
    if url.get_backend_name() != "sqlite":
        return url
    file = ((folder or Path()) / (url.database or "")).resolve()
    if not file.is_file():
        raise ToolkitError([problem("DATABASE_NO_CONNECTION", value=str(file), reason="there is no such file")])
    return url.set(database=file.as_uri(), query={"mode": "ro", "uri": "true"})


@contextmanager
def connection(address: Address, timezone: str) -> "Iterator[Connection]":
    """A connection that only reads, in the profile's time zone. `ToolkitError` where there is none."""
    engine = _engine(address)
    try:
        found = _connected(engine, address, timezone)
        with found:
            yield found
    finally:
        engine.dispose()


def _engine(address: Address) -> "Engine":
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    backend = address.url.get_backend_name()
    waits = backend == "postgresql" and "connect_timeout" not in address.url.query
    arguments = {"connect_timeout": WAITS_SECONDS} if waits else {}
    try:
        return create_engine(address.url, poolclass=NullPool, hide_parameters=True, connect_args=arguments)
    except NoSuchModuleError:
        package = known_databases()["dialects"].get(backend, "")
        raise ToolkitError([_kind_unknown(address.url.drivername, package)]) from None
    except ImportError as error:
        raise ToolkitError([_without_driver(address, error)]) from None
    except (ArgumentError, TypeError, ValueError):
        raise ToolkitError([problem("DATABASE_URL")]) from None


def _kind_unknown(name: str, package: str) -> Problem:
    return problem("DATABASE_DRIVER", value=name, package=package) if package else problem("DATABASE_KIND", value=name)


def _without_driver(address: Address, error: ImportError) -> Problem:
    module = (error.name or address.url.get_driver_name()).partition(".")[0]
    package = known_databases()["packages"].get(module, module)
    return problem("DATABASE_DRIVER", value=address.url.drivername, package=package)


def _connected(engine: "Engine", address: Address, timezone: str) -> "Connection":
    try:
        found = engine.connect()
        read_only(found, timezone)
    except Exception as error:  # drivers fail in ways of their own before SQLAlchemy can wrap them
        told = address.said_by(error)
        raise ToolkitError([problem("DATABASE_NO_CONNECTION", value=address.place, reason=told)]) from None
    return found


def read_only(connection: "Connection", timezone: str) -> None:
    """Begins a transaction that cannot change anything, and sees all tables as of one moment, where this is known.

    Days mean days in the profile's time zone where a statement compares them with moments.
    """
    from sqlalchemy import text

    match connection.dialect.name:
        case "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            connection.execute(text("SELECT set_config('TimeZone', :zone, true)"), {"zone": timezone})
        case "sqlite":
            connection.execute(text("PRAGMA query_only = ON"))
