"""Small sets of data as files, read, and what was found: shared by the tests of the readers."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.profiles import Profile
from toolkit.reading import Reading, read_tables

NAIROBI = ZoneInfo("Africa/Nairobi")
PROFILE = Profile(name="test", country="KE", currency="KES", timezone="Africa/Nairobi", date_order="dmy")
AS_OF = dt.date(2026, 3, 31)

AGENTS = """agent_id,name,role,started_on
AG-01,José Muñoz,field_agent,2024-01-01
AG-02,Wanjiru,field_agent,2026-03-10
"""
ACCOUNTS = """account_id,customer_id,product,activated_on,currency
A1,C1,solar,2025-01-01,KES
A2,C2,phone,2025-01-01,KES
"""
HEADER = "payment_id,paid_at,account_id,agent_id,amount,currency,reference,reverses\n"


def read(folder: Path, profile: Profile = PROFILE, **files: str | bytes) -> Reading:
    """The reading of these files; ``payments_csv="..."`` is written as payments.csv."""
    for name, content in files.items():
        path = folder / name.replace("_", ".", 1)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_tables(folder, profile, as_of=AS_OF)


def errors(reading: Reading) -> list[tuple[str, int | None]]:
    return [(problem.code, problem.row) for problem in reading.problems if problem.level == "error"]


def warnings(reading: Reading) -> set[str]:
    return {problem.code for problem in reading.problems if problem.level == "warning"}


def payment(folder: Path, profile: Profile = PROFILE, **cells: str) -> Reading:
    """The reading of one payment with these cells."""
    row = {"payment_id": "P1", "paid_at": "2026-03-02", "account_id": "A1", "agent_id": "AG-01", "amount": "100"}
    row |= {"currency": "KES", "reference": "", "reverses": ""} | cells
    line = ",".join(f'"{cell}"' for cell in row.values())
    accounts = ACCOUNTS.replace("KES", profile.currency)
    return read(folder, profile, payments_csv=HEADER + line + "\n", agents_csv=AGENTS, accounts_csv=accounts)


def amounts(reading: Reading) -> list[int]:
    return reading.tables["payments"]["amount"].to_list()
