"""Sound files, each changed a little at random: bytes, cells, and the parts of workbooks.

A seed and a number give the same mutant at every run: `mutant(1, 4711)`.
"""

import csv
import datetime as dt
import io
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import old_books
import polars as pl
import xlsxwriter
from catalogue import BASE
from damaged_workbooks import DATE, EPOCHS, MONEY, Sheet, parts_of, zipped
from mutated_zips import damaged_archive, damaged_part

Rows = list[list[Any]]
Chance = random.Random

TEXTS = {
    "csv": {},
    "quoted": {"quoting": csv.QUOTE_ALL},
    "semicolons": {"delimiter": ";", "lineterminator": "\r\n"},
    "tsv": {"delimiter": "\t"},
    "utf16": {"delimiter": "\t", "lineterminator": "\r\n"},
    "bom": {"lineterminator": "\r\n"},
}
ENDINGS = {"tsv": "tsv", "xlsx": "xlsx", "shared": "xlsx", "xls": "xls", "html": "xls", "parquet": "parquet"}
ENCODINGS = {"utf16": "utf-16", "bom": "utf-8-sig"}
BINARY = ("xlsx", "shared", "xls", "parquet")

NASTY = (
    "", " ", "-", "n/a", "0", "0.00", "-0.00", "-5", "5-", "(1,200.00)", "1,200.00", "1.200,00", "1.234", "12,50",
    "1,50,000.00", "1 200.00", "1\u00a0200.00", "1'200.00", "KES 1,200/=", "Ksh. 1,200.00", "1200 KES", "USD 1,200.00",
    "+1200.00", "'1200", "1e3", "1E400", "1200.005", "1199.9999999999998", "12OO.00", "1_200", "0x4B0", "12%", "TRUE",
    "NaN", "sNaN", "inf", "١٢٠٠", "１２００", "²", "12²", "1200.", ".5", "--5", "1..2", "9" * 30, "99999999999999.99",
    "100000000000", "1,200.00 CR", "#REF!", "########", "=1000+200", "=SUM(E2:E4)", "@SUM(1)", "+1+1", "\t1200",
    "02/03/2026", "03/31/2026", "2026-03-02", "2 Mar 2026", "29/02/2026", "46083", "2026-03-01T22:30:00Z", "1970-01-01",
    "31/12/9999", "yesterday", "TOTAL", "Total", "Sub total", "Jumla", "End of report", "Page 1", "payment_id", "amount",
    "Amount (KES)", "PAY-0001", "pay-0001", "PAY-0001.0", "2.54E+11", "12345678901234567", "ACC-1", "AG-01", "AG-99",
    "ag-02 ", "USD", "kes", "Жанна", "内山", "محمد", "e\u0301", "JosÃ©", "\ufffd", "\u200b", "\u202e123", "\x00", "\x07",
    "\x1a", "\x1f", "a\nb", "a\rb", 'a"b', '"', '""', "a,b", "a;b", "a\tb", "x" * 300, "x" * 40_000, "9" * 5000, "\ufeff",
    "<b>1</b>", "&amp;", "</td>", "<!--", "]]>", "1200<", "🙂", "١٥٠٫٤٩", "15000.00", "500.00", "17650.49", "16350.49",
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A changed file beside sound ones: what it is called, what is in it, what was done."""

    seed: int
    number: int
    form: str
    name: str
    content: bytes
    about: str

    @property
    def table(self) -> str:
        return self.name.partition(".")[0]

    @property
    def kind(self) -> str:
        return f"{self.about.partition(':')[0]} of {self.form}"


@cache
def sound_rows(table: str) -> tuple[tuple[str, ...], ...]:
    with (BASE / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(tuple(row) for row in csv.reader(stream))


def mutant(seed: int, number: int) -> Mutant:
    """The mutant of this number."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311  # nothing secret
    way = chance.choices(["bytes", "cells", "parts", "archive"], [40, 35, 18, 7])[0]
    if way == "cells":
        return _of_cells(seed, number, chance)
    forms = [*TEXTS, *BINARY, "html"] if way == "bytes" else ["xlsx", "shared"]
    form = chance.choice(forms)
    content, about = sound_file("payments", form), ""
    if way == "bytes":
        content, about = _changed_bytes(content, form, chance)
    else:
        content, about = (damaged_part if way == "parts" else damaged_archive)(content, chance)
    return Mutant(seed, number, form, f"payments.{ENDINGS.get(form, 'csv')}", content, f"{way}: {about}")


# Files


@cache
def sound_file(table: str, form: str) -> bytes:
    """A sound table as a file of this form."""
    return written([list(row) for row in sound_rows(table)], form)


def written(rows: Rows, form: str) -> bytes:
    """The rows as a file."""
    if form in TEXTS:
        stream = io.StringIO(newline="")
        options = {"lineterminator": "\n", **TEXTS[form]}
        csv.writer(stream, **options).writerows([_text(cell) for cell in row] for row in rows)
        return stream.getvalue().encode(ENCODINGS.get(form, "utf-8"), "surrogatepass")
    return {"xlsx": _workbook, "shared": _shared, "xls": _old, "html": _page, "parquet": _parquet}[form](rows)


def _text(cell: Any) -> str:
    return str(cell.get("v", "")) if isinstance(cell, dict) else str(cell)


def _workbook(rows: Rows) -> bytes:
    heads = [_text(cell) for cell in rows[0]]
    typed = [
        [_typed(cell, heads[place] if place < len(heads) else "") for place, cell in enumerate(row)] for row in rows
    ]
    return zipped(parts_of([Sheet("Sheet1", [rows[0], *typed[1:]])]), {})


def _typed(cell: Any, header: str) -> Any:
    """A cell of a workbook: amounts as numbers, days as Excel counts them, all else as it is."""
    if isinstance(cell, str) and header == "paid_at" and re.fullmatch(r"(?:0[1-9]|1\d)/0[1-9]/20\d\d", cell):
        day = dt.datetime.strptime(cell, "%d/%m/%Y")  # noqa: DTZ007  # workbooks know no time zones
        return {"v": str((day - EPOCHS["1900"]).days), "s": DATE}
    return {"v": cell, "s": MONEY} if isinstance(cell, str) and isinstance(_number(cell, header), float) else cell


def _number(text: str, header: str) -> float | str:
    return float(text) if header == "amount" and re.fullmatch(r"-?\d{1,12}(\.\d+)?", text) else text


def _shared(rows: Rows) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2026, 1, 1)})  # noqa: DTZ001  # workbooks know no time zones
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate(rows):
            for place, cell in enumerate(row[:50]):
                value = _number(_text(cell), rows[0][place] if place < len(rows[0]) and number else "")
                if isinstance(value, float):
                    sheet.write_number(number, place, value)
                elif value:
                    sheet.write_string(number, place, value[:32_000])
    return stream.getvalue()


