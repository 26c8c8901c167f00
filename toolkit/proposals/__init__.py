"""Proposals: what the headers, dates, amounts and codes of sample files probably mean, for a person to confirm."""
