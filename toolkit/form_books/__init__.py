"""A quality form as a sheet of Excel with live scores, and the blind forms of a calibration: made and collected.

`described` says what stands in which cell (`FormSheet`), for every writer of workbooks; `toolkit.form_books.drawing`
draws it with XlsxWriter.
"""

from toolkit.form_books.answers import ANSWERS, AnswerTable, answer_table, fingerprint
from toolkit.form_books.description import FormSheet, Head, described

__all__ = ["ANSWERS", "AnswerTable", "FormSheet", "Head", "answer_table", "described", "fingerprint"]