def _old(rows: Rows) -> bytes:
    heads = [_text(cell)[:32_000] for cell in rows[0][:50]]
    typed = [
        [_number(_text(cell)[:32_000], heads[place] if place < len(heads) else "") or None for place, cell in row]
        for row in (list(enumerate(row[:50])) for row in rows[1:])
    ]
    return old_books.book(Sheet1=[heads, *typed])


def _page(rows: Rows) -> bytes:
    lines = ("".join(f"<td>{escape(_text(cell))}</td>" for cell in row) for row in rows)
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f"<html><body><table>\n{body}\n</table></body></html>\n".encode()


def _parquet(rows: Rows) -> bytes:
    heads = [_text(cell) for cell in rows[0]]
    names = [head if heads.index(head) == place else f"{head}.{place}" for place, head in enumerate(heads)]
    full = [[_text(cell) for cell in row[: len(names)]] + [""] * (len(names) - len(row)) for row in rows[1:]]
    columns: dict[str, Any] = {name: [row[place] for row in full] for place, name in enumerate(names)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    if len(full) == 5 and all(re.fullmatch(r"\d{1,9}\.\d\d", row) for row in columns.get("amount", ["x"])):
        frame = frame.with_columns(pl.col("amount").cast(pl.Decimal(18, 2)))
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="uncompressed" if len(full) % 2 else "zstd")
    return stream.getvalue()


