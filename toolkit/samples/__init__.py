"""Invented data of any size, to try things on: the same seed gives the same bytes."""

from toolkit.samples.making import Sample, make_sample, months_until

__all__ = ["Sample", "make_sample", "months_until"]
