"""The steps of a commission calculation, each a module of one subject, called by `toolkit.commissions`.

ready, payments             the period's tables, rules and teams; which payments count
segments                    a component as it is in force, for each definition it has in the period
measures, eligible, arrears the rows that count, by the plan's conditions
earnings                    what they earn, exactly: with terms, slices, agents and year
gates, components           what of it is payable, rounded once
lines, words                its pieces, and why each is what it is
capped, leaders, adjustments, clawbacks, holdbacks     the other lines
guarantees, settlement, sheet, numbering               what is paid, carried, withheld
fates, standing             what became of each payment; how each agent stands
"""