# Bytes


def _changed_bytes(content: bytes, form: str, chance: Chance) -> tuple[bytes, str]:
    ways = [*ANYWHERE, *(OF_TEXT if form not in BINARY else ())]
    done = []
    for _ in range(chance.choices([1, 2, 4], [6, 3, 1])[0]):
        way = chance.choice(ways)
        done.append(way.__name__.strip("_"))
        content = way(content, chance) or content
    return content, ", ".join(done)


def _place(content: bytes, chance: Chance) -> int:
    return chance.randrange(max(1, len(content)))


def _flip_a_bit(content: bytes, chance: Chance) -> bytes:
    place = _place(content, chance)
    return (
        content[:place]
        + bytes(byte ^ (1 << chance.randrange(8)) for byte in content[place : place + 1])
        + (content[place + 1 :])
    )


def _another_byte(content: bytes, chance: Chance) -> bytes:
    place = _place(content, chance)
    return (
        content[:place]
        + bytes([chance.choice([chance.randrange(256), *b'0159.,-;\t\n\r"\x00'])])
        + (content[place + 1 :])
    )


def _delete_a_stretch(content: bytes, chance: Chance) -> bytes:
    place = _place(content, chance)
    return content[:place] + content[place + chance.choice([1, 1, 2, 5, 20, 80]) :]


def _insert_bytes(content: bytes, chance: Chance) -> bytes:
    place = _place(content, chance)
    more = chance.choice([b"0", b"1", b",", b";", b"\t", b'"', b"\n", b"\r", b"\r\n", b"\x00", b"\xef\xbb\xbf", b"\xe9",
                          b"\xc3\xa9", b"-", b".", b" ", b"\xa0", b"'", b"|", b"\x1a", b"e", b"<", b"TOTAL", b"\xff\xfe"])  # fmt: skip
    return content[:place] + more * chance.choice([1, 1, 1, 2, 4]) + content[place:]


def _double_a_stretch(content: bytes, chance: Chance) -> bytes:
    place = _place(content, chance)
    end = place + chance.choice([1, 2, 8, 40, 80, 400])
    return content[:end] + content[place:end] + content[end:]


def _cut_off(content: bytes, chance: Chance) -> bytes:
    return content[: _place(content, chance)]


def _swap_neighbours(content: bytes, chance: Chance) -> bytes:
    place = _place(content, chance)
    return content[:place] + content[place + 1 : place + 2] + content[place : place + 1] + content[place + 2 :]


def _zeros(content: bytes, chance: Chance) -> bytes:
    place, length = _place(content, chance), chance.choice([1, 4, 64, 512])
    return content[:place] + bytes(len(content[place : place + length])) + content[place + length :]


def _lines(content: bytes, change: Callable[[list[bytes]], object]) -> bytes:
    lines = content.splitlines(keepends=True)
    change(lines)
    return b"".join(lines)


def _swap_lines(content: bytes, chance: Chance) -> bytes:
    def swap(lines: list[bytes]) -> None:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]

    return _lines(content, swap) if content else content


def _double_a_line(content: bytes, chance: Chance) -> bytes:
    return _lines(content, lambda lines: lines and lines.append(chance.choice(lines)))


def _drop_a_line(content: bytes, chance: Chance) -> bytes:
    return _lines(content, lambda lines: lines and lines.pop(chance.randrange(len(lines))))


def _change_a_line_end(content: bytes, chance: Chance) -> bytes:
    def change(lines: list[bytes]) -> None:
        number = chance.randrange(len(lines))
        end = chance.choice([b"\r", b"\r\n", b"\n", b"\n\n", b"", b"\r\r\n", b"\x0b", b"\x85", b"\xe2\x80\xa8"])
        lines[number] = lines[number].rstrip(b"\r\n") + end

    return _lines(content, change) if content else content


