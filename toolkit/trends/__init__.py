"""Whether a figure really changed, what explains it, and where the month will end; of figures that are given in.

`days` says which days may be compared, `charts` draws the limits of a quiet stretch and keeps them, `rules` finds what
is outside them, `alarms` says how often that happens by chance, `verdict` puts it in plain words. `drill_down` shares a
change out among buckets, branches, hours or agents; `run_rate` and `plan` look ahead to the end of the month;
`maturity` follows cohorts by their age. Nothing here reads a file or looks at a clock.
"""
