"""Functions typed into live cells of LibreOffice: our wrappers run there, and what they ask goes to xlwings' call_udf.

On Windows the wrapper's XLPy is a COM object of xlwings' DLL. Here a module of that name hands the question over a
socket of this machine to the test, which asks xlwings as the DLL does. LibreOffice knows neither Application.Caller
nor CommandBars, so the lines of the wrappers that use them are taken out in memory.
"""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import wrappers
from desktop import MODULES, Desk
from standin import install

MISSING = -2147352572
PROFILE_SCRIPTS = "user/Scripts/python"
SCRIPT = """import socket
def ask(question):
    with socket.create_connection(("127.0.0.1", {port}), 30) as line:
        line.sendall(question.encode() + b"\\n")
        return line.makefile(encoding="utf-8").readline().rstrip("\\n")
g_exportedScripts = (ask,)
"""
XLPY = '''Option VBASupport 1
Private Function Quoted(v) As String
    If IsNull(v) Or IsEmpty(v) Then
        Quoted = "null"
    ElseIf VarType(v) = 8 Then
        Quoted = Chr(34) & Replace(Replace(v, "\\", "\\\\"), Chr(34), "\\" & Chr(34)) & Chr(34)
    Else
        Quoted = Trim(Str(CDbl(v)))
        If Left(Quoted, 1) = "." Then Quoted = "0" & Quoted
        If Left(Quoted, 2) = "-." Then Quoted = "-0" & Mid(Quoted, 2)
    End If
End Function
Public Function CallUDF(m, f, args, Optional wb, Optional caller)
    Dim i, r, c, text As String, part As String, provider, script, answer As String
    For i = LBound(args) To UBound(args)
        part = ""
        If IsMissing(args(i)) Then
            part = "{""missing"":1}"
        ElseIf IsObject(args(i)) Then
            For r = 1 To args(i).Rows.Count
                part = part & IIf(r > 1, ",[", "[")
                For c = 1 To args(i).Columns.Count
                    part = part & IIf(c > 1, ",", "") & Quoted(args(i).Cells(r, c).Value)
                Next c
                part = part & "]"
            Next r
            part = "{""cells"":[" & part & "]}"
        Else
            part = "{""value"":" & Quoted(args(i)) & "}"
        End If
        text = text & IIf(i > LBound(args), ",", "") & part
    Next i
    text = "{""function"":""" & f & """,""arguments"":[" & text & "]}"
    Set provider = CreateUnoService("com.sun.star.script.provider.MasterScriptProviderFactory")
    Set provider = provider.createScriptProvider("user")
    Set script = provider.getScript("vnd.sun.star.script:ask.py$ask?language=Python&location=user")
    answer = script.invoke(Array(text), Array(), Array())
    CallUDF = Mid(answer, 2)
    If Left(answer, 1) = "N" Then CallUDF = Val(Mid(answer, 2))
End Function
'''


@contextmanager
def functions_answer(desk: Desk) -> Iterator[None]:
    """While it lasts, functions typed into cells of the window are answered."""
    wrappers.functions()
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    scripts = desk.profile / PROFILE_SCRIPTS
    scripts.mkdir(parents=True, exist_ok=True)
    (scripts / "ask.py").write_text(SCRIPT.replace("{port}", str(server.server_address[1])), encoding="utf-8")
    library = desk.document.BasicLibraries.getByName(MODULES)
    library.replaceByName("xlwings_udfs", _without_excel(library.getByName("xlwings_udfs")))
    library.insertByName("XLPy", XLPY)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _without_excel(source: str) -> str:
    for there, here in (
        ('If (Not Application.CommandBars("Standard").Controls(1).Enabled) Then Exit Function', ""),
        ("If TypeOf Application.Caller Is Range Then On Error GoTo failed", "On Error GoTo failed"),
        (", Application.Caller)", ", Nothing)"),
    ):
        assert there in source
        source = source.replace(there, here)
    return source


class _Asked(socketserver.StreamRequestHandler):
    """One question of a cell; its answer begins with N for a number and with S for a text."""

    def handle(self) -> None:
        question = json.loads(self.rfile.readline())
        arguments = tuple(_argument(one) for one in question["arguments"])
        answer = install().udfs.call_udf(wrappers.MODULE, question["function"], arguments, None, _Caller())
        value = answer[0][0] if isinstance(answer, (list, tuple)) else answer
        said = f"N{value!r}" if isinstance(value, (int, float)) else f"S{value}"
        self.wfile.write(f"{said}\n".encode())


def _argument(one: dict[str, Any]) -> Any:
    if "missing" in one:
        return MISSING
    return one["cells"] if "cells" in one else one["value"]


class _Caller:
    """Nothing: none of the functions that are asked here looks at the cell that calls."""