def _encode_anew(content: bytes, chance: Chance) -> bytes:
    """A stretch in another encoding, as when two exports were pasted together."""
    place = _place(content, chance)
    end = place + chance.choice([4, 30, 10_000])
    text = content[place:end].decode("latin-1")
    encoding = chance.choice(["utf-16-le", "utf-16", "utf-7", "utf-8-sig", "utf-32", "cp037"])
    return content[:place] + text.encode(encoding, "replace") + content[end:]


def _another_digit(content: bytes, chance: Chance) -> bytes:
    places = [found.start() for found in re.finditer(rb"\d", content)]
    if not places:
        return content
    place = chance.choice(places)
    return content[:place] + chance.choice([b"0", b"7", b"9", b".", b",", b"O", b"-"]) + content[place + 1 :]


ANYWHERE = (
    _flip_a_bit, _another_byte, _delete_a_stretch, _insert_bytes, _double_a_stretch, _cut_off, _swap_neighbours, _zeros,
)  # fmt: skip
OF_TEXT = (_swap_lines, _double_a_line, _drop_a_line, _change_a_line_end, _encode_anew, _another_digit)


# Cells


TABLES = ("payments", "agents", "accounts", "assignments", "calls", "costs", "evaluations", "promises", "recoveries", "visits")  # fmt: skip


def _of_cells(seed: int, number: int, chance: Chance) -> Mutant:
    table = chance.choices(TABLES, [60, *[5] * (len(TABLES) - 1)])[0]
    form = chance.choice([*TEXTS, "xlsx", "shared", "xls", "html", "parquet"])
    rows: Rows = [list(row) for row in sound_rows(table)]
    done = []
    for _ in range(chance.choices([1, 2, 3], [7, 2, 1])[0]):
        way = chance.choices(list(OF_CELLS), list(OF_CELLS.values()))[0]
        done.append(f"{way.__name__.strip('_')} {way(rows, chance)}"[:100])
    name = f"{table}.{ENDINGS.get(form, 'csv')}"
    return Mutant(seed, number, form, name, written(rows, form), f"cells: {', '.join(done)}")


def _row(rows: Rows, chance: Chance) -> int:
    return chance.randrange(1, len(rows)) if len(rows) > 1 else 0


def _replace_a_cell(rows: Rows, chance: Chance) -> str:
    number, place = _row(rows, chance), chance.randrange(len(rows[0]))
    if "amount" in rows[0] and chance.random() < 0.4:
        place = rows[0].index("amount")
    rows[number][place:] = [chance.choice(NASTY), *rows[number][place + 1 :]]
    return f"{number + 1}/{place + 1} {rows[number][-1] if place >= len(rows[number]) else rows[number][place]!r}"


def _wrap_a_cell(rows: Rows, chance: Chance) -> str:
    """The cell as it is, with something before or behind it."""
    number, place = _row(rows, chance), chance.randrange(len(rows[0]))
    if "amount" in rows[0] and chance.random() < 0.4:
        place = rows[0].index("amount")
    if place < len(rows[number]):
        mark = chance.choice([" ", "\u00a0", "\t", "'", "-", "(", ")", "KES", "0", "00", ".", ",", "\u200b", "\ufeff", "\n", "%", "/="])  # fmt: skip
        old = _text(rows[number][place])
        rows[number][place] = chance.choice([mark + old, old + mark])
    return f"{number + 1}/{place + 1}"


def _delete_a_row(rows: Rows, chance: Chance) -> str:
    number = _row(rows, chance)
    if len(rows) > 1:
        del rows[number]
    return f"{number + 1}"


def _double_a_row(rows: Rows, chance: Chance) -> str:
    number = chance.randrange(len(rows))
    rows.insert(chance.randrange(len(rows) + 1), list(rows[number]))
    return f"{number + 1}"


def _delete_a_column(rows: Rows, chance: Chance) -> str:
    place = chance.randrange(len(rows[0]))
    if len(rows[0]) > 1:
        for row in rows:
            del row[place : place + 1]
    return f"{place + 1}"


