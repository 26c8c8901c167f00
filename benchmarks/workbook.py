"""A button of the workbook on 5,000 payments and 50 agents, and a function over 500 cells: seconds of Python.

python benchmarks/workbook.py

Under xlwings' own Windows engine and the stand-in for Excel that the tests use; what the stand-in takes is shown, and
taken off, by writing the same cells without the toolkit.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measuring import verdict

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "excel"))

from standin import application, install, opened  # noqa: E402  # the path to it was only just set

from toolkit.excel.build import build_workbook  # noqa: E402
from toolkit.excel.buttons import press  # noqa: E402
from toolkit.excel.layout import layout  # noqa: E402
from toolkit.profiles import load_profile  # noqa: E402
from toolkit.samples import make_sample  # noqa: E402

PROFILE, PERIOD = "paygo-solar", "2026-10"
CELLS = 500


def seconds(work: object, *arguments: object, runs: int = 5) -> float:
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work(*arguments)  # type: ignore[operator]  # whatever is to be timed
        taken.append(time.perf_counter() - started)
    return median(taken)


def writing_alone(book: object) -> None:
    """The blocks that the button writes, written with nothing in them."""
    for name in ("data", "commissions", "problems"):
        sheet, block = layout().block(name)
        area = book.sheets[sheet.name].range(f"rows_{name}")  # type: ignore[attr-defined]  # an xlwings Book
        area.raw_value = [[None] * block.width] * block.rows
        if block.wraps:
            area.rows.autofit()


def button(folder: Path) -> None:
    exports = folder / "exports"
    make_sample(load_profile(PROFILE), exports, agents=50, accounts=1000, months=1, payments_wanted=5000, seed=1)
    workbook = build_workbook(PROFILE, folder / "collections.xlsm", data=exports, results=folder / "out")
    with opened(workbook, "memory") as book:
        book.sheets["Settings"].range("setting_period").value = PERIOD
        press("prepare_month")
        print(book.sheets["Start"].range("status_start").value)
        application(book).calls = 0
        press("prepare_month")
        calls = application(book).calls
        whole, cells = seconds(press, "prepare_month"), seconds(writing_alone, book)
    print(f"Prepare month {whole:.2f} s, of which the stand-in's cells about {cells:.2f} s")
    print(verdict("Python of a button", whole - cells, 1.5, "s"))
    print(verdict("calls to Excel", calls, 60, "calls"))


def function() -> None:
    install()
    from toolkit.excel.functions import COMMISSION, KAPPA, KPI, QC_SCORE, SCORE

    amounts = [[1000.0 + number] for number in range(CELLS)]
    met = [[number / CELLS] for number in range(CELLS)]
    COMMISSION("FIELD-KE:CASH", amounts, met)
    print(verdict(f"COMMISSION over {CELLS} cells", seconds(COMMISSION, "FIELD-KE:CASH", amounts, met) * 1000, 5, "ms"))
    print(verdict(f"KPI over {CELLS} cells", seconds(KPI, "noc", amounts, amounts) * 1000, 5, "ms"))
    ends = ([[0.2]], [[0.9]], "", [[0.1]], [[1.2]])
    print(verdict(f"SCORE over {CELLS} cells", seconds(SCORE, met, [[0.8]], *ends) * 1000, 5, "ms"))
    forms = [
        [*["yes", "no", "N/A"] * 3, 4.0, "all three", 3.0, 2.0, "yes", "no", "yes", f"call {at}"] for at in range(CELLS)
    ]
    QC_SCORE(forms, "collections")
    print(verdict(f"QC_SCORE over {CELLS} forms", seconds(QC_SCORE, forms, "collections") * 1000, 5, "ms"))
    ones, others = ([["yes" if at % part else "no"] for at in range(CELLS)] for part in (3, 4))
    KAPPA(ones, others)
    print(verdict(f"KAPPA over {CELLS} calls", seconds(KAPPA, ones, others) * 1000, 5, "ms"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        button(Path(folder))
    function()


if __name__ == "__main__":
    main()
