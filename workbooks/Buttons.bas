Attribute VB_Name = "Buttons"
Option Explicit

' One line each: what a button does is written in Python, in toolkit/excel/buttons.py.

Public Sub PrepareMonth()
    RunPython "from toolkit.excel.buttons import press; press('prepare_month')"
End Sub

Public Sub ImportData()
    RunPython "from toolkit.excel.buttons import press; press('import_data')"
End Sub

Public Sub LoadPlan()
    RunPython "from toolkit.excel.buttons import press; press('load_plan')"
End Sub

Public Sub CheckPlan()
    RunPython "from toolkit.excel.buttons import press; press('check_plan')"
End Sub

Public Sub CalculateCommissions()
    RunPython "from toolkit.excel.buttons import press; press('calculate_commissions')"
End Sub

Public Sub ExplainAgent()
    RunPython "from toolkit.excel.buttons import press; press('explain_agent')"
End Sub

Public Sub MakeFiles()
    RunPython "from toolkit.excel.buttons import press; press('make_files')"
End Sub

Public Sub BuildScorecard()
    RunPython "from toolkit.excel.buttons import press; press('build_scorecard')"
End Sub

Public Sub HourlyUpdate()
    RunPython "from toolkit.excel.buttons import press; press('hourly_update')"
End Sub

Public Sub MyTeamToday()
    RunPython "from toolkit.excel.buttons import press; press('my_team_today')"
End Sub

Public Sub ScoreCalls()
    RunPython "from toolkit.excel.buttons import press; press('score_calls')"
End Sub

Public Sub DrawSample()
    RunPython "from toolkit.excel.buttons import press; press('draw_sample')"
End Sub

Public Sub Calibrate()
    RunPython "from toolkit.excel.buttons import press; press('calibrate')"
End Sub

Public Sub CostOfRecovery()
    RunPython "from toolkit.excel.buttons import press; press('cost_of_recovery')"
End Sub

Public Sub WorthPursuing()
    RunPython "from toolkit.excel.buttons import press; press('worth_pursuing')"
End Sub

Public Sub WhatIf()
    RunPython "from toolkit.excel.buttons import press; press('what_if')"
End Sub
