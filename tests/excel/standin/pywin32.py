"""Just enough of pywin32 that the unmodified Windows engine of xlwings can be imported where there is no Windows.

`install()` puts the stand-ins into sys.modules, imports `xlwings._xlwindows`, `udfs` and `com_server` as they are, and
gives `xlwings` the names that its own `__init__` would give it on Windows. What nobody needs here is left out on
purpose: to touch it is an error, never a silent mock.
"""

import contextlib
import ctypes
import datetime as dt
import importlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

RANGE_IID = "{00020846-0000-0000-C000-000000000046}"
DISP_E_UNKNOWNNAME = -2147352570

alerts: list[tuple[str, str]] = []
"""Title and text of every message box that was shown, oldest first; each was answered with its first button."""


class com_error(Exception):
    """pywintypes.com_error: hresult, strerror, excepinfo and argerror, in this order in `args` too."""

    def __init__(self, hresult: int, strerror: str = "", excepinfo: Any = None, argerror: Any = None) -> None:
        super().__init__(hresult, strerror, excepinfo, argerror)
        self.hresult, self.strerror, self.excepinfo, self.argerror = self.args


class TimeType(dt.datetime):
    """pywintypes.TimeType: how a COM date arrives in Python, a datetime that claims to be UTC."""


class CDispatch:
    """win32com.client.CDispatch, the base of every COM object; xlwings wraps what is an instance of it."""


class DispatchBaseClass:
    """The base of classes made by makepy; none exist here."""


class OleObject:
    """What is behind `_oleobj_`: by the interface id xlwings tells a Range from other objects."""

    def __init__(self, iid: str) -> None:
        self._iid = iid

    def GetTypeInfo(self) -> "OleObject":
        return self

    def GetTypeAttr(self) -> SimpleNamespace:
        return SimpleNamespace(iid=self._iid)

    def GetIDsOfNames(self, *names: Any) -> int:
        raise com_error(DISP_E_UNKNOWNNAME, f"Unknown name: {names[-1]}")


class _Absent(ModuleType):
    """A module of which only a few members exist."""

    def __init__(self, name: str, **members: Any) -> None:
        super().__init__(name)
        self.__dict__.update(members)

    def __getattr__(self, member: str) -> Any:
        if member.startswith("__"):
            raise AttributeError(member)
        raise NotImplementedError(f"{self.__name__}.{member} is not part of the stand-in for pywin32")


def install() -> ModuleType:
    """The module xlwings with its Windows engine as the active one. A second call changes nothing."""
    import xlwings

    assert not xlwings.__pro__, "the paid part of xlwings may not be used"
    if "pythoncom" not in sys.modules:
        _put_modules()
        engine = _import_engine()
        _join(xlwings, engine)
    return xlwings


def _put_modules() -> None:
    modules = [*_core_modules(), *_window_modules(), *_server_modules()]
    sys.modules.update({module.__name__: module for module in modules})
    for module in modules:
        parent, _, child = module.__name__.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


def _core_modules() -> list[ModuleType]:
    return [
        _Absent("pywintypes", com_error=com_error, error=OSError, TimeType=TimeType, IID=str),
        _Absent(
            "pythoncom",
            com_error=com_error,
            ole_error=com_error,
            CoInitialize=lambda *_: None,
            IID_IDispatch="IDispatch",
            IID_IEnumVARIANT="IEnumVARIANT",
            TypeIIDs={"IDispatch": type("PyIDispatch", (), {})},
            # marshalling between threads is the identity: there is one process and no apartment
            CoMarshalInterThreadInterfaceInStream=lambda _iid, thing: thing,
            CoGetInterfaceAndReleaseStream=lambda stream, _iid: stream,
            __file__="pythoncom311.dll",
        ),
        _Absent("win32com"),
        _Absent(
            "win32com.client",
            CDispatch=CDispatch,
            DispatchBaseClass=DispatchBaseClass,
            CoClassBaseClass=DispatchBaseClass,
            Dispatch=lambda thing, *_, **__: thing,
            DispatchEx=_no_new_excel,
        ),
    ]


def _window_modules() -> list[ModuleType]:
    buttons = {"MB_OK": 0, "MB_OKCANCEL": 1, "MB_YESNO": 4, "MB_YESNOCANCEL": 3}
    return [
        _Absent("win32api", MessageBox=_message_box),
        _Absent("win32con", MB_ICONINFORMATION=64, MB_ICONWARNING=48, **buttons),
        _Absent("win32event"),
        _Absent("win32gui"),
        _Absent("win32process", GetWindowThreadProcessId=lambda hwnd: (1, os.getpid() + hwnd)),
        _Absent("win32timezone", TimeZoneInfo=SimpleNamespace(utc=lambda: dt.UTC)),
    ]


def _server_modules() -> list[ModuleType]:
    policy = {"DefaultPolicy": type("DefaultPolicy", (), {}), "BasicWrapPolicy": type("BasicWrapPolicy", (), {})}
    return [
        _Absent("win32com.server"),
        _Absent("win32com.server.dispatcher"),
        _Absent("win32com.server.exception"),
        _Absent("win32com.server.policy", **policy),
        _Absent("win32com.server.util", wrap=lambda thing, *_: thing, unwrap=lambda thing: thing),
    ]


def _no_new_excel(name: str) -> Any:
    raise com_error(-2147221005, f"{name} cannot be started here: open a workbook with standin.opened()")


def _message_box(_hwnd: int, text: str, title: str, style: int) -> int:
    """Nobody is there to click: remember the box, and answer Yes where there is a Yes, OK elsewhere."""
    alerts.append((title, text))
    return 6 if style & 0xF in (3, 4) else 1


def _import_engine() -> ModuleType:
    with _windows_ctypes():
        return importlib.import_module("xlwings._xlwindows")


@contextlib.contextmanager
def _windows_ctypes() -> Iterator[None]:
    """ctypes as it is on Windows, for the moment in which the engine looks up two functions in DLLs."""
    with contextlib.ExitStack() as patches:
        for name in ("oledll", "windll", "PyDLL"):
            patches.enter_context(mock.patch.object(ctypes, name, mock.MagicMock(), create=True))
        yield


def _join(xlwings: ModuleType, engine: ModuleType) -> None:
    engine.oledll = _Absent("oledll")
    engine.windll = SimpleNamespace(user32=SimpleNamespace(**_user32()))
    engine.is_hwnd_xl_app = lambda _hwnd: True
    engine.get_excel_hwnds = lambda: iter(())
    engine.Apps.cleanup = staticmethod(lambda: None)  # would look for Excel processes with tasklist
    xlwings._xlwindows = engine
    xlwings.engines.add(xlwings.Engine(impl=engine.engine))
    xlwings.engines.active = xlwings.engines["excel"]
    udfs = importlib.import_module("xlwings.udfs")
    server = importlib.import_module("xlwings.com_server")
    xlwings.func, xlwings.sub, xlwings.script = udfs.xlfunc, udfs.xlsub, udfs.xlsub
    xlwings.arg, xlwings.ret = udfs.xlarg, udfs.xlret
    xlwings.serve, xlwings.import_udfs, xlwings.get_udf_module = server.serve, udfs.import_udfs, udfs.get_udf_module


def _user32() -> dict[str, Any]:
    return {
        "GetForegroundWindow": lambda: 0,
        "SetForegroundWindow": lambda _hwnd: True,
        "SetWindowPos": lambda *_: True,
    }
