"""What a cell may say: amounts, dates, ids, names, phones.

Cases follow the project's catalogue of bad input: what exports were seen to contain, and the verdict decided
for each. Defaults: day/month/year, decimal point, KES, Africa/Nairobi.
"""

import datetime as dt
from pathlib import Path

import pytest
from reading_cases import HEADER, NAIROBI, PROFILE, amounts, errors, payment, read, warnings

from toolkit.reading import read_tables

# Amounts

GOOD_AMOUNTS = {
    "KES 1,200/=": 120000,
    "Ksh. 1,200.00": 120000,
    "1200 KES": 120000,
    "1,200.00": 120000,
    "1\u00a0200.00": 120000,
    "1\u202f200.00": 120000,
    "1'200.00": 120000,
    "1.234,56": 123456,
    "1,50,000.00": 15000000,
    "1199.9999999999998": 120000,
    "+1200.00": 120000,
    "'1200": 120000,
    " 1200.00\t": 120000,
    "١٢٠٠": 120000,
    "1,234": 123400,
    "1200.5": 120050,
    "0.01": 1,
}
BAD_AMOUNTS = {
    "1.234": "AMOUNT_AMBIGUOUS",
    "1,200.00 CR": "AMOUNT_DRCR",
    "1e400": "AMOUNT_RANGE",
    "1e999999999": "AMOUNT_RANGE",
    "99999999999999999999.99": "AMOUNT_RANGE",
    "9" * 5000: "AMOUNT_RANGE",
    "92233720368547758.08": "AMOUNT_RANGE",
    "1.2E+3": "AMOUNT_SCIENTIFIC",
    "0.00": "AMOUNT_ZERO",
    "-0.00": "AMOUNT_ZERO",
    "12,50": "BAD_GROUPING",
    "12,00,0.00": "BAD_GROUPING",
    "USD 1,200.00": "CURRENCY_CONFLICT",
    "#REF!": "EXCEL_ERROR",
    "########": "EXCEL_ERROR",
    "": "MISSING_AMOUNT",
    "-": "MISSING_AMOUNT",
    "N/A": "MISSING_AMOUNT",
    "-1200.00": "NEGATIVE_WITHOUT_REVERSAL",
    "(1,200.00)": "NEGATIVE_WITHOUT_REVERSAL",
    "1200.00-": "NEGATIVE_WITHOUT_REVERSAL",
    "\u22121200.00": "NEGATIVE_WITHOUT_REVERSAL",
    "1.200.00": "NOT_A_NUMBER",
    "12OO.00": "NOT_A_NUMBER",
    "1_200": "NOT_A_NUMBER",
    "0x4B0": "NOT_A_NUMBER",
    "12%": "NOT_A_NUMBER",
    "TRUE": "NOT_A_NUMBER",
    "NaN": "NOT_FINITE",
    "sNaN": "NOT_FINITE",
    "-Infinity": "NOT_FINITE",
    "1200.005": "TOO_MANY_DECIMALS",
}


@pytest.mark.parametrize("text", GOOD_AMOUNTS)
def test_an_amount_in_whatever_dress_is_read_to_the_cent(tmp_path: Path, text: str) -> None:
    reading = payment(tmp_path, amount=text)
    assert errors(reading) == []
    assert amounts(reading) == [GOOD_AMOUNTS[text]]


@pytest.mark.parametrize("text", BAD_AMOUNTS, ids=lambda text: text[:20])
def test_what_is_no_amount_is_refused_with_its_reason(tmp_path: Path, text: str) -> None:
    reading = payment(tmp_path, amount=text)
    assert errors(reading) == [(BAD_AMOUNTS[text], 2)]
    assert amounts(reading) == []


def test_the_message_names_file_row_and_column_and_suspects_the_letter(tmp_path: Path) -> None:
    rows = "".join(f"P{number},02/03/2026,A1,,{'12,00O' if number == 16 else '50'},KES,,\n" for number in range(1, 20))
    header = HEADER.replace("amount", "Amount")
    reading = read(tmp_path, payments_csv=(header + rows.replace("12,00O", '"12,00O"')))
    [problem] = [problem for problem in reading.problems if problem.level == "error"]
    assert str(problem).startswith('payments.csv, row 17, column Amount: "12,00O" is not an amount (a letter O?).')


