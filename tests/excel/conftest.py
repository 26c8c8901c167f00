"""The two back ends of the stand-in for Excel, as fixtures."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from standin import opened, soffice

from toolkit.profiles import load_profile
from toolkit.samples import make_sample

BACKENDS = ["memory", pytest.param("calc", marks=pytest.mark.e2e)]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Each test that uses it runs on both back ends; the one on LibreOffice counts as end-to-end."""
    if request.param == "calc" and soffice.missing():
        pytest.skip(soffice.missing())
    return request.param


@pytest.fixture(scope="session", autouse=True)
def _one_office() -> Iterator[None]:
    """LibreOffice is started by the first test that needs it, and stopped after the last."""
    yield
    soffice.stop()


@pytest.fixture
def book(backend: str, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`book(fill)` makes a workbook, has `fill(workbook, first sheet)` write into it, and opens it: an xlwings Book."""
    with ExitStack() as books:

        def make(fill: Callable[..., Any] | None = None, name: str = "book.xlsx", **options: Any) -> Any:
            path = tmp_path / name
            with xlsxwriter.Workbook(path, options) as workbook:
                sheet = workbook.add_worksheet("Data")
                if fill:
                    fill(workbook, sheet)
            return books.enter_context(opened(path, backend))

        yield make


@pytest.fixture
def sheet(book: Callable[..., Any]) -> Callable[..., Any]:
    """As `book`, but gives the first sheet as a COM object."""
    return lambda *args, **options: book(*args, **options).sheets[0].api


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of a small invented branch, for reading only."""
    folder = tmp_path_factory.mktemp("branch") / "exports"
    make_sample(load_profile("paygo-solar"), folder, agents=8, accounts=60, months=2, seed=3)
    return folder