def _double_a_column(rows: Rows, chance: Chance) -> str:
    place, to = chance.randrange(len(rows[0])), chance.randrange(len(rows[0]) + 1)
    for row in rows:
        row.insert(to, row[place] if place < len(row) else "")
    return f"{place + 1}"


def _shift_a_row(rows: Rows, chance: Chance) -> str:
    number = chance.randrange(len(rows))
    if chance.random() < 0.5:
        rows[number].insert(chance.randrange(len(rows[number]) + 1), chance.choice(["", "x", "5"]))
    elif rows[number]:
        del rows[number][chance.randrange(len(rows[number]))]
    return f"{number + 1}"


def _swap_headers(rows: Rows, chance: Chance) -> str:
    one, other = chance.randrange(len(rows[0])), chance.randrange(len(rows[0]))
    rows[0][one], rows[0][other] = rows[0][other], rows[0][one]
    return f"{one + 1} {other + 1}"


def _rename_a_header(rows: Rows, chance: Chance) -> str:
    place = chance.randrange(len(rows[0]))
    header = _text(rows[0][place])
    others = [header.upper(), f" {header} ", header.replace("_", " "), header[:-1], f"{header}2", f"{header}\n(KES)"]
    rows[0][place] = chance.choice([*others, chance.choice(NASTY), "Transaction ID", "Amount Paid", "Date", "Agent"])
    return f"{place + 1} {rows[0][place]!r}"


def _insert_a_row(rows: Rows, chance: Chance) -> str:
    row: list[Any] = [""] * len(rows[0])
    for _ in range(chance.choice([0, 1, 2, 3])):
        row[chance.randrange(len(row))] = chance.choice(NASTY)
    if chance.random() < 0.3 and len(row) > 4:
        row[chance.choice([0, 1, 2])], row[4] = chance.choice(["TOTAL", "Total:", "Sub total"]), chance.choice(NASTY)
    rows.insert(chance.randrange(len(rows) + 1), row)
    return f"{row!r}"


def _make_a_formula(rows: Rows, chance: Chance) -> str:
    """In a workbook: a formula, an error, another type or style of cell; elsewhere its value."""
    number, place = _row(rows, chance), chance.randrange(len(rows[0]))
    if "amount" in rows[0] and chance.random() < 0.6:
        place = rows[0].index("amount")
    if place < len(rows[number]):
        rows[number][place] = dict(chance.choice(SPECIAL))
    return f"{number + 1}/{place + 1} {rows[number]!r}"


SPECIAL: Sequence[dict[str, Any]] = (
    {"f": "1000+200", "v": "1200"}, {"f": "1000+200", "v": "9999"}, {"f": "SUM(E2:E3)", "v": "5"}, {"f": "A1"},
    {"f": "WEBSERVICE(A1)", "v": "5"}, {"f": "[1]x!A1", "v": "5"}, {"v": "#REF!", "t": "e"}, {"v": "1", "t": "b"},
    {"v": "1200", "t": "str"}, {"v": "5", "s": 3}, {"v": "800", "s": 4}, {"v": "800", "s": 1}, {"v": "NaN"},
    {"v": "99", "t": "s"}, {"v": "2026-03-02T00:00:00", "t": "d"}, {"v": "1199.9999999999998"}, {"v": "1e2"},
    {"v": "1E+15"}, {"v": " 800 "}, {"v": "12345678901234567"}, {"v": "8,00"}, {"v": "٨٠٠"}, {"v": ""}, {"v": "-800"},
    {"v": "800", "t": "n"}, {"v": "800", "t": "q"}, {"v": "0x10"}, {"v": "+800"}, {"v": "800.005"}, {"v": "1_000"},
)  # fmt: skip

OF_CELLS: dict[Callable[[Rows, Chance], str], int] = {
    _replace_a_cell: 10, _wrap_a_cell: 4, _delete_a_row: 1, _double_a_row: 2, _delete_a_column: 1, _double_a_column: 2,
    _shift_a_row: 3, _swap_headers: 2, _rename_a_header: 3, _insert_a_row: 4, _make_a_formula: 3,
}  # fmt: skip
