"""The workbook with buttons: it is made (`build`), its buttons work (`buttons`), its formulas ask (`functions`)."""