@pytest.mark.parametrize(
    ("text", "minor", "code"),
    [("1500", 1500, ""), ("1500.00", 1500, ""), ("1,500.00", 1500, ""), ("1500.50", None, "TOO_MANY_DECIMALS"),
     ("1.500", None, "AMOUNT_AMBIGUOUS")],
)  # fmt: skip
def test_a_currency_without_cents_takes_zeros_behind_the_point_only(
    tmp_path: Path, text: str, minor: int | None, code: str
) -> None:
    reading = payment(tmp_path, PROFILE.in_currency("UGX"), amount=text, currency="UGX")
    assert [found for found, _ in errors(reading)] == [code] * bool(code)
    assert amounts(reading) == ([] if minor is None else [minor])
    assert reading.unreadable.get("payments", 0) == (minor is None)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("1.234", 123400), ("1234,5", 123450), ("1.234,50", 123450), ("1,234", "AMOUNT_AMBIGUOUS"),
     ("1200.50", "BAD_GROUPING")],
)  # fmt: skip
def test_with_a_declared_decimal_comma_points_group(tmp_path: Path, text: str, outcome: int | str) -> None:
    reading = payment(tmp_path, PROFILE.model_copy(update={"decimal": ","}), amount=text)
    assert amounts(reading) == ([outcome] if isinstance(outcome, int) else [])
    assert errors(reading) == ([] if isinstance(outcome, int) else [(outcome, 2)])


@pytest.mark.parametrize(
    ("text", "code"), [("kes ", ""), ("Ksh", ""), ("TZS", "CURRENCY_UNEXPECTED"), ("XXX", "CURRENCY_UNEXPECTED")]
)
def test_the_currency_of_a_row_has_to_be_the_profiles(tmp_path: Path, text: str, code: str) -> None:
    assert [found for found, _ in errors(payment(tmp_path, currency=text))] == [code] * bool(code)


# Dates

GOOD_DATES = {
    "02/03/2026": (3, 2, 0, 0),
    "02/03/26": (3, 2, 0, 0),
    "2 Mar 2026": (3, 2, 0, 0),
    "2026-03-01T22:30:00Z": (3, 2, 1, 30),
    "2026-03-02T00:10:00+03:00": (3, 2, 0, 10),
    "2026-03-31T23:59:59+03:00": (3, 31, 23, 59),
    "46083": (3, 2, 0, 0),
    "46083.5": (3, 2, 12, 0),
    "02.03.2026 14:05": (3, 2, 14, 5),
    "2/3/2026 2:05 PM": (3, 2, 14, 5),
    "2026-03-02 14:05:06.250": (3, 2, 14, 5),
    "20260302": (3, 2, 0, 0),
}
BAD_DATES = {
    "02/03/2027": "DATE_FUTURE",
    "9999-12-31": "DATE_FUTURE",
    "29/02/2026": "DATE_INVALID",
    "31/04/2026": "DATE_INVALID",
    "2026-13-02": "DATE_INVALID",
    "00/00/0000": "DATE_INVALID",
    "00/01/1900": "DATE_INVALID",
    "yesterday": "DATE_INVALID",
    "2026-03-02 25:00": "DATE_INVALID",
    "": "DATE_MISSING",
    "1970-01-01": "DATE_RANGE",
    "0026-03-02": "DATE_RANGE",
    "44621": "DATE_RANGE",
    "60": "DATE_RANGE",
    "03/31/2026": "DATE_ORDER",
}


@pytest.mark.parametrize("text", GOOD_DATES)
def test_a_date_in_any_clear_form_is_local_time(tmp_path: Path, text: str) -> None:
    reading = payment(tmp_path, paid_at=text)
    month, day, hour, minute = GOOD_DATES[text]
    assert errors(reading) == []
    [paid_at] = reading.tables["payments"]["paid_at"].to_list()
    assert paid_at.astimezone(NAIROBI).replace(second=0, microsecond=0) == dt.datetime(
        2026, month, day, hour, minute, tzinfo=NAIROBI
    )


@pytest.mark.parametrize("text", BAD_DATES)
def test_what_is_no_date_is_refused_with_its_reason(tmp_path: Path, text: str) -> None:
    assert errors(payment(tmp_path, paid_at=text)) == [(BAD_DATES[text], 2)]


def test_29_february_2024_is_a_late_posting_and_taken(tmp_path: Path) -> None:
    assert errors(payment(tmp_path, paid_at="29/02/2024")) == []


def test_one_month_first_date_condemns_a_day_first_file(tmp_path: Path) -> None:
    rows = "P1,02/03/2026,A1,,100,KES,,\nP2,03/31/2026,A1,,100,KES,,\n"
    reading = read(tmp_path, payments_csv=HEADER + rows)
    [file] = reading.files
    assert (file.verdict, file.code, file.accepted, file.rejected) == ("reject-file", "DATE_ORDER", 0, 2)
    assert "payments" not in reading.tables


def test_without_a_declared_order_a_date_with_two_readings_is_refused(tmp_path: Path) -> None:
    iso = PROFILE.model_copy(update={"date_order": "iso"})
    assert errors(payment(tmp_path, iso, paid_at="03/04/2026")) == [("DATE_AMBIGUOUS", 2)]
    assert errors(payment(tmp_path, iso, paid_at="31/03/2026")) == []


