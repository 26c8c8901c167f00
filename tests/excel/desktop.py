"""A person in front of LibreOffice: a screen of its own, a window with the workbook, a mouse, and the macros' Python.

xlwings' RunPython starts a process. LibreOffice cannot compile the module it stands in, so in memory (the file stays
as it was built) RunPython hands its command over a folder instead, and the test runs it on the same document. What the
command says on failing is shown in a box, as RunPython does.
"""

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from standin import install, soffice
from standin.application import Application
from standin.calc import CalcHost
from standin.soffice import Office

NEEDED = ("Xvfb", "openbox", "xdotool", "import")
INSTALL = "needs a screen: sudo apt-get install -y xvfb openbox xdotool imagemagick"
SIZE = (1366, 768)
PATIENCE = 60.0
MODULES = "VBAProject"
RUN_PYTHON = """Option VBASupport 1
Option Explicit
Public Function RunPython(PythonCommand As String)
    Dim n As Integer, text As String, part As String
    n = FreeFile
    Open "{folder}/asked.new" For Output As #n
    Print #n, PythonCommand
    Close #n
    Name "{folder}/asked.new" As "{folder}/asked"
    Do While Dir("{folder}/answered") = ""
        Wait 30
    Loop
    n = FreeFile
    Open "{folder}/answered" For Input As #n
    Do While Not EOF(n)
        Line Input #n, part
        text = text & part & Chr(10)
    Loop
    Close #n
    Kill "{folder}/answered"
    If Len(Trim(Replace(text, Chr(10), ""))) > 0 Then MsgBox text, 16, "Error"
End Function
"""


def missing() -> str | None:
    """How to install what is missing, or None."""
    if any(shutil.which(program) is None for program in NEEDED):
        return INSTALL
    return soffice.missing()


def until(what: str, found: Callable[[], Any]) -> Any:
    """What `found` gives once it gives anything; polled, so that a slow machine only takes longer."""
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience:
        seen = found()
        if seen:
            return seen
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE:.0f} seconds for {what}")


@contextlib.contextmanager
def screen() -> Iterator[dict[str, str]]:
    """A virtual screen with a window manager, without which clicks miss; gives the environment to start programs in."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    os.close(write)
    with os.fdopen(read) as number:
        display = f":{number.readline().strip()}"
    # LibreOffice's own Python takes its libraries from beside the first python3 on the path, so not from ours
    path = f"{Path(str(shutil.which('soffice'))).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "DISPLAY": display, "SAL_USE_VCLPLUGIN": "gen", "PATH": path}
    for ours in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(ours, None)
    manager = subprocess.Popen(["openbox"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S607
    try:
        yield environment
    finally:
        for program in (manager, server):
            program.terminate()
            program.wait(10)


class Desk:
    """The workbook in its window: `book` is the xlwings Book that the macros get."""

    def __init__(self, office: Office, environment: dict[str, str], workbook: Path, folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self.profile = Path(office._folder.name)
        self.workbook = workbook
        self._xlwings = install()
        host = CalcHost(lambda: office)
        self.excel = Application(host, 7)
        opened = self.excel.Workbooks.Open(str(shutil.copy(workbook, folder / "open.xlsm")))
        self.document = office.desktop.CurrentComponent
        engine = self._xlwings._xlwindows
        engine.get_excel_hwnds = lambda: iter([7])
        engine.get_xl_app_from_hwnd = lambda _: engine.COMRetryObjectWrapper(self.excel)
        self.book = self._xlwings.Book(impl=engine.Book(xl=engine.COMRetryObjectWrapper(opened)))
        self._caller_before = getattr(self._xlwings.Book, "_mock_caller", None)
        self.book.set_mock_caller()
        self._replace_modules()
        self.document.CurrentController.Frame.ContainerWindow.setPosSize(0, 0, *SIZE, 15)
        self.told: list[str] = []
        self._stopped = threading.Event()
        self._python = threading.Thread(target=self._answer, daemon=True)
        self._python.start()

    def _replace_modules(self) -> None:
        library = self.document.BasicLibraries.getByName(MODULES)
        assert "Function RunPython" in library.getByName("xlwings"), "the workbook carries xlwings' own module"
        library.replaceByName("xlwings", RUN_PYTHON.replace("{folder}", str(self._folder)))
        library.replaceByName("Dictionary", "Option VBASupport 1\n")

    def _answer(self) -> None:
        """What the child process of RunPython does: the command, and on standard error what it says on failing."""
        asked, answered = self._folder / "asked", self._folder / "answered"
        while not self._stopped.is_set():
            if not asked.exists():
                time.sleep(0.03)
                continue
            command = asked.read_text(encoding="utf-8").strip()
            asked.unlink()
            said = ""
            try:
                exec(command, {})  # noqa: S102  # the macro's own command
            except SystemExit as ended:
                said = str(ended.code or "")
            self.told.append(said)
            (self._folder / "answered.new").write_text(said + "\n", encoding="utf-8")
            (self._folder / "answered.new").rename(answered)

    def show(self, sheet: str) -> None:
        controller = self.document.CurrentController
        controller.setActiveSheet(self.document.Sheets.getByName(sheet))

    def press(self, sheet: str, caption: str) -> str:
        """Clicks the button with the mouse; what Python said on failing, "" if all went well."""
        self.show(sheet)
        before = len(self.told)
        x, y = until(f"the button {caption} on {sheet}", lambda: self._centre(sheet, caption))
        patience = time.monotonic() + PATIENCE
        while len(self.told) == before and time.monotonic() < patience:
            self._run("xdotool", "mousemove", str(x), str(y), "sleep", "0.2", "click", "1")
            with contextlib.suppress(AssertionError):
                self._wait_for(before)
        assert len(self.told) > before, f"the click on {caption} started nothing"
        return self.told[-1]

    def _wait_for(self, before: int) -> None:
        """A first click may only give the window the focus; one that started something is waited for."""
        end = time.monotonic() + 3
        while len(self.told) == before and (time.monotonic() < end or self._at_work()):
            time.sleep(0.05)

    def _at_work(self) -> bool:
        return self.excel.StatusBar is not False

    def _centre(self, sheet: str, caption: str) -> tuple[int, int] | None:
        page = self.document.Sheets.getByName(sheet).DrawPage
        if not page.Forms.Count:
            return None
        form, controller = page.Forms.getByIndex(0), self.document.CurrentController
        for number in range(form.Count):
            model = form.getByIndex(number)
            if model.Label == caption:
                shown = controller.getControl(model).getAccessibleContext()
                place, size = shown.getLocationOnScreen(), shown.getSize()
                return place.X + size.Width // 2, place.Y + size.Height // 2
        return None

    def dismiss_box(self) -> None:
        """Presses Enter in the message box."""
        time.sleep(0.5)
        self._run("xdotool", "key", "Return")
        time.sleep(0.5)

    def picture(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        time.sleep(0.5)
        self._run("import", "-window", "root", str(path))
        return path

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self._environment, check=True)  # noqa: S603

    def close(self) -> None:
        self._stopped.set()
        self._python.join(10)
        if self._caller_before is None:
            del self._xlwings.Book._mock_caller
        else:
            self._xlwings.Book._mock_caller = self._caller_before
        self.document.setModified(False)
        self.excel.Workbooks(1).Close(False)


@contextlib.contextmanager
def desk(workbook: Path, folder: Path) -> Iterator[Desk]:
    """A screen, a LibreOffice on it, and the workbook in its window."""
    with screen() as environment, soffice.started(headless=False, environment=environment) as office:
        found = Desk(office, environment, workbook, folder)
        try:
            yield found
        finally:
            found.close()
