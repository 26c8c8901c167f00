"""Which evaluations of calls count, which are set aside and why, and what disputes have made of their answers.

The KPI and `toolkit qc score` both ask here, so that nobody has two scores.
"""

from toolkit.evaluations.disputes import Disputed
from toolkit.evaluations.judging import APART, Judged, Rules, errors, judged, problems_of, refusals
from toolkit.evaluations.people import People

__all__ = ["APART", "Disputed", "Judged", "People", "Rules", "errors", "judged", "problems_of", "refusals"]