def test_naive_utc_and_offset_stamps_are_the_same_moment(tmp_path: Path) -> None:
    stamps = ["2026-03-02 10:00:00", "2026-03-02T07:00:00Z", "2026-03-02T10:00:00+03:00"]
    rows = "".join(f"P{number},{stamp},A1,,{number + 1},KES,,\n" for number, stamp in enumerate(stamps))
    reading = read(tmp_path, payments_csv=HEADER + rows)
    assert reading.tables["payments"]["paid_at"].n_unique() == 1


def test_an_hour_that_the_clock_shows_twice_is_ambiguous(tmp_path: Path) -> None:
    london = PROFILE.model_copy(update={"timezone": "Europe/London"})
    rows = (
        "P1,2025-10-26 01:30:00,A1,,1,KES,,\nP2,2025-10-26 03:30:00,A1,,1,KES,,\nP3,2026-03-29 01:30:00,A1,,1,KES,,\n"
    )
    reading = read(tmp_path, london, payments_csv=HEADER + rows)
    assert errors(reading) == [("DATE_AMBIGUOUS", 2), ("DATE_INVALID", 4)]


def test_without_an_as_of_day_nothing_is_in_the_future(tmp_path: Path) -> None:
    (tmp_path / "payments.csv").write_text(HEADER + "P1,2027-03-02,A1,,1,KES,,\n")
    assert errors(read_tables(tmp_path, PROFILE)) == []


# Ids and texts

BAD_IDS = {
    "1001.0": "ID_FORMAT",
    "PAY\u200b1": "ID_FORMAT",
    "P\u0410Y-0001": "ID_FORMAT",
    "PAY\n1": "ID_FORMAT",
    "'; DROP TABLE payments;--": "ID_FORMAT",
    "2.54E+11": "ID_SCIENTIFIC",
    "": "MISSING_ID",
    "x" * 1000: "TOO_LONG",
}


@pytest.mark.parametrize("text", BAD_IDS, ids=lambda text: ascii(text)[:20])
def test_damaged_ids_are_refused_never_repaired(tmp_path: Path, text: str) -> None:
    assert errors(payment(tmp_path, payment_id=text)) == [(BAD_IDS[text], 2)]


@pytest.mark.parametrize("text", ["0012", "PAY-0001", "MPESA.77/3", "\u00a0PAY-0001 ", "ПЛАТЁЖ-1"])
def test_ids_are_kept_as_they_are_but_for_blanks_around_them(tmp_path: Path, text: str) -> None:
    reading = payment(tmp_path, payment_id=text)
    assert reading.tables["payments"]["payment_id"].to_list() == [text.strip(" \u00a0")]


def test_ids_that_differ_in_leading_zeros_are_two_payments(tmp_path: Path) -> None:
    reading = read(tmp_path, payments_csv=HEADER + "0012,2026-03-02,A1,,5,KES,,\n12,2026-03-02,A1,,5,KES,,\n")
    assert reading.tables["payments"]["payment_id"].to_list() == ["0012", "12"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((name, "CONTROL_CHAR") for name in ("\t=1+1", "\n=1+1", "file\nname", "\u202etxt")),
        *((name, "NAME_MISSING") for name in ("", "\u200d")),
        ("Jos\u00c3\u00a9", "MOJIBAKE"),
        ("Jos\ufffd", "REPLACEMENT_CHAR"),
        *((name, "") for name in ("=HYPERLINK(1)", "-2+3", "<script>", "../../x", "王小明 😀")),
    ],
    ids=ascii,
)  # fmt: skip
def test_names_may_be_anything_but_invisible(tmp_path: Path, name: str, code: str) -> None:
    reading = read(tmp_path, agents_csv=f'agent_id,name,role\nAG-01,"{name}",field_agent\n')
    assert errors(reading) == ([(code, 2)] if code else [])
    if not code:
        assert reading.tables["agents"]["name"].to_list() == [name]


def test_names_are_composed_so_that_equal_names_are_equal(tmp_path: Path) -> None:
    reading = read(tmp_path, agents_csv="agent_id,name,role\nAG-01,Jose\u0301,field_agent\n")
    assert reading.tables["agents"]["name"].to_list() == ["José"]


@pytest.mark.parametrize("text", ["0712345678", "712345678", "254712345678", "+254 712-345-678", "254712345678.0"])
def test_phone_numbers_get_the_countrys_code(tmp_path: Path, text: str) -> None:
    reading = read(tmp_path, agents_csv=f"agent_id,name,role,msisdn\nAG-01,Jane,field_agent,{text}\n")
    assert reading.tables["agents"]["msisdn"].to_list() == ["254712345678"]
    assert ("PHONE_ZERO_ADDED" in warnings(reading)) == (text == "712345678")
