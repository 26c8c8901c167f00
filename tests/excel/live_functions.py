"""Functions typed into live cells of LibreOffice: our wrappers run there, and what they ask goes to xlwings' call_udf.

On Windows the wrapper's XLPy is a COM object of xlwings' DLL. Here a module of that name hands the question over a
socket of this machine to the test, which asks xlwings as the DLL does. LibreOffice knows neither Application.Caller
nor CommandBars, so the lines of the wrappers that use them are taken out in memory. While it calculates a cell it
answers nobody, so the workbook that a function looks at is a twin: the same file, in the stand-in's memory.
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
WRAPPERS = "xlwings_udfs"
ROWS, CELLS = chr(30), chr(31)
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
Private Function IsNothing(v) As Boolean
    If IsObject(v) Then IsNothing = v Is Nothing
End Function
Public Function CallUDF(m, f, args, Optional wb, Optional caller)
    Dim i, r, c, text As String, part As String, provider, script, answer As String
    For i = LBound(args) To UBound(args)
        part = ""
        If IsMissing(args(i)) Then
            part = "{""missing"":1}"
        ElseIf IsNothing(args(i)) Then
            part = "{""value"":null}"
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
    Dim lines, parts, table()
    lines = Split(answer, Chr(30))
    parts = Split(lines(0), Chr(31))
    ReDim table(UBound(lines), UBound(parts))
    For r = 0 To UBound(lines)
        parts = Split(lines(r), Chr(31))
        For c = 0 To UBound(parts)
            table(r, c) = Mid(parts(c), 2)
            If Left(parts(c), 1) = "N" Then table(r, c) = Val(Mid(parts(c), 2))
        Next c
    Next r
    CallUDF = table
End Function
'''


@contextmanager
def functions_answer(desk: Desk, twin: Any) -> Iterator[None]:
    """While it lasts, functions typed into cells of the window are answered; `twin` is the book that they look at."""
    wrappers.functions()
    server = _Answering(("127.0.0.1", 0), _Asked)
    server.caller = twin.sheets["Start"]["J1"].api
    threading.Thread(target=server.serve_forever, daemon=True).start()
    scripts = desk.profile / PROFILE_SCRIPTS
    scripts.mkdir(parents=True, exist_ok=True)
    (scripts / "ask.py").write_text(SCRIPT.replace("{port}", str(server.server_address[1])), encoding="utf-8")
    library = desk.document.BasicLibraries.getByName(MODULES)
    ours = library.getByName(WRAPPERS)
    library.replaceByName(WRAPPERS, _without_excel(ours))
    library.insertByName("XLPy", XLPY)
    try:
        yield
    finally:
        library.removeByName("XLPy")
        library.replaceByName(WRAPPERS, ours)
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


class _Answering(socketserver.ThreadingTCPServer):
    caller: Any


class _Asked(socketserver.StreamRequestHandler):
    """One question of a cell. In the answer, rows and cells have ASCII's own separators between them, and a cell begins
    with N for a number and with S for a text.
    """

    server: _Answering

    def handle(self) -> None:
        question = json.loads(self.rfile.readline())
        arguments = tuple(_argument(one) for one in question["arguments"])
        answer = install().udfs.call_udf(wrappers.MODULE, question["function"], arguments, None, self.server.caller)
        said = ROWS.join(CELLS.join(_said(cell) for cell in row) for row in answer)
        self.wfile.write(f"{said}\n".encode())


def _argument(one: dict[str, Any]) -> Any:
    if "missing" in one:
        return MISSING
    return one["cells"] if "cells" in one else one["value"]


def _said(cell: Any) -> str:
    return f"N{cell!r}" if isinstance(cell, (int, float)) else f"S{cell or ''}".replace("\n", " ")
