"""The steps of a commission calculation, each a module of one subject.

In their order: `ready` (the period's tables, rules and teams) and `payments` (which of them count),
`segments` (a component as it is in force), `measures`, `eligible` and `arrears` (the rows that count),
`earnings` with `terms`, `slices`, `agents` and `year` (what they earn), `gates` and `components` (what is payable), `lines` (its pieces), `capped`,
`leaders`, `holdbacks`, `clawbacks`, `guarantees`, `settlement` and `sheet` (what is paid), `fates` and
`standing` (what became of each payment and how each agent stands). `toolkit.commissions` calls them.
"""
