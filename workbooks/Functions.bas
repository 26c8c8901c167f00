Attribute VB_Name = "Functions"
Option Explicit

' What the function wizard says. Made by tests/excel/wrappers.py from toolkit/excel/functions.py.

Public Sub DescribeFunctions()
    On Error Resume Next
    Application.MacroOptions Macro:="BAND_RATE", _
        Description:="The rate (or the amount) of the band that a value reaches under a component of the plan.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "The plan: its id such as FIELD-KE, or its file.", _
            "The component's code, such as CASH.", _
            "Where on the scale: an amount, a share such as 85%, days past due.")
    Application.MacroOptions Macro:="BREAK_EVEN", _
        Description:="The probability from which on a step pays for itself; never, where not even a certain success would.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "What the step costs: one cell or a block of cells.", _
            "What it brings where it succeeds; one for all or one each.", _
            "What is given away of it, such as 10%. Empty: nothing.")
    Application.MacroOptions Macro:="COMMISSION", _
        Description:="The commission on amounts collected, by the components that need no more than an amount and an attainment.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "The plan: its id such as FIELD-KE, or its file; FIELD-KE:CASH for one component.", _
            "What was collected: one cell or a block of cells.", _
            "Share of the target met, such as 85%; one for all or one each.")
    Application.MacroOptions Macro:="COMMISSION_SHEET", _
        Description:="The commission sheet of these payments; agents, accounts and the rest come from the folder in Settings.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "Payments with their heads, as pasted from the export.", _
            "The plan: its id such as FIELD-KE, or its file.")
    Application.MacroOptions Macro:="COST_OF_RECOVERY", _
        Description:="What each unit of money that came in cost; where nothing came in, the words no base.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "What was spent: one cell or a block of cells.", _
            "What came in for it; one for all or one each.")
    Application.MacroOptions Macro:="KAPPA", _
        Description:="Cohen's kappa: how far two evaluators agree beyond chance, 1 is always; in words where calls are too few.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "The answers of one evaluator, a cell a call.", _
            "The answers of the other to the same calls, in the same order.", _
            "linear or quadratic for scales, where a near answer counts in part. Empty: none.")
    Application.MacroOptions Macro:="KPI", _
        Description:="A KPI's values from what was counted and of how many; where there is nothing to divide by, the words no base.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "The KPI's code, such as collection_rate: toolkit kpis lists them.", _
            "What was counted: one cell or a block of cells.", _
            "Of how many; one for all or one each. None for a plain count.")
    Application.MacroOptions Macro:="QC_SCORE", _
        Description:="The score of each call, as Score calls works it out: 100% is all points; in words why a call has none.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "Codes and answers in two columns, or a row for each call.", _
            "The form: its code such as collections, one of the workbook's set-up first, or its file.", _
            "The form's version. Empty: the last one to start.")
    Application.MacroOptions Macro:="SCORE", _
        Description:="The share of its points that each value gets, as the scorecard works it out: 100% is all of them.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "The KPI's value: one cell or a block of cells.", _
            "What scores everything where there is no worst and best; may be empty.", _
            "The value that scores nothing; above best, less is better.", _
            "The value that scores everything.", _
            "higher, lower, or the KPI's code. Empty: higher.", _
            "What falls short of it scores nothing.", _
            "The most that a score can be, such as 120%. Empty: 100%.")
    Application.MacroOptions Macro:="WHY", _
        Description:="Why an agent gets the amount on the sheet Commissions: what it is for, the amount, and the reason.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "The agent's code, such as AG-010.")
    Application.MacroOptions Macro:="WORTH_PURSUING", _
        Description:="Whether a step is worth its cost: pursue, not worth it, never, nothing owed, or too few cases to know.", _
        Category:="Collections Toolkit", _
        ArgumentDescriptions:=Array( _
            "How likely it succeeds, its lower end. Empty: too few cases.", _
            "What it brings where it succeeds; one for all or one each.", _
            "What the step costs; one for all or one each.", _
            "What is given away of it, such as 10%. Empty: nothing.")
End Sub
