"""A second computation of commissions, slow and plain, written from the plan format alone.

Nothing here imports the toolkit: dicts, loops and fractions, so that a mistake of the toolkit is not repeated.
"""
