"""A LibreOffice of our own: found, started with a fresh profile, connected to, and stopped by its process id."""

import atexit
import builtins
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

INSTALL = "needs LibreOffice and its Python bridge: sudo apt-get install -y libreoffice-calc python3-uno"
_PATIENCE = 60.0
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooLocale" oor:op="fuse"><value>en-US</value></prop>
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-US</value></prop></item>
</oor:items>
"""


@cache
def missing() -> str | None:
    """How to install what is missing, or None."""
    return None if shutil.which("soffice") and _load_uno() else INSTALL


def uno() -> ModuleType:
    loaded = _load_uno()
    if loaded is None:
        raise RuntimeError(INSTALL)
    return loaded


@cache
def _load_uno() -> ModuleType | None:
    """The module uno, which a distribution installs for its own Python only, loaded from where it lies.

    On being imported it replaces Python's own import; that is undone, for all it brings is a shorter spelling.
    """
    office = shutil.which("soffice")
    programs = [Path(office).resolve().parent] if office else []
    homes = [*programs, Path("/usr/lib/python3/dist-packages"), Path("/usr/lib64/libreoffice/program")]
    file = next((home / "uno.py" for home in homes if (home / "uno.py").is_file()), None)
    bridge = next((home for home in [*programs, *homes] if (home / "pyuno.so").is_file()), None)
    if file is None or bridge is None or not _for_this_python(bridge / "libpyuno.so"):
        return None
    plain = builtins.__import__
    sys.path.append(str(bridge))
    try:
        return _run_module("uno", file)
    except ImportError:  # a bridge for another version of Python
        sys.modules.pop("uno", None)
        return None
    finally:
        builtins.__import__ = plain
        sys.path.remove(str(bridge))


def _for_this_python(library: Path) -> bool:
    """A bridge that was built for another version would not fail but crash."""
    built_for = re.search(rb"libpython(3\.\d+)", library.read_bytes()) if library.is_file() else None
    return built_for is None or built_for[1].decode() == f"{sys.version_info.major}.{sys.version_info.minor}"


def _run_module(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec and spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def properties(**values: Any) -> tuple[Any, ...]:
    """com.sun.star.beans.PropertyValue for each name."""
    made = []
    for name, value in values.items():
        one = uno().createUnoStruct("com.sun.star.beans.PropertyValue")
        one.Name, one.Value = name, value
        made.append(one)
    return tuple(made)


class Office:
    """A running LibreOffice: `desktop` is its com.sun.star.frame.Desktop."""

    def __init__(self, headless: bool = True, environment: dict[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="soffice-")
        self._bridge = None
        port = _free_port()
        command = ["soffice", *(["--headless"] if headless else []), "--norestore", "--nologo"]
        command += [f"-env:UserInstallation={_profile(Path(self._folder.name))}"]
        command += [f"--accept=socket,host=127.0.0.1,port={port};urp;"]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
        )
        try:
            self._context = self._connected(port)
            self.desktop = self.service("com.sun.star.frame.Desktop")
        except BaseException:
            self.stop()
            raise

    def service(self, name: str) -> Any:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)

    def _connected(self, port: int) -> Any:
        local = uno().getComponentContext()
        connector = local.ServiceManager.createInstanceWithContext("com.sun.star.connection.Connector", local)
        factory = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.BridgeFactory", local)
        refused = uno().getClass("com.sun.star.connection.NoConnectException")
        patience = time.monotonic() + _PATIENCE
        while True:
            try:
                connection = connector.connect(f"socket,host=127.0.0.1,port={port}")
                break
            except refused:
                if time.monotonic() > patience or self._process.poll() not in (None, 0):
                    raise RuntimeError("LibreOffice did not start") from None
                time.sleep(0.1)
        self._bridge = factory.createBridge("", "urp", connection, None)
        return self._bridge.getInstance("StarOffice.ComponentContext")

    def stop(self) -> None:
        """Asks it to end, and ends it and the process that it started, by their ids, if it does not."""
        gone = uno().getClass("com.sun.star.uno.Exception")
        try:
            if self._bridge is not None:
                self.desktop.terminate()
        except gone:
            pass  # it ends before it has answered
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            _kill_group(self._process.pid)
            self._process.wait(10)
        self._folder.cleanup()


def _kill_group(pid: int) -> None:
    """soffice is a script that starts soffice.bin; both are in the session that we started for them."""
    os.killpg(pid, signal.SIGKILL)


def _profile(folder: Path) -> str:
    (folder / "user").mkdir()
    (folder / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    return folder.as_uri()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_shared: list[Office] = []


def shared() -> Office:
    """The office that all books of this process share, started when it is first needed."""
    if not _shared:
        _shared.append(Office())
        atexit.register(stop)
    return _shared[0]


def stop() -> None:
    while _shared:
        _shared.pop().stop()


@contextmanager
def started(headless: bool = True, environment: dict[str, str] | None = None) -> Iterator[Office]:
    """An office apart from the shared one, for example with windows: headless=False and a DISPLAY."""
    office = Office(headless, environment)
    try:
        yield office
    finally:
        office.stop()
